// SPDX-License-Identifier: GPL-2.0-or-later
// Checks before a run that the router description fits the router under test: one valid exchange
// for each role and each SA between the routers. A wrong set-up would otherwise fail hundreds of
// cases, each of which names a sentence that the router has not violated.
//
//   SetupCheck check(description, link, counters, identifier);
//   if (const auto problem = check.check(Role::pr, numbers)) fail(problem->path, problem->text);
//
// A router that violates the drafts has no problem of the set-up: only what another line of the
// description explains is one.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "generator/handover/handover.hpp"
#include "replay/namespace.hpp"
#include "replay/tester/link.hpp"
#include "replay/tester/mobile_node_pool.hpp"
#include "replay/tester/setup_exchange.hpp"

namespace secct::replay {

// The line of the description that most likely does not fit the router.
struct SetupProblem {
  std::string path;  // "router_sas[0]"
  std::string text;  // what the tester observed, and what to check
};

class SetupCheck {
 public:
  // The arguments as those of SetupExchange.
  SetupCheck(const RouterDescription& description, Link& link, Counters& counters,
             std::uint16_t& identifier)
      : description_(description),
        any_mobile_node_(description.with_all_mobile_nodes()),
        link_(link),
        counters_(counters),
        identifier_(identifier) {}

  // Checks that datagrams of the size `mtu` arrive. Only for a router that answers echo requests.
  std::optional<SetupProblem> check_mtu();
  // Checks the exchanges of a role. `mobile_nodes` should be new; those that the router knows from
  // an earlier run are in used(). Without mobile nodes there is nothing to check.
  std::optional<SetupProblem> check(Role role, std::span<const std::uint32_t> mobile_nodes);

  // Adds those of `mobile_nodes` to used() that a previous router knows from an earlier run,
  // without using the others: it asks for contexts with a request that the router refuses.
  void find_used(std::span<const std::uint32_t> mobile_nodes);

  // Mobile nodes that an earlier run has used.
  const std::vector<std::uint32_t>& used() const { return used_; }
  // The longest time that the router needed for the answer to a message.
  Time response_time() const { return response_time_; }
  // What the user should know about the checks that succeeded.
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  std::optional<SetupProblem> check_new_router(std::span<const std::uint32_t> mobile_nodes);
  std::optional<SetupProblem> check_previous_router(std::span<const std::uint32_t> mobile_nodes);
  std::optional<SetupProblem> check_foreign_agent(std::uint32_t mobile_node);
  std::optional<SetupProblem> check_esp_from_peer(SetupExchange& exchange,
                                                  std::uint32_t mobile_node);

  // An SA of router_sas, as a path and as text.
  std::string path_of(const RouterSa& sa) const;
  // The problem that all packets of the router under one of its SAs show: an unknown SPI, or an ICV
  // that its key does not give.
  std::optional<SetupProblem> wrong_sa_from_router(const SetupExchange& exchange) const;
  std::optional<SetupProblem> no_acceptance(const RouterSa& sa, std::string_view message) const;
  std::optional<SetupProblem> wrong_contexts(std::span<const Handover* const> handovers,
                                             std::span<const std::vector<Context>> contexts) const;

  // Makes a packet with the next sequence number of the SA.
  using MakePacket = std::function<PacketDocument()>;
  // Sends the packet with higher and higher sequence numbers until `accepted`. An earlier run may
  // have used the lower ones; then the counters continue above them.
  bool find_sequence(SetupExchange& exchange, const RouterSa& sa, const MakePacket& make,
                     const SetupExchange::Done& accepted);
  void answered_after(Time sent);
  std::uint8_t other_replay(int attempt) const;

  const RouterDescription& description_;
  RouterDescription any_mobile_node_;  // for routers that do not know the mobile nodes
  Link& link_;
  Counters& counters_;
  std::uint16_t& identifier_;
  std::vector<std::uint32_t> used_;
  std::vector<std::string> notes_;
  Time response_time_ = 0;
};

// How run_setup_check() chooses mobile nodes and reports.
struct SetupOptions {
  std::vector<Role> roles;
  // The first mobile node that the user has chosen.
  std::optional<std::uint32_t> first_mobile_node = {};
  // Returns where the description has this path; empty: the path alone.
  std::function<std::string(const std::string& path)> locate = {};
  // Called with sentences for the report; may be empty.
  std::function<void(const std::string& sentence)> note = {};
  std::string circumstances = {};  // added to error messages
};

// Chooses the first mobile node of `pool`: that of the options, or number 1 if the router is in its
// initial state, or one that no earlier run has used.
void start_mobile_nodes(MobileNodePool& pool, const Link& link, const SetupOptions& options);
// Checks MTU and roles, and chooses other mobile nodes if those of `pool` were used before. Throws
// SetupError if the set-up has a problem, or if no unused mobile nodes are found.
void run_setup_check(SetupCheck& check, MobileNodePool& pool, const Link& link,
                     const SetupOptions& options);

}  // namespace secct::replay
