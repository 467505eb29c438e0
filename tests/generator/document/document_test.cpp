// SPDX-License-Identifier: GPL-2.0-or-later
// Packet documents: access to their parts, conversion to text and back, and error messages.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "generator/document/yaml.hpp"
#include "tests/generator/support.hpp"

namespace secct::generator::test {
namespace {

using F = Field;

Document document_of(Layer layer) {
  Document document;
  document.packets.emplace_back().layers.push_back(std::move(layer));
  return document;
}

Document read(const std::string& text) {
  return read_document(parse_yaml(text, "d.yaml"), "d.yaml", {}, {}).document;
}

Document round_trip(const Document& document, bool json = false) {
  const auto tree = to_json({}, document);
  return read(json ? tree.dump(2) : to_yaml(tree));
}

Layer layer_round_trip(const Layer& layer, bool json = false) {
  return round_trip(document_of(layer), json).packets.at(0).layers.at(0);
}

TEST(Document, HeaderFieldsRoundTrip) {
  std::mt19937_64 random(1);
  for (const auto& kind : layer_rows()) {
    SCOPED_TRACE(kind.name);
    for (int run = 0; run < 20; ++run) {
      Layer layer{.kind = kind.id, .fields = {}, .elements = {}};
      for (const auto& field : header_rows()) {
        if (field.layer != kind.id) continue;
        if (field.is_number()) {
          const auto bits = field.bits == 0 ? 8 : field.bits;
          layer.set(field.id, random() >> (64 - bits));
        } else {
          Octets value(field.bits == 0 ? 5 : field.bits / 8U);
          for (auto& octet : value) octet = static_cast<std::uint8_t>(random());
          layer.set(field.id, value);
        }
      }
      for (const bool json : {false, true}) {
        const auto again = layer_round_trip(layer, json);
        EXPECT_EQ(again.kind, layer.kind);
        ASSERT_EQ(again.fields.size(), layer.fields.size());
        for (std::size_t i = 0; i < layer.fields.size(); ++i) {
          EXPECT_EQ(again.fields[i].field, layer.fields[i].field);
          EXPECT_EQ(again.fields[i].value, layer.fields[i].value)
              << row(layer.fields[i].field).name;
        }
      }
    }
  }
}

Node random_leaf(const FieldRow& field, std::mt19937& random) {
  const auto random_octets = [&](std::size_t count) {
    Octets result(count);
    for (auto& octet : result) octet = static_cast<std::uint8_t>(random());
    return result;
  };
  // Small numbers have names.
  const auto small = below(random, 2) == 0;
  switch (field.type) {
    case FieldType::boolean: return {field.id, below(random, 2)};
    case FieldType::u8: return {field.id, below(random, small ? 8 : 256)};
    case FieldType::u16: return {field.id, below(random, small ? 12 : 65536)};
    case FieldType::u32: return {field.id, random()};
    case FieldType::ipv6: return {field.id, random_octets(16)};
    case FieldType::ipv4: return {field.id, random_octets(4)};
    case FieldType::text:
      return {field.id, small ? text_octets("null: 'x' #1") : random_octets(below(random, 9))};
    default: return {field.id, random_octets(1 + below(random, 8))};
  }
}

bool same(const Node& a, const Node& b) {
  return a.field == b.field && a.value == b.value && a.layout == b.layout &&
         std::ranges::equal(a.children, b.children,
                            [](const auto& x, const auto& y) { return same(x, y); });
}

// All fields, including those that the message cannot contain.
TEST(Document, SecctFieldsRoundTrip) {
  std::mt19937 random(2);
  for (int run = 0; run < 40; ++run) {
    Node message(F::message, std::vector<Node>{{F::message, 1 + below(random, 9)}});
    Node entry(F::sub_options);
    for (const auto& field : fields()) {
      const bool in_documents = field.section != std::string_view("fields") || field.id == F::raw;
      if (field.type == FieldType::group || field.id == F::message || !in_documents) continue;
      if (field.id == F::reserved32) continue;  // tested with ListsRoundTrip
      entry.children.push_back(random_leaf(field, random));
    }
    std::erase_if(entry.children, [](const auto& n) { return n.field == F::opt_address; });
    message.children.push_back(entry);
    Layer layer{.kind = LayerKind::dstopts, .fields = {}, .elements = {}};
    layer.elements.emplace_back().message = message;
    for (const bool json : {false, true}) {
      const auto again = layer_round_trip(layer, json);
      ASSERT_EQ(again.elements.size(), 1U);
      const auto& found = again.elements[0].message->children.at(1).children;
      ASSERT_EQ(found.size(), entry.children.size());
      for (std::size_t i = 0; i < found.size(); ++i) {
        EXPECT_TRUE(same(found[i], entry.children[i])) << row(found[i].field).name;
      }
    }
  }
}

TEST(Document, ListsRoundTrip) {
  const auto text = R"(
layers:
  - icmpv6:
      secct.message: SHREP
      options:
        - secct.opt.type: ip_address
          secct.opt.address: 2001:db8::1
          secct.reserved: 0x12345678
        - secct.opt.type: 250
          layout: shrep
          secct.reserved: 0x1234
          sub_options:
            - secct.subopt.type: rep
              contexts:
                - secct.spt: ESP-TUNNEL-AES-CBC-V6-V6-SP-ASD
                  additional:
                    - secct.sa.data.type: auth_algorithm
                      secct.sa.data.auth_algorithm: HMACMD5
                    - raw: 0x0102
                  static_profile:
                    - secct.sa.preference.type: ciphers
                      secct.sa.preference.value: [1, 2, 3]
            - secct.subopt.type: pad1
            - secct.subopt.type: stat
              secct.status: 200
              secct.reason: {hex: 0xff00}
)";
  const auto first = read(text);
  const auto& message = *first.packets.at(0).layers.at(0).elements.at(0).message;
  const auto again = round_trip(first);
  EXPECT_TRUE(same(message, *again.packets.at(0).layers.at(0).elements.at(0).message));
  const auto& options = message.children;
  EXPECT_EQ(options.at(1).find(F::reserved32)->number(), 0x12345678U);
  EXPECT_EQ(options.at(2).find(F::reserved)->number(), 0x1234U);
  EXPECT_EQ(options.at(2).layout, 243U);
  const auto& rep = options.at(2).children.at(2);
  EXPECT_EQ(rep.children.at(1).children.at(3).children.size(), 4U);
  EXPECT_EQ(*options.at(2).children.at(4).find(F::reason)->octets(), octets("ff00"));
}

TEST(Document, HeaderOptionsRoundTrip) {
  const auto document = read(
      "layers: [{ipv6.dstopts: {options: [{type: 0}, {type: 5, data: 0xaabb}, "
      "{type: 6, length: 9, data: 01}, {secct.message: SHAK}]}}]");
  const auto again = round_trip(document).packets.at(0).layers.at(0).elements;
  ASSERT_EQ(again.size(), 4U);
  EXPECT_EQ(again[0].type, 0);
  EXPECT_TRUE(again[0].data.empty());
  EXPECT_EQ(again[1].data, octets("aabb"));
  EXPECT_EQ(again[2].length, 9);
  EXPECT_TRUE(again[3].message);
}

TEST(Document, TimesAreExact) {
  for (const auto time : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1767225600123456789},
                          std::uint64_t{9999999999999999999U}}) {
    Document document;
    document.packets.emplace_back().time = time;
    EXPECT_EQ(round_trip(document).packets.at(0).time, time);
    EXPECT_EQ(round_trip(document, true).packets.at(0).time, time);
  }
  EXPECT_EQ(read("{time: 1.5, layers: []}").packets.at(0).time, 1500000000U);
  EXPECT_EQ(read("{layers: []}").packets.at(0).time, 0U);
}

