// SPDX-License-Identifier: GPL-2.0-or-later
// Code points: the defaults of docs/wire-format.md section 1, and any other set.
#include <utility>

#include <gtest/gtest.h>

#include "protocol/decode/decode.hpp"
#include "protocol/encode/encode.hpp"
#include "tests/fuzz/decode_check.hpp"
#include "tests/protocol/vector_file.hpp"

namespace secct::test {
namespace {

TEST(CodePoints, DefaultsAreThoseOfTheTable) {
  constexpr std::pair<const char*, int> defaults[] = {
      {"icmpv6.hi", 202},      {"icmpv6.hack", 203},       {"icmpv6.shreq", 204},
      {"icmpv6.shrep", 205},   {"icmpv6.shrep_ack", 206},  {"dstopt.shin", 0x1e},
      {"dstopt.shak", 0x5e},   {"dstopt.pshin", 0x9e},     {"icmpopt.ip_address", 240},
      {"icmpopt.lla", 241},    {"icmpopt.shreq", 242},     {"icmpopt.shrep", 243},
      {"icmpopt.ushrep", 244}, {"icmpopt.shrep_ack", 245}, {"subopt.auth_prtr", 1},
      {"subopt.rep", 2},       {"subopt.req", 3},          {"subopt.ack", 4},
      {"subopt.stat", 5},      {"mip4ext.secct", 250}};
  EXPECT_EQ(codepoints().size(), std::size(defaults));
  const CodePoints set;
  for (const auto& [name, number] : defaults) {
    const auto id = find_codepoint(name);
    ASSERT_TRUE(id) << name;
    EXPECT_EQ(set[*id], number) << name;
    EXPECT_EQ(row(*id).name, std::string(name));
    EXPECT_TRUE(std::string(name).ends_with(std::string(".") + row(*id).key)) << name;
  }
  EXPECT_EQ(set.problem(), "");
  EXPECT_FALSE(find_codepoint("icmpv6.SHREQ"));
  EXPECT_FALSE(find_codepoint(""));
}

// Numbers that no code point of the group has: the others stay what they are.
CodePoints moved(const std::vector<CodePoint>& which) {
  CodePoints set;
  for (const auto id : which) set.set(id, static_cast<std::uint8_t>(100 + static_cast<int>(id)));
  return set;
}

TEST(CodePoints, EveryOneCanBeChangedAndUsed) {
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
      // The same document under the other set, but for the numbers that it spells out.
      auto encoded = encode(set, before.message, vector.carrier, tree);
      DecodedMessage after;
      const bool known = decode(set, vector.carrier, vector.octets, {}, after);
      if (codepoint.group == CodePointGroup::icmpv6 || codepoint.group == CodePointGroup::dstopt ||
          codepoint.group == CodePointGroup::mip4ext) {
        const bool is_it = row(before.message).codepoint == codepoint.id;
        EXPECT_NE(known, is_it) << vector.title;
        if (!is_it || tree.find(Field::raw) != nullptr) continue;
        ++used;
        ASSERT_FALSE(encoded.octets.empty());
        EXPECT_EQ(encoded.octets[0], set[codepoint.id]) << vector.title;
        ASSERT_TRUE(decode(set, vector.carrier, encoded.octets, {}, after)) << vector.title;
        EXPECT_EQ(after.message, before.message);
      }
      EXPECT_EQ(bad_header(after), "") << vector.title;
    }
    EXPECT_TRUE(codepoint.group != CodePointGroup::icmpv6 || used > 0) << codepoint.name;
  }
}

// With all code points moved, the same octets with moved numbers mean the same.
TEST(CodePoints, AllMovedTogether) {
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
      const auto group = item.field == Field::message    ? row(row(before.message).codepoint).group
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
    EXPECT_EQ(not_the_same_again(set, after), "") << vector.title;
  }
}

TEST(CodePoints, ClashesAreNamed) {
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

TEST(CodePoints, GroupsAreApart) {
  CodePoints set;
  set.set(CodePoint::subopt_stat, 250);
  set.set(CodePoint::icmpopt_lla, 202);
  EXPECT_EQ(set.problem(), "");
  EXPECT_EQ(set.find(CodePointGroup::mip4ext, 250), CodePoint::mip4ext_secct);
  EXPECT_EQ(set.find(CodePointGroup::icmpv6, 202), CodePoint::icmpv6_hi);
}

TEST(CodePoints, OtherTypesAreNotOurs) {
  const CodePoints set;
  DecodedMessage decoded;
  decoded.fields.resize(3, DecodedField{});
  for (auto carrier : {Carrier::icmpv6, Carrier::dstopt, Carrier::mip4_request}) {
    const Octets echo{128, 0, 0, 0, 0, 0, 0, 0};
    EXPECT_FALSE(decode(set, carrier, echo, {}, decoded));
    EXPECT_TRUE(decoded.fields.empty());
    EXPECT_FALSE(decode(set, carrier, {}, {}, decoded));
  }
  // A SHIN is one in a destination option only.
  EXPECT_FALSE(find_message(set, Carrier::icmpv6, set[CodePoint::dstopt_shin]));
  EXPECT_EQ(find_message(set, Carrier::dstopt, set[CodePoint::dstopt_shin]), Message::shin);
  EXPECT_EQ(find_message(set, Carrier::mip4_reply, set[CodePoint::mip4ext_secct]), Message::mip4);
}

}  // namespace
}  // namespace secct::test
