// SPDX-License-Identifier: GPL-2.0-or-later
// AH and ESP against packets of another implementation (tests/vectors/ipsec.list, made by scapy)
// and against RFC 3602's sample packet.
#include "ipsec/ah_esp.hpp"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "ipsec/crypto.hpp"
#include "tests/generator/support.hpp"

namespace secct::generator::test {
namespace {

struct Sample {
  std::string name;
  Sa sa;
  std::uint32_t sequence = 0;
  Octets plain;
  Octets sealed;
};

Sample sample(const std::vector<std::string>& row) {
  Sample s;
  s.name = row.at(0);
  auto& sa = s.sa;
  sa.protocol = row.at(1) == "esp" ? IpsecProtocol::esp : IpsecProtocol::ah;
  sa.tunnel = row.at(2) == "tunnel";
  sa.spi = static_cast<std::uint32_t>(*to_number(row.at(3)));
  s.sequence = static_cast<std::uint32_t>(*to_number(row.at(4)));
  if (sa.tunnel) {
    sa.source = address(row.at(5));
    sa.destination = address(row.at(6));
  }
  const auto& cipher = row.at(7);
  sa.cipher = cipher == "des-cbc"    ? Cipher::des_cbc
              : cipher == "3des-cbc" ? Cipher::des3_cbc
              : cipher == "aes-cbc"  ? Cipher::aes_cbc
                                     : Cipher::null;
  sa.cipher_key = table_octets(row.at(8));
  sa.auth = row.at(9) == "hmac-md5"    ? AuthAlgorithm::hmac_md5
            : row.at(9) == "hmac-sha1" ? AuthAlgorithm::hmac_sha1
                                       : AuthAlgorithm::none;
  sa.auth_key = table_octets(row.at(10));
  s.plain = octets(row.at(11));
  s.sealed = octets(row.at(12));
  return s;
}

const std::vector<Sample>& samples() {
  static const auto all = [] {
    std::vector<Sample> list;
    for (const auto& row : read_table("tests/vectors/ipsec.list")) list.push_back(sample(row));
    return list;
  }();
  return all;
}

Opened open(View datagram, const Sa& sa) {
  const auto parsed = parse_datagram(datagram);
  if (!parsed) return {.refusal = Refusal::malformed, .sequence = 0, .datagram = {}};
  const auto esp = sa.protocol == IpsecProtocol::esp;
  const auto* header = parsed->find(esp ? ip_proto::esp : ip_proto::ah);
  if (header == nullptr) return {.refusal = Refusal::malformed, .sequence = 0, .datagram = {}};
  return esp ? open_esp(*parsed, *header, sa) : open_ah(*parsed, *header, sa);
}

template <class Check>
void for_each_sample(Check check) {
  EXPECT_GE(samples().size(), 100U);
  for (const auto& s : samples()) {
    SCOPED_TRACE(s.name);
    check(s);
  }
}

TEST(Ipsec, WhatScapySealedIsOpened) {
  for_each_sample([](const Sample& s) {
    const auto opened = open(s.sealed, s.sa);
    EXPECT_EQ(opened.refusal, Refusal::none);
    EXPECT_EQ(opened.sequence, s.sequence);
    EXPECT_EQ(opened.tunnel(), s.sa.tunnel);
    EXPECT_EQ(to_hex(opened.datagram), to_hex(s.plain));
  });
}

TEST(Ipsec, WhatWeSealIsOpened) {
  for_each_sample([](const Sample& s) {
    const auto opened = open(protect(s.plain, s.sa, s.sequence), s.sa);
    EXPECT_EQ(opened.refusal, Refusal::none);
    EXPECT_EQ(opened.sequence, s.sequence);
    EXPECT_EQ(to_hex(opened.datagram), to_hex(s.plain));
  });
}

// Where nothing is left to choose we make the same octets. Scapy puts AH and ESP behind
// destination options, we put them before.
TEST(Ipsec, TheSameOctetsAsScapy) {
  for_each_sample([](const Sample& s) {
    const auto parsed = parse_datagram(s.sealed);
    ASSERT_TRUE(parsed);
    if (s.sa.protocol == IpsecProtocol::ah) {
      if (parsed->chain.front().type == ip_proto::ah) {
        EXPECT_EQ(to_hex(protect(s.plain, s.sa, s.sequence)), to_hex(s.sealed));
      }
      return;
    }
    const auto* header = parsed->find(ip_proto::esp);
    ASSERT_NE(header, nullptr);
    const auto octets = parsed->octets_of(*header);
    const auto iv = octets.subspan(esp_fixed_octets, iv_octets(s.sa.cipher));
    const auto opened = open(s.sealed, s.sa);
    const View payload = s.sa.tunnel ? View(s.plain) : View(s.plain).subspan(header->offset);
    EXPECT_EQ(to_hex(esp_packet(s.sa, s.sequence, opened.next, payload,
                                {.iv = Octets(iv.begin(), iv.end()), .pad = {}})),
              to_hex(octets));
  });
}

TEST(Ipsec, AnotherKeyIsRefused) {
  for_each_sample([](Sample s) {
    if (s.sa.auth == AuthAlgorithm::none) return;
    s.sa.auth_key[3] ^= 1;
    EXPECT_EQ(open(s.sealed, s.sa).refusal, Refusal::icv);
  });
}

// RFC 2402 3.3.3.1: every octet counts but those that routers change, and options that say so.
TEST(Ipsec, EveryOctetUnderAhCounts) {
  for_each_sample([](const Sample& s) {
    if (s.sa.protocol != IpsecProtocol::ah) return;
    const auto parsed = parse_datagram(s.sealed);
    ASSERT_TRUE(parsed);
    std::vector<bool> may_change(s.sealed.size());
    // TOS, TTL, checksum; or class, flow label, hop limit.
    const std::vector<std::size_t> routers_change = parsed->v4
                                                        ? std::vector<std::size_t>{1, 8, 10, 11}
                                                        : std::vector<std::size_t>{0, 1, 2, 3, 7};
    for (const auto at : routers_change) may_change[at] = true;
    for (const auto& header : parsed->chain) {
      if (header.type == ip_proto::ah) break;
      for (const auto& option : parse_header_options(parsed->octets_of(header))) {
        const auto at = header.offset + option.offset;
        if ((s.sealed[at] & 0x20) == 0) continue;
        for (std::size_t i = 2; i < option.length; ++i) may_change[at + i] = true;
      }
    }
    for (std::size_t i = 0; i < s.sealed.size(); ++i) {
      auto changed = s.sealed;
      changed[i] ^= 1;
      const auto refusal = open(changed, s.sa).refusal;
      EXPECT_EQ(refusal == Refusal::none, may_change[i]) << "octet " << i;
    }
    if (!parsed->v4) return;
    auto changed = s.sealed;
    changed[6] ^= 0x40;  // DF
    EXPECT_EQ(open(changed, s.sa).refusal, Refusal::none);
  });
}

TEST(Ipsec, EveryOctetUnderAuthenticatedEspCounts) {
  for_each_sample([](const Sample& s) {
    if (s.sa.protocol != IpsecProtocol::esp || s.sa.auth == AuthAlgorithm::none) return;
    const auto parsed = parse_datagram(s.sealed);
    ASSERT_TRUE(parsed);
    for (std::size_t i = parsed->find(ip_proto::esp)->offset; i < s.sealed.size(); ++i) {
      auto changed = s.sealed;
      changed[i] ^= 0x80;
      EXPECT_EQ(open(changed, s.sa).refusal, Refusal::icv) << "octet " << i;
    }
  });
}

TEST(Ipsec, EveryTruncationIsRefused) {
  for_each_sample([](const Sample& s) {
    const auto parsed = parse_datagram(s.sealed);
    ASSERT_TRUE(parsed);
    for (std::size_t size = 0; size < s.sealed.size(); ++size) {
      auto cut = s.sealed;
      cut.resize(size);
      EXPECT_NE(open(cut, s.sa).refusal, Refusal::none) << size;
      // The same with an IP length that is right.
      const std::size_t head = parsed->header_octets;
      if (size < head) continue;
      const auto length = parsed->v4 ? size : size - head;
      cut[parsed->v4 ? 2 : 4] = static_cast<std::uint8_t>(length >> 8);
      cut[parsed->v4 ? 3 : 5] = static_cast<std::uint8_t>(length);
      const auto refusal = open(cut, s.sa).refusal;
      EXPECT_TRUE(refusal != Refusal::none || s.sa.auth == AuthAlgorithm::none) << size;
    }
  });
}

TEST(Esp, Rfc3602Case5) {
  // ping 192.168.123.100: the whole packet before and after.
  const auto plain = octets(
      "4500005408f200004001f9fec0a87b03c0a87b64"
      "08000ebda70a00008e9c083db95b070008090a0b0c0d0e0f1011121314151617"
      "18191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f3031323334353637");
  const auto sealed = octets(
      "4500007c08f200004032f9a5c0a87b03c0a87b64"
      "0000432100000001e96e8c08ab465763fd098d45dd3ff893"
      "f663c25d325c18c6a9453e194e120849a4870b66cc6b9965330013b4898dc856"
      "a4699e523a55db080b59ec3a8e4b7e52775b07d1db34ed9c538ab50c551b874a"
      "a269add047ad2d5913ac19b7cfbad4a6");
  Sa sa;
  sa.protocol = IpsecProtocol::esp;
  sa.spi = 0x4321;
  sa.cipher = Cipher::aes_cbc;
  sa.cipher_key = octets("90d382b410eeba7ad938c46cec1a82bf");
  const auto opened = open(sealed, sa);
  EXPECT_EQ(opened.refusal, Refusal::none);
  EXPECT_EQ(to_hex(opened.datagram), to_hex(plain));
  EXPECT_EQ(opened.pad, 14);
  const auto iv = octets("e96e8c08ab465763fd098d45dd3ff893");
  EXPECT_EQ(to_hex(esp_packet(sa, 1, 1, View(plain).subspan(20), {.iv = iv, .pad = {}})),
            to_hex(View(sealed).subspan(20)));
}

Sa esp_null() {
  Sa sa;
  sa.protocol = IpsecProtocol::esp;
  sa.spi = 0x100;
  return sa;
}

Octets under_esp(std::string_view text) {
  Octets datagram{0x60, 0, 0, 0, 0, 0, 50, 64};
  datagram.resize(40);
  append(datagram, octets("0000010000000001"));
  append(datagram, octets(text));
  datagram[5] = static_cast<std::uint8_t>(datagram.size() - 40);
  return datagram;
}

TEST(Esp, PaddingMustCountUp) {
  EXPECT_EQ(open(under_esp("aabb01020202 113a"), esp_null()).refusal, Refusal::padding);
  EXPECT_EQ(open(under_esp("aabb 0102 02 3a"), esp_null()).refusal, Refusal::none);
  EXPECT_EQ(open(under_esp("aabb 0103 02 3a"), esp_null()).refusal, Refusal::padding);
  EXPECT_EQ(open(under_esp("aabb 05 3a"), esp_null()).refusal, Refusal::padding);  // 2 are there
  EXPECT_EQ(open(under_esp("00 3a"), esp_null()).refusal, Refusal::none);          // no payload
  EXPECT_EQ(open(under_esp("3a"), esp_null()).refusal, Refusal::malformed);
}

TEST(Esp, TextThatIsNoMultipleOfTheBlock) {
  auto sa = esp_null();
  sa.cipher = Cipher::des_cbc;
  sa.cipher_key = Octets(8, 0x23);
  EXPECT_EQ(open(under_esp("0011223344556677 0011223344556677"), sa).refusal, Refusal::padding);
  EXPECT_EQ(open(under_esp("0011223344556677 001122334455667788"), sa).refusal, Refusal::malformed);
  EXPECT_EQ(open(under_esp("0011223344556677"), sa).refusal, Refusal::malformed);
}

TEST(Esp, IvsAreNotRepeated) {
  auto sa = esp_null();
  sa.cipher = Cipher::aes_cbc;
  sa.cipher_key = Octets(16, 0x23);
  std::set<Octets> seen;
  for (std::uint32_t i = 0; i < 1000; ++i) EXPECT_TRUE(seen.insert(make_iv(sa, i)).second);
  sa.spi = 0x101;
  EXPECT_TRUE(seen.insert(make_iv(sa, 1)).second);
  EXPECT_EQ(make_iv(sa, 7), make_iv(sa, 7));
}

// Options with the chg bit count as zeros wherever they stand (wire-format section 8).
TEST(Ah, ChangeableOptionBehindAh) {
  Sa sa;
  sa.spi = 0x100;
  sa.auth = AuthAlgorithm::hmac_sha1;
  sa.auth_key = Octets(20, 0x11);
  for (const bool changes : {false, true}) {
    Octets plain{0x60, 0, 0, 0, 0, 8, 60, 255};
    plain.resize(40);
    append(plain, octets(changes ? "3b003e04a1a2a3a4" : "3b001e04a1a2a3a4"));
    auto sealed = protect(plain, sa, 1);
    sealed.back() ^= 0xff;
    EXPECT_EQ(open(sealed, sa).refusal == Refusal::none, changes);
  }
}

// An ICV of another size than 12 octets is none of ours.
TEST(Ah, LengthMustFit) {
  const auto& s = samples().front();
  auto sealed = s.sealed;
  const auto at = parse_datagram(sealed)->find(ip_proto::ah)->offset;
  for (const std::uint8_t length : {0, 1, 2, 3, 5, 6, 255}) {
    sealed[at + 1] = length;
    EXPECT_NE(open(sealed, s.sa).refusal, Refusal::none) << int{length};
  }
}

}  // namespace
}  // namespace secct::generator::test
