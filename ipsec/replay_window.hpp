// SPDX-License-Identifier: GPL-2.0-or-later
// The anti-replay window of a receiver (RFC 2402 section 3.4.3). It can be exported to a profile
// and continued from one.
#pragma once

#include <cstdint>
#include <vector>

#include "protocol/octets.hpp"

namespace secct::ipsec {

class ReplayWindow {
 public:
  static constexpr std::uint32_t default_size = 64;  // packets

  // The window of a new SA: no packet has been received.
  ReplayWindow() = default;
  // Continues a transferred window. `sequence` is the Current Sequence Number of the profile,
  // `size` the number of packets (0: default_size), `bits` the Replay Window (wire-format 7.2: the
  // first bit is `sequence`, the next bit one number lower). If `bits` is empty, all numbers up to
  // `sequence` count as received; if it is shorter than `size`, the missing bits are 0.
  ReplayWindow(std::uint32_t sequence, std::uint32_t size, View bits);

  // Whether a packet with this number may be accepted: it is neither 0, nor left of the window, nor
  // already received.
  bool is_new(std::uint32_t sequence) const;
  // If the number is new, marks it as received, moves the window and returns true.
  bool accept(std::uint32_t sequence);

  std::uint32_t highest() const { return highest_; }
  std::uint32_t size() const { return size_; }
  // The Replay Window of wire-format 7.2, padded with zero bits to whole octets.
  Octets bits() const;

 private:
  // Of the number highest_ - offset; offset < size_.
  std::vector<bool>::reference received(std::uint32_t offset) {
    return bits_[(first_ + offset) % size_];
  }
  bool received(std::uint32_t offset) const { return bits_[(first_ + offset) % size_]; }

  std::uint32_t highest_ = 0;
  std::uint32_t size_ = default_size;
  std::vector<bool> bits_ = std::vector<bool>(default_size);  // a ring
  std::uint32_t first_ = 0;                                   // in bits_, that of highest_
};

}  // namespace secct::ipsec
