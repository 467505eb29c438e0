// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/malformed/malformed_scenario.hpp"

#include <fmt/format.h>

namespace secct::generator {

bool MalformedScenario::next() {
  if (!packets_.empty()) packets_.pop_front();
  if (!packets_.empty()) return true;
  if (!run_.next()) return false;
  auto valid = run_.document(&keys_);
  for (auto& packet : injector_.add(std::move(valid), run_.mobile_node(), keys_)) {
    packets_.push_back(std::move(packet));
  }
  return true;
}

Octets MalformedScenario::octets() const {
  auto built = build(codepoints_, keys_, document());
  if (!built.faults.empty()) {
    const auto& fault = built.faults.front();
    throw UsageError(fmt::format("{}: {}: {}", comment(), fault.path, fault.text));
  }
  return std::move(built.octets);
}

}  // namespace secct::generator
