// SPDX-License-Identifier: GPL-2.0-or-later
// Decodes each vector and compares the result with its dump, and encodes it from the decoded
// message, from the dump, and from the dump without the fields that the encoder computes.
#include <algorithm>
#include <iterator>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "protocol/decode/decode.hpp"
#include "protocol/encode/encode.hpp"
#include "tests/fuzz/decode_check.hpp"
#include "tests/protocol/vector_file.hpp"
#include "tests/protocol/vector_tree.hpp"

namespace secct::test {
namespace {

const CodePoints codepoints;

// One test for each file: starting a process for each vector would be slow.
class VectorTest : public testing::TestWithParam<std::string> {
 protected:
  template <class Visit>
  static void each(Visit visit) {
    for (const auto& vector : all_vectors()) {
      if (!vector.place.starts_with(GetParam() + ".txt:")) continue;
      SCOPED_TRACE(vector.place + ' ' + vector.title);
      DecodedMessage decoded;
      ASSERT_TRUE(decode(codepoints, vector.carrier, vector.octets, vector.envelope, decoded));
      visit(vector, decoded);
    }
  }
};

void expect_same(const Vector& vector, const Encoded& encoded) {
  for (const auto& fault : encoded.faults) ADD_FAILURE() << fault.text;
  EXPECT_EQ(to_hex(blank_carrier(vector.carrier, encoded.octets)),
            to_hex(blank_carrier(vector.carrier, vector.octets)));
}

// A line for each text that only one of the sets contains.
std::string difference(const std::multiset<std::string>& wanted,
                       const std::multiset<std::string>& found) {
  std::vector<std::string> lines;
  std::ranges::set_difference(wanted, found, std::back_inserter(lines));
  for (auto& text : lines) text.insert(0, "- ");
  const auto missing = lines.size();
  std::ranges::set_difference(found, wanted, std::back_inserter(lines));
  for (auto i = missing; i < lines.size(); ++i) lines[i].insert(0, "+ ");
  std::string all;
  for (const auto& text : lines) all += text + '\n';
  return all;
}

std::string line(std::string_view name, std::uint32_t offset, std::uint32_t length,
                 const std::string& value) {
  std::ostringstream text;
  text << offset << '+' << length << ' ' << name;
  if (!value.empty()) text << " = " << value;
  return text.str();
}

std::string canonical(const Entry& entry) {
  const auto type = row(*find_field(entry.name)).type;
  if (type <= FieldType::boolean) return std::to_string(std::stoull(entry.value, nullptr, 0));
  return entry.value;
}

std::string shown(const DecodedMessage& decoded, const DecodedField& item) {
  const auto octets = decoded.octets_of(item);
  switch (row(item.field).type) {
    case FieldType::ipv6: return to_text(decoded.address(item));
    case FieldType::ipv4: return v4_text(octets);
    case FieldType::text:
      return is_utf8(octets) ? '"' + std::string(octets.begin(), octets.end()) + '"' : "";
    case FieldType::bytes:
    case FieldType::group: return {};
    default: return std::to_string(item.number);
  }
}

void listed(const std::vector<Entry>& entries, std::multiset<std::string>& lines) {
  for (const auto& entry : entries) {
    if (!find_field(entry.name)) {
      ADD_FAILURE() << "no field " << entry.name;
      continue;
    }
    lines.insert(line(entry.name, entry.offset, entry.length, canonical(entry)));
    listed(entry.children, lines);
  }
}

// True for a bit of a number, which a dump may omit.
bool is_part(const DecodedField& item) {
  return row(item.field).mask != 0 || item.field == Field::req_form ||
         item.field == Field::spt_protocol || item.field == Field::spt_mode ||
         item.field == Field::spt_algorithm;
}

TEST_P(VectorTest, DecodesToItsDump) {
  each([](const Vector& vector, const DecodedMessage& decoded) {
    std::multiset<std::string> wanted;
    listed(vector.entries, wanted);
    std::multiset<std::string> found;
    for (const auto& item : decoded.fields) {
      const auto place = item.generated ? DecodedField{} : item;
      auto text = line(row(item.field).name, place.offset, place.length, shown(decoded, item));
      if (is_part(item) && !wanted.contains(text)) continue;
      found.insert(std::move(text));
    }
    EXPECT_EQ(difference(wanted, found), "");
    EXPECT_EQ(structure_error(decoded), "");
  });
}

TEST_P(VectorTest, BreaksTheListedRulesOnly) {
  const auto text = [](std::string_view rule, std::string_view field, const auto& p) {
    std::ostringstream out;
    out << rule << "  " << field << "  @" << p.offset << '+' << p.length << "  expected "
        << (p.expected ? std::to_string(*p.expected) : "-") << "  actual "
        << (p.actual ? std::to_string(*p.actual) : "-");
    return out.str();
  };
  each([&](const Vector& vector, const DecodedMessage& decoded) {
    std::multiset<std::string> wanted;
    for (const auto& p : vector.problems) wanted.insert(text(p.rule, p.field, p));
    std::multiset<std::string> found;
    for (const auto& p : decoded.problems)
      found.insert(text(row(p.rule).name, row(p.field).name, p));
    EXPECT_EQ(difference(wanted, found), "");
    EXPECT_EQ(decoded.worst_status_row(), vector.row);
  });
}

TEST_P(VectorTest, EncodesFromTheDecodedMessage) {
  each([](const Vector& vector, const DecodedMessage& decoded) {
    expect_same(vector, encode(codepoints, decoded.message, to_node(codepoints, decoded)));
  });
}

TEST_P(VectorTest, EncodesFromItsDump) {
  each([](const Vector& vector, const DecodedMessage& decoded) {
    if (vector.malformed()) return;
    for (auto dump : {Dump::whole, Dump::lean}) {
      SCOPED_TRACE(dump == Dump::lean ? "computed fields left out" : "as listed");
      expect_same(vector, encode(codepoints, decoded.message, tree_of(vector, dump)));
    }
  });
}

// The document has only the fields that the encoder needs for these octets.
void expect_minimal(const Node& node) {
  constexpr Field computed[] = {Field::opt_length,
                                Field::subopt_length,
                                Field::sa_length,
                                Field::data_length,
                                Field::mip4_length,
                                Field::req_ports,
                                Field::preference_length,
                                Field::sa_key_length,
                                Field::sa_block_size,
                                Field::sa_key_rounds,
                                Field::req_flags,
                                Field::data_value,
                                Field::raw};
  for (const auto& child : node.children) {
    EXPECT_EQ(std::ranges::find(computed, child.field), std::end(computed))
        << row(child.field).name;
    expect_minimal(child);
  }
  if (node.field != Field::options || node.children.empty()) return;
  const auto& last = node.children.back();  // padding
  EXPECT_FALSE(last.field == Field::sub_options && last.children.size() == 1);
}

TEST_P(VectorTest, HasAMinimalDocument) {
  each([](const Vector& vector, const DecodedMessage& decoded) {
    if (vector.problems.empty()) expect_minimal(to_node(codepoints, decoded));
  });
}

INSTANTIATE_TEST_SUITE_P(Each, VectorTest, testing::ValuesIn(vector_files()),
                         [](const auto& file) { return file.param; });

TEST(Vectors, HaveUniqueTitles) {
  std::set<std::string> titles;
  for (const auto& vector : all_vectors()) {
    EXPECT_TRUE(titles.insert(vector.title).second) << vector.title;
  }
}

TEST(Vectors, BreakEachRuleAtLeastOnce) {
  std::set<std::string> broken;
  for (const auto& vector : all_vectors()) {
    for (const auto& problem : vector.problems) broken.insert(problem.rule);
  }
  for (const auto& rule : rules()) EXPECT_TRUE(broken.contains(rule.name)) << rule.name;
}

TEST(Vectors, ListExistingRules) {
  std::set<std::string> names;
  for (const auto& rule : rules()) EXPECT_TRUE(names.insert(rule.name).second) << rule.name;
  for (const auto& vector : all_vectors()) {
    for (const auto& problem : vector.problems) {
      EXPECT_TRUE(names.contains(problem.rule)) << vector.place << ' ' << problem.rule;
    }
  }
}

}  // namespace
}  // namespace secct::test
