// SPDX-License-Identifier: GPL-2.0-or-later
// The `for:` of a case: one case for each row, <name> standing for the row's value.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "files/yaml_reader.hpp"
#include "replay/namespace.hpp"

namespace secct::replay {

using ParameterRow = std::map<std::string, YAML::Node>;

// A list of mappings: each is a row. A mapping of lists: a row for each combination, the last name
// running fastest. UsageError when it is neither, is empty, or rows have different names.
std::vector<ParameterRow> read_rows(const YAML::Node& node, const YamlPlace& place);

// A copy of `node` with every <name> in its texts replaced; a text that is nothing but <name>
// becomes the whole value, lists and mappings too. UsageError for a name that the row does not
// have. The copy does not know its lines.
YAML::Node substitute(const YAML::Node& node, const ParameterRow& bindings, const YamlPlace& place);

}  // namespace secct::replay
