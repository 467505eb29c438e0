// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/scenario/scenario.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include <fmt/format.h>

#include "generator/document/edit.hpp"

namespace secct {
namespace {

constexpr std::uint64_t millisecond = 1000000;  // in nanoseconds

// The scenario without data for which a description has no SA.
ScenarioRow fitting(ScenarioRow row, const Lab& lab) {
  const auto node = lab.mobile_node(1, Role::nr);
  std::erase_if(row.steps, [&](const ScenarioStep& step) {
    return std::ranges::any_of(step.traffic.under, [&](std::size_t place) {
      return place >= node.sas.size() || !to_sa(node.sas[place].context);
    });
  });
  return row;
}

}  // namespace

ScenarioRun::ScenarioRun(const ScenarioRow& row, const Lab& lab, std::uint32_t handovers,
                         std::uint64_t seed)
    : row_(fitting(row, lab)),
      lab_(lab),
      first_identifier_(static_cast<std::uint16_t>(Random(seed).next())),
      schedule_({}, {}, 0, 0),
      nodes_(lab, Role::nr) {
  if (handovers == 0 || handovers > lab.mobile_node_count) {
    throw UsageError(fmt::format("{} handovers: the router description has {} mobile nodes",
                                 handovers, lab.mobile_node_count));
  }
  filled_.node = nodes_.blank();
  fill(0);
  for (const auto& step : row_.steps) {
    Counters routers;
    Counters own;
    auto handover = handover_of(filled_, routers, own);
    static_cast<void>(make(handover, step, filled_));
    auto& used = router_sa_.emplace_back();
    for (std::size_t i = 0; i < lab.router_sas.size(); ++i) {
      if (routers.used(lab.router_sas[i].sa.spi)) used = i;
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
  for (const auto& sa : lab.router_sas) numbers.push_back(sa.sequence.value_or(1));
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
  return row_.conflict && lab_.policies.spi_conflict == SpiConflict::recompute;
}

void ScenarioRun::complete(Subject& subject, std::uint32_t handover) const {
  subject.identifier = identifier(handover);
  if (!recomputes()) return;
  Counters none;
  subject.recomputed_spi = handover_of(subject, none, none).recomputed_spi(*row_.conflict);
}

void ScenarioRun::fill(std::uint32_t handover) {
  nodes_.renumber(filled_.node, handover + 1);
  complete(filled_, handover);
}

Subject ScenarioRun::subject() const {
  Subject subject;
  subject.node = lab_.mobile_node(mobile_node(), Role::nr);
  subject.router_number = now_.router_number;
  complete(subject, now_.handover);
  return subject;
}

Handover ScenarioRun::handover_of(const Subject& subject, Counters& routers, Counters& own) const {
  Handover handover(lab_, Role::nr, subject.node, subject.identifier, routers, own);
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
                                 const Subject& subject) const {
  const auto message = [&]() -> PacketDocument {
    if (step.message == "data") {
      if (step.traffic.after && recomputes()) {
        handover.set_spi(*row_.conflict, subject.recomputed_spi);
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
    set_field(lab_.codepoints, packet, "secct.status", std::to_string(row_.status));
  }
  for (const auto& edit : step.edits) {
    set_field(lab_.codepoints, packet, edit.path, resolve(handover, edit.value));
  }
  return packet;
}

PacketDocument ScenarioRun::document_of(const Subject& subject, std::size_t step,
                                        Keyring* keys) const {
  Counters earlier;
  Counters own;
  // What the mobile node did before moved its SAs on.
  auto handover = handover_of(subject, earlier, own);
  for (std::size_t i = 0; i < step; ++i) {
    static_cast<void>(make(handover, row_.steps[i], subject));
  }
  Counters routers;
  if (const auto sa = router_sa_[step]) {
    routers.set(lab_.router_sas[*sa].sa.spi, subject.router_number);
  }
  handover.use_routers(routers);
  auto packet = make(handover, row_.steps[step], subject);
  if (keys != nullptr) *keys = handover.keyring();
  return packet;
}

PacketDocument ScenarioRun::document(Keyring* keys) const {
  auto packet = document_of(subject(), now_.step, keys);
  packet.time = now_.time;
  packet.comment = comment();
  return packet;
}

Octets ScenarioRun::built() const {
  Keyring keys;
  const auto packet = document_of(subject(), now_.step, &keys);
  auto result = build(lab_.codepoints, keys, packet);
  if (!result.faults.empty()) {
    const auto& fault = result.faults.front();
    throw UsageError(fmt::format("{}: {}: {}", comment(), fault.path, fault.text));
  }
  return std::move(result.octets);
}

void ScenarioRun::learn_stencils() {
  stencils_.emplace(nodes_, filled_, row_.steps.size(),
                    [&](const Subject& subject, std::size_t step, Keyring& keys) {
                      const auto packet = document_of(subject, step, &keys);
                      return lay_out(lab_.codepoints, keys, packet);
                    });
}

const Octets& ScenarioRun::octets() {
  if (!stencils_) learn_stencils();
  if (!stencils_->has(now_.step)) return octets_ = built();
  if (now_.actor >= actors_.size()) actors_.resize(now_.actor + 1);
  auto& acting = actors_[now_.actor];
  if (!acting) acting = std::make_unique<Acting>(StepStencils::Actor(*stencils_), std::nullopt);
  if (acting->handover != now_.handover) {
    fill(now_.handover);
    acting->actor.become(*stencils_, filled_);
    acting->handover = now_.handover;
  }
  stencils_->build(now_.step, acting->actor, now_.router_number, octets_);
  if (!compared_[now_.step]) {
    // A description of one's own may hold what no stencil knows of: two SAs with one SPI.
    compared_[now_.step] = true;
    auto slow = built();
    if (slow != octets_) {
      stencils_->drop(now_.step);
      octets_ = std::move(slow);
    }
  }
  return octets_;
}

Scenario make_scenario(const ScenarioRow& row, const Lab& lab, std::uint32_t handovers,
                       std::uint64_t seed) {
  ScenarioRun run(row, lab, handovers, seed);
  Scenario scenario;
  scenario.keys = lab.keyring();
  while (run.next()) {
    Keyring own;
    scenario.document.packets.push_back(run.document(&own));
    scenario.mobile_nodes.push_back(run.mobile_node());
    if (!run.last_of_handover()) continue;
    scenario.keys.sas.insert(scenario.keys.sas.end(),
                             own.sas.begin() + static_cast<std::ptrdiff_t>(lab.router_sas.size()),
                             own.sas.end());
  }
  return scenario;
}

}  // namespace secct
