// SPDX-License-Identifier: GPL-2.0-or-later
// A security association as the packet rooms use it: between the routers, or one of a mobile node.
#pragma once

#include <cstdint>
#include <vector>

#include "protocol/octets.hpp"
#include "protocol/tables/spt.hpp"

namespace secct::ipsec {

enum class IpsecProtocol : std::uint8_t { ah, esp };

struct Sa {
  IpsecProtocol protocol = IpsecProtocol::ah;
  bool tunnel = false;
  std::uint32_t spi = 0;
  Address source{};
  Address destination{};
  AuthAlgorithm auth = AuthAlgorithm::none;
  Octets auth_key;
  Cipher cipher = Cipher::null;
  Octets cipher_key;
};

// The anti-replay window of a receiver (RFC 2402 3.4.3), 64 packets unless a profile says
// otherwise.
class ReplayWindow {
 public:
  static constexpr std::uint32_t default_size = 64;

  ReplayWindow() = default;
  // `bits` as in wire-format 7.2: first bit = `sequence`, next = one lower; empty = only `sequence`
  // and everything below it received.
  ReplayWindow(std::uint32_t sequence, std::uint32_t size, View bits);

  // True, and the number is marked as received, when it is new.
  bool accept(std::uint32_t sequence);
  bool is_new(std::uint32_t sequence) const;
  std::uint32_t highest() const { return highest_; }
  std::uint32_t size() const { return size_; }
  Octets bits() const;  // the form of wire-format 7.2, zero-padded

 private:
  bool seen(std::uint32_t back) const { return back < bits_.size() && bits_[back]; }
  std::uint32_t highest_ = 0;
  std::uint32_t size_ = default_size;
  std::vector<bool> bits_ = std::vector<bool>(default_size);  // [0] = highest_
};

}  // namespace secct::ipsec
