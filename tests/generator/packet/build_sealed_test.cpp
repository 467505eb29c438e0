// SPDX-License-Identifier: GPL-2.0-or-later
// Values that the builder computes with keys: ICVs, encryption, tokens.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "generator/packet/build.hpp"
#include "ipsec/ah.hpp"
#include "ipsec/crypto.hpp"
#include "ipsec/esp.hpp"
#include "protocol/decode/decode.hpp"
#include "protocol/decode/keyed_input.hpp"
#include "tests/generator/support.hpp"

namespace secct::generator::test {
namespace {

constexpr const char* keys = R"(
keys:
  sas:
    - {protocol: ah, spi: 0x100, algorithm: hmac-md5, key: "0x101112131415161718191a1b1c1d1e1f"}
    - {protocol: esp, spi: 0x200, cipher: aes-cbc, cipher_key: "0x303132333435363738393a3b3c3d3e3f", algorithm: hmac-sha1, key: "0x5051"}
    - {protocol: esp, spi: 0x300}
  tokens:
    - {paddr: "2001:db8:10::1:1", key: "0x606162"}
packets:
- layers:
  - ipv6: {ipv6.src: "2001:db8:20::1:1", ipv6.dst: "2001:db8:2::1"}
)";

DocumentFile file_of(const std::string& layers) {
  return read_document(parse_yaml(keys + layers, "d.yaml"), "d.yaml", {}, {});
}

Built build_of(const std::string& layers) {
  const auto file = file_of(layers);
  return build(file.codepoints, file.keys, file.document.packets.at(0));
}

Octets good(const std::string& layers) {
  const auto built = build_of(layers);
  EXPECT_TRUE(built.faults.empty()) << built.faults.at(0).path << built.faults.at(0).text;
  return built.octets;
}

std::string fault_of(const std::string& layers) {
  const auto built = build_of(layers);
  return built.faults.empty() ? "" : built.faults[0].path + ": " + built.faults[0].text;
}

Decapsulated opened(View octets, std::uint8_t type, std::uint32_t spi) {
  const auto datagram = parse_datagram(octets);
  const auto sas = file_of("").keys;
  const bool is_ah = type == ip_proto::ah;
  const auto* sa = sas.find(is_ah ? IpsecProtocol::ah : IpsecProtocol::esp, spi, {});
  const auto* header = datagram ? datagram->find(type) : nullptr;
  if (sa == nullptr || header == nullptr) return {.error = IpsecError::malformed, .datagram = {}};
  return is_ah ? decapsulate_ah(*datagram, *header, *sa) : decapsulate_esp(*datagram, *header, *sa);
}

const std::string message = "  - icmpv6: {secct.message: SHREQ, secct.identifier: 7}\n";

TEST(BuildSealed, ComputesAhIcv) {
  const auto packet_octets = good("  - ah: {ah.spi: 0x100, ah.sequence: 5}\n" + message);
  const auto found = opened(packet_octets, ip_proto::ah, 0x100);
  EXPECT_EQ(found.error, IpsecError::none);
  EXPECT_EQ(found.sequence, 5U);
  EXPECT_EQ(to_hex(View(packet_octets).subspan(40, 12)), "3a0400000000010000000005");
  EXPECT_EQ(to_hex(View(found.datagram).subspan(40)), to_hex(View(packet_octets).subspan(64)));
}

TEST(BuildSealed, WritesAhFieldsUnchanged) {
  const auto packet_octets = good(
      "  - ah: {ah.spi: 0x777, ah.next_header: 59, ah.length: 9, ah.reserved: 0xffff, ah.icv: "
      "0xaabbccdd}\n" +
      message);
  EXPECT_EQ(to_hex(View(packet_octets).subspan(40, 16)),
            "3b09ffff"
            "00000777"
            "00000001"
            "aabbccdd");
}

// The ICV has 12 octets even if the length field has another value.
TEST(BuildSealed, ComputesAhIcvWithWrongLength) {
  for (const unsigned length : {0, 1, 3, 5, 255}) {
    auto packet_octets =
        good("  - ah: {ah.spi: 0x100, ah.length: " + std::to_string(length) + "}\n" + message);
    EXPECT_EQ(packet_octets[41], length);
    EXPECT_NE(to_hex(View(packet_octets).subspan(52, 12)), std::string(24, '0'));
  }
}

TEST(BuildSealed, ComputesAhIcvInTunnelMode) {
  const auto packet_octets =
      good("  - ah: {ah.spi: 0x100}\n  - ipv6: {ipv6.src: '::1', ipv6.dst: '::2'}\n" + message);
  const auto found = opened(packet_octets, ip_proto::ah, 0x100);
  EXPECT_EQ(found.error, IpsecError::none);
  EXPECT_TRUE(found.tunnel());
  EXPECT_EQ(to_hex(found.datagram), to_hex(View(packet_octets).subspan(64)));
}

TEST(BuildSealed, ComputesAhIcvAfterOptionsAndOverIpv4) {
  const auto options = "  - ipv6.dstopts: {options: [{type: 0x3e, data: 0x010203}]}\n";
  const auto packet_octets = good(options + std::string("  - ah: {ah.spi: 0x100}\n") + message);
  EXPECT_EQ(opened(packet_octets, ip_proto::ah, 0x100).error, IpsecError::none);
  auto document = file_of("  - ah: {ah.spi: 0x100}\n" + message);
  auto v4 = packet("layers: [{ip: {ip.src: 192.0.2.2, ip.dst: 192.0.2.1}}]").layers[0];
  document.document.packets[0].layers[0] = v4;
  const auto over_v4 = build({}, document.keys, document.document.packets[0]);
  EXPECT_EQ(opened(over_v4.octets, ip_proto::ah, 0x100).error, IpsecError::none);
}

TEST(BuildSealed, ComputesAhIcvOverEsp) {
  const auto packet_octets = good("  - ah: {ah.spi: 0x100}\n  - esp: {esp.spi: 0x200}\n" + message);
  const auto outer = opened(packet_octets, ip_proto::ah, 0x100);
  ASSERT_EQ(outer.error, IpsecError::none);
  const auto inner = opened(outer.datagram, ip_proto::esp, 0x200);
  EXPECT_EQ(inner.error, IpsecError::none);
  EXPECT_EQ(inner.next, 58);
}

TEST(BuildSealed, EncryptsEsp) {
  const auto packet_octets = good("  - esp: {esp.spi: 0x200, esp.sequence: 9}\n" + message);
  const auto found = opened(packet_octets, ip_proto::esp, 0x200);
  EXPECT_EQ(found.error, IpsecError::none);
  EXPECT_EQ(found.sequence, 9U);
  EXPECT_EQ(found.next, 58);
  const auto plain = good(message);
  EXPECT_EQ(to_hex(View(found.datagram).subspan(40)), to_hex(View(plain).subspan(40)));
}

TEST(BuildSealed, WritesEspFieldsUnchanged) {
  const auto null = good("  - esp: {esp.spi: 0x300, esp.pad_len: 6, esp.protocol: 99}\n" + message);
  EXPECT_EQ(to_hex(View(null).subspan(56)),
            "010203040506"
            "06"
            "63");
  const auto iv =
      good("  - esp: {esp.spi: 0x200, esp.iv: 0x000102030405060708090a0b0c0d0e0f}\n" + message);
  EXPECT_EQ(to_hex(View(iv).subspan(48, 16)), "000102030405060708090a0b0c0d0e0f");
  EXPECT_EQ(opened(iv, ip_proto::esp, 0x200).error, IpsecError::none);
  const auto icv = good("  - esp: {esp.spi: 0x200, esp.icv: 0x0102}\n" + message);
  EXPECT_EQ(to_hex(View(icv).last(2)), "0102");
  EXPECT_EQ(icv.size(), iv.size() - 10);
  const auto encrypted = good("  - esp: {esp.spi: 0x999, esp.data: 0xabcdef}\n");
  EXPECT_EQ(to_hex(View(encrypted).subspan(40)), "0000099900000001abcdef");
}

TEST(BuildSealed, ReportsMissingKeysAndWrongSizes) {
  EXPECT_EQ(fault_of("  - ah: {ah.spi: 0x101}\n" + message),
            "layers[1].ah.icv: no key for AH SPI 0x00000101: add a key or write ah.icv");
  EXPECT_EQ(fault_of("  - esp: {esp.spi: 0x100}\n" + message),
            "layers[1].esp.spi: no key for ESP SPI 0x00000100: add a key or write esp.data");
  EXPECT_EQ(fault_of("  - esp: {esp.spi: 0x200, esp.iv: 0x0102}\n" + message),
            "layers[1].esp.iv: 2 octets, expected 16");
  EXPECT_EQ(
      fault_of("  - esp: {esp.spi: 0x200, esp.pad_len: 3}\n" + message),
      "layers[1].esp.pad_len: 13 octets of plaintext with this padding, expected a multiple of 16");
  EXPECT_EQ(fault_of("  - esp: {esp.spi: 0x200}\n  - ah: {ah.spi: 0x100}\n" + message),
            "layers[2].ah.icv: cannot be computed inside this layer: write ah.icv");
}

// --- tokens
const std::string shin = R"(  - ipv6.dstopts:
      secct.message: SHIN
      secct.paddr: 2001:db8:10::1:1
      secct.router: 2001:db8:1::1
      sub_options:
        - {secct.subopt.type: auth_prtr, secct.auth.replay: 3}
        - {secct.subopt.type: req, secct.req.spt: 1}
        - {secct.subopt.type: pad1}
        - {secct.subopt.type: 99, raw: 0xabcd}
)";

