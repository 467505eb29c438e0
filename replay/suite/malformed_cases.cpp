// SPDX-License-Identifier: GPL-2.0-or-later
// The malformed catalogue as cases: the valid twin of an entry is the control, its fault is the
// mutation, and its `reaction` is what the router must do.
#include <algorithm>

#include <fmt/format.h>

#include "generator/handover/handover.hpp"
#include "generator/malformed/catalogue.hpp"
#include "protocol/tables/numbers.hpp"
#include "protocol/tables/status.hpp"
#include "replay/suite/suite.hpp"

namespace secct::replay {
namespace {

using Kind = CaseStep::Kind;
using Steps = std::vector<CaseStep>;

constexpr double answer_seconds = 0.5;  // in which an answer must arrive
constexpr double quiet_seconds = 0.4;
constexpr double settle_seconds = 0.1;
// Longer than the five transmissions of a HI, one per 0.1 s.
constexpr double hi_seconds = 0.6;

// The exchange in which a message of the catalogue is sent. `before`, `after` and `if_discarded`
// are sequences of suites/sequences.yaml, or "".
struct Exchange {
  Message message;
  const char* capability;
  const char* before;             // the steps before the message
  const char* after;              // the steps after a valid message
  const char* if_discarded = "";  // shows that the router discarded the message; "": no answer
  bool only_status = false;       // the message is Handover::shrep_status()

