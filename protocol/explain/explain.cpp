// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/explain/explain.hpp"

#include "protocol/explain/wording.hpp"

namespace secct {
namespace {

using F = Field;
using namespace wording;

std::size_t index_of(const DecodedField& item, const DecodedMessage& decoded) {
  return static_cast<std::size_t>(&item - decoded.fields.data());
}

// --- the members of a group: its items one level below
template <class Visit>
void each_member(const DecodedField& group, const DecodedMessage& decoded, Visit visit) {
  for (auto i = index_of(group, decoded) + 1; i < group.end; i = decoded.fields[i].end) {
    visit(decoded.fields[i]);
  }
}

std::size_t members(const DecodedField& group, F field, const DecodedMessage& decoded) {
  std::size_t number = 0;
  each_member(group, decoded,
              [&](const DecodedField& item) { number += item.field == field ? 1U : 0U; });
  return number;
}

const DecodedField* member(const DecodedField& group, F field, const DecodedMessage& decoded) {
  const DecodedField* found = nullptr;
  each_member(group, decoded, [&](const DecodedField& item) {
    if (found == nullptr && item.field == field) found = &item;
  });
  return found;
}

// --- labels of groups
std::string context_text(const DecodedField& group, const DecodedMessage& decoded) {
  const auto* spt = member(group, F::spt, decoded);
  if (spt == nullptr) return "cut off";
  auto text = spt_name(static_cast<std::uint16_t>(spt->number));
  if (text == "Unknown") text = "unknown SPT " + both(spt->number);
  if (const auto* spi = member(group, F::sa_spi, decoded)) text += ", SPI " + hex(spi->number, 4);
  return text;
}

std::string option_text(const CodePoints& codepoints, const DecodedField& group,
                        const DecodedMessage& decoded) {
  const auto* type = member(group, F::opt_type, decoded);
  if (type == nullptr) return "cut off";
  const auto id = codepoints.find(CodePointGroup::icmpopt, static_cast<std::uint8_t>(type->number));
  if (!id) return "unknown option " + std::to_string(type->number);
  std::string text(short_name(*id));
  if (const auto* subtype = member(group, F::opt_subtype, decoded)) {
    if (const auto* name = value_name(*subtype, decoded)) text += std::string(", ") + name;
  }
  if (const auto* address = member(group, F::opt_address, decoded)) {
    text += ": " + to_text(decoded.address(*address));
  }
  if (const auto* naddr = member(group, F::naddr, decoded)) {
    text += ", Naddr " + to_text(decoded.address(*naddr));
  }
  return text;
}

std::string sub_option_text(const CodePoints& codepoints, const DecodedField& group,
                            const DecodedMessage& decoded) {
  const auto* type = member(group, F::subopt_type, decoded);
  if (type == nullptr) return "cut off";
  if (type->number == 0) return "Pad1";
  const auto id = codepoints.find(CodePointGroup::subopt, static_cast<std::uint8_t>(type->number));
  if (!id) return "unknown sub-option " + std::to_string(type->number);
  std::string text(short_name(*id));
  if (*id == CodePoint::subopt_rep) {
    text += ", " + count(members(group, F::contexts, decoded), "context", "contexts");
  }
  each_member(group, decoded, [&](const DecodedField& item) {
    switch (item.field) {
      case F::auth_replay: text += ", Replay " + std::to_string(item.number); break;
      case F::auth_token: text += ", token " + hex(item.number, 4); break;
      case F::req_spt: {
        const auto* form = decoded.find_in(item, F::req_form);
        if (form != nullptr)
          text += ", " + request_text(*form, members(group, F::req_spi, decoded));
        break;
      }
      case F::ack_spi: text += ", SPI " + hex(item.number, 4); break;
      case F::status: text += ", " + status_text(item.number); break;
      default: break;
    }
  });
  return text;
}

std::string entry_text(const DecodedField& group, F type_field, const DecodedMessage& decoded) {
  const auto* type = member(group, type_field, decoded);
  if (type == nullptr) return "cut off";
  const auto* name = value_name(*type, decoded);
  return name != nullptr ? name : "unknown type " + std::to_string(type->number);
}

std::string group_text(const CodePoints& codepoints, const DecodedField& group,
                       const DecodedMessage& decoded) {
  switch (group.field) {
    case F::options: return option_text(codepoints, group, decoded);
    case F::sub_options: return sub_option_text(codepoints, group, decoded);
    case F::contexts: return context_text(group, decoded);
    case F::additional: return entry_text(group, F::data_type, decoded);
    case F::static_profile: return entry_text(group, F::preference_type, decoded);
    default: return {};
  }
}

std::string lifetime_text(const DecodedField& item, const DecodedMessage& decoded) {
  for (auto i = index_of(item, decoded); i-- > 0;) {
    if (decoded.fields[i].field != F::spt) continue;
    const auto spt = find_spt(static_cast<std::uint16_t>(decoded.fields[i].number));
    return std::to_string(item.number) + (spt && spt->megabytes ? " megabytes" : " seconds");
  }
  return std::to_string(item.number);
}

std::string number_text(const CodePoints& codepoints, const DecodedField& item,
                        const DecodedMessage& decoded) {
  const auto& field = row(item.field);
  if (field.values == Values::spt) {
    return spt_name(static_cast<std::uint16_t>(item.number)) + " (" +
           (item.number < 0x8000 ? std::to_string(item.number) : hex(item.number, 2)) + ")";
  }
  if (field.values == Values::icmpopt || field.values == Values::subopt) {
    const bool sub = field.values == Values::subopt;
    if (sub && item.number == 0) return "Pad1 (0)";
    const auto group = sub ? CodePointGroup::subopt : CodePointGroup::icmpopt;
    const auto id = codepoints.find(group, static_cast<std::uint8_t>(item.number));
    const auto name = id ? short_name(*id) : std::string_view("Unknown");
    return std::string(name) + " (" + std::to_string(item.number) + ")";
  }
  if (const auto* name = value_name(item, decoded)) {
    std::string text;
    // Names of the drafts come with what they mean: "SHREP, Seamless Handover Reply".
    if (field.values == Values::message || field.values == Values::req_form) {
      text.append(find_value(field.values, item.number)->key).append(", ");
    }
    return text.append(name).append(" (").append(std::to_string(item.number)).append(")");
  }
  if (item.field == F::opt_length) {
    return std::to_string(item.number) + " (" + std::to_string(item.number * 8) + " octets)";
  }
  if (item.field == F::sa_lifetime) return lifetime_text(item, decoded);
  switch (field.base) {
    case FieldBase::hex: return hex(item.number, item.length);
    case FieldBase::both: return both(item.number);
    default: return std::to_string(item.number);
  }
}

// "ffe0 (11 of 12 received)"
std::string window_text(const DecodedField& item, const DecodedMessage& decoded) {
  const auto octets = decoded.octets_of(item);
  const auto* at = &item;
  // The size stands somewhat before the window of a profile, just before that of a SecCT-ack.
  while (at != decoded.fields.data() && at->field != F::sa_window_size &&
         at->field != F::ack_window_size) {
    --at;
  }
  std::size_t received = 0;
  for (std::size_t i = 0; i < at->number && i / 8 < octets.size(); ++i) {
    received += octets[i / 8] >> (7 - i % 8) & 1U;
  }
  return to_hex(octets) + " (" + std::to_string(received) + " of " + std::to_string(at->number) +
         " received)";
}

}  // namespace

const char* value_name(const DecodedField& item, const DecodedMessage& decoded) {
  const auto index = index_of(item, decoded);
  auto table = row(item.field).values;
  // The field that decides stands just before: the option's type, the SPT's protocol.
  const auto before = [&](F field) -> const DecodedField* {
    for (auto i = index; i-- > 0;) {
      if (decoded.fields[i].field == field) return &decoded.fields[i];
    }
    return nullptr;
  };
  switch (item.field) {
    case F::code:
      if (decoded.message != Message::hack) return nullptr;
      break;
    case F::opt_subtype:
      // Two options have a sub-type; what follows its length tells them apart.
      if (index + 2 >= decoded.fields.size()) return nullptr;
      if (decoded.fields[index + 2].field == F::opt_lla) {
        table = Values::lla_subtype;
      } else if (decoded.fields[index + 2].field != F::opt_prefix_length) {
        return nullptr;
      }
      break;
    case F::spt_algorithm:
      if (const auto* protocol = before(F::spt_protocol)) {
        table = Spt{.protocol = static_cast<SptProtocol>(protocol->number)}.algorithms();
      }
      break;
    case F::preference_value:
      if (const auto* type = before(F::preference_type)) {
        constexpr Values tables[] = {Values::cipher, Values::auth_algorithm, Values::none,
                                     Values::spt_mode};
        if (type->number >= 1 && type->number <= std::size(tables))
          table = tables[type->number - 1];
      }
      break;
    default: break;
  }
  const auto* found = find_value(table, item.number);
  return found != nullptr ? found->text : nullptr;
}

std::string value_text(const CodePoints& codepoints, const DecodedField& item,
                       const DecodedMessage& decoded) {
  switch (row(item.field).type) {
    case FieldType::u8:
    case FieldType::u16:
    case FieldType::u32: return number_text(codepoints, item, decoded);
    case FieldType::boolean: return item.number != 0 ? "set" : "not set";
    case FieldType::ipv6: return to_text(decoded.address(item));
    case FieldType::ipv4: return v4_text(View(decoded.address(item)).subspan(12));
    case FieldType::bytes:
      if (item.field == F::sa_window || item.field == F::ack_window)
        return window_text(item, decoded);
      return to_hex(decoded.octets_of(item));
    case FieldType::text: {
      const auto octets = decoded.octets_of(item);
      if (!is_utf8(octets)) return to_hex(octets);
      return {octets.begin(), octets.end()};
    }
    case FieldType::frame:
    case FieldType::time: return std::to_string(item.number);
    case FieldType::group: return group_text(codepoints, item, decoded);
  }
  return {};
}

std::string_view short_name(CodePoint codepoint) {
  // "ICMP option type, IP Address": the kind, then the name.
  const std::string_view what = row(codepoint).what;
  const auto comma = what.find(", ");
  return comma == std::string_view::npos ? what : what.substr(comma + 2);
}

}  // namespace secct
