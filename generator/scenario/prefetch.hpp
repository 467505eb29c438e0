// SPDX-License-Identifier: GPL-2.0-or-later
// A scenario whose packets are built ahead in threads of their own, so that writing or sending and
// building go on at the same time. The packets are those of ScenarioRun, in its order.
#pragma once

#include <memory>

#include "generator/namespace.hpp"
#include "generator/scenario/scenario.hpp"

namespace secct::generator {

class ScenarioPrefetch {
 public:
  // As ScenarioRun.
  ScenarioPrefetch(const ScenarioRow& row, const RouterDescription& description,
                   std::uint32_t handovers, std::uint64_t seed);
  ~ScenarioPrefetch();
  ScenarioPrefetch(const ScenarioPrefetch&) = delete;
  ScenarioPrefetch& operator=(const ScenarioPrefetch&) = delete;

  // On to the next packet; false behind the last one. UsageError as ScenarioRun::octets().
  bool next();
  std::uint64_t time() const { return run_.time(); }
  const std::string& comment() const { return run_.comment(); }
  View octets() const { return octets_; }  // good until next()

 private:
  class Workers;

  ScenarioRun run_;  // tells of packets, and builds none
  std::unique_ptr<Workers> workers_;
  View octets_;
};

}  // namespace secct::generator
