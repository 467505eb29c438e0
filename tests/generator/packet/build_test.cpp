// SPDX-License-Identifier: GPL-2.0-or-later
// The builder computes omitted fields and writes the fields of the document unchanged.
#include "generator/packet/build.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/generator/support.hpp"

namespace secct::generator::test {
namespace {

std::string hex(const std::string& yaml) { return to_hex(built(yaml)); }

// A document with these layers after an IPv6 header with these fields.
std::string v6(const std::string& layers, const std::string& fields = "") {
  return "layers:\n- ipv6: {ipv6.src: 2001:db8:20::1:1, ipv6.dst: 2001:db8:2::1" +
         (fields.empty() ? "" : ", " + fields) + "}\n" + layers;
}
// The octets of the layers without the IPv6 header.
Octets after_v6(const std::string& layers) {
  const auto octets = built(v6(layers));
  return {octets.begin() + 40, octets.end()};
}

// The ones' complement sum of RFC 1071: 0xffff over octets with a correct checksum.
std::uint32_t sum(View octets, std::uint32_t start = 0) {
  for (std::size_t i = 0; i < octets.size(); ++i) {
    start += static_cast<std::uint32_t>(octets[i]) << (i % 2 == 0 ? 8 : 0);
  }
  while (start >> 16 != 0) start = (start & 0xffff) + (start >> 16);
  return start;
}
// The sum of the pseudo-header.
std::uint32_t pseudo(const Address& source, const Address& destination, std::size_t length,
                     std::uint8_t protocol) {
  const auto head = sum(source, sum(destination));
  return head + static_cast<std::uint32_t>(length) + protocol;
}

// --- below IP
TEST(Build, BuildsEthernetAndVlan) {
  EXPECT_EQ(hex("layers: [{eth: {}}]"), "0200000000020200000000010000");
  EXPECT_EQ(hex("layers: [{eth: {eth.dst: 01:02:03:04:05:06}}, {ipv6: {}}]").substr(0, 28),
            "01020304050602000000000186dd");
  EXPECT_EQ(hex("layers: [{eth: {eth.type: 0x1234}}, {ip: {}}]").substr(24, 4), "1234");
  EXPECT_EQ(
      hex("layers: [{eth: {}}, {vlan: {vlan.id: 5, vlan.priority: 3}}, {vlan: {vlan.dei: 1}}, "
          "{ip: {}}]")
          .substr(24, 20),
      "8100"
      "6005"
      "8100"
      "1001"
      "0800");
}

TEST(Build, DoesNotPadShortFrames) {
  EXPECT_EQ(built("layers: [{eth: {}}, {data: {data.data: 0x01}}]").size(), 15U);
}

// --- IP
TEST(Build, BuildsIpv6Header) {
  EXPECT_EQ(hex(v6("- data: {data.data: 0xaabb}")),
            "60000000"
            "0002"
            "3b"
            "40"
            "20010db8002000000000000000010001"
            "20010db8000200000000000000000001"
            "aabb");
  const auto written = hex(v6("",
                              "ipv6.version: 5, ipv6.tclass: 0x12, ipv6.flow: 0x34567, "
                              "ipv6.plen: 7, ipv6.nxt: 99, ipv6.hlim: 3"));
  EXPECT_EQ(written.substr(0, 16),
            "51234567"
            "0007"
            "63"
            "03");
  EXPECT_EQ(hex(v6("- icmpv6: {icmpv6.type: 128}")).substr(12, 4), "3aff");  // hop limit 255
  EXPECT_EQ(hex("layers: [{ipv6: {}}]"),
            "600000000000"
            "3b40" +
                std::string(64, '0'));
}

TEST(Build, BuildsIpv4Header) {
  const auto octets =
      built("layers: [{ip: {ip.src: 10.1.0.1, ip.dst: 192.0.2.1}}, {data: {data.data: 0xaabb}}]");
  EXPECT_EQ(to_hex(View(octets).first(10)), "4500001600010000403b");
  EXPECT_EQ(to_hex(View(octets).subspan(12)), "0a010001c0000201aabb");
  EXPECT_EQ(sum(View(octets).first(20)), 0xffffU);
  const auto written = built(
      "layers: [{ip: {ip.version: 6, ip.hdr_len: 6, ip.dsfield: 0xb8, ip.len: 9, ip.id: 0x1234, "
      "ip.flags: 2, ip.frag_offset: 5, ip.ttl: 1, ip.proto: 99, ip.checksum: 0xdead}}]");
  EXPECT_EQ(to_hex(View(written).first(12)),
            "66b800091234400501"
            "63"
            "dead");
  const auto computed = built("layers: [{ip: {ip.ttl: 1, ip.id: 0x1234}}]");
  EXPECT_EQ(sum(computed), 0xffffU);
}

// libtins would write an address of this machine.
TEST(Build, OmittedIpv4SourceIsZero) {
  const auto octets = built("layers: [{ip: {ip.dst: 127.0.0.1}}]");
  EXPECT_EQ(to_hex(View(octets).subspan(12)), "000000007f000001");
  EXPECT_EQ(sum(octets), 0xffffU);
}

TEST(Build, ReportsPayloadTooLongForLengthField) {
  auto document = packet(v6("- data: {}"));
  document.layers[1].set(HeaderField::data_octets, Octets(0xffff));
  EXPECT_EQ(faults(document), "");
  document.layers[1].set(HeaderField::data_octets, Octets(0x10000));
  EXPECT_EQ(faults(document), "layers[0].ipv6: too long for its length field\n");
}

// --- UDP, ICMPv6
TEST(Build, BuildsUdpOverIpv6AndIpv4) {
  const auto udp =
      after_v6("- udp: {udp.srcport: 434, udp.dstport: 7}\n- data: {data.data: 0x010203}");
  EXPECT_EQ(to_hex(View(udp).first(6)), "01b20007000b");
  const auto source = address("2001:db8:20::1:1");
  const auto destination = address("2001:db8:2::1");
  EXPECT_EQ(sum(udp, pseudo(source, destination, udp.size(), 17)), 0xffffU);
  const auto v4 = built("layers: [{ip: {ip.src: 10.1.0.1, ip.dst: 192.0.2.1}}, {udp: {}}]");
  const auto head = sum(View(v4).subspan(12, 8)) + 8 + 17;
  EXPECT_EQ(sum(View(v4).subspan(20), head), 0xffffU);
  EXPECT_EQ(to_hex(View(after_v6("- udp: {udp.length: 3, udp.checksum: 5}")).subspan(4)),
            "00030005");
}

TEST(Build, WritesUdpChecksumZeroAsOnes) {
  // The two octets of data make the sum 0xffff.
  const auto plain =
      after_v6("- udp: {udp.srcport: 1, udp.dstport: 2}\n- data: {data.data: 0x0000}");
  const auto checksum = to_hex(View(plain).subspan(6, 2));
  const auto zero =
      after_v6("- udp: {udp.srcport: 1, udp.dstport: 2}\n- data: {data.data: 0x" + checksum + "}");
  EXPECT_EQ(to_hex(View(zero).subspan(6, 2)), "ffff");
}

TEST(Build, ComputesIcmpv6ChecksumInAllLayers) {
  const std::string message = "- icmpv6: {secct.message: SHREQ, secct.identifier: 7}\n";
  const auto source = address("2001:db8:20::1:1");
  const auto destination = address("2001:db8:2::1");
  const auto plain = after_v6(message);
  EXPECT_EQ(to_hex(View(plain).first(2)), "cc00");
  EXPECT_EQ(sum(plain, pseudo(source, destination, plain.size(), 58)), 0xffffU);
  const auto under_ah = after_v6("- ah: {ah.spi: 0x1001}\n" + message);
  EXPECT_EQ(to_hex(View(under_ah).subspan(24)), to_hex(plain));
  // wire-format 4 [D17]: over IPv4 with the pseudo-header of the mapped addresses.
  const auto v4 = built("layers:\n- ip: {ip.src: 192.0.2.2, ip.dst: 192.0.2.1}\n" + message);
  EXPECT_EQ(v4[9], 58);
  EXPECT_EQ(sum(View(v4).subspan(20),
                pseudo(address("192.0.2.2"), address("192.0.2.1"), v4.size() - 20, 58)),
            0xffffU);
  EXPECT_EQ(
      to_hex(
          View(after_v6("- icmpv6: {secct.message: HI, icmpv6.checksum: 0xbeef}")).subspan(2, 2)),
      "beef");
  EXPECT_EQ(to_hex(after_v6("- icmpv6: {icmpv6.type: 128, icmpv6.code: 1, icmpv6.checksum: 0}\n"
                            "- data: {data.data: 0x00070001}")),
            "80010000"
            "00070001");
}

// --- extension headers
TEST(Build, PadsOptionHeaders) {
  for (std::size_t size = 0; size < 20; ++size) {
    const auto octets = after_v6(fmt::format(
        "- ipv6.dstopts: {{options: [{{type: 0x3e, data: '{}'}}]}}", std::string(2 * size, 'a')));
    const auto used = 2 + 2 + size;
    auto missing = (8 - used % 8) % 8;
    if (missing == 1) missing = 9;  // no Pad1 at the end: Wireshark 4.0 calls that malformed
    ASSERT_EQ(octets.size(), used + missing) << size;
    EXPECT_EQ(octets[0], 59);  // no next header
    EXPECT_EQ(octets[1], octets.size() / 8 - 1);
    if (missing > 0) {
      EXPECT_EQ(octets[used], 1);
      EXPECT_EQ(octets[used + 1], missing - 2);
      for (auto i = used + 2; i < octets.size(); ++i) EXPECT_EQ(octets[i], 0);
    }
  }
}

TEST(Build, WritesOptionsUnchanged) {
  EXPECT_EQ(to_hex(after_v6("- ipv6.hopopts: {ipv6.hopopts.nxt: 6, ipv6.hopopts.len: 9, options: "
                            "[{type: 0}, {type: 5, length: 77, data: 0x0102}, {type: 0, length: "
                            "0}]}")),
            "0609"
            "00"
            "054d0102"
            "0000"
            "0105"
            "0000000000");
}

TEST(Build, ReportsOptionsThatAreTooLong) {
  auto document = packet(v6("- ipv6.dstopts: {options: [{type: 5}]}"));
  auto& elements = document.layers[1].elements;
  elements[0].data = Octets(256);
  EXPECT_EQ(faults(document), "layers[1].options: 256 octets of data, at most 255 fit\n");
  elements[0].data = Octets(255);
  EXPECT_EQ(faults(document), "");
  elements.resize(9, elements[0]);
  EXPECT_EQ(faults(document),
            "layers[1].ipv6.dstopts: longer than the 2048 octets of an extension header\n");
}

TEST(Build, BoundsTheNumberOfLayers) {
  PacketDocument document;
  document.layers.resize(100000);
  EXPECT_EQ(faults(document),
            "layers[64].layers: the packet has 100000 layers, at most 64 are allowed\n");
}

TEST(Build, BuildsFragmentHeader) {
  EXPECT_EQ(to_hex(after_v6("- ipv6.fraghdr: {ipv6.fraghdr.offset: 2, ipv6.fraghdr.more: 1, "
                            "ipv6.fraghdr.ident: 0x12345678, ipv6.fraghdr.reserved_bits: 3, "
                            "ipv6.fraghdr.nxt: 58}")),
            "3a00"
            "0017"
            "12345678");
}

// --- SecCT in its layers
TEST(Build, ReportsMessageInWrongLayer) {
  EXPECT_THAT(faults(packet(v6("- icmpv6: {secct.message: SHIN}"))),
              testing::StartsWith("layers[1].secct.message: SHIN is not allowed in this layer"));
  EXPECT_THAT(faults(packet(v6("- ipv6.dstopts: {secct.message: SHREP}"))),
              testing::StartsWith("layers[1].secct.message: SHREP is not allowed"));
  EXPECT_THAT(faults(packet(v6("- icmpv6: {secct.message: 77}"))),
              testing::StartsWith("layers[1].secct.message: expected a message name"));
}

TEST(Build, ReportsFieldThatTheMessageCannotContain) {
  EXPECT_EQ(faults(packet(v6("- icmpv6: {secct.message: SHREQ, secct.flags.s: true}"))),
            "layers[1].secct.flags.s: secct.flags.s has no place here\n");
  EXPECT_EQ(faults(packet(v6("- icmpv6: {secct.message: HI, options: [{secct.opt.type: lla, "
                             "secct.naddr: '::1'}]}"))),
            "layers[1].secct.naddr: secct.naddr has no place here\n");
}

TEST(Build, ComputesOmittedLengths) {
  const std::string head = "- ipv6.dstopts:\n    secct.message: SHAK\n    sub_options:\n";
  const std::string stat = "    - secct.subopt.type: stat\n      secct.status: 200\n";
  EXPECT_EQ(to_hex(after_v6(head + stat)),
            "3b00"
            "5e04"
            "050400c8");
  EXPECT_EQ(to_hex(after_v6(head + stat + "      secct.subopt.length: 9\n")),
            "3b00"
            "5e04"
            "050900c8");
  EXPECT_EQ(to_hex(after_v6(head + stat + "      secct.reserved: 0xff\n")),
            "3b00"
            "5e04"
            "0504ffc8");
  EXPECT_EQ(to_hex(after_v6(head + stat + "      raw: 0x0102\n")),
            "3b01"
            "5e06"
            "050600c80102"
            "01040000"
            "0000");
}

TEST(Build, UsesCodePointProfile) {
  CodePoints points;
  points.set(CodePoint::icmpv6_shreq, 150);
  points.set(CodePoint::icmpopt_shreq, 151);
  const auto file = read_document(
      parse_yaml(v6("- icmpv6: {secct.message: SHREQ, options: [{secct.opt.type: shreq}]}"), "d"),
      "d", points, {});
  const auto octets = build(points, {}, file.document.packets[0]).octets;
  EXPECT_EQ(octets[40], 150);
  EXPECT_EQ(octets[48], 151);
}

TEST(Build, BuildsMip4Extensions) {
  const auto octets = built(
      "layers:\n- ip: {ip.src: 10.1.0.1, ip.dst: 192.0.2.1}\n- udp: {udp.dstport: 434}\n"
      "- mip:\n    mip.life: 600\n    options:\n    - {type: 32, data: 0xaabb}\n"
      "    - secct.message: MIPv4\n      secct.mip4.router: 2001:db8:1::1\n"
      "      secct.mip4.old_coa: 10.1.0.1\n");
  EXPECT_EQ(to_hex(View(octets).subspan(28, 4)), "01000258");
  EXPECT_EQ(to_hex(View(octets).subspan(52)),
            "2002aabb"
            "fa14"
            "20010db8000100000000000000000001"
            "0a010001");
}

}  // namespace
}  // namespace secct::generator::test
