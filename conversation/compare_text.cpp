// SPDX-License-Identifier: GPL-2.0-or-later
#include "conversation/compare_text.hpp"

#include <algorithm>
#include <cstdio>

namespace secct::conversation {

std::string text(std::uint64_t number) { return std::to_string(number); }

std::string hex(std::uint32_t number) {
  char buffer[11];
  std::snprintf(buffer, sizeof buffer, "0x%08x", number);
  return buffer;
}

std::string list(const std::vector<std::uint32_t>& numbers) {
  constexpr std::size_t most = 32;
  std::string all;
  for (std::size_t i = 0; i < std::min(numbers.size(), most); ++i) {
    all += (all.empty() ? "" : ", ") + hex(numbers[i]);
  }
  if (numbers.size() > most) all += ", ...";
  return all.empty() ? "none" : all;
}

std::vector<std::uint32_t> numbers(const DecodedMessage& decoded, Field field) {
  std::vector<std::uint32_t> all;
  for (const auto& item : decoded.fields) {
    if (item.field == field) all.push_back(static_cast<std::uint32_t>(item.number));
  }
  return all;
}

}  // namespace secct::conversation
