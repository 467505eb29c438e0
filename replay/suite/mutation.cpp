// SPDX-License-Identifier: GPL-2.0-or-later
// The steps of a case with and without its mutation.
#include <algorithm>

#include "replay/suite/suite.hpp"

namespace secct::replay {

std::vector<CaseStep> steps_of(const Case& c, bool mutated) {
  if (!mutated || !c.mutation) return c.steps;
  const auto& mutation = *c.mutation;
  std::vector<CaseStep> steps(c.steps.begin(),
                              c.steps.begin() + static_cast<std::ptrdiff_t>(mutation.step) + 1);
  auto& changed = steps.back();
  changed.faulty = changed.malformed != nullptr;
  changed.edits.insert(changed.edits.end(), mutation.edits.begin(), mutation.edits.end());
  steps.insert(steps.end(), mutation.then.begin(), mutation.then.end());
  return steps;
}

namespace {

// A message with AuthPrtr. If it has the Replay value of the mutated one, it may be a repetition.
bool is_request(const CaseStep& step) {
  constexpr Message requests[] = {Message::shreq, Message::shin, Message::mip4_request};
  const auto message = find_message(step.message);
  return message && std::ranges::find(requests, *message) != std::end(requests);
}

}  // namespace

std::vector<CaseStep> unchanged_state_steps(const std::vector<CaseStep>& control,
                                            std::size_t from) {
  constexpr const char* clause = "ROBUST-9";
  constexpr const char* replay = "secct.auth.replay";
  constexpr const char* unused_replay = "200";
  std::vector<CaseStep> again(control.begin() + static_cast<std::ptrdiff_t>(from), control.end());
  for (auto& step : again) {
    step.clause = clause;
    if (step.kind == CaseStep::Kind::send && is_request(step) &&
        std::ranges::find(step.edits, replay, &Edit::path) == step.edits.end()) {
      step.edits.push_back({Edit::Kind::set, replay, unused_replay});
    }
  }
  return again;
}

}  // namespace secct::replay
