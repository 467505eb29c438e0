// SPDX-License-Identifier: GPL-2.0-or-later
// Packet documents from YAML.
#include <algorithm>

#include <fmt/format.h>

#include "generator/document_yaml.hpp"
#include "protocol/layout.hpp"

namespace secct {
namespace {

using F = Field;

constexpr std::string_view link_names[] = {"ethernet", "raw-ip"};

const std::vector<std::string_view>& field_names() {
  static const auto all = [] {
    std::vector<std::string_view> names{"layout"};
    for (const auto& field : fields()) {
      if (field.section != std::string_view("fields") || field.id == F::raw) {
        names.push_back(field.name);
      }
    }
    return names;
  }();
  return all;
}

std::optional<std::uint64_t> named_number(const CodePoints& codepoints, const FieldRow& field,
                                          const std::string& text) {
  if (field.values == Values::spt) {
    if (const auto spt = parse_spt(text)) return *spt;
    return std::nullopt;
  }
  if (field.values == Values::icmpopt || field.values == Values::subopt) {
    const auto group =
        field.values == Values::icmpopt ? CodePointGroup::icmpopt : CodePointGroup::subopt;
    if (field.values == Values::subopt && text == "pad1") return 0;
    for (const auto& codepoint : secct::codepoints()) {
      if (codepoint.group == group && text == codepoint.key) return codepoints[codepoint.id];
    }
    return std::nullopt;
  }
  if (const auto number = find_value(field.values, std::string_view(text))) return *number;
  return std::nullopt;
}

std::string expected_names(const FieldRow& field, const std::string& text) {
  std::vector<std::string_view> names;
  for (const auto& value : values(field.values)) names.push_back(value.key);
  if (field.values == Values::icmpopt || field.values == Values::subopt) {
    const auto group =
        field.values == Values::icmpopt ? CodePointGroup::icmpopt : CodePointGroup::subopt;
    for (const auto& codepoint : secct::codepoints()) {
      if (codepoint.group == group) names.push_back(codepoint.key);
    }
  }
  if (field.values == Values::spt) {
    return "an SPT name such as ESP-TRANSPORT-AES-CBC-V6, or a number";
  }
  if (names.empty()) return "a number";
  return fmt::format("a number or one of {}{}", fmt::join(names, ", "), suggestion(text, names));
}

std::uint64_t largest(FieldType type) {
  return type == FieldType::u8 ? 0xff : type == FieldType::u16 ? 0xffff : 0xffffffff;
}

// The number in the type field of a group's node, for its layout.
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

HeaderField header_named(LayerKind kind, const std::string& key, const YamlPlace& place,
                         const YAML::Node& at) {
  if (const auto found = find_header(kind, key)) return *found;
  std::vector<std::string_view> names{"options"};
  for (const auto& header : header_rows()) {
    if (header.layer == kind) names.push_back(header.name);
  }
  const auto& secct_names = field_names();
  names.insert(names.end(), secct_names.begin(), secct_names.end());
  yaml_error(place, at, fmt::format("unknown field '{}'{}", key, suggestion(key, names)));
}

bool is_secct_key(const std::string& key) {
  const auto& names = field_names();
  return std::ranges::find(names, key) != names.end();
}

// An entry of a header's options: a SecCT message or a type with data.
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

bool has_options(LayerKind kind) {
  return kind == LayerKind::hopopts || kind == LayerKind::dstopts ||
         kind == LayerKind::mip_request || kind == LayerKind::mip_reply;
}

Layer read_layer(const CodePoints& codepoints, LayerKind kind, const YAML::Node& map,
                 const YamlPlace& place) {
  Layer layer{.kind = kind, .fields = {}, .elements = {}};
  if (map.IsNull()) return layer;
  if (!map.IsMap()) yaml_error(place, map, "expected a mapping (key: value)");
  std::vector<std::string_view> own{"options"};
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
    const auto field = header_named(kind, key, place, pair.first);
    if (!pair.second.IsScalar()) yaml_error(at, pair.second, "expected a single value");
    layer.set(field, read_header(field, pair.second.Scalar(), at, pair.second));
    headers.push_back(key);
  }
  if (message) {
    if (kind != LayerKind::icmpv6 && !has_options(kind)) {
      yaml_error(place, map,
                 fmt::format("a SecCT message does not belong into '{}'", row(kind).name));
    }
    std::vector<std::string_view> others(headers.begin(), headers.end());
    Node node(F::message);
    read_fields(codepoints, map, place, node, others);
    layer.elements.emplace_back().message = std::move(node);
  }
  return layer;
}

std::string read_comment(YamlMap& map) {
  const auto node = map.get("comment");
  if (!node.IsDefined() || !node.IsMap()) return map.text("comment", "");
  YamlMap text(node, map.at("comment"));  // octets that are no text
  const auto octets = text.hex("hex").value_or(Octets());
  text.finish();
  return {octets.begin(), octets.end()};
}

PacketDocument read_packet(const CodePoints& codepoints, const YAML::Node& node,
                           const YamlPlace& place) {
  YamlMap map(node, place);
  PacketDocument packet;
  packet.comment = read_comment(map);
  const auto seconds = map.text("time", "0");
  const auto time = to_nanoseconds(seconds);
  if (!time) {
    yaml_error(map.at("time"), map.get("time"),
               fmt::format("expected seconds with at most 9 decimals, found '{}'", seconds));
  }
  packet.time = *time;
  map.require("layers");
  const auto layers = map.get("layers");
  if (!layers.IsSequence()) yaml_error(map.at("layers"), layers, "expected a list of layers");
  std::size_t i = 0;
  for (const auto& item : layers) {
    const YamlPlace at{place.file, fmt::format("{}[{}]", map.at("layers").path, i++)};
    if (!item.IsMap() || item.size() != 1) {
      yaml_error(at, item, "expected one layer, such as 'ipv6: {ipv6.src: ...}'");
    }
    const auto name = item.begin()->first.Scalar();
    const auto kind = find_layer(name);
    if (!kind) {
      std::vector<std::string_view> names;
      for (const auto& layer : layer_rows()) names.push_back(layer.name);
      yaml_error(at, item,
                 fmt::format("unknown layer '{}', expected one of {}{}", name,
                             fmt::join(names, ", "), suggestion(name, names)));
    }
    packet.layers.push_back(
        read_layer(codepoints, *kind, item.begin()->second, {at.file, at.path + "." + name}));
  }
  map.finish();
  return packet;
}

void read_keys(const YAML::Node& node, const YamlPlace& place, Keyring& keys) {
  if (!node.IsDefined() || node.IsNull()) return;
  YamlMap map(node, place);
  const auto sas = map.get("sas");
  std::size_t i = 0;
  if (sas.IsDefined() && !sas.IsSequence()) yaml_error(map.at("sas"), sas, "expected a list");
  for (const auto& item : sas) {
    YamlMap entry(item, {place.file, fmt::format("{}[{}]", map.at("sas").path, i++)});
    // The document's own keys come first.
    keys.sas.insert(keys.sas.begin() + static_cast<std::ptrdiff_t>(i - 1), read_sa(entry));
    entry.finish();
  }
  const auto tokens = map.get("tokens");
  if (tokens.IsDefined() && !tokens.IsSequence()) {
    yaml_error(map.at("tokens"), tokens, "expected a list");
  }
  std::vector<std::pair<Address, Octets>> known;
  i = 0;
  for (const auto& item : tokens) {
    YamlMap entry(item, {place.file, fmt::format("{}[{}]", map.at("tokens").path, i++)});
    entry.require("paddr");
    entry.require("key");
    known.emplace_back(entry.address("paddr").value_or(Address{}),
                       entry.hex("key").value_or(Octets()));
    entry.finish();
  }
  map.finish();
  if (known.empty()) return;
  keys.token_key = [known, outer = keys.token_key](const Address& paddr) -> std::optional<Octets> {
    for (const auto& [address, key] : known) {
      if (address == paddr) return key;
    }
    return outer ? outer(paddr) : std::nullopt;
  };
}

}  // namespace

