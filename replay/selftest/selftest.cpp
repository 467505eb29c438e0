// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/selftest/selftest.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#include <fmt/format.h>

#include "replay/tester/run_suite.hpp"

namespace secct::replay {
namespace {

bool detects(const FaultRow& fault, Verdict verdict, const std::string& clause) {
  const bool sufficient = verdict == Verdict::fail ||
                          (verdict == Verdict::non_strict && fault.level != FaultLevel::must);
  return sufficient && fault.violates(clause);
}

std::vector<SelftestRun> all_runs() {
  std::vector<SelftestRun> runs(1);
  for (const auto& variation : variations()) {
    auto& run = runs.emplace_back();
    run.behaviour.variation = variation.id;
    run.name = variation.name;
  }
  for (const auto& fault : faults()) {
    auto& run = runs.emplace_back();
    run.behaviour.fault = fault.id;
    run.name = fault.name;
  }
  return runs;
}

// A line about the first case whose verdict is not in `allowed`; empty if there is none.
std::string first_not_allowed(const std::vector<Case>& cases,
                              const std::vector<CaseResult>& results,
                              std::initializer_list<Verdict> allowed) {
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const auto& result = results[i];
    if (std::ranges::find(allowed, result.verdict) != allowed.end()) continue;
    return fmt::format("{} {} [{}]: {}", name(result.verdict), cases[i].id, result.failure.clause,
                       result.failure.reason());
  }
  return {};
}

// Why the run is not good (selftest.hpp); empty if it is.
std::string problem_of(const SelftestRun& run, const std::vector<Case>& cases,
                       const std::vector<CaseResult>& results, bool built_in) {
  if (run.behaviour.none()) {
    return built_in ? first_not_allowed(cases, results, {Verdict::pass})
                    : first_not_allowed(cases, results, {Verdict::pass, Verdict::unsupported});
  }
  auto too_strict =
      first_not_allowed(cases, results, {Verdict::pass, Verdict::non_strict, Verdict::unsupported});
  if (run.behaviour.fault == Fault::none) return too_strict;
  if (run.detected_by().empty()) {
    const auto other = first_not_allowed(cases, results, {Verdict::pass, Verdict::unsupported});
    return "no case detects the fault" +
           (other.empty() ? ""
                          : " by a violated clause; the first case that does not pass: " + other);
  }
  const bool binding = row(run.behaviour.fault).level == FaultLevel::must;
  return binding || too_strict.empty() ? "" : "the verdict is too strict: " + too_strict;
}

EngineOptions options_of(BehaviourOverride behaviour) {
  return {.behaviour = behaviour, .progress = {}};
}

// True if the router sends the same packets with and without the fault.
bool is_unaffected(const Case& c, const RouterDescription& description,
                   BehaviourOverride behaviour) {
  const auto with = run_embedded({c}, description, options_of(behaviour));
  const auto without = run_embedded({c}, description, options_of({}));
  return std::ranges::equal(with.front().packets, without.front().packets, {},
                            &TracedPacket::datagram, &TracedPacket::datagram);
}

// Why the description cannot show the fault, which no case detects; empty if it can.
std::string why_not_applicable(const SelftestRun& run, const std::vector<Case>& cases,
                               const std::vector<CaseResult>& results,
                               const RouterDescription& description) {
  const auto& fault = row(run.behaviour.fault);
  const auto usual = run_embedded(cases, built_in_description(), options_of(run.behaviour));
  std::string why;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    if (!detects(fault, usual[i].verdict, usual[i].failure.clause)) continue;
    std::string reason;
    if (results[i].verdict == Verdict::unsupported) {
      reason = fmt::format("{}: {}", cases[i].id, results[i].failure.text);
    } else if (is_unaffected(cases[i], description, run.behaviour)) {
      reason =
          fmt::format("{}: the router sends the same packets as without the fault", cases[i].id);
    } else {
      return {};
    }
    if (why.empty()) why = std::move(reason);
  }
  return why;
}

void run_one(SelftestRun& run, const std::vector<Case>& cases, const RouterDescription& description,
             bool built_in) {
  const auto results = run_embedded(cases, description, options_of(run.behaviour));
  for (const auto& result : results) {
    run.verdicts.push_back(result.verdict);
    run.clauses.push_back(result.verdict == Verdict::pass ? "" : result.failure.clause);
  }
  const bool is_fault = run.behaviour.fault != Fault::none;
  if (!built_in && is_fault && run.detected_by().empty()) {
    run.not_applicable = why_not_applicable(run, cases, results, description);
    if (!run.not_applicable.empty()) return;
  }
  run.why = problem_of(run, cases, results, built_in);
}

}  // namespace

std::vector<std::size_t> SelftestRun::detected_by() const {
  std::vector<std::size_t> cases;
  if (behaviour.fault == Fault::none) return cases;
  for (std::size_t i = 0; i < verdicts.size(); ++i) {
    if (detects(row(behaviour.fault), verdicts[i], clauses[i])) cases.push_back(i);
  }
  return cases;
}

bool Selftest::good() const { return std::ranges::all_of(runs, &SelftestRun::good); }

Selftest run_selftest(const std::vector<Case>& cases, const RouterDescription& description,
                      bool built_in, unsigned threads,
                      const std::function<void(std::size_t done, std::size_t all)>& progress) {
  Selftest selftest;
  for (const auto& c : cases) selftest.cases.push_back(c.id);
  selftest.runs = all_runs();
  std::atomic<std::size_t> next = 0;
  std::mutex progress_mutex;
  std::size_t done = 0;
  const auto work = [&] {
    for (auto i = next++; i < selftest.runs.size(); i = next++) {
      run_one(selftest.runs[i], cases, description, built_in);
      const std::lock_guard lock(progress_mutex);
      ++done;
      if (progress) progress(done, selftest.runs.size());
    }
  };
  if (threads == 0) threads = std::max(1U, std::thread::hardware_concurrency());
  std::vector<std::jthread> workers;
  for (unsigned i = 0; i < threads; ++i) workers.emplace_back(work);
  workers.clear();
  return selftest;
}

std::string fault_summary(const FaultRow& fault, const std::vector<Case>& cases,
                          const std::vector<CaseResult>& results) {
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const auto& failure = results[i].failure;
    if (!detects(fault, results[i].verdict, failure.clause)) continue;
    return fmt::format("{}: {} [{}]; detected by {}: {}", fault.name, fault.what, failure.clause,
                       cases[i].id, failure.reason());
  }
  return fmt::format("{}: {} [{}]; no case that was run detects it", fault.name, fault.what,
                     fault.clauses);
}

}  // namespace secct::replay
