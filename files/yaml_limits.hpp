// SPDX-License-Identifier: GPL-2.0-or-later
// Limits that keep the cost of a YAML text in proportion to its size. They count what the parser of
// yaml-cpp finds, not characters of the text: a bracket may be in a string or a comment.
#pragma once

#include <cstddef>
#include <string>

#include <yaml-cpp/yaml.h>

namespace secct::files {

struct YamlLimits {
  int depth = 64;  // of nested lists and mappings; no valid document comes near
  // Keys, values, lists and mappings of a document. yaml-cpp takes about 500 octets for each.
  std::size_t values = 2'000'000;
  // Octets that the parser reads before it can name the next value. It keeps all tokens of a flow
  // collection ([...] or {...}, and so a JSON document) that is not complete, with 250 octets each.
  std::size_t flow_octets = std::size_t{4} << 20;
};

// Parses `text` without storing it. `name` is the file name in messages. Throws UsageError for a
// text that exceeds a limit, and for a second document; YAML::Exception for invalid YAML.
void check_yaml_text(const std::string& text, const std::string& name,
                     const YamlLimits& limits = {});

// Refuses what yaml-cpp accepts: a duplicate key, whose first value would be lost silently, and
// aliases (*name) that expand to more than `most_values` values, or to a list around them. Throws
// UsageError.
void check_yaml_nodes(const YAML::Node& root, const std::string& name, std::size_t most_values,
                      const YamlLimits& limits = {});

}  // namespace secct::files
