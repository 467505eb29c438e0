// SPDX-License-Identifier: GPL-2.0-or-later
// Writes packet documents: to JSON, and from JSON to YAML.
#include <algorithm>

#include <fmt/format.h>

#include "files/escape.hpp"
#include "generator/document/link_names.hpp"
#include "generator/document/value_names.hpp"
#include "generator/document/yaml.hpp"
#include "protocol/tables/layout.hpp"

namespace secct::generator {
namespace {

using Json = nlohmann::ordered_json;
using F = Field;

std::string octets_text(View octets) { return "0x" + to_hex(octets); }

int hex_digits(FieldType type) {
  return type == FieldType::u8 ? 2 : type == FieldType::u16 ? 4 : 8;
}

// A document may be printed on a terminal.
bool is_printable(View octets) {
  const std::string text(octets.begin(), octets.end());
  return escape_control_characters(text) == text;
}

// {hex: ...} for octets that are not text, or that YAML would not reproduce.
Json text_json(View octets, bool is_text) {
  if (is_text) return std::string(octets.begin(), octets.end());
  return Json{{"hex", octets_text(octets)}};
}

// Unlike fields, comments may contain several lines.
bool is_comment_text(View octets) {
  std::string text(octets.begin(), octets.end());
  std::erase(text, '\t');
  return escape_control_characters(text, true) == text;
}

std::string shift_text(const Shift& shift) { return fmt::format("{:+d}", shift.by); }

Json leaf(const CodePoints& codepoints, const Node& node) {
  const auto& field = row(node.field);
  if (const auto* shift = std::get_if<Shift>(&node.value)) return shift_text(*shift);
  if (const auto number = node.number()) {
    if (field.type == FieldType::boolean) return *number != 0;
    if (auto name = number_name(codepoints, field, *number)) return *name;
    if (field.base == FieldBase::hex || field.base == FieldBase::both) {
      return fmt::format("0x{:0{}x}", *number, hex_digits(field.type));
    }
    return *number;
  }
  const auto& octets = *node.octets();
  switch (field.type) {
    case FieldType::ipv6:
      if (octets.size() == 16) return to_text(address_from(octets));
      break;
    case FieldType::ipv4:
      if (octets.size() == 4) return v4_text(octets);
      break;
    case FieldType::text: return text_json(octets, is_printable(octets));
    default: break;
  }
  return octets_text(octets);
}

Json fields_of(const CodePoints& codepoints, const Node& node) {
  Json map = Json::object();
  if (node.layout) map["layout"] = *node.layout;
  for (const auto& child : node.children) {
    const auto& field = row(child.field);
    const bool group = field.type == FieldType::group;
    auto value = group ? fields_of(codepoints, child) : leaf(codepoints, child);
    if (group) {
      map[field.name].push_back(std::move(value));
    } else if (!map.contains(field.name)) {
      map[field.name] = std::move(value);
    } else {
      auto& existing = map[field.name];
      if (!existing.is_array()) existing = Json::array({existing});
      existing.push_back(std::move(value));
    }
  }
  return map;
}

Json header_value(const HeaderValue& value) {
  const auto& field = row(value.field);
  if (const auto* shift = std::get_if<Shift>(&value.value)) return shift_text(*shift);
  if (const auto* number = std::get_if<std::uint64_t>(&value.value)) {
    if (field.kind == HeaderKind::dec) return *number;
    return fmt::format("0x{:0{}x}", *number, (field.bits + 3) / 4);
  }
  const auto& octets = std::get<Octets>(value.value);
  if (field.kind == HeaderKind::ipv6 && octets.size() == 16) return to_text(address_from(octets));
  if (field.kind == HeaderKind::ipv4 && octets.size() == 4) return v4_text(octets);
  if (field.kind == HeaderKind::mac) {
    std::string text;
    for (auto octet : octets) text += fmt::format("{}{:02x}", text.empty() ? "" : ":", octet);
    return text;
  }
  return octets_text(octets);
}

Json element_json(const CodePoints& codepoints, const Element& element) {
  if (element.message) return fields_of(codepoints, *element.message);
  Json map{{"type", element.type}};
  if (element.length) map["length"] = *element.length;
  if (!element.data.empty() || element.type != 0) map["data"] = octets_text(element.data);
  return map;
}

Json layer_json(const CodePoints& codepoints, const Layer& layer) {
  Json map = Json::object();
  for (const auto& value : layer.fields) map[row(value.field).name] = header_value(value);
  // A single message is written among the fields of its layer, not as a list.
  if (layer.elements.size() == 1 && layer.elements[0].message) {
    map.update(fields_of(codepoints, *layer.elements[0].message));
  } else {
    for (const auto& element : layer.elements) {
      map["options"].push_back(element_json(codepoints, element));
    }
  }
  return Json{{row(layer.kind).name, map}};
}

Json text_value(const std::string& text) {
  const Octets octets(text.begin(), text.end());
  return text_json(octets, is_comment_text(octets));
}

// A text, or a list of texts. Readers ignore a single empty text.
Json texts_value(const std::vector<std::string>& texts) {
  if (texts.size() == 1 && !texts.front().empty()) return text_value(texts.front());
  auto list = Json::array();
  for (const auto& text : texts) list.push_back(text_value(text));
  return list;
}

void add_options(Json& map, const std::vector<CaptureOption>& options,
                 std::span<const CaptureOptionRow> rows) {
  for (const auto& row : rows) {
    std::vector<std::string> texts;
    for (const auto& option : options) {
      if (option.code != row.code) continue;
      if (row.kind == OptionKind::number8 || row.kind == OptionKind::number64) {
        map[row.key] = option.number;
      } else {
        texts.push_back(option.text);
      }
    }
    if (!texts.empty()) map[row.key] = texts_value(texts);
  }
}

Json interface_json(const CaptureInterface& interface) {
  Json map{{"link", link_name(interface.link)}};
  if (interface.units_per_second != CaptureInterface::nanoseconds) {
    map["units_per_second"] = interface.units_per_second;
  }
  if (interface.snapshot_octets != 0) map["snapshot_octets"] = interface.snapshot_octets;
  add_options(map, interface.options, interface_options());
  return map;
}

void emit(YAML::Emitter& out, const Json& json) {
  if (json.is_object()) {
    if (json.empty()) out << YAML::Flow;
    out << YAML::BeginMap;
    for (const auto& [key, value] : json.items()) {
      out << YAML::Key << key << YAML::Value;
      emit(out, value);
    }
    out << YAML::EndMap;
  } else if (json.is_array()) {
    const bool scalars =
        std::ranges::none_of(json, [](const auto& v) { return v.is_structured(); });
    if (scalars) out << YAML::Flow;
    out << YAML::BeginSeq;
    for (const auto& value : json) emit(out, value);
    out << YAML::EndSeq;
  } else if (json.is_string()) {
    out << json.get<std::string>();
  } else {
    out << json.dump();
  }
}

}  // namespace

nlohmann::ordered_json header_json(const CodePoints& codepoints, LinkType link) {
  Json root = Json::object();
  root["link"] = link_name(link);
  const CodePoints defaults;
  for (const auto& codepoint : secct::codepoints()) {
    if (codepoints[codepoint.id] != defaults[codepoint.id]) {
      root["codepoints"][codepoint.name] = codepoints[codepoint.id];
    }
  }
  return root;
}

nlohmann::ordered_json packet_json(const CodePoints& codepoints, const Document& document,
                                   const PacketDocument& packet) {
  Json map = Json::object();
  if (!packet.comments.empty()) map["comment"] = texts_value(packet.comments);
  // As text: a double does not have enough digits for nanoseconds since 1970.
  constexpr auto second = CaptureInterface::nanoseconds;
  map["time"] = fmt::format("{}.{:09}", packet.time / second, packet.time % second);
  const bool has_interfaces = !document.interfaces.empty();
  if (has_interfaces && packet.interface != 0) map["interface"] = packet.interface;
  if (!has_interfaces && packet.link && *packet.link != document.link) {
    map["link"] = link_name(*packet.link);
  }
  if (packet.wire_octets) map["wire_octets"] = *packet.wire_octets;
  map["layers"] = Json::array();
  for (const auto& layer : packet.layers) map["layers"].push_back(layer_json(codepoints, layer));
  return map;
}

nlohmann::ordered_json footer_json(const Document& document) {
  Json root = Json::object();
  if (!document.section.empty()) {
    root["section"] = Json::object();
    add_options(root["section"], document.section, section_options());
  }
  for (const auto& interface : document.interfaces) {
    root["interfaces"].push_back(interface_json(interface));
  }
  return root;
}

nlohmann::ordered_json to_json(const CodePoints& codepoints, const Document& document) {
  auto root = header_json(codepoints, document.link);
  root["packets"] = Json::array();
  for (const auto& packet : document.packets) {
    root["packets"].push_back(packet_json(codepoints, document, packet));
  }
  root.update(footer_json(document));
  return root;
}

std::string to_yaml(const nlohmann::ordered_json& json) {
  YAML::Emitter out;
  out.SetIndent(2);
  emit(out, json);
  return std::string(out.c_str()) + "\n";
}

}  // namespace secct::generator
