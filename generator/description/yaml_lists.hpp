// SPDX-License-Identifier: GPL-2.0-or-later
// Lists in the YAML files of the generator.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "files/yaml_reader.hpp"
#include "generator/namespace.hpp"

namespace secct::generator {

// The entries of the list `key`; none if the key is absent. UsageError if it is not a list.
std::vector<YAML::Node> list_of(YamlMap& map, const std::string& key);

// The place of an entry of that list, for error messages; `index` counts from 0.
YamlPlace entry_place(const YamlMap& map, std::string_view key, std::size_t index);

}  // namespace secct::generator