Node read_field(const CodePoints& codepoints, Field field, const std::string& text,
                const YamlPlace& place, const YAML::Node& at) {
  const auto& description = row(field);
  const auto refuse = [&](std::string_view expected) {
    yaml_error(place, at, fmt::format("expected {}, found '{}'", expected, text));
  };
  switch (description.type) {
    case FieldType::boolean: {
      const auto flag = to_bool(text);
      if (!flag) refuse("true or false");
      return {field, *flag ? 1U : 0U};
    }
    case FieldType::u8:
    case FieldType::u16:
    case FieldType::u32: {
      auto number = to_number(text);
      if (!number) number = named_number(codepoints, description, text);
      if (!number) refuse(expected_names(description, text));
      if (*number > largest(description.type)) {
        refuse(fmt::format("at most {0} (0x{0:x})", largest(description.type)));
      }
      return {field, *number};
    }
    case FieldType::ipv6: {
      Address address{};
      if (!parse_v6(text, address)) refuse("an IPv6 address");
      return {field, address};
    }
    case FieldType::ipv4: {
      std::array<std::uint8_t, 4> address{};
      if (!parse_v4(text, address)) refuse("an IPv4 address");
      return {field, Octets(address.begin(), address.end())};
    }
    case FieldType::bytes: {
      Octets octets;
      if (!parse_hex(text, octets)) refuse("hexadecimal octets");
      return {field, std::move(octets)};
    }
    case FieldType::text: return {field, Octets(text.begin(), text.end())};
    default: yaml_error(place, at, fmt::format("{} is not a field of a packet", description.name));
  }
}

