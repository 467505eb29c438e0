// SPDX-License-Identifier: GPL-2.0-or-later
// A scenario whose packets are built ahead in threads of their own, so that writing or sending and
// building go on at the same time. The packets are those of ScenarioRun, in its order.
#pragma once

#include <memory>
#include <vector>

#include "generator/scenario.hpp"

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
  std::uint64_t time() const { return schedule_.time(); }
  const std::string& comment() const { return schedule_.comment(); }
  View octets() const { return octets_; }  // good until next()

 private:
  class Builder;

  // Each builder goes through the whole scenario and builds the packets of its own mobile nodes.
  // Whose packet comes next says this one, which builds none.
  ScenarioRun schedule_;
  std::vector<std::unique_ptr<Builder>> builders_;
  View octets_;
};

}  // namespace secct
