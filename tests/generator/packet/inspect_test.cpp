// SPDX-License-Identifier: GPL-2.0-or-later
// Messages and broken rules of whole packets.
#include "generator/packet/inspect.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/generator/support.hpp"

namespace secct::generator::test {
namespace {

const std::string ip = "{ipv6: {ipv6.src: '2001:db8:2::1', ipv6.dst: '2001:db8:1::1'}}";
const std::string hi = "{icmpv6: {secct.message: HI, secct.identifier: 7}}";

const Keyring& empty_keyring() {
  static const Keyring ring = [] {
    Keyring keys;
    auto& sa = keys.sas.emplace_back();
    sa.protocol = IpsecProtocol::esp;
    sa.spi = 0x200;
    sa.cipher = Cipher::aes_cbc;
    sa.cipher_key = Octets(16, 0x11);
    return keys;
  }();
  return ring;
}

Inspected inspect_layers(const std::string& layers, const Keyring& keyring = empty_keyring()) {
  return inspect({}, keyring, LinkType::raw_ip, built("layers: [" + layers + "]", empty_keyring()));
}

TEST(Inspect, FindsMessageInTunnelAndEsp) {
  const auto plain = inspect_layers(ip + ", " + hi);
  EXPECT_EQ(plain.message, Message::hi);
  EXPECT_EQ(plain.message_octets, 8U);
  EXPECT_EQ(inspect_layers(ip + ", " + ip + ", " + hi).message, Message::hi);
  const auto in_esp = ip + ", {esp: {esp.spi: 0x200}}, " + hi;
  EXPECT_EQ(inspect_layers(in_esp).message, Message::hi);
  EXPECT_EQ(inspect_layers(in_esp, {}).message, Message::none);  // no key
}

TEST(Inspect, ReportsEachBrokenRuleOnce) {
  const auto correct = inspect_layers(ip + ", " + hi).rules;
  const auto wrong =
      inspect_layers(ip + ", {icmpv6: {secct.message: HI, icmpv6.checksum: 1}}").rules;
  EXPECT_THAT(correct, testing::Not(testing::Contains(Rule::checksum_bad)));
  EXPECT_EQ(std::ranges::count(wrong, Rule::checksum_bad), 1);
}

TEST(Inspect, IgnoresFragmentsAndOtherPackets) {
  EXPECT_EQ(inspect_layers(ip + ", {ipv6.fraghdr: {ipv6.fraghdr.more: 1}}, " + hi).message,
            Message::none);
  EXPECT_EQ(inspect_layers(ip + ", {icmpv6: {icmpv6.type: 128}}").message, Message::none);
  EXPECT_EQ(inspect({}, {}, LinkType::ethernet, octets("0102")).message, Message::none);
}

}  // namespace
}  // namespace secct::generator::test
