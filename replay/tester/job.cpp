// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/tester/job.hpp"

#include <algorithm>

namespace secct::replay {

JobList::JobList(std::span<const Case* const> cases, const RouterDescription& description)
    : jobs(cases.size()) {
  for (std::size_t i = 0; i < cases.size(); ++i) {
    jobs[i].test_case = cases[i];
    add(jobs[i], description);
  }
  queue.insert(queue.end(), alone_.begin(), alone_.end());
}

void JobList::add(Job& job, const RouterDescription& description) {
  const auto& needs = job.test_case->needs;
  const auto role = job.test_case->role;
  const auto undeclared = undeclared_capabilities(needs, description);
  const auto unmet = unmet_need(needs, description, role);
  job.mobile_nodes = matching_mobile_nodes(needs, description, role).value_or(MobileNodeRange{});
  job.description =
      tester_chooses_sas(needs, role) ? &with_sas(description, needs.sas) : &description;
  if (!unmet && undeclared.empty()) {
    job.alone = job.test_case->quiet;
    (job.alone ? alone_ : queue).push_back(&job);
    return;
  }
  job.result.verdict = Verdict::unsupported;
  job.result.failure.text = undeclared.empty()
                                ? *unmet
                                : "needs the capability " + undeclared.front() +
                                      ", which the router description does not declare";
  if (unmet || undeclared.size() > 1) return;
  job.probed_capability = undeclared.front();
  const bool probed = std::ranges::any_of(jobs, [&](const Job& other) {
    return &other != &job && other.probed_capability == job.probed_capability;
  });
  if (!probed) queue.push_back(&job);
}

// The description with other SAs of its mobile nodes; one for each list of SAs.
const RouterDescription& JobList::with_sas(const RouterDescription& description,
                                           const std::vector<SaPattern>& sas) {
  const auto found = std::ranges::find(descriptions_, sas, &RouterDescription::sas);
  if (found != descriptions_.end()) return *found;
  descriptions_.push_back(description);
  descriptions_.back().sas = sas;
  return descriptions_.back();
}

}  // namespace secct::replay
