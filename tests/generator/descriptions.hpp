// SPDX-License-Identifier: GPL-2.0-or-later
// Router descriptions with different SAs, so that messages and their protection differ.
#pragma once

#include <string>

namespace secct::generator::test {

// The built-in routers with the SAs `sas` of each mobile node, and with SAs for ESP between the
// routers, which are used if `confidential` is true.
inline std::string description_yaml(const std::string& sas, bool confidential = false) {
  return std::string(R"(
address: 2001:db8:2::1
mn_address: 2001:db8:21::1
peer: 2001:db8:1::1
ipv4: {address: 192.0.2.1, peer: 192.0.2.2}
old_prefix: 2001:db8:10::/64
new_prefix: 2001:db8:20::/64
router_sas:
  - {protocol: ah, spi: 0x1001, from: peer, algorithm: hmac-md5, key: "0x0102"}
  - {protocol: ah, spi: 0x1002, from: dut, algorithm: hmac-sha1, key: "0x0304"}
  - {protocol: esp, spi: 0x2001, from: peer, cipher: 3des-cbc, cipher_key: "0x000102030405060708090a0b0c0d0e0f1011121314151617", algorithm: hmac-sha1, key: "0x05"}
  - {protocol: esp, spi: 0x2002, from: dut, mode: tunnel, cipher: "null", algorithm: hmac-md5, key: "0x06"}
policies: {confidential: )") +
         (confidential ? "true" : "false") + R"(}
mobile_nodes:
  count: 16
  token_key: "0x07"
  sa_key: "0x08"
  sas:
)" + sas;
}

inline const char* const esp_first =
    "    - {type: 5, direction: from-mn, spt: 9, spi_base: 0x100}\n"
    "    - {type: 5, direction: to-mn, spt: ESP-TRANSPORT-AES-CBC-V6-V6-ASD, spi_base: 0x500000, "
    "window_size: 32, sequence: 41, additional: [{type: auth_algorithm, value: 1}]}\n"
    "    - {type: 5, direction: from-mn, spt: AH-TUNNEL-HMACMD5-V6, spi_base: 0x900000}\n";

inline const char* const tunnels =
    "    - {type: 3, direction: out, spt: 8, spi_base: 0x100000, remote: '2001:db8:ff::1'}\n"
    "    - {type: 5, direction: to-mn, spt: AH-TUNNEL-HMACSHA1-V6, spi_base: 0x500000, "
    "sequence: 6}\n"
    "    - {type: 5, direction: from-mn, spt: AH-TUNNEL-HMACSHA1-V6, spi_base: 0x900000, "
    "sequence: 9}\n";

// The first SA cannot protect a SHAK; the last one leads to the mobile node.
inline const char* const ah_only_tunnels =
    "    - {type: 5, direction: from-mn, spt: 1, spi_base: 0x100000}\n"
    "    - {type: 5, direction: from-mn, spt: AH-TUNNEL-HMACSHA1-V6, spi_base: 0x500000}\n"
    "    - {type: 5, direction: to-mn, spt: AH-TUNNEL-HMACSHA1-V6, spi_base: 0x900000}\n";

inline const char* const esp_tunnel =
    "    - {type: 5, direction: to-mn, spt: ESP-TUNNEL-3DES-CBC-V6, spi_base: 0x500000}\n";

inline const char* const version_4 =
    "    - {type: 5, direction: to-mn, spt: 1, spi_base: 0x100000}\n"
    "    - {type: 5, direction: from-mn, spt: ESP-TRANSPORT-DES-CBC-V4-V4, spi_base: 0x500000}\n";

}  // namespace secct::generator::test
