// SPDX-License-Identifier: GPL-2.0-or-later
// Documents to octets and back, and octets to documents and back, over generated values.
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "protocol/decode/decode.hpp"
#include "protocol/encode/encode.hpp"
#include "tests/fuzz/decode_check.hpp"
#include "tests/protocol/generate.hpp"
#include "tests/protocol/vector_file.hpp"

namespace secct::test {
namespace {

const CodePoints codepoints;

struct Kind {
  Message message;
  Carrier carrier;
};
constexpr Kind kinds[] = {
    {Message::hi, Carrier::icmpv6},         {Message::hack, Carrier::icmpv6},
    {Message::shreq, Carrier::icmpv6},      {Message::shrep, Carrier::icmpv6},
    {Message::shrep_ack, Carrier::icmpv6},  {Message::shin, Carrier::dstopt},
    {Message::pshin, Carrier::dstopt},      {Message::shak, Carrier::dstopt},
    {Message::mip4, Carrier::mip4_request}, {Message::mip4, Carrier::mip4_reply},
};

// Every leaf as "name value", how often it occurs.
void leaves(const Node& node, std::map<std::string, int>& found) {
  for (const auto& child : node.children) {
    if (row(child.field).type == FieldType::group) {
      leaves(child, found);
    } else if (child.number()) {
      ++found[std::string(row(child.field).name) + ' ' + std::to_string(*child.number())];
    } else if (child.octets() != nullptr && !child.octets()->empty()) {
      ++found[std::string(row(child.field).name) + ' ' + to_hex(*child.octets())];
    }
  }
}

// Whatever a document says that has no default is said again by the document of its octets.
std::string lost(const Node& before, const Node& after) {
  std::map<std::string, int> wanted;
  std::map<std::string, int> found;
  leaves(before, wanted);
  leaves(after, found);
  for (const auto& [text, count] : wanted) {
    const bool is_default = text.ends_with(" 0") || text.starts_with("secct.sa.window_size ") ||
                            text.starts_with("secct.opt.lla ");
    if (!is_default && found[text] < count) return text;
  }
  return {};
}

// Empty when `tree` makes a round trip without an error.
std::string broken_trip(const Kind& kind, const Node& tree) {
  const auto encoded = encode(codepoints, kind.message, kind.carrier, tree);
  if (!encoded.faults.empty()) return encoded.faults[0].text;
  DecodedMessage decoded;
  if (!decode(codepoints, kind.carrier, encoded.octets, {}, decoded)) return "not ours";
  if (decoded.message != kind.message) return "another message";
  for (const auto& problem : decoded.problems) {
    if (row(problem.rule).severity == Severity::error) {
      return std::string(row(problem.rule).name) + " in " + to_hex(encoded.octets);
    }
  }
  if (auto text = bad_header(decoded); !text.empty()) return text;
  if (auto text = not_the_same_again(codepoints, decoded); !text.empty()) return text;
  return lost(tree, to_node(codepoints, decoded));
}

TEST(RoundTrip, RandomDocuments) {
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    for (const auto& kind : kinds) {
      Generator generator(seed * 16 + static_cast<unsigned>(kind.message));
      const auto tree = generator.message(kind.message, kind.carrier);
      ASSERT_EQ(broken_trip(kind, tree), "")
          << "seed " << seed << ", message " << static_cast<unsigned>(kind.message);
    }
  }
}

TEST(RoundTrip, EverySpt) {
  unsigned known = 0;
  for (std::uint32_t number = 0; number <= 0xffff; ++number) {
    if (number > 0x7fff && number % 2 == 1) continue;  // bit 0 is reserved
    if (!find_spt(static_cast<std::uint16_t>(number))) continue;
    ++known;
    Generator generator(number);
    const Node rep(Field::sub_options, {Node(Field::subopt_type, std::uint64_t{2}),
                                        generator.context(static_cast<std::uint16_t>(number))});
    const Node tree(
        Field::message,
        {Node(Field::options, {Node(Field::naddr, Address{0x20, 1, 0xd, 0xb8, 1}),
                               Node(Field::paddr, Address{0x20, 1, 0xd, 0xb8, 2}), rep})});
    ASSERT_EQ(broken_trip({Message::shrep, Carrier::icmpv6}, tree), "")
        << spt_name(static_cast<std::uint16_t>(number));
  }
  // 8 algorithms, 2 modes, 7 further bits; and those of the draft.
  EXPECT_EQ(known, 8U * 2 * 128 + 10);
}

// What no message of ours looks like: any octets behind a type octet of ours.
TEST(RoundTrip, RandomOctets) {
  Generator generator(1);
  DecodedMessage decoded;
  for (unsigned i = 0; i < 5000; ++i) {
    const auto& kind = kinds[i % std::size(kinds)];
    auto octets = generator.octets(1 + generator.below(i % 7 == 0 ? 2100 : 120));
    octets[0] = codepoints[row(kind.message).codepoint];
    ASSERT_TRUE(decode(codepoints, kind.carrier, octets, {}, decoded));
    ASSERT_EQ(bad_header(decoded), "") << to_hex(octets);
    ASSERT_EQ(not_the_same_again(codepoints, decoded), "");
  }
}

TEST(RoundTrip, MutatedMessages) {
  Generator generator(2);
  DecodedMessage decoded;
  std::set<Rule> broken;
  for (unsigned i = 0; i < 10000; ++i) {
    Carrier carrier{};
    Octets octets;
    if (i % 2 == 0) {
      const auto& vector =
          all_vectors()[generator.below(static_cast<std::uint32_t>(all_vectors().size()))];
      carrier = vector.carrier;
      octets = vector.octets;
    } else {
      const auto& kind = kinds[generator.below(std::size(kinds))];
      carrier = kind.carrier;
      octets = encode(codepoints, kind.message, carrier, generator.message(kind.message, carrier))
                   .octets;
    }
    generator.mutate(octets);
    if (!decode(codepoints, carrier, octets, {}, decoded)) continue;
    ASSERT_EQ(bad_header(decoded), "") << to_hex(octets);
    ASSERT_EQ(not_the_same_again(codepoints, decoded), "");
    for (const auto& problem : decoded.problems) broken.insert(problem.rule);
  }
  EXPECT_GT(broken.size(), 40U);  // the mutations reach into every corner
}

// A tape is meant to be used again: nothing of the message before may be left.
TEST(RoundTrip, ReusedTapeForgets) {
  DecodedMessage reused;
  for (const auto& vector : all_vectors()) {
    DecodedMessage fresh;
    decode(codepoints, vector.carrier, vector.octets, vector.envelope, fresh);
    decode(codepoints, vector.carrier, vector.octets, vector.envelope, reused);
    EXPECT_EQ(reused.fields.size(), fresh.fields.size()) << vector.title;
    EXPECT_EQ(reused.problems.size(), fresh.problems.size()) << vector.title;
  }
}

}  // namespace
}  // namespace secct::test
