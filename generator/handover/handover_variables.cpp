// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/handover/handover_variables.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace secct::generator {
namespace {

using Words = std::vector<std::string>;

std::string spi_text(std::uint32_t spi) { return std::to_string(spi); }

// The number behind `stem`, as an index of the SAs that may be transferred.
const Context* nth_context(const std::vector<Context>& contexts, std::string_view word,
                           std::string_view stem) {
  if (!word.starts_with(stem)) return nullptr;
  const auto number = to_number(word.substr(stem.size()));
  if (!number || *number == 0 || *number > contexts.size()) return nullptr;
  return &contexts[*number - 1];
}

Words addresses(const Handover& handover, std::string_view word) {
  const auto& description = handover.description();
  if (word == "$naddr") return {to_text(handover.mobile_node().naddr)};
  if (word == "$paddr") return {to_text(handover.mobile_node().paddr)};
  if (word == "$nr") return {to_text(handover.nr())};
  if (word == "$pr") return {to_text(handover.pr())};
  if (word == "$link-local") return {to_text(handover.link_local())};
  if (word == "$stranger")
    return {to_text(description.paddr_of(description.last_mobile_node() + 1))};
  if (word == "$ncoa-in-use" && !description.ncoa_in_use.empty()) {
    return {to_text(description.ncoa_in_use.front())};
  }
  return {};
}

}  // namespace

Words handover_values(const Handover& handover, std::string_view word) {
  if (auto found = addresses(handover, word); !found.empty()) return found;
  if (word == "$other-identifier") {
    return {std::to_string(static_cast<std::uint16_t>(~handover.identifier()))};
  }
  const auto& mn = handover.mobile_node();
  if (word == "$kept-spi") {
    const auto kept = std::ranges::find_if(mn.sas, [](const auto& sa) { return sa.type < 3; });
    return kept != mn.sas.end() ? Words{spi_text(kept->context.spi)} : Words();
  }
  const auto contexts = mn.transferable();
  if (word == "$spis") {
    Words spis;
    for (const auto& context : contexts) spis.push_back(spi_text(context.spi));
    return spis;
  }
  if (const auto* context = nth_context(contexts, word, "$spi")) return {spi_text(context->spi)};
  if (const auto* context = nth_context(contexts, word, "$source")) {
    return {to_text(context->source)};
  }
  if (const auto* context = nth_context(contexts, word, "$destination")) {
    return {to_text(context->destination)};
  }
  return {};
}

VariableResolver handover_variables(const Handover& handover) {
  return [&handover](const std::string& text) -> Words {
    if (!text.starts_with('$')) return {text};
    auto values = handover_values(handover, text);
    if (values.empty()) throw UsageError(fmt::format("{}: unknown value", text));
    return values;
  };
}

}  // namespace secct::generator
