// SPDX-License-Identifier: GPL-2.0-or-later
// Encodes generated documents and decodes them, and decodes generated octets and encodes them.
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

// Counts each leaf as "name value".
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

// Returns the first value of `before` that is not a default and is missing in `after`; empty if
// there is none.
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

// Why the round trip of `tree` failed; empty if it succeeded.
std::string broken_trip(Message message, const Node& tree) {
  const auto encoded = encode(codepoints, message, tree);
  if (!encoded.faults.empty()) return encoded.faults[0].text;
  DecodedMessage decoded;
  if (!decode(codepoints, message_info(message).carrier, encoded.octets, {}, decoded))
    return "not SecCT";
  if (decoded.message != message) return "another message";
  for (const auto& problem : decoded.problems) {
    if (row(problem.rule).severity == Severity::error) {
      return std::string(row(problem.rule).name) + " in " + to_hex(encoded.octets);
    }
  }
  if (auto text = structure_error(decoded); !text.empty()) return text;
  if (auto text = round_trip_error(codepoints, decoded); !text.empty()) return text;
  return lost(tree, to_node(codepoints, decoded));
}

TEST(RoundTrip, KeepsRandomDocuments) {
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    for (const auto& info : messages()) {
      Generator generator(seed * 16 + static_cast<unsigned>(info.id));
      const auto tree = generator.message(info.id);
      ASSERT_EQ(broken_trip(info.id, tree), "") << "seed " << seed << ", message " << info.name;
    }
  }
}

TEST(RoundTrip, KeepsContextsOfEverySpt) {
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
    ASSERT_EQ(broken_trip(Message::shrep, tree), "")
        << spt_name(static_cast<std::uint16_t>(number));
  }
  // 8 algorithms, 2 modes, 7 further bits; and the assigned SPTs of the draft.
  EXPECT_EQ(known, 8U * 2 * 128 + 10);
}

// Random octets after a type octet of SecCT.
TEST(RoundTrip, KeepsRandomOctets) {
  Generator generator(1);
  DecodedMessage decoded;
  for (unsigned i = 0; i < 5000; ++i) {
    const auto& info = messages()[i % message_count];
    auto octets = generator.octets(1 + generator.below(i % 7 == 0 ? 2100 : 120));
    octets[0] = codepoints[info.codepoint];
    ASSERT_TRUE(decode(codepoints, info.carrier, octets, {}, decoded));
    ASSERT_EQ(structure_error(decoded), "") << to_hex(octets);
    ASSERT_EQ(round_trip_error(codepoints, decoded), "");
  }
}

TEST(RoundTrip, KeepsMutatedMessages) {
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
      const auto& info = messages()[generator.below(message_count)];
      carrier = info.carrier;
      octets = encode(codepoints, info.id, generator.message(info.id)).octets;
    }
    generator.mutate(octets);
    if (!decode(codepoints, carrier, octets, {}, decoded)) continue;
    ASSERT_EQ(structure_error(decoded), "") << to_hex(octets);
    ASSERT_EQ(round_trip_error(codepoints, decoded), "");
    for (const auto& problem : decoded.problems) broken.insert(problem.rule);
  }
  EXPECT_GT(broken.size(), 40U);  // the mutations break most rules
}

// A DecodedMessage can be reused: nothing of the previous message may be left.
TEST(RoundTrip, ReplacesTheContentOfAReusedMessage) {
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
