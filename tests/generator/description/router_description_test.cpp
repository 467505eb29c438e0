// SPDX-License-Identifier: GPL-2.0-or-later
// Router descriptions: every key of docs/cli.md, the addresses and keys derived from them, and the
// error message of every mistake.
#include "generator/description/router_description.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "generator/description/mobile_nodes.hpp"
#include "tests/generator/support.hpp"

namespace secct::generator::test {
namespace {

// Every key that docs/cli.md names.
constexpr const char* full = R"(name: router-1
roles: [nr, pr, fa]
address: 2001:db8:2::1
mn_address: 2001:db8:20::1
peer: 2001:db8:1::1
ipv4: {address: 192.0.2.1, peer: 192.0.2.2}
old_prefix: 2001:db8:10::/64
new_prefix: 2001:db8:20::/64
mtu: 1400
codepoints: {icmpv6.hi: 150, subopt.stat: 9}
router_sas:
  - {protocol: ah, spi: 0x1001, from: peer, algorithm: hmac-sha1, key: "0x0102", sequence: 77}
  - {protocol: esp, spi: 0x2002, from: dut, mode: tunnel, cipher: aes-cbc, cipher_key: "0x000102030405060708090a0b0c0d0e0f", algorithm: hmac-md5, key: "0x03"}
mobile_nodes:
  count: 1024
  token_key: "0x101112131415161718191a1b1c1d1e1f"
  sa_key: "0x303132333435363738393a3b3c3d3e3f"
  sas:
    - {type: 5, direction: to-mn, spt: 9, spi_base: 0x10000000, lifetime: 3600, sequence: 100, window_size: 32, window: "0xffffffff"}
    - {type: 5, direction: from-mn, spt: 0x8200, spi_base: 0x20000000}
    - {type: 3, direction: out, spt: ESP-TUNNEL-3DES-CBC-V6, spi_base: 0x30000000, remote: "2001:db8:ff::1", repeat: 2, protocol: udp, source_port: 10, destination_port: 20}
    - {type: 5, direction: from-mn, spt: ESP-TRANSPORT-AES-CBC-V4-V4P-SP-ASD, spi_base: 0x40000000, key_length: 32, destination_private_id: 5, additional: [{type: auth_algorithm, value: 2}, {type: source_port_range, value: [1000, 2000]}, {type: 200, value: "0xaabb"}], static_profile: [{type: ciphers, value: [3, 2]}]}
    - {type: 1, direction: out, spt: ESP-TUNNEL-3DES-CBC-V6, spi_base: 0xffffff7a, local: "2001:db8:fe::1", remote: "2001:db8:ff::2"}
    - {type: 2, direction: to-mn, spt: 10, spi_base: 0x50000000, remote: "2001:db8:ff::1"}
    - {type: 4, direction: to-mn, spt: AH-TUNNEL-HMACMD5-V6-V4, spi_base: 0x60000000, remote: "2001:db8:ff::3"}
  more:
    - {count: 3, sas: [{type: 5, direction: to-mn, spt: 9, spi_base: 0x70000000}]}
    - {count: 1}
spi_in_use: [0x20000041, 5]
ncoa_in_use: ["2001:db8:20::dead"]
policies: {spi_conflict: deny, confidential: true, static_profile: prefer, stateful: true}
capabilities: [predictive, reactive, esp]
hooks: {reset: "true", provision: "echo $CASE", trigger: "kill", configure: "restart $DUT"}
liveness: none
timing_scale: 0.5
)";

TEST(RouterDescription, ReadsEveryKey) {
  const auto found = description_from(full);
  EXPECT_EQ(found.name, "router-1");
  EXPECT_EQ(found.roles, (std::vector<Role>{Role::nr, Role::pr, Role::fa}));
  EXPECT_EQ(found.address, address("2001:db8:2::1"));
  EXPECT_EQ(found.mn_address, address("2001:db8:20::1"));
  EXPECT_EQ(found.peer, address("2001:db8:1::1"));
  EXPECT_EQ(found.ipv4_address, address("192.0.2.1"));
  EXPECT_EQ(found.ipv4_peer, address("192.0.2.2"));
  EXPECT_EQ(found.mtu, 1400U);
  EXPECT_EQ(found.codepoints[CodePoint::icmpv6_hi], 150);
  EXPECT_EQ(found.codepoints[CodePoint::subopt_stat], 9);
  ASSERT_EQ(found.router_sas.size(), 2U);
  const auto& ah = found.router_sas[0];
  EXPECT_EQ(ah.sa.protocol, IpsecProtocol::ah);
  EXPECT_EQ(ah.sa.spi, 0x1001U);
  EXPECT_FALSE(ah.from_dut);
  EXPECT_EQ(ah.sequence, 77U);
  EXPECT_EQ(ah.sa.source, found.peer);
  EXPECT_EQ(ah.sa.destination, found.address);
  EXPECT_EQ(ah.sa.auth, AuthAlgorithm::hmac_sha1);
  EXPECT_EQ(ah.sa.auth_key, octets("0102"));
  const auto& esp = found.router_sas[1];
  EXPECT_TRUE(esp.from_dut);
  EXPECT_TRUE(esp.sa.tunnel);
  EXPECT_EQ(esp.sa.source, found.address);
  EXPECT_EQ(esp.sa.cipher, Cipher::aes_cbc);
  EXPECT_EQ(esp.sa.auth, AuthAlgorithm::hmac_md5);
  EXPECT_FALSE(esp.sequence);
  EXPECT_EQ(found.find_router_sa(IpsecProtocol::esp, true), &esp);
  EXPECT_EQ(found.find_router_sa(IpsecProtocol::ah, true), nullptr);
  EXPECT_EQ(found.spi_in_use, (std::vector<std::uint32_t>{0x20000041, 5}));
  EXPECT_EQ(found.ncoa_in_use, std::vector<Address>{address("2001:db8:20::dead")});
  EXPECT_EQ(found.policies.spi_conflict, SpiConflict::deny);
  EXPECT_TRUE(found.policies.confidential);
  EXPECT_TRUE(found.policies.prefer_static_profile);
  EXPECT_TRUE(found.policies.stateful);
  EXPECT_TRUE(found.capable("esp"));
  EXPECT_FALSE(found.capable("mip4"));
  EXPECT_EQ(found.hooks.reset, "true");
  EXPECT_EQ(found.hooks.provision, "echo $CASE");
  EXPECT_EQ(found.hooks.trigger, "kill");
  EXPECT_EQ(found.hooks.configure, "restart $DUT");
  EXPECT_FALSE(found.liveness_echo);
  EXPECT_EQ(found.timing_scale, 0.5);
}

TEST(RouterDescription, NumbersAdditionalMobileNodesAfterTheFirstOnes) {
  const auto found = description_from(full);
  EXPECT_EQ(found.mobile_node_count, 1024U);
  EXPECT_EQ(found.last_mobile_node(), 1028U);
  EXPECT_EQ(found.mobile_node(1024, Role::pr).sas.size(), 8U);
  for (const std::uint32_t number : {1025U, 1027U}) {
    const auto node = found.mobile_node(number, Role::pr);
    ASSERT_EQ(node.sas.size(), 1U);
    EXPECT_EQ(node.sas[0].context.spi, 0x70000000U + 64U * number);
    EXPECT_EQ(node.paddr, found.paddr_of(number));
    EXPECT_EQ(found.number_of(node.paddr), number);
  }
  EXPECT_TRUE(found.mobile_node(1028, Role::pr).sas.empty());
  EXPECT_EQ(found.number_of_naddr(found.naddr_of(1028)), 1028U);
  EXPECT_EQ(found.number_of(found.paddr_of(1029)), std::nullopt);
}

TEST(RouterDescription, OptionalKeysHaveDefaults) {
  const auto found = description_from(
      "address: 2001:db8:2::1\npeer: 2001:db8:1::1\nold_prefix: 2001:db8:10::/64\n"
      "new_prefix: 2001:db8:20::/64\n");
  EXPECT_EQ(found.mn_address, found.address);
  EXPECT_EQ(found.mtu, 1500U);
  EXPECT_TRUE(found.router_sas.empty());
  EXPECT_EQ(found.mobile_node_count, 0U);
  EXPECT_EQ(found.policies.spi_conflict, SpiConflict::recompute);
  EXPECT_FALSE(found.policies.confidential);
  EXPECT_TRUE(found.liveness_echo);
  EXPECT_EQ(found.timing_scale, 1.0);
}

// Mobile node 2 in the role nr: its previous router is the tester, `peer`. The expected keys were
// computed with the Python module hmac: hmac.new(sa_key, SPI) + hmac.new(sa_key, SPI + 1) ... with
// SHA-1; hmac.new(token_key, 2) with MD5.
TEST(RouterDescription, DerivesAddressesSpisAndKeysOfAMobileNode) {
  const auto found = description_from(full);
  const auto node = found.mobile_node(2, Role::nr);
  const auto mn = address("2001:db8:10::1:2");
  const auto peer = address("2001:db8:1::1");
  EXPECT_EQ(node.paddr, mn);
  EXPECT_EQ(node.naddr, address("2001:db8:20::1:2"));
  ASSERT_EQ(node.sas.size(), 8U);
  const auto context = [&](std::size_t i) -> const Context& { return node.sas[i].context; };

  EXPECT_EQ(context(0).spi, 0x10000080U);
  EXPECT_EQ(context(0).source, peer);
  EXPECT_EQ(context(0).destination, mn);
  EXPECT_EQ(to_hex(context(0).key), "93b449d8e7b2a148c61cc35337c8fc9a");
  EXPECT_EQ(context(0).sequence, 100U);
  EXPECT_EQ(context(0).lifetime, 3600U);
  EXPECT_EQ(context(0).window, octets("ffffffff"));

  EXPECT_EQ(context(1).spi, 0x20000081U);
  EXPECT_EQ(context(1).source, mn);
  EXPECT_EQ(context(1).destination, peer);
  EXPECT_EQ(to_hex(context(1).key), "37d2a78f0054f451024a61b77f78a3b9018bc9fc");
  EXPECT_EQ(context(1).sequence, 1U);

  EXPECT_EQ(context(2).spi, 0x30000082U);
  EXPECT_EQ(context(2).source, peer);
  EXPECT_EQ(context(2).destination, address("2001:db8:ff::1"));
  EXPECT_EQ(context(2).protocol, 17);
  EXPECT_EQ(context(2).source_port, 10);
  EXPECT_EQ(context(2).destination_port, 20);
  EXPECT_EQ(to_hex(context(2).key), "07db789fde440625fbac06e899b9a49297217de6fb66d34f");
  EXPECT_EQ(context(3).spi, 0x30000083U);  // repetition of SA 2
  EXPECT_EQ(to_hex(context(3).key), "fb66d34f2571aac25f7f2ced75071a74d4bd4e3838bce538");

  EXPECT_EQ(context(4).spi, 0x40000084U);
  EXPECT_EQ(context(4).source, address("10.1.0.2"));
  EXPECT_EQ(context(4).destination, address("192.0.2.2"));
  EXPECT_FALSE(context(4).source_private_id);
  EXPECT_EQ(context(4).destination_private_id, 5U);
  EXPECT_EQ(to_hex(context(4).key),
            "19a4a78652cd80ae2f003814277872409bdf98850b52f730730fe32de403299f");
  const auto sa = to_sa(context(4));
  EXPECT_EQ(sa->auth, AuthAlgorithm::hmac_sha1);
  EXPECT_EQ(to_hex(sa->auth_key), "27db7a1fa30ab6fbb174f40de04ebfab4801cd81");  // SPI + 2^31
  ASSERT_EQ(context(4).additional.size(), 3U);
  EXPECT_EQ(context(4).additional[1].find(Field::data_source_port_high)->number(), 2000U);
  EXPECT_EQ(*context(4).additional[2].find(Field::data_value)->octets(), octets("aabb"));
  ASSERT_EQ(context(4).static_profile.size(), 1U);
  EXPECT_EQ(context(4).static_profile[0].children.size(), 3U);

  EXPECT_EQ(context(5).spi, 0xffffffffU);
  EXPECT_EQ(context(5).source, address("2001:db8:fe::1"));
  EXPECT_EQ(context(5).destination, address("2001:db8:ff::2"));
  EXPECT_EQ(to_hex(context(5).key), "e58ad8efb9dc29a6727e4459fb42fa47ac877d2c568d5cdb");

  EXPECT_EQ(context(6).source, address("2001:db8:ff::1"));
  EXPECT_EQ(context(6).destination, mn);
  EXPECT_EQ(context(7).source, address("2001:db8:ff::3"));
  EXPECT_EQ(context(7).destination, address("192.0.2.2"));

  const auto handed_over = node.transferable();  // not types 1 and 2
  ASSERT_EQ(handed_over.size(), 6U);
  EXPECT_TRUE(handed_over[5] == context(7));

  EXPECT_EQ(to_hex(node.token_key), "9974d2593407538c6e8f1badbb023c50");
}

// In the role pr the router under test is the previous router.
TEST(RouterDescription, SasOfTheRolePrEndAtTheRouterUnderTest) {
  const auto node = description_from(full).mobile_node(2, Role::pr);
  EXPECT_EQ(node.sas[0].context.source, address("2001:db8:20::1"));  // type 5: mn_address
  EXPECT_EQ(node.sas[2].context.source, address("2001:db8:2::1"));   // type 3: address
  EXPECT_EQ(node.sas[4].context.destination, address("192.0.2.1"));
  EXPECT_EQ(node.sas[7].context.destination, address("192.0.2.1"));
}

TEST(RouterDescription, FindsMobileNodesAndTokenKeysByAddress) {
  const auto found = description_from(full);
  EXPECT_EQ(found.number_of(address("2001:db8:10::1:12")), 18U);
  EXPECT_EQ(found.number_of(address("2001:db8:10::1:400")), 1024U);
  EXPECT_EQ(found.number_of(address("10.1.4.0")), 1024U);
  for (const auto* none : {"2001:db8:10::1:405", "2001:db8:10::1:0", "2001:db8:10::2:1",
                           "2001:db8:20::1:1", "10.1.4.5", "10.1.0.0", "10.2.0.1", "::"}) {
    EXPECT_FALSE(found.number_of(address(none))) << none;
  }
  EXPECT_EQ(found.number_of_naddr(address("2001:db8:20::1:12")), 18U);
  EXPECT_FALSE(found.number_of_naddr(address("2001:db8:20::1:12:12")));
  EXPECT_FALSE(found.number_of_naddr(address("2001:db8:10::1:12")));
  const auto keys = found.keyring();
  EXPECT_EQ(to_hex(*keys.token_key(address("2001:db8:10::1:1"))),
            "fc7541830100cd7f79e9e9dfb2c9313a");
  EXPECT_EQ(to_hex(*keys.token_key(address("10.1.4.0"))), "5758b1a8d3c582289f5250747ce1322c");
  EXPECT_FALSE(keys.token_key(address("2001:db8:ff::1")));
}

TEST(RouterDescription, NumbersBeyondFfffCarryIntoTheNextGroup) {
  auto text = std::string(full);
  text.replace(text.find("count: 1024"), 11, "count: 1048576");
  const auto found = description_from(text);
  EXPECT_EQ(found.paddr_of(0xffff), address("2001:db8:10::1:ffff"));
  EXPECT_EQ(found.paddr_of(0x10000), address("2001:db8:10::2:0"));
  EXPECT_EQ(found.naddr_of(1000000), address("2001:db8:20::10:4240"));
  EXPECT_EQ(found.number_of(address("2001:db8:10::10:4240")), 1000000U);
  EXPECT_EQ(found.number_of(address("2001:db8:10::11:4")), 1048580U);
  EXPECT_FALSE(found.number_of(address("2001:db8:10::11:5")));
  EXPECT_FALSE(found.number_of(address("2001:db8:10::1:10:4240")));
  EXPECT_EQ(RouterDescription::v4_of(0x10000), address("10.2.0.0"));
  EXPECT_EQ(found.number_of(address("10.16.66.64")), 1000000U);
  const auto node = found.mobile_node(1000000, Role::nr);
  EXPECT_EQ(node.sas[0].context.spi, 0x10000000U + 64U * 1000000U);
  EXPECT_EQ(node.sas[4].context.source, address("10.16.66.64"));
}

// A description with other lines in place of those that begin alike.
std::string changed(std::initializer_list<const char*> lines) {
  std::string text = std::string("\n") + full;
  for (const std::string line : lines) {
    const auto at = text.find("\n" + line.substr(0, line.find(':') + 1));
    EXPECT_NE(at, std::string::npos) << line;
    text.replace(at + 1, text.find('\n', at + 1) - at - 1, line);
  }
  return text.substr(1);
}

TEST(RouterDescription, MobileNodesHaveAddressesInPrefixesOfAnyLength) {
  const auto found = description_from(
      changed({"old_prefix: 2001:db8:10:20:30::/75", "new_prefix: 2001:db8::ffff/32"}));
  EXPECT_EQ(found.old_prefix.address, address("2001:db8:10:20:20::"));
  EXPECT_EQ(found.old_prefix.length, 75);
  EXPECT_EQ(found.paddr_of(2), address("2001:db8:10:20:20::1:2"));
  EXPECT_EQ(found.naddr_of(2), address("2001:db8::1:2"));
  EXPECT_EQ(found.number_of(found.paddr_of(1024)), 1024U);
  EXPECT_TRUE(found.old_prefix.contains(address("2001:db8:10:20:3f::1")));
  EXPECT_FALSE(found.old_prefix.contains(address("2001:db8:10:20:40::1")));
  EXPECT_TRUE(found.new_prefix.contains(address("2001:db8:ffff::")));
  EXPECT_EQ(to_hex(*found.keyring().token_key(found.paddr_of(1))),
            "fc7541830100cd7f79e9e9dfb2c9313a");
}

TEST(RouterDescription, InIsTheOppositeOfOut) {
  for (const int type : {1, 3, 4}) {
    const auto sa = [&](const char* direction) {
      auto description = description_from(full);
      description.sas = {read_sa_pattern(
          parse_yaml("{type: " + std::to_string(type) + ", direction: " + direction +
                         ", spt: AH-TUNNEL-HMACMD5-V4-V6, spi_base: 1, local: \"2001:db8::5\", "
                         "remote: 192.0.2.9}",
                     "sa"),
          {"sa", ""})};
      return description.mobile_node(1, Role::nr).sas.at(0).context;
    };
    EXPECT_EQ(sa("in").source, address("192.0.2.9")) << type;
    EXPECT_EQ(sa("in").destination, address("2001:db8::5")) << type;
  }
}

// wire-format.md D17: IPv4 between the routers, IPv6 towards the mobile nodes.
TEST(RouterDescription, RoutersCanHaveIpv4Addresses) {
  const auto text = changed({"address: 198.51.100.1", "peer: 198.51.100.2", "ipv4:"});
  const auto found = description_from(text);
  EXPECT_EQ(found.ipv4_address, found.address);
  EXPECT_EQ(found.ipv4_peer, found.peer);
  EXPECT_EQ(found.mn_peer, address("2001:db8:10::1"));
  EXPECT_EQ(found.router_sas.at(0).sa.destination, address("198.51.100.1"));
  const auto node = found.mobile_node(2, Role::nr);
  EXPECT_EQ(node.sas[0].context.source, found.mn_peer);    // type 5, IPv6
  EXPECT_EQ(node.sas[2].context.source, found.mn_peer);    // type 3, IPv6
  EXPECT_EQ(node.sas[4].context.destination, found.peer);  // type 5, IPv4
  const auto at_dut = found.mobile_node(2, Role::pr);
  EXPECT_EQ(at_dut.sas[0].context.source, found.mn_address);
  EXPECT_EQ(at_dut.sas[2].context.source, found.mn_address);
  EXPECT_EQ(at_dut.sas[4].context.destination, found.address);
  EXPECT_EQ(description_from(changed({"ipv4: {address: 192.0.2.1, peer: 192.0.2.2}"})).mn_peer,
            address("2001:db8:1::1"));
  auto with_peer = text + "mn_peer: 2001:db8:99::1\n";
  EXPECT_EQ(description_from(with_peer).mn_peer, address("2001:db8:99::1"));
  EXPECT_EQ(error_of([&] {
              auto without = text;
              without.erase(without.find("mn_address"),
                            without.find("peer") - without.find("mn_address"));
              description_from(without);
            }),
            "router.yaml:1: 'mn_address' is missing: 'address' is an IPv4 address, but mobile "
            "nodes send SHIN and P-SHIN over IPv6");
}

TEST(Keyring, FindsBySpiAndPrefersTheDestination) {
  Keyring keys;
  const auto add = [&](IpsecProtocol protocol, std::uint32_t spi, const char* destination) {
    auto& sa = keys.sas.emplace_back();
    sa.protocol = protocol;
    sa.spi = spi;
    sa.destination = address(destination);
  };
  add(IpsecProtocol::ah, 1, "2001:db8::1");
  add(IpsecProtocol::ah, 1, "2001:db8::2");
  add(IpsecProtocol::esp, 1, "2001:db8::1");
  add(IpsecProtocol::ah, 2, "::");
  const auto find = [&](IpsecProtocol protocol, std::uint32_t spi, const char* destination) {
    return keys.find(protocol, spi, address(destination));
  };
  EXPECT_EQ(find(IpsecProtocol::ah, 1, "2001:db8::2"), &keys.sas[1]);
  EXPECT_EQ(find(IpsecProtocol::esp, 1, "2001:db8::1"), &keys.sas[2]);
  EXPECT_EQ(find(IpsecProtocol::ah, 2, "2001:db8::9"), &keys.sas[3]);
  EXPECT_EQ(find(IpsecProtocol::ah, 1, "2001:db8::9"), &keys.sas[0]);  // D15: ends elsewhere
  EXPECT_EQ(find(IpsecProtocol::esp, 2, "2001:db8::1"), nullptr);
}

// The embedded router runs every case.
TEST(RouterDescription, BuiltInDescriptionHasEveryRoleAndCapability) {
  const auto built_in = built_in_description();
  EXPECT_THAT(built_in.roles, testing::UnorderedElementsAre(Role::nr, Role::pr, Role::fa));
  EXPECT_THAT(built_in.capabilities, testing::UnorderedElementsAreArray(capability_names()));
}

TEST(RouterDescription, FactoryMakesTheSameMobileNodes) {
  const auto description = description_from(full);
  for (const auto role : {Role::nr, Role::pr}) {
    MobileNodeFactory factory(description, role);
    auto node = factory.blank();
    for (const std::uint32_t number : {1U, 1024U, 2U}) {  // one node, renumbered
      factory.renumber(node, number);
      const auto expected = description.mobile_node(number, role);
      EXPECT_EQ(node.number, number);
      EXPECT_EQ(node.paddr, expected.paddr);
      EXPECT_EQ(node.naddr, expected.naddr);
      EXPECT_EQ(node.home, expected.home);
      EXPECT_EQ(node.lla, expected.lla);
      EXPECT_EQ(node.token_key, description.token_key_of(number));
      ASSERT_EQ(node.sas.size(), expected.sas.size());
      for (std::size_t i = 0; i < node.sas.size(); ++i) {
        EXPECT_TRUE(node.sas[i].context == expected.sas[i].context) << number << ", SA " << i;
      }
    }
  }
}

TEST(RouterDescription, LinkLayerAddressesContainTheNumber) {
  EXPECT_EQ(to_hex(link_layer_address(1)), "02005e100001");
  EXPECT_EQ(to_hex(link_layer_address(0xfeffff)), "02005f0effff");
}

TEST(RouterDescription, WritesChangesToYaml) {
  const auto base = parse_yaml(full, "router.yaml");
  auto changed = description_from(full);
  changed.policies = {SpiConflict::renegotiate, false, false, false};
  changed.timing_scale = 2;
  changed.codepoints = {};
  changed.more_nodes = {{5, changed.sas}};
  const auto read = read_description(to_yaml(changed, base), "written");
  EXPECT_EQ(read.policies, changed.policies);
  EXPECT_EQ(read.timing_scale, 2.0);
  EXPECT_EQ(read.codepoints[CodePoint::icmpv6_hi], CodePoints()[CodePoint::icmpv6_hi]);
  ASSERT_EQ(read.more_nodes.size(), 1U);
  EXPECT_EQ(read.more_nodes[0].count, 5U);
  EXPECT_EQ(read.more_nodes[0].sas, changed.sas);
  EXPECT_EQ(read.sas, changed.sas);
  EXPECT_EQ(base["policies"]["spi_conflict"].as<std::string>(), "deny");  // `base` is not changed
}

TEST(PolicyChoice, ChangesOnlyThePoliciesThatAreGiven) {
  const auto choice = read_policies(parse_yaml("{stateful: true}", "case"), {"case", ""});
  const Policies base{SpiConflict::deny, true, true, false};
  EXPECT_EQ(choice.over(base), (Policies{SpiConflict::deny, true, true, true}));
  EXPECT_EQ(PolicyChoice().over(base), base);
}

// --- mistakes: a line of `full` is replaced
struct Mistake {
  const char* line;  // beginning of the line that is replaced
  const char* by;
  const char* message;
};

const Mistake mistakes[] = {
    {"address:", "adress: 2001:db8:2::1", "router.yaml:1: 'address' is missing"},
    {"address:", "address: 2001:db8::2::1",
     "router.yaml:3: address: expected an IP address, found '2001:db8::2::1'"},
    {"mtu:", "mtu: 70000", "router.yaml:9: mtu: expected a number from 0 to 65535, found '70000'"},
    {"mtu:", "mtu: 1279", "router.yaml:9: mtu: expected at least 1280"},
    {"mtu:", "mut: 1400", "router.yaml:9: unknown key 'mut'; did you mean mtu?"},
    {"roles:", "roles: [nr, sr]", "router.yaml:2: roles: expected nr, pr or fa, found 'sr'"},
    {"ipv4:", "ipv4: {address: 192.0.2.1}", "router.yaml:6: ipv4: 'peer' is missing"},
    {"ipv4:", "ipv4: {address: 192.0.2.1, peer: 192.0.2.2, gw: 1}",
     "router.yaml:6: ipv4: unknown key 'gw'"},
    {"ipv4:", "ipv4: {address: 192.0.2.1, peer: \"2001:db8::1\"}",
     "router.yaml:6: ipv4.peer: expected an IPv4 address"},
    {"old_prefix:", "old_prefix: 2001:db8:10::/129",
     "router.yaml:7: old_prefix: expected an IPv6 prefix such as 2001:db8:10::/64, found "
     "'2001:db8:10::/129'"},
    {"old_prefix:", "old_prefix: 2001:db8:10::/97",
     "router.yaml:7: old_prefix: expected a length of at most 96, found 97: the last 32 bits of "
     "the addresses number the mobile nodes"},
    {"new_prefix:", "new_prefix: 10.0.0.0/64",
     "router.yaml:8: new_prefix: expected an IPv6 prefix such as 2001:db8:10::/64, found "
     "'10.0.0.0/64'"},
    {"new_prefix:", "new_prefix: 2001:db8:10::5/64",
     "router.yaml:8: new_prefix: each mobile node has the same address in old_prefix and "
     "new_prefix; expected two prefixes of different links"},
    {"address:", "address: 192.0.2.1",
     "router.yaml:5: peer: expected an IPv4 address, as 'address' is one"},
    {"mn_address:", "mn_address: 192.0.2.1",
     "router.yaml:4: mn_address: expected an IPv6 address: mobile nodes send SHIN and P-SHIN over "
     "IPv6"},
    {"mn_address:", "mn_peer: 192.0.2.2", "router.yaml:4: mn_peer: expected an IPv6 address"},
    {"    - {type: 5, direction: to-mn", "    - {type: 5, direction: in, spt: 9, spi_base: 1}",
     "router.yaml:19: mobile_nodes.sas[0].direction: expected to-mn or from-mn: an SA of type 5 "
     "ends at the mobile node"},
    {"    - {type: 5, direction: to-mn",
     "    - {type: 5, direction: to-mn, spt: 9, spi_base: 1, lifetime: 0}",
     "router.yaml:19: mobile_nodes.sas[0].lifetime: expected at least 1: an SA whose lifetime is "
     "over cannot be transferred"},
    {"    - {type: 5, direction: to-mn",
     "    - {type: 5, direction: to-mn, spt: AH-TRANSPORT-HMACSHA1-V6-V6-ASD, spi_base: 1, "
     "additional: [{type: name, value: "
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aaaaaaaaaaaaa}]}",
     "router.yaml:19: mobile_nodes.sas[0]: the context of this SA has "},
    {"codepoints:", "codepoints: {icmpv6.h1: 150}",
     "router.yaml:10: codepoints: unknown key 'icmpv6.h1'; did you mean icmpv6.hi?"},
    {"codepoints:", "codepoints: {icmpv6.hi: 256}",
     "router.yaml:10: codepoints.icmpv6.hi: expected a number from 0 to 255, found '256'"},
    {"  - {protocol: ah", "  - {protocol: ah, spi: 1, from: peer}",
     "router.yaml:12: router_sas[0]: an AH SA needs an algorithm: hmac-md5 or hmac-sha1"},
    {"  - {protocol: ah", "  - {protocol: ah, spi: 1, from: us, algorithm: hmac-md5}",
     "router.yaml:12: router_sas[0].from: expected one of peer, dut, found 'us'"},
    {"  - {protocol: ah", "  - {protocol: ah, spi: 1, algorithm: hmac-md5}",
     "router.yaml:12: router_sas[0]: 'from' is missing"},
    {"  - {protocol: esp",
     "  - {protocol: esp, spi: 1, from: dut, cipher: aes-cbc, cipher_key: 00}",
     "router.yaml:13: router_sas[1].cipher_key: a key of length 1 does not fit the cipher; "
     "expected 16, 24 or 32 octets"},
    {"  - {protocol: esp", "  - {protocol: exp, spi: 1, from: dut}",
     "router.yaml:13: router_sas[1].protocol: expected one of ah, esp, found 'exp'; did you mean "
     "esp?"},
    {"  count:", "  count: 16711680",
     "router.yaml:15: mobile_nodes.count: expected a number from 0 to 16711679, found '16711680'"},
    {"    - {type: 2",
     "    - {type: 2, direction: to-mn, spt: 10, spi_base: 1, remote: \"2001:db8:ff::1\", repeat: "
     "59}",
     "router.yaml:24: mobile_nodes.sas[5]: 65 SAs including repetitions; a mobile node has at most "
     "64"},
    {"    - {type: 2",
     "    - {type: 2, direction: to-mn, spt: 10, spi_base: 1, remote: \"2001:db8:ff::1\", repeat: "
     "65}",
     "router.yaml:24: mobile_nodes.sas[5].repeat: expected a number from 0 to 64, found '65'"},
    {"    - {type: 5, direction: to-mn",
     "    - {type: 5, direction: to-mn, spt: 9, spi_base: 1, source_private_id: 1}",
     "router.yaml:19: mobile_nodes.sas[0].source_private_id: ESP-TRANSPORT-AES-CBC-V6 has no "
     "private "
     "source"},
    {"    - {type: 5, direction: to-mn",
     "    - {type: 5, direction: to-mn, spt: ESP-TRANSPORT-AES-CBC-V6P-V6, spi_base: 1, "
     "destination_private_id: 1}",
     "router.yaml:19: mobile_nodes.sas[0].destination_private_id: ESP-TRANSPORT-AES-CBC-V6P-V6 has "
     "no "
     "private destination"},
    {"    - {type: 5, direction: to-mn",
     "    - {type: 5, direction: to-mn, spt: 9, spi_base: 1, additional: [{type: iv_mode, value: "
     "0}]}",
     "router.yaml:19: mobile_nodes.sas[0].additional: ESP-TRANSPORT-AES-CBC-V6 has no additional "
     "security data"},
    {"    - {type: 5, direction: to-mn",
     "    - {type: 5, direction: to-mn, spt: 9, spi_base: 1, static_profile: [{type: ciphers, "
     "value: 3}]}",
     "router.yaml:19: mobile_nodes.sas[0].static_profile: ESP-TRANSPORT-AES-CBC-V6 has no static "
     "profile"},
    {"    - {type: 5, direction: to-mn",
     "    - {type: 5, direction: to-mn, spt: 9, spi_base: 1, window_size: 9, window: ffc0}",
     "router.yaml:19: mobile_nodes.sas[0].window: the bits after the first 9 are padding; expected "
     "zeros"},
    {"    - {type: 5, direction: to-mn",
     "    - {type: 5, direction: to-mn, spt: 9, spi_base: 1, source_port: 7}",
     "router.yaml:19: mobile_nodes.sas[0].protocol: expected a protocol with ports, such as udp: "
     "the SA has a port as a selector"},
    {"    - {type: 5, direction: to-mn", "    - {type: 5, direction: to-mn, spt: 9, spi_base: 190}",
     "router.yaml:19: mobile_nodes.sas[0]: mobile node 1 has the SPI 254, but SPIs below 256 are "
     "reserved (RFC 2402 2.4); expected another spi_base"},
    {"    - {type: 5, direction: to-mn",
     "    - {type: 5, direction: to-mn, spt: 9, spi_base: 0xffff0020}",
     "router.yaml:19: mobile_nodes.sas[0]: mobile node 1024 has the SPI 32, but SPIs below 256"},
    {"    - {count: 3",
     "    - {count: 3, sas: [{type: 5, direction: to-mn, spt: 9, spi_base: 0xfffeffc0}]}",
     "router.yaml:27: mobile_nodes.more[0].sas[0]: mobile node 1025 has the SPI 0, but"},
    {"  sa_key:", "  sa_key: zz",
     "router.yaml:17: mobile_nodes.sa_key: expected hexadecimal octets, two digits "
     "each; found 2 characters"},
    {"    - {type: 5, direction: to-mn", "    - {type: 5, direction: to-mn, spt: 9}",
     "router.yaml:19: mobile_nodes.sas[0]: 'spi_base' is missing"},
    {"    - {type: 5, direction: to-mn", "    - {type: 6, direction: to-mn, spt: 9, spi_base: 1}",
     "router.yaml:19: mobile_nodes.sas[0].type: expected a number from 0 to 5, found '6'"},
    {"    - {type: 5, direction: to-mn", "    - {type: 0, direction: to-mn, spt: 9, spi_base: 1}",
     "router.yaml:19: mobile_nodes.sas[0].type: expected a number from 1 to 5, found '0'"},
    {"    - {type: 5, direction: to-mn", "    - {type: 5, direction: out, spt: 9, spi_base: 1}",
     "router.yaml:19: mobile_nodes.sas[0].direction: expected to-mn or from-mn: an SA of type 5 "
     "ends "
     "at the mobile node"},
    {"    - {type: 5, direction: to-mn", "    - {type: 5, direction: to-mn, spt: ESP, spi_base: 1}",
     "router.yaml:19: mobile_nodes.sas[0].spt: expected an SPT name such as "
     "ESP-TRANSPORT-AES-CBC-V6, or a number, found 'ESP'"},
    {"    - {type: 5, direction: to-mn", "    - {type: 5, direction: to-mn, spt: 77, spi_base: 1}",
     "router.yaml:19: mobile_nodes.sas[0].spt: unknown SPT 77, see 'secct list spts'"},
    {"    - {type: 5, direction: to-mn",
     "    - {type: 5, direction: to-mn, spt: 9, spi_base: 1, key_length: 20}",
     "router.yaml:19: mobile_nodes.sas[0].key_length: ESP-TRANSPORT-AES-CBC-V6 does not allow a "
     "key of 20 octets"},
    {"    - {type: 5, direction: to-mn",
     "    - {type: 5, direction: to-mn, spt: 9, spi_base: 1, window_size: 9, window: ff}",
     "router.yaml:19: mobile_nodes.sas[0].window: expected 2 octets for a window_size of 9, found "
     "1"},
    {"    - {type: 2", "    - {type: 2, direction: to-mn, spt: 10, spi_base: 1}",
     "router.yaml:24: mobile_nodes.sas[5]: 'remote' is missing"},
    {"    - {type: 2", "    - {type: 2, direction: to-mn, spt: 10, spi_base: 1, remote: 10.0.0.1}",
     "router.yaml:24: mobile_nodes.sas[5].remote: expected an IPv6 address for this SPT"},
    {"    - {type: 1", "    - {type: 1, direction: out, spt: 8, spi_base: 1, remote: \"::1\"}",
     "router.yaml:23: mobile_nodes.sas[4]: 'local' is missing"},
    {"    - {type: 3",
     "    - {type: 3, direction: out, spt: 8, spi_base: 1, additional: "
     "[{type: source_port_range, value: 5}], remote: \"::1\"}",
     "router.yaml:21: mobile_nodes.sas[2].additional[0].value: wrong number of values: expected 2, "
     "found 1"},
    {"    - {type: 3",
     "    - {type: 3, direction: out, spt: 8, spi_base: 1, additional: "
     "[{type: overflows, value: 1}], remote: \"::1\"}",
     "router.yaml:21: mobile_nodes.sas[2].additional[0].type: expected a number or one of "},
    {"ipv4:", "",
     "router.yaml:22: mobile_nodes.sas[3]: ESP-TRANSPORT-AES-CBC-V4-V4P-SP-ASD ends at an IPv4 "
     "address of the router, but the description has no key 'ipv4'"},
    {"    - {count: 3", "    - {sas: []}",
     "router.yaml:27: mobile_nodes.more[0]: 'count' is missing"},
    {"    - {count: 3", "    - {count: 16710656}",
     "router.yaml:27: mobile_nodes.more[0].count: expected a number from 0 to 16710655, found "
     "'16710656'"},
    {"    - {count: 3", "    - {count: 3, first: 5}",
     "router.yaml:27: mobile_nodes.more[0]: unknown key 'first'"},
    {"    - {count: 3",
     "    - {count: 3, sas: [{type: 5, direction: to-mn, spt: 9, spi_base: 1, window: ff}]}",
     "router.yaml:27: mobile_nodes.more[0].sas[0].window: expected 0 octets for a window_size of "
     "0, "
     "found 1"},
    {"spi_in_use:", "spi_in_use: [one]", "router.yaml:29: spi_in_use: expected SPIs, found 'one'"},
    {"ncoa_in_use:", "ncoa_in_use: [x]",
     "router.yaml:30: ncoa_in_use: expected IP addresses, found 'x'"},
    {"policies:", "policies: {spi_conflict: recompte}",
     "router.yaml:31: policies.spi_conflict: expected one of recompute, renegotiate, deny, found "
     "'recompte'; did you mean recompute?"},
    {"policies:", "policies: {confidential: perhaps}",
     "router.yaml:31: policies.confidential: expected true or false, found 'perhaps'"},
    {"capabilities:", "capabilities: [preditive]",
     "router.yaml:32: capabilities: unknown capability 'preditive'; did you mean predictive?"},
    {"hooks:", "hooks: {resets: x}",
     "router.yaml:33: hooks: unknown key 'resets'; did you mean reset?"},
    {"liveness:", "liveness: ping",
     "router.yaml:34: liveness: expected one of echo, none, found 'ping'"},
    {"timing_scale:", "timing_scale: 0",
     "router.yaml:35: timing_scale: expected a number greater than 0 and at most 1000"},
    {"timing_scale:", "timing_scale: nan",
     "router.yaml:35: timing_scale: expected a number, found 'nan'"},
};

