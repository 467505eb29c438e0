// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/suite/case_parameters.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace secct::replay {
namespace {

constexpr std::size_t max_rows = 4096;
constexpr std::size_t node_octets = 64;  // the least that a node takes

ParameterRow read_row(const YAML::Node& node, const YamlPlace& place) {
  if (!node.IsMap() || node.size() == 0) {
    yaml_error(place, node, "expected a mapping (name: value)");
  }
  ParameterRow row;
  for (const auto& pair : node) row[pair.first.Scalar()].reset(pair.second);
  return row;
}

// The rows of a mapping of lists.
std::vector<ParameterRow> combinations(const YAML::Node& node, const YamlPlace& place) {
  std::vector<ParameterRow> rows(1);
  for (const auto& pair : node) {
    const auto& name = pair.first.Scalar();
    if (!pair.second.IsSequence() || pair.second.size() == 0) {
      yaml_error(place, pair.second, fmt::format("{}: expected a list of values", name));
    }
    if (rows.size() * pair.second.size() > max_rows) {
      yaml_error(place, node, fmt::format("more than {} rows", max_rows));
    }
    std::vector<ParameterRow> longer;
    for (const auto& row : rows) {
      for (const auto& value : pair.second) {
        longer.push_back(row);
        longer.back()[name].reset(value);
      }
    }
    rows = std::move(longer);
  }
  return rows;
}

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

const YAML::Node& value_of(std::string_view name, const YAML::Node& at, const ParameterRow& row,
                           const YamlPlace& place) {
  const auto found = row.find(std::string(name));
  if (found != row.end()) return found->second;
  std::vector<std::string_view> names;
  for (const auto& [valid, value] : row) names.push_back(valid);
  yaml_error(place, at, fmt::format("unknown <{}>{}", name, suggestion(name, names)));
}

// A text with every <name> replaced.
YAML::Node substitute_text(const YAML::Node& node, const ParameterRow& row, const YamlPlace& place,
                           CopyBudget& budget) {
  const auto& text = node.Scalar();
  budget.take(node_octets + text.size(), place, node);
  std::string out;
  std::size_t from = 0;
  for (;;) {
    const auto open = text.find('<', from);
    const auto close = open == std::string::npos ? open : text.find('>', open);
    if (close == std::string::npos) break;
    const auto name = std::string_view(text).substr(open + 1, close - open - 1);
    if (!is_name(name)) {
      out += text.substr(from, open + 1 - from);
      from = open + 1;
      continue;
    }
    const auto& value = value_of(name, node, row, place);
    budget.take_node(value, place);
    if (open == 0 && close + 1 == text.size()) return YAML::Clone(value);
    if (!value.IsScalar()) {
      yaml_error(
          place, node,
          fmt::format("<{}> is a list or a mapping, expected a text that consists of <{}> only",
                      name, name));
    }
    out += text.substr(from, open - from) + value.Scalar();
    from = close + 1;
  }
  return YAML::Node(out + text.substr(from));
}

}  // namespace

std::vector<ParameterRow> read_parameter_rows(const YAML::Node& node, const YamlPlace& place) {
  if (node.IsMap() && node.size() > 0) return combinations(node, place);
  if (!node.IsSequence() || node.size() == 0) {
    yaml_error(place, node, "expected a list of rows, or a mapping of lists");
  }
  std::vector<ParameterRow> rows;
  for (const auto& item : node) {
    rows.push_back(read_row(item, place));
    const auto same_names = std::ranges::equal(
        rows.front(), rows.back(), [](const auto& a, const auto& b) { return a.first == b.first; });
    if (!same_names) yaml_error(place, item, "expected the same names as in the first row");
    if (rows.size() > max_rows) yaml_error(place, node, fmt::format("more than {} rows", max_rows));
  }
  return rows;
}

void CopyBudget::take(std::size_t octets, const YamlPlace& place, const YAML::Node& at) {
  if (octets > left_) {
    yaml_error(place, at,
               fmt::format("the rows and sequences of the suite make copies of more than {} MiB",
                           most_octets >> 20));
  }
  left_ -= octets;
}

void CopyBudget::take_node(const YAML::Node& node, const YamlPlace& place) {
  take(node_octets + (node.IsScalar() ? node.Scalar().size() : 0), place, node);
  if (node.IsSequence()) {
    for (const auto& item : node) take_node(item, place);
  } else if (node.IsMap()) {
    for (const auto& pair : node) {
      take_node(pair.first, place);
      take_node(pair.second, place);
    }
  }
}

YAML::Node substitute(const YAML::Node& node, const ParameterRow& row, const YamlPlace& place,
                      CopyBudget& budget) {
  // Copies all nodes: to join a new node with the nodes of the document takes yaml-cpp a time that
  // is proportional to the size of both.
  if (node.IsScalar()) return substitute_text(node, row, place, budget);
  budget.take(node_octets, place, node);
  YAML::Node copy(node.Type());
  if (node.IsSequence()) {
    for (const auto& item : node) copy.push_back(substitute(item, row, place, budget));
  } else if (node.IsMap()) {
    for (const auto& pair : node) {
      if (pair.first.Scalar() == rows_key) continue;
      copy.force_insert(substitute(pair.first, row, place, budget),
                        substitute(pair.second, row, place, budget));
    }
  }
  return copy;
}

}  // namespace secct::replay
