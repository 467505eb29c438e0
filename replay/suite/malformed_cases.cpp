// SPDX-License-Identifier: GPL-2.0-or-later
// The malformed catalogue as cases: the twin is the control, the fault is the mutation, the
// reaction of the entry is what must come.
#include <algorithm>

#include <fmt/format.h>

#include "generator/malformed/catalogue.hpp"
#include "protocol/tables/status.hpp"
#include "replay/suite/suite.hpp"

namespace secct::replay {
namespace {

using Kind = CaseStep::Kind;
using Steps = std::vector<CaseStep>;

constexpr double quiet_seconds = 0.4;
constexpr double settle_seconds = 0.1;
// What the router may have begun is over: a HI is sent five times, one each 0.1 s.
constexpr double over_seconds = 0.6;

// How a message gets to the router, and what a good one brings.
struct Way {
  std::string_view message;
  Role role;
  const char* capability;
  const char* before;        // a sequence of suites/sequences.yaml, or nothing
  const char* after;         // what the twin brings
  std::string_view answer;   // the message that bears a status
  const char* unheard = "";  // what shows that it was discarded; nothing: that nothing comes
};
constexpr Way ways[] = {
    {"hi", Role::nr, "predictive", "", "unmoved-hi", "hack"},
    {"shin", Role::nr, "reactive", "", "unmoved-shin", "shak"},
    {"shrep", Role::nr, "reactive", "fetch", "taken", "shak"},
    {"shrep-status", Role::nr, "reactive", "fetch", "failed", "shak"},
    {"shreq", Role::pr, "reactive", "", "served", "shrep"},
    {"p-shin", Role::pr, "pshin", "", "handed-over", "shak"},
    {"hack", Role::pr, "pshin", "begun-again", "silence", "", "hi-again"},
    {"shrep-ack", Role::pr, "reactive", "asked", "silence", ""},
    {"mip4-request", Role::fa, "mip4", "", "unmoved-shin", "mip4-reply"},
};

void append_sequence(Steps& steps, const char* name) {
  if (*name == '\0') return;
  const auto& list = built_in_sequences().at(name);
  steps.insert(steps.end(), list.begin(), list.end());
}

CaseStep step_of(Kind kind, std::string_view message, double seconds) {
  CaseStep step;
  step.kind = kind;
  step.message = message;
  step.seconds = seconds;
  return step;
}

// The answer with a status: in a SHREP alone, in the SHREP-Ack of a HAck or before a SHAK.
Steps refused(const Way& way, std::uint8_t status) {
  constexpr double wait = 0.5;
  const auto text = std::to_string(status);
  Steps steps;
  if (way.message.starts_with("shrep")) {
    auto& ack = steps.emplace_back(step_of(Kind::expect, "shrep-ack", wait));
    ack.fields = {{"secct.shrep_ack.all_received", {"false"}}};
    ack.one_of = {{"secct.status", {text, std::to_string(status::ok)}}};
    ack.optional = true;
  }
  auto& answer = steps.emplace_back(step_of(Kind::expect, way.answer, wait));
  if (way.answer == "hack") {
    answer.fields = {{"secct.shrep_ack.all_received", {"false"}}};
    answer.one_of = {{"secct.status", {text, std::to_string(status::ok)}}};
  } else {
    answer.fields = {{"secct.status", {text}}};
  }
  if (way.answer == "shrep") answer.absent = {"secct.sa.spi"};
  return steps;
}

void append_unharmed(Steps& steps, const Steps& control, std::size_t from) {
  for (auto& step : shown_unharmed(control, from)) steps.push_back(std::move(step));
}

// What follows the malformed packet.
Steps reaction_of(const Malformed& entry, const Way& way, const Steps& control, std::size_t sent) {
  using R = Reaction::Kind;
  Steps steps;
  const auto& reaction = entry.reaction;
  // A message whose outcome ends the transfer cannot be sent again in it.
  const bool again = way.message != "shrep" && way.message != "shrep-status";
  switch (reaction.kind) {
    case R::discard:
      if (!entry.twice) append_sequence(steps, way.unheard);
      if (steps.empty()) steps.push_back(step_of(Kind::nothing, "", quiet_seconds));
      if (again || !entry.twice) append_unharmed(steps, control, sent);
      return steps;
    case R::any:
      steps.push_back(step_of(Kind::wait, "", over_seconds));
      steps.back().anything = true;
      if (again) append_unharmed(steps, control, sent);
      return steps;
    case R::ignored:
      if (entry.twice) {  // a repetition may be answered again, or not
        steps.push_back(step_of(Kind::wait, "", quiet_seconds));
        steps.back().anything = true;
        return steps;
      }
      steps.assign(control.begin() + static_cast<std::ptrdiff_t>(sent) + 1, control.end());
      return steps;
    case R::status: steps = refused(way, reaction.value); break;
    case R::status_or_nothing:
      steps = refused(way, reaction.value);
      for (auto& step : steps) step.optional = true;
      break;
    case R::forwarded:
      steps.push_back(step_of(Kind::expect, "shreq", quiet_seconds));
      steps.back().checks = {"verbatim"};
      return steps;
    case R::code:
      steps.push_back(step_of(Kind::expect, way.answer, quiet_seconds));
      if (way.role == Role::fa) {
        steps.back().checks = {"poorly-formed"};
      } else {
        steps.back().fields = {{"secct.code", {std::to_string(reaction.value)}}};
      }
      break;
  }
  if (again) append_unharmed(steps, control, sent);
  return steps;
}

Case case_of(const Malformed& entry, const Way& way, const std::vector<SaPattern>& sas) {
  Case c;
  c.id = "MALFORMED/" + entry.name;
  c.title = entry.why;
  c.section = "MALFORMED";
  c.file = "malformed catalogue";
  c.role = way.role;
  c.clauses = entry.clauses;
  c.tags = {"malformed"};
  c.needs.capabilities = {way.capability};
  if (way.role != Role::pr) c.needs.sas = sas;
  append_sequence(c.steps, way.before);
  const auto sent = c.steps.size();
  c.steps.push_back(step_of(Kind::send, way.message, 0));
  c.steps.back().malformed = &entry;
  append_sequence(c.steps, way.after);
  if (entry.twice) {
    const auto control = c.steps;
    // What the first one brings may come twice.
    c.steps.push_back(step_of(Kind::wait, "", settle_seconds));
    c.steps.push_back(step_of(Kind::send, way.message, 0));
    c.steps.back().same_again = true;
    for (auto& step : reaction_of(entry, way, control, sent)) c.steps.push_back(std::move(step));
    return c;
  }
  c.mutation.emplace();
  c.mutation->step = sent;
  c.mutation->then = reaction_of(entry, way, c.steps, sent);
  return c;
}

}  // namespace

std::vector<Case> malformed_cases() {
  const auto description = built_in_description();
  std::vector<Case> cases;
  for (const auto& entry : malformed()) {
    const auto* way = std::ranges::find(ways, entry.message, &Way::message);
    const bool cut = entry.name.starts_with("cut-");
    if (!entry.role || cut || way == std::end(ways) || way->role != *entry.role) continue;
    cases.push_back(case_of(entry, *way, description.sas));
  }
  return cases;
}

}  // namespace secct::replay
