// SPDX-License-Identifier: GPL-2.0-or-later
// Rules about the envelope, and the member functions of DecodedMessage. vectors_test.cpp tests the
// decoding of octets.
#include "protocol/decode/decode.hpp"

#include <gtest/gtest.h>

#include "tests/protocol/vector_file.hpp"

namespace secct::test {
namespace {

const CodePoints codepoints;

Address v6(std::string_view text) {
  Address address{};
  EXPECT_TRUE(parse_v6(text, address)) << text;
  return address;
}

DecodedMessage decode_vector(std::string_view title, const Envelope& envelope = {}) {
  const auto& vector = find_vector(title);
  DecodedMessage decoded;
  EXPECT_TRUE(decode(codepoints, vector.carrier, vector.octets, envelope, decoded));
  return decoded;
}

// RFC 1071: the sum of all 16-bit words, including the checksum, is all ones.
TEST(Checksum, MakesTheSumAllOnes) {
  const auto source = v6("2001:db8:20::1");
  const auto destination = v6("2001:db8:10::1");
  for (std::size_t length : {4, 5, 8, 47, 48, 1281}) {
    Octets message(length, 0xa7);
    const auto checksum = icmpv6_checksum(source, destination, message);
    message[2] = static_cast<std::uint8_t>(checksum >> 8);
    message[3] = static_cast<std::uint8_t>(checksum);
    EXPECT_EQ(icmpv6_checksum(source, destination, message), checksum);
    std::uint64_t sum = 58 + length;
    const auto add = [&](View octets) {
      for (std::size_t i = 0; i < octets.size(); ++i) sum += octets[i] << (i % 2 == 0 ? 8 : 0);
    };
    add(source);
    add(destination);
    add(message);
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
    EXPECT_EQ(sum, 0xffffU) << length;
  }
  EXPECT_NE(icmpv6_checksum(source, destination, Octets(3)), 0);  // too short for a checksum
  EXPECT_NE(icmpv6_checksum(source, destination, {}), 0);
}

TEST(EnvelopeTest, VerifiesTheChecksumOfCompleteMessagesOnly) {
  const auto title = "ICMPv6 checksum is wrong";
  auto envelope = find_vector(title).envelope;
  EXPECT_TRUE(decode_vector(title, envelope).broken(Rule::checksum_bad));
  envelope.complete = false;
  EXPECT_FALSE(decode_vector(title, envelope).broken(Rule::checksum_bad));
  envelope.complete = true;
  envelope.source.reset();
  EXPECT_FALSE(decode_vector(title, envelope).broken(Rule::checksum_bad));
}

TEST(EnvelopeTest, DoesNotReportMissingPartsOfTruncatedMessages) {
  Envelope cut;
  cut.complete = false;
  for (const auto* title :
       {"SecCT-req is missing", "SHIN without AuthPrtr", "Neither context nor status",
        "SHAK without SecCT-Stat", "SHREP message without option",
        "Registration Reply without SecCT-Stat", "HI: S set, Naddr not known yet",
        "SHREP-Ack: S is clear, no status follows"}) {
    EXPECT_FALSE(decode_vector(title).problems.empty()) << title;
    EXPECT_TRUE(decode_vector(title, cut).problems.empty()) << title;
  }
}

TEST(EnvelopeTest, ChecksTheHopLimitOfIcmpv6Only) {
  Envelope envelope;
  envelope.hop_limit = 254;
  EXPECT_TRUE(decode_vector("SHREQ: R1", envelope).broken(Rule::hop_limit));
  EXPECT_FALSE(decode_vector("SHIN: AuthPrtr and R1", envelope).broken(Rule::hop_limit));
  envelope.hop_limit = 255;
  EXPECT_FALSE(decode_vector("SHREQ: R1", envelope).broken(Rule::hop_limit));
}

// docs/wire-format.md section 8: only a SHIN and a SHAK of a failed transfer are sent without
// IPsec.
TEST(EnvelopeTest, ReportsMissingProtection) {
  Envelope bare;
  bare.protection = Protection::none;
  for (const auto* title : {"HI without U-SHREP", "HAck: nCoA assigned, SHREP-Ack with S set",
                            "SHREQ: R1", "SPT 1 and 2: AH, IPv4", "P-SHIN: R1, no AuthPrtr",
                            "SHREP-Ack as an ICMPv6 message, S clear", "SHAK: status 200"}) {
    EXPECT_TRUE(decode_vector(title, bare).broken(Rule::unprotected)) << title;
    for (auto protection : {Protection::ah, Protection::esp, Protection::unknown}) {
      Envelope other;
      other.protection = protection;
      EXPECT_FALSE(decode_vector(title, other).broken(Rule::unprotected)) << title;
    }
  }
  for (const auto* title :
       {"SHIN: AuthPrtr and R1", "SHAK: authentication failed", "Registration Reply: status 200"}) {
    EXPECT_FALSE(decode_vector(title, bare).broken(Rule::unprotected)) << title;
  }
}

TEST(EnvelopeTest, TakesAddressesFromTheEnvelope) {
  Envelope envelope;
  envelope.source = v6("2001:db8::aa");
  envelope.destination = v6("2001:db8::bb");
  const auto generated = [&](std::string_view title, Field field) -> std::string {
    const auto decoded = decode_vector(title, envelope);
    const auto* item = decoded.find(field);
    if (item == nullptr || !item->generated) return {};
    EXPECT_EQ(item->length, 0U);
    return to_text(decoded.address(*item));
  };
  EXPECT_EQ(generated("SHIN: AuthPrtr and R1", Field::naddr), "2001:db8::aa");
  EXPECT_EQ(generated("SHAK: status 200", Field::naddr), "2001:db8::bb");
  EXPECT_EQ(generated("P-SHIN: R1, no AuthPrtr", Field::paddr), "2001:db8::aa");
  EXPECT_EQ(generated("SHREQ: R1", Field::naddr), "");
  envelope = {};
  EXPECT_EQ(generated("SHIN: AuthPrtr and R1", Field::naddr), "");
}

// The caller may pass fewer octets than the length octet says.
TEST(CarrierLength, RejectsLengthBeyondTheOctets) {
  for (const auto* title : {"SHIN: AuthPrtr and R1", "SHAK: status 200",
                            "Registration Request: R1, the previous router is IPv4"}) {
    const auto& vector = find_vector(title);
    auto octets = vector.octets;
    ++octets[1];
    DecodedMessage decoded;
    ASSERT_TRUE(decode(codepoints, vector.carrier, octets, {}, decoded));
    ASSERT_TRUE(decoded.broken(Rule::opt_length_past_end)) << title;
    EXPECT_EQ(decoded.problems[0].expected, octets.size() - 2);
    EXPECT_EQ(decoded.problems[0].actual, octets[1]);
    EXPECT_EQ(decoded.problems[0].offset, 1U);
  }
}

TEST(DecodedMessageTest, FindsFieldsInGroups) {
  const auto decoded = decode_vector("SPT 1 and 2: AH, IPv4");
  const auto* first = decoded.find(Field::contexts);
  ASSERT_NE(first, nullptr);
  const auto* second = decoded.find(Field::contexts, first->end);
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(decoded.find_in(*first, Field::sa_spi)->number, 0x1001U);
  EXPECT_EQ(decoded.find_in(*second, Field::sa_spi)->number, 0x1002U);
  EXPECT_EQ(decoded.find_in(*second, Field::naddr), nullptr);
  EXPECT_EQ(decoded.find(Field::contexts, second->end), nullptr);
  EXPECT_EQ(decoded.number(Field::sa_spi), 0x1001U);
  EXPECT_EQ(decoded.number(Field::status), std::nullopt);
  EXPECT_EQ(to_text(decoded.address(*decoded.find_in(*first, Field::sa_source_v4))),
            "::ffff:192.0.2.10");
  EXPECT_EQ(decoded.octets_of(*second).size(), 59U);
}

TEST(DecodedMessageTest, FindsTheWorstRowOfAPart) {
  const auto decoded = decode_vector("U-SHREP addresses do not match the HI");
  EXPECT_EQ(decoded.worst_status_row(), 3);
  EXPECT_TRUE(decoded.has_status_row(3));
  EXPECT_FALSE(decoded.has_status_row(5));
  const auto* naddr = decoded.find(Field::naddr);
  EXPECT_EQ(decoded.worst_status_row(naddr->offset + 17), 0);
  EXPECT_EQ(decoded.worst_status_row(0, naddr->offset), 0);
}

}  // namespace
}  // namespace secct::test
