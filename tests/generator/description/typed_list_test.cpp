// SPDX-License-Identifier: GPL-2.0-or-later
// Additional security data and static profiles in every form that docs/cli.md allows.
#include "generator/description/typed_list.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/generator/support.hpp"

namespace secct::generator::test {
namespace {

// The entries of a list with one entry, as "NUMBER OCTETS ..." in the order of the fields.
std::string read(Field group, const std::string& entries) {
  YamlMap map(parse_yaml("{list: [" + entries + "]}", "d"), {"d", ""});
  std::string text;
  for (const auto& node : read_typed_list(map, "list", group)) {
    if (!text.empty()) text += "; ";
    for (const auto& field : node.children) {
      if (&field != &node.children.front()) text += ' ';
      text += field.number() ? std::to_string(*field.number()) : to_hex(*field.octets());
    }
  }
  return text;
}
std::string data(const std::string& entries) { return read(Field::additional, entries); }
std::string profile(const std::string& entries) { return read(Field::static_profile, entries); }
std::string error(Field group, const std::string& entries) {
  return error_of([&] { read(group, entries); });
}

TEST(TypedList, ReadsTypesByNumberAndNameUnderEitherKey) {
  for (const auto* type : {"type: 3", "type: 0x03", "type: pmtu", "name: pmtu", "name: 3"}) {
    EXPECT_EQ(data("{" + std::string(type) + ", value: 1400}"), "3 1400") << type;
  }
  EXPECT_EQ(profile("{name: modes, value: 1}"), "4 1");
}

TEST(TypedList, ReadsNumbersNamesAndOctets) {
  EXPECT_EQ(data("{type: auth_algorithm, value: 2}"), "1 2");
  for (const auto* name : {"hmac-sha1", "HMACSHA1", "hmacsha1", "0x02", "0x2", "[2]"}) {
    EXPECT_EQ(data("{type: auth_algorithm, value: " + std::string(name) + "}"), "1 2") << name;
  }
  EXPECT_EQ(data("{type: auth_algorithm, value: [2, \"0xaabb\"]}"), "1 2 aabb");
  EXPECT_EQ(data("{type: auth_algorithm, value: \"0x02aabb\"}"), "1 2 aabb");
  EXPECT_EQ(data("{type: iv_mode, value: implicit}"), "4 1");
  EXPECT_EQ(data("{type: pmtu, value: \"0x000005dc\"}, {type: dscp, value: \"0x2e\"}"),
            "3 1500; 128 46");
  EXPECT_EQ(data("{type: source_port_range, value: [1, 100]}"), "131 1 100");
  EXPECT_EQ(data("{type: 131, value: \"0x00010064\"}"), "131 1 100");
  EXPECT_EQ(data("{type: name, value: ab}"), "129 6162");
  EXPECT_EQ(data("{type: name, value: \"0x6162\"}"), "129 6162");
  EXPECT_EQ(data("{type: name, value: [\"0x61\"]}"), "129 30783631");  // a text in a list
}

TEST(TypedList, ReadsUnknownTypesAsOctetsOrNumbers) {
  EXPECT_EQ(data("{type: 77, value: \"0x0102\"}"), "77 0102");
  EXPECT_EQ(data("{type: 77, value: [1, 2]}"), "77 0102");
  EXPECT_EQ(data("{type: 77, value: 5}"), "77 05");
  EXPECT_EQ(data("{type: 77, value: []}"), "77 ");
}

TEST(TypedList, ReadsPreferencesByNumberNameAndOctets) {
  EXPECT_EQ(profile("{type: ciphers, value: [aes-cbc, 3DES-CBC, 1]}"), "1 3 2 1");
  EXPECT_EQ(profile("{type: 1, value: \"0x0302\"}"), "1 3 2");
  EXPECT_EQ(profile("{type: auth_algorithms, value: [hmac-sha1, hmac-md5]}"), "2 2 1");
  EXPECT_EQ(profile("{type: key_lengths, value: [32, 0x10]}"), "3 32 16");
  EXPECT_EQ(profile("{type: modes, value: [tunnel, transport]}"), "4 1 0");
  EXPECT_EQ(profile("{type: ciphers, value: []}, {type: 9, value: 7}"), "1; 9 7");
}

TEST(TypedList, RejectsMistakes) {
  const auto bad_data = [](const std::string& entries) {
    return error(Field::additional, entries);
  };
  const auto bad_profile = [](const std::string& entries) {
    return error(Field::static_profile, entries);
  };
  EXPECT_EQ(bad_data("{value: 1}"), "d:1: list[0]: 'type' is missing");
  EXPECT_EQ(bad_data("{type: 3, name: 3, value: 1}"),
            "d:1: list[0].name: 'type' and 'name' have the same meaning; expected one of them");
  EXPECT_EQ(bad_data("{type: 0, value: 1}"),
            "d:1: list[0].type: expected a type from 1 to 255; secct writes the end of the list "
            "itself");
  EXPECT_EQ(bad_data("{type: auth_algorithm, value: sha1}"),
            "d:1: list[0].value: expected a number or one of HMACMD5, HMACSHA1, found 'sha1'");
  EXPECT_EQ(bad_data("{type: auth_algorithm, value: none}"),
            "d:1: list[0].value: expected a number or one of HMACMD5, HMACSHA1, found 'none'");
  EXPECT_EQ(bad_data("{type: source_port_range, value: 5}"),
            "d:1: list[0].value: wrong number of values: expected 2, found 1");
  EXPECT_EQ(bad_data("{type: source_port_range, value: \"0x0001\"}"),
            "d:1: list[0].value: expected 4 octets, found '2 octets'");
  EXPECT_EQ(bad_data("{type: source_port_range, value: \"0x0001006400\"}"),
            "d:1: list[0].value: expected 4 octets, found '5 octets'");
  EXPECT_EQ(bad_data("{type: dscp, value: 256}"),
            "d:1: list[0].value: expected at most 255 (0xff), found '256'");
  EXPECT_EQ(bad_data("{type: 77, value: 256}"),
            "d:1: list[0].value: expected 0x and octets, or numbers from 0 to 255, found '256'");
  EXPECT_EQ(bad_data("{type: 77, value: \"0x" + std::string(512, 'a') + "\"}"),
            "d:1: list[0].value: expected at most 255 octets, found '256 octets'");
  EXPECT_EQ(bad_data("{type: dscp, value: 1}, {type: pmtu, value: 1}"),
            "d:1: list[1]: transform (type 3) after a selector (type 128); expected the "
            "transforms, types 1 to 127, before the selectors");
  EXPECT_EQ(bad_data("{type: dscp, value: 1}, {type: 128, value: 2}"),
            "d:1: list[1]: type 128 occurs twice");
  EXPECT_EQ(bad_profile("{type: ciphers, value: rot13}"),
            "d:1: list[0].value: expected a number or one of DES-CBC, 3DES-CBC, AES-CBC, NULL, "
            "found 'rot13'");
  EXPECT_EQ(bad_profile("{type: ciphers, value: 3, first: 1}"),
            "d:1: list[0]: unknown key 'first'");
}

}  // namespace
}  // namespace secct::generator::test
