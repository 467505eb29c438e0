// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/malformed/read_catalogue.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "embedded/malformed.hpp"
#include "generator/packet/build.hpp"
#include "generator/packet/inspect.hpp"
#include "protocol/tables/status.hpp"

namespace secct::generator {
namespace {

using Kind = Reaction::Kind;

constexpr std::uint8_t poorly_formed = 70;  // Registration Reply, RFC 3344 3.4

// How the receiver of a message reports an error that has this status.
Reaction status_reaction(const std::string& message, std::uint8_t status) {
  switch (message_info(*Handover::message_of(message)).error_report) {
    case ErrorReport::status: return {Kind::status, status};
    case ErrorReport::optional_status: return {Kind::status_or_nothing, status};
    case ErrorReport::forwarded: return {Kind::forwarded, status};
    case ErrorReport::none: break;
  }
  return {Kind::discard, status};
}

// The reaction that behaviour.md section 4 requires if `message` breaks a rule; std::nullopt if it
// requires none.
std::optional<Reaction> reaction_of(Rule rule, const std::string& message) {
  constexpr std::uint8_t row_of_discard = 1;
  constexpr std::uint8_t row_of_chain = 2;
  const auto number = row(rule).status_row;
  if (number == 0) {
    if (row(rule).severity == Severity::note) return Reaction{Kind::ignored, 0};
    return std::nullopt;
  }
  // behaviour.md section 5: a malformed extension is answered with code 70.
  if (message == message_info(Message::mip4_request).name && number <= row_of_chain) {
    return Reaction{Kind::code, poorly_formed};
  }
  if (number == row_of_discard) return Reaction{Kind::discard, 0};
  const auto status = status::of_row(number);
  // behaviour.md 2.4: the new router does not read what it forwards. Row 2 lets it refuse a chain
  // that it cannot follow.
  const auto report = message_info(*Handover::message_of(message)).error_report;
  if (number == row_of_chain && report == ErrorReport::forwarded) {
    return Reaction{Kind::status_or_forwarded, *status};
  }
  return status ? std::optional(status_reaction(message, *status)) : std::nullopt;
}

Reaction read_reaction(YamlMap& map, const std::string& message) {
  const auto text = map.text("expect", "");
  if (text == "discard") return {Kind::discard, 0};
  if (text == "ignored") return {Kind::ignored, 0};
  if (text == "any") return {Kind::any, 0};
  const auto blank = text.find(' ');
  const auto number = to_number(blank == std::string::npos ? text : text.substr(blank + 1));
  const auto kind = blank == std::string::npos ? std::string() : text.substr(0, blank);
  if (number && *number <= 0xff) {
    const auto value = static_cast<std::uint8_t>(*number);
    if (kind.empty()) return status_reaction(message, value);
    if (kind == "status") return {Kind::status, value};
    if (kind == "code") return {Kind::code, value};
  }
  yaml_error(map.at("expect"), map.get("expect"),
             fmt::format("expected discard, ignored, any, a status, 'status N' or 'code N', found "
                         "'{}'",
                         text));
}

Rule read_rule(const YamlPlace& place, const YAML::Node& at, const std::string& name) {
  std::vector<std::string_view> names;
  for (const auto& rule : rules()) {
    if (name == rule.name) return rule.id;
    names.emplace_back(rule.name);
  }
  yaml_error(place, at, fmt::format("unknown rule '{}'{}", name, suggestion(name, names)));
}

std::vector<FragmentSpec> read_fragments(YamlMap& map) {
  std::vector<FragmentSpec> fragments;
  const auto list = map.get("fragments");
  if (!list.IsDefined()) return fragments;
  if (!list.IsSequence()) yaml_error(map.at("fragments"), list, "expected a list (- ...)");
  constexpr std::uint64_t most = 0xffff;
  for (const auto& item : list) {
    YamlMap entry(item, map.at("fragments"));
    auto& fragment = fragments.emplace_back();
    fragment.from = static_cast<std::uint32_t>(entry.number("from", 0, most));
    if (entry.has("octets")) {
      fragment.octets = static_cast<std::uint32_t>(entry.number("octets", 0, most));
    }
    if (entry.has("offset")) {
      fragment.offset = static_cast<std::uint32_t>(entry.number("offset", 0, most));
    }
    if (entry.has("more")) fragment.more = entry.flag("more", false);
    fragment.ident = static_cast<std::uint32_t>(entry.number("ident", 1, 0xffffffff));
    entry.finish();
  }
  return fragments;
}

// A message and the edits that turn it into the twin.
struct Twin {
  std::string message;
  std::vector<Edit> edits;
  std::vector<std::string> needs;  // capabilities
};
using Twins = std::map<std::string, Twin, std::less<>>;

void append_needs(YamlMap& map, std::vector<std::string>& needs) {
  const auto names = read_capabilities(map, "needs");
  needs.insert(needs.end(), names.begin(), names.end());
}

void read_twins(const YAML::Node& root, const std::string& file, Twins& twins) {
  YamlMap map(root, {file, ""});
  const auto list = map.get("twins");
  if (!list.IsDefined()) return;
  for (const auto& pair : list) {
    const auto name = pair.first.Scalar();
    YamlMap twin(pair.second, {file, "twins." + name});
    Twin read;
    read.message = twin.text("of", "");
    const auto found = twins.find(read.message);  // a message or an earlier twin
    if (found == twins.end()) {
      yaml_error(twin.at("of"), twin.get("of"),
                 fmt::format("unknown message or twin '{}'", read.message));
    }
    read = found->second;
    for (auto& edit : read_edits(twin)) read.edits.push_back(std::move(edit));
    append_needs(twin, read.needs);
    twin.finish();
    twins.emplace(name, std::move(read));
  }
}

// The fault of an entry: one edit, `twice`, or `fragments`.
void read_fault(YamlMap& map, Malformed& entry) {
  auto edits = read_edits(map);
  entry.twice = map.flag("twice", false);
  entry.fragments = read_fragments(map);
  const auto faults = edits.size() + (entry.twice ? 1 : 0) + (entry.fragments.empty() ? 0 : 1);
  if (faults != 1) {
    yaml_error(map.place(), map.node(),
               fmt::format("expected one fault ({}, twice or fragments), found {}",
                           fmt::join(edit_names(), ", "), faults));
  }
  if (!edits.empty()) entry.edit = std::move(edits.front());
}

Malformed read_entry(YamlMap& map, const std::string& of, const Twins& twins) {
  const auto twin = twins.find(of);
  if (twin == twins.end()) {
    yaml_error(map.at("of"), map.get("of"), fmt::format("unknown message or twin '{}'", of));
  }
  Malformed entry;
  map.require("name");
  map.require("why");
  map.require("clauses");
  entry.name = fmt::format("{}-{}", of, map.text("name", ""));
  entry.message = twin->second.message;
  entry.twin = twin->second.edits;
  entry.needs = twin->second.needs;
  append_needs(map, entry.needs);
  entry.role = Handover::receiver_of(entry.message);
  entry.why = map.text("why", "");
  entry.clauses = map.texts("clauses");
  read_fault(map, entry);
  if (map.has("rule")) {
    entry.rule = read_rule(map.at("rule"), map.get("rule"), map.text("rule", ""));
  }
  for (const auto& name : map.texts("also")) {
    entry.also.push_back(read_rule(map.at("also"), map.get("also"), name));
  }
  auto reaction = entry.rule ? reaction_of(*entry.rule, entry.message) : std::nullopt;
  if (map.has("expect")) reaction = read_reaction(map, entry.message);
  if (!reaction) {
    yaml_error(map.place(), map.node(),
               "'expect' is missing: behaviour.md specifies no reaction for this rule");
  }
  entry.reaction = *reaction;
  map.finish();
  return entry;
}

void read_entries(const YAML::Node& root, const std::string& file, const Twins& twins,
                  std::vector<Malformed>& entries) {
  YamlMap map(root, {file, ""});
  map.get("twins");
  const auto list = map.get("malformed");
  map.finish();
  std::size_t i = 0;
  for (const auto& item : list) {
    const YamlPlace place{file, fmt::format("malformed[{}]", i++)};
    YamlMap entry(item, place);
    entry.require("of");
    for (const auto& of : entry.texts("of")) {
      YamlMap again(item, place);
      again.get("of");
      entries.push_back(read_entry(again, of, twins));
    }
  }
}

Twins plain_messages() {
  Twins twins;
  for (const auto name : Handover::names()) {
    twins[std::string(name)] = {std::string(name), {}, {}};
  }
  return twins;
}

}  // namespace

std::vector<Malformed> read_malformed(const std::string& text, const std::string& file) {
  auto twins = plain_messages();
  std::vector<Malformed> entries;
  const auto root = parse_yaml(text, file);
  read_twins(root, file, twins);
  read_entries(root, file, twins, entries);
  return entries;
}

std::vector<Malformed> read_malformed() {
  std::vector<Malformed> entries;
  for (const auto& file : embedded::malformed()) {
    const auto name = fmt::format("malformed/{}", file.name);
    for (auto& entry : read_malformed(std::string(file.contents), name)) {
      entries.push_back(std::move(entry));
    }
  }
  return entries;
}

namespace {

// The rule with the lowest row of behaviour.md section 4 is the rule of the entry.
void take_rules(std::vector<Rule> found, Malformed& entry) {
  if (found.empty()) return;
  std::ranges::stable_sort(found, [](Rule a, Rule b) {
    const auto weight = [](Rule rule) {
      return row(rule).status_row == 0 ? 0xff : row(rule).status_row;
    };
    return weight(a) < weight(b);
  });
  entry.rule = found.front();
  entry.also.assign(found.begin() + 1, found.end());
}

}  // namespace

std::vector<Malformed> malformed_cuts() {
  std::vector<Malformed> cuts;
  const auto description = built_in_description();
  Counters counters;
  Handover handover(description, Role::nr, 1, 1, counters);
  const auto keys = handover.keyring();
  for (const auto name : Handover::names()) {
    const auto whole = *handover.by_name(name);
    const auto size = inspect(description.codepoints, keys, LinkType::ethernet,
                              build(description.codepoints, keys, whole).octets)
                          .message_octets;
    for (std::size_t octets = 1; octets < size; ++octets) {
      Malformed entry;
      entry.name = fmt::format("cut-{}-{}", name, octets);
      entry.message = name;
      entry.edit = Edit{Edit::Kind::set, "cut", std::to_string(octets)};
      entry.clauses = {"ROBUST-9"};
      entry.role = Handover::receiver_of(name);
      entry.why =
          fmt::format("Message truncated to {} {}", octets, octets == 1 ? "octet" : "octets");
      auto packet = whole;
      set_field(description.codepoints, packet, "cut", std::to_string(octets));
      const auto seen = inspect(description.codepoints, keys, LinkType::ethernet,
                                build(description.codepoints, keys, packet).octets);
      take_rules(seen.rules, entry);
      const auto reaction = entry.rule ? reaction_of(*entry.rule, entry.message) : std::nullopt;
      entry.reaction = reaction.value_or(Reaction{Kind::any, 0});
      cuts.push_back(std::move(entry));
    }
  }
  return cuts;
}

}  // namespace secct::generator
