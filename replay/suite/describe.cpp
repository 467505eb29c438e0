// SPDX-License-Identifier: GPL-2.0-or-later
// Cases in words, for `secct show` and the reports.
#include <algorithm>

#include <fmt/format.h>

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

std::vector<CaseStep> shown_unharmed(const std::vector<CaseStep>& control, std::size_t from) {
  constexpr const char* clause = "ROBUST-9";
  constexpr const char* replay = "secct.auth.replay";
  constexpr const char* unused_replay = "200";
  std::vector<CaseStep> again(control.begin() + static_cast<std::ptrdiff_t>(from), control.end());
  for (auto& step : again) {
    step.clause = clause;
    const bool asks = step.kind == CaseStep::Kind::send && step.message == "shreq";
    if (asks && std::ranges::find(step.edits, replay, &Edit::path) == step.edits.end()) {
      step.edits.push_back({Edit::Kind::set, replay, unused_replay});
    }
  }
  return again;
}

namespace {

std::string traffic_text(const TrafficStep& traffic) {
  auto text = traffic.kind == TrafficStep::Kind::echo
                  ? std::string("ICMPv6 echo request")
                  : fmt::format("UDP datagram from port {} to {}", traffic.source_port,
                                traffic.destination_port);
  switch (traffic.under) {
    case TrafficStep::Under::clear: text += " in clear"; break;
    case TrafficStep::Under::transferred: text += " under the SA that was handed over"; break;
    case TrafficStep::Under::chosen:
      text += fmt::format(" under SA {}", fmt::join(traffic.sas, " around SA "));
      break;
  }
  if (traffic.offset) text += fmt::format(", sequence number {:+}", *traffic.offset);
  return text + (traffic.answered ? ", answered" : ", not answered");
}

std::string contexts_text(const ContextChoice& choice) {
  if (choice.all) return "every SA that may be transferred";
  return fmt::format("SAs {}", fmt::join(choice.numbers, ", "));
}

}  // namespace

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
    case CaseStep::Kind::wait:
      first = fmt::format("wait {} s{}{}", step.seconds, step.anything ? ", whatever comes" : "",
                          step.scaled ? "" : ", whatever the timing scale");
      break;
    case CaseStep::Kind::traffic: first = traffic_text(step.traffic); break;
    case CaseStep::Kind::trigger: first = "trigger a handover"; break;
  }
  if (step.optional) first += " (optional)";
  for (const auto& edit : step.edits) lines.push_back(edit_text(edit));
  if (step.malformed != nullptr) {
    for (const auto& edit : step.malformed->twin) lines.push_back(edit_text(edit));
    if (step.faulty) lines.push_back("fault: " + fault_text(*step.malformed));
  }
  if (step.same_again) lines.emplace_back("the same octets as the last time");
  if (step.contexts) lines.push_back("with " + contexts_text(*step.contexts));
  if (step.mtu != 0) lines.push_back(fmt::format("in fragments of at most {} octets", step.mtu));
  for (const auto& check : step.one_of) {
    lines.push_back(fmt::format("{} is one of {}", check.name, fmt::join(check.values, ", ")));
  }
  for (const auto& field : step.fields) {
    lines.push_back(fmt::format("{} = {}", field.name, fmt::join(field.values, ", ")));
  }
  for (const auto& name : step.absent) lines.push_back("no " + name);
  for (const auto& name : step.checks) lines.push_back("check " + name);
  if (!step.under.empty()) lines.push_back("under " + step.under);
  return lines;
}

}  // namespace secct::replay
