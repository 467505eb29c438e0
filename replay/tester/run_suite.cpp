// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/tester/run_suite.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "generator/transmit/port.hpp"
#include "replay/suite/case_needs.hpp"
#include "replay/tester/initial_sequence_numbers.hpp"
#include "replay/tester/mobile_node_pool.hpp"

namespace secct::replay {
namespace {

// Collects the results of all cases.
class SuiteRun {
 public:
  SuiteRun(const std::vector<Case>& cases, const EngineOptions& options)
      : cases_(cases), options_(options), results_(cases.size()) {}

  void run(const CaseGroup& group, Link& link, EngineOptions options) {
    const auto& indices = group.indices;
    std::vector<const Case*> part;
    for (const auto index : indices) part.push_back(&cases_[index]);
    // The other groups have mobile nodes for their own cases only.
    options.probes = group.as_described;
    if (options_.progress) {
      options.progress = [this](std::size_t done, std::size_t) {
        options_.progress(done_ + done, cases_.size());
      };
    }
    auto results = run_cases(part, group.description, link, options);
    for (std::size_t i = 0; i < results.size(); ++i) results_[indices[i]] = std::move(results[i]);
    done_ += indices.size();
  }

  // Gives all these cases the same verdict without running them.
  void skip(const std::vector<std::size_t>& indices, Verdict verdict, const std::string& reason) {
    for (const auto index : indices) {
      results_[index].verdict = verdict;
      results_[index].failure.text = reason;
    }
    done_ += indices.size();
    if (options_.progress) options_.progress(done_, cases_.size());
  }

  std::vector<CaseResult> take_results() { return std::move(results_); }

 private:
  const std::vector<Case>& cases_;
  const EngineOptions& options_;
  std::vector<CaseResult> results_;
  std::size_t done_ = 0;
};

// Why the case cannot run against the router, however it is configured; empty if it can.
std::string unsupported_reason(const Case& c, const RouterDescription& description) {
  if (std::ranges::find(description.roles, c.role) == description.roles.end()) {
    return fmt::format("the router does not have the role {}", role_name(c.role));
  }
  const auto& needed = c.needs.capabilities;
  if (description.hooks.trigger.empty() && std::ranges::find(needed, "trigger") != needed.end()) {
    return "needs hooks.trigger";
  }
  return "";
}

// A router that is configured for the cases has as many mobile nodes as they need.
void provide_mobile_nodes(RouterDescription& description, const std::vector<Case>& cases,
                          const std::vector<std::size_t>& indices, unsigned retries) {
  std::uint32_t needed = all_roles.size() * MobileNodePool::sample_count;
  for (const auto index : indices) needed += mobile_nodes_used(cases[index], retries);
  description.mobile_node_count = std::max(description.mobile_node_count, needed);
}

}  // namespace

std::vector<CaseResult> run_live(const std::vector<Case>& cases,
                                 const RouterDescription& description, Link& link,
                                 const EngineOptions& options) {
  SuiteRun suite(cases, options);
  std::vector<std::size_t> supported;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const auto reason = unsupported_reason(cases[i], description);
    if (reason.empty()) {
      supported.push_back(i);
    } else {
      suite.skip({i}, Verdict::unsupported, reason);
    }
  }
  std::vector<CaseGroup> groups;
  if (description.hooks.configure.empty()) {
    groups.push_back({description, supported, true});
  } else {
    groups = group_cases(cases, supported, description, options.retries);
  }
  auto live = options;
  Time offset = 0;  // a group starts with higher numbers than the last, however short that one was
  for (auto& group : groups) {
    if (!group.as_described) {
      provide_mobile_nodes(group.description, cases, group.indices, options.retries);
      try {
        link.configure(group.description);
      } catch (const SetupError& error) {
        suite.skip(group.indices, Verdict::setup_fail, error.what());
        continue;
      }
      live.circumstances = " after hooks.configure";
    }
    set_initial_sequence_numbers(group.description, link.now() + offset);
    offset += seconds(group.indices.size());
    if (group.as_described) {
      suite.run(group, link, live);
      continue;
    }
    try {
      suite.run(group, link, live);
    } catch (const SetupError& error) {
      suite.skip(group.indices, Verdict::setup_fail, error.what());
    }
  }
  return suite.take_results();
}

std::vector<CaseResult> run_embedded(const std::vector<Case>& cases,
                                     const RouterDescription& description,
                                     const EngineOptions& options) {
  SuiteRun suite(cases, options);
  for (const Role role : all_roles) {
    std::vector<std::size_t> indices;
    for (std::size_t i = 0; i < cases.size(); ++i) {
      if (cases[i].role == role) indices.push_back(i);
    }
    for (auto& group : group_cases(cases, indices, description, options.retries)) {
      provide_mobile_nodes(group.description, cases, group.indices, options.retries);
      const Role roles[] = {role};
      MemoryLink link(group.description, roles, options.behaviour);
      suite.run(group, link, options);
    }
  }
  return suite.take_results();
}

}  // namespace secct::replay
