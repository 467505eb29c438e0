// SPDX-License-Identifier: GPL-2.0-or-later
// The table of rules that need more than one message: conversation/rules.def.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "protocol/tables/fields.hpp"

namespace secct::conversation {

enum class RuleId : std::uint8_t {
#define CONVERSATION_RULE(id, filter, clause, section, severity, group, field, text) id,
#include "conversation/rules.def"
#undef CONVERSATION_RULE
  count
};

// Expert info groups of Wireshark that the rules use.
enum class RuleGroup : std::uint8_t { PROTOCOL, SECURITY, SEQUENCE };

struct RuleInfo {
  RuleId id;
  const char* name;
  const char* filter;   // secct.expert.FILTER
  const char* clause;   // of docs/clauses.yaml; empty for an observation
  const char* section;  // of docs/wire-format.md, docs/behaviour.md or docs/fields.md
  Severity severity;
  RuleGroup group;
  const char* field;  // empty if there is no single one
  const char* text;
};

std::span<const RuleInfo> rules();
const RuleInfo& info(RuleId rule);  // not for RuleId::count

}  // namespace secct::conversation
