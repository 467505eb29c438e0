// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/scenario/scenario.hpp"

#include <array>
#include <charconv>
#include <string_view>

#include <fmt/format.h>

#include "generator/packet/build.hpp"
#include "generator/scenario/fast/packet_builder.hpp"
#include "generator/scenario/step_documents.hpp"

namespace secct::generator {
namespace {

const RouterDescription& checked(const RouterDescription& description, std::uint32_t handovers) {
  if (handovers == 0 || handovers > description.mobile_node_count) {
    throw UsageError(
        fmt::format("{} handovers: expected 1 to {}, the number of mobile nodes of the "
                    "router description",
                    handovers, description.mobile_node_count));
  }
  return description;
}

Schedule schedule_of(const StepDocuments& documents, const RouterDescription& description,
                     std::uint32_t handovers, std::uint64_t seed) {
  std::vector<Schedule::Step> steps;
  for (const auto& step : documents.row().steps) {
    steps.push_back(
        {step.milliseconds * millisecond, step.exact, documents.router_sa(steps.size())});
  }
  std::vector<std::uint32_t> numbers;
  for (const auto& sa : description.router_sas) numbers.push_back(sa.sequence.value_or(1));
  return {std::move(steps), std::move(numbers), handovers, seed};
}

}  // namespace

ScenarioRun::ScenarioRun(const ScenarioRow& row, const RouterDescription& description,
                         std::uint32_t handovers, std::uint64_t seed)
    : codepoints_(description.codepoints),
      documents_(std::make_unique<StepDocuments>(row, checked(description, handovers), seed)),
      schedule_(schedule_of(*documents_, description, handovers, seed)) {
  builder_ = make_packet_builder(
      description, steps(),
      [documents = documents_.get()](PacketInputs& inputs, std::uint32_t handover) {
        documents->complete(inputs, handover);
      },
      [documents = documents_.get(), &codepoints = codepoints_](const PacketInputs& inputs,
                                                                std::size_t step, Keyring& keys) {
        const auto packet = documents->document(inputs, step, &keys);
        return lay_out(codepoints, keys, packet);
      });
  const auto& made = documents_->row();
  for (const auto& step : made.steps) {
    comments_.emplace_back(made.name + ", mobile node ",
                           fmt::format(", step {} of {}: {} [{}]", comments_.size() + 1, steps(),
                                       step.what, step.clause));
  }
}

ScenarioRun::~ScenarioRun() = default;
ScenarioRun::ScenarioRun(ScenarioRun&&) noexcept = default;

std::size_t ScenarioRun::steps() const { return documents_->row().steps.size(); }

bool ScenarioRun::next() {
  if (!schedule_.next()) return false;
  go_to(schedule_.current());
  return true;
}

void ScenarioRun::go_to(const ScheduledPacket& packet) {
  current_ = packet;
  comment_.clear();
}

const std::string& ScenarioRun::comment() const {
  if (!comment_.empty()) return comment_;
  const auto& [before, after] = comments_[current_.step];
  std::array<char, 10> number{};
  auto* const end = std::to_chars(number.data(), number.data() + number.size(), mobile_node()).ptr;
  return comment_.append(before).append(std::string_view(number.data(), end)).append(after);
}

PacketDocument ScenarioRun::document(Keyring* keys) const {
  const auto inputs = documents_->inputs(current_.handover, current_.router_number);
  auto packet = documents_->document(inputs, current_.step, keys);
  packet.time = current_.time;
  packet.set_comment(comment());
  return packet;
}

Octets ScenarioRun::octets_from_document() const {
  Keyring keys;
  const auto packet = document(&keys);
  auto result = build(codepoints_, keys, packet);
  if (!result.faults.empty()) {
    const auto& fault = result.faults.front();
    throw UsageError(fmt::format("{}: {}: {}", packet.comment(), fault.path, fault.text));
  }
  return std::move(result.octets);
}

const Octets& ScenarioRun::octets() {
  return builder_->build({current_.step, current_.handover, current_.slot, current_.router_number},
                         [this] { return octets_from_document(); });
}

bool ScenarioRun::has_template() const { return builder_->has_template(current_.step); }

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
