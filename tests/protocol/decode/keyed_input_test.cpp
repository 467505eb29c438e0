// SPDX-License-Identifier: GPL-2.0-or-later
// The input of the keyed hashes and the values from them. The hashes are those of
// tests/vectors/hmac.list; tests/ipsec/ computes them again.
#include "protocol/decode/keyed_input.hpp"

#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "protocol/decode/decode.hpp"
#include "tests/protocol/vector_file.hpp"

namespace secct::test {
namespace {

const CodePoints codepoints;

Octets hex(std::string_view text) {
  Octets octets;
  EXPECT_TRUE(text == "-" || parse_hex(text, octets)) << text;
  return octets;
}

Address v6(std::string_view text) {
  Address address{};
  EXPECT_TRUE(parse_v6(text, address)) << text;
  return address;
}

DecodedMessage decoded(std::string_view title) {
  const auto& vector = find_vector(title);
  DecodedMessage decoded;
  EXPECT_TRUE(decode(codepoints, vector.carrier, vector.octets, {}, decoded));
  return decoded;
}

std::string features_of(std::string_view title) {
  const auto features = ho_features(decoded(title));
  return features ? to_hex(*features) : "none";
}

TEST(HoFeatures, AreTheSubOptionsAfterAuthPrtr) {
  EXPECT_EQ(features_of("SHIN: AuthPrtr and R1"), "03040001");
  EXPECT_EQ(features_of("SHREQ: R1"), "03040001");
  EXPECT_EQ(features_of("SecCT-req is missing"), "");
  EXPECT_EQ(features_of("SHIN without AuthPrtr"), "none");
  EXPECT_EQ(features_of("P-SHIN: R1, no AuthPrtr"), "none");
}

TEST(HoFeatures, ExcludePad1AndSubOptionsBeforeAuthPrtr) {
  EXPECT_EQ(features_of("Pad1 between and after sub-options"), "03040001");
  EXPECT_EQ(features_of("A SecCT-req before and another one after AuthPrtr"), "03040001");
}

TEST(HoFeatures, IncludeUnknownSubOptions) {
  EXPECT_EQ(features_of("An unknown sub-option is skipped"), "630561626303040001");
  EXPECT_EQ(features_of("An unknown sub-option without content"), "03040001ff02");
  EXPECT_EQ(features_of("Two SecCT-req"), "0304000103040001");
}

TEST(HoFeatures, EndAtTheEndOfTheOption) {
  // Zeros in a sub-option are not Pad1, and the next option does not belong to this one.
  EXPECT_EQ(features_of("R3: three SPIs"), "03150003a00000000000000100000002ffffffff00");
  EXPECT_EQ(
      features_of("An unknown option before the context option, a further context option after it"),
      "03040001");
}

// A receiver must reject these messages, but the dissector shows the octets.
TEST(HoFeatures, ContainAllOctetsOfABrokenChain) {
  EXPECT_EQ(features_of("Sub-option extends past the end of its option"), "03050001");
  EXPECT_EQ(features_of("A second AuthPrtr"),
            "03040001"
            "0108000200000003");
  EXPECT_EQ(features_of("AuthPrtr of length 9"), "03040001");
}

TEST(TokenFeatures, OfAUshrepAreThoseOfTheLaterShin) {
  const auto hi = decoded(
      "HI: S clear, U set, both care-of addresses, link-layer address, U-SHREP with one context");
  ASSERT_TRUE(token_features(codepoints, hi));
  EXPECT_EQ(to_hex(*token_features(codepoints, hi)), "03040001");
  EXPECT_GT(ho_features(hi)->size(), 4U);
  EXPECT_EQ(token_paddr(hi), v6("2001:db8:10::10"));
  EXPECT_FALSE(token_features(codepoints, decoded("HI without U-SHREP")));

  const auto shin = decoded("R3: three SPIs");
  EXPECT_EQ(token_features(codepoints, shin), ho_features(shin));
  EXPECT_EQ(token_paddr(shin), v6("2001:db8:10::10"));
}

TEST(AnnouncedFeatures, AreTheSubOptionsOfThePShinOrR1) {
  EXPECT_EQ(to_hex(announced_features(codepoints, decoded("P-SHIN without SecCT-req"))),
            "03040001");
  const auto pshin = decoded("P-SHIN: R1, no AuthPrtr");
  EXPECT_EQ(to_hex(announced_features(codepoints, pshin)), "03040001");
}

TEST(TokenPaddr, OfARegistrationRequestIsTheOldCareOfAddress) {
  EXPECT_EQ(token_paddr(decoded("Registration Request: R1, the previous router is IPv4")),
            v6("::ffff:192.0.2.10"));
  EXPECT_FALSE(token_paddr(decoded("Registration Reply: status 200")));
}

TEST(TokenInput, IsFeaturesThenReplayThenPaddr) {
  EXPECT_EQ(to_hex(token_input(hex("03040001"), 1, v6("2001:db8:10::10"))),
            "03040001"
            "01"
            "20010db8001000000000000000000010");
  EXPECT_EQ(to_hex(token_input({}, 255, v6("::ffff:192.0.2.10"))),
            "ff"
            "00000000000000000000ffffc000020a");
}

TEST(SpiInput, IsRouterThenNaddr) {
  EXPECT_EQ(to_hex(spi_input(v6("2001:db8:20::1"), v6("::ffff:198.51.100.7"))),
            "20010db8002000000000000000000001"
            "00000000000000000000ffffc6336407");
}

TEST(SpiOf, AvoidsTheReservedRange) {
  EXPECT_EQ(spi_of(hex("0102030400000000")), 256U);
  EXPECT_EQ(spi_of(hex("01020304000000ff")), 511U);
  EXPECT_EQ(spi_of(hex("0102030400000100")), 256U);
  EXPECT_EQ(spi_of(hex("01020304ffffffff")), 0xffffffffU);
  EXPECT_EQ(token_of(hex("0102030400000007")), 7U);
}

TEST(HmacVectors, ResultInTheListedTokenOrSpi) {
  std::ifstream file(source_dir() / "tests" / "vectors" / "hmac.list");
  unsigned tokens = 0;
  unsigned spis = 0;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string kind;
    std::string key;
    std::string hmac;
    std::string result;
    words >> kind >> key;
    if (kind == "token") {
      std::string features;
      std::string replay;
      std::string paddr;
      words >> features >> replay >> paddr >> hmac >> result;
      EXPECT_EQ(token_input(hex(features), static_cast<std::uint8_t>(std::stoul(replay)), v6(paddr))
                    .size(),
                hex(features).size() + 17);
      EXPECT_EQ(token_of(hex(hmac)), std::stoul(result, nullptr, 16)) << line;
      ++tokens;
    } else if (kind == "spi") {
      std::string nr;
      std::string naddr;
      words >> nr >> naddr >> hmac >> result;
      EXPECT_EQ(spi_of(hex(hmac)), std::stoul(result, nullptr, 16)) << line;
      ++spis;
    }
  }
  EXPECT_EQ(tokens, 6U);
  EXPECT_EQ(spis, 3U);
}

}  // namespace
}  // namespace secct::test
