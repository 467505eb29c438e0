// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/suite/select.hpp"

#include <fnmatch.h>

#include <algorithm>

#include <fmt/format.h>

#include "files/yaml_reader.hpp"

namespace secct::replay {
namespace {

bool matches(const std::string& text, const std::string& pattern) {
  return fnmatch(pattern.c_str(), text.c_str(), FNM_CASEFOLD) == 0;
}

bool any(const std::vector<std::string>& texts, const std::string& pattern) {
  return std::ranges::any_of(texts, [&](const auto& text) { return matches(text, pattern); });
}

using Fits = bool (*)(const Case& c, const std::string& pattern);

struct Row {
  std::string_view prefix;
  Fits fits;
};
constexpr Row rows[] = {
    {"id", [](const Case& c, const std::string& p) { return matches(c.id, p); }},
    {"clause", [](const Case& c, const std::string& p) { return any(c.clauses, p); }},
    {"section", [](const Case& c, const std::string& p) { return matches(c.section, p); }},
    {"role", [](const Case& c,
                const std::string& p) { return matches(std::string(role_name(c.role)), p); }},
    {"tag", [](const Case& c, const std::string& p) { return any(c.tags, p); }},
    {"title", [](const Case& c, const std::string& p) { return matches(c.title, p); }},
};

bool fits(const Case& c, const std::string& pattern) {
  const auto colon = pattern.find(':');
  if (colon != std::string::npos) {
    const auto prefix = std::string_view(pattern).substr(0, colon);
    const auto* row = std::ranges::find(rows, prefix, &Row::prefix);
    if (row == std::end(rows)) {
      std::vector<std::string_view> names;
      for (const auto& known : rows) names.push_back(known.prefix);
      throw UsageError(fmt::format("--select {}: no such prefix; there are {}{}", pattern,
                                   fmt::join(names, ", "), suggestion(prefix, names)));
    }
    return row->fits(c, pattern.substr(colon + 1));
  }
  if (c.id.find(pattern) != std::string::npos) return true;
  return std::ranges::any_of(
      rows, [&](const auto& row) { return row.prefix != "title" && row.fits(c, pattern); });
}

}  // namespace

bool selected(const Case& c, std::span<const std::string> patterns) {
  return patterns.empty() ||
         std::ranges::any_of(patterns, [&](const auto& pattern) { return fits(c, pattern); });
}

}  // namespace secct::replay