std::variant<std::uint64_t, Octets> read_header(HeaderField field, const std::string& text,
                                                const YamlPlace& place, const YAML::Node& at) {
  const auto& header = row(field);
  const auto refuse = [&](std::string_view expected) {
    yaml_error(place, at, fmt::format("expected {}, found '{}'", expected, text));
  };
  if (header.is_number()) {
    const auto number = to_number(text);
    const auto most = header.bits == 0 ? 0xffULL : (1ULL << header.bits) - 1;
    if (!number || *number > most) refuse(fmt::format("a number from 0 to {}", most));
    return *number;
  }
  if (header.kind == HeaderKind::ipv6) {
    Address address{};
    if (!parse_v6(text, address)) refuse("an IPv6 address");
    return Octets(address.begin(), address.end());
  }
  if (header.kind == HeaderKind::ipv4) {
    std::array<std::uint8_t, 4> address{};
    if (!parse_v4(text, address)) refuse("an IPv4 address");
    return Octets(address.begin(), address.end());
  }
  Octets octets;
  if (!parse_hex(text, octets)) refuse("hexadecimal octets");
  if (header.bits != 0 && octets.size() != header.bits / 8U) {
    refuse(fmt::format("{} octets in hexadecimal", header.bits / 8));
  }
  return octets;
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
                 fmt::format("unknown field '{}'{}", key, suggestion(key, field_names())));
    }
    if (row(*field).type == FieldType::group) {
      read_list(codepoints, pair.second, at, *field, into);
    } else if (pair.second.IsSequence()) {
      for (const auto& item : pair.second) {
        into.children.push_back(read_field(codepoints, *field, item.Scalar(), at, item));
      }
    } else if (pair.second.IsMap() && row(*field).type == FieldType::text) {
      YamlMap text(pair.second, at);  // octets that are no text
      into.children.emplace_back(*field, text.hex("hex").value_or(Octets()));
      text.finish();
    } else if (pair.second.IsScalar()) {
      auto exact = *field;
      // reserved has 4 octets in the IP Address option, else at most 2.
      if (exact == F::reserved && map["secct.opt.address"].IsDefined()) exact = F::reserved32;
      into.children.push_back(read_field(codepoints, exact, pair.second.Scalar(), at, pair.second));
    } else {
      yaml_error(at, pair.second, "expected a value");
    }
  }
  const auto layout = map["layout"];
  if (layout.IsDefined()) {
    const auto type = type_field(into.field);
    const YamlPlace at{place.file, place.path + ".layout"};
    if (!type) yaml_error(at, layout, "has no place here");
    into.layout = static_cast<std::uint32_t>(
        read_field(codepoints, *type, layout.Scalar(), at, layout).number().value_or(0));
  }
}

