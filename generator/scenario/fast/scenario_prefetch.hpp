// SPDX-License-Identifier: GPL-2.0-or-later
// A scenario whose packets are built ahead in threads of their own, so that writing or sending and
// building go on at the same time. The packets are those of ScenarioRun, in its order.
#pragma once

#include <memory>

#include "generator/scenario/scenario.hpp"

namespace secct {

class ScenarioAhead {
 public:
  // As ScenarioRun.
  ScenarioAhead(const ScenarioRow& row, const Lab& lab, std::uint32_t handovers,
                std::uint64_t seed);
  ~ScenarioAhead();
  ScenarioAhead(const ScenarioAhead&) = delete;
  ScenarioAhead& operator=(const ScenarioAhead&) = delete;

  // On to the next packet; false behind the last one. UsageError as ScenarioRun::octets().
  bool next();
  std::uint64_t time() const { return run_.time(); }
  const std::string& comment() const { return run_.comment(); }
  View octets() const { return octets_; }  // good until next()

 private:
  class Crew;

  ScenarioRun run_;  // tells of packets, and builds none
  std::unique_ptr<Crew> crew_;
  View octets_;
};

}  // namespace secct
