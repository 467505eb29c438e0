// SPDX-License-Identifier: GPL-2.0-or-later
// The packets of a scenario, built in background threads while the caller writes or sends earlier
// ones. Packets and order are those of ScenarioRun.
#pragma once

#include <memory>

#include "generator/namespace.hpp"
#include "generator/scenario/scenario.hpp"

namespace secct::generator {

class ScenarioPrefetch {
 public:
  // As the constructor of ScenarioRun.
  ScenarioPrefetch(const ScenarioRow& row, const RouterDescription& description,
                   std::uint32_t handovers, std::uint64_t seed);
  ~ScenarioPrefetch();
  ScenarioPrefetch(const ScenarioPrefetch&) = delete;
  ScenarioPrefetch& operator=(const ScenarioPrefetch&) = delete;

  // Advances to the next packet; false after the last one. UsageError as ScenarioRun::octets().
  bool next();
  std::uint64_t time() const { return run_.time(); }
  const std::string& comment() const { return run_.comment(); }
  View octets() const { return octets_; }  // valid until next()

 private:
  class Workers;

  ScenarioRun run_;  // for times and comments; builds no packets
  std::unique_ptr<Workers> workers_;
  View octets_;
};

}  // namespace secct::generator
