// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/scenario/step_documents.hpp"

#include <algorithm>
#include <functional>

#include <fmt/format.h>

#include "generator/handover/handover_variables.hpp"
#include "generator/scenario/adapted_row.hpp"
#include "generator/scenario/schedule.hpp"
#include "protocol/tables/status.hpp"

namespace secct::generator {
namespace {

// Throws UsageError if no SA protects a message between the routers.
void check_protection(const ScenarioStep& step, const RouterDescription& description, bool used) {
  const auto message = Handover::message_of(step.message);
  if (!message || used) return;
  const auto required = message_info(*message).sent_under;
  if (required == RequiredProtection::none || required == RequiredProtection::transferred_sa ||
      message == Message::pshin) {
    return;
  }
  const bool from_peer = message == Message::hi || message == Message::shrep;
  const bool esp = from_peer && description.policies.confidential;
  throw UsageError(
      fmt::format("{}: router_sas of the router description has no {} from: {}, which must protect "
                  "this message "
                  "(wire-format.md section 8)",
                  message_info(*message).name, esp ? "ESP SA with authentication" : "AH SA",
                  from_peer ? "peer" : "dut"));
}

}  // namespace

StepDocuments::StepDocuments(const ScenarioRow& row, const RouterDescription& description,
                             std::uint64_t seed)
    : row_(adapted_row(row, description)),
      description_(description),
      first_identifier_(static_cast<std::uint16_t>(Random(seed).next())) {
  const auto first = inputs(0, 0);
  for (const auto& step : row_.steps) {
    Counters routers;
    Counters own;
    auto handover = handover_of(first, routers, own);
    static_cast<void>(make(handover, step, first));
    auto& used = router_sas_.emplace_back();
    for (std::size_t i = 0; i < description.router_sas.size(); ++i) {
      const auto& sa = description.router_sas[i].sa;
      if (routers.used(sa.protocol, sa.spi)) used = i;
    }
    check_protection(step, description, used.has_value());
  }
}

bool StepDocuments::recomputes() const {
  return row_.conflict && description_.policies.spi_conflict == SpiConflict::recompute;
}

// The status of each context that the SHREP-Ack of this step acknowledges; empty if the NR accepts
// all of them. The messages with contexts are acknowledged in their order.
std::vector<std::uint8_t> StepDocuments::statuses_of(const ScenarioStep& step) const {
  if (!row_.conflict || description_.policies.spi_conflict != SpiConflict::deny) return {};
  std::vector<const ScenarioStep*> transfers;
  std::size_t acknowledged = 0;
  for (const auto& earlier : row_.steps) {
    if (&earlier == &step) break;
    if (!earlier.contexts.empty()) transfers.push_back(&earlier);
    if (Handover::message_of(earlier.message) == Message::shrep_ack) ++acknowledged;
  }
  if (acknowledged >= transfers.size()) return {};
  std::vector<std::uint8_t> statuses;
  for (const auto sa : transfers[acknowledged]->contexts) {
    statuses.push_back(sa == *row_.conflict ? status::unusable : status::ok);
  }
  return std::ranges::count(statuses, std::uint8_t{status::ok}) == std::ssize(statuses)
             ? std::vector<std::uint8_t>()
             : statuses;
}

PacketInputs StepDocuments::inputs(std::uint32_t handover, std::uint32_t router_number) const {
  PacketInputs inputs;
  inputs.node = description_.mobile_node(handover + 1, Role::nr);
  inputs.router_number = router_number;
  complete(inputs, handover);
  return inputs;
}

void StepDocuments::complete(PacketInputs& inputs, std::uint32_t handover) const {
  inputs.identifier = static_cast<std::uint16_t>(first_identifier_ + handover);
  if (!recomputes()) return;
  Counters unused;
  inputs.recomputed_spi = handover_of(inputs, unused, unused).recomputed_spi(*row_.conflict);
}

Handover StepDocuments::handover_of(const PacketInputs& inputs, Counters& routers,
                                    Counters& own) const {
  Handover handover(description_, Role::nr, inputs.node, inputs.identifier, routers, own);
  if (row_.ipv4) handover.use_ipv4();
  return handover;
}

PacketDocument StepDocuments::message(Handover& handover, const ScenarioStep& step,
                                      const PacketInputs& inputs) const {
  if (step.message == "data") {
    if (step.traffic.after && recomputes()) {
      handover.set_spi(*row_.conflict, inputs.recomputed_spi);
    }
    return handover.data(step.traffic);
  }
  if (!step.contexts.empty()) {
    std::vector<Context> contexts;
    for (const auto index : step.contexts) {
      contexts.push_back(handover.mobile_node().sas.at(index).context);
    }
    const bool predictive = Handover::message_of(step.message) == Message::hi;
    return predictive ? handover.hi(contexts) : handover.shrep(contexts);
  }
  switch (*Handover::message_of(step.message)) {
    case Message::shin: return handover.shin(step.replay);
    case Message::shreq: return handover.shreq(step.replay);
    case Message::shrep_ack: return handover.shrep_ack(statuses_of(step));
    case Message::shak: return handover.shak(row_.status, row_.shak_protected, row_.changes);
    default: return *handover.by_name(step.message);
  }
}

PacketDocument StepDocuments::make(Handover& handover, const ScenarioStep& step,
                                   const PacketInputs& inputs) const {
  auto packet = message(handover, step, inputs);
  if (step.message == Handover::shrep_status_name) {
    set_field(description_.codepoints, packet, "secct.status", std::to_string(row_.status));
  }
  if (step.edits.empty()) return packet;
  const auto variables = handover_variables(handover);
  for (const auto& edit : step.edits) {
    apply(edit, description_.codepoints, packet, std::cref(variables));
  }
  return packet;
}

PacketDocument StepDocuments::document(const PacketInputs& inputs, std::size_t step,
                                       Keyring* keys) const {
  // The earlier steps advance the sequence numbers and windows of the mobile node's SAs.
  Counters earlier;
  Counters own;
  auto handover = handover_of(inputs, earlier, own);
  for (std::size_t i = 0; i < step; ++i) {
    static_cast<void>(make(handover, row_.steps[i], inputs));
  }
  Counters routers;
  if (const auto i = router_sas_[step]) {
    const auto& sa = description_.router_sas[*i].sa;
    routers.set(sa.protocol, sa.spi, inputs.router_number);
  }
  handover.use_routers(routers);
  auto packet = make(handover, row_.steps[step], inputs);
  if (keys != nullptr) *keys = handover.keyring();
  return packet;
}

}  // namespace secct::generator
