// SPDX-License-Identifier: GPL-2.0-or-later
// The cases of an engine run with their state.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "replay/namespace.hpp"
#include "replay/suite/case_needs.hpp"
#include "replay/tester/case/case_run.hpp"

namespace secct::replay {

// A case and its current run: of its control, if it has one, and then of the case itself.
struct Job {
  const Case* test_case = nullptr;
  const RouterDescription* description = nullptr;  // with the SAs of its mobile nodes
  MobileNodeRange mobile_nodes;
  std::unique_ptr<CaseRun> run;
  bool control = false;           // `run` is the control
  bool alone = false;             // no other job may run at the same time
  bool suspect = false;           // may have stopped the router
  bool queued = false;            // in the queue again
  unsigned lost = 0;              // repetitions because the router did not answer
  std::string probed_capability;  // the capability is not declared; the job is a probe for it
  unsigned attempts = 0;
  std::optional<CaseResult> first;  // of the first attempt, if it did not pass
  CaseResult result;

  bool running() const { return run != nullptr; }
};

// The jobs of a list of cases. A job whose needs `description` does not meet is UNSUPPORTED, and
// not in the queue unless it is a probe. Without `probes` there are none.
class JobList {
 public:
  JobList(std::span<const Case* const> cases, const RouterDescription& description, bool probes);
  JobList(const JobList&) = delete;
  JobList& operator=(const JobList&) = delete;

  std::deque<Job> jobs;    // in the order of the cases
  std::deque<Job*> queue;  // the jobs to run, in order; those that must run alone come last

 private:
  void add(Job& job, const RouterDescription& description, bool probes);
  const RouterDescription& with_sas(const RouterDescription& description,
                                    const std::vector<SaPattern>& sas);

  std::deque<Job*> alone_;
  std::deque<RouterDescription> descriptions_;
};

}  // namespace secct::replay
