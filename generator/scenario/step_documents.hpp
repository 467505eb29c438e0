// SPDX-License-Identifier: GPL-2.0-or-later
// The packet document of each step of a scenario, for any mobile node.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "generator/namespace.hpp"
#include "generator/scenario/fast/packet_builder.hpp"
#include "generator/scenario/scenario_table.hpp"

namespace secct::generator {

class StepDocuments {
 public:
  // Leaves out data under SAs that the mobile nodes of the description do not have. UsageError if a
  // step cannot be made. `description` must outlive this.
  StepDocuments(const ScenarioRow& row, const RouterDescription& description, std::uint64_t seed);

  const ScenarioRow& row() const { return row_; }
  // The index in `router_sas` of the SA that protects a step between the routers.
  std::optional<std::size_t> router_sa(std::size_t step) const { return router_sas_[step]; }

  // The inputs of a packet of a handover, which counts from 0.
  PacketInputs inputs(std::uint32_t handover, std::uint32_t router_number) const;
  // Sets the inputs that do not follow from the mobile node `inputs.node`.
  void complete(PacketInputs& inputs, std::uint32_t handover) const;

  // The packet of a step, without time and comment. `keys` becomes what is needed to build it.
  PacketDocument document(const PacketInputs& inputs, std::size_t step, Keyring* keys) const;

 private:
  // Whether the NR computes another SPI for the SA that `conflict` of the scenario names.
  bool recomputes() const;
  std::vector<std::uint8_t> statuses_of(const ScenarioStep& step) const;
  Handover handover_of(const PacketInputs& inputs, Counters& routers, Counters& own) const;
  PacketDocument message(Handover& handover, const ScenarioStep& step,
                         const PacketInputs& inputs) const;
  PacketDocument make(Handover& handover, const ScenarioStep& step,
                      const PacketInputs& inputs) const;

  ScenarioRow row_;
  const RouterDescription& description_;
  std::uint16_t first_identifier_;
  std::vector<std::optional<std::size_t>> router_sas_;  // of each step
};

}  // namespace secct::generator
