// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/scenario/scenario.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include <fmt/format.h>

#include "generator/document/edit.hpp"

namespace secct::generator {
namespace {

constexpr std::uint64_t millisecond = 1000000;  // in nanoseconds

// The scenario without data for which a description has no SA.
ScenarioRow fitting(ScenarioRow row, const RouterDescription& description) {
  const auto node = description.mobile_node(1, Role::nr);
  std::erase_if(row.steps, [&](const ScenarioStep& step) {
    return std::ranges::any_of(step.traffic.under, [&](std::size_t place) {
      return place >= node.sas.size() || !to_sa(node.sas[place].context);
    });
  });
  return row;
}

}  // namespace

ScenarioRun::ScenarioRun(const ScenarioRow& row, const RouterDescription& description,
                         std::uint32_t handovers, std::uint64_t seed)
    : row_(fitting(row, description)),
      description_(description),
      first_identifier_(static_cast<std::uint16_t>(Random(seed).next())),
      schedule_({}, {}, 0, 0),
      nodes_(description, Role::nr) {
  if (handovers == 0 || handovers > description.mobile_node_count) {
    throw UsageError(fmt::format("{} handovers: the router description has {} mobile nodes",
                                 handovers, description.mobile_node_count));
  }
  filled_.node = nodes_.blank();
  fill(0);
  for (const auto& step : row_.steps) {
    Counters routers;
    Counters own;
    auto handover = handover_of(filled_, routers, own);
    static_cast<void>(make(handover, step, filled_));
    auto& used = router_sa_.emplace_back();
    for (std::size_t i = 0; i < description.router_sas.size(); ++i) {
      if (routers.used(description.router_sas[i].sa.spi)) used = i;
    }
  }
  for (const auto& step : row_.steps) {
    comments_.emplace_back(row_.name + ", mobile node ",
                           fmt::format(", step {} of {}: {} [{}]", comments_.size() + 1,
                                       row_.steps.size(), step.what, step.clause));
  }
  compared_.resize(row_.steps.size());
  std::vector<Schedule::Step> steps;
  for (const auto& step : row_.steps) {
    steps.push_back({step.milliseconds * millisecond, step.exact, router_sa_[steps.size()]});
  }
  std::vector<std::uint32_t> numbers;
  for (const auto& sa : description.router_sas) numbers.push_back(sa.sequence.value_or(1));
  schedule_ = Schedule(std::move(steps), std::move(numbers), handovers, seed);
}

bool ScenarioRun::next() {
  if (!schedule_.next()) return false;
  go_to(schedule_.now());
  return true;
}

void ScenarioRun::go_to(const Moment& moment) {
  now_ = moment;
  comment_.clear();
}

const std::string& ScenarioRun::comment() const {
  if (!comment_.empty()) return comment_;
  const auto& [before, after] = comments_[now_.step];
  std::array<char, 10> number{};
  auto* const end = std::to_chars(number.data(), number.data() + number.size(), mobile_node()).ptr;
  return comment_.append(before).append(std::string_view(number.data(), end)).append(after);
}

bool ScenarioRun::recomputes() const {
  return row_.conflict && description_.policies.spi_conflict == SpiConflict::recompute;
}

void ScenarioRun::complete(PacketInputs& inputs, std::uint32_t handover) const {
  inputs.identifier = identifier(handover);
  if (!recomputes()) return;
  Counters none;
  inputs.recomputed_spi = handover_of(inputs, none, none).recomputed_spi(*row_.conflict);
}

void ScenarioRun::fill(std::uint32_t handover) {
  nodes_.renumber(filled_.node, handover + 1);
  complete(filled_, handover);
}

PacketInputs ScenarioRun::inputs() const {
  PacketInputs inputs;
  inputs.node = description_.mobile_node(mobile_node(), Role::nr);
  inputs.router_number = now_.router_number;
  complete(inputs, now_.handover);
  return inputs;
}

Handover ScenarioRun::handover_of(const PacketInputs& inputs, Counters& routers,
                                  Counters& own) const {
  Handover handover(description_, Role::nr, inputs.node, inputs.identifier, routers, own);
  if (row_.ipv4) handover.use_ipv4();
  return handover;
}

// docs/scenarios.md, "Variables".
std::string ScenarioRun::resolve(const Handover& handover, const std::string& text) const {
  const auto& mn = handover.mobile_node();
  const auto address = [&](const Address& value) { return to_text(value); };
  if (text == "$paddr") return address(mn.paddr);
  if (text == "$naddr") return address(mn.naddr);
  if (text == "$link-local") return address(handover.link_local());
  if (text == "$stranger") {
    auto stranger = mn.paddr;
    stranger[8] = 0xff;
    return address(stranger);
  }
  if (text.starts_with("$spi")) {
    const auto place = to_number(std::string_view(text).substr(4));
    if (place && *place < mn.sas.size()) return std::to_string(mn.sas[*place].context.spi);
  }
  if (text.starts_with('[')) {
    auto parts = split_list(text);
    for (auto& part : parts) part = resolve(handover, part);
    return fmt::format("[{}]", fmt::join(parts, ", "));
  }
  if (text.starts_with('$')) throw UsageError(fmt::format("{}: no such variable", text));
  return text;
}

PacketDocument ScenarioRun::make(Handover& handover, const ScenarioStep& step,
                                 const PacketInputs& inputs) const {
  const auto message = [&]() -> PacketDocument {
    if (step.message == "data") {
      if (step.traffic.after && recomputes()) {
        handover.set_spi(*row_.conflict, inputs.recomputed_spi);
      }
      return handover.data(step.traffic);
    }
    if (step.message == "shin") return handover.shin(step.replay);
    if (step.message == "shreq") return handover.shreq(step.replay);
    if (step.message == "shak")
      return handover.shak(row_.status, row_.shak_protected, row_.changes);
    if (step.message == "shrep" && !step.contexts.empty()) {
      std::vector<Context> contexts;
      for (const auto place : step.contexts) {
        contexts.push_back(handover.mobile_node().sas.at(place).context);
      }
      return handover.shrep(contexts);
    }
    return *handover.by_name(step.message);
  };
  auto packet = message();
  if (step.message == "shrep-status") {
    set_field(description_.codepoints, packet, "secct.status", std::to_string(row_.status));
  }
  for (const auto& edit : step.edits) {
    set_field(description_.codepoints, packet, edit.path, resolve(handover, edit.value));
  }
  return packet;
}

PacketDocument ScenarioRun::document_of(const PacketInputs& inputs, std::size_t step,
                                        Keyring* keys) const {
  Counters earlier;
  Counters own;
  // What the mobile node did before moved its SAs on.
  auto handover = handover_of(inputs, earlier, own);
  for (std::size_t i = 0; i < step; ++i) {
    static_cast<void>(make(handover, row_.steps[i], inputs));
  }
  Counters routers;
  if (const auto sa = router_sa_[step]) {
    routers.set(description_.router_sas[*sa].sa.spi, inputs.router_number);
  }
  handover.use_routers(routers);
  auto packet = make(handover, row_.steps[step], inputs);
  if (keys != nullptr) *keys = handover.keyring();
  return packet;
}

PacketDocument ScenarioRun::document(Keyring* keys) const {
  auto packet = document_of(inputs(), now_.step, keys);
  packet.time = now_.time;
  packet.comment = comment();
  return packet;
}

Octets ScenarioRun::built() const {
  Keyring keys;
  const auto packet = document_of(inputs(), now_.step, &keys);
  auto result = build(description_.codepoints, keys, packet);
  if (!result.faults.empty()) {
    const auto& fault = result.faults.front();
    throw UsageError(fmt::format("{}: {}: {}", comment(), fault.path, fault.text));
  }
  return std::move(result.octets);
}

void ScenarioRun::learn_templates() {
  templates_.emplace(nodes_, filled_, row_.steps.size(),
                     [&](const PacketInputs& inputs, std::size_t step, Keyring& keys) {
                       const auto packet = document_of(inputs, step, &keys);
                       return lay_out(description_.codepoints, keys, packet);
                     });
}

const Octets& ScenarioRun::octets() {
  if (!templates_) learn_templates();
  if (!templates_->has(now_.step)) return octets_ = built();
  if (now_.actor >= actors_.size()) actors_.resize(now_.actor + 1);
  auto& acting = actors_[now_.actor];
  if (!acting) acting = std::make_unique<Acting>(TemplateCache::Actor(*templates_), std::nullopt);
  if (acting->handover != now_.handover) {
    fill(now_.handover);
    acting->actor.assign(*templates_, filled_);
    acting->handover = now_.handover;
  }
  templates_->build(now_.step, acting->actor, now_.router_number, octets_);
  if (!compared_[now_.step]) {
    // A description of one's own may hold what no stencil knows of: two SAs with one SPI.
    compared_[now_.step] = true;
    auto slow = built();
    if (slow != octets_) {
      templates_->drop(now_.step);
      octets_ = std::move(slow);
    }
  }
  return octets_;
}

Scenario make_scenario(const ScenarioRow& row, const RouterDescription& description,
                       std::uint32_t handovers, std::uint64_t seed) {
  ScenarioRun run(row, description, handovers, seed);
  Scenario scenario;
  scenario.keys = description.keyring();
  while (run.next()) {
    Keyring own;
    scenario.document.packets.push_back(run.document(&own));
    scenario.mobile_nodes.push_back(run.mobile_node());
    if (!run.last_of_handover()) continue;
    scenario.keys.sas.insert(
        scenario.keys.sas.end(),
        own.sas.begin() + static_cast<std::ptrdiff_t>(description.router_sas.size()),
        own.sas.end());
  }
  return scenario;
}

}  // namespace secct::generator
