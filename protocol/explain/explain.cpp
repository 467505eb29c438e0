// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/explain/explain.hpp"

#include "protocol/explain/wording.hpp"

namespace secct {
namespace {

using F = Field;
using namespace wording;

std::size_t index_of(const DecodedField& field, const DecodedMessage& decoded) {
  return static_cast<std::size_t>(&field - decoded.fields.data());
}

// Calls `visit` for each member of a group.
template <class Visit>
void each_member(const DecodedField& group, const DecodedMessage& decoded, Visit visit) {
  for (auto i = index_of(group, decoded) + 1; i < group.end; i = decoded.fields[i].end) {
    visit(decoded.fields[i]);
  }
}

std::size_t members(const DecodedField& group, F wanted, const DecodedMessage& decoded) {
  std::size_t number = 0;
  each_member(group, decoded,
              [&](const DecodedField& field) { number += field.field == wanted ? 1U : 0U; });
  return number;
}

const DecodedField* member(const DecodedField& group, F wanted, const DecodedMessage& decoded) {
  const DecodedField* found = nullptr;
  each_member(group, decoded, [&](const DecodedField& field) {
    if (found == nullptr && field.field == wanted) found = &field;
  });
  return found;
}

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
  each_member(group, decoded, [&](const DecodedField& field) {
    switch (field.field) {
      case F::auth_replay: text += ", Replay " + std::to_string(field.number); break;
      case F::auth_token: text += ", token " + hex(field.number, 4); break;
      case F::req_spt: {
        const auto* form = decoded.find_in(field, F::req_form);
        if (form != nullptr)
          text += ", " + request_text(*form, members(group, F::req_spi, decoded));
        break;
      }
      case F::ack_spi: text += ", SPI " + hex(field.number, 4); break;
      case F::status: text += ", " + status_text(field.number); break;
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

std::string lifetime_text(const DecodedField& field, const DecodedMessage& decoded) {
  for (auto i = index_of(field, decoded); i-- > 0;) {
    if (decoded.fields[i].field != F::spt) continue;
    const auto spt = find_spt(static_cast<std::uint16_t>(decoded.fields[i].number));
    return std::to_string(field.number) + (spt && spt->megabytes ? " megabytes" : " seconds");
  }
  return std::to_string(field.number);
}

std::string number_text(const CodePoints& codepoints, const DecodedField& field,
                        const DecodedMessage& decoded) {
  const auto& info = row(field.field);
  if (info.values == Values::spt) {
    return spt_name(static_cast<std::uint16_t>(field.number)) + " (" +
           (field.number < 0x8000 ? std::to_string(field.number) : hex(field.number, 2)) + ")";
  }
  if (info.values == Values::icmpopt || info.values == Values::subopt) {
    const bool sub = info.values == Values::subopt;
    if (sub && field.number == 0) return "Pad1 (0)";
    const auto group = sub ? CodePointGroup::subopt : CodePointGroup::icmpopt;
    const auto id = codepoints.find(group, static_cast<std::uint8_t>(field.number));
    const auto name = id ? short_name(*id) : std::string_view("Unknown");
    return std::string(name) + " (" + std::to_string(field.number) + ")";
  }
  if (const auto* name = value_name(field, decoded)) {
    std::string text;
    // The names of the drafts are abbreviations: "SHREP, Seamless Handover Reply".
    if (info.values == Values::message || info.values == Values::req_form) {
      text.append(find_value(info.values, field.number)->key).append(", ");
    }
    return text.append(name).append(" (").append(std::to_string(field.number)).append(")");
  }
  if (field.field == F::opt_length) {
    return std::to_string(field.number) + " (" + std::to_string(field.number * 8) + " octets)";
  }
  if (field.field == F::sa_lifetime) return lifetime_text(field, decoded);
  switch (info.base) {
    case FieldBase::hex: return hex(field.number, field.length);
    case FieldBase::both: return both(field.number);
    default: return std::to_string(field.number);
  }
}

// "ffe0 (11 of 12 received)"
std::string window_text(const DecodedField& field, const DecodedMessage& decoded) {
  const auto octets = decoded.octets_of(field);
  const auto* at = &field;
  // The size precedes the window, in a profile not directly.
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

const char* value_name(const DecodedField& field, const DecodedMessage& decoded) {
  const auto index = index_of(field, decoded);
  auto table = row(field.field).values;
  // The preceding field that determines the enumeration.
  const auto before = [&](F wanted) -> const DecodedField* {
    for (auto i = index; i-- > 0;) {
      if (decoded.fields[i].field == wanted) return &decoded.fields[i];
    }
    return nullptr;
  };
  switch (field.field) {
    case F::code:
      if (decoded.message != Message::hack) return nullptr;
      break;
    case F::opt_subtype:
      // Two options have a sub-type. The field after their length differs.
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
      if (const auto* type = before(F::preference_type)) table = preference_values(type->number);
      break;
    default: break;
  }
  const auto* found = find_value(table, field.number);
  return found != nullptr ? found->text : nullptr;
}

std::string value_text(const CodePoints& codepoints, const DecodedField& field,
                       const DecodedMessage& decoded) {
  switch (row(field.field).type) {
    case FieldType::u8:
    case FieldType::u16:
    case FieldType::u32: return number_text(codepoints, field, decoded);
    case FieldType::boolean: return field.number != 0 ? "set" : "not set";
    case FieldType::ipv6: return to_text(decoded.address(field));
    case FieldType::ipv4: return v4_text(View(decoded.address(field)).subspan(12));
    case FieldType::bytes:
      if (field.field == F::sa_window || field.field == F::ack_window)
        return window_text(field, decoded);
      return to_hex(decoded.octets_of(field));
    case FieldType::text: {
      const auto octets = decoded.octets_of(field);
      if (!is_utf8(octets)) return to_hex(octets);
      return {octets.begin(), octets.end()};
    }
    case FieldType::frame:
    case FieldType::time: return std::to_string(field.number);
    case FieldType::group: return group_text(codepoints, field, decoded);
  }
  return {};
}

std::string_view short_name(CodePoint codepoint) {
  // "ICMP option type, IP Address": the group, then the name.
  const std::string_view what = row(codepoint).what;
  const auto comma = what.find(", ");
  return comma == std::string_view::npos ? what : what.substr(comma + 2);
}

}  // namespace secct
