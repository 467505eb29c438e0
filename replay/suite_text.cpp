// SPDX-License-Identifier: GPL-2.0-or-later
// Cases in words, for `secct show` and the reports.
#include <fmt/format.h>

#include "replay/suite.hpp"

namespace secct {

std::vector<CaseStep> steps_of(const Case& c, bool mutated) {
  if (!mutated || !c.mutation) return c.steps;
  const auto& mutation = *c.mutation;
  std::vector<CaseStep> steps(c.steps.begin(),
                              c.steps.begin() + static_cast<std::ptrdiff_t>(mutation.step) + 1);
  auto& changed = steps.back();
  changed.edits.insert(changed.edits.end(), mutation.edits.begin(), mutation.edits.end());
  steps.insert(steps.end(), mutation.then.begin(), mutation.then.end());
  return steps;
}

std::vector<std::string> step_lines(const CaseStep& step) {
  std::vector<std::string> lines(1);
  auto& first = lines.front();
  switch (step.kind) {
    case CaseStep::Kind::send: first = "send " + step.message; break;
    case CaseStep::Kind::expect: first = "expect " + step.message; break;
    case CaseStep::Kind::repeat:
      first = fmt::format("expect the same {} again", step.message);
      break;
    case CaseStep::Kind::nothing:
      first = fmt::format("expect nothing for {} s", step.seconds);
      break;
    case CaseStep::Kind::wait: first = fmt::format("wait {} s", step.seconds); break;
    case CaseStep::Kind::echo: first = fmt::format("echo, {}", step.message); break;
  }
  if (step.optional) first += " (optional)";
  for (const auto& edit : step.edits) lines.push_back(to_text(edit));
  for (const auto& field : step.fields) {
    lines.push_back(fmt::format("{} = {}", field.name, fmt::join(field.values, ", ")));
  }
  for (const auto& name : step.absent) lines.push_back("no " + name);
  for (const auto& name : step.checks) lines.push_back("check " + name);
  if (!step.under.empty()) lines.push_back("under " + step.under);
  return lines;
}

}  // namespace secct
