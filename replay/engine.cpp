// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/engine.hpp"

#include <algorithm>
#include <map>
#include <memory>

#include <fmt/format.h>

#include "replay/run.hpp"

namespace secct {
namespace {

// A case with its control (when it has a mutation) and the run of the case itself.
struct Job {
  const Case* test = nullptr;
  std::unique_ptr<CaseRun> run;
  bool control = false;  // `run` is the control
  bool finished = false;
  CaseResult result;
};

class Engine {
 public:
  Engine(std::span<const Case* const> cases, const Lab& lab, Link& link,
         const EngineOptions& options)
      : lab_(lab), link_(link), options_(options), observer_(lab.codepoints) {
    for (const auto* test : cases) jobs_.push_back({.test = test, .run = {}, .result = {}});
    router_keys_ = lab.keyring();
  }

  std::vector<CaseResult> run() {
    start_jobs();
    while (active_ > 0) {
      const auto until = next_deadline();
      if (auto datagram = link_.receive(until)) {
        receive(*datagram);
      }
      for (auto& job : jobs_) {
        if (job.run) {
          job.run->advance(link_.now());
          settle(job);
        }
      }
    }
    std::vector<CaseResult> results;
    results.reserve(jobs_.size());
    for (auto& job : jobs_) results.push_back(std::move(job.result));
    return results;
  }

 private:
  void start_jobs() {
    while (next_ < jobs_.size() && (options_.jobs == 0 || active_ < options_.jobs)) {
      auto& job = jobs_[next_++];
      const auto lacking = std::ranges::find_if(
          job.test->needs, [&](const auto& need) { return !lab_.capable(need); });
      if (lacking != job.test->needs.end()) {
        job.result.verdict = Verdict::unsupported;
        job.result.failure.text = "needs the capability " + *lacking;
        done(job);
        continue;
      }
      ++active_;
      job.control = job.test->mutation.has_value();
      begin(job);
    }
  }

  void begin(Job& job) {
    if (mobile_node_ >= lab_.mobile_node_count) {
      job.result.verdict = Verdict::setup_fail;
      job.result.failure.text = "the router description has too few mobile nodes";
      --active_;
      done(job);
      return;
    }
    const auto number = ++mobile_node_;
    const auto identifier = static_cast<std::uint16_t>(number);
    Handover handover(lab_, job.test->role, number, identifier, counters_);
    by_naddr_[handover.mobile_node().naddr] = &job;
    by_naddr_[handover.link_local()] = &job;
    by_paddr_[handover.mobile_node().paddr] = &job;
    by_identifier_[identifier] = &job;
    const bool mutated = job.test->mutation && !job.control;
    job.run =
        std::make_unique<CaseRun>(*job.test, mutated, std::move(handover), lab_.timing_scale,
                                  [this](Octets datagram) { link_.send(std::move(datagram)); });
    job.run->start(link_.now());
    settle(job);
  }

  // What comes after a run that is done: the case behind its control, or nothing.
  void settle(Job& job) {
    if (!job.run || !job.run->done()) return;
    auto result = job.run->take();
    finished_runs_.push_back(std::move(job.run));
    if (job.control && result.verdict == Verdict::pass) {
      job.control = false;
      begin(job);
      return;
    }
    if (job.control) {
      if (result.verdict != Verdict::tool_error) result.verdict = Verdict::setup_fail;
      result.failure.text = "without the mutation: " + result.failure.text;
    }
    job.result = std::move(result);
    --active_;
    done(job);
    start_jobs();
  }

  void done(Job& job) {
    job.finished = true;
    ++done_;
    if (options_.progress) options_.progress(done_, jobs_.size());
  }

  Time next_deadline() const {
    Time first = UINT64_MAX;
    for (const auto& job : jobs_) {
      if (!job.run) continue;
      if (const auto deadline = job.run->deadline()) first = std::min(first, *deadline);
    }
    return first;
  }