TEST(BuildSealed, TokenCoversFollowingSubOptions) {
  const auto packet_octets = good(shin);
  // HO_features: SecCT-req R1 and the unknown sub-option, without the Pad1 between them.
  const auto expected = compute_token(octets("606162"),
                                      octets("03040001"
                                             "6304abcd"),
                                      3, address("2001:db8:10::1:1"));
  EXPECT_EQ(big_endian(View(packet_octets).subspan(40 + 4 + 32 + 4, 4)), expected);
}

TEST(BuildSealed, WritesTokenUnchanged) {
  auto text = shin;
  text.replace(text.find("replay: 3"), 9, "replay: 3, secct.auth.token: 0x01020304");
  EXPECT_EQ(to_hex(View(good(text)).subspan(80, 4)), "01020304");
}

TEST(BuildSealed, ReportsMissingTokenKey) {
  auto text = shin;
  text.replace(text.find("10::1:1"), 7, "10::1:2");
  EXPECT_EQ(fault_of(text),
            "layers[1].secct.auth.token: no token key for Paddr 2001:db8:10::1:2: "
            "add a key or write secct.auth.token");
}

// wire-format 6.1 [D19]: a U-SHREP has the token of a SHIN with Replay 0 and one R1.
TEST(BuildSealed, ComputesTokenOfUshrep) {
  const auto packet_octets = good(R"(  - icmpv6:
      secct.message: HI
      options:
        - secct.opt.type: ushrep
          secct.paddr: 2001:db8:10::1:1
          sub_options:
            - {secct.subopt.type: auth_prtr}
            - {secct.subopt.type: stat, secct.status: 200}
)");
  const auto expected =
      compute_token(octets("606162"), octets("03040001"), 0, address("2001:db8:10::1:1"));
  EXPECT_EQ(big_endian(View(packet_octets).subspan(40 + 8 + 36 + 4, 4)), expected);
}

// A token field that does not exist is neither computed nor an error.
TEST(BuildSealed, AcceptsMalformedAuthPrtr) {
  auto text = shin;
  text.replace(text.find("replay: 3"), 9, "replay: 3, secct.subopt.length: 2");
  EXPECT_EQ(fault_of(text), "");
}

}  // namespace
}  // namespace secct::generator::test
