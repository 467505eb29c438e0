// SPDX-License-Identifier: GPL-2.0-or-later
// Edits of packet documents: --set and the mutations of cases.
#include "generator/document/edit.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "generator/packet/build.hpp"
#include "tests/generator/support.hpp"

namespace secct::generator::test {
namespace {

using F = Field;

PacketDocument message(const std::string& name) {
  Counters counters;
  Handover handover(description(), Role::nr, 1, 7, counters);
  return *handover.by_name(name);
}

PacketDocument with(const std::string& name, const std::string& path, const std::string& value) {
  auto packet = message(name);
  set_field({}, packet, path, value);
  return packet;
}

// All values of a field in a message, in the order of the octets.
void collect(const Node& node, F field, std::vector<std::uint64_t>& values) {
  for (const auto& child : node.children) {
    if (child.field == field) values.push_back(child.number().value_or(0));
    collect(child, field, values);
  }
}
std::vector<std::uint64_t> values(const PacketDocument& packet, F field) {
  std::vector<std::uint64_t> list;
  collect(*packet.message(), field, list);
  return list;
}

std::string set_error(const std::string& name, const std::string& path, const std::string& value) {
  return error_of([&] { with(name, path, value); });
}

TEST(Set, SelectsTheFirstNthOrAll) {
  const auto before = values(message("shrep"), F::sa_spi);
  ASSERT_EQ(before.size(), 4U);
  EXPECT_EQ(values(with("shrep", "secct.sa.spi", "0x1234"), F::sa_spi),
            (std::vector<std::uint64_t>{0x1234, before[1], before[2], before[3]}));
  EXPECT_EQ(values(with("shrep", "secct.sa.spi#3", "5"), F::sa_spi),
            (std::vector<std::uint64_t>{before[0], before[1], 5, before[3]}));
  EXPECT_EQ(values(with("shrep", "secct.sa.spi#*", "5"), F::sa_spi),
            (std::vector<std::uint64_t>{5, 5, 5, 5}));
}

// Fields are counted in the octets, so computed fields count too.
TEST(Set, SetsComputedFields) {
  const auto packet_octets = built(with("shrep", "secct.sa.length", "7"));
  const auto plain = built(message("shrep"));
  EXPECT_EQ(packet_octets.size(), plain.size());
  // Ethernet, IPv6, AH, ICMPv6, option header, SecCT-rep header, SPT.
  constexpr std::size_t at = 14 + 40 + 24 + 8 + 36 + 2 + 2;
  EXPECT_EQ(packet_octets[at], 7);
  EXPECT_NE(plain[at], 7);
  const auto second = built(with("shrep", "secct.sa.length#2", "7"));
  EXPECT_EQ(second[at], plain[at]);
  EXPECT_EQ(second[at + plain[at] + 2], 7);
  EXPECT_EQ(built(with("shin", "secct.auth.token", "0x01020304"))[14 + 40 + 4 + 32 + 4], 1);
}

TEST(Set, SetsHeaderFields) {
  auto packet = with("shrep", "ipv6.hlim", "64");
  EXPECT_EQ(built(packet)[14 + 7], 64);
  EXPECT_EQ(built(with("shrep", "icmpv6.checksum", "0xbeef"))[14 + 40 + 24 + 2], 0xbe);
  auto tunnel = test::packet("layers: [{ipv6: {}}, {ah: {ah.icv: 00000000}}, {ipv6: {}}]");
  set_field({}, tunnel, "ipv6.hlim#2", "9");
  EXPECT_FALSE(tunnel.layers[0].number(HeaderField::ipv6_hlim));
  EXPECT_EQ(tunnel.layers[2].number(HeaderField::ipv6_hlim), 9U);
  set_field({}, tunnel, "ipv6.hlim#*", "8");
  EXPECT_EQ(tunnel.layers[0].number(HeaderField::ipv6_hlim), 8U);
  EXPECT_EQ(tunnel.layers[2].number(HeaderField::ipv6_hlim), 8U);
}

TEST(Set, AcceptsNamesOfNumbers) {
  EXPECT_EQ(values(with("shrep", "secct.spt", "ESP-TUNNEL-DES-CBC-V6"), F::spt)[0], 6U);
  EXPECT_EQ(values(with("shrep", "secct.status", "ok"), F::status)[0], 200U);
  EXPECT_EQ(values(with("hi", "secct.flags.s", "true"), F::flag_s)[0], 1U);
}

TEST(Set, UnknownTypeKeepsTheFields) {
  const auto plain = built(message("shreq"));
  const auto packet_octets = built(with("shreq", "secct.opt.type", "250"));
  ASSERT_EQ(packet_octets.size(), plain.size());
  EXPECT_EQ(packet_octets[14 + 40 + 24 + 8], 250);
  EXPECT_EQ(to_hex(View(packet_octets).subspan(14 + 40 + 24 + 9)),
            to_hex(View(plain).subspan(14 + 40 + 24 + 9)));
  const auto spt = built(with("shrep", "secct.spt", "0x7001"));
  EXPECT_EQ(spt.size(), built(message("shrep")).size());
  EXPECT_EQ(to_hex(View(spt).subspan(14 + 40 + 24 + 8 + 36 + 2, 2)), "7001");
  const auto algorithm = built(with("shrep", "secct.spt.algorithm", "9"));
  EXPECT_EQ(algorithm.size(), built(message("shrep")).size());
}

TEST(Set, SetsReservedOfAllWidths) {
  auto packet = message("hi");
  set_field({}, packet, "secct.reserved#2", "0x11223344");  // of the IP Address option
  EXPECT_EQ(to_hex(View(built(packet)).subspan(14 + 40 + 24 + 8 + 4, 4)), "11223344");
  EXPECT_EQ(built(with("shreq", "secct.reserved", "0xff"))[14 + 40 + 24 + 7], 0xff);
}

TEST(Set, ReplacesAllValuesOfAList) {
  auto packet = message("shreq");
  set_field({}, packet, "secct.req.spt", "3");
  set_field({}, packet, "secct.req.spi", "[0x100, 0x200, 0x300]");
  set_field({}, packet, "secct.req.protocol", "[esp, ah, esp]");
  EXPECT_EQ(values(packet, F::req_spi), (std::vector<std::uint64_t>{0x100, 0x200, 0x300}));
  EXPECT_EQ(values(packet, F::req_protocol), (std::vector<std::uint64_t>{1, 0, 1}));
  repeat_entry(packet, "sub_options#2");
  set_field({}, packet, "secct.req.spi#2", "[7, 8]");
  EXPECT_EQ(values(packet, F::req_spi), (std::vector<std::uint64_t>{0x100, 0x200, 0x300, 7, 8}));
}

TEST(Set, TextMayHaveBrackets) {
  const auto packet = with("shak", "secct.reason", "[no, thanks]");
  const auto packet_octets = built(packet, [] {
    Counters counters;
    return Handover(description(), Role::nr, 1, 7, counters).keyring();
  }());
  EXPECT_THAT(std::string(packet_octets.begin(), packet_octets.end()),
              testing::HasSubstr("[no, thanks]"));
}

TEST(Set, ReportsWrongPathsAndValues) {
  EXPECT_EQ(set_error("shrep", "secct.sa.spy", "1"),
            "secct.sa.spy: no such field in this packet; did you mean secct.sa.spi?");
  EXPECT_EQ(set_error("shrep", "ipv6.hlimit", "1"),
            "ipv6.hlimit: no such field in this packet; did you mean ipv6.hlim?");
  EXPECT_EQ(set_error("shrep", "contexts", "1"),
            "contexts: a list cannot be set; set a field of its entries");
  EXPECT_EQ(set_error("shrep", "secct.sa.spi", "x"), "secct.sa.spi: expected a number, found 'x'");
  EXPECT_EQ(set_error("shrep", "secct.sa.spi", "0x100000000"),
            "secct.sa.spi: expected at most 4294967295 (0xffffffff), found '0x100000000'");
  EXPECT_EQ(set_error("shrep", "secct.sa.source", "10.0.0.1"),
            "secct.sa.source: expected an IPv6 address, found '10.0.0.1'");
  EXPECT_EQ(set_error("shrep", "ipv6.hlim", "256"),
            "ipv6.hlim: expected a number from 0 to 255, found '256'");
  EXPECT_EQ(set_error("shrep", "secct.sa.spi#5", "1"),
            "secct.sa.spi#5: the packet has only 4 such fields");
  EXPECT_EQ(set_error("shrep", "ipv6.hlim#2", "1"),
            "ipv6.hlim#2: the packet has only 1 such field");
  for (const auto* path :
       {"secct.sa.spi#0", "secct.sa.spi#", "secct.sa.spi#x", "secct.sa.spi#-1"}) {
    EXPECT_EQ(set_error("shrep", path, "1"),
              std::string(path) + ": expected a number from 1, or *, after '#'");
  }
  EXPECT_EQ(set_error("shrep", "secct.req.ports", "1"),
            "secct.req.ports: this packet cannot contain the field");
  EXPECT_EQ(set_error("shrep", "secct.message", "5"),
            "secct.message: the message cannot be changed; choose another message");
  EXPECT_THROW(with("shin", "secct.sa.spi", "1"), NoSuchField);
  EXPECT_THROW(with("shin", "ah.spi", "1"), NoSuchField);
}

TEST(Set, SplitsAssignmentsAndLists) {
  EXPECT_EQ(split_assignment("a=b=c"), (std::pair<std::string, std::string>("a", "b=c")));
  EXPECT_EQ(split_assignment("a="), (std::pair<std::string, std::string>("a", "")));
  EXPECT_EQ(error_of([] { split_assignment("secct.status"); }),
            "'secct.status': expected PATH=VALUE");
  EXPECT_EQ(error_of([] { split_assignment("=5"); }), "'=5': expected PATH=VALUE");
  EXPECT_EQ(split_list("[a, b ,c]"), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(split_list("a, b"), std::vector<std::string>{"a, b"});
  EXPECT_EQ(split_list("["), std::vector<std::string>{"["});
}

TEST(Remove, RemovesFieldsAndEntries) {
  auto packet = message("shrep");
  remove_field(packet, "contexts#1");
  EXPECT_EQ(values(packet, F::sa_spi).size(), 3U);
  remove_field(packet, "contexts#*");
  EXPECT_EQ(values(packet, F::sa_spi).size(), 0U);
  packet = message("shrep");
  remove_field(packet, "secct.sa.spi#2");
  EXPECT_EQ(values(packet, F::sa_spi).size(), 3U);
  packet = message("shreq");
  remove_field(packet, "sub_options#*");
  EXPECT_EQ(packet.message()->children.back().find(F::sub_options), nullptr);
  packet = message("shrep");
  remove_field(packet, "ipv6.src");
  EXPECT_EQ(packet.find(LayerKind::ipv6)->octets(HeaderField::ipv6_src), nullptr);
  EXPECT_NE(packet.find(LayerKind::ipv6)->octets(HeaderField::ipv6_dst), nullptr);
}

TEST(Remove, RemovesEntriesWithTheirEntries) {
  auto packet = message("hi");
  remove_field(packet, "options#*");
  EXPECT_TRUE(values(packet, F::sa_spi).empty());
  EXPECT_EQ(packet.message()->children.size(), 2U);  // message, Identifier
}

TEST(Remove, ReportsMissingFields) {
  auto packet = message("shrep");
  const auto error = [&](const char* path) {
    return error_of([&] { remove_field(packet, path); });
  };
  EXPECT_EQ(error("secct.sa.length"),
            "secct.sa.length: the packet document does not contain the field");
  EXPECT_EQ(error("contexts#9"), "contexts#9: the packet document does not contain the field");
  EXPECT_EQ(error("ah.icv"), "ah.icv: the packet document does not contain the field");
  EXPECT_EQ(error("sub_option"),
            "sub_option: no such field in this packet; did you mean sub_options?");
}

TEST(Entries, AreRepeatedAppendedAndInserted) {
  auto packet = message("shrep");
  repeat_entry(packet, "contexts#2");
  const auto spis = values(packet, F::sa_spi);
  ASSERT_EQ(spis.size(), 5U);
  EXPECT_EQ(spis[1], spis[2]);
  append_octets(packet, "sub_options#1", octets("0102"));
  insert_entry({}, packet, "sub_options#1", "{secct.subopt.type: pad1}");
  const auto& option = packet.message()->children.back();
  const auto* first = option.find(F::sub_options);
  EXPECT_EQ(first->find(F::subopt_type)->number(), 0U);
  EXPECT_EQ(error_of([&] { repeat_entry(packet, "secct.sa.spi"); }),
            "secct.sa.spi: expected a list: options, sub_options, contexts, additional or "
            "static_profile");
  EXPECT_EQ(error_of([&] { repeat_entry(packet, "options#2"); }),
            "options#2: the packet has only 1 such entry");
  EXPECT_EQ(error_of([&] { insert_entry({}, packet, "options", "5"); }),
            "options: expected a mapping {name: value}");
}

TEST(Entries, AreSwappedAndExtended) {
  auto packet = message("shrep");
  const auto before = values(packet, F::sa_spi);
  swap_entries(packet, "contexts#1", "contexts#2");
  EXPECT_EQ(values(packet, F::sa_spi),
            (std::vector<std::uint64_t>{before[1], before[0], before[2], before[3]}));
  swap_entries(packet, "contexts#1", "contexts#2");
  EXPECT_EQ(built(packet), built(message("shrep")));
  EXPECT_THROW(swap_entries(packet, "contexts#1", "contexts#9"), UsageError);
  EXPECT_THROW(swap_entries(packet, "contexts#1", "options#1"), UsageError);
  auto request = message("shreq");
  add_fields({}, request, "secct.message", "{options: [{secct.opt.type: 200}]}");
  EXPECT_EQ(request.message()->children.back().find(F::opt_type)->number(), 200U);
  EXPECT_EQ(built(request).size(), built(message("shreq")).size() + 8);
  EXPECT_EQ(error_of([&] { add_fields({}, request, "options#9", "{}"); }),
            "options#9: the packet has only 2 such entries");
}

// +N is added to the value in the document or to the computed value, modulo the size of the field.
TEST(Set, AddsToWrittenAndComputedValues) {
  const auto before = values(message("shrep"), F::sa_spi);
  EXPECT_EQ(values(with("shrep", "secct.sa.spi", "+1"), F::sa_spi)[0], before[0] + 1);
  EXPECT_EQ(values(with("shrep", "secct.sa.spi", "-1"), F::sa_spi)[0], before[0] - 1);
  const auto plain = built(message("shreq"));
  constexpr std::size_t length_at = 14 + 4;  // Payload Length of the IPv6 header
  const auto length = big_endian(View(plain).subspan(length_at, 2));
  for (const auto& [shift, expected] :
       {std::pair("+1", length + 1), std::pair("-1", length - 1), std::pair("+65536", length)}) {
    const auto shifted = built(with("shreq", "ipv6.plen", shift));
    EXPECT_EQ(big_endian(View(shifted).subspan(length_at, 2)), expected) << shift;
    EXPECT_EQ(shifted.size(), plain.size());
  }
  const auto icv = built(with("shreq", "ah.icv", "+1"));
  constexpr std::size_t icv_at = 14 + 40 + 12;
  EXPECT_EQ(big_endian(View(icv).subspan(icv_at + 4, 8)),
            big_endian(View(plain).subspan(icv_at + 4, 8)) + 1);
  auto twice = with("shreq", "icmpv6.checksum", "+3");
  set_field({}, twice, "icmpv6.checksum", "-3");
  EXPECT_EQ(built(twice), plain);
}

TEST(Layers, AreDropped) {
  auto packet = message("shrep");
  drop_layer(packet, "ah");
  EXPECT_EQ(packet.find(LayerKind::ah), nullptr);
  EXPECT_THROW(drop_layer(packet, "ah"), NoSuchField);
  EXPECT_THROW(drop_layer(packet, "nothing"), NoSuchField);
}

TEST(Layers, AreInserted) {
  auto packet = message("shrep");
  insert_layer({}, packet, "icmpv6", "ipv6.dstopts: {options: [{type: 5, data: 0x0102}]}");
  EXPECT_EQ(packet.layers.at(packet.layers.size() - 2).kind, LayerKind::dstopts);
  EXPECT_EQ(built(packet).size(), built(message("shrep")).size() + 8);
  EXPECT_EQ(error_of([&] { insert_layer({}, packet, "esp", "udp: {}"); }),
            "esp: the packet has no such layer");
  EXPECT_EQ(error_of([&] { insert_layer({}, packet, "ah", "udp"); }),
            "ah: expected a mapping {name: value}");
}

// A packet can be built after setting any field that it can contain.
TEST(Set, SetsAllFieldsOfAllMessages) {
  Keyring keys;
  std::size_t count = 0;
  for (const auto& [name, document] : all_messages(description(), keys)) {
    for (const auto& field : fields()) {
      if (field.type == FieldType::group || field.id == F::message) continue;
      auto packet = document;
      const auto* value = field.type == FieldType::boolean ? "1"
                          : field.type == FieldType::ipv6  ? "2001:db8:99::1"
                          : field.type == FieldType::ipv4  ? "198.51.100.9"
                          : field.type == FieldType::bytes ? "0x0102030405060708"
                          : field.type == FieldType::text  ? "text"
                          : field.type == FieldType::frame ? "1"
                                                           : "9";
      try {
        set_field({}, packet, field.name, value);
      } catch (const UsageError&) {
        continue;
      }
      ++count;
      for (const auto& fault : build({}, keys, packet).faults) {
        // There may be no token key for another Paddr; another SPT has other fields.
        EXPECT_TRUE(fault.text.starts_with("no token key for Paddr") ||
                    fault.text.starts_with("the packet has no Paddr") ||
                    std::string_view(field.name).starts_with("secct.spt."))
            << name << " " << field.name << ": " << fault.text;
      }
    }
  }
  EXPECT_GT(count, 100U);
}

}  // namespace
}  // namespace secct::generator::test
