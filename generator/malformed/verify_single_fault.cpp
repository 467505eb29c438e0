// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/malformed/verify_single_fault.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "generator/document/yaml.hpp"
#include "generator/packet/build.hpp"
#include "generator/packet/inspect.hpp"

namespace secct::generator {
namespace {

using Json = nlohmann::ordered_json;
using EditKind = Edit::Kind;

// The values of a document, one line each with the names of its parents ("/ipv6/ipv6.hlim 254").
// Lines have no list indices, so that an added entry does not change the lines of later entries.
using Lines = std::map<std::string, int>;

void collect(const Json& json, const std::string& path, Lines& lines, int count) {
  if (json.is_object()) {
    for (const auto& [key, value] : json.items()) {
      collect(value, std::string(path).append("/").append(key), lines, count);
    }
  } else if (json.is_array()) {
    for (const auto& value : json) collect(value, path, lines, count);
  } else {
    lines[path + " " + json.dump()] += count;
  }
}

// Lines that only the packet has count above zero, lines that only the twin has count below zero.
Lines difference(const CodePoints& codepoints, const PacketDocument& twin,
                 const PacketDocument& packet) {
  Lines lines;
  const auto layers = [&](const PacketDocument& of) {
    return to_json(codepoints, {LinkType::ethernet, {of}, {}, {}})["packets"][0]["layers"];
  };
  collect(layers(packet), "", lines, 1);
  collect(layers(twin), "", lines, -1);
  std::erase_if(lines, [](const auto& line) { return line.second == 0; });
  return lines;
}

std::string bare_name(const std::string& path) { return path.substr(0, path.find('#')); }

bool mentions(const std::string& line, const std::string& name) {
  const auto path = line.substr(0, line.find(' '));
  return (path + "/").find("/" + name + "/") != std::string::npos;
}

// Whether the edit accounts for the line.
bool explains(const Edit& edit, const std::string& line, int count) {
  const auto name = bare_name(edit.path);
  switch (edit.kind) {
    case EditKind::set:  // an unknown type keeps its layout, which the document then names
      return mentions(line, name) || mentions(line, "layout") ||
             (mentions(line, "secct.message") && name == "icmpv6.type");
    case EditKind::drop_layer:
    case EditKind::remove: return count < 0 && mentions(line, name);
    case EditKind::repeat:
    case EditKind::insert: return count > 0 && mentions(line, name);
    case EditKind::append: return count > 0 && mentions(line, "raw");
    case EditKind::add:
    case EditKind::insert_layer: return count > 0;
    case EditKind::swap: return false;
  }
  return false;
}

std::string foreign_difference(const Malformed& entry, const CodePoints& codepoints,
                               const PacketDocument& twin, const PacketDocument& packet) {
  for (const auto& [line, count] : difference(codepoints, twin, packet)) {
    if (!entry.edit || !explains(*entry.edit, line, count)) {
      return fmt::format("differs from its twin in {}, which is not its fault", line);
    }
  }
  return {};
}

std::string names_of(const std::vector<Rule>& rules) {
  std::vector<std::string_view> names;
  for (const auto rule : rules) names.emplace_back(row(rule).name);
  return names.empty() ? "nothing" : fmt::format("{}", fmt::join(names, ", "));
}

bool holds(const std::vector<Rule>& rules, Rule rule) {
  return std::ranges::find(rules, rule) != rules.end();
}

}  // namespace

std::string verify_single_fault(const Malformed& entry, const CodePoints& codepoints,
                                const Keyring& keys, const PacketDocument& twin,
                                std::span<const PacketDocument> packets) {
  const auto built_twin = build(codepoints, keys, twin);
  if (!built_twin.faults.empty()) {
    return fmt::format("its twin cannot be built: {}: {}", built_twin.faults[0].path,
                       built_twin.faults[0].text);
  }
  const auto seen_twin = inspect(codepoints, keys, LinkType::ethernet, built_twin.octets);
  for (const auto rule : seen_twin.rules) {
    if (row(rule).severity == Severity::error) {
      return fmt::format("its twin is malformed: {}", names_of(seen_twin.rules));
    }
  }
  std::vector<Rule> found;
  for (const auto& packet : packets) {
    const auto built = build(codepoints, keys, packet);
    if (!built.faults.empty()) {
      return fmt::format("cannot be built: {}: {}", built.faults[0].path, built.faults[0].text);
    }
    if (built.octets == built_twin.octets && !entry.twice) return "has the same octets as its twin";
    if (entry.fragments.empty()) {
      if (auto wrong = foreign_difference(entry, codepoints, twin, packet); !wrong.empty()) {
        return wrong;
      }
    }
    for (const auto rule : inspect(codepoints, keys, LinkType::ethernet, built.octets).rules) {
      if (!holds(found, rule)) found.push_back(rule);
    }
  }
  auto expected = entry.also;
  if (entry.rule) expected.insert(expected.begin(), *entry.rule);
  // The twin may break a rule too: a status that is a failure.
  std::erase_if(found,
                [&](Rule rule) { return holds(seen_twin.rules, rule) && !holds(expected, rule); });
  const bool same = found.size() == expected.size() &&
                    std::ranges::all_of(found, [&](Rule rule) { return holds(expected, rule); });
  if (same) return {};
  return fmt::format("the decoder reports {}, expected {}", names_of(found), names_of(expected));
}

}  // namespace secct::generator
