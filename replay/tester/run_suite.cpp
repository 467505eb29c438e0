// SPDX-License-Identifier: GPL-2.0-or-later
// Whole suites: which cases run together, and what the router is made before.
#include <algorithm>

#include <fmt/format.h>

#include "generator/transmit/port.hpp"
#include "replay/suite/case_needs.hpp"
#include "replay/tester/engine.hpp"

namespace secct::replay {
namespace {

constexpr Time live_start_interval = milliseconds(3);

// The results of all cases, part after part.
class Suite {
 public:
  Suite(const std::vector<Case>& cases, const EngineOptions& options)
      : cases_(cases), options_(options), results_(cases.size()) {}

  void run(const std::vector<std::size_t>& places, const RouterDescription& description, Link& link,
           EngineOptions options) {
    std::vector<const Case*> part;
    for (const auto place : places) part.push_back(&cases_[place]);
    if (options_.progress) {
      options.progress = [this](std::size_t done, std::size_t) {
        options_.progress(done_ + done, cases_.size());
      };
    }
    auto results = run_cases(part, description, link, options);
    for (std::size_t i = 0; i < results.size(); ++i) results_[places[i]] = std::move(results[i]);
    done_ += places.size();
  }

  void settle(const std::vector<std::size_t>& places, Verdict verdict, const std::string& why) {
    for (const auto place : places) {
      results_[place].verdict = verdict;
      results_[place].failure.text = why;
    }
    done_ += places.size();
    if (options_.progress) options_.progress(done_, cases_.size());
  }

  std::vector<CaseResult> take() { return std::move(results_); }

 private:
  const std::vector<Case>& cases_;
  const EngineOptions& options_;
  std::vector<CaseResult> results_;
  std::size_t done_ = 0;
};

// Why a router in the lab cannot be shown the case, whatever it is made.
std::string out_of_reach(const Case& c, const RouterDescription& description) {
  if (std::ranges::find(description.roles, c.role) == description.roles.end()) {
    return fmt::format("the router is no {}", role_name(c.role));
  }
  const auto& needed = c.needs.capabilities;
  if (description.hooks.trigger.empty() && std::ranges::find(needed, "trigger") != needed.end()) {
    return "needs hooks.trigger";
  }
  return "";
}

}  // namespace

void number_sequences(RouterDescription& description, Time now) {
  constexpr Time start = seconds(1767225600);  // 2026-01-01T00:00:00Z
  constexpr Time numbers_per_second = 64;
  if (now < start) return;  // not the time of day
  for (auto& sa : description.router_sas) {
    if (sa.from_dut || sa.sequence) continue;
    sa.sequence = static_cast<std::uint32_t>((now - start) / seconds(1) * numbers_per_second);
  }
}

std::vector<CaseResult> run_live(const std::vector<Case>& cases,
                                 const RouterDescription& description, Link& link,
                                 const EngineOptions& options) {
  Suite suite(cases, options);
  std::vector<std::size_t> within_reach;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const auto why = out_of_reach(cases[i], description);
    if (why.empty()) {
      within_reach.push_back(i);
    } else {
      suite.settle({i}, Verdict::unsupported, why);
    }
  }
  auto groups = description.hooks.configure.empty()
                    ? std::vector<CaseGroup>{{description, within_reach, true}}
                    : grouped(cases, within_reach, description, options.retries);
  auto live = options;
  live.start_interval = live_start_interval;
  Time ahead = 0;  // a group's numbers begin behind those of the one before, however short it was
  for (auto& group : groups) {
    if (!group.as_described) {
      try {
        link.configure(group.description);
      } catch (const SetupError& error) {
        suite.settle(group.places, Verdict::setup_fail, error.what());
        continue;
      }
      live.circumstances = " after hooks.configure";
    }
    number_sequences(group.description, link.now() + ahead);
    ahead += seconds(group.places.size());
    suite.run(group.places, group.description, link, live);
  }
  return suite.take();
}

std::vector<CaseResult> run_embedded(const std::vector<Case>& cases,
                                     const RouterDescription& description,
                                     const EngineOptions& options) {
  Suite suite(cases, options);
  for (const Role role : {Role::nr, Role::pr, Role::fa}) {
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < cases.size(); ++i) {
      if (cases[i].role == role) places.push_back(i);
    }
    for (const auto& group : grouped(cases, places, description, options.retries)) {
      const Role roles[] = {role};
      MemoryLink link(group.description, roles, options.behaviour);
      suite.run(group.places, group.description, link, options);
    }
  }
  return suite.take();
}

}  // namespace secct::replay
