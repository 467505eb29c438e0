// SPDX-License-Identifier: GPL-2.0-or-later
// When each packet of a scenario comes, and whose it is: any number of handovers, interleaved, in
// the memory that those need which overlap.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <tuple>
#include <vector>

#include "generator/namespace.hpp"

namespace secct::generator {

// Numbers that are the same on every machine: splitmix64.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next();

 private:
  std::uint64_t state_;
};

// A packet to come. With the scenario and the seed this is all that making it needs.
struct Moment {
  std::uint64_t time = 0;      // nanoseconds since 1970
  std::uint32_t handover = 0;  // from 0
  std::uint32_t step = 0;      // of its scenario, from 0
  std::uint32_t actor = 0;     // a place for the handover's state, its own until its last packet
  std::uint32_t router_number = 0;  // of the packet under the SA between the routers
};

class Schedule {
 public:
  struct Step {
    std::uint64_t delay;                   // nanoseconds after the step before
    bool exact;                            // otherwise up to a fifth more or less
    std::optional<std::size_t> router_sa;  // place in the numbers
  };

  // `numbers`: the first sequence number of each SA between the routers.
  Schedule(std::vector<Step> steps, std::vector<std::uint32_t> numbers, std::uint32_t handovers,
           std::uint64_t seed);

  // On to the next packet in the order of time; false behind the last one.
  bool next();
  const Moment& now() const { return now_; }

 private:
  struct Event {
    std::uint64_t time;
    std::uint32_t handover;
    std::uint32_t step;
    std::uint32_t actor;
    Random random;

    bool operator<(const Event& other) const {
      return std::tie(time, handover) < std::tie(other.time, other.handover);
    }
  };

  // The next event of each handover under way, a heap: its first one is the earliest. Nearly every
  // event is followed by another of its handover, which takes its place with one way down.
  class Waiting {
   public:
    bool empty() const { return events_.empty(); }
    const Event& first() const { return events_.front(); }
    void add(const Event& event);
    void remove_first();
    void replace_first(const Event& event);

   private:
    std::vector<Event> events_;
  };

  void start_next();

  std::vector<Step> steps_;
  std::vector<std::uint32_t> numbers_;  // the next one of each
  std::uint32_t handovers_;
  std::uint64_t seed_;
  std::uint32_t started_ = 0;
  std::uint32_t actors_ = 0;
  std::vector<std::uint32_t> free_actors_;
  Waiting waiting_;
  Moment now_;
};

}  // namespace secct::generator
