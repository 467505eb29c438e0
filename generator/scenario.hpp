// SPDX-License-Identifier: GPL-2.0-or-later
// Whole handovers, packet by packet: any number of mobile nodes, interleaved, in the memory that
// those need whose handovers overlap.
#pragma once

#include <queue>
#include <string>
#include <vector>

#include "generator/scenario_table.hpp"

namespace secct {

// Numbers that are the same on every machine: splitmix64.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next();

 private:
  std::uint64_t state_;
};

class ScenarioRun {
 public:
  // `handovers` mobile nodes, from number 1 on. The same seed gives the same packets. UsageError
  // for more mobile nodes than the lab has. `lab` must outlive this. Data under an SA that the
  // lab's mobile nodes do not have is left out.
  ScenarioRun(const ScenarioRow& row, const Lab& lab, std::uint32_t handovers, std::uint64_t seed);

  std::size_t steps() const { return row_.steps.size(); }  // packets of a handover

  // On to the next packet in the order of time; false behind the last one.
  bool next();

  // The packet that next() came to.
  std::uint64_t time() const { return now_.time; }  // nanoseconds since 1970
  std::uint32_t mobile_node() const { return now_.handover + 1; }
  const ScenarioStep& step() const { return row_.steps[now_.step]; }
  bool last_of_handover() const { return now_.step + 1 == row_.steps.size(); }
  std::string comment() const;      // scenario, mobile node, step, clause
  PacketDocument document() const;  // with time and comment
  Keyring keyring() const;          // what the document needs to be built
  // The octets of the packet; UsageError when an edit of the scenario makes it impossible.
  const Octets& octets();

 private:
  struct Event {
    std::uint64_t time;
    std::uint32_t handover;  // from 0
    std::uint32_t step;
    Random random;

    bool operator>(const Event& other) const {
      return std::tie(time, handover) > std::tie(other.time, other.handover);
    }
  };

  void start_next();
  std::uint16_t identifier(std::uint32_t handover) const {
    return static_cast<std::uint16_t>(first_identifier_ + handover);
  }
  PacketDocument make(Handover& handover, const ScenarioStep& step) const;
  // The packet of a step; the router's sequence number is that of `routers`.
  PacketDocument document_of(std::uint32_t handover, std::size_t step, Counters routers,
                             Keyring* keys = nullptr) const;
  std::string resolve(const Handover& handover, const std::string& text) const;

  ScenarioRow row_;
  const Lab& lab_;
  std::uint32_t handovers_;
  std::uint64_t seed_;
  std::uint16_t first_identifier_;
  std::uint32_t started_ = 0;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> waiting_;
  // The SA between the routers that protects each step, if any: place in the lab.
  std::vector<std::optional<std::size_t>> router_sa_;
  std::vector<std::uint32_t> router_numbers_;  // next number of each
  Event now_{0, 0, 0, Random(0)};
  std::uint32_t number_ = 0;  // of the current packet under its router's SA
  Octets octets_;
};

// All packets at once.
struct Scenario {
  Document document;
  std::vector<std::uint32_t> mobile_nodes;  // whose each packet is
  Keyring keys;
};
Scenario make_scenario(const ScenarioRow& row, const Lab& lab, std::uint32_t handovers,
                       std::uint64_t seed);

}  // namespace secct
