// SPDX-License-Identifier: GPL-2.0-or-later
// Invariants of every decoded message, for the fuzz target and the unit tests.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "protocol/decode/decode.hpp"
#include "protocol/encode/encode.hpp"

namespace secct::test {

// Sets the octets of the carrying layer (checksum, option length) to zero: the encoder does not
// write them.
inline Octets blank_carrier(Carrier carrier, Octets octets) {
  const std::size_t first = carrier == Carrier::icmpv6 ? 2 : 1;
  const std::size_t last = carrier == Carrier::icmpv6 ? 4 : carrier == Carrier::dstopt ? 2 : 1;
  for (auto i = first; i < std::min(last, octets.size()); ++i) octets[i] = 0;
  return octets;
}

// The largest number of fields that `octets` octets can give. The densest structure is a context
// that ends after its Length: group, SPT with eleven parts and Length in three octets.
constexpr std::size_t max_fields(std::size_t octets) { return 16 + 5 * octets; }

// Returns an error if fields or problems refer to octets or groups that do not exist, otherwise "".
inline std::string structure_error(const DecodedMessage& decoded) {
  const auto size = decoded.octets.size();
  const auto at = [](std::size_t i) { return " at field " + std::to_string(i); };
  if (decoded.fields.size() > max_fields(size)) return "too many fields";
  std::vector<std::size_t> open;  // the groups that contain the current field
  for (std::size_t i = 0; i < decoded.fields.size(); ++i) {
    const auto& field = decoded.fields[i];
    while (!open.empty() && decoded.fields[open.back()].end <= i) open.pop_back();
    const auto outer_end = open.empty() ? decoded.fields.size() : decoded.fields[open.back()].end;
    if (field.end <= i || field.end > outer_end) return "end of the field" + at(i);
    if (field.offset > size || field.length > size - field.offset) return "octets" + at(i);
    if (!open.empty() && !field.generated) {
      const auto& group = decoded.fields[open.back()];
      if (field.offset < group.offset ||
          field.offset + field.length > group.offset + group.length) {
        return "octets outside the group" + at(i);
      }
    }
    if (row(field.field).type == FieldType::group && field.length == 0)
      return "empty group" + at(i);
    open.push_back(i);
  }
  for (const auto& problem : decoded.problems) {
    if (problem.index >= decoded.fields.size())
      return std::string(row(problem.rule).name) + ": item";
    if (problem.offset > size || problem.length > size - problem.offset) {
      return std::string(row(problem.rule).name) + ": octets";
    }
  }
  return {};
}

// Returns a description of the difference if encoding the message gives other octets, otherwise "".
inline std::string round_trip_error(const CodePoints& codepoints, const DecodedMessage& decoded) {
  const auto tree = to_node(codepoints, decoded);
  const auto encoded = encode(codepoints, decoded.message, tree);
  if (!encoded.faults.empty()) return encoded.faults[0].text;
  const auto carrier = message_info(decoded.message).carrier;
  const auto before = blank_carrier(carrier, Octets(decoded.octets.begin(), decoded.octets.end()));
  const auto after = blank_carrier(carrier, encoded.octets);
  return before == after ? std::string() : to_hex(after) + " for " + to_hex(before);
}

}  // namespace secct::test
