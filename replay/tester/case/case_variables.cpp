// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/tester/case/case_variables.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "generator/document/edit.hpp"
#include "generator/handover/handover_variables.hpp"
#include "protocol/tables/spt.hpp"
#include "protocol/tables/status.hpp"

namespace secct::replay {
namespace {

// std::nullopt: the variable has no value in this case.
using Values = std::optional<std::vector<std::string>>;

Values one(const std::string& text) { return std::vector<std::string>{text}; }
Values address(const Address& address) {
  return one(is_v4_mapped(address) ? v4_text(View(address).subspan(12)) : to_text(address));
}

// A variable without a number. docs/cases.md says what the values are.
struct PlainVariable {
  std::string_view name;
  Values (*value)(const VariableContext& context);
};

constexpr PlainVariable plain_variables[] = {
    {"$nr-for-mn", [](const VariableContext& c) { return address(c.handover.nr_for_mn()); }},
    {"$nr-v4", [](const VariableContext& c) { return address(c.handover.nr_v4()); }},
    {"$pr-v4", [](const VariableContext& c) { return address(c.handover.pr_v4()); }},
    {"$pr-v4-mapped", [](const VariableContext& c) { return one(to_text(c.handover.pr_v4())); }},
    {"$old-coa",
     [](const VariableContext& c) {
       return one(to_text(RouterDescription::v4_of(c.handover.mobile_node().number)));
     }},
    {"$coa", [](const VariableContext& c) { return one(to_text(c.handover.nr_v4())); }},
    {"$identifier",
     [](const VariableContext& c) {
       return one(std::to_string(c.state.identifier.value_or(c.handover.identifier())));
     }},
    {"$other-naddr",
     [](const VariableContext& c) {
       auto other = c.handover.mobile_node().naddr;
       other[8] ^= 0x80;
       return address(other);
     }},
    {"$other-paddr",
     [](const VariableContext& c) {
       const auto& description = c.handover.description();
       return address(description.paddr_of(description.mobile_node_count));
     }},
    {"$spi-in-use",
     [](const VariableContext& c) {
       const auto& list = c.handover.description().spi_in_use;
       return list.empty() ? Values() : one(fmt::format("0x{:08x}", list.front()));
     }},
    {"$last-sequence",
     [](const VariableContext& c) { return one(std::to_string(c.state.ah_sequence)); }},
};

// A variable with the number of a transferable SA: $spi1. With the prefix $kept-, the number is
// that of an SA that is not transferable: $kept-spi1.
struct SaVariable {
  std::string_view stem;
  Values (*value)(const Context& context);
};

Values id_of(const std::optional<std::uint32_t>& id) {
  return id ? one(std::to_string(*id)) : Values();
}

constexpr SaVariable sa_variables[] = {
    {"$spi", [](const Context& c) { return one(fmt::format("0x{:08x}", c.spi)); }},
    {"$protocol",
     [](const Context& c) {
       const auto spt = find_spt(c.spt);
       return one(spt && spt->protocol == SptProtocol::esp ? "1" : "0");
     }},
    {"$spt", [](const Context& c) { return one(std::to_string(c.spt)); }},
    {"$source", [](const Context& c) { return address(c.source); }},
    {"$destination", [](const Context& c) { return address(c.destination); }},
    {"$source-id", [](const Context& c) { return id_of(c.source_private_id); }},
    {"$destination-id", [](const Context& c) { return id_of(c.destination_private_id); }},
};

constexpr std::string_view kept_prefix = "$kept-";

Values sa_value(std::string_view text, const VariableContext& context) {
  auto stem = text.substr(0, text.find_last_not_of("0123456789") + 1);
  const auto number = to_number(text.substr(stem.size()));
  const bool kept = stem.starts_with(kept_prefix);
  const auto bare = kept ? "$" + std::string(stem.substr(kept_prefix.size())) : std::string(stem);
  const auto* row = std::ranges::find(sa_variables, bare, &SaVariable::stem);
  const auto& list =
      kept ? context.mobile_node.not_transferable() : context.mobile_node.transferable();
  if (row == std::end(sa_variables) || !number || *number == 0 || *number > list.size()) {
    return std::nullopt;
  }
  return row->value(list[*number - 1]);
}

// $token1: the token of the first message that the tester sent.
Values token(std::string_view text, const VariableContext& context) {
  const auto number = to_number(text.substr(std::string_view("$token").size()));
  const auto& tokens = context.state.tokens;
  if (!number || *number == 0 || *number > tokens.size()) return std::nullopt;
  return one(fmt::format("0x{:08x}", tokens[*number - 1]));
}

// $statuses:2=102: one status per transferable SA, 102 for the second and 200 for the others.
Values statuses(std::string_view text, const VariableContext& context) {
  const auto [place, status] =
      split_assignment(std::string(text.substr(std::string_view("$statuses:").size())));
  std::vector<std::string> list(context.mobile_node.transferable().size(),
                                std::to_string(status::ok));
  const auto number = to_number(place);
  if (!number || *number == 0 || *number > list.size()) return std::nullopt;
  list[*number - 1] = status;
  return list;
}

}  // namespace

std::vector<std::string> values_of(const std::string& text, const VariableContext& context) {
  if (!text.starts_with('$')) return {text};
  Values values;
  const auto* plain = std::ranges::find(plain_variables, text, &PlainVariable::name);
  if (plain != std::end(plain_variables)) {
    values = plain->value(context);
  } else if (text.starts_with("$statuses:")) {
    values = statuses(text, context);
  } else if (text.starts_with("$token")) {
    values = token(text, context);
  } else {
    values = sa_value(text, context);
  }
  if (values) return *values;
  if (auto common = find_handover_variable(context.handover, text); !common.empty()) return common;
  std::vector<std::string_view> names;
  for (const auto& variable : plain_variables) names.push_back(variable.name);
  for (const auto& variable : sa_variables) names.push_back(variable.stem);
  throw UsageError(fmt::format("unknown case variable '{}', or it has no value in this case{}",
                               text, suggestion(text, names)));
}

}  // namespace secct::replay