  // Whose packet is it? The mobile node's address tells, in the IP header or in the message.
  Job* owner(const Observed& seen) {
    const auto by = [](auto& map, const auto& key) -> Job* {
      const auto found = map.find(key);
      return found == map.end() ? nullptr : found->second;
    };
    if (!seen.datagram) return nullptr;
    if (auto* job = by(by_naddr_, seen.datagram->destination)) return job;
    if (const auto* paddr = seen.tape.find(Field::paddr)) {
      if (auto* job = by(by_paddr_, seen.tape.address(*paddr))) return job;
    }
    if (const auto identifier = seen.tape.number(Field::identifier)) {
      return by(by_identifier_, static_cast<std::uint16_t>(*identifier));
    }
    return nullptr;
  }

  void receive(View datagram) {
    const auto outer = parse_datagram(datagram);
    Job* job = nullptr;
    if (outer) {
      const auto found = by_naddr_.find(outer->destination);
      if (found != by_naddr_.end()) job = found->second;
    }
    // Towards a mobile node its own SAs protect the packet, towards the router those of the lab.
    const auto& keys = job != nullptr && job->run ? job->run->keys() : router_keys_;
    Observed seen;
    observer_.observe(datagram, keys, seen);
    if (job == nullptr) job = owner(seen);
    if (job == nullptr || !job->run) return;
    job->run->receive(seen, link_.now());
    settle(*job);
  }

  const Lab& lab_;
  Link& link_;
  const EngineOptions& options_;
  Observer observer_;
  Keyring router_keys_;
  Counters counters_;
  std::vector<Job> jobs_;
  std::vector<std::unique_ptr<CaseRun>> finished_runs_;  // may still be on the stack
  std::map<Address, Job*> by_naddr_;
  std::map<Address, Job*> by_paddr_;
  std::map<std::uint16_t, Job*> by_identifier_;
  std::size_t next_ = 0;
  std::size_t active_ = 0;
  std::size_t done_ = 0;
  std::uint32_t mobile_node_ = 0;
};

}  // namespace

std::vector<CaseResult> run_cases(std::span<const Case* const> cases, const Lab& lab, Link& link,
                                  const EngineOptions& options) {
  return Engine(cases, lab, link, options).run();
}

void number_sequences(Lab& lab, Time now) {
  constexpr Time start = seconds(1767225600);  // 2026-01-01T00:00:00Z
  constexpr Time numbers_per_second = 64;
  for (auto& sa : lab.router_sas) {
    if (sa.from_dut || sa.sequence) continue;
    sa.sequence = static_cast<std::uint32_t>((now - start) / seconds(1) * numbers_per_second);
  }
}

std::vector<CaseResult> run_live(const std::vector<Case>& cases, const Lab& lab, Link& link,
                                 const EngineOptions& options) {
  auto numbered = lab;
  number_sequences(numbered, link.now());
  std::vector<const Case*> all;
  std::vector<std::size_t> places;
  std::vector<CaseResult> results(cases.size());
  for (std::size_t i = 0; i < cases.size(); ++i) {
    if (std::ranges::find(lab.roles, cases[i].role) == lab.roles.end()) {
      results[i].verdict = Verdict::unsupported;
      results[i].failure.text = fmt::format("the router is no {}", role_name(cases[i].role));
      continue;
    }
    all.push_back(&cases[i]);
    places.push_back(i);
  }
  auto part = run_cases(all, numbered, link, options);
  for (std::size_t i = 0; i < part.size(); ++i) results[places[i]] = std::move(part[i]);
  return results;
}

std::vector<CaseResult> run_embedded(const std::vector<Case>& cases, const Lab& lab,
                                     const EngineOptions& options) {
  std::vector<CaseResult> results(cases.size());
  for (const auto role : {Role::nr, Role::pr, Role::fa}) {
    std::vector<const Case*> group;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < cases.size(); ++i) {
      if (cases[i].role != role) continue;
      group.push_back(&cases[i]);
      places.push_back(i);
    }
    if (group.empty()) continue;
    const Role roles[] = {role};
    MemoryLink link(lab, roles, options.deviation);
    auto part = run_cases(group, lab, link, options);
    for (std::size_t i = 0; i < part.size(); ++i) results[places[i]] = std::move(part[i]);
  }
  return results;
}

}  // namespace secct
