// SPDX-License-Identifier: GPL-2.0-or-later
// Octets that are the same each time but for copies of some given values.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "generator/namespace.hpp"
#include "protocol/octets.hpp"

namespace secct::generator {

// So many octet strings, as long as the values are, that what an octet is in each of them says
// which one it is: none is the same in all of them, no two go alike.
class ProbeValues {
 public:
  static constexpr std::size_t count = 4;

  explicit ProbeValues(std::size_t octets);

  const Octets& operator[](std::size_t sample) const { return values_[sample]; }
  using Column = std::array<std::uint8_t, count>;  // an octet in each sample
  std::optional<std::size_t> find(const Column& column) const;

 private:
  std::array<Octets, count> values_;
  std::map<Column, std::size_t> places_;
};

class PacketTemplate {
 public:
  PacketTemplate() = default;
  // From what was made of each of the samples. Nothing when they are not equally long or when an
  // octet differs that is no copy of a value.
  static std::optional<PacketTemplate> learn(const ProbeValues& probes,
                                             const std::array<Octets, ProbeValues::count>& made);

  std::size_t size() const { return image_.size(); }
  bool is_constant() const { return copies_.empty(); }
  // `to` has size() octets.
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
