// SPDX-License-Identifier: GPL-2.0-or-later
// The Status-Codes of SecCT-Stat and the errors that they report (docs/wire-format.md section 6.5,
// docs/behaviour.md section 4). The rows are in statuses.def.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>

namespace secct::status {

#define STATUS(id, number, key, text, rows, clause) inline constexpr std::uint8_t id = number;
#include "protocol/tables/statuses.def"
#undef STATUS

// Set of rows of the table in docs/behaviour.md section 4: bit N for row N.
using Rows = std::uint16_t;
inline constexpr std::uint8_t last_row = 10;  // "none of these": the transfer succeeds
template <class... Number>
constexpr Rows rows(Number... number) {
  return static_cast<Rows>((0U | ... | (1U << number)));
}

struct StatusInfo {
  std::uint8_t number;
  Rows rows;           // that this status answers
  const char* clause;  // of docs/clauses.yaml
};

inline constexpr StatusInfo statuses[] = {
#define STATUS(id, number, key, text, rows, clause) {number, rows, clause},
#include "protocol/tables/statuses.def"
#undef STATUS
};

// The row of a Status-Code; nullptr if the code is unknown.
constexpr const StatusInfo* find(std::uint64_t number) {
  const auto* found = std::ranges::find(statuses, number, &StatusInfo::number);
  return found == std::end(statuses) ? nullptr : found;
}

// True for a Status-Code of the table that reports an error.
constexpr bool is_error(std::uint64_t number) { return number != ok && find(number) != nullptr; }

// The status that answers a row of behaviour.md section 4: 0 (no row applies) is answered as the
// last row. nullopt for row 1, whose messages are discarded, and for numbers that are not rows.
constexpr std::optional<std::uint8_t> of_row(std::uint8_t row) {
  if (row > last_row) return std::nullopt;
  const auto bit = rows(row == 0 ? last_row : row);
  for (const auto& info : statuses) {
    if ((info.rows & bit) != 0) return info.number;
  }
  return std::nullopt;
}

}  // namespace secct::status
