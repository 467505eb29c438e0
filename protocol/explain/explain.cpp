// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/explain/explain.hpp"

#include "protocol/explain/wording.hpp"

namespace secct {
namespace {

using F = Field;
using namespace wording;

std::size_t index_of(const Item& item, const Tape& tape) {
  return static_cast<std::size_t>(&item - tape.items.data());
}

// --- the members of a group: its items one level below
template <class Visit>
void each_member(const Item& group, const Tape& tape, Visit visit) {
  for (auto i = index_of(group, tape) + 1; i < group.end; i = tape.items[i].end) {
    visit(tape.items[i]);
  }
}

std::size_t members(const Item& group, F field, const Tape& tape) {
  std::size_t number = 0;
  each_member(group, tape, [&](const Item& item) { number += item.field == field ? 1U : 0U; });
  return number;
}

const Item* member(const Item& group, F field, const Tape& tape) {
  const Item* found = nullptr;
  each_member(group, tape, [&](const Item& item) {
    if (found == nullptr && item.field == field) found = &item;
  });
  return found;
}

// --- labels of groups
std::string context_text(const Item& group, const Tape& tape) {
  const auto* spt = member(group, F::spt, tape);
  if (spt == nullptr) return "cut off";
  auto text = spt_name(static_cast<std::uint16_t>(spt->number));
  if (text == "Unknown") text = "unknown SPT " + both(spt->number);
  if (const auto* spi = member(group, F::sa_spi, tape)) text += ", SPI " + hex(spi->number, 4);
  return text;
}

std::string option_text(const CodePoints& codepoints, const Item& group, const Tape& tape) {
  const auto* type = member(group, F::opt_type, tape);
  if (type == nullptr) return "cut off";
  const auto id = codepoints.find(CodePointGroup::icmpopt, static_cast<std::uint8_t>(type->number));
  if (!id) return "unknown option " + std::to_string(type->number);
  std::string text(short_name(*id));
  if (const auto* subtype = member(group, F::opt_subtype, tape)) {
    if (const auto* name = value_name(*subtype, tape)) text += std::string(", ") + name;
  }
  if (const auto* address = member(group, F::opt_address, tape)) {
    text += ": " + to_text(tape.address(*address));
  }
  if (const auto* naddr = member(group, F::naddr, tape)) {
    text += ", Naddr " + to_text(tape.address(*naddr));
  }
  return text;
}

std::string sub_option_text(const CodePoints& codepoints, const Item& group, const Tape& tape) {
  const auto* type = member(group, F::subopt_type, tape);
  if (type == nullptr) return "cut off";
  if (type->number == 0) return "Pad1";
  const auto id = codepoints.find(CodePointGroup::subopt, static_cast<std::uint8_t>(type->number));
  if (!id) return "unknown sub-option " + std::to_string(type->number);
  std::string text(short_name(*id));
  if (*id == CodePoint::subopt_rep) {
    text += ", " + count(members(group, F::contexts, tape), "context", "contexts");
  }
  each_member(group, tape, [&](const Item& item) {
    switch (item.field) {
      case F::auth_replay: text += ", Replay " + std::to_string(item.number); break;
      case F::auth_token: text += ", token " + hex(item.number, 4); break;
      case F::req_spt: {
        const auto* form = tape.find_in(item, F::req_form);
        if (form != nullptr) text += ", " + request_text(*form, members(group, F::req_spi, tape));
        break;
      }
      case F::ack_spi: text += ", SPI " + hex(item.number, 4); break;
      case F::status: text += ", " + status_text(item.number); break;
      default: break;
    }
  });
  return text;
}

std::string entry_text(const Item& group, F type_field, const Tape& tape) {
  const auto* type = member(group, type_field, tape);
  if (type == nullptr) return "cut off";
  const auto* name = value_name(*type, tape);
  return name != nullptr ? name : "unknown type " + std::to_string(type->number);
}

std::string group_text(const CodePoints& codepoints, const Item& group, const Tape& tape) {
  switch (group.field) {
    case F::options: return option_text(codepoints, group, tape);
    case F::sub_options: return sub_option_text(codepoints, group, tape);
    case F::contexts: return context_text(group, tape);
    case F::additional: return entry_text(group, F::data_type, tape);
    case F::static_profile: return entry_text(group, F::preference_type, tape);
    default: return {};
  }
}

std::string lifetime_text(const Item& item, const Tape& tape) {
  for (auto i = index_of(item, tape); i-- > 0;) {
    if (tape.items[i].field != F::spt) continue;
    const auto spt = find_spt(static_cast<std::uint16_t>(tape.items[i].number));
    return std::to_string(item.number) + (spt && spt->megabytes ? " megabytes" : " seconds");
  }
  return std::to_string(item.number);
}

std::string number_text(const CodePoints& codepoints, const Item& item, const Tape& tape) {
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
  if (const auto* name = value_name(item, tape)) {
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
  if (item.field == F::sa_lifetime) return lifetime_text(item, tape);
  switch (field.base) {
    case FieldBase::hex: return hex(item.number, item.length);
    case FieldBase::both: return both(item.number);
    default: return std::to_string(item.number);
  }
}

// "ffe0 (11 of 12 received)"
std::string window_text(const Item& item, const Tape& tape) {
  const auto octets = tape.octets_of(item);
  const auto* at = &item;
  // The size stands somewhat before the window of a profile, just before that of a SecCT-ack.
  while (at != tape.items.data() && at->field != F::sa_window_size &&
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

const char* value_name(const Item& item, const Tape& tape) {
  const auto index = index_of(item, tape);
  auto table = row(item.field).values;
  // The field that decides stands just before: the option's type, the SPT's protocol.
  const auto before = [&](F field) -> const Item* {
    for (auto i = index; i-- > 0;) {
      if (tape.items[i].field == field) return &tape.items[i];
    }
    return nullptr;
  };
  switch (item.field) {
    case F::code:
      if (tape.message != Message::hack) return nullptr;
      break;
    case F::opt_subtype:
      // Two options have a sub-type; what follows its length tells them apart.
      if (index + 2 >= tape.items.size()) return nullptr;
      if (tape.items[index + 2].field == F::opt_lla) {
        table = Values::lla_subtype;
      } else if (tape.items[index + 2].field != F::opt_prefix_length) {
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

std::string value_text(const CodePoints& codepoints, const Item& item, const Tape& tape) {
  switch (row(item.field).type) {
    case FieldType::u8:
    case FieldType::u16:
    case FieldType::u32: return number_text(codepoints, item, tape);
    case FieldType::boolean: return item.number != 0 ? "set" : "not set";
    case FieldType::ipv6: return to_text(tape.address(item));
    case FieldType::ipv4: return v4_text(View(tape.address(item)).subspan(12));
    case FieldType::bytes:
      if (item.field == F::sa_window || item.field == F::ack_window) return window_text(item, tape);
      return to_hex(tape.octets_of(item));
    case FieldType::text: {
      const auto octets = tape.octets_of(item);
      if (!is_utf8(octets)) return to_hex(octets);
      return {octets.begin(), octets.end()};
    }
    case FieldType::frame:
    case FieldType::time: return std::to_string(item.number);
    case FieldType::group: return group_text(codepoints, item, tape);
  }
  return {};
}

std::string_view short_name(CodePoint codepoint) {
  // "ICMP option, IP Address": the kind, then the name.
  const std::string_view what = row(codepoint).what;
  const auto comma = what.find(", ");
  return comma == std::string_view::npos ? what : what.substr(comma + 2);
}

}  // namespace secct
