// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/override_options.hpp"

#include <span>
#include <vector>

#include <fmt/format.h>

#include "files/yaml_reader.hpp"

namespace secct::cli {
namespace {

template <typename Row>
const Row& by_name(std::string_view kind, const std::string& wanted, const Row* found,
                   std::span<const Row> rows) {
  if (found != nullptr) return *found;
  std::vector<std::string_view> names;
  for (const auto& row : rows) names.push_back(row.name);
  throw UsageError(fmt::format("unknown {} '{}'{}; see 'secct list faults'", kind, wanted,
                               suggestion(wanted, names)));
}

}  // namespace

void OverrideOptions::add_to(CLI::App& app) {
  app.add_option("--fault", fault, "give the reference router this fault (see 'secct list faults')")
      ->type_name("NAME");
  app.add_option("--variation", variation,
                 "give the reference router this allowed variation (see 'secct list faults')")
      ->type_name("NAME");
}

BehaviourOverride OverrideOptions::get() const {
  BehaviourOverride behaviour;
  if (!fault.empty() && !variation.empty()) {
    throw UsageError("--fault and --variation exclude each other");
  }
  if (!fault.empty()) {
    behaviour.fault = by_name("fault", fault, find_fault(fault), faults()).id;
  }
  if (!variation.empty()) {
    behaviour.variation =
        by_name("variation", variation, find_variation(variation), variations()).id;
  }
  return behaviour;
}

}  // namespace secct::cli
