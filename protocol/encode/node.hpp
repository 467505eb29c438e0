// SPDX-License-Identifier: GPL-2.0-or-later
// A message as a tree of named fields: the content of packet documents and the input of the
// encoder. The encoder writes the fields of the tree unchanged and computes the others.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "protocol/octets.hpp"
#include "protocol/tables/fields.hpp"

namespace secct {

// A difference to the value that is computed: makes a length, a checksum or an ICV wrong whatever
// its correct value is. The sum wraps in the octets of the field.
struct Shift {
  std::int64_t by = 0;

  bool operator==(const Shift&) const = default;
};

struct Node {
  Field field = Field::raw;
  // A number for numbers and booleans; octets for addresses, bytes and text; nothing for groups.
  std::variant<std::monostate, std::uint64_t, Octets, Shift> value;
  std::vector<Node> children;
  // For a group with an unknown type number: the type number that determines its fields.
  std::optional<std::uint32_t> layout;

  Node() = default;
  explicit Node(Field f) : field(f) {}
  Node(Field f, std::uint64_t number) : field(f), value(number) {}
  Node(Field f, Octets octets) : field(f), value(std::move(octets)) {}
  Node(Field f, const Address& address) : field(f), value(Octets(address.begin(), address.end())) {}
  Node(Field f, std::vector<Node> nodes) : field(f), children(std::move(nodes)) {}

  std::optional<std::uint64_t> number() const {
    if (const auto* n = std::get_if<std::uint64_t>(&value)) return *n;
    return std::nullopt;
  }
  const Octets* octets() const { return std::get_if<Octets>(&value); }
  // 0 if the value is not a Shift.
  std::int64_t shift() const {
    const auto* s = std::get_if<Shift>(&value);
    return s != nullptr ? s->by : 0;
  }

  // The first child with this field, or nullptr.
  const Node* find(Field f) const {
    for (const auto& child : children) {
      if (child.field == f) return &child;
    }
    return nullptr;
  }
  Node* find(Field f) { return const_cast<Node*>(static_cast<const Node*>(this)->find(f)); }

  // Replaces the first child with the same field, or adds one.
  void set(Node child) {
    if (auto* old = find(child.field)) {
      *old = std::move(child);
    } else {
      children.push_back(std::move(child));
    }
  }
};

}  // namespace secct
