// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipsec/redacted.hpp"

#include <algorithm>
#include <array>

namespace secct::ipsec {
namespace {

constexpr std::array<std::uint8_t, 8> mark{'r', 'e', 'd', 'a', 'c', 't', 'e', 'd'};

}  // namespace

void mark_redacted_icv(std::span<std::uint8_t> icv) {
  std::copy_n(mark.begin(), std::min(mark.size(), icv.size()), icv.begin());
}

bool is_redacted_icv(View icv) {
  return icv.size() >= mark.size() && std::ranges::equal(icv.first(mark.size()), mark);
}

}  // namespace secct::ipsec
