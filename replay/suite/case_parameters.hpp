// SPDX-License-Identifier: GPL-2.0-or-later
// The parameters of a case (`for`): one case per row, with <name> replaced by the value in the row.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "files/yaml_reader.hpp"
#include "replay/namespace.hpp"

namespace secct::replay {

constexpr std::string_view rows_key = "for";

// Limits the copies that rows and sequences of a suite make: a few octets of a file can copy a
// whole case.
class CopyBudget {
 public:
  // Takes a copy of `octets` octets of memory. Throws UsageError if all copies together are larger
  // than most_octets.
  void take(std::size_t octets, const YamlPlace& place, const YAML::Node& at);
  // The same for a copy of a node and of what it contains.
  void take_node(const YAML::Node& node, const YamlPlace& place);

 private:
  static constexpr std::size_t most_octets = std::size_t{64} << 20;

  std::size_t left_ = most_octets;
};

using ParameterRow = std::map<std::string, YAML::Node>;

// The rows of a `for`. A list of mappings: each mapping is a row. A mapping of lists: one row for
// each combination of values; the values of the last name change fastest. Throws UsageError if
// `node` is anything else or empty, if the rows have different names, or if there are more than
// 4096 rows.
std::vector<ParameterRow> read_parameter_rows(const YAML::Node& node, const YamlPlace& place);

// A copy of `node` without its rows, with every <name> in its texts replaced. A text that consists
// of <name> only becomes the value itself, which may be a list or a mapping. Throws UsageError for
// a name that the row does not have, and if the copy exceeds the budget. The nodes of the copy have
// no line numbers.
YAML::Node substitute(const YAML::Node& node, const ParameterRow& row, const YamlPlace& place,
                      CopyBudget& budget);

}  // namespace secct::replay
