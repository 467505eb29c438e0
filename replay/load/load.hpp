// SPDX-License-Identifier: GPL-2.0-or-later
// Handovers against a router, at a rate or as fast as it answers: how many a second, how many are
// lost, how long each answer takes.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "generator/description/router_description.hpp"
#include "replay/namespace.hpp"
#include "replay/tester/link.hpp"

namespace secct::replay {

enum class LoadKind : std::uint8_t { predictive, reactive };

struct LoadOptions {
  LoadKind kind = LoadKind::reactive;
  Role role = Role::nr;          // of the router under test: nr or pr
  double rate = 0;               // handovers per second; 0: as fast as it answers
  double duration = 10;          // seconds of starting handovers
  std::size_t most_open = 1000;  // handovers at once when there is no rate; with one: 60,000
  double patience = 5;           // seconds (times timing_scale) after which one is lost
  std::uint32_t first_mobile_node = 1;
  const std::atomic<bool>* stop = nullptr;
  // Called about twice a second.
  std::function<void(const struct LoadReport&)> progress = {};
};

// Times from a message to its answer, or of a whole handover.
class Latencies {
 public:
  void add(Time time) { times_.push_back(time); }
  std::size_t count() const { return times_.size(); }
  // The time that a part of all does not exceed: 0.5 is the median, 1 the longest. 0 without any.
  Time quantile(double part) const;

 private:
  mutable std::vector<Time> times_;  // in any order
};

// The exchanges that are timed, the whole handover last.
enum class LoadPair : std::uint8_t {
  hi_hack,
  shin_shreq,
  shreq_shrep,
  shrep_ack,
  shin_shak,
  handover
};
constexpr std::size_t load_pairs = 6;
const char* name(LoadPair pair);

struct LoadReport {
  std::uint64_t started = 0;
  std::uint64_t completed = 0;
  std::uint64_t refused = 0;  // ended by a status other than 200, or a HAck code of 128 and more
  std::uint64_t lost = 0;     // no answer in time
  double seconds = 0;         // from the first start to the last end
  bool out_of_mobile_nodes = false;
  std::array<Latencies, load_pairs> latencies;

  double rate() const;  // completed handovers per second
  std::string to_text() const;
  std::string to_json() const;
};

// UsageError for a role or kind that cannot be driven.
LoadReport run_load(const RouterDescription& description, Link& link, const LoadOptions& options);

}  // namespace secct::replay
