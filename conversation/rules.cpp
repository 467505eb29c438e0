// SPDX-License-Identifier: GPL-2.0-or-later
#include "conversation/rules.hpp"

#include <cassert>

namespace secct::conversation {
namespace {

constexpr RuleInfo rows[] = {
#define CONVERSATION_RULE(id, filter, clause, section, severity, group, field, text) \
  {RuleId::id, #id, filter, clause, section, Severity::severity, RuleGroup::group, field, text},
#include "conversation/rules.def"
#undef CONVERSATION_RULE
};
static_assert(std::size(rows) == static_cast<std::size_t>(RuleId::count));

}  // namespace

std::span<const RuleInfo> rules() { return rows; }

const RuleInfo& info(RuleId rule) {
  assert(rule < RuleId::count);
  return rows[static_cast<std::size_t>(rule)];
}

}  // namespace secct::conversation
