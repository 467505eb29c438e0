// SPDX-License-Identifier: GPL-2.0-or-later
// The order and the timestamps of the packets of a scenario: any number of handovers, interleaved.
// Only handovers in progress are in memory.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <tuple>
#include <vector>

#include "generator/namespace.hpp"

namespace secct::generator {

constexpr std::uint64_t millisecond = 1'000'000;  // in nanoseconds, the unit of timestamps

// The pseudorandom number generator splitmix64, which gives the same numbers on any machine.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next();

 private:
  std::uint64_t state_;
};

// A packet of the schedule. With the scenario and the seed it determines the octets.
struct ScheduledPacket {
  std::uint64_t time = 0;      // nanoseconds since 1970
  std::uint32_t handover = 0;  // from 0
  std::uint32_t step = 0;      // of its scenario, from 0
  std::uint32_t slot = 0;      // of the handover among those in progress: reused when it has ended
  std::uint32_t router_number = 0;  // sequence number under the SA between the routers, if any
};

class Schedule {
 public:
  struct Step {
    std::uint64_t delay;                   // nanoseconds after the previous step
    bool exact;                            // otherwise the delay varies by up to a fifth
    std::optional<std::size_t> router_sa;  // index in `numbers`
  };

  // `numbers` are the first sequence numbers of the SAs between the routers.
  Schedule(std::vector<Step> steps, std::vector<std::uint32_t> numbers, std::uint32_t handovers,
           std::uint64_t seed);

  // Advances to the next packet in the order of timestamps; false after the last one.
  bool next();
  const ScheduledPacket& current() const { return current_; }

 private:
  struct Event {
    std::uint64_t time;
    std::uint32_t handover;
    std::uint32_t step;
    std::uint32_t slot;
    Random random;

    bool operator<(const Event& other) const {
      return std::tie(time, handover) < std::tie(other.time, other.handover);
    }
  };

  // The next packet of each handover in progress, as a heap with the earliest first. Nearly every
  // packet is followed by another of its handover: replace_first() sifts only once.
  class EventQueue {
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
  std::vector<std::uint32_t> numbers_;  // the next number of each SA
  std::uint32_t handovers_;
  std::uint64_t seed_;
  std::uint32_t started_ = 0;
  std::uint32_t slots_ = 0;
  std::vector<std::uint32_t> free_slots_;
  EventQueue queue_;
  ScheduledPacket current_;
};

}  // namespace secct::generator
