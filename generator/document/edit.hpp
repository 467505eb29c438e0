// SPDX-License-Identifier: GPL-2.0-or-later
// Changing one named field of a packet document: `--set PATH=VALUE`, and the mutations of cases.
#pragma once

#include <string>
#include <vector>

#include "files/yaml_reader.hpp"
#include "generator/document/document.hpp"
#include "generator/namespace.hpp"

namespace secct::generator {

// The packet has no such field; another one of the same document may have it.
class NoSuchField : public UsageError {
 public:
  using UsageError::UsageError;
};

// PATH is a filter name (`secct.sa.spi`, `ipv6.hlim`): the first such field on the wire, whether
// the document writes it or leaves it to be computed; NAME#2 is the second one, NAME#* all of them.
// A field that a list entry can have several times (`secct.req.spi`) takes [VALUE, VALUE, ...].
// A value +N or -N moves what the document says, or what would be computed.
// UsageError says what is wrong with path or value, NoSuchField that it is not in this packet.
void set_field(const CodePoints& codepoints, PacketDocument& packet, const std::string& path,
               const std::string& value);

// Removes a field or a whole list entry (`sub_options#2`, `secct.auth.token`) that the document
// writes.
void remove_field(PacketDocument& packet, const std::string& path);

// Repeats a list entry right behind itself (`sub_options#1`).
void repeat_entry(PacketDocument& packet, const std::string& path);

// Adds octets behind the fields of a list entry; its computed length counts them.
void append_octets(PacketDocument& packet, const std::string& path, View octets);

// Exchanges two entries of one list.
void swap_entries(PacketDocument& packet, const std::string& first, const std::string& second);

// Adds what a mapping (YAML text) says to a list entry, or with the path `secct.message` to the
// message: fields, and entries behind those of its lists.
void add_fields(const CodePoints& codepoints, PacketDocument& packet, const std::string& path,
                const std::string& fields);

// Puts a new list entry (a mapping as in a document, YAML text) before an existing one.
void insert_entry(const CodePoints& codepoints, PacketDocument& packet, const std::string& path,
                  const std::string& entry);

// Takes a whole layer out (`ah`, `ipv6.dstopts`).
void drop_layer(PacketDocument& packet, const std::string& name);

// Puts a layer (`ipv6.hopopts: {...}`, YAML text) before the first one called `name`.
void insert_layer(const CodePoints& codepoints, PacketDocument& packet, const std::string& name,
                  const std::string& layer);

// The parts of "[a, b]"; a text without brackets is the only part.
std::vector<std::string> split_list(const std::string& text);

// "NAME=VALUE" in its two parts; UsageError without '='.
std::pair<std::string, std::string> split_assignment(const std::string& text);

}  // namespace secct::generator
