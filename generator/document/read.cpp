// SPDX-License-Identifier: GPL-2.0-or-later
// Reads packet documents.
#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "generator/document/link_names.hpp"
#include "generator/document/yaml.hpp"
#include "protocol/tables/layout.hpp"

namespace secct::generator {
namespace {

using F = Field;

// The keys of SecCT fields and lists.
const std::vector<std::string_view>& secct_keys() {
  static const auto all = [] {
    std::vector<std::string_view> names{"layout"};
    for (const auto& field : fields()) {
      if (field.section != std::string_view("fields") || field.id == F::raw) {
        names.emplace_back(field.name);
      }
    }
    return names;
  }();
  return all;
}

// The field of a list entry whose number determines the fields of the entry.
std::optional<F> type_field(F group) {
  switch (group) {
    case F::options: return F::opt_type;
    case F::sub_options: return F::subopt_type;
    case F::contexts: return F::spt;
    case F::additional: return F::data_type;
    default: return std::nullopt;
  }
}

void read_list(const CodePoints& codepoints, const YAML::Node& list, const YamlPlace& place,
               F group, Node& into) {
  if (!list.IsSequence()) yaml_error(place, list, "expected a list (- ...)");
  std::size_t i = 0;
  for (const auto& item : list) {
    const YamlPlace at{place.file, fmt::format("{}[{}]", place.path, i++)};
    if (!item.IsMap()) yaml_error(at, item, "expected a mapping (key: value)");
    Node node(group);
    read_fields(codepoints, item, at, node);
    into.children.push_back(std::move(node));
  }
}

HeaderField read_header_name(LayerKind kind, const std::string& key, const YamlPlace& place,
                             const YAML::Node& at) {
  if (const auto found = find_header(kind, key)) return *found;
  std::vector<std::string_view> names{"options"};
  for (const auto& header : header_rows()) {
    if (header.layer == kind) names.emplace_back(header.name);
  }
  names.insert(names.end(), secct_keys().begin(), secct_keys().end());
  yaml_error(place, at, fmt::format("unknown field '{}'{}", key, suggestion(key, names)));
}

bool is_secct_key(const std::string& key) {
  const auto& names = secct_keys();
  return std::ranges::find(names, key) != names.end();
}

// An entry of a header's `options`.
Element read_element(const CodePoints& codepoints, const YAML::Node& item, const YamlPlace& place) {
  if (!item.IsMap()) yaml_error(place, item, "expected a mapping (key: value)");
  Element element;
  if (item["secct.message"].IsDefined()) {
    Node message(F::message);
    read_fields(codepoints, item, place, message);
    element.message = std::move(message);
    return element;
  }
  YamlMap map(item, place);
  map.require("type");
  element.type = static_cast<std::uint8_t>(map.number("type", 0, 255));
  if (map.has("length")) element.length = static_cast<std::uint8_t>(map.number("length", 0, 255));
  element.data = map.hex("data").value_or(Octets());
  map.finish();
  return element;
}

Layer read_header_layer(const CodePoints& codepoints, LayerKind kind, const YAML::Node& map,
                        const YamlPlace& place) {
  Layer layer{.kind = kind, .fields = {}, .elements = {}};
  if (map.IsNull()) return layer;
  if (!map.IsMap()) yaml_error(place, map, "expected a mapping (key: value)");
  std::vector<std::string> headers;
  const bool message = map["secct.message"].IsDefined();
  for (const auto& pair : map) {
    const auto key = pair.first.Scalar();
    if (message && is_secct_key(key)) continue;
    const YamlPlace at{place.file, fmt::format("{}.{}", place.path, key)};
    if (key == "options" && has_options(kind)) {
      std::size_t i = 0;
      if (!pair.second.IsSequence()) yaml_error(at, pair.second, "expected a list (- ...)");
      for (const auto& item : pair.second) {
        layer.elements.push_back(
            read_element(codepoints, item, {at.file, fmt::format("{}[{}]", at.path, i++)}));
      }
      continue;
    }
    const auto field = read_header_name(kind, key, place, pair.first);
    if (!pair.second.IsScalar()) yaml_error(at, pair.second, "expected a single value");
    layer.set(field, read_header(field, pair.second.Scalar(), at, pair.second));
    headers.push_back(key);
  }
  if (message) {
    if (!carrier_of(kind)) {
      yaml_error(place, map, fmt::format("a SecCT message is not allowed in '{}'", row(kind).name));
    }
    std::vector<std::string_view> others(headers.begin(), headers.end());
    Node node(F::message);
    read_fields(codepoints, map, place, node, others);
    layer.elements.emplace_back().message = std::move(node);
  }
  return layer;
}

std::optional<LinkType> read_link(YamlMap& map) {
  const auto name = map.text("link", "");
  if (name.empty()) return std::nullopt;
  const auto found = find_link(name);
  if (!found) {
    constexpr std::string_view usual[] = {"ethernet",   "raw-ip", "linux-sll",
                                          "linux-sll2", "null",   "loop"};
    yaml_error(map.at("link"), map.get("link"),
               fmt::format("expected {} or another link-layer name of wiretap, found '{}'{}",
                           fmt::join(usual, ", "), name, suggestion(name, usual)));
  }
  return found;
}

std::string read_text(const YAML::Node& node, const YamlPlace& place) {
  if (node.IsScalar()) return node.Scalar();
  YamlMap text(node, place);  // {hex: ...}: not UTF-8
  const auto octets = text.hex("hex").value_or(Octets());
  text.finish();
  return {octets.begin(), octets.end()};
}

// A text, or a list of texts. A single empty text is none.
std::vector<std::string> read_texts(YamlMap& map, const std::string& key) {
  const auto node = map.get(key);
  if (!node.IsDefined() || node.IsNull()) return {};
  std::vector<std::string> texts;
  if (!node.IsSequence()) {
    texts.push_back(read_text(node, map.at(key)));
    if (texts.front().empty()) texts.clear();
    return texts;
  }
  std::size_t i = 0;
  for (const auto& item : node) {
    texts.push_back(
        read_text(item, {map.place().file, fmt::format("{}[{}]", map.at(key).path, i++)}));
  }
  return texts;
}

std::vector<CaptureOption> read_options(YamlMap& map, std::span<const CaptureOptionRow> rows) {
  std::vector<CaptureOption> options;
  for (const auto& row : rows) {
    if (row.kind == OptionKind::number8 || row.kind == OptionKind::number64) {
      const bool has_value = map.has(row.key);
      const auto number =
          map.number(row.key, 0, row.kind == OptionKind::number8 ? UINT8_MAX : UINT64_MAX);
      if (has_value) options.push_back({row.code, "", number});
      continue;
    }
    auto texts = read_texts(map, row.key);
    if (texts.size() > 1 && !row.repeatable) {
      yaml_error(map.at(row.key), map.get(row.key), "expected a single text");
    }
    for (auto& text : texts) {
      if (text.size() >= UINT16_MAX) {
        yaml_error(map.at(row.key), map.get(row.key),
                   fmt::format("a text of {} octets is too long", text.size()));
      }
      options.push_back({row.code, std::move(text), 0});
    }
  }
  return options;
}

CaptureInterface read_interface(const YAML::Node& node, const YamlPlace& place, LinkType link) {
  YamlMap map(node, place);
  CaptureInterface interface;
  interface.link = read_link(map).value_or(link);
  interface.units_per_second =
      map.number("units_per_second", interface.units_per_second, CaptureInterface::nanoseconds);
  if (!resolution_octet(interface.units_per_second)) {
    yaml_error(map.at("units_per_second"), map.get("units_per_second"),
               "expected a power of 10 or of 2 from 1 to 1000000000");
  }
  interface.snapshot_octets =
      static_cast<std::uint32_t>(map.number("snapshot_octets", 0, UINT32_MAX));
  interface.options = read_options(map, interface_options());
  map.finish();
  return interface;
}

// The properties of the capture file.
void read_capture_header(YamlMap& map, Document& document) {
  const auto section = map.get("section");
  if (section.IsDefined() && !section.IsNull()) {
    YamlMap options(section, map.at("section"));
    document.section = read_options(options, section_options());
    options.finish();
  }
  const auto interfaces = map.get("interfaces");
  if (!interfaces.IsDefined()) return;
  const auto place = map.at("interfaces");
  if (!interfaces.IsSequence()) yaml_error(place, interfaces, "expected a list of interfaces");
  std::size_t i = 0;
  for (const auto& item : interfaces) {
    document.interfaces.push_back(
        read_interface(item, {place.file, fmt::format("{}[{}]", place.path, i++)}, document.link));
  }
}

// The link layer of a packet is that of its interface.
void read_packet_interface(YamlMap& map, const Document& document, PacketDocument& packet) {
  const auto count = document.interfaces.size();
  if (!map.has("interface") && count == 0) return;
  packet.interface = static_cast<std::uint32_t>(map.number("interface", 0, UINT32_MAX));
  if (packet.interface >= count) {
    yaml_error(map.at("interface"), map.get("interface"),
               fmt::format("expected the index of one of the {} interfaces of the document, found "
                           "{}",
                           count, packet.interface));
  }
  const auto link = document.interfaces[packet.interface].link;
  if (packet.link && *packet.link != link) {
    yaml_error(map.at("link"), map.get("link"),
               fmt::format("expected the link layer of the interface, {}", link_name(link)));
  }
  if (link != document.link) packet.link = link;
}

PacketDocument read_packet(const CodePoints& codepoints, const YAML::Node& node,
                           const YamlPlace& place, const Document& document) {
  YamlMap map(node, place);
  PacketDocument packet;
  packet.link = read_link(map);
  read_packet_interface(map, document, packet);
  packet.comments = read_texts(map, "comment");
  const auto seconds = map.text("time", "0");
  const auto time = to_nanoseconds(seconds);
  if (!time) {
    yaml_error(map.at("time"), map.get("time"),
               fmt::format("expected seconds with at most 9 decimals, below 2^64 ns, found '{}'",
                           seconds));
  }
  packet.time = *time;
  const bool has_wire_octets = map.has("wire_octets");
  const auto wire_octets = static_cast<std::uint32_t>(map.number("wire_octets", 0, UINT32_MAX));
  if (has_wire_octets) packet.wire_octets = wire_octets;
  map.require("layers");
  const auto layers = map.get("layers");
  if (!layers.IsSequence()) yaml_error(map.at("layers"), layers, "expected a list of layers");
  std::size_t i = 0;
  for (const auto& item : layers) {
    packet.layers.push_back(read_layer(
        codepoints, item, {place.file, fmt::format("{}[{}]", map.at("layers").path, i++)}));
  }
  map.finish();
  return packet;
}

}  // namespace

Layer read_layer(const CodePoints& codepoints, const YAML::Node& node, const YamlPlace& place) {
  if (!node.IsMap() || node.size() != 1) {
    yaml_error(place, node, "expected one layer, such as 'ipv6: {ipv6.src: ...}'");
  }
  const auto name = node.begin()->first.Scalar();
  const auto kind = find_layer(name);
  if (!kind) {
    std::vector<std::string_view> names;
    for (const auto& layer : layer_rows()) names.emplace_back(layer.name);
    yaml_error(place, node,
               fmt::format("unknown layer '{}', expected one of {}{}", name, fmt::join(names, ", "),
                           suggestion(name, names)));
  }
  const auto path = place.path.empty() ? name : place.path + "." + name;
  return read_header_layer(codepoints, *kind, node.begin()->second, {place.file, path});
}

void read_fields(const CodePoints& codepoints, const YAML::Node& map, const YamlPlace& place,
                 Node& into, std::span<const std::string_view> others) {
  for (const auto& pair : map) {
    const auto key = pair.first.IsScalar() ? pair.first.Scalar() : std::string("?");
    if (std::ranges::find(others, key) != others.end()) continue;
    const YamlPlace at{place.file, fmt::format("{}.{}", place.path, key)};
    if (key == "layout") continue;
    const auto field = find_field(key);
    if (!field) {
      yaml_error(place, pair.first,
                 fmt::format("unknown field '{}'{}", key, suggestion(key, secct_keys())));
    }
    if (row(*field).type == FieldType::group) {
      read_list(codepoints, pair.second, at, *field, into);
    } else if (pair.second.IsSequence()) {
      for (const auto& item : pair.second) {
        into.children.push_back(read_field(codepoints, *field, item.Scalar(), at, item));
      }
    } else if (pair.second.IsMap() && row(*field).type == FieldType::text) {
      YamlMap text(pair.second, at);  // {hex: ...}: not UTF-8
      into.children.emplace_back(*field, text.hex("hex").value_or(Octets()));
      text.finish();
    } else if (pair.second.IsScalar()) {
      auto exact = *field;
      // secct.reserved has 4 octets in the IP Address option, otherwise at most 2.
      if (exact == F::reserved && map["secct.opt.address"].IsDefined()) exact = F::reserved32;
      into.children.push_back(read_field(codepoints, exact, pair.second.Scalar(), at, pair.second));
    } else {
      yaml_error(at, pair.second, "expected a value or a list of values");
    }
  }
  const auto layout = map["layout"];
  if (layout.IsDefined()) {
    const auto type = type_field(into.field);
    const YamlPlace at{place.file, place.path + ".layout"};
    if (!type)
      yaml_error(at, layout,
                 "not allowed here; expected in an entry of options, sub_options, contexts "
                 "or additional");
    into.layout = static_cast<std::uint32_t>(
        read_field(codepoints, *type, layout.Scalar(), at, layout).number().value_or(0));
  }
}

DocumentFile read_document(const YAML::Node& root, const std::string& file,
                           const CodePoints& codepoints, const Keyring& keys) {
  const YamlPlace place{file, ""};
  DocumentFile result{{}, codepoints, keys};
  if (!root.IsMap()) {
    yaml_error(place, root, "expected a packet document: a mapping with 'packets' or 'layers'");
  }
  if (root["layers"].IsDefined()) {  // a single packet
    result.document.packets.push_back(read_packet(codepoints, root, place, result.document));
    result.document.link = result.document.packets[0].link.value_or(LinkType::ethernet);
    return result;
  }
  YamlMap map(root, place);
  result.document.link = read_link(map).value_or(LinkType::ethernet);
  read_codepoints(map.get("codepoints"), map.at("codepoints"), result.codepoints);
  read_keys(map.get("keys"), map.at("keys"), result.keys);
  read_capture_header(map, result.document);
  map.require("packets");
  const auto packets = map.get("packets");
  if (!packets.IsSequence()) yaml_error(map.at("packets"), packets, "expected a list of packets");
  map.finish();
  std::size_t i = 0;
  for (const auto& item : packets) {
    const YamlPlace at{file, fmt::format("packets[{}]", i++)};
    result.document.packets.push_back(read_packet(result.codepoints, item, at, result.document));
  }
  return result;
}

}  // namespace secct::generator