std::string with_mistake(const Mistake& mistake) {
  std::string text = std::string("\n") + full;
  const auto at = text.find(std::string("\n") + mistake.line);
  EXPECT_NE(at, std::string::npos) << mistake.line;
  text.replace(at + 1, text.find('\n', at + 1) - at - 1, mistake.by);
  return text.substr(1);
}

TEST(RouterDescription, RejectsMistakesWithFileLineAndPath) {
  for (const auto& mistake : mistakes) {
    SCOPED_TRACE(mistake.by);
    EXPECT_THAT(error_of([&] { description_from(with_mistake(mistake)); }),
                testing::StartsWith(mistake.message));
  }
}

TEST(RouterDescription, EspWithoutAuthenticationProtectsNoMessage) {
  const auto found = description_from(
      with_mistake({"  - {protocol: esp",
                    "  - {protocol: esp, spi: 0x2002, from: dut, cipher: aes-cbc, cipher_key: "
                    "\"0x000102030405060708090a0b0c0d0e0f\"}",
                    nullptr}));
  EXPECT_EQ(found.router_sas.at(1).sa.auth, AuthAlgorithm::none);
  EXPECT_EQ(found.find_router_sa(IpsecProtocol::esp, true), nullptr);
}

TEST(RouterDescription, RejectsFilesThatAreNotMappings) {
  EXPECT_EQ(error_of([] { load_description("missing.yaml"); }),
            "missing.yaml: No such file or directory");
  EXPECT_EQ(error_of([] { description_from("- a\n"); }),
            "router.yaml:1: expected a mapping (key: value)");
  EXPECT_EQ(error_of([] { description_from(""); }), "router.yaml: expected a mapping (key: value)");
}

TEST(Capabilities, FollowFromTheSpt) {
  using testing::ElementsAre;
  const auto of = [](const char* name) { return capabilities_for(*parse_spt(name)); };
  EXPECT_THAT(of("AH-TUNNEL-HMACSHA1-V6-V6"), ElementsAre());
  EXPECT_THAT(of("ESP-TUNNEL-AES-CBC-V4P-V4"), ElementsAre("esp", "ipv4", "private"));
  EXPECT_THAT(of("IPCOMP-TUNNEL-LZS-V4-V6"), ElementsAre("ipcomp", "mixed"));
  EXPECT_THAT(of("AH-TRANSPORT-HMACMD5-V6-V6-SP"), ElementsAre("static-profile"));
}

}  // namespace
}  // namespace secct::generator::test
