// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/decode/partial.hpp"

#include <algorithm>

namespace secct {
namespace {

bool is_group(const DecodedField& item) { return row(item.field).type == FieldType::group; }

bool is_there(const DecodedField& item, std::size_t present) {
  if (item.generated) return true;
  return is_group(item) ? item.offset < present : item.offset + item.length <= present;
}

// Whether all that a rule looks at is there: the field and the list entry around it.
bool is_certain(const Problem& problem, const DecodedMessage& decoded, std::size_t present) {
  if (problem.offset + problem.length > present) return false;
  for (auto i = problem.item + 1; i-- > 0;) {
    const auto& around = decoded.fields[i];
    if (around.end <= problem.item || !is_group(around)) continue;
    return around.offset + around.length <= present;
  }
  return true;
}

}  // namespace

bool decode_beginning(const CodePoints& codepoints, Carrier carrier, View octets,
                      std::size_t missing, Envelope envelope, Octets& scratch,
                      DecodedMessage& decoded) {
  // Zeros stand for what is missing, so that what has begun can be followed as far as it goes.
  scratch.assign(octets.begin(), octets.end());
  scratch.resize(octets.size() + missing);
  envelope.complete = false;
  if (!decode(codepoints, carrier, scratch, envelope, decoded)) return false;

  const auto present = octets.size();
  std::erase_if(decoded.problems, [&](const auto& p) { return !is_certain(p, decoded, present); });
  const auto last = std::ranges::find_if(
      decoded.fields, [&](const auto& item) { return !is_there(item, present); });
  decoded.fields.erase(last, decoded.fields.end());
  for (auto& item : decoded.fields) {
    item.end = std::min(item.end, static_cast<std::uint32_t>(decoded.fields.size()));
    if (is_group(item)) {
      item.length = std::min(item.length, static_cast<std::uint32_t>(present) - item.offset);
    }
  }
  decoded.octets = octets;
  return true;
}

}  // namespace secct
