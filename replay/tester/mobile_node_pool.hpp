// SPDX-License-Identifier: GPL-2.0-or-later
// Gives each run of a case a mobile node that no other run uses.
//
//   MobileNodePool pool;
//   for (const auto& job : jobs) pool.reserve(job.mobile_nodes, role, runs);
//   pool.start_randomly(seed);
//   const auto number = pool.take(job.mobile_nodes, role);
//
// The mobile nodes of a role are adjacent, so that a few samples show whether an earlier run has
// used them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "generator/description/router_description.hpp"
#include "replay/namespace.hpp"
#include "replay/suite/case_needs.hpp"

namespace secct::replay {

class MobileNodePool {
 public:
  // The number of samples() of each range and role, if the range has room for them.
  static constexpr std::uint32_t sample_count = 3;

  // Reserves mobile nodes of `range` for `count` runs against a router in this role.
  void reserve(const MobileNodeRange& range, Role role, std::uint32_t count);

  // These functions choose the first mobile node of each range, and take back all that take() has
  // returned. start_at() begins with `number` in the range that contains it, which then has no
  // mobile nodes before it; start_randomly() begins anywhere and continues with the first one after
  // the last one. The numbers depend on `seed` only.
  void start();
  void start_at(std::uint32_t number);
  void start_randomly(std::uint64_t seed);

  // Names a range that has fewer mobile nodes than were reserved; std::nullopt if there is none.
  std::optional<std::string> shortage() const;

  // Mobile nodes of the range and role that take() does not return: the first and the last one of
  // those that are reserved, and one between them. Fewer, if the range has no room for them.
  std::vector<std::uint32_t> samples(Role role) const;

  // All mobile nodes that are reserved for the role, in ranges so small that an earlier run has
  // probably used some of them.
  std::vector<std::uint32_t> doubtful(Role role) const;

  // The next mobile node: one of those that are reserved, then (for repetitions) one of the others.
  // std::nullopt if all have been used.
  std::optional<std::uint32_t> take(const MobileNodeRange& nodes, Role role);

 private:
  struct Slice {
    std::uint32_t reserved = 0;
    std::uint32_t begin = 0;             // offset in the range
    std::vector<std::uint32_t> samples;  // offsets from `begin`, ascending
    std::uint32_t next = 0;              // offset from `begin`
    std::uint32_t size() const { return reserved + static_cast<std::uint32_t>(samples.size()); }
  };
  struct Range {
    MobileNodeRange nodes;
    std::uint32_t start = 0;      // offset of the first mobile node
    std::uint32_t available = 0;  // from `start` on
    std::uint32_t next_spare = 0;
    std::map<Role, Slice> slices;
    std::uint32_t reserved() const;
  };

  void arrange(Range& range);
  static std::uint32_t number(const Range& range, std::uint32_t offset) {
    return range.nodes.first +
           static_cast<std::uint32_t>((std::uint64_t{range.start} + offset) % range.nodes.count);
  }

  std::map<std::uint32_t, Range> ranges_;  // by their first mobile node
};

}  // namespace secct::replay
