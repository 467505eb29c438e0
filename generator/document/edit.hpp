// SPDX-License-Identifier: GPL-2.0-or-later
// Edits of packet documents: `--set PATH=VALUE`, the mutations of cases, and the malformed
// catalogue.
//
// A PATH is a field name (`secct.sa.spi`, `ipv6.hlim`) or the name of a list (`sub_options`). NAME
// is the first such field or list entry of the packet, NAME#2 the second one, NAME#* all of them.
//
// All functions throw UsageError if a path or a value is wrong, and NoSuchField if the path is
// valid, but the packet does not have such a field, entry or layer. `entry`, `fields` and `layer`
// are YAML text as in a packet document.
#pragma once

#include <string>
#include <vector>

#include "files/yaml_reader.hpp"
#include "generator/document/document.hpp"
#include "generator/namespace.hpp"

namespace secct::generator {

// The packet does not have the field. Another packet of the same document may have it.
class NoSuchField : public UsageError {
 public:
  using UsageError::UsageError;
};

// Sets a field. Fields are counted in the order of the octets, and include those that the document
// leaves to the builder. A field that a list entry can contain several times (`secct.req.spi`)
// takes [VALUE, VALUE, ...]. +N or -N is added to the value in the document, or to the computed
// value.
void set_field(const CodePoints& codepoints, PacketDocument& packet, const std::string& path,
               const std::string& value);

// Removes a field or a list entry (`secct.auth.token`, `sub_options#2`) from the document.
void remove_field(PacketDocument& packet, const std::string& path);

// Inserts a copy of a list entry after it.
void repeat_entry(PacketDocument& packet, const std::string& path);

// Appends octets to a list entry or, for the path `secct.message`, to the message. A computed
// length includes them.
void append_octets(PacketDocument& packet, const std::string& path, View octets);

// Swaps two entries of the same list.
void swap_entries(PacketDocument& packet, const std::string& first, const std::string& second);

// Adds fields and list entries to a list entry or, for the path `secct.message`, to the message.
void add_fields(const CodePoints& codepoints, PacketDocument& packet, const std::string& path,
                const std::string& fields);

// Inserts a new list entry before an existing one.
void insert_entry(const CodePoints& codepoints, PacketDocument& packet, const std::string& path,
                  const std::string& entry);

// Removes all layers of a name (`ah`, `ipv6.dstopts`).
void drop_layer(PacketDocument& packet, const std::string& name);

// Inserts a layer (`ipv6.hopopts: {...}`) before the first layer called `name`.
void insert_layer(const CodePoints& codepoints, PacketDocument& packet, const std::string& name,
                  const std::string& layer);

// The parts of "[a, b]"; a text without brackets is a single part.
std::vector<std::string> split_list(const std::string& text);

// Splits "PATH=VALUE" at the first '='.
std::pair<std::string, std::string> split_assignment(const std::string& text);

}  // namespace secct::generator
