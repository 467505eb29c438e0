// SPDX-License-Identifier: GPL-2.0-or-later
// Edits as data, for cases and the malformed catalogue: read from YAML, applied to packets, and
// described to users.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "generator/document/edit.hpp"
#include "generator/namespace.hpp"

namespace secct::generator {

// One call of a function of edit.hpp.
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
  std::string value;  // swap: the other path; insert, add, insert_layer: YAML text
};

// Whether the value of one of the edits contains the variable, for example "$spi1".
bool uses_variable(std::span<const Edit> edits, std::string_view variable);

// The keys of edits in YAML, in the order of application.
std::vector<std::string_view> edit_names();

// Reads the edits of a mapping, in the order of application: `drop-layer`, `remove` and `repeat`
// have a list of paths, the other keys a mapping PATH: VALUE. The caller reads other keys and calls
// map.finish(). Throws UsageError.
std::vector<Edit> read_edits(YamlMap& map);

// Returns the values of a variable such as $paddr; a text that is not a variable is its own value.
using VariableResolver = std::function<std::vector<std::string>(const std::string&)>;

// Applies an edit; `values` resolves the variables in the value of `set`. Throws as the functions
// of edit.hpp do.
void apply(const Edit& edit, const CodePoints& codepoints, PacketDocument& packet,
           const VariableResolver& values);

// A description for users: "with secct.sa.spi = 5", "without the layer ah".
std::string edit_text(const Edit& edit);

// Throws UsageError unless the part of `path` before '#' is the name of a field or list.
void check_field_name(const YamlPlace& place, const YAML::Node& at, const std::string& path);

}  // namespace secct::generator
