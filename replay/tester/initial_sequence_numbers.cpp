// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/tester/initial_sequence_numbers.hpp"

namespace secct::replay {

void set_initial_sequence_numbers(RouterDescription& description, Time now) {
  constexpr Time epoch = seconds(1767225600);  // 2026-01-01T00:00:00Z; virtual time is before it
  constexpr Time numbers_per_second = 64;
  if (now < epoch) return;
  for (auto& sa : description.router_sas) {
    if (sa.from_dut || sa.sequence) continue;
    sa.sequence = static_cast<std::uint32_t>((now - epoch) / seconds(1) * numbers_per_second);
  }
}

}  // namespace secct::replay
