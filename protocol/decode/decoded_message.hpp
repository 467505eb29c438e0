// SPDX-License-Identifier: GPL-2.0-or-later
// The result of decoding a message: a flat list of fields in the order of their octets, in which
// each group is followed by its members, and a list of broken rules.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/octets.hpp"
#include "protocol/tables/fields.hpp"
#include "protocol/tables/layout.hpp"

namespace secct {

enum class Protection : std::uint8_t { unknown, none, ah, esp };

// The properties of a message that the layers below it determine.
struct Envelope {
  std::optional<Address> source;  // IPv6, or IPv4 as IPv4-mapped
  std::optional<Address> destination;
  std::optional<std::uint8_t> hop_limit;
  Protection protection = Protection::unknown;
  // False: the capture or an ICMPv6 error contains only a part of the message. Then the checksum
  // is not verified, and missing parts are not reported.
  bool complete = true;
};

struct DecodedField {
  Field field;
  // True: not in the octets, but from the envelope (addresses) or implied by another field.
  bool generated = false;
  std::uint32_t offset = 0;  // octets from the start of the message
  std::uint32_t length = 0;  // octets
  std::uint32_t end = 0;     // index of the field after the last one in this group
  // The value of a number or boolean; of a generated address 0 for the source and 1 for the
  // destination of the envelope. Other fields have their value in the octets.
  std::uint64_t number = 0;
};

// A broken rule and its place.
struct Problem {
  Rule rule;
  Field field;               // that breaks it
  std::uint32_t index = 0;   // in DecodedMessage::fields, of this field or of the group around it
  std::uint32_t offset = 0;  // octets from the start of the message
  std::uint32_t length = 0;  // octets
  std::optional<std::uint64_t> expected;
  std::optional<std::uint64_t> actual;
};

// Reuse one object for many messages: it keeps its memory.
struct DecodedMessage {
  Message message = Message::none;
  View octets;  // not owned: the caller keeps them as long as it uses this object
  Envelope envelope;
  std::vector<DecodedField> fields;
  std::vector<Problem> problems;

  void clear();

  View octets_of(const DecodedField& field) const {
    return octets.subspan(field.offset, field.length);
  }
  // The address in a field of type ipv6 or ipv4, generated ones included.
  Address address(const DecodedField& field) const;

  // The first `field` with an index in [from, to), or nullptr.
  const DecodedField* find(Field field, std::size_t from = 0, std::size_t to = SIZE_MAX) const;
  // The first `field` in a group of this message, or nullptr.
  const DecodedField* find_in(const DecodedField& group, Field field) const;
  // The number of the first `field`.
  std::optional<std::uint64_t> number(Field field) const;

  bool broken(Rule rule) const;
  // True if a broken rule has this row of behaviour.md section 4.
  bool has_status_row(std::uint8_t wanted) const;
  // The lowest row of behaviour.md section 4 among the problems at octets [from, to); 0 if none of
  // them has a row.
  std::uint8_t worst_status_row(std::uint32_t from = 0, std::uint32_t to = UINT32_MAX) const;
};

}  // namespace secct
