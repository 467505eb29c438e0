// SPDX-License-Identifier: GPL-2.0-or-later
// What the decoder makes of a message: a flat list of fields in the order of the octets (each
// group is followed by what it holds) and a list of broken rules. A tape is meant to be reused:
// after the first messages no memory is allocated any more.
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

// What the layers below say about a message.
struct Envelope {
  std::optional<Address> source;  // IPv6, or IPv4 as IPv4-mapped
  std::optional<Address> destination;
  std::optional<std::uint8_t> hop_limit;
  Protection protection = Protection::unknown;
  // False: cut by the capture or quoted in an ICMPv6 error. Neither the checksum is judged then,
  // nor what is missing.
  bool complete = true;
};

struct DecodedField {
  Field field;
  // Not in the octets: from the envelope (addresses) or implied by another field (numbers).
  bool generated = false;
  std::uint32_t offset = 0;  // octets from the start of what was decoded
  std::uint32_t length = 0;  // octets
  std::uint32_t end = 0;     // index of the item after the last one below this one
  std::uint64_t number = 0;  // numbers and booleans; for groups and generated addresses see tape
};

// One broken rule with its place.
struct Problem {
  Rule rule;
  Field field;             // the field that breaks it
  std::uint32_t item = 0;  // index in DecodedMessage::items of the field or of the group around it
  std::uint32_t offset = 0;  // octets from the start of what was decoded
  std::uint32_t length = 0;
  std::optional<std::uint64_t> expected;
  std::optional<std::uint64_t> actual;
};

struct DecodedMessage {
  Message message = Message::none;
  Carrier carrier = Carrier::icmpv6;
  View octets;  // what was decoded; must outlive the tape's use
  Envelope envelope;
  std::vector<DecodedField> fields;
  std::vector<Problem> problems;

  void clear();

  View octets_of(const DecodedField& item) const {
    return octets.subspan(item.offset, item.length);
  }
  // The address that an ipv6 or ipv4 item shows, generated ones included.
  Address address(const DecodedField& item) const;

  // The first item with `field` in [from, to), or nullptr.
  const DecodedField* find(Field field, std::size_t from = 0, std::size_t to = SIZE_MAX) const;
  const DecodedField* find_in(const DecodedField& group, Field field) const;
  std::optional<std::uint64_t> number(Field field) const;

  bool broken(Rule rule) const;
  bool has_status_row(std::uint8_t wanted) const;
  // The lowest row of behaviour.md section 4 among the problems in octets [from, to), 0 when none
  // has one.
  std::uint8_t worst_status_row(std::uint32_t from = 0, std::uint32_t to = UINT32_MAX) const;
};

}  // namespace secct
