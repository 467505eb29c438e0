// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/scenario.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "generator/edit.hpp"

namespace secct {
namespace {

constexpr std::uint64_t millisecond = 1000000;
constexpr std::uint64_t start = 1767225600000 * millisecond;  // 2026-01-01
constexpr std::uint64_t stagger = 3 * millisecond;  // between the first packets of two handovers
constexpr std::uint64_t golden = 0x9e3779b97f4a7c15;

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

std::uint64_t Random::next() {
  auto z = state_ += golden;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

ScenarioRun::ScenarioRun(const ScenarioRow& row, const Lab& lab, std::uint32_t handovers,
                         std::uint64_t seed)
    : row_(fitting(row, lab)),
      lab_(lab),
      handovers_(handovers),
      seed_(seed),
      first_identifier_(static_cast<std::uint16_t>(Random(seed).next())) {
  if (handovers == 0 || handovers > lab.mobile_node_count) {
    throw UsageError(fmt::format("{} handovers: the router description has {} mobile nodes",
                                 handovers, lab.mobile_node_count));
  }
  for (const auto& sa : lab.router_sas) router_numbers_.push_back(sa.sequence.value_or(1));
  for (const auto& step : row_.steps) {
    Counters routers;
    Counters own;
    Handover handover(lab_, Role::nr, 1, first_identifier_, routers, own);
    if (row_.ipv4) handover.use_ipv4();
    static_cast<void>(make(handover, step));
    auto& used = router_sa_.emplace_back();
    for (std::size_t i = 0; i < lab.router_sas.size(); ++i) {
      if (routers.used(lab.router_sas[i].sa.spi)) used = i;
    }
  }
  start_next();
}

void ScenarioRun::start_next() {
  if (started_ == handovers_) return;
  Event event{start + started_ * stagger, started_, 0, Random(seed_ + started_ * golden)};
  ++started_;
  waiting_.push(event);
}

bool ScenarioRun::next() {
  if (waiting_.empty()) return false;
  now_ = waiting_.top();
  waiting_.pop();
  if (now_.step == 0) start_next();
  if (const auto sa = router_sa_[now_.step]) number_ = router_numbers_[*sa]++;
  if (now_.step + 1 < row_.steps.size()) {
    auto following = now_;
    const auto& step = row_.steps[++following.step];
    const auto thousandths = step.exact ? 1000 : 800 + following.random.next() % 401;
    following.time += step.milliseconds * millisecond / 1000 * thousandths;
    waiting_.push(following);
  }
  return true;
}

std::string ScenarioRun::comment() const {
  return fmt::format("{}, mobile node {}, step {} of {}: {} [{}]", row_.name, mobile_node(),
                     now_.step + 1, row_.steps.size(), step().what, step().clause);
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

PacketDocument ScenarioRun::make(Handover& handover, const ScenarioStep& step) const {
  const auto message = [&]() -> PacketDocument {
    if (step.message == "data") {
      if (row_.conflict && step.traffic.after &&
          lab_.policies.spi_conflict == SpiConflict::recompute) {
        handover.recompute_spi(*row_.conflict);
      }
      return handover.data(step.traffic);
    }
    if (step.message == "shin") return handover.shin(step.replay);
    if (step.message == "shreq") return handover.shreq(step.replay);
    if (step.message == "shak")
      return handover.shak(row_.status, row_.shak_protected, row_.changes);
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

PacketDocument ScenarioRun::document_of(std::uint32_t handover, std::size_t step, Counters routers,
                                        Keyring* keys) const {
  Counters earlier;
  Counters own;
  // What the mobile node did before moved its SAs on.
  Handover before(lab_, Role::nr, handover + 1, identifier(handover), earlier, own);
  if (row_.ipv4) before.use_ipv4();
  for (std::size_t i = 0; i < step; ++i) static_cast<void>(make(before, row_.steps[i]));
  before.use_routers(routers);
  auto packet = make(before, row_.steps[step]);
  if (keys != nullptr) *keys = before.keyring();
  return packet;
}

PacketDocument ScenarioRun::document() const {
  Counters routers;
  if (const auto sa = router_sa_[now_.step]) routers.set(lab_.router_sas[*sa].sa.spi, number_);
  auto packet = document_of(now_.handover, now_.step, routers);
  packet.time = now_.time;
  packet.comment = comment();
  return packet;
}

Keyring ScenarioRun::keyring() const {
  Keyring keys;
  document_of(now_.handover, now_.step, {}, &keys);
  return keys;
}

const Octets& ScenarioRun::octets() {
  Keyring keys;
  Counters routers;
  if (const auto sa = router_sa_[now_.step]) routers.set(lab_.router_sas[*sa].sa.spi, number_);
  const auto packet = document_of(now_.handover, now_.step, routers, &keys);
  auto built = build(lab_.codepoints, keys, packet);
  octets_ = std::move(built.octets);
  if (!built.faults.empty()) {
    throw UsageError(
        fmt::format("{}: {}: {}", comment(), built.faults.front().path, built.faults.front().text));
  }
  return octets_;
}

Scenario make_scenario(const ScenarioRow& row, const Lab& lab, std::uint32_t handovers,
                       std::uint64_t seed) {
  ScenarioRun run(row, lab, handovers, seed);
  Scenario scenario;
  scenario.keys = lab.keyring();
  while (run.next()) {
    scenario.document.packets.push_back(run.document());
    scenario.mobile_nodes.push_back(run.mobile_node());
    if (!run.last_of_handover()) continue;
    const auto own = run.keyring();
    scenario.keys.sas.insert(scenario.keys.sas.end(),
                             own.sas.begin() + static_cast<std::ptrdiff_t>(lab.router_sas.size()),
                             own.sas.end());
  }
  return scenario;
}

}  // namespace secct
