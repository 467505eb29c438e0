// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/decode/partial.hpp"

#include <algorithm>

namespace secct {
namespace {

bool is_group(const DecodedField& field) { return row(field.field).type == FieldType::group; }

// `present`: number of octets that are not missing.
bool is_present(const DecodedField& field, std::size_t present) {
  if (field.generated) return true;
  return is_group(field) ? field.offset < present : field.offset + field.length <= present;
}

// True if no octets of the field and of the innermost group around it are missing.
bool is_certain(const Problem& problem, const DecodedMessage& decoded, std::size_t present) {
  if (problem.offset + problem.length > present) return false;
  for (auto i = problem.index + 1; i-- > 0;) {
    const auto& around = decoded.fields[i];
    if (around.end <= problem.index || !is_group(around)) continue;
    return around.offset + around.length <= present;
  }
  return true;
}

}  // namespace

bool decode_beginning(const CodePoints& codepoints, Carrier carrier, View octets,
                      std::size_t missing, Envelope envelope, Octets& scratch,
                      DecodedMessage& decoded) {
  // With zeros for the missing octets, the decoder also decodes the last, incomplete structure.
  scratch.assign(octets.begin(), octets.end());
  scratch.resize(octets.size() + missing);
  envelope.complete = false;
  if (!decode(codepoints, carrier, scratch, envelope, decoded)) return false;

  const auto present = octets.size();
  std::erase_if(decoded.problems, [&](const auto& p) { return !is_certain(p, decoded, present); });
  const auto first_missing = std::ranges::find_if(
      decoded.fields, [&](const auto& field) { return !is_present(field, present); });
  decoded.fields.erase(first_missing, decoded.fields.end());
  for (auto& field : decoded.fields) {
    field.end = std::min(field.end, static_cast<std::uint32_t>(decoded.fields.size()));
    if (is_group(field)) {
      field.length = std::min(field.length, static_cast<std::uint32_t>(present) - field.offset);
    }
  }
  decoded.octets = octets;
  return true;
}

}  // namespace secct
