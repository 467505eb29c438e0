// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/suite/clauses.hpp"

#include <algorithm>

#include "embedded/ledger.hpp"
#include "files/yaml_reader.hpp"

namespace secct::replay {

std::span<const Clause> clauses() {
  static const auto all = [] {
    std::vector<Clause> list;
    const auto root = parse_yaml(std::string(embedded::ledger()[0].contents), "clauses.yaml");
    YamlMap map(root, {"clauses.yaml", ""});
    for (const auto& item : map.get("clauses")) {
      YamlMap entry(item, map.at("clauses"));
      list.push_back({entry.text("id", ""), entry.text("level", ""), entry.text("role", ""),
                      entry.text("see", ""), entry.text("test", ""), entry.text("text", ""),
                      entry.text("quote", "")});
    }
    return list;
  }();
  return all;
}

const Clause* find_clause(std::string_view id) {
  const auto found = std::ranges::find(clauses(), id, &Clause::id);
  return found == clauses().end() ? nullptr : &*found;
}

}  // namespace secct::replay
