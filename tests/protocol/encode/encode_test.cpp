// SPDX-License-Identifier: GPL-2.0-or-later
// The defaults of the encoder and its faults. vectors_test.cpp and round_trip_test.cpp test whole
// messages.
#include "protocol/encode/encode.hpp"

#include <gtest/gtest.h>

#include "protocol/decode/decode.hpp"

namespace secct::test {
namespace {

using F = Field;

const CodePoints codepoints;

Node number(Field field, std::uint64_t value) { return {field, value}; }

Node bytes(Field field, std::string_view hex) {
  Octets octets;
  EXPECT_TRUE(parse_hex(hex, octets));
  return {field, octets};
}

Node sub_option(std::uint64_t type, std::vector<Node> fields = {}) {
  fields.insert(fields.begin(), number(F::subopt_type, type));
  return {F::sub_options, std::move(fields)};
}

std::string written(const Node& group, const Spt& spt = {}) {
  const auto encoded = encode_group(codepoints, Message::shrep, group, spt);
  for (const auto& fault : encoded.faults) ADD_FAILURE() << fault.text;
  return to_hex(encoded.octets);
}

std::string fault_of(const Node& group, const Spt& spt = {}) {
  const auto encoded = encode_group(codepoints, Message::shrep, group, spt);
  return encoded.faults.empty() ? "" : encoded.faults[0].text;
}

std::string profile(std::string_view spt, std::vector<Node> fields = {}) {
  fields.insert(fields.begin(), number(F::spt, *parse_spt(spt)));
  return written(Node(F::contexts, std::move(fields)));
}

const std::string zero4(8, '0');
const std::string zero16(32, '0');

// Only the SPT is given: the rest is zero, with matching lengths.
TEST(EncodeDefaults, FillsAProfileFromItsSpt) {
  EXPECT_EQ(profile("AH-TRANSPORT-HMACMD5-V4"),
            "0001"
            "2d000000" +
                zero4 + zero4 + zero4 + zero4 + zero4 + zero4 + "10" + zero16);
  EXPECT_EQ(profile("ESP-TUNNEL-AES-CBC-V6"),
            "000a"
            "57000000" +
                zero16 + zero16 + zero4 + zero4 + zero4 + zero4 + "10" + zero16 + "100a" + zero16);
  EXPECT_EQ(profile("IPCOMP-TUNNEL-LZS-V4-V4"),
            "d2c0"
            "1d000000" +
                zero4 + zero4 + zero4 + zero4 + zero4 + zero4 + "00");
}

TEST(EncodeDefaults, DeriveLengthAndRoundsFromTheKey) {
  const auto octets = profile("ESP-TUNNEL-AES-CBC-V6", {bytes(F::sa_key, std::string(64, 'a'))});
  EXPECT_EQ(octets.substr(4, 2), "67");  // 103 octets
  EXPECT_TRUE(octets.ends_with("20" + std::string(64, 'a') + "100e" + zero16));
  // Without a key, Key Length determines its size.
  EXPECT_TRUE(profile("AH-TUNNEL-HMACMD5-V6", {number(F::sa_key_length, 3)}).ends_with("03000000"));
  EXPECT_TRUE(
      profile("AH-TUNNEL-HMACMD5-V6", {number(F::sa_key_length, 0)}).ends_with("0000000000"));
  // If the document gives both, both are written unchanged.
  EXPECT_TRUE(profile("AH-TUNNEL-HMACMD5-V6", {number(F::sa_key_length, 3), bytes(F::sa_key, "ab")})
                  .ends_with("03ab"));
}

TEST(EncodeDefaults, DeriveWindowAndWindowSizeFromEachOther) {
  const auto window = [](std::vector<Node> fields) {
    const auto octets = profile("IPCOMP-TUNNEL-LZS-V4-V4", std::move(fields));
    return octets.substr(10, 2) + ' ' + octets.substr(52, octets.size() - 52 - 10);
  };
  EXPECT_EQ(window({}), "00 ");
  EXPECT_EQ(window({bytes(F::sa_window, "80c0")}), "10 80c0");
  EXPECT_EQ(window({number(F::sa_window_size, 12)}), "0c fff0");
  EXPECT_EQ(window({number(F::sa_window_size, 12), bytes(F::sa_window, "01")}), "0c 01");
}

TEST(EncodeDefaults, CombineTheSptFromItsParts) {
  const Node context(F::contexts, {number(F::spt_structured, 1), number(F::spt_protocol, 2),
                                   number(F::spt_mode, 1), number(F::spt_algorithm, 2),
                                   number(F::spt_source_v4, 1), number(F::spt_destination_v4, 1)});
  EXPECT_EQ(written(context).substr(0, 4), "d2c0");
  EXPECT_EQ(fault_of(Node(F::contexts, {number(F::spt_protocol, 4)})),
            "secct.spt.protocol is 4, more than its bits hold");
}

TEST(EncodeDefaults, EndAdditionalDataBeforeAStaticProfile) {
  const auto both = profile("ESP-TRANSPORT-NULL-V4-V4-SP-ASD");
  EXPECT_TRUE(both.ends_with("0000")) << both;  // Key Length, end of the list
  EXPECT_EQ(both.substr(4, 2), "1e");
  EXPECT_EQ(profile("ESP-TRANSPORT-NULL-V4-V4-SP").substr(4, 2), "1d");
  EXPECT_EQ(profile("ESP-TRANSPORT-NULL-V4-V4-ASD").substr(4, 2), "1d");
  const Node end(F::additional, {number(F::data_type, 0)});
  EXPECT_EQ(profile("ESP-TRANSPORT-NULL-V4-V4-SP-ASD", {end}), both);
}

TEST(EncodeDefaults, FillRequests) {
  EXPECT_EQ(written(sub_option(3)), "03040001");
  EXPECT_EQ(written(sub_option(3, {number(F::req_form, 3), number(F::req_spi, 0x1001),
                                   number(F::req_protocol, 1), number(F::req_spi, 0x1002)})),
            "03110003"
            "80000000"
            "00001001"
            "00001002"
            "00");
  EXPECT_EQ(written(sub_option(3, {number(F::req_spt, 0x14), number(F::req_spi, 7),
                                   number(F::req_port, 80), number(F::req_port, 443)})),
            "0319"
            "0014" +
                zero4 + zero4 + zero4 +
                "00000007"
                "02"
                "005001bb");
  // Ports is written unchanged, whatever the number of Port IDs.
  EXPECT_EQ(written(sub_option(
                3, {number(F::req_spt, 3), number(F::req_spi, 7), number(F::req_ports, 9)})),
            "030d0003" + zero4 +
                "00000007"
                "09");
  EXPECT_EQ(written(sub_option(3, {number(F::req_spt, 3), bytes(F::req_flags, "ffffffff"),
                                   number(F::req_protocol, 0), number(F::req_spi, 7)})),
            "030d0003"
            "ffffffff"
            "00000007"
            "00");
}

TEST(EncodeDefaults, DeriveChangedSptFromTheFields) {
  EXPECT_EQ(written(sub_option(4, {number(F::ack_spi, 0x1001), number(F::ack_lifetime, 5)})),
            "040c0020"
            "00001001"
            "00000005");
  EXPECT_EQ(written(sub_option(4, {number(F::ack_changed_spi, 1), number(F::ack_spi, 0x1001),
                                   bytes(F::ack_peer_v4, "c0000201"), bytes(F::ack_window, "ff"),
                                   number(F::ack_pmtu, 1280)})),
            "041200cb"
            "00001001"
            "c0000201"
            "08ff"
            "00000500");
  EXPECT_EQ(written(sub_option(4, {number(F::ack_changed, 0x20), number(F::ack_spi, 1)})),
            "040c0020"
            "00000001" +
                zero4);
}

TEST(EncodeDefaults, FillOptions) {
  const auto encoded = encode(codepoints, Message::shrep_ack,
                              Node(F::message, {Node(F::options, {number(F::all_received, 1)})}));
  EXPECT_TRUE(encoded.faults.empty());
  EXPECT_EQ(to_hex(encoded.octets),
            "ce00000000000000"
            "f5058000" +
                zero16 + zero16 + zero4);
  // The default of an IP Address option: old care-of address, prefix length 128.
  EXPECT_EQ(written(Node(F::options, {number(F::opt_type, 240)})), "f0010380" + zero4 + zero16);
  EXPECT_EQ(written(Node(F::options, {number(F::opt_type, 241), bytes(F::opt_lla, "020000000a")})),
            "f1020102"
            "0000000a");
  EXPECT_EQ(written(Node(F::options, {number(F::opt_type, 99), bytes(F::raw, "0102030405060708")})),
            "6302"
            "0102030405060708"
            "000000000000");
}

TEST(EncodeGiven, WritesLengthsUnchanged) {
  EXPECT_EQ(written(sub_option(3, {number(F::subopt_length, 0)})), "03000001");
  EXPECT_EQ(written(sub_option(5, {number(F::subopt_length, 255), bytes(F::raw, "aabb")})),
            "05ff00c8aabb");
  EXPECT_EQ(written(Node(F::options, {number(F::opt_type, 99), number(F::opt_length, 0)})),
            "6300000000000000");
}

TEST(EncodeGiven, WritesRawOctetsAsAWholeGroup) {
  EXPECT_EQ(written(Node(F::sub_options, {bytes(F::raw, "00"), bytes(F::raw, "0102")})), "000102");
  EXPECT_EQ(written(Node(F::options, {bytes(F::raw, "f3")})), "f3");
  for (const auto& tree : {Node(F::message, {bytes(F::raw, "cd00")}),
                           Node(F::message, {number(F::message, 4), bytes(F::raw, "cd00")})}) {
    EXPECT_EQ(to_hex(encode(codepoints, Message::shrep, tree).octets), "cd00");
  }
  // After fields they are at the end.
  const Node tree(F::message, {number(F::identifier, 7), bytes(F::raw, "aabb")});
  EXPECT_EQ(to_hex(encode(codepoints, Message::shrep, tree).octets), "cd00000000070000aabb");
}

// Mutations give a type number that is unknown and name the type whose fields are used.
TEST(EncodeLayout, UsesTheFieldsOfAnotherType) {
  auto context = Node(F::contexts, {number(F::spt, 11), number(F::sa_spi, 7)});
  context.layout = 1;
  EXPECT_EQ(written(context),
            "000b"
            "2d000000" +
                zero4 + zero4 + "00000007" + zero4 + zero4 + zero4 + "10" + zero16);
  auto stat = sub_option(77, {number(F::status, 105)});
  stat.layout = 5;
  EXPECT_EQ(written(stat), "4d040069");
  auto request = sub_option(3, {number(F::req_spt, 0x0f), number(F::req_spi, 7)});
  request.layout = 3;
  EXPECT_EQ(written(request), "030d000f" + zero4 +
                                  "00000007"
                                  "00");
  auto data = Node(F::additional, {number(F::data_type, 99), number(F::data_pmtu, 1400)});
  data.layout = 3;
  EXPECT_EQ(written(data),
            "6304"
            "00000578");
  auto option = Node(F::options, {number(F::opt_type, 99), number(F::opt_subtype, 2)});
  option.layout = 240;
  EXPECT_EQ(written(option), "63020380" + zero4 + zero16);
}

TEST(EncodeFaults, NameTheField) {
  EXPECT_EQ(fault_of(sub_option(3, {number(F::status, 1)})), "secct.status has no place here");
  EXPECT_EQ(fault_of(sub_option(3, {number(F::req_ports, 0)})),
            "secct.req.ports has no place here");
  EXPECT_EQ(fault_of(sub_option(5, {number(F::status, 256)})),
            "secct.status is 256, more than its 1 octets hold");
  EXPECT_EQ(fault_of(sub_option(5, {number(F::status, 100), number(F::status, 101)})),
            "secct.status has no place here");
  EXPECT_EQ(fault_of(sub_option(5, {Node(F::reason, Octets(300, 'x'))})),
            "secct.subopt.length would be 304, more than its octet holds");
  EXPECT_EQ(fault_of(Node(F::sub_options, {number(F::status, 100)})),
            "secct.subopt.type is missing");
  EXPECT_EQ(fault_of(Node(F::options,
                          {number(F::opt_type, 243), Node(F::contexts, std::vector<Node>{})})),
            "contexts has no place here");
  const auto encoded =
      encode(codepoints, Message::shin, Node(F::message, {number(F::identifier, 1)}));
  ASSERT_EQ(encoded.faults.size(), 1U);
  EXPECT_EQ(encoded.faults[0].field, F::identifier);
}

// The longest values that fit, and one octet more.
TEST(EncodeFaults, ReportLengthsThatDoNotFit) {
  EXPECT_EQ(fault_of(sub_option(5, {Node(F::reason, Octets(251, 'x'))})), "");
  EXPECT_NE(fault_of(sub_option(5, {Node(F::reason, Octets(252, 'x'))})), "");
  const auto option = [](std::size_t octets) {
    return Node(F::options, {number(F::opt_type, 99), Node(F::raw, Octets(octets, 1))});
  };
  EXPECT_EQ(fault_of(option(2038)), "");
  EXPECT_NE(fault_of(option(2039)), "");
  const auto data = [](std::size_t octets) {
    return Node(F::additional,
                {number(F::data_type, 129), Node(F::data_name, Octets(octets, 'x'))});
  };
  EXPECT_EQ(fault_of(data(255)), "");
  EXPECT_NE(fault_of(data(256)), "");
}

}  // namespace
}  // namespace secct::test