TEST(Document, CommentsRoundTrip) {
  for (const std::string comment :
       {"plain", "null", "~", "true", "12", "a: b #c", "- x", "\"quoted\" 'too'", "two\nlines\n",
        "tab\there", "umlaut \xc3\xa4", "not UTF-8 \xff\xfe", "carriage\r\nreturn", "bell\a", " ",
        "{hex: 0x01}", "\xf0\x9f\x92\xa9", "\x7f"}) {
    Document document;
    document.packets.emplace_back().comments = {comment};
    EXPECT_EQ(round_trip(document).packets.at(0).comment(), comment);
    EXPECT_EQ(round_trip(document, true).packets.at(0).comment(), comment);
  }
}

TEST(Document, LinkAndCodePointsRoundTrip) {
  Document document;
  document.link = LinkType::raw_ip;
  CodePoints points;
  points.set(CodePoint::icmpv6_shreq, 150);
  const auto text = to_yaml(to_json(points, document));
  const auto file = read_document(parse_yaml(text, "d.yaml"), "d.yaml", {}, {});
  EXPECT_EQ(file.document.link, LinkType::raw_ip);
  EXPECT_EQ(file.codepoints[CodePoint::icmpv6_shreq], 150);
  EXPECT_EQ(file.codepoints[CodePoint::icmpv6_hi], CodePoints()[CodePoint::icmpv6_hi]);
}

