// SPDX-License-Identifier: GPL-2.0-or-later
// Measures a router: starts handovers at a rate, or as fast as it answers, and counts the completed
// and lost ones and the time that each answer takes.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <optional>
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
  double rate = 0;               // handovers per second; 0: as fast as the router answers
  double duration = 10;          // seconds in which handovers are started
  std::size_t most_open = 1000;  // maximum of concurrent handovers without a rate; with one: 60,000
  double timeout = 5;            // seconds, times timing_scale, after which a handover is lost
  // Returns the number of the next mobile node, which no handover has used, or std::nullopt if
  // there is none. Empty: the mobile nodes of the description, from 1 on.
  std::function<std::optional<std::uint32_t>()> next_mobile_node = {};
  const std::atomic<bool>* stop = nullptr;  // ends the measurement when it becomes true
  // Called about twice a second.
  std::function<void(const struct LoadReport&)> progress = {};
};

// Durations: from a message to its answer, or of whole handovers.
class Latencies {
 public:
  void add(Time time) { times_.push_back(time); }
  std::size_t count() const { return times_.size(); }
  // The duration that a fraction of all durations does not exceed: 0.5 is the median, 1 the
  // maximum. 0 if there are none.
  Time quantile(double fraction) const;

 private:
  mutable std::vector<Time> times_;  // in any order
};

// The durations that are measured.
enum class LoadPair : std::uint8_t {
  hi_hack,
  shin_shreq,
  shreq_shrep,
  shrep_ack,
  shin_shak,
  handover
};
constexpr std::size_t load_pairs = static_cast<std::size_t>(LoadPair::handover) + 1;
const char* name(LoadPair pair);

struct LoadReport {
  std::uint64_t started = 0;
  std::uint64_t completed = 0;
  std::uint64_t refused = 0;         // ended by a status other than 200 or a HAck code from 128
  std::uint64_t lost = 0;            // not answered within the timeout
  double seconds = 0;                // from the first start to the last end
  bool out_of_mobile_nodes = false;  // each handover needs a mobile node that was not used before
  std::array<Latencies, load_pairs> latencies;

  double rate() const;  // completed handovers per second
  std::string to_text() const;
  std::string to_json() const;
};

// Measures the router at the other end of the link. Throws UsageError for the role fa, and for
// predictive handovers in role pr, which the router starts itself.
LoadReport run_load(const RouterDescription& description, Link& link, const LoadOptions& options);

}  // namespace secct::replay