Sa read_sa(YamlMap& map) {
  constexpr std::string_view protocols[] = {"ah", "esp"};
  constexpr std::string_view algorithms[] = {"none", "hmac-md5", "hmac-sha1"};
  constexpr std::string_view ciphers[] = {"none", "des-cbc", "3des-cbc", "aes-cbc", "null"};
  constexpr std::string_view modes[] = {"transport", "tunnel"};
  Sa sa;
  map.require("protocol");
  map.require("spi");
  sa.protocol = static_cast<IpsecProtocol>(map.choice("protocol", protocols).value_or(0));
  sa.spi = static_cast<std::uint32_t>(map.number("spi", 0, 0xffffffff));
  sa.tunnel = map.choice("mode", modes).value_or(0) == 1;
  sa.source = map.address("source").value_or(Address{});
  sa.destination = map.address("destination").value_or(Address{});
  sa.auth = static_cast<AuthAlgorithm>(map.choice("algorithm", algorithms).value_or(0));
  sa.auth_key = map.hex("key").value_or(Octets());
  const auto cipher = static_cast<Cipher>(map.choice("cipher", ciphers).value_or(0));
  sa.cipher = cipher == Cipher::none ? Cipher::null : cipher;
  sa.cipher_key = map.hex("cipher_key").value_or(Octets());
  if (sa.protocol == IpsecProtocol::ah && sa.auth == AuthAlgorithm::none) {
    yaml_error(map.place(), map.node(), "an AH SA needs an algorithm: hmac-md5 or hmac-sha1");
  }
  Spt spt;
  spt.protocol = SptProtocol::esp;
  spt.algorithm = static_cast<std::uint8_t>(sa.cipher);
  if (sa.cipher_key.size() > 0xff ||
      !spt.key_length_fits(static_cast<std::uint8_t>(sa.cipher_key.size()))) {
    yaml_error(map.at("cipher_key"), map.get("cipher_key"),
               fmt::format("{} octets do not fit the cipher", sa.cipher_key.size()));
  }
  return sa;
}

void read_codepoints(const YAML::Node& map, const YamlPlace& place, CodePoints& codepoints) {
  if (!map.IsDefined() || map.IsNull()) return;
  YamlMap profile(map, place);
  for (const auto& codepoint : secct::codepoints()) {
    if (!profile.has(codepoint.name)) {
      static_cast<void>(profile.get(codepoint.name));
      continue;
    }
    codepoints.set(codepoint.id, static_cast<std::uint8_t>(profile.number(codepoint.name, 0, 255)));
  }
  profile.finish();
  const auto problem = codepoints.problem();
  if (!problem.empty()) yaml_error(place, map, problem);
}

DocumentFile read_document(const YAML::Node& root, const std::string& file,
                           const CodePoints& codepoints, const Keyring& keys) {
  const YamlPlace place{file, ""};
  DocumentFile result{{}, codepoints, keys};
  if (!root.IsMap()) {
    yaml_error(place, root, "expected a packet document: a mapping with 'packets' or 'layers'");
  }
  if (root["layers"].IsDefined()) {  // one packet alone
    result.document.packets.push_back(read_packet(codepoints, root, place));
    return result;
  }
  YamlMap map(root, place);
  result.document.link = static_cast<LinkType>(map.choice("link", link_names).value_or(0));
  read_codepoints(map.get("codepoints"), map.at("codepoints"), result.codepoints);
  read_keys(map.get("keys"), map.at("keys"), result.keys);
  map.require("packets");
  const auto packets = map.get("packets");
  if (!packets.IsSequence()) yaml_error(map.at("packets"), packets, "expected a list of packets");
  map.finish();
  std::size_t i = 0;
  for (const auto& item : packets) {
    result.document.packets.push_back(
        read_packet(result.codepoints, item, {file, fmt::format("packets[{}]", i++)}));
  }
  return result;
}

}  // namespace secct
