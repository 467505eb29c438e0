// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/router/core/events.hpp"

namespace secct::replay {

std::span<const CountRow> count_rows() {
  static constexpr CountRow rows[] = {
#define COUNTER(id, name, what) {Count::id, name, what},
#include "replay/router/core/counters.def"
#undef COUNTER
  };
  return rows;
}

std::string_view name(Outcome outcome) {
  constexpr std::string_view names[] = {"accepted", "repeated", "refused", "discarded"};
  return names[static_cast<std::size_t>(outcome)];
}

}  // namespace secct::replay
