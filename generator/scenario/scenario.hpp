// SPDX-License-Identifier: GPL-2.0-or-later
// The packets of `secct generate`: complete handovers of any number of mobile nodes, interleaved,
// one packet at a time in the order of their timestamps. Only handovers in progress are in memory.
//
//   const auto description = built_in_description();
//   ScenarioRun run(find_scenario("reactive"), description, 1000, 1);   // 1000 handovers, seed 1
//   while (run.next()) writer.write(run.time(), run.octets(), run.comment());
//
// Some scenarios need changes to the description: ScenarioRow::description(). ScenarioPrefetch
// (prefetch.hpp) makes the same packets in several threads. FragmentedRun (fragmented_run.hpp)
// fragments packets that exceed the MTU.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "generator/namespace.hpp"
#include "generator/scenario/scenario_table.hpp"
#include "generator/scenario/schedule.hpp"

namespace secct::generator {

class PacketBuilder;
class StepDocuments;

class ScenarioRun {
 public:
  // One handover for each of the mobile nodes 1 to `handovers`. The same seed gives the same
  // packets on any machine. UsageError if the description does not have that many mobile nodes, or
  // if a step cannot be made. Data under SAs that the mobile nodes do not have is left out.
  // `description` must outlive the run.
  ScenarioRun(const ScenarioRow& row, const RouterDescription& description, std::uint32_t handovers,
              std::uint64_t seed);
  ~ScenarioRun();
  ScenarioRun(ScenarioRun&&) noexcept;
  ScenarioRun& operator=(ScenarioRun&&) = delete;

  // The number of packets of one handover.
  std::size_t steps() const;

  // Advances to the next packet; false after the last one.
  bool next();

  // Goes to any packet, for callers that advance their own copy of schedule(). octets() is fastest
  // if all packets of a slot are visited in the order of the schedule.
  const Schedule& schedule() const { return schedule_; }
  void go_to(const ScheduledPacket& packet);

  // The current packet, after next() returned true.
  std::uint64_t time() const { return current_.time; }  // nanoseconds since 1970
  std::uint32_t mobile_node() const { return current_.handover + 1; }
  bool last_of_handover() const { return current_.step + 1 == steps(); }
  // "reactive, mobile node 1, step 3 of 9: WHAT [CLAUSE]"; valid until next() or go_to().
  const std::string& comment() const;
  // With time and comment. `keys` becomes what is needed to build it.
  PacketDocument document(Keyring* keys = nullptr) const;
  // The octets, valid until the next call. UsageError if an edit of the scenario makes the packet
  // impossible to build.
  const Octets& octets();
  // The same octets, built from document(): many times slower.
  Octets octets_from_document() const;
  // Whether octets() uses a template for this step; false before the first octets().
  bool has_template() const;

 private:
  const CodePoints& codepoints_;
  std::unique_ptr<StepDocuments> documents_;
  std::unique_ptr<PacketBuilder> builder_;  // uses *documents_
  Schedule schedule_;
  ScheduledPacket current_;
  mutable std::string comment_;                                // empty until comment() is called
  std::vector<std::pair<std::string, std::string>> comments_;  // of each step, without the number
};

// All packets of a scenario.
struct Scenario {
  Document document;
  std::vector<std::uint32_t> mobile_nodes;  // the mobile node of each packet
  Keyring keys;
};
Scenario make_scenario(const ScenarioRow& row, const RouterDescription& description,
                       std::uint32_t handovers, std::uint64_t seed);

}  // namespace secct::generator
