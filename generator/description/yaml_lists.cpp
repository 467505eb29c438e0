// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/description/yaml_lists.hpp"

#include <fmt/format.h>

namespace secct::generator {

std::vector<YAML::Node> list_of(YamlMap& map, const std::string& key) {
  const auto node = map.get(key);
  if (!node.IsDefined() || node.IsNull()) return {};
  if (!node.IsSequence()) yaml_error(map.at(key), node, "expected a list (- ...)");
  return {node.begin(), node.end()};
}

YamlPlace entry_place(const YamlMap& map, std::string_view key, std::size_t index) {
  return {map.place().file, fmt::format("{}[{}]", map.at(key).path, index)};
}

}  // namespace secct::generator
