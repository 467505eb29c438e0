// SPDX-License-Identifier: GPL-2.0-or-later
// Packets as constant octets and copies of input values.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "generator/namespace.hpp"
#include "protocol/octets.hpp"

namespace secct::generator {

// Probe values: `count` octet strings with as many octets as the input values. The octets at one
// index, one of each string, are a column. No column occurs twice and none is constant, so that the
// column of an output octet identifies the input octet that it is a copy of.
class ProbeValues {
 public:
  static constexpr std::size_t count = 4;
  using Column = std::array<std::uint8_t, count>;

  explicit ProbeValues(std::size_t octets);

  const Octets& operator[](std::size_t probe) const { return values_[probe]; }
  // The index of the octets with this column.
  std::optional<std::size_t> find(const Column& column) const;

 private:
  std::array<Octets, count> values_;
  std::map<Column, std::size_t> indices_;
};

class PacketTemplate {
 public:
  PacketTemplate() = default;
  // Learns the template from `made`, the packets that were made with each of the probe values.
  // std::nullopt if their lengths differ, or if an octet varies without being a copy of a value.
  static std::optional<PacketTemplate> learn(const ProbeValues& probes,
                                             const std::array<Octets, ProbeValues::count>& made);

  std::size_t size() const { return image_.size(); }
  // Whether the packet does not depend on the values.
  bool is_constant() const { return copies_.empty(); }
  // Writes the packet with these values to `to`, which has size() octets.
  void write(View values, std::span<std::uint8_t> to) const;

  bool operator==(const PacketTemplate&) const = default;

 private:
  struct Copy {
    std::size_t to;
    std::size_t from;
    std::size_t octets;

    bool operator==(const Copy&) const = default;
  };
  Octets image_;
  std::vector<Copy> copies_;
};

}  // namespace secct::generator
