// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/handover/handover_variables.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace secct::generator {
namespace {

using Values = std::vector<std::string>;

// The context that `name` selects: `stem` and a number from 1.
const Context* nth_context(const std::vector<Context>& contexts, std::string_view name,
                           std::string_view stem) {
  if (!name.starts_with(stem)) return nullptr;
  const auto number = to_number(name.substr(stem.size()));
  if (!number || *number == 0 || *number > contexts.size()) return nullptr;
  return &contexts[*number - 1];
}

Values addresses(const Handover& handover, std::string_view name) {
  const auto& description = handover.description();
  if (name == "$naddr") return {to_text(handover.mobile_node().naddr)};
  if (name == "$paddr") return {to_text(handover.mobile_node().paddr)};
  if (name == "$nr") return {to_text(handover.nr())};
  if (name == "$pr") return {to_text(handover.pr())};
  if (name == "$link-local") return {to_text(handover.link_local())};
  if (name == "$stranger") {
    return {to_text(description.paddr_of(description.last_mobile_node() + 1))};
  }
  if (name == "$ncoa-in-use" && !description.ncoa_in_use.empty()) {
    return {to_text(description.ncoa_in_use.front())};
  }
  return {};
}

}  // namespace

Values find_handover_variable(const Handover& handover, std::string_view name) {
  if (auto found = addresses(handover, name); !found.empty()) return found;
  if (name == "$other-identifier") {
    return {std::to_string(static_cast<std::uint16_t>(~handover.identifier()))};
  }
  const auto& mn = handover.mobile_node();
  if (name == "$kept-spi") {
    const auto kept = std::ranges::find_if(mn.sas, [](const auto& sa) { return sa.type < 3; });
    return kept != mn.sas.end() ? Values{std::to_string(kept->context.spi)} : Values();
  }
  const auto contexts = mn.transferable();
  if (name == "$spis") {
    Values spis;
    for (const auto& context : contexts) spis.push_back(std::to_string(context.spi));
    return spis;
  }
  if (const auto* context = nth_context(contexts, name, "$spi")) {
    return {std::to_string(context->spi)};
  }
  if (const auto* context = nth_context(contexts, name, "$source")) {
    return {to_text(context->source)};
  }
  if (const auto* context = nth_context(contexts, name, "$destination")) {
    return {to_text(context->destination)};
  }
  return {};
}

VariableResolver handover_variables(const Handover& handover) {
  return [&handover](const std::string& text) -> Values {
    if (!text.starts_with('$')) return {text};
    auto values = find_handover_variable(handover, text);
    if (values.empty()) {
      throw UsageError(
          fmt::format("{}: unknown variable, or it has no value in this handover", text));
    }
    return values;
  };
}

}  // namespace secct::generator
