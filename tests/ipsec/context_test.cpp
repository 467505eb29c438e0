// SPDX-License-Identifier: GPL-2.0-or-later
// Contexts: encoded in a SHREP and decoded again, and converted to SAs and replay windows.
#include "ipsec/context.hpp"

#include <gtest/gtest.h>

#include "generator/handover/messages.hpp"
#include "protocol/decode/decode.hpp"
#include "protocol/encode/encode.hpp"
#include "tests/generator/support.hpp"

namespace secct::generator::test {
namespace {

using F = Field;

// A context with a random value in every field of this SPT.
Context random_context(const Spt& spt, std::mt19937& random) {
  const auto random_octets = [&](std::size_t count) {
    Octets result(count);
    for (auto& octet : result) octet = static_cast<std::uint8_t>(random());
    return result;
  };
  Context context;
  context.spt = spt.number;
  context.protocol = static_cast<std::uint8_t>(random());
  context.source = address_from(random_octets(spt.source_v4 ? 4 : 16));
  context.destination = address_from(random_octets(spt.destination_v4 ? 4 : 16));
  if (spt.source_private) context.source_private_id = static_cast<std::uint32_t>(random());
  if (spt.destination_private) {
    context.destination_private_id = static_cast<std::uint32_t>(random());
  }
  context.spi = static_cast<std::uint32_t>(random());
  context.sequence = static_cast<std::uint32_t>(random());
  context.lifetime = static_cast<std::uint32_t>(random());
  context.window_size = static_cast<std::uint8_t>(8 * below(random, 9));
  context.window = random_octets(context.window_size / 8U);
  context.source_port = static_cast<std::uint16_t>(random());
  context.destination_port = static_cast<std::uint16_t>(random());
  context.key = random_octets(spt.key_length());
  context.iv = random_octets(spt.iv_length());
  if (spt.additional) {
    context.additional.push_back(
        {F::additional,
         {{F::data_type, 1}, {F::data_auth_algorithm, 2}, {F::data_auth_key, random_octets(20)}}});
    context.additional.push_back(
        {F::additional,
         {{F::data_type, 131}, {F::data_source_port_low, 1000}, {F::data_source_port_high, 2000}}});
    context.additional.push_back(
        {F::additional, {{F::data_type, 200}, {F::data_value, random_octets(3)}}});
  }
  if (spt.static_profile) {
    context.static_profile.push_back(
        {F::static_profile,
         {{F::preference_type, 1}, {F::preference_value, 3}, {F::preference_value, 2}}});
  }
  return context;
}

Octets shrep(const std::vector<Context>& contexts) {
  const CodePoints points;
  auto option = context_option(points, CodePoint::icmpopt_shrep, address("2001:db8:20::1:1"),
                               address("2001:db8:10::1:1"), rep_nodes(points, contexts));
  const auto encoded =
      encode(points, Message::shrep, message_node(Message::shrep, {std::move(option)}));
  EXPECT_TRUE(encoded.faults.empty());
  return encoded.octets;
}

// The assigned SPTs and every structured one with a known algorithm.
std::vector<Spt> all_spts() {
  std::vector<Spt> list(assigned_spts().begin(), assigned_spts().end());
  for (std::uint32_t number = 0x8000; number <= 0xffff; ++number) {
    const auto spt = find_spt(static_cast<std::uint16_t>(number));
    if (spt && (number & 1) == 0) list.push_back(*spt);
  }
  return list;
}

TEST(Context, IsUnchangedByEncodingAndDecoding) {
  std::mt19937 random(3);
  const CodePoints points;
  DecodedMessage decoded;
  for (const auto& spt : all_spts()) {
    SCOPED_TRACE(spt_name(spt.number));
    const std::vector<Context> sent{random_context(spt, random), random_context(spt, random)};
    const auto packet_octets = shrep(sent);
    ASSERT_TRUE(decode(points, Carrier::icmpv6, packet_octets, {}, decoded));
    const auto received = read_contexts(decoded);
    ASSERT_EQ(received.size(), 2U);
    EXPECT_TRUE(received[0] == sent[0]);
    EXPECT_TRUE(received[1] == sent[1]);
  }
}

TEST(Context, UnknownSptsAndTruncatedProfilesAreNotRead) {
  const CodePoints points;
  const Node unknown(F::contexts, std::vector<Node>{{F::spt, 0x7000}, {F::raw, octets("aabb")}});
  Node rep(F::sub_options, {{F::subopt_type, points[CodePoint::subopt_rep]}, unknown});
  const auto option = context_option(points, CodePoint::icmpopt_shrep, {}, {}, {rep});
  const auto encoded = encode(points, Message::shrep, message_node(Message::shrep, {option}));
  DecodedMessage decoded;
  ASSERT_TRUE(decode(points, Carrier::icmpv6, encoded.octets, {}, decoded));
  EXPECT_TRUE(read_contexts(decoded).empty());

  const auto whole = shrep(description().mobile_node(1, Role::nr).transferable());
  ASSERT_TRUE(decode(points, Carrier::icmpv6, whole, {}, decoded));
  const auto expected = read_contexts(decoded);
  ASSERT_EQ(expected.size(), 4U);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    if (!decode(points, Carrier::icmpv6, View(whole).first(size), {}, decoded)) continue;
    const auto read = read_contexts(decoded);
    ASSERT_LE(read.size(), expected.size()) << size;
    EXPECT_TRUE(std::equal(read.begin(), read.end(), expected.begin())) << size;
  }
}

TEST(Context, BecomesAnAhOrEspSa) {
  std::mt19937 random(4);
  auto context = random_context(*find_spt(*parse_spt("ESP-TUNNEL-3DES-CBC-V6-V4-ASD")), random);
  auto sa = to_sa(context);
  ASSERT_TRUE(sa);
  EXPECT_EQ(sa->protocol, IpsecProtocol::esp);
  EXPECT_TRUE(sa->tunnel);
  EXPECT_EQ(sa->cipher, Cipher::des3_cbc);
  EXPECT_EQ(sa->cipher_key, context.key);
  EXPECT_EQ(sa->auth, AuthAlgorithm::hmac_sha1);
  EXPECT_EQ(sa->auth_key.size(), 20U);
  EXPECT_EQ(sa->spi, context.spi);

  context = random_context(*find_spt(1), random);
  sa = to_sa(context);
  EXPECT_EQ(sa->protocol, IpsecProtocol::ah);
  EXPECT_FALSE(sa->tunnel);
  EXPECT_EQ(sa->auth, AuthAlgorithm::hmac_md5);
  EXPECT_EQ(sa->auth_key, context.key);
  EXPECT_TRUE(sa->cipher_key.empty());

  context.spt = *parse_spt("IPCOMP-TRANSPORT-DEFLATE-V6-V6");
  EXPECT_FALSE(to_sa(context));
  context.spt = 0x7000;
  EXPECT_FALSE(to_sa(context));
}

TEST(Context, BecomesAReplayWindow) {
  Context context;
  context.sequence = 100;
  context.window_size = 8;
  context.window = octets("a0");
  auto window = to_window(context);
  EXPECT_EQ(window.highest(), 100U);
  EXPECT_EQ(window.size(), 8U);
  EXPECT_TRUE(window.is_new(99));
  EXPECT_FALSE(window.is_new(98));
  context.window_size = 0;
  context.window.clear();
  EXPECT_EQ(to_window(context).size(), 64U);
}

// wire-format.md section 4: an option has at most 2,040 octets, a sub-option 255.
TEST(Messages, ContextsAreSplitIntoAsFewOptionsAsPossible) {
  std::mt19937 random(5);
  const CodePoints points;
  std::vector<Context> contexts;
  for (int i = 0; i < 60; ++i) contexts.push_back(random_context(*find_spt(9), random));
  const auto parts = split_contexts(points, contexts, 4);
  ASSERT_GT(parts.size(), 1U);
  std::vector<Context> joined;
  for (const auto& part : parts) {
    auto subs = rep_nodes(points, part);
    for (const auto& sub : subs) {
      EXPECT_LE(encode_group(points, Message::shrep, sub, {}).octets.size(), 255U);
    }
    subs.push_back(stat_node(points, 200));
    const auto option = context_option(points, CodePoint::icmpopt_shrep, {}, {}, subs);
    const auto encoded = encode_group(points, Message::shrep, option, {});
    EXPECT_TRUE(encoded.faults.empty());
    EXPECT_LE(encoded.octets.size(), 2040U);
    joined.insert(joined.end(), part.begin(), part.end());
  }
  EXPECT_TRUE(joined == contexts);
  EXPECT_EQ(split_contexts(points, {}, 4).size(), 1U);
  // One more context does not fit into the first option.
  auto first = parts[0];
  first.push_back(parts[1][0]);
  EXPECT_EQ(split_contexts(points, first, 4).size(), 2U);
}

TEST(Relocation, KeepsTheIpVersionOfAnEnd) {
  const auto v4 = address("192.0.2.2");
  const auto v6 = address("2001:db8:1::1");
  Relocation relocation;
  relocation.nr = address("2001:db8:2::1");
  relocation.previous_routers = {v4, v6, Address{}};
  const auto applied = [&](Address end) {
    relocation.apply(end);
    return end;
  };
  EXPECT_EQ(applied(v6), relocation.nr);
  EXPECT_EQ(applied(v4), v4);  // the IPv4 address of the new router is unknown
  relocation.other_nr = address("192.0.2.1");
  EXPECT_EQ(applied(v4), relocation.other_nr);
  EXPECT_EQ(applied(v6), relocation.nr);
  EXPECT_EQ(applied(Address{}), Address{});
}

TEST(Relocation, ReplacesOnlyTheAddressesOfRouterAndMobileNode) {
  const auto pr = address("2001:db8::1");
  const auto nr = address("2001:db8::2");
  const auto paddr = address("2001:db8:a::1");
  const auto naddr = address("2001:db8:b::1");
  const Relocation relocation{paddr, naddr, nr, {pr}};
  Context context;
  context.source = pr;
  context.destination = paddr;
  EXPECT_EQ(relocated(context, relocation).source, nr);
  EXPECT_EQ(relocated(context, relocation).destination, naddr);
  context.source = address("2001:db8::9");
  EXPECT_EQ(relocated(context, relocation).source, context.source);
}

}  // namespace
}  // namespace secct::generator::test