  std::string_view name() const {
    return only_status ? Handover::shrep_status_name : message_info(message).name;
  }
};
constexpr Exchange exchanges[] = {
    {Message::hi, "predictive", "", "unmoved-hi"},
    {Message::shin, "reactive", "", "unmoved-shin"},
    {Message::shrep, "reactive", "fetch", "taken"},
    {Message::shrep, "reactive", "fetch", "failed", "", true},
    {Message::shreq, "reactive", "", "served"},
    {Message::pshin, "pshin", "", "handed-over"},
    {Message::hack, "pshin", "begun-again", "silence", "hi-again"},
    {Message::shrep_ack, "reactive", "asked", "silence"},
    {Message::mip4_request, "mip4", "", "unmoved-shin"},
};

// The message that contains the status: the answer, or after a SHREP the SHAK.
Message answer_to(const Exchange& exchange) {
  return exchange.message == Message::shrep ? Message::shak
                                            : message_info(exchange.message).answered_by;
}

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

CaseStep expectation_of(Message message) {
  return step_of(Kind::expect, message_info(message).name, answer_seconds);
}

CaseStep forwarded() {
  auto step = expectation_of(Message::shreq);
  step.predicates = {"verbatim"};
  return step;
}

// Expects `status`: in a SHREP, in the SHREP-Ack of a HAck, or in a SHAK, which a SHREP-Ack may
// precede.
Steps expect_status(const Exchange& exchange, std::uint8_t status) {
  const auto text = std::to_string(status);
  Steps steps;
  if (exchange.message == Message::shrep) {
    auto& ack = steps.emplace_back(expectation_of(Message::shrep_ack));
    ack.fields = {{"secct.shrep_ack.all_received", {"false"}}};
    ack.one_of = {{"secct.status", {text, std::to_string(status::ok)}}};
    ack.optional = true;
  }
  const auto message = answer_to(exchange);
  auto& answer = steps.emplace_back(expectation_of(message));
  if (message == Message::hack) {
    answer.fields = {{"secct.shrep_ack.all_received", {"false"}}};
    answer.one_of = {{"secct.status", {text, std::to_string(status::ok)}}};
  } else {
    answer.fields = {{"secct.status", {text}}};
  }
  if (message == Message::shrep) answer.absent = {"secct.sa.spi"};
  return steps;
}

void append_unchanged_state(Steps& steps, const Steps& control, std::size_t from) {
  for (auto& step : unchanged_state_steps(control, from)) steps.push_back(std::move(step));
}

// The steps after the malformed packet.
Steps reaction_steps(const Malformed& entry, const Exchange& exchange, const Steps& control,
                     std::size_t sent) {
  using R = Reaction::Kind;
  Steps steps;
  const auto& reaction = entry.reaction;
  // A SHREP ends the transfer: another one in the same transfer is not evaluated.
  const bool can_repeat = exchange.message != Message::shrep;
  switch (reaction.kind) {
    case R::discard:
      if (!entry.twice) append_sequence(steps, exchange.if_discarded);
      if (steps.empty()) steps.push_back(step_of(Kind::nothing, "", quiet_seconds));
      if (can_repeat || !entry.twice) append_unchanged_state(steps, control, sent);
      return steps;
    case R::any:
      steps.push_back(step_of(Kind::wait, "", hi_seconds));
      steps.back().ignores_packets = true;
      if (can_repeat) append_unchanged_state(steps, control, sent);
      return steps;
    case R::ignored:
      if (entry.twice) {  // the router may answer a repetition again
        steps.push_back(step_of(Kind::wait, "", quiet_seconds));
        steps.back().ignores_packets = true;
        return steps;
      }
      steps.assign(control.begin() + static_cast<std::ptrdiff_t>(sent) + 1, control.end());
      return steps;
    case R::status: steps = expect_status(exchange, reaction.value); break;
    case R::status_or_nothing:
      steps = expect_status(exchange, reaction.value);
      for (auto& step : steps) step.optional = true;
      break;
    case R::status_or_forwarded:
      steps = expect_status(exchange, reaction.value);
      steps.push_back(forwarded());
      steps.back().alternative = true;
      return steps;
    case R::forwarded: return {forwarded()};
    case R::code:
      steps.push_back(expectation_of(answer_to(exchange)));
      if (entry.role == Role::fa) {
        steps.back().predicates = {"poorly-formed"};
      } else if (reaction.value >= hack_code::refused) {  // FMIP-4.4-6
        steps.back().one_of = {{"secct.code", {"128", "129", "130"}}};
      } else {
        steps.back().fields = {{"secct.code", {std::to_string(reaction.value)}}};
      }
      break;
  }
  if (can_repeat) append_unchanged_state(steps, control, sent);
  return steps;
}

// Whether the edits of the entry use a variable with this name.
bool uses(const Malformed& entry, std::string_view variable) {
  return uses_variable(entry.twin, variable) ||
         (entry.edit && uses_variable({&*entry.edit, 1}, variable));
}

// The previous router must have the SAs that the entry names. Each form of SecCT-req can name them,
// also with a port; the entries about the protocol flag expect AH.
SaDemands sas_for(const Malformed& entry) {
  if (*entry.role != Role::pr) return default_sas(*entry.role);
  constexpr const char* named = "{ipsec: ah, ends: V6-V6, source_port: 0, destination_port: 0}";
  constexpr const char* kept =
      "{type: 2, made-with: {direction: from-mn, spt: 10, remote: '2001:db8:ff::1'}}";
  SaDemands demands;
  const auto add = [&](const char* sa) {
    const auto number = static_cast<std::uint32_t>(demands.list.size()) + 1;
    demands.list.push_back(
        read_sa_demand(YAML::Load(sa), {entry.name, ""}, number * spi_base_step));
  };
  add(uses(entry, "$spi1") ? named : "{}");
  if (uses(entry, "$spi2")) add(named);
  if (uses(entry, "$kept-spi")) add(kept);
  return demands;
}

Case case_of(const Malformed& entry, const Exchange& exchange) {
  Case c;
  c.id = "MALFORMED/" + entry.name;
  c.title = entry.why;
  c.section = "MALFORMED";
  c.file = "malformed catalogue";
  c.role = *entry.role;
  c.clauses = entry.clauses;
  c.tags = {"malformed"};
  c.needs.capabilities = {exchange.capability};
  std::ranges::copy(entry.needs, std::back_inserter(c.needs.capabilities));
  c.needs.sas = sas_for(entry);
  append_sequence(c.steps, exchange.before);
  const auto sent = c.steps.size();
  c.steps.push_back(step_of(Kind::send, exchange.name(), 0));
  c.steps.back().malformed = &entry;
  append_sequence(c.steps, exchange.after);
  if (entry.twice) {
    const auto control = c.steps;
    // The answer to the first packet may arrive twice.
    c.steps.push_back(step_of(Kind::wait, "", settle_seconds));
    c.steps.push_back(step_of(Kind::send, exchange.name(), 0));
    c.steps.back().repeats_last = true;
    for (auto& step : reaction_steps(entry, exchange, control, sent))
      c.steps.push_back(std::move(step));
  } else {
    c.mutation.emplace();
    c.mutation->step = sent;
    c.mutation->then = reaction_steps(entry, exchange, c.steps, sent);
  }
  add_needs_of_steps(c);
  return c;
}

}  // namespace

std::vector<Case> malformed_cases() {
  std::vector<Case> cases;
  for (const auto& entry : malformed()) {
    const auto* exchange = std::ranges::find(exchanges, entry.message, &Exchange::name);
    const bool truncated = entry.name.starts_with("cut-");
    if (!entry.role || truncated || exchange == std::end(exchanges) ||
        entry.role != Handover::receiver_of(entry.message)) {
      continue;
    }
    cases.push_back(case_of(entry, *exchange));
  }
  return cases;
}

}  // namespace secct::replay
