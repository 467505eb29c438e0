// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/inspect/message_rules.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include <fmt/format.h>

namespace secct::replay {
namespace {

// True when the problem lies in a list entry of this kind that holds `field`.
bool is_in(const DecodedMessage& decoded, const Problem& problem, Field group,
           std::optional<Field> field = {}) {
  for (std::uint32_t i = 0; i <= problem.item && i < decoded.fields.size(); ++i) {
    const auto& item = decoded.fields[i];
    if (item.field != group || item.end <= problem.item) continue;
    if (!field || decoded.find_in(item, *field) != nullptr) return true;
  }
  return false;
}

// HI and HAck have clauses of their own for what holds for every message.
const char* of_message(const DecodedMessage& decoded, const char* other) {
  switch (decoded.message) {
    case Message::hi: return "FMIP-4.3-1";
    case Message::hack: return "FMIP-4.4-5";
    default: return other;
  }
}

// Which clause a broken rule of a sent message violates.
const char* clause_of(const DecodedMessage& decoded, const Problem& problem) {
  switch (problem.rule) {
    case Rule::reserved_not_zero:
      return is_in(decoded, problem, Field::sub_options) ? "RELOC-3-1"
                                                         : of_message(decoded, "ROBUST-14");
    case Rule::hop_limit: return of_message(decoded, "ROBUST-10");
    case Rule::code_not_zero:
    case Rule::hi_no_old_care_of: return of_message(decoded, "ROBUST-14");
    case Rule::auth_missing: return decoded.message == Message::hi ? "FRAME-5.2-2" : "ROBUST-14";
    case Rule::sa_length_mismatch: return "RELOC-3-3";
    case Rule::window_padding: return "RELOC-3-6";
    case Rule::key_length: return "RELOC-3-9";
    case Rule::data_order: return "RELOC-3-4";
    case Rule::block_size:
    case Rule::key_rounds: return "RELOC-6-1";
    case Rule::status_unknown:
    case Rule::subopt_misplaced: return "RELOC-5.4-2";
    case Rule::unprotected: return decoded.message == Message::hack ? "FMIP-4.4-5" : "RELOC-7-1";
    case Rule::subopt_short:
    case Rule::subopt_trailing:
      return is_in(decoded, problem, Field::sub_options, Field::ack_changed) ? "RELOC-5.3-2"
                                                                             : "ROBUST-14";
    default: return "ROBUST-14";
  }
}

// Ports are selectors of a transport protocol that has them; of any other they are zero.
void lint_ports(const DecodedMessage& decoded, std::vector<Failure>& broken) {
  constexpr std::uint64_t with_ports[] = {6, 17, 33, 132, 136};  // TCP, UDP, DCCP, SCTP, UDP-Lite
  for (const auto& group : decoded.fields) {
    if (group.field != Field::contexts) continue;
    const auto* protocol = decoded.find_in(group, Field::sa_protocol);
    if (protocol == nullptr ||
        std::ranges::find(with_ports, protocol->number) != std::end(with_ports)) {
      continue;
    }
    for (const auto field : {Field::sa_source_port, Field::sa_destination_port}) {
      const auto* port = decoded.find_in(group, field);
      if (port == nullptr || port->number == 0) continue;
      broken.push_back({"RELOC-3-7", row(field).name, "0", std::to_string(port->number),
                        "a port that cannot be a selector is not zero"});
    }
  }
}

// Rules that tell what happened, not that the sender did wrong.
bool is_report(Rule rule) {
  switch (rule) {
    case Rule::status_failure:
    case Rule::code_refused:
    case Rule::hack_no_shrep_ack:
    case Rule::hi_no_lla:
    case Rule::naddr_invalid:  // a reply copies the Naddr it was asked about
    case Rule::opt_unknown:
    case Rule::subopt_unknown:
    case Rule::data_unknown:
    case Rule::preference_unknown: return true;
    default: return false;
  }
}

// A SHREQ holds what the mobile node wrote, copied unread: its sub-options from AuthPrtr on are not
// the router's. Nothing: there are none.
const DecodedField* copied_part(const DecodedMessage& decoded) {
  const DecodedField* first = nullptr;
  for (const auto& item : decoded.fields) {
    if (item.field != Field::sub_options) continue;
    if (first == nullptr) first = &item;
    if (decoded.find_in(item, Field::auth_replay) != nullptr) return &item;
  }
  return first;
}

}  // namespace

void check_message_rules(const DecodedMessage& decoded, std::vector<Failure>& broken) {
  const auto* copied = decoded.message == Message::shreq ? copied_part(decoded) : nullptr;
  for (const auto& problem : decoded.problems) {
    if (is_report(problem.rule)) continue;
    if (copied != nullptr && (problem.offset >= copied->offset || row(problem.rule).row > 1)) {
      continue;
    }
    const auto text = [](std::optional<std::uint64_t> number) {
      return number ? fmt::format("{0} (0x{0:x})", *number) : std::string();
    };
    broken.push_back({clause_of(decoded, problem), row(problem.field).name, text(problem.expected),
                      text(problem.actual), row(problem.rule).text});
  }
  lint_ports(decoded, broken);
}

}  // namespace secct::replay
