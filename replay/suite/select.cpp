// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/suite/select.hpp"

#include <fnmatch.h>

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "files/yaml_reader.hpp"

namespace secct::replay {
namespace {

bool matches(const std::string& text, const std::string& pattern) {
  return fnmatch(pattern.c_str(), text.c_str(), FNM_CASEFOLD) == 0;
}

bool any(const std::vector<std::string>& texts, const std::string& pattern) {
  return std::ranges::any_of(texts, [&](const auto& text) { return matches(text, pattern); });
}

// A property of a case, with the prefix that restricts a pattern to it.
struct Property {
  std::string_view prefix;
  bool (*matches)(const Case& c, const std::string& pattern);
};
constexpr Property properties[] = {
    {"id", [](const Case& c, const std::string& p) { return matches(c.id, p); }},
    {"clause", [](const Case& c, const std::string& p) { return any(c.clauses, p); }},
    {"section", [](const Case& c, const std::string& p) { return matches(c.section, p); }},
    {"role", [](const Case& c,
                const std::string& p) { return matches(std::string(role_name(c.role)), p); }},
    {"tag", [](const Case& c, const std::string& p) { return any(c.tags, p); }},
    {"title", [](const Case& c, const std::string& p) { return matches(c.title, p); }},
};

bool matches(const Case& c, const std::string& pattern) {
  const auto colon = pattern.find(':');
  if (colon != std::string::npos) {
    const auto prefix = std::string_view(pattern).substr(0, colon);
    const auto* property = std::ranges::find(properties, prefix, &Property::prefix);
    if (property == std::end(properties)) {
      std::vector<std::string_view> names;
      for (const auto& valid : properties) names.push_back(valid.prefix);
      throw UsageError(fmt::format("--select {}: unknown prefix '{}', expected one of {}{}",
                                   pattern, prefix, fmt::join(names, ", "),
                                   suggestion(prefix, names)));
    }
    return property->matches(c, pattern.substr(colon + 1));
  }
  if (c.id.find(pattern) != std::string::npos) return true;
  return std::ranges::any_of(properties, [&](const auto& property) {
    return property.prefix != "title" && property.matches(c, pattern);
  });
}

}  // namespace

bool selected(const Case& c, std::span<const std::string> patterns) {
  return patterns.empty() ||
         std::ranges::any_of(patterns, [&](const auto& pattern) { return matches(c, pattern); });
}

}  // namespace secct::replay
