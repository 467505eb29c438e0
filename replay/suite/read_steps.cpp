// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/suite/read_steps.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "generator/handover/handover.hpp"
#include "protocol/tables/fields.hpp"
#include "protocol/tables/layout.hpp"
#include "replay/suite/clauses.hpp"

namespace secct::replay {
namespace {

constexpr double default_wait = 0.5;          // seconds in which an answer must arrive
constexpr std::uint16_t echo_port = 7;        // RFC 862
constexpr std::uint16_t tester_port = 49152;  // RFC 6335: the first dynamic one
constexpr std::size_t min_mtu = 96;         // IPv6 and fragment header, and a few units of 8 octets
constexpr std::size_t max_contexts = 4096;  // 64 patterns, 64 SAs each

constexpr StepKey keys[] = {
    {"send", "send a message of this handover", true},
    {"expect", "expect this message", true},
    {"expect-repeat", "expect exactly the same message again", true},
    {"expect-nothing", "expect no packet for this number of seconds", true},
    {"wait", "wait for this number of seconds", true},
    {"echo", "send an ICMPv6 echo request from the mobile node", true},
    {"udp", "send a UDP datagram from the mobile node", true},
    {"trigger", "make the previous router start a handover", true},
    {"use", "insert the steps of a sequence", true},
    {"contexts", "numbers of the SAs that the message contains, or all", false},
    {"continues", "true: the message continues the one before, with its Identifier", false},
    {"mtu", "send fragments of at most this number of octets", false},
    {"fields", "field: its value, or the values of all such fields in order", false},
    {"one-of", "field: the allowed values", false},
    {"absent", "fields that must be absent", false},
    {"check", "predicates that the message must satisfy", false},
    {"under", "the protection: ah, esp, none, transferred", false},
    {"optional", "true: the message may be missing", false},
    {"alternative", "true: the message may arrive instead of that of the step before", false},
    {"within", "seconds in which the message must arrive", false},
    {"scaled", "false: the time is not multiplied by timing_scale", false},
    {"after", "seconds that must pass before the message arrives", false},
    {"sequence", "AH or ESP sequence number relative to the transferred one: +N or -N", false},
    {"ports", "[source port, destination port]", false},
    {"answered", "false: expect no answer", false},
    {"clause", "the clause that this step tests", false},
};

void check_name(const YamlPlace& place, const YAML::Node& at, std::string_view what,
                const std::string& name, std::span<const std::string_view> names) {
  if (std::ranges::find(names, name) != names.end()) return;
  const auto all = names.size() <= 12 ? fmt::format(", expected one of {}", fmt::join(names, ", "))
                                      : std::string();
  yaml_error(place, at,
             fmt::format("unknown {} '{}'{}{}", what, name, all, suggestion(name, names)));
}

std::string read_message(YamlMap& map, const std::string& key) {
  auto name = map.text(key, "");
  check_name(map.at(key), map.get(key), "message", name, Handover::names());
  return name;
}

std::vector<FieldCheck> read_fields(YamlMap& map, const std::string& key) {
  std::vector<FieldCheck> checks;
  const auto node = map.get(key);
  if (!node.IsDefined()) return checks;
  if (!node.IsMap()) yaml_error(map.at(key), node, "expected fields (name: value)");
  YamlMap values(node, map.at(key));
  for (const auto& pair : node) {
    const auto& name = pair.first.Scalar();
    check_field_name(map.at(key), pair.first, name);
    checks.push_back({name, values.texts(name)});
  }
  return checks;
}

std::size_t read_count(const YamlPlace& place, const YAML::Node& at, const std::string& text,
                       std::size_t most) {
  const auto number = to_number(text);
  if (!number || *number == 0 || *number > most) {
    yaml_error(place, at, fmt::format("expected a number from 1 to {}, found '{}'", most, text));
  }
  return *number;
}

std::optional<ContextChoice> read_context_choice(YamlMap& map) {
  const auto node = map.get("contexts");
  if (!node.IsDefined()) return std::nullopt;
  ContextChoice choice;
  choice.all = node.IsScalar() && node.Scalar() == "all";
  if (choice.all) return choice;
  for (const auto& text : map.texts("contexts")) {
    choice.numbers.push_back(read_count(map.at("contexts"), node, text, max_contexts));
  }
  return choice;
}

void read_send(YamlMap& map, CaseStep& step) {
  step.message = read_message(map, "send");
  step.edits = read_edits(map);
  step.contexts = read_context_choice(map);
  step.continues = map.flag("continues", false);
  if (map.has("mtu")) {
    step.mtu = map.number("mtu", 0, 0xffff);
    if (step.mtu < min_mtu) {
      yaml_error(map.at("mtu"), map.get("mtu"), fmt::format("expected {} or more", min_mtu));
    }
  }
  constexpr std::string_view protections[] = {"ah", "esp"};
  if (const auto under = map.choice("under", protections)) step.under = protections[*under];
  const auto message = find_message(step.message);
  const bool has_contexts = message && may_contain(*message, CodePoint::subopt_rep);
  if (step.contexts && !has_contexts) {
    yaml_error(map.at("contexts"), map.get("contexts"), "only hi and shrep contain contexts");
  }
}

void read_expect(YamlMap& map, CaseStep& step) {
  step.message = read_message(map, "expect");
  step.fields = read_fields(map, "fields");
  step.one_of = read_fields(map, "one-of");
  step.contexts = read_context_choice(map);
  step.absent = map.texts("absent");
  for (const auto& name : step.absent) check_field_name(map.at("absent"), map.get("absent"), name);
  step.predicates = map.texts("check");
  for (const auto& name : step.predicates) {
    check_name(map.at("check"), map.get("check"), "check", name, predicate_names());
  }
  constexpr std::string_view protections[] = {"ah", "esp", "none", "transferred"};
  if (const auto under = map.choice("under", protections)) step.under = protections[*under];
  step.optional = map.flag("optional", false);
  step.alternative = map.flag("alternative", false);
  step.seconds = map.real("within", default_wait);
}

void read_traffic(YamlMap& map, const std::string& key, CaseStep& step) {
  auto& traffic = step.traffic;
  traffic.kind = key == "udp" ? TrafficStep::Kind::udp : TrafficStep::Kind::echo;
  const auto node = map.get(key);
  if (node.IsScalar() && node.Scalar() == "clear") {
    traffic.under = TrafficStep::Under::clear;
  } else if (node.IsScalar() && node.Scalar() == "transferred") {
    traffic.under = TrafficStep::Under::transferred;
  } else {
    traffic.under = TrafficStep::Under::chosen;
    for (const auto& text : map.texts(key)) {
      if (!to_number(text)) {
        yaml_error(
            map.at(key), node,
            fmt::format("expected clear, transferred or the numbers of SAs, found '{}'", text));
      }
      traffic.sas.push_back(read_count(map.at(key), node, text, max_contexts));
    }
  }
  if (map.has("sequence")) {
    const auto text = map.text("sequence", "");
    const auto digits = text.starts_with('+') || text.starts_with('-') ? text.substr(1) : text;
    const auto number = to_number(digits);
    if (!number || *number > 0xffffffff) {
      yaml_error(map.at("sequence"), map.get("sequence"),
                 fmt::format("expected +N or -N, found '{}'", text));
    }
    const auto offset = static_cast<std::int64_t>(*number);
    traffic.offset = text.starts_with('-') ? -offset : offset;
  }
  traffic.source_port = tester_port;
  traffic.destination_port = echo_port;
  if (map.has("ports")) {
    const auto ports = map.texts("ports");
    if (ports.size() != 2 || traffic.kind != TrafficStep::Kind::udp) {
      yaml_error(map.at("ports"), map.get("ports"),
                 "expected [source port, destination port] in a udp step");
    }
    const auto port = [&](const std::string& text) {
      return static_cast<std::uint16_t>(
          read_count(map.at("ports"), map.get("ports"), text, 0xffff));
    };
    traffic.source_port = port(ports[0]);
    traffic.destination_port = port(ports[1]);
  }
  traffic.answered = map.flag("answered", true);
  step.seconds = map.real("within", default_wait);
}

// The key that is the kind of the step. Throws UsageError unless the step has exactly one.
std::string kind_of(YamlMap& map) {
  std::string kind;
  std::vector<std::string_view> kinds;
  for (const auto& key : keys) {
    if (!key.is_kind) continue;
    kinds.push_back(key.name);
    if (!map.has(key.name)) continue;
    if (!kind.empty()) {
      yaml_error(map.place(), map.node(),
                 fmt::format("a step cannot have both {} and {}", kind, key.name));
    }
    kind = key.name;
  }
  if (!kind.empty()) return kind;
  std::string hint;
  for (const auto& pair : map.node()) {
    if (hint.empty()) hint = suggestion(pair.first.Scalar(), kinds);
  }
  yaml_error(map.place(), map.node(),
             fmt::format("expected one of {}{}", fmt::join(kinds, ", "), hint));
}

CaseStep read_step(YamlMap& map, const std::string& kind) {
  using Kind = CaseStep::Kind;
  CaseStep step;
  if (kind == "send") {
    step.kind = Kind::send;
    read_send(map, step);
  } else if (kind == "expect") {
    step.kind = Kind::expect;
    read_expect(map, step);
  } else if (kind == "expect-repeat") {
    step.kind = Kind::repeat;
    step.message = read_message(map, kind);
    step.seconds = map.real("within", default_wait);
    step.after = map.real("after", 0);
  } else if (kind == "expect-nothing" || kind == "wait") {
    step.kind = kind == "wait" ? Kind::wait : Kind::nothing;
    step.seconds = map.real(kind, 0);
    if (step.kind == Kind::wait) step.scaled = map.flag("scaled", true);
    if (!(step.seconds > 0 && step.seconds <= 3600)) {
      yaml_error(map.at(kind), map.get(kind), "expected seconds, more than 0 and at most 3600");
    }
  } else if (kind == "trigger") {
    step.kind = Kind::trigger;
    if (!map.flag(kind, false)) yaml_error(map.at(kind), map.get(kind), "expected true");
  } else {
    step.kind = Kind::traffic;
    read_traffic(map, kind, step);
  }
  step.clause = map.text("clause", "");
  if (!step.clause.empty()) check_clause(map.at("clause"), map.get("clause"), step.clause);
  map.finish();
  return step;
}

}  // namespace

std::vector<std::string_view> predicate_names() {
  return {
#define PREDICATE(function, name) name,
#include "replay/suite/predicates.def"
#undef PREDICATE
  };
}

std::span<const StepKey> step_keys() { return keys; }

void check_clause(const YamlPlace& place, const YAML::Node& at, const std::string& id) {
  if (find_clause(id) == nullptr) check_name(place, at, "clause", id, clause_ids());
}

std::vector<std::string_view> field_names() {
  std::vector<std::string_view> names;
  for (const auto& field : fields()) names.emplace_back(field.name);
  for (const auto& header : header_rows()) names.emplace_back(header.name);
  std::ranges::sort(names);
  const auto duplicates = std::ranges::unique(names);
  names.erase(duplicates.begin(), duplicates.end());
  return names;
}

std::vector<std::string_view> clause_ids() {
  std::vector<std::string_view> ids;
  for (const auto& clause : clauses()) ids.emplace_back(clause.id);
  return ids;
}

std::vector<CaseStep> read_steps(YamlMap& map, const std::string& key, const Sequences& sequences,
                                 CopyBudget& budget) {
  std::vector<CaseStep> steps;
  map.require(key);
  const auto node = map.get(key);
  if (!node.IsSequence()) yaml_error(map.at(key), node, "expected a list of steps");
  std::size_t i = 0;
  for (const auto& item : node) {
    YamlMap step(
        item, {map.place().file, fmt::format("{}[{}]", map.at(key).path, i++), map.place().line});
    const auto kind = kind_of(step);
    if (kind != "use") {
      steps.push_back(read_step(step, kind));
      continue;
    }
    const auto name = step.text("use", "");
    const auto found = sequences.find(name);
    if (found == sequences.end()) {
      std::vector<std::string_view> names;
      for (const auto& [valid, list] : sequences) names.emplace_back(valid);
      check_name(step.at("use"), step.get("use"), "sequence", name, names);
    } else {
      budget.take(found->second.size() * sizeof(CaseStep), step.place(), step.node());
      steps.insert(steps.end(), found->second.begin(), found->second.end());
    }
    step.finish();
  }
  return steps;
}

}  // namespace secct::replay
