// SPDX-License-Identifier: GPL-2.0-or-later
// Steps as text, for `secct show` and the reports.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "replay/suite/suite.hpp"

namespace secct::replay {
namespace {

std::string traffic_text(const TrafficStep& traffic) {
  auto text = traffic.kind == TrafficStep::Kind::echo
                  ? std::string("send an ICMPv6 echo request")
                  : fmt::format("send a UDP datagram from port {} to port {}", traffic.source_port,
                                traffic.destination_port);
  switch (traffic.under) {
    case TrafficStep::Under::clear: text += " without IPsec"; break;
    case TrafficStep::Under::transferred: text += " under the transferred SA"; break;
    case TrafficStep::Under::chosen:
      text += fmt::format(" under SA {}", fmt::join(traffic.sas, " around SA "));
      break;
  }
  if (traffic.offset) text += fmt::format(", sequence number {:+}", *traffic.offset);
  return text + (traffic.answered ? ", expect an answer" : ", expect no answer");
}

std::string contexts_text(const ContextChoice& choice) {
  if (choice.all) return "all transferable SAs";
  return fmt::format("{} {}", choice.numbers.size() == 1 ? "SA" : "SAs",
                     fmt::join(choice.numbers, ", "));
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
      first = fmt::format("expect no packet for {} s", step.seconds);
      break;
    case CaseStep::Kind::wait:
      first = fmt::format("wait {} s{}{}", step.seconds,
                          step.ignores_packets ? ", any packet is permitted" : "",
                          step.scaled ? "" : ", not multiplied by timing_scale");
      break;
    case CaseStep::Kind::traffic: first = traffic_text(step.traffic); break;
    case CaseStep::Kind::trigger: first = "trigger a handover"; break;
  }
  if (step.optional) first += " (optional)";
  if (step.alternative) first += " (instead of the message before)";
  if (step.continues) first += " (continues the message before)";
  for (const auto& edit : step.edits) lines.push_back(edit_text(edit));
  if (step.malformed != nullptr) {
    for (const auto& edit : step.malformed->twin) lines.push_back(edit_text(edit));
    if (step.faulty) lines.push_back("fault: " + fault_text(*step.malformed));
  }
  if (step.repeats_last) lines.emplace_back("the same octets as before");
  if (step.contexts) lines.push_back("with " + contexts_text(*step.contexts));
  if (step.mtu != 0) lines.push_back(fmt::format("in fragments of at most {} octets", step.mtu));
  for (const auto& check : step.one_of) {
    lines.push_back(fmt::format("{} is one of {}", check.name, fmt::join(check.values, ", ")));
  }
  for (const auto& field : step.fields) {
    lines.push_back(fmt::format("{} = {}", field.name, fmt::join(field.values, ", ")));
  }
  for (const auto& name : step.absent) lines.push_back("no " + name);
  for (const auto& name : step.predicates) lines.push_back("check " + name);
  if (!step.under.empty()) lines.push_back("under " + step.under);
  return lines;
}

}  // namespace secct::replay
