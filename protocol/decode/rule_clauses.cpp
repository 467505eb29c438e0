// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/decode/rule_clauses.hpp"

namespace secct {
namespace {

struct ClauseRow {
  Rule rule;
  Message message;  // none: every message
  std::optional<Field> within;
  const char* clause;
};

namespace within {
using enum Field;
constexpr auto none = std::nullopt;
}  // namespace within

constexpr ClauseRow clause_rows[] = {
#define RULE(...)
#define CLAUSE(rule, message, field, clause) {Rule::rule, Message::message, within::field, clause},
#include "protocol/tables/rules.def"
#undef RULE
#undef CLAUSE
};

// True if `problem` is in a sub-option that has the field `within`, or in any sub-option.
bool is_within(const DecodedMessage& decoded, const Problem& problem, Field within) {
  for (std::uint32_t i = 0; i <= problem.index && i < decoded.fields.size(); ++i) {
    const auto& group = decoded.fields[i];
    if (group.field != Field::sub_options || group.end <= problem.index) continue;
    if (within == Field::sub_options || decoded.find_in(group, within) != nullptr) return true;
  }
  return false;
}

}  // namespace

const char* violated_clause(const DecodedMessage& decoded, const Problem& problem) {
  for (const auto& exception : clause_rows) {
    if (exception.rule != problem.rule) continue;
    const bool is_message =
        exception.message == Message::none || exception.message == decoded.message;
    if (!is_message) continue;
    if (exception.within && !is_within(decoded, problem, *exception.within)) continue;
    return exception.clause;
  }
  return row(problem.rule).clause;
}

}  // namespace secct
