// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/scenario/fast/packet_template.hpp"

#include <algorithm>
#include <cstring>
#include <random>

namespace secct::generator {
namespace {

bool all_equal(const ProbeValues::Column& column) {
  return std::ranges::all_of(column, [&](auto octet) { return octet == column[0]; });
}

}  // namespace

ProbeValues::ProbeValues(std::size_t octets) {
  std::mt19937 random(1);  // same numbers on all platforms
  while (values_[0].size() < octets) {
    Column column{};
    for (auto& octet : column) octet = static_cast<std::uint8_t>(random());
    if (all_equal(column) || !indices_.emplace(column, values_[0].size()).second) continue;
    for (std::size_t i = 0; i < count; ++i) values_[i].push_back(column[i]);
  }
}

std::optional<std::size_t> ProbeValues::find(const Column& column) const {
  const auto found = indices_.find(column);
  if (found == indices_.end()) return std::nullopt;
  return found->second;
}

std::optional<PacketTemplate> PacketTemplate::learn(
    const ProbeValues& probes, const std::array<Octets, ProbeValues::count>& made) {
  PacketTemplate packet_template;
  packet_template.image_ = made[0];
  for (const auto& octets : made) {
    if (octets.size() != packet_template.image_.size()) return std::nullopt;
  }
  for (std::size_t at = 0; at < packet_template.image_.size(); ++at) {
    ProbeValues::Column column{};
    for (std::size_t i = 0; i < ProbeValues::count; ++i) column[i] = made[i][at];
    if (all_equal(column)) continue;
    const auto from = probes.find(column);
    if (!from) return std::nullopt;
    if (!packet_template.copies_.empty()) {
      auto& last = packet_template.copies_.back();
      if (last.to + last.octets == at && last.from + last.octets == *from) {
        ++last.octets;
        continue;
      }
    }
    packet_template.copies_.push_back({at, *from, 1});
  }
  return packet_template;
}

void PacketTemplate::write(View values, std::span<std::uint8_t> to) const {
  if (image_.empty()) return;
  std::memcpy(to.data(), image_.data(), image_.size());
  constexpr std::size_t usual = 4;  // SPIs, ends of addresses: a constant size is copied inline
  for (const auto& copy : copies_) {
    auto* target = to.data() + copy.to;
    const auto* source = values.data() + copy.from;
    if (copy.octets == usual) {
      std::memcpy(target, source, usual);
    } else {
      std::memcpy(target, source, copy.octets);
    }
  }
}

}  // namespace secct::generator
