// SPDX-License-Identifier: GPL-2.0-or-later
// Code points: the defaults of docs/wire-format.md section 1, and other values.
#include <fstream>
#include <map>
#include <regex>
#include <string>

#include <gtest/gtest.h>

#include "protocol/decode/decode.hpp"
#include "protocol/encode/encode.hpp"
#include "tests/fuzz/decode_check.hpp"
#include "tests/protocol/vector_file.hpp"

namespace secct::test {
namespace {

// The rows of the table in docs/wire-format.md section 1: "| `icmpv6.hi` | 202 | ... |".
std::map<std::string, int> specified_defaults() {
  std::ifstream document(source_dir() / "docs/wire-format.md");
  const std::regex row(R"(\| `([a-z0-9]+\.[a-z_0-9]+)` \| (0x[0-9A-F]+|[0-9]+) \|.*)");
  std::map<std::string, int> defaults;
  for (std::string line; std::getline(document, line);) {
    std::smatch match;
    if (std::regex_match(line, match, row)) defaults[match[1]] = std::stoi(match[2], nullptr, 0);
  }
  return defaults;
}

TEST(CodePoints, HaveTheDefaultsOfTheSpecification) {
  const auto defaults = specified_defaults();
  EXPECT_GE(defaults.size(), 20U);
  EXPECT_EQ(codepoints().size(), defaults.size());
  const CodePoints set;
  for (const auto& [name, number] : defaults) {
    const auto id = find_codepoint(name);
    ASSERT_TRUE(id) << name;
    EXPECT_EQ(set[*id], number) << name;
    EXPECT_EQ(row(*id).name, name);
    EXPECT_TRUE(name.ends_with(std::string(".") + row(*id).key)) << name;
  }
  EXPECT_EQ(set.problem(), "");
  EXPECT_FALSE(find_codepoint("icmpv6.SHREQ"));
  EXPECT_FALSE(find_codepoint(""));
}

// A set in which these code points have numbers that are unused by default.
CodePoints moved(const std::vector<CodePoint>& which) {
  CodePoints set;
  for (const auto id : which) set.set(id, static_cast<std::uint8_t>(100 + static_cast<int>(id)));
  return set;
}

TEST(CodePoints, CanEachBeChangedAndUsed) {
  const CodePoints defaults;
  for (const auto& codepoint : codepoints()) {
    const auto set = moved({codepoint.id});
    ASSERT_EQ(set.problem(), "") << codepoint.name;
    EXPECT_EQ(set.find(codepoint.group, set[codepoint.id]), codepoint.id);
    EXPECT_EQ(set.find(codepoint.group, defaults[codepoint.id]), std::nullopt) << codepoint.name;
    unsigned used = 0;
    for (const auto& vector : all_vectors()) {
      DecodedMessage before;
      decode(defaults, vector.carrier, vector.octets, {}, before);
      const auto tree = to_node(defaults, before);
      // The same document with the other set, except for the numbers that it gives.
      auto encoded = encode(set, before.message, tree);
      DecodedMessage after;
      const bool known = decode(set, vector.carrier, vector.octets, {}, after);
      if (codepoint.group == CodePointGroup::icmpv6 || codepoint.group == CodePointGroup::dstopt ||
          codepoint.group == CodePointGroup::mip4ext) {
        const bool is_it = message_info(before.message).codepoint == codepoint.id;
        EXPECT_NE(known, is_it) << vector.title;
        if (!is_it || tree.find(Field::raw) != nullptr) continue;
        ++used;
        ASSERT_FALSE(encoded.octets.empty());
        EXPECT_EQ(encoded.octets[0], set[codepoint.id]) << vector.title;
        ASSERT_TRUE(decode(set, vector.carrier, encoded.octets, {}, after)) << vector.title;
        EXPECT_EQ(after.message, before.message);
      }
      EXPECT_EQ(structure_error(after), "") << vector.title;
    }
    EXPECT_TRUE(codepoint.group != CodePointGroup::icmpv6 || used > 0) << codepoint.name;
  }
}

// With all code points changed, octets with the changed numbers decode to the same fields.
TEST(CodePoints, CanAllBeChanged) {
  std::vector<CodePoint> every;
  for (const auto& codepoint : codepoints()) every.push_back(codepoint.id);
  const auto set = moved(every);
  ASSERT_EQ(set.problem(), "");
  const CodePoints defaults;
  for (const auto& vector : all_vectors()) {
    DecodedMessage before;
    decode(defaults, vector.carrier, vector.octets, {}, before);
    auto octets = vector.octets;
    for (const auto& item : before.fields) {
      const auto group = item.field == Field::message
                             ? row(message_info(before.message).codepoint).group
                         : item.field == Field::opt_type ? CodePointGroup::icmpopt
                                                         : CodePointGroup::subopt;
      if (item.field != Field::message && item.field != Field::opt_type &&
          item.field != Field::subopt_type) {
        continue;
      }
      auto& octet = octets[item.offset];
      if (const auto id = defaults.find(group, octet)) octet = set[*id];
    }
    DecodedMessage after;
    ASSERT_TRUE(decode(set, vector.carrier, octets, {}, after)) << vector.title;
    EXPECT_EQ(after.fields.size(), before.fields.size()) << vector.title;
    EXPECT_EQ(after.problems.size(), before.problems.size()) << vector.title;
    EXPECT_EQ(round_trip_error(set, after), "") << vector.title;
  }
}

TEST(CodePoints, ReportNumbersThatAreUsedTwice) {
  CodePoints set;
  set.set(CodePoint::icmpopt_shrep, 242);
  EXPECT_EQ(set.problem(), "icmpopt.shreq and icmpopt.shrep are both 242");
  EXPECT_EQ(set.find(CodePointGroup::icmpopt, 242), CodePoint::icmpopt_shreq);  // the first one
  set.set(CodePoint::icmpopt_shreq, 243);
  EXPECT_EQ(set.problem(), "");
  EXPECT_EQ(set.find(CodePointGroup::icmpopt, 242), CodePoint::icmpopt_shrep);
  EXPECT_EQ(set.find(CodePointGroup::icmpopt, 243), CodePoint::icmpopt_shreq);

  CodePoints pad;
  pad.set(CodePoint::subopt_rep, 0);
  EXPECT_EQ(pad.problem(), "subopt.rep is 0, which is Pad1");
  CodePoints options;
  options.set(CodePoint::dstopt_shak, 1);
  EXPECT_EQ(options.problem(), "dstopt.shak is 1, which is Pad1 or PadN");
}

TEST(CodePoints, MayBeEqualInDifferentGroups) {
  CodePoints set;
  set.set(CodePoint::subopt_stat, 250);
  set.set(CodePoint::icmpopt_lla, 202);
  EXPECT_EQ(set.problem(), "");
  EXPECT_EQ(set.find(CodePointGroup::mip4ext, 250), CodePoint::mip4ext_secct);
  EXPECT_EQ(set.find(CodePointGroup::icmpv6, 202), CodePoint::icmpv6_hi);
}

TEST(CodePoints, DecoderRejectsOtherTypes) {
  const CodePoints set;
  DecodedMessage decoded;
  decoded.fields.resize(3, DecodedField{});
  for (auto carrier : {Carrier::icmpv6, Carrier::dstopt, Carrier::mip4_request}) {
    const Octets echo{128, 0, 0, 0, 0, 0, 0, 0};
    EXPECT_FALSE(decode(set, carrier, echo, {}, decoded));
    EXPECT_TRUE(decoded.fields.empty());
    EXPECT_FALSE(decode(set, carrier, {}, {}, decoded));
  }
  // A SHIN is a destination option, not an ICMPv6 message.
  EXPECT_FALSE(find_message(set, Carrier::icmpv6, set[CodePoint::dstopt_shin]));
  EXPECT_EQ(find_message(set, Carrier::dstopt, set[CodePoint::dstopt_shin]), Message::shin);
  EXPECT_EQ(find_message(set, Carrier::mip4_reply, set[CodePoint::mip4ext_secct]),
            Message::mip4_reply);
}

}  // namespace
}  // namespace secct::test