TEST(Document, KeysOfTheFilePrecedeThoseOfTheCaller) {
  Keyring outer;
  outer.sas.emplace_back().spi = 1;
  outer.token_key = [](const Address&) { return octets("00"); };
  const auto file =
      read_document(parse_yaml("keys: {sas: [{protocol: esp, spi: 2}, {protocol: esp, spi: 3}], "
                               "tokens: [{paddr: 2001:db8::1, key: 0xaa}]}\npackets: []\n",
                               "d.yaml"),
                    "d.yaml", {}, outer);
  ASSERT_EQ(file.keys.sas.size(), 3U);
  EXPECT_EQ(file.keys.sas[0].spi, 2U);
  EXPECT_EQ(file.keys.sas[1].spi, 3U);
  EXPECT_EQ(file.keys.sas[2].spi, 1U);
  EXPECT_EQ(file.keys.token_key(address("2001:db8::1")), octets("aa"));
  EXPECT_EQ(file.keys.token_key(address("2001:db8::2")), octets("00"));
}

TEST(Layer, FieldsAreFoundByType) {
  Layer layer{.kind = LayerKind::ah, .fields = {}, .elements = {}};
  layer.set(HeaderField::ah_spi, std::uint64_t{5});
  layer.set(HeaderField::ah_icv, Shift{1});
  EXPECT_EQ(layer.number(HeaderField::ah_spi), 5U);
  EXPECT_EQ(layer.octets(HeaderField::ah_spi), nullptr);
  EXPECT_EQ(layer.shift(HeaderField::ah_icv), Shift{1});
  EXPECT_EQ(layer.find(HeaderField::ah_sequence), nullptr);
  layer.set(HeaderField::ah_spi, std::uint64_t{6});
  EXPECT_EQ(layer.number(HeaderField::ah_spi), 6U);
  EXPECT_EQ(layer.fields.size(), 2U);
}

TEST(Layer, OnlySomeLayersCarryMessages) {
  EXPECT_EQ(carrier_of(LayerKind::icmpv6), Carrier::icmpv6);
  EXPECT_FALSE(has_options(LayerKind::icmpv6));
  EXPECT_EQ(carrier_of(LayerKind::dstopts), Carrier::dstopt);
  EXPECT_TRUE(has_options(LayerKind::dstopts));
  EXPECT_FALSE(carrier_of(LayerKind::udp));
  EXPECT_FALSE(has_options(LayerKind::udp));
}

TEST(Keyring, PrefersTheSaWithTheDestination) {
  const auto here = address("2001:db8::1");
  const auto elsewhere = address("2001:db8::2");
  Keyring keys;
  keys.sas.resize(3);
  for (auto& sa : keys.sas) sa.spi = 5;
  keys.sas[0].destination = elsewhere;
  keys.sas[1].destination = here;
  keys.sas[2].protocol = IpsecProtocol::esp;
  EXPECT_EQ(keys.find(IpsecProtocol::ah, 5, here), &keys.sas[1]);
  EXPECT_EQ(keys.find(IpsecProtocol::ah, 5, address("::3")), &keys.sas[0]);
  EXPECT_EQ(keys.find(IpsecProtocol::esp, 5, here), &keys.sas[2]);  // any destination
  EXPECT_EQ(keys.find(IpsecProtocol::ah, 6, here), nullptr);
}

