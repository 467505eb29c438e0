// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/tester/job.hpp"

#include <algorithm>

namespace secct::replay {
namespace {

// The mobile nodes for a router that does not know them before the handover: those of the
// description, or others that follow them if these may be too few for the suite and its
// repetitions.
MobileNodeRange tester_mobile_nodes(const RouterDescription& description) {
  constexpr std::uint32_t enough = 65536;
  const auto last = description.last_mobile_node();
  if (description.mobile_node_count >= enough || last + enough > most_mobile_nodes) {
    return {1, description.mobile_node_count};
  }
  return {last + 1, enough};
}

}  // namespace

JobList::JobList(std::span<const Case* const> cases, const RouterDescription& description,
                 bool probes)
    : jobs(cases.size()) {
  for (std::size_t i = 0; i < cases.size(); ++i) {
    jobs[i].test_case = cases[i];
    add(jobs[i], description, probes);
  }
  queue.insert(queue.end(), alone_.begin(), alone_.end());
}

void JobList::add(Job& job, const RouterDescription& description, bool probes) {
  const auto& needs = job.test_case->needs;
  const auto role = job.test_case->role;
  const auto undeclared = undeclared_capabilities(needs, description, role);
  const auto unmet = unmet_need(needs, description, role);
  job.mobile_nodes = matching_mobile_nodes(needs, description, role).value_or(MobileNodeRange{});
  job.description = &description;
  if (role != Role::pr) {
    job.mobile_nodes = tester_mobile_nodes(description);
    job.description = &with_sas(description, sas_to_hand_over(needs.sas, description));
  }
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
  if (!probes || unmet || undeclared.size() > 1) return;
  job.probed_capability = undeclared.front();
  const bool probed = std::ranges::any_of(jobs, [&](const Job& other) {
    return &other != &job && other.probed_capability == job.probed_capability;
  });
  if (!probed) queue.push_back(&job);
}

// The description with other SAs of its mobile nodes, and with all mobile nodes that the tester can
// play; one for each list of SAs.
const RouterDescription& JobList::with_sas(const RouterDescription& description,
                                           const std::vector<SaPattern>& sas) {
  const auto found = std::ranges::find(descriptions_, sas, &RouterDescription::sas);
  if (found != descriptions_.end()) return *found;
  const bool enough = tester_mobile_nodes(description).first == 1;
  descriptions_.push_back(enough ? description : description.with_all_mobile_nodes());
  descriptions_.back().sas = sas;
  return descriptions_.back();
}

}  // namespace secct::replay
