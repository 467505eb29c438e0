// SPDX-License-Identifier: GPL-2.0-or-later
// Which status answers which row of docs/behaviour.md section 4.
#pragma once

#include <cstdint>

namespace secct::status {

inline constexpr std::uint8_t invalid_source = 100;
inline constexpr std::uint8_t invalid_destination = 101;
inline constexpr std::uint8_t invalid_attribute = 102;
inline constexpr std::uint8_t invalid_source_id = 103;
inline constexpr std::uint8_t invalid_identity = 104;
inline constexpr std::uint8_t invalid_authentication = 105;
inline constexpr std::uint8_t unusable = 106;
inline constexpr std::uint8_t ok = 200;

constexpr bool is_error(std::uint64_t number) {  // one that is known
  return number >= invalid_source && number <= unusable;
}

// Row 1 has no status: the message is discarded.
constexpr std::uint8_t of_row(std::uint8_t row) {
  constexpr std::uint8_t rows[] = {ok,
                                   0,
                                   invalid_attribute,
                                   invalid_identity,
                                   invalid_authentication,
                                   invalid_attribute,
                                   invalid_source,
                                   invalid_destination,
                                   invalid_source_id,
                                   unusable,
                                   ok};
  return rows[row];
}

}  // namespace secct::status
