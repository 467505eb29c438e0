// SPDX-License-Identifier: GPL-2.0-or-later
// Strict reading of YAML: accepted values, and the messages for wrong ones.
#include "files/yaml_reader.hpp"

#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/generator/support.hpp"

namespace secct::generator::test {
namespace {

YamlMap map_of(const std::string& text) { return {parse_yaml(text, "a.yaml"), {"a.yaml", ""}}; }

TEST(Scalars, NumbersAreDecimalOrHexadecimal) {
  EXPECT_EQ(to_number("0"), 0U);
  EXPECT_EQ(to_number("010"), 10U);
  EXPECT_EQ(to_number("0x1F"), 31U);
  EXPECT_EQ(to_number("18446744073709551615"), UINT64_MAX);
  for (const auto* wrong :
       {"", "0x", "-1", "+1", "1 ", " 1", "1.0", "0x1g", "ff", "1e3", "18446744073709551616"}) {
    EXPECT_FALSE(to_number(wrong)) << wrong;
  }
}

TEST(Scalars, NanosecondsAreExact) {
  EXPECT_EQ(to_nanoseconds("0"), 0U);
  EXPECT_EQ(to_nanoseconds("1"), 1000000000U);
  EXPECT_EQ(to_nanoseconds("0.5"), 500000000U);
  EXPECT_EQ(to_nanoseconds("0.000000001"), 1U);
  EXPECT_EQ(to_nanoseconds("1767225600.123456789"), 1767225600123456789U);
  EXPECT_EQ(to_nanoseconds("18446744072.999999999"), 18446744072999999999U);
  for (const auto* wrong : {"", ".", "1.", ".5", "-1", "1e9", "1.0000000001", "18446744073", "0x1",
                            "1.5.5", "1,5", "inf", "99999999999999999999999"}) {
    EXPECT_FALSE(to_nanoseconds(wrong)) << wrong;
  }
}

TEST(Scalars, RealNumbers) {
  EXPECT_EQ(to_real("1.5"), 1.5);
  EXPECT_EQ(to_real("-2"), -2.0);
  for (const auto* wrong : {"", "1.5s", " 1", "x"}) EXPECT_FALSE(to_real(wrong)) << wrong;
}

TEST(Scalars, Booleans) {
  for (const auto* yes : {"true", "yes", "on", "1"}) EXPECT_EQ(to_bool(yes), true);
  for (const auto* no : {"false", "no", "off", "0"}) EXPECT_EQ(to_bool(no), false);
  EXPECT_FALSE(to_bool("maybe"));
}

TEST(Scalars, AddressesAreIpv6OrIpv4) {
  EXPECT_EQ(to_ip("192.0.2.1"), address("::ffff:192.0.2.1"));
  EXPECT_FALSE(to_ip("192.0.2"));
  EXPECT_FALSE(to_ip("2001:db8::1::1"));
  EXPECT_FALSE(to_ip(""));
}

TEST(Yaml, ParserErrorsHaveALine) {
  EXPECT_THAT(error_of([] { parse_yaml("a: 1\nb: [1,\nc: }", "a.yaml"); }),
              testing::MatchesRegex("a\\.yaml:[0-9]+: invalid YAML: .+"));
  EXPECT_THAT(error_of([] { parse_yaml("a: \"unfinished", "a.yaml"); }),
              testing::StartsWith("a.yaml:1: invalid YAML: "));
}

TEST(Yaml, RejectsSecondDocument) {
  EXPECT_EQ(error_of([] { parse_yaml("a: 1\n---\nb: 2\n", "a.yaml"); }),
            "a.yaml:2: expected one YAML document, found a second one");
  EXPECT_TRUE(parse_yaml("", "a.yaml").IsNull());
  EXPECT_TRUE(parse_yaml("---\na: 1\n", "a.yaml").IsMap());
}

// In such texts, yaml-cpp finds documents without end.
TEST(Yaml, RejectsTextThatBeginsNoDocument) {
  for (const char* text : {",", "a: 1\n---\n,", "]", "}", ", ,", "- a\n,"}) {
    EXPECT_NE(error_of([&] { parse_yaml(text, "a.yaml"); }), "nothing thrown") << text;
  }
}

TEST(Yaml, RejectsDuplicateKey) {
  EXPECT_EQ(error_of([] { parse_yaml("a:\n  b: 1\n  c: 2\n  b: 3\n", "a.yaml"); }),
            "a.yaml:4: duplicate key 'b'");
}

TEST(Yaml, BoundsDepthAndAliases) {
  EXPECT_THAT(error_of([] { parse_yaml(std::string(100000, '['), "a.yaml"); }),
              testing::HasSubstr("nested deeper than 64 levels"));
  std::string dashes;
  for (int i = 0; i < 300; ++i) dashes += "- ";
  EXPECT_THAT(error_of([&] { parse_yaml(dashes + "x", "a.yaml"); }),
              testing::HasSubstr("nested deeper than 64 levels"));
  // Brackets in comments and strings do not count.
  EXPECT_TRUE(
      parse_yaml("# " + std::string(100, '[') + "\na: '" + std::string(100, '{') + "'", "a.yaml")
          .IsMap());
  std::string laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    laughs += fmt::format("a{0}: &a{0} [", i);
    for (int k = 0; k < 10; ++k) laughs += fmt::format("{}*a{}", k == 0 ? "" : ", ", i - 1);
    laughs += "]\n";
  }
  EXPECT_THAT(error_of([&] { parse_yaml(laughs, "a.yaml"); }),
              testing::HasSubstr("expand to too many values"));
  // A list that contains itself.
  EXPECT_NE(error_of([] { parse_yaml("a: &a [*a]", "a.yaml"); }), "nothing thrown");
  const auto shared = parse_yaml("a: &a {b: 1}\nc: [*a, *a]\n", "a.yaml");
  EXPECT_EQ(shared["c"][1]["b"].Scalar(), "1");
}

TEST(Yaml, ReportsUnreadableFiles) {
  EXPECT_EQ(error_of([] { read_text("/nonexistent/file"); }),
            "/nonexistent/file: No such file or directory");
  EXPECT_EQ(error_of([] { read_text("/"); }), "/: Is a directory");
  EXPECT_THAT(error_of([] { read_text("/dev/zero", 1 << 20); }),
              testing::HasSubstr("larger than 1 MiB"));
}

TEST(YamlMap, ConvertsValues) {
  auto map = map_of(
      "n: 0x10\nr: 1.5\nf: yes\nh: 'aa:bb cc'\na: 2001:db8::1\nv4: 10.0.0.1\nt: hello\n"
      "l: [1, two]\none: single\nempty:\n");
  EXPECT_EQ(map.number("n", 0, 100), 16U);
  EXPECT_EQ(map.number("absent", 7, 100), 7U);
  EXPECT_EQ(map.real("r", 0), 1.5);
  EXPECT_TRUE(map.flag("f", false));
  EXPECT_EQ(map.hex("h"), octets("aabbcc"));
  EXPECT_EQ(map.address("a"), address("2001:db8::1"));
  EXPECT_EQ(map.address("v4"), address("10.0.0.1"));
  EXPECT_EQ(map.text("t", ""), "hello");
  EXPECT_EQ(map.texts("l"), (std::vector<std::string>{"1", "two"}));
  EXPECT_EQ(map.texts("one"), std::vector<std::string>{"single"});
  EXPECT_EQ(map.text("empty", "fallback"), "fallback");
  EXPECT_EQ(map.hex("absent"), std::nullopt);
  map.finish();
}

TEST(YamlMap, ErrorsNameThePositionAndTheExpectedValue) {
  const std::string text = "n: 300\nr: x\nf: maybe\nh: 0xabc\na: 1.2.3\nl: {a: 1}\nc: blu\n";
  auto map = map_of(text);
  constexpr std::string_view colours[] = {"red", "green", "blue"};
  EXPECT_EQ(error_of([&] { map.number("n", 0, 255); }),
            "a.yaml:1: n: expected a number from 0 to 255, found '300'");
  EXPECT_EQ(error_of([&] { map.real("r", 0); }), "a.yaml:2: r: expected a number, found 'x'");
  EXPECT_EQ(error_of([&] { map.flag("f", false); }),
            "a.yaml:3: f: expected true or false, found 'maybe'");
  EXPECT_EQ(error_of([&] { map.hex("h"); }),
            "a.yaml:4: h: expected hexadecimal octets, two digits each; found 5 characters");
  EXPECT_EQ(error_of([&] { map.address("a"); }),
            "a.yaml:5: a: expected an IP address, found '1.2.3'");
  EXPECT_EQ(error_of([&] { map.texts("l"); }), "a.yaml:6: l: expected a list");
  EXPECT_EQ(error_of([&] { map.text("l", ""); }), "a.yaml:6: l: expected a single value");
  EXPECT_EQ(error_of([&] { map.choice("c", colours); }),
            "a.yaml:7: c: expected one of red, green, blue, found 'blu'; did you mean blue?");
  EXPECT_EQ(error_of([&] { map.require("zzz"); }), "a.yaml:1: 'zzz' is missing");
  EXPECT_EQ(error_of([] { map_of("[1]"); }), "a.yaml:1: expected a mapping (key: value)");
}

TEST(YamlMap, PathsAreNested) {
  YamlMap map(parse_yaml("a: {b: x}", "a.yaml"), {"a.yaml", ""});
  EXPECT_TRUE(map.has("a"));
  EXPECT_FALSE(map.has("b"));
  YamlMap inner(map.get("a"), map.at("a"));
  EXPECT_EQ(error_of([&] { inner.number("b", 0, 9); }),
            "a.yaml:1: a.b: expected a number from 0 to 9, found 'x'");
}

// A node that was created in memory does not have a line number.
TEST(YamlMap, GeneratedNodesHaveTheLineOfTheirSource) {
  YAML::Node node;
  node["n"] = "x";
  YamlMap map(node, {"a.yaml", "case", 7});
  EXPECT_EQ(error_of([&] { map.number("n", 0, 9); }),
            "a.yaml:7: case.n: expected a number from 0 to 9, found 'x'");
}

TEST(YamlMap, RejectsUnknownKeys) {
  auto map = map_of("count: 1\nsaz: 2\n");
  map.number("count", 0, 9);
  static_cast<void>(map.get("sas"));
  EXPECT_EQ(error_of([&] { map.finish(); }), "a.yaml:2: unknown key 'saz'; did you mean sas?");
}

TEST(PlaceIn, NamesTheLineOfThePathOrOfItsLongestExistingPart) {
  const auto file = (std::filesystem::temp_directory_path() / "secct-place-in.yaml").string();
  std::ofstream(file)
      << "# a comment\nsas:\n  - {spi: 1}\n  -\n    spi: 2\n    key: x\nmtu: 1500\n";
  const auto line = [&](const std::string& path) {
    return place_in(file, path).substr(file.size() + 1);
  };
  EXPECT_EQ(line("sas[0].spi"), "3: sas[0].spi");
  EXPECT_EQ(line("sas[1].key"), "6: sas[1].key");
  EXPECT_EQ(line("sas[1]"), "5: sas[1]");
  EXPECT_EQ(line("mtu"), "7: mtu");
  EXPECT_EQ(line("sas[1].none"), "5: sas[1].none");
  EXPECT_EQ(line("none"), "1: none");
  EXPECT_EQ(place_in("", "sas[0]"), "sas[0]");
  EXPECT_EQ(place_in("-", "sas[0]"), "sas[0]");
  std::filesystem::remove(file);
}

TEST(DumpYaml, KeepsQuotesAndQuotesLongOctets) {
  const std::string text =
      "key: \"0x0001\"\nspi: 0x1001\nlong: 0x00010203040506070809\nlist: [\"1\", 2, ~, {}]\n";
  EXPECT_EQ(dump_yaml(parse_yaml(text, "x.yaml")),
            "key: \"0x0001\"\nspi: 0x1001\nlong: \"0x00010203040506070809\"\n"
            "list: [\"1\", 2, ~, {}]\n");
}

}  // namespace
}  // namespace secct::generator::test
