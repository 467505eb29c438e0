// SPDX-License-Identifier: GPL-2.0-or-later
// Reads and writes packet documents (docs/packet-documents.md) in YAML and JSON, and reads their
// parts for router descriptions, cases and edits. Keys are the field names of docs/fields.md and
// Wireshark's filter names; lists are options, sub_options, contexts, additional, static_profile.
//
// All functions that read throw UsageError, which names the file, the line and the path of the
// value. A YamlPlace is the position of the value that is read.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "files/yaml_reader.hpp"
#include "generator/document/document.hpp"
#include "generator/namespace.hpp"

namespace secct::generator {

// A document file: packets, code points and keys.
struct DocumentFile {
  Document document;
  CodePoints codepoints;
  Keyring keys;
};

// Reads a document. The code points and keys of the file are added to those of the caller; keys of
// the file take precedence.
DocumentFile read_document(const YAML::Node& root, const std::string& file,
                           const CodePoints& codepoints, const Keyring& keys);

// The document as JSON; to_yaml() converts that to YAML. DocumentWriter writes documents of any
// length.
nlohmann::ordered_json to_json(const CodePoints& codepoints, const Document& document);
std::string to_yaml(const nlohmann::ordered_json& json);

// The parts of to_json(), in order: the root before its packets, one packet of the document, the
// root after its packets.
nlohmann::ordered_json header_json(const CodePoints& codepoints, LinkType link);
nlohmann::ordered_json packet_json(const CodePoints& codepoints, const Document& document,
                                   const PacketDocument& packet);
nlohmann::ordered_json footer_json(const Document& document);

// Read the value of a field from a scalar. `at` is the node of the scalar.
Node read_field(const CodePoints& codepoints, Field field, const std::string& text,
                const YamlPlace& place, const YAML::Node& at);
std::variant<std::uint64_t, Octets, Shift> read_header(HeaderField field, const std::string& text,
                                                       const YamlPlace& place,
                                                       const YAML::Node& at);

// Reads one entry of `layers`: a mapping from the name of the layer to its fields.
Layer read_layer(const CodePoints& codepoints, const YAML::Node& node, const YamlPlace& place);

// Reads a mapping of SecCT fields and lists, and appends them to `into`, which is a message or a
// list entry. Skips the keys in `others`.
void read_fields(const CodePoints& codepoints, const YAML::Node& map, const YamlPlace& place,
                 Node& into, std::span<const std::string_view> others = {});

// Reads an SA: protocol, spi, algorithm, key, cipher, cipher_key, mode, source, destination. The
// caller calls map.finish().
Sa read_sa(YamlMap& map);
// Reads `keys` of a document and inserts them before the keys in `keys`.
void read_keys(const YAML::Node& node, const YamlPlace& place, Keyring& keys);
// Reads a code-point profile: names of docs/wire-format.md section 1 and their numbers.
void read_codepoints(const YAML::Node& map, const YamlPlace& place, CodePoints& codepoints);

}  // namespace secct::generator