struct Mistake {
  const char* text;
  const char* message;
};

const Mistake mistakes[] = {
    {"just text", "d.yaml:1: expected a packet document: a mapping with 'packets' or 'layers'"},
    {"packets: {}", "d.yaml:1: packets: expected a list of packets"},
    {"link: ethernet", "d.yaml:1: 'packets' is missing"},
    {"link: ethrnet\npackets: []",
     "d.yaml:1: link: expected ethernet, raw-ip, linux-sll, linux-sll2, null, loop or another "
     "link-layer name of wiretap, found 'ethrnet'; did you mean ethernet?"},
    {"packet: []\npackets: []", "d.yaml:1: unknown key 'packet'; did you mean packets?"},
    {"packets:\n  - tim: 1\n    layers: []",
     "d.yaml:2: packets[0]: unknown key 'tim'; did you mean "
     "time?"},
    {"packets:\n  - time: 1", "d.yaml:2: packets[0]: 'layers' is missing"},
    {"packets:\n  - layers: 5", "d.yaml:2: packets[0].layers: expected a list of layers"},
    {"{time: soon, layers: []}",
     "d.yaml:1: time: expected seconds with at most 9 decimals, below 2^64 ns, found 'soon'"},
    {"{time: 1.0123456789, layers: []}",
     "d.yaml:1: time: expected seconds with at most 9 decimals, below 2^64 ns, found "
     "'1.0123456789'"},
    {"layers: [ipv6]", "d.yaml:1: layers[0]: expected one layer, such as 'ipv6: {ipv6.src: ...}'"},
    {"layers: [{ipv7: {}}]", "d.yaml:1: layers[0]: unknown layer 'ipv7', expected one of eth, "},
    {"layers:\n- ipv6:\n    ipv6.scr: ::1",
     "d.yaml:3: layers[0].ipv6: unknown field 'ipv6.scr'; did you mean ipv6.src?"},
    {"layers:\n- ipv6:\n    ipv6.src: 1.2.3.4",
     "d.yaml:3: layers[0].ipv6.ipv6.src: expected an IPv6 address, found '1.2.3.4'"},
    {"layers:\n- ip:\n    ip.src: '::1'",
     "d.yaml:3: layers[0].ip.ip.src: expected an IPv4 address, found '::1'"},
    {"layers:\n- ipv6:\n    ipv6.hlim: 256",
     "d.yaml:3: layers[0].ipv6.ipv6.hlim: expected a number from 0 to 255, found '256'"},
    {"layers:\n- ipv6:\n    ipv6.flow: 0x100000",
     "d.yaml:3: layers[0].ipv6.ipv6.flow: expected a number from 0 to 1048575, found '0x100000'"},
    {"layers:\n- eth:\n    eth.dst: 02:00",
     "d.yaml:3: layers[0].eth.eth.dst: expected 6 octets in hexadecimal, found '02:00'"},
    {"layers:\n- ah:\n    ah.icv: zz",
     "d.yaml:3: layers[0].ah.ah.icv: expected hexadecimal octets, found 'zz'"},
    {"layers:\n- ah:\n    ah.spi: [1]", "d.yaml:3: layers[0].ah.ah.spi: expected a single value"},
    {"layers:\n- udp:\n    secct.message: SHIN",
     "d.yaml:3: layers[0].udp: a SecCT message is not allowed in 'udp'"},
    {"layers:\n- icmpv6:\n    secct.message: SHREPP",
     "d.yaml:3: layers[0].icmpv6.secct.message: expected a number or one of HI, HAck, SHREQ, "},
    {"layers:\n- icmpv6:\n    secct.message: HI\n    secct.identifer: 1",
     "d.yaml:4: layers[0].icmpv6: unknown field 'secct.identifer'; did you mean "
     "secct.identifier?"},
    {"layers:\n- icmpv6:\n    secct.message: HI\n    secct.identifier: 65536",
     "d.yaml:4: layers[0].icmpv6.secct.identifier: expected at most 65535 (0xffff), found "
     "'65536'"},
    {"layers:\n- icmpv6:\n    secct.message: HI\n    secct.flags.s: 2",
     "d.yaml:4: layers[0].icmpv6.secct.flags.s: expected true or false, found '2'"},
    {"layers:\n- icmpv6:\n    secct.message: HI\n    options: 5",
     "d.yaml:4: layers[0].icmpv6.options: expected a list (- ...)"},
    {"layers:\n- icmpv6:\n    secct.message: HI\n    options: [5]",
     "d.yaml:4: layers[0].icmpv6.options[0]: expected a mapping (key: value)"},
    {"layers:\n- icmpv6:\n    secct.message: HI\n    options:\n      - secct.opt.typ: 5",
     "d.yaml:5: layers[0].icmpv6.options[0]: unknown field 'secct.opt.typ'; did you mean "
     "secct.opt.type?"},
    {"layers:\n- icmpv6:\n    secct.message: HI\n    options: [{secct.opt.type: shrp}]",
     "d.yaml:4: layers[0].icmpv6.options[0].secct.opt.type: expected a number or one of "},
    {"layers:\n- icmpv6:\n    secct.message: HI\n    secct.identifier: {a: 1}",
     "d.yaml:4: layers[0].icmpv6.secct.identifier: expected a value"},
    {"layers:\n- icmpv6:\n    secct.message: HI\n    secct.response_in: 1",
     "d.yaml:4: layers[0].icmpv6: unknown field 'secct.response_in'"},
    {"layers:\n- ipv6.dstopts:\n    secct.message: SHAK\n    sub_options: [{secct.spt: AES}]",
     "d.yaml:4: layers[0].ipv6.dstopts.sub_options[0].secct.spt: expected an SPT name such as"},
    {"layers: [{ipv6.dstopts: {options: [{data: 00}]}}]",
     "d.yaml:1: layers[0].ipv6.dstopts.options[0]: 'type' is missing"},
    {"layers: [{ipv6.dstopts: {options: [{type: 256}]}}]",
     "d.yaml:1: layers[0].ipv6.dstopts.options[0].type: expected a number from 0 to 255, found "
     "'256'"},
    {"layers: [{ipv6.dstopts: {options: {}}}]",
     "d.yaml:1: layers[0].ipv6.dstopts.options: expected a list (- ...)"},
    {"keys: {sas: 1}\npackets: []", "d.yaml:1: keys.sas: expected a list"},
    {"keys: {sas: [{protocol: ah, spi: 1}]}\npackets: []",
     "d.yaml:1: keys.sas[0]: an AH SA needs an algorithm: hmac-md5 or hmac-sha1"},
    {"keys: {tokens: [{paddr: '::1'}]}\npackets: []", "d.yaml:1: keys.tokens[0]: 'key' is missing"},
    {"codepoints: {icmpv6.hi: 203}\npackets: []", "d.yaml:1: codepoints: "},
    {"codepoints: {icmpv6.ho: 203}\npackets: []",
     "d.yaml:1: codepoints: unknown key 'icmpv6.ho'; did you mean icmpv6.hi?"},
    {"layers:\n- icmpv6:\n    secct.message: HI\n    layout: 4",
     "d.yaml:4: layers[0].icmpv6.layout: not allowed here; expected in an entry of options, "},
};

TEST(Document, ErrorsNameThePositionAndTheExpectedValue) {
  for (const auto& mistake : mistakes) {
    SCOPED_TRACE(mistake.text);
    EXPECT_THAT(error_of([&] { read(mistake.text); }), testing::StartsWith(mistake.message));
  }
}

}  // namespace
}  // namespace secct::generator::test
