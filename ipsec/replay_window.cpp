// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipsec/replay_window.hpp"

#include <algorithm>

namespace secct::ipsec {

ReplayWindow::ReplayWindow(std::uint32_t sequence, std::uint32_t size, View bits)
    : highest_(sequence), size_(size == 0 ? default_size : size), bits_(size_, bits.empty()) {
  for (std::uint32_t i = 0; i < size_ && i / 8 < bits.size(); ++i) {
    bits_[i] = (bits[i / 8] >> (7 - i % 8) & 1) != 0;
  }
}

bool ReplayWindow::is_new(std::uint32_t sequence) const {
  if (sequence == 0) return false;  // the first packet has number 1 (RFC 2402 section 3.3.2)
  if (sequence > highest_) return true;
  const auto offset = highest_ - sequence;
  return offset < size_ && !received(offset);
}

bool ReplayWindow::accept(std::uint32_t sequence) {
  if (!is_new(sequence)) return false;
  if (sequence > highest_) {
    const auto step = std::min(sequence - highest_, size_);
    first_ = (first_ + size_ - step) % size_;
    for (std::uint32_t offset = 0; offset < step; ++offset) received(offset) = false;
    highest_ = sequence;
  }
  received(highest_ - sequence) = true;
  return true;
}

Octets ReplayWindow::bits() const {
  Octets octets((size_ + 7) / 8);
  for (std::uint32_t i = 0; i < size_; ++i) {
    if (received(i)) octets[i / 8] |= static_cast<std::uint8_t>(0x80 >> i % 8);
  }
  return octets;
}

}  // namespace secct::ipsec
