// SPDX-License-Identifier: GPL-2.0-or-later
// Whole handovers, packet by packet: any number of mobile nodes, interleaved, in the memory that
// those need whose handovers overlap.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "generator/namespace.hpp"
#include "generator/scenario/fast/template_cache.hpp"
#include "generator/scenario/scenario_table.hpp"
#include "generator/scenario/schedule.hpp"

namespace secct::generator {

class ScenarioRun {
 public:
  // `handovers` mobile nodes, from number 1 on. The same seed gives the same packets. UsageError
  // for more mobile nodes than the lab has. `description` must outlive this. Data under an SA that
  // the lab's mobile nodes do not have is left out.
  ScenarioRun(const ScenarioRow& row, const RouterDescription& description, std::uint32_t handovers,
              std::uint64_t seed);

  std::size_t steps() const { return row_.steps.size(); }  // packets of a handover

  // On to the next packet in the order of time; false behind the last one.
  bool next();

  // For those who have their own copy of the schedule: to any packet of it. octets() is quickest
  // when packets with one actor come in their order.
  const Schedule& schedule() const { return schedule_; }
  void go_to(const Moment& moment);

  // The packet that next() or go_to() came to.
  std::uint64_t time() const { return now_.time; }  // nanoseconds since 1970
  std::uint32_t mobile_node() const { return now_.handover + 1; }
  const ScenarioStep& step() const { return row_.steps[now_.step]; }
  bool last_of_handover() const { return now_.step + 1 == row_.steps.size(); }
  // Scenario, mobile node, step, clause; good until next().
  const std::string& comment() const;
  // With time and comment; `keys` becomes what it needs to be built.
  PacketDocument document(Keyring* keys = nullptr) const;
  // The octets of the packet, good until the next call; UsageError when an edit of the scenario
  // makes it impossible.
  const Octets& octets();
  // The same built from document(), many times slower.
  Octets built() const;
  // Whether octets() has found another way for this step.
  bool has_template() const { return templates_ && templates_->has(now_.step); }

 private:
  std::uint16_t identifier(std::uint32_t handover) const {
    return static_cast<std::uint16_t>(first_identifier_ + handover);
  }
  // Whether the NR takes the SPI of the scenario's conflict for its own and computes another.
  bool recomputes() const;
  // What the number of its mobile node does not say.
  void complete(PacketInputs& inputs, std::uint32_t handover) const;
  void fill(std::uint32_t handover);  // filled_
  PacketInputs inputs() const;        // of the current packet
  Handover handover_of(const PacketInputs& inputs, Counters& routers, Counters& own) const;
  PacketDocument make(Handover& handover, const ScenarioStep& step,
                      const PacketInputs& inputs) const;
  // The packet of a step, and what it needs to be built.
  PacketDocument document_of(const PacketInputs& inputs, std::size_t step, Keyring* keys) const;
  std::string resolve(const Handover& handover, const std::string& text) const;
  void learn_templates();

  ScenarioRow row_;
  const RouterDescription& description_;
  std::uint16_t first_identifier_;
  // The SA between the routers that protects each step, if any: place in the lab.
  std::vector<std::optional<std::size_t>> router_sa_;
  Schedule schedule_;
  Moment now_;
  mutable std::string comment_;                                // empty until somebody asks for it
  std::vector<std::pair<std::string, std::string>> comments_;  // of each step, around the number
  // The fast way.
  MobileNodeFactory nodes_;
  std::optional<TemplateCache> templates_;
  std::vector<bool> compared_;  // steps whose stencil has been compared with the slow way
  struct Acting {
    TemplateCache::Actor actor;
    std::optional<std::uint32_t> handover;
  };
  std::vector<std::unique_ptr<Acting>> actors_;
  PacketInputs filled_;  // whom an actor becomes
  Octets octets_;
};

// All packets at once.
struct Scenario {
  Document document;
  std::vector<std::uint32_t> mobile_nodes;  // whose each packet is
  Keyring keys;
};
Scenario make_scenario(const ScenarioRow& row, const RouterDescription& description,
                       std::uint32_t handovers, std::uint64_t seed);

}  // namespace secct::generator
