// SPDX-License-Identifier: GPL-2.0-or-later
// What must hold for every tape, whatever the octets: shared by the fuzz target and the tests.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "protocol/decode/decode.hpp"
#include "protocol/encode/encode.hpp"

namespace secct::test {

// Octets of the layer that carries a message (checksum, option length) as zero: the encoder leaves
// them to that layer.
inline Octets blank_carrier(Carrier carrier, Octets octets) {
  const std::size_t first = carrier == Carrier::icmpv6 ? 2 : 1;
  const std::size_t last = carrier == Carrier::icmpv6 ? 4 : carrier == Carrier::dstopt ? 2 : 1;
  for (auto i = first; i < std::min(last, octets.size()); ++i) octets[i] = 0;
  return octets;
}

// The items that `octets` octets can make at most. The densest structure is a context that is cut
// behind its Length: group, SPT with eleven parts, Length in three octets.
constexpr std::size_t most_items(std::size_t octets) { return 16 + 5 * octets; }

// Empty when the tape is sound, else what is wrong with it.
inline std::string bad_header(const DecodedMessage& decoded) {
  const auto size = decoded.octets.size();
  const auto at = [](std::size_t i) { return " at item " + std::to_string(i); };
  if (decoded.fields.size() > most_items(size)) return "too many items";
  std::vector<std::size_t> open;  // groups around the item at hand
  for (std::size_t i = 0; i < decoded.fields.size(); ++i) {
    const auto& item = decoded.fields[i];
    while (!open.empty() && decoded.fields[open.back()].end <= i) open.pop_back();
    const auto outer_end = open.empty() ? decoded.fields.size() : decoded.fields[open.back()].end;
    if (item.end <= i || item.end > outer_end) return "end of the item" + at(i);
    if (item.offset > size || item.length > size - item.offset) return "octets" + at(i);
    if (!open.empty() && !item.generated) {
      const auto& group = decoded.fields[open.back()];
      if (item.offset < group.offset || item.offset + item.length > group.offset + group.length) {
        return "octets outside of the group" + at(i);
      }
    }
    if (row(item.field).type == FieldType::group && item.length == 0) return "empty group" + at(i);
    open.push_back(i);
  }
  for (const auto& problem : decoded.problems) {
    if (problem.item >= decoded.fields.size())
      return std::string(row(problem.rule).name) + ": item";
    if (problem.offset > size || problem.length > size - problem.offset) {
      return std::string(row(problem.rule).name) + ": octets";
    }
  }
  return {};
}

// Empty when the tape's tree gives the same octets again, else what differs.
inline std::string not_the_same_again(const CodePoints& codepoints, const DecodedMessage& decoded) {
  const auto tree = to_node(codepoints, decoded);
  const auto encoded = encode(codepoints, decoded.message, decoded.carrier, tree);
  if (!encoded.faults.empty()) return encoded.faults[0].text;
  const auto before =
      blank_carrier(decoded.carrier, Octets(decoded.octets.begin(), decoded.octets.end()));
  const auto after = blank_carrier(decoded.carrier, encoded.octets);
  return before == after ? std::string() : to_hex(after) + " for " + to_hex(before);
}

}  // namespace secct::test
