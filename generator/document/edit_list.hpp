// SPDX-License-Identifier: GPL-2.0-or-later
// Edits as data: what cases and the malformed catalogue change in a packet.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "generator/document/edit.hpp"
#include "generator/namespace.hpp"

namespace secct::generator {

// One change of a packet, as the functions of edit.hpp make it.
struct Edit {
  enum class Kind : std::uint8_t {
    drop_layer,
    insert_layer,
    remove,
    repeat,
    swap,
    insert,
    add,
    append,
    set
  };
  Kind kind = Kind::set;
  std::string path;
  std::string value;  // swap: the other path
};

// The keys of read_edits(), in the order in which they are applied.
std::vector<std::string_view> edit_names();

// The edits in a mapping, each under its key: `drop-layer`, `remove`, `repeat` hold paths, the
// others a mapping PATH: VALUE. Keys that are no edits are the caller's.
std::vector<Edit> read_edits(YamlMap& map);

// Words in values ($paddr) and what they stand for; a text that is none stands for itself.
using VariableResolver = std::function<std::vector<std::string>(const std::string&)>;

// UsageError as in edit.hpp.
void apply(const Edit& edit, const CodePoints& codepoints, PacketDocument& packet,
           const VariableResolver& values);

// "with secct.sa.spi = 5", "without the layer ah": for people.
std::string edit_text(const Edit& edit);

// UsageError when no field has the name in front of '#'.
void check_field_name(const YamlPlace& place, const YAML::Node& at, const std::string& path);

}  // namespace secct::generator
