// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/inspect/message_rules.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "protocol/decode/rule_clauses.hpp"
#include "protocol/tables/numbers.hpp"

namespace secct::replay {
namespace {

// Ports are selectors only for transport protocols that have ports; otherwise they must be zero.
void check_ports(const DecodedMessage& decoded, std::vector<Failure>& broken) {
  for (const auto& group : decoded.fields) {
    if (group.field != Field::contexts) continue;
    const auto* protocol = decoded.find_in(group, Field::sa_protocol);
    if (protocol == nullptr || has_ports(protocol->number)) continue;
    for (const auto field : {Field::sa_source_port, Field::sa_destination_port}) {
      const auto* port = decoded.find_in(group, field);
      if (port == nullptr || port->number == 0) continue;
      broken.push_back({"RELOC-3-7", row(field).name, "0", std::to_string(port->number),
                        "port is not zero although the transport protocol has no ports"});
    }
  }
}

// The first field of a SHREQ that the router copied from the mobile node's SHIN without evaluating
// it: AuthPrtr, or the first sub-option if there is no AuthPrtr. nullptr if there are no
// sub-options.
const DecodedField* first_copied_field(const DecodedMessage& decoded) {
  const DecodedField* first = nullptr;
  for (const auto& field : decoded.fields) {
    if (field.field != Field::sub_options) continue;
    if (first == nullptr) first = &field;
    if (decoded.find_in(field, Field::auth_replay) != nullptr) return &field;
  }
  return first;
}

// The octets of a message that the router copied; empty if there are none.
struct CopiedPart {
  std::uint32_t from = 0;
  std::uint32_t to = 0;

  bool contains(std::uint32_t offset) const { return offset >= from && offset < to; }
};

// From the first copied field to the end of its option.
CopiedPart copied_part(const DecodedMessage& decoded) {
  if (decoded.message != Message::shreq) return {};
  const auto* first = first_copied_field(decoded);
  if (first == nullptr) return {};
  for (const auto& option : decoded.fields) {
    const auto end = option.offset + option.length;
    const bool contains_it = option.offset <= first->offset && first->offset < end;
    if (option.field == Field::options && contains_it) return {first->offset, end};
  }
  return {first->offset, static_cast<std::uint32_t>(decoded.octets.size())};
}

}  // namespace

void check_message_rules(const DecodedMessage& decoded, std::vector<Failure>& broken) {
  const auto copied = copied_part(decoded);
  for (const auto& problem : decoded.problems) {
    const std::string_view clause = violated_clause(decoded, problem);
    if (clause.empty()) continue;
    const bool is_evaluated_by_pr = copied.to > 0 && row(problem.rule).status_row > 1;
    if (copied.contains(problem.offset) || is_evaluated_by_pr) continue;
    const auto text = [](std::optional<std::uint64_t> number) {
      return number ? fmt::format("{0} (0x{0:x})", *number) : std::string();
    };
    broken.push_back({std::string(clause), row(problem.field).name, text(problem.expected),
                      text(problem.actual), row(problem.rule).text});
  }
  check_ports(decoded, broken);
}

Failure failure_of(const conversation::Violation& violation) {
  const auto& rule = conversation::info(violation.rule);
  return {rule.clause, rule.field, violation.expected, violation.actual, rule.text};
}

}  // namespace secct::replay
