// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/tester/mobile_node_pool.hpp"

#include <algorithm>
#include <random>

#include <fmt/format.h>

namespace secct::replay {

std::uint32_t MobileNodePool::Range::reserved() const {
  std::uint32_t sum = 0;
  for (const auto& [role, slice] : slices) sum += slice.reserved;
  return sum;
}

void MobileNodePool::reserve(const MobileNodeRange& range, Role role, std::uint32_t count) {
  auto& entry = ranges_[range.first];
  entry.nodes = range;
  entry.slices[role].reserved += count;
}

// Places the slices one after another, each with its samples.
void MobileNodePool::arrange(Range& range) {
  const auto needed = range.reserved();
  auto free = range.available > needed ? range.available - needed : 0;
  std::uint32_t begin = 0;
  for (auto& [role, slice] : range.slices) {
    const auto count = std::min(free, sample_count);
    free -= count;
    slice.begin = begin;
    slice.next = 0;
    slice.samples.clear();
    const auto last = slice.reserved + count - 1;
    for (std::uint32_t i = 0; i < count; ++i) {
      slice.samples.push_back(count == 1 ? 0 : last / (count - 1) * i);
    }
    if (count > 1) slice.samples.back() = last;
    begin += slice.size();
  }
  range.next_spare = begin;
}

void MobileNodePool::start() {
  for (auto& [first, range] : ranges_) {
    range.start = 0;
    range.available = range.nodes.count;
    arrange(range);
  }
}

void MobileNodePool::start_at(std::uint32_t number) {
  start();
  for (auto& [first, range] : ranges_) {
    if (number < first || number - first >= range.nodes.count) continue;
    range.start = number - first;
    range.available = range.nodes.count - range.start;
    arrange(range);
  }
}

void MobileNodePool::start_randomly(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  start();
  for (auto& [first, range] : ranges_) {
    if (range.nodes.count > 0)
      range.start = static_cast<std::uint32_t>(random() % range.nodes.count);
  }
}

std::optional<std::string> MobileNodePool::shortage() const {
  for (const auto& [first, range] : ranges_) {
    const auto needed = range.reserved();
    if (needed <= range.available) continue;
    const auto start = range.available == range.nodes.count
                           ? std::string()
                           : fmt::format(" from number {} on", first + range.start);
    return fmt::format(
        "the selected cases need {} mobile nodes, each of them once; the router description has "
        "{}{}: raise {} in the description and in the router, or select fewer cases",
        needed, range.available, start,
        first == 1 ? "mobile_nodes.count" : "the count of the entry in mobile_nodes.more");
  }
  return std::nullopt;
}

std::vector<std::uint32_t> MobileNodePool::samples(Role role) const {
  std::vector<std::uint32_t> numbers;
  for (const auto& [first, range] : ranges_) {
    const auto found = range.slices.find(role);
    if (found == range.slices.end()) continue;
    for (const auto offset : found->second.samples) {
      numbers.push_back(number(range, found->second.begin + offset));
    }
  }
  return numbers;
}

std::vector<std::uint32_t> MobileNodePool::doubtful(Role role) const {
  // The samples can miss an earlier run of a few cases. In a range of this size it does so
  // in less than one of a hundred runs.
  constexpr std::uint32_t large = 100;
  std::vector<std::uint32_t> numbers;
  for (const auto& [first, range] : ranges_) {
    const auto found = range.slices.find(role);
    if (found == range.slices.end()) continue;
    const auto& slice = found->second;
    if (range.nodes.count / large >= slice.reserved) continue;
    for (std::uint32_t i = 0; i < slice.size(); ++i) {
      if (std::ranges::binary_search(slice.samples, i)) continue;
      numbers.push_back(number(range, slice.begin + i));
    }
  }
  return numbers;
}

std::optional<std::uint32_t> MobileNodePool::take(const MobileNodeRange& nodes, Role role) {
  auto& range = ranges_.at(nodes.first);
  auto& slice = range.slices.at(role);
  while (std::ranges::binary_search(slice.samples, slice.next)) ++slice.next;
  if (slice.next < slice.size()) return number(range, slice.begin + slice.next++);
  if (range.next_spare >= range.available) return std::nullopt;
  return number(range, range.next_spare++);
}

}  // namespace secct::replay
