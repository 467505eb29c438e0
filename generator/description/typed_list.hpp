// SPDX-License-Identifier: GPL-2.0-or-later
// Additional security data and static profiles of a router description: lists of a type and its
// values (docs/cli.md, "Optional keys of an SA").
#pragma once

#include <string>
#include <vector>

#include "files/yaml_reader.hpp"
#include "generator/namespace.hpp"
#include "protocol/encode/node.hpp"

namespace secct::generator {

// The entries of the list `key`, in order; `group` is Field::additional or Field::static_profile.
// UsageError names file, line and path of a mistake.
//
//   - {type: auth_algorithm, value: hmac-sha1}    # numbers or names; also with the key `name`
//   - {type: source_port_range, value: [1, 100]}  # one value for each field of the type
//   - {type: 131, value: "0x00010064"}            # all octets of the value
std::vector<Node> read_typed_list(YamlMap& map, const std::string& key, Field group);

}  // namespace secct::generator
