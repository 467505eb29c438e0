// SPDX-License-Identifier: GPL-2.0-or-later
// For any octets, parse_to_document() returns a document that builds the same octets.
#include "generator/packet/parse.hpp"

#include <algorithm>
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "generator/packet/build.hpp"
#include "network/datagram.hpp"
#include "protocol/checksum.hpp"
#include "tests/generator/descriptions.hpp"
#include "tests/generator/support.hpp"

namespace secct::generator::test {
namespace {

struct Sample {
  std::string name;
  PacketDocument document;
  Keyring keys;
  Octets octets;
};

// All messages with all kinds of protection.
const std::vector<Sample>& samples() {
  static const auto all = [] {
    std::vector<Sample> list;
    const std::pair<const char*, RouterDescription> descriptions[] = {
        {"built-in ", description()},
        {"esp ", description_from(description_yaml(esp_first, true))},
        {"tunnels ", description_from(description_yaml(tunnels))},
        {"esp-tunnel ", description_from(description_yaml(esp_tunnel, true))},
        {"v4 ", description_from(description_yaml(version_4))}};
    for (const auto& [name, description] : descriptions) {
      Keyring keys;
      for (auto& [message, document] : all_messages(description, keys)) {
        auto octets = built(document, keys);
        list.push_back({name + message, std::move(document), keys, std::move(octets)});
      }
    }
    return list;
  }();
  return all;
}

const Sample& sample(std::string_view name) {
  return *std::ranges::find(samples(), name, &Sample::name);
}

Octets octets_of_datagram(std::string_view name) {
  const auto datagram = View(sample(name).octets).subspan(14);
  return {datagram.begin(), datagram.end()};
}

Octets again(const Keyring& keys, View octets, LinkType link = LinkType::ethernet) {
  const auto document = parse_to_document({}, keys, link, octets);
  const auto result = build({}, keys, document);
  EXPECT_TRUE(result.faults.empty());
  return result.octets;
}

std::vector<LayerKind> kinds(const PacketDocument& packet) {
  std::vector<LayerKind> list;
  for (const auto& layer : packet.layers) list.push_back(layer.kind);
  return list;
}

bool writes(const PacketDocument& packet, HeaderField field) {
  return std::ranges::any_of(packet.layers,
                             [&](const auto& layer) { return layer.find(field) != nullptr; });
}

// With the keys, the document has no computed fields, as the one from which the packet was built.
TEST(ParseToDocument, OmitsComputedFieldsWithKeys) {
  for (const auto& s : samples()) {
    SCOPED_TRACE(s.name);
    const auto document = parse_to_document({}, s.keys, LinkType::ethernet, s.octets);
    EXPECT_EQ(to_hex(built(document, s.keys)), to_hex(s.octets));
    EXPECT_EQ(kinds(document), kinds(s.document));
    for (const auto field :
         {HeaderField::ah_icv, HeaderField::esp_icv, HeaderField::esp_iv, HeaderField::esp_data,
          HeaderField::icmpv6_checksum, HeaderField::ipv6_plen, HeaderField::ipv6_nxt}) {
      EXPECT_FALSE(writes(document, field)) << row(field).name;
    }
    const auto text = to_yaml(to_json({}, {LinkType::ethernet, {document}, {}, {}}));
    EXPECT_THAT(text, testing::Not(testing::HasSubstr("secct.auth.token")));
    EXPECT_THAT(text, testing::Not(testing::HasSubstr("raw:")));
  }
}

TEST(ParseToDocument, WritesIcvsAndEncryptedEspWithoutKeys) {
  for (const auto& s : samples()) {
    SCOPED_TRACE(s.name);
    const auto document = parse_to_document({}, {}, LinkType::ethernet, s.octets);
    EXPECT_EQ(to_hex(built(document, {})), to_hex(s.octets));
    EXPECT_EQ(document.find(LayerKind::data), nullptr);
    EXPECT_EQ(writes(document, HeaderField::ah_icv), document.find(LayerKind::ah) != nullptr);
    EXPECT_EQ(writes(document, HeaderField::esp_data), document.find(LayerKind::esp) != nullptr);
    const auto text = to_yaml(to_json({}, {LinkType::ethernet, {document}, {}, {}}));
    EXPECT_EQ(to_hex(built(text, {})), to_hex(s.octets));
  }
}

TEST(ParseToDocument, ReproducesMutatedPackets) {
  std::mt19937 random(11);
  for (const auto& s : samples()) {
    SCOPED_TRACE(s.name);
    for (int run = 0; run < 12; ++run) {
      auto octets = s.octets;
      mutate(octets, random);
      EXPECT_EQ(to_hex(again({}, octets)), to_hex(octets));
      EXPECT_EQ(to_hex(again(s.keys, octets)), to_hex(octets));
    }
  }
}

// The content of AH and ESP is malformed; the ICV is correct.
TEST(ParseToDocument, ReproducesPacketsMutatedBeforeSealing) {
  std::mt19937 random(12);
  for (const auto& s : samples()) {
    SCOPED_TRACE(s.name);
    for (int run = 0; run < 6; ++run) {
      auto changed = parse_to_document({}, s.keys, LinkType::ethernet, s.octets);
      auto& last = changed.layers.back();
      Layer data{.kind = LayerKind::data, .fields = {}, .elements = {}};
      PacketDocument alone;
      alone.layers = {changed.layers[1], last};
      auto octets = build({}, s.keys, alone).octets;
      octets.erase(octets.begin(),
                   octets.begin() + (last.kind == LayerKind::mip_request ? 20 : 40));
      mutate(octets, random);
      data.set(HeaderField::data_octets, octets);
      const auto protocol = row(last.kind).protocol;
      last = data;
      auto& before = changed.layers[changed.layers.size() - 2];
      for (const auto field :
           {HeaderField::ah_next_header, HeaderField::esp_protocol, HeaderField::ipv6_nxt}) {
        if (row(field).layer == before.kind && protocol >= 0) {
          before.set(field, static_cast<std::uint64_t>(protocol));
        }
      }
      const auto sealed = built(changed, s.keys);
      EXPECT_EQ(to_hex(again(s.keys, sealed)), to_hex(sealed));
    }
  }
}

TEST(ParseToDocument, ReproducesTruncatedPackets) {
  for (const auto& s : samples()) {
    SCOPED_TRACE(s.name);
    for (std::size_t size = 0; size < s.octets.size(); size += size < 100 ? 1 : 37) {
      const auto cut = View(s.octets).first(size);
      EXPECT_EQ(to_hex(again({}, cut)), to_hex(cut));
      EXPECT_EQ(to_hex(again(s.keys, cut)), to_hex(cut));
    }
  }
}

TEST(ParseToDocument, ReproducesRandomOctets) {
  std::mt19937 random(13);
  for (int run = 0; run < 500; ++run) {
    Octets octets(below(random, 200));
    for (auto& octet : octets) octet = static_cast<std::uint8_t>(random());
    EXPECT_EQ(to_hex(again({}, octets)), to_hex(octets));
    if (!octets.empty()) octets[0] = (run & 1) != 0 ? 0x60 : 0x45;
    EXPECT_EQ(to_hex(again({}, octets, LinkType::raw_ip)), to_hex(octets));
  }
}

// --- link layers
PacketDocument document_of(const std::string& hex, LinkType link) {
  return parse_to_document({}, router_keys(), link, octets(hex));
}

TEST(ParseToDocument, ParsesAllLinkLayers) {
  const auto datagram = to_hex(View(sample("built-in shreq").octets).subspan(14));
  const std::pair<LinkType, std::string> heads[] = {
      {LinkType::ethernet, "0200000000020200000000018100000a86dd"},
      {LinkType::ethernet,
       "02000000000202000000000188a8006481002064"
       "86dd"},
      {LinkType::sll,
       "0000000100060200000000010000"
       "86dd"},
      {LinkType::sll2,
       "86dd0000000000020001000602000000000100"
       "00"},
      {LinkType::null, "1e000000"},
      {LinkType::null, "0000001c"},
      {LinkType::loop, "00000018"},
      {LinkType::raw_ip, ""},
      {LinkType::raw_ipv6, ""}};
  for (const auto& [link, head] : heads) {
    const auto document = document_of(head + datagram, link);
    EXPECT_EQ(document.layers.back().kind, LayerKind::icmpv6) << head;
    EXPECT_EQ(document.find(LayerKind::ah)->find(HeaderField::ah_icv), nullptr) << head;
    EXPECT_EQ(to_hex(built(document)), head + datagram);
  }
  constexpr auto unknown = static_cast<LinkType>(20);
  EXPECT_EQ(kinds(document_of(datagram, unknown)), (std::vector<LayerKind>{LayerKind::data}));
}

TEST(ParseToDocument, WritesTrailerOptionsAndRoutingAsFields) {
  const auto padded = to_hex(sample("built-in shak").octets) + "00112233";
  auto document = document_of(padded, LinkType::ethernet);
  EXPECT_EQ(to_hex(*document.find(LayerKind::eth)->octets(HeaderField::eth_trailer)), "00112233");
  EXPECT_EQ(document.find(LayerKind::ipv6)->find(HeaderField::ipv6_plen), nullptr);
  EXPECT_EQ(to_hex(built(document)), padded);

  const auto with_options = packet(R"(
layers:
  - ip: {ip.src: 192.0.2.1, ip.dst: 192.0.2.2, ip.options: "0x94040000"}
  - udp: {udp.srcport: 1, udp.dstport: 2}
  - data: {data.data: "0x01"}
)");
  const auto octets = built(with_options);
  EXPECT_EQ(octets[0], 0x46);
  EXPECT_EQ(internet_checksum(sum_of(View(octets).first(24))), 0);
  document = parse_to_document({}, {}, LinkType::raw_ip, octets);
  EXPECT_EQ(kinds(document), kinds(with_options));
  EXPECT_EQ(built(document), octets);

  const auto routed = built(packet(R"(
layers:
  - ipv6: {ipv6.src: "2001:db8::1", ipv6.dst: "2001:db8::2"}
  - ipv6.routing: {ipv6.routing.type: 2, ipv6.routing.segleft: 1, ipv6.routing.unknown.data: "0x0000000020010db8000000000000000000000003"}
  - udp: {udp.srcport: 1, udp.dstport: 2}
)"));
  EXPECT_EQ(routed[6], 43);
  EXPECT_EQ(routed[41], 2);  // three units of eight octets
  document = parse_to_document({}, {}, LinkType::raw_ip, routed);
  EXPECT_EQ(kinds(document),
            (std::vector<LayerKind>{LayerKind::ipv6, LayerKind::routing, LayerKind::udp}));
  EXPECT_EQ(built(document), routed);
}

TEST(ParseToDocument, KeepsLayersOfTruncatedDatagram) {
  const auto& s = sample("built-in shrep");
  const auto document = parse_to_document({}, {}, LinkType::ethernet, View(s.octets).first(200));
  EXPECT_NE(document.find(LayerKind::ah), nullptr);
  EXPECT_EQ(built(document), Octets(s.octets.begin(), s.octets.begin() + 200));
}

// --- a packet with one wrong field: the document contains only that field
PacketDocument shreq_with(const std::function<void(PacketDocument&)>& change) {
  auto document = sample("built-in shreq").document;
  change(document);
  const auto& keys = router_keys();
  return parse_to_document({}, keys, LinkType::ethernet, built(document, keys));
}

TEST(ParseToDocument, WritesOnlyTheWrongChecksum) {
  const auto document = shreq_with([](PacketDocument& packet) {
    packet.find(LayerKind::icmpv6)->set(HeaderField::icmpv6_checksum, std::uint64_t{1});
  });
  EXPECT_EQ(document.find(LayerKind::icmpv6)->number(HeaderField::icmpv6_checksum), 1U);
  EXPECT_FALSE(writes(document, HeaderField::ah_icv));
  EXPECT_FALSE(writes(document, HeaderField::ipv6_plen));
}

TEST(ParseToDocument, WritesOnlyTheWrongIcv) {
  const auto document = shreq_with([](PacketDocument& packet) {
    packet.find(LayerKind::ah)->set(HeaderField::ah_icv, Octets(12, 0xee));
  });
  EXPECT_EQ(*document.find(LayerKind::ah)->octets(HeaderField::ah_icv), Octets(12, 0xee));
  EXPECT_FALSE(writes(document, HeaderField::icmpv6_checksum));
}

TEST(ParseToDocument, WritesOctetsAfterRawDatagramAsData) {
  Octets octets = octets_of_datagram("built-in shreq");
  append(octets, Octets(4, 0xaa));
  const auto document = parse_to_document({}, router_keys(), LinkType::raw_ip, octets);
  EXPECT_EQ(document.layers.back().kind, LayerKind::data);
  EXPECT_NE(document.message(), nullptr);
  EXPECT_EQ(to_hex(built(document)), to_hex(octets));
}

TEST(ParseToDocument, ParsesVlansAndOtherProtocols) {
  const auto octets = built(
      "layers: [{eth: {}}, {vlan: {vlan.id: 1}}, {vlan: {vlan.id: 2}}, {ipv6: {ipv6.src: '::1'}}, "
      "{ipv6.hopopts: {options: [{type: 5, data: 0x0000}]}}, {udp: {udp.dstport: 53}}, "
      "{data: {data.data: 0x010203}}]");
  const auto document = parse_to_document({}, {}, LinkType::ethernet, octets);
  EXPECT_EQ(kinds(document), (std::vector<LayerKind>{
                                 LayerKind::eth, LayerKind::vlan, LayerKind::vlan, LayerKind::ipv6,
                                 LayerKind::hopopts, LayerKind::udp, LayerKind::data}));
  const auto arp = built("layers: [{eth: {eth.type: 0x0806}}, {data: {data.data: 0x00010800}}]");
  EXPECT_EQ(kinds(parse_to_document({}, {}, LinkType::ethernet, arp)),
            (std::vector<LayerKind>{LayerKind::eth, LayerKind::data}));
}

// ESP in ESP, AH in ESP, a tunnel in a tunnel.
TEST(ParseToDocument, DecryptsNestedEsp) {
  const auto& keys = sample("esp hi").keys;  // 0x2001 transport, 0x2002 tunnel
  const std::string ip = "{ipv6: {ipv6.src: '2001:db8::1', ipv6.dst: '2001:db8::2'}}";
  const std::string shreq = "{icmpv6: {secct.message: SHREQ}}";
  for (const auto& layers :
       {"{esp: {esp.spi: 0x2002}}, " + ip + ", {esp: {esp.spi: 0x2001}}",
        std::string("{esp: {esp.spi: 0x2001}}, {esp: {esp.spi: 0x2001}}"),
        "{esp: {esp.spi: 0x2002}}, " + ip + ", {ah: {ah.spi: 0x1001}}, {esp: {esp.spi: 0x2001}}",
        "{esp: {esp.spi: 0x2002}}, " + ip + ", {esp: {esp.spi: 0x2002}}, " + ip +
            ", {esp: {esp.spi: 0x2002}}, " + ip,
        std::string("{ipv6.dstopts: {options: [{type: 5, data: 00}]}}, {esp: {esp.spi: 0x2001}}, "
                    "{ipv6.dstopts: {options: [{type: 6}]}}"),
        "{ah: {ah.spi: 0x1002}}, {esp: {esp.spi: 0x2002, esp.pad_len: 90}}, " + ip}) {
    SCOPED_TRACE(layers);
    const auto document = packet("layers: [{eth: {}}, " + ip + ", " + layers + ", " + shreq + "]");
    const auto octets = built(document, keys);
    const auto decrypted = parse_to_document({}, keys, LinkType::ethernet, octets);
    EXPECT_EQ(kinds(decrypted), kinds(document));
    EXPECT_EQ(to_hex(built(decrypted, keys)), to_hex(octets));
    for (std::size_t i = 14; i < octets.size(); ++i) {
      auto changed = octets;
      changed[i] ^= 0x11;
      EXPECT_EQ(to_hex(again(keys, changed)), to_hex(changed));
    }
  }
}

TEST(ParseToDocument, DecryptsUnknownProtocolInEsp) {
  const auto& keys = sample("esp hi").keys;
  const auto octets = built(
      "layers: [{ipv6: {}}, {esp: {esp.spi: 0x2001, esp.protocol: 253}}, {data: {data.data: "
      "0x010203}}]",
      keys);
  const auto document = parse_to_document({}, keys, LinkType::raw_ip, octets);
  EXPECT_EQ(kinds(document),
            (std::vector<LayerKind>{LayerKind::ipv6, LayerKind::esp, LayerKind::data}));
  EXPECT_EQ(document.layers[1].number(HeaderField::esp_protocol), 253U);
}

// A captured packet can be edited and sent again.
TEST(ParseToDocument, EditedDocumentsAreSealedAgain) {
  const auto& s = sample("built-in shrep");
  auto document = parse_to_document({}, s.keys, LinkType::ethernet, s.octets);
  auto edited = s.document;
  for (auto* packet : {&document, &edited}) {
    packet->message()->find(Field::identifier)->value = std::uint64_t{0x4242};
  }
  EXPECT_EQ(to_hex(built(document, s.keys)), to_hex(built(edited, s.keys)));
}

}  // namespace
}  // namespace secct::generator::test
