// SPDX-License-Identifier: GPL-2.0-or-later
// Phrases that explain.cpp and summary.cpp share.
#pragma once

#include <array>
#include <charconv>
#include <string>
#include <string_view>

#include "protocol/decode/decoded_message.hpp"

namespace secct::wording {

// Hexadecimal with 0x, padded to `octets`.
inline std::string hex(std::uint64_t number, std::size_t octets = 0) {
  std::array<char, 16> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, 16).ptr;
  const auto length = static_cast<std::size_t>(end - digits.data());
  std::string text = "0x";
  if (length < 2 * octets) text.append(2 * octets - length, '0');
  return text.append(digits.data(), length);
}

// "80 (0x50)"
inline std::string both(std::uint64_t number) {
  return std::to_string(number) + " (" + hex(number) + ")";
}

// "1 SA", "2 SAs"
inline std::string count(std::size_t number, std::string_view one, std::string_view many) {
  return std::to_string(number) + ' ' + std::string(number == 1 ? one : many);
}

inline std::string status_text(std::uint64_t status) {
  const auto* value = find_value(Values::status, status);
  return std::to_string(status) + ' ' + (value != nullptr ? value->text : "Unknown status");
}

inline std::string request_text(const DecodedField& form, std::size_t spis) {
  const auto* value = find_value(Values::req_form, form.number);
  std::string text = value != nullptr ? value->key : "unknown request";
  if (spis > 0) text += ", " + count(spis, "SPI", "SPIs");
  return text;
}

}  // namespace secct::wording
