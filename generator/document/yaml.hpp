// SPDX-License-Identifier: GPL-2.0-or-later
// Packet documents as YAML and JSON. Keys are the names of docs/fields.md and Wireshark's filter
// names; lists are options, sub_options, contexts, additional, static_profile.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "files/yaml_reader.hpp"
#include "generator/document/document.hpp"
#include "generator/namespace.hpp"

namespace secct::generator {

// What a document file holds: packets, and what it says about code points and keys.
struct DocumentFile {
  Document document;
  CodePoints codepoints;
  Keyring keys;
};

// Reads a document. `codepoints` and `keys` are what the caller knows already; the file adds to
// them. UsageError names file, line and path of what is wrong.
DocumentFile read_document(const YAML::Node& root, const std::string& file,
                           const CodePoints& codepoints, const Keyring& keys);

nlohmann::ordered_json to_json(const CodePoints& codepoints, const Document& document);
std::string to_yaml(const nlohmann::ordered_json& json);

// One scalar as a document writes it, for one field; UsageError says what was expected.
Node read_field(const CodePoints& codepoints, Field field, const std::string& text,
                const YamlPlace& place, const YAML::Node& at);
std::variant<std::uint64_t, Octets, Shift> read_header(HeaderField field, const std::string& text,
                                                       const YamlPlace& place,
                                                       const YAML::Node& at);

// One entry of a packet's layers: a mapping of the layer's name to its fields.
Layer read_layer(const CodePoints& codepoints, const YAML::Node& node, const YamlPlace& place);

// A mapping of SecCT fields and lists, as inside a layer or an entry of a list. Keys in `others`
// are the caller's.
void read_fields(const CodePoints& codepoints, const YAML::Node& map, const YamlPlace& place,
                 Node& into, std::span<const std::string_view> others = {});

// An SA: protocol, spi, algorithm, key, cipher, cipher_key, and where wanted mode, destination.
Sa read_sa(YamlMap& map);
// SAs and token keys of a document; they come before those that `keys` holds.
void read_keys(const YAML::Node& node, const YamlPlace& place, Keyring& keys);
// A code-point profile: names of docs/wire-format.md section 1 with numbers.
void read_codepoints(const YAML::Node& map, const YamlPlace& place, CodePoints& codepoints);

}  // namespace secct::generator
