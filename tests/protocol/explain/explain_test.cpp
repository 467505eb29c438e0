// SPDX-License-Identifier: GPL-2.0-or-later
// Texts about a decoded message: summary line, values, problems.
#include "protocol/explain/explain.hpp"

#include <gtest/gtest.h>

#include "protocol/decode/decode.hpp"

namespace secct::test {
namespace {

const CodePoints codepoints;

// SHREQ, Identifier 7, R1, with this option length (6 is correct).
Octets shreq(std::uint8_t option_length) {
  Octets octets;
  EXPECT_TRUE(parse_hex("cc000000 00070000", octets));
  octets.insert(octets.end(), {0xf2, option_length, 0, 0});
  Octets rest;
  EXPECT_TRUE(
      parse_hex("20010db8002000000000000000000010 20010db8001000000000000000000010"
                "01080001 0badcafe 03040001",
                rest));
  append(octets, rest);
  return octets;
}

class Explain : public ::testing::Test {
 protected:
  void read(const Octets& octets) {
    octets_ = octets;
    ASSERT_TRUE(decode(codepoints, Carrier::icmpv6, octets_, {}, decoded_));
  }
  std::string text(Field field) { return value_text(codepoints, *decoded_.find(field), decoded_); }

  Octets octets_;
  DecodedMessage decoded_;
};

TEST_F(Explain, InfoHasTheMostImportantFields) {
  read(shreq(6));
  EXPECT_EQ(info(decoded_), "SHREQ  id=7  R1  Naddr=2001:db8:20::10  Paddr=2001:db8:10::10");
}

TEST_F(Explain, InfoNamesTheWorstProblem) {
  read(shreq(0));
  EXPECT_EQ(info(decoded_), "SHREQ  id=7  [Option length is zero]");
}

TEST_F(Explain, ProblemTextHasFieldPlaceAndSection) {
  read(shreq(7));
  ASSERT_EQ(decoded_.problems.size(), 1U);
  EXPECT_EQ(problem_text(decoded_.problems[0]),
            "secct.opt.length: Option extends past the end of the message: expected 6 (0x6), "
            "found 7 (0x7), at octet 9 [wire-format 4]");
}

TEST_F(Explain, ValuesHaveNamesAndNumbers) {
  read(shreq(6));
  EXPECT_EQ(text(Field::message), "SHREQ, Seamless Handover Request (3)");
  EXPECT_EQ(text(Field::code), "0");  // only the codes of a HAck have names
  EXPECT_EQ(text(Field::opt_type), "SHREQ (242)");
  EXPECT_EQ(text(Field::opt_length), "6 (48 octets)");
  EXPECT_EQ(text(Field::naddr), "2001:db8:20::10");
  EXPECT_EQ(text(Field::auth_token), "0x0badcafe");
  EXPECT_EQ(text(Field::req_form), "R1, all SAs of the mobile node (1)");
}

TEST_F(Explain, DescribesTheContentOfGroups) {
  read(shreq(6));
  EXPECT_EQ(text(Field::options), "SHREQ, Naddr 2001:db8:20::10");
  EXPECT_EQ(text(Field::sub_options), "AuthPrtr, Replay 1, token 0x0badcafe");
}

}  // namespace
}  // namespace secct::test
