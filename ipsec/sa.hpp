// SPDX-License-Identifier: GPL-2.0-or-later
// A security association with its keys: one between the routers, or one of a mobile node.
#pragma once

#include <cstdint>

#include "protocol/octets.hpp"
#include "protocol/tables/spt.hpp"

namespace secct::ipsec {

enum class IpsecProtocol : std::uint8_t { ah, esp };

struct Sa {
  IpsecProtocol protocol = IpsecProtocol::ah;
  bool tunnel = false;  // tunnel mode, otherwise transport mode
  std::uint32_t spi = 0;
  Address source{};       // of the tunnel header
  Address destination{};  // of the packets; of the tunnel header in tunnel mode
  AuthAlgorithm auth = AuthAlgorithm::none;
  Octets auth_key;
  Cipher cipher = Cipher::null;  // ESP
  Octets cipher_key;             // of a length that the cipher accepts (Spt::key_length_fits())
};

}  // namespace secct::ipsec
