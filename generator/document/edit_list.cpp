// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/document/edit_list.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "protocol/tables/fields.hpp"

namespace secct::generator {
namespace {

using Kind = Edit::Kind;

enum class PathKind : std::uint8_t { field, layer };

struct Row {
  const char* key;
  bool has_value;  // a mapping PATH: VALUE, otherwise a list of paths
  PathKind path;
  const char* text;  // begins edit_text()
};
// In the order of Edit::Kind, which is the order of application: entries are removed and repeated
// before `set` counts them.
constexpr Row edit_rows[] = {
    {"drop-layer", false, PathKind::layer, "without the layer"},
    {"insert-layer", true, PathKind::layer, "with a layer before"},
    {"remove", false, PathKind::field, "without"},
    {"repeat", false, PathKind::field, "repeating"},
    {"swap", true, PathKind::field, "exchanging"},
    {"insert", true, PathKind::field, "inserting before"},
    {"add", true, PathKind::field, "adding to"},
    {"append", true, PathKind::field, "octets behind"},  // idiom: ok
    {"set", true, PathKind::field, "with"},
};

const Row& row_of(Kind kind) { return edit_rows[static_cast<std::size_t>(kind)]; }

// The text of a scalar, "[a, b]" for a sequence, YAML for a mapping.
std::string value_text(const YAML::Node& node) {
  if (node.IsScalar()) return node.Scalar();
  if (node.IsMap()) return YAML::Dump(node);
  std::vector<std::string> parts;
  for (const auto& item : node) parts.push_back(item.Scalar());
  return fmt::format("[{}]", fmt::join(parts, ", "));
}

}  // namespace

void check_field_name(const YamlPlace& place, const YAML::Node& at, const std::string& path) {
  std::vector<std::string_view> names;
  for (const auto& field : fields()) names.emplace_back(field.name);
  for (const auto& header : header_rows()) names.emplace_back(header.name);
  const auto name = path.substr(0, path.find('#'));
  if (std::ranges::find(names, name) == names.end()) {
    yaml_error(place, at, fmt::format("unknown field '{}'{}", path, suggestion(path, names)));
  }
}

namespace {

void check_path(const Row& row, const YamlPlace& place, const YAML::Node& at,
                const std::string& path) {
  if (row.path == PathKind::field) return check_field_name(place, at, path);
  if (find_layer(path)) return;
  std::vector<std::string_view> names;
  for (const auto& layer : layer_rows()) names.emplace_back(layer.name);
  yaml_error(place, at, fmt::format("unknown layer '{}'{}", path, suggestion(path, names)));
}

}  // namespace

bool uses_variable(std::span<const Edit> edits, std::string_view variable) {
  return std::ranges::any_of(
      edits, [&](const Edit& edit) { return edit.value.find(variable) != std::string::npos; });
}

std::vector<std::string_view> edit_names() {
  std::vector<std::string_view> names;
  for (const auto& row : edit_rows) names.emplace_back(row.key);
  return names;
}

std::vector<Edit> read_edits(YamlMap& map) {
  std::vector<Edit> edits;
  for (std::size_t i = 0; i < std::size(edit_rows); ++i) {
    const auto& row = edit_rows[i];
    const auto kind = static_cast<Kind>(i);
    const auto node = map.get(row.key);
    if (!node.IsDefined()) continue;
    if (!row.has_value) {
      for (const auto& path : map.texts(row.key)) {
        check_path(row, map.at(row.key), node, path);
        edits.push_back({kind, path, ""});
      }
      continue;
    }
    if (!node.IsMap()) yaml_error(map.at(row.key), node, "expected a mapping (path: value)");
    for (const auto& pair : node) {
      check_path(row, map.at(row.key), pair.first, pair.first.Scalar());
      edits.push_back({kind, pair.first.Scalar(), value_text(pair.second)});
    }
  }
  return edits;
}

void apply(const Edit& edit, const CodePoints& codepoints, PacketDocument& packet,
           const VariableResolver& values) {
  switch (edit.kind) {
    case Kind::set: {
      std::vector<std::string> parts;
      for (const auto& part : split_list(edit.value)) {
        for (auto& value : values(part)) parts.push_back(std::move(value));
      }
      set_field(codepoints, packet, edit.path,
                parts.size() == 1 ? parts[0] : fmt::format("[{}]", fmt::join(parts, ", ")));
      break;
    }
    case Kind::remove: remove_field(packet, edit.path); break;
    case Kind::repeat: repeat_entry(packet, edit.path); break;
    case Kind::swap: swap_entries(packet, edit.path, edit.value); break;
    case Kind::insert: insert_entry(codepoints, packet, edit.path, edit.value); break;
    case Kind::add: add_fields(codepoints, packet, edit.path, edit.value); break;
    case Kind::drop_layer: drop_layer(packet, edit.path); break;
    case Kind::insert_layer: insert_layer(codepoints, packet, edit.path, edit.value); break;
    case Kind::append: {
      Octets octets;
      if (!parse_hex(edit.value, octets)) {
        throw UsageError(fmt::format("append {}: expected hexadecimal octets, found '{}'",
                                     edit.path, edit.value));
      }
      append_octets(packet, edit.path, octets);
      break;
    }
  }
}

std::string edit_text(const Edit& edit) {
  return fmt::format("{} {}{}{}", row_of(edit.kind).text, edit.path,
                     edit.value.empty() ? "" : " = ", edit.value);
}

}  // namespace secct::generator
