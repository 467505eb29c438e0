// SPDX-License-Identifier: GPL-2.0-or-later
// ESP against the sample packet of RFC 3602, and its padding and IVs.
#include "ipsec/esp.hpp"

#include <set>

#include <gtest/gtest.h>

#include "ipsec/crypto.hpp"
#include "ipsec/keyed_sa.hpp"
#include "ipsec/redacted.hpp"
#include "tests/generator/support.hpp"
#include "tests/ipsec/sample_packets.hpp"

namespace secct::ipsec::test {
namespace {

using generator::test::octets;

TEST(Esp, MatchesRfc3602Case5) {
  // ping 192.168.123.100: the whole packet before and after.
  const auto plain = octets(
      "4500005408f200004001f9fec0a87b03c0a87b64"
      "08000ebda70a00008e9c083db95b070008090a0b0c0d0e0f1011121314151617"
      "18191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f3031323334353637");
  const auto encrypted = octets(
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
  const auto result = decapsulate(encrypted, sa);
  EXPECT_EQ(result.error, IpsecError::none);
  EXPECT_EQ(to_hex(result.datagram), to_hex(plain));
  EXPECT_EQ(result.pad, 14);
  const auto iv = octets("e96e8c08ab465763fd098d45dd3ff893");
  EXPECT_EQ(to_hex(esp_packet(sa, 1, 1, View(plain).subspan(20), {.iv = iv, .pad = {}})),
            to_hex(View(encrypted).subspan(20)));
}

Sa esp_null() {
  Sa sa;
  sa.protocol = IpsecProtocol::esp;
  sa.spi = 0x100;
  return sa;
}

// An IPv6 datagram with ESP whose text, from IV to ICV, is `text`.
Octets esp_datagram(std::string_view text) {
  Octets datagram{0x60, 0, 0, 0, 0, 0, 50, 64};
  datagram.resize(40);
  append(datagram, octets("0000010000000001"));
  append(datagram, octets(text));
  update_ip_length(datagram);
  return datagram;
}

IpsecError error_of(std::string_view text, const Sa& sa = esp_null()) {
  return decapsulate(esp_datagram(text), sa).error;
}

TEST(Esp, RejectsPaddingThatDoesNotCountUp) {
  EXPECT_EQ(error_of("aabb 0102 02 3a"), IpsecError::none);
  EXPECT_EQ(error_of("00 3a"), IpsecError::none);  // no payload
  EXPECT_EQ(error_of("aabb01020202 113a"), IpsecError::padding);
  EXPECT_EQ(error_of("aabb 0103 02 3a"), IpsecError::padding);
  EXPECT_EQ(error_of("aabb 05 3a"), IpsecError::padding);  // more than there are octets
  EXPECT_EQ(error_of("3a"), IpsecError::malformed);
}

TEST(Esp, IsRedactedIfTheIcvHasTheMark) {
  Octets packet(esp_fixed_octets + 40);
  mark_redacted_icv(std::span(packet).last(icv_octets));
  auto sa = esp_null();
  EXPECT_EQ(decrypt_esp(packet, sa).error, IpsecError::redacted);
  sa.auth = AuthAlgorithm::hmac_sha1;
  EXPECT_EQ(decrypt_esp(packet, sa).error, IpsecError::redacted);
  packet[packet.size() - icv_octets] ^= 1;
  EXPECT_EQ(decrypt_esp(packet, sa).error, IpsecError::icv);
}

TEST(Esp, RejectsTextThatIsNotMultipleOfBlock) {
  auto sa = esp_null();
  sa.cipher = Cipher::des_cbc;
  sa.cipher_key = Octets(8, 0x23);
  EXPECT_EQ(error_of("0011223344556677 0011223344556677", sa), IpsecError::padding);
  EXPECT_EQ(error_of("0011223344556677 001122334455667788", sa), IpsecError::malformed);
  EXPECT_EQ(error_of("0011223344556677", sa), IpsecError::malformed);
}

TEST(Esp, PadsToBlockAndFourOctets) {
  auto sa = esp_null();
  EXPECT_EQ(to_hex(unencrypted_esp(sa, 1, 59, octets("aa")).octets),
            "0000010000000001"
            "aa"
            "01013b");
  sa.cipher = Cipher::aes_cbc;
  sa.auth = AuthAlgorithm::hmac_md5;
  const auto esp = unencrypted_esp(sa, 1, 59, octets("aa"));
  EXPECT_EQ(esp.iv_octets, 16U);
  EXPECT_EQ(esp.plaintext_end, 8U + 16 + 16);
  EXPECT_EQ(esp.octets.size(), esp.plaintext_end + 12);
}

TEST(Esp, DoesNotRepeatIvs) {
  auto sa = esp_null();
  sa.cipher = Cipher::aes_cbc;
  sa.cipher_key = Octets(16, 0x23);
  std::set<Octets> ivs;
  for (std::uint32_t i = 0; i < 1000; ++i) EXPECT_TRUE(ivs.insert(make_iv(sa, i)).second);
  EXPECT_EQ(make_iv(sa, 7), make_iv(sa, 7));
  sa.spi = 0x101;
  EXPECT_TRUE(ivs.insert(make_iv(sa, 1)).second);
}

TEST(KeyedSa, KeysCanBeChanged) {
  auto sa = esp_null();
  sa.auth = AuthAlgorithm::hmac_sha1;
  sa.auth_key = Octets(20, 1);
  sa.cipher = Cipher::aes_cbc;
  sa.cipher_key = Octets(16, 2);
  KeyedSa keyed(sa);
  sa.auth_key = Octets(20, 3);
  sa.cipher_key = Octets(16, 4);
  keyed.set_keys(sa.auth_key, sa.cipher_key);
  auto esp = unencrypted_esp(sa, 9, 59, octets("0102030405"));
  keyed.encrypt(esp.octets, esp.iv_octets, esp.iv_given, esp.plaintext_end);
  EXPECT_EQ(to_hex(View(esp.octets).subspan(8, 16)), to_hex(make_iv(sa, 9)));
  EXPECT_EQ(to_hex(keyed.icv(View(esp.octets).first(esp.plaintext_end))),
            to_hex(View(esp_packet(sa, 9, 59, octets("0102030405"))).last(12)));
}

TEST(KeyedSa, WithoutAlgorithmsHasNoIcvAndDoesNotEncrypt) {
  const auto sa = esp_null();
  KeyedSa keyed(sa);
  EXPECT_TRUE(keyed.icv(octets("0102")).empty());
  auto esp = unencrypted_esp(sa, 9, 59, octets("0102"));
  const auto before = esp.octets;
  keyed.encrypt(esp.octets, esp.iv_octets, esp.iv_given, esp.plaintext_end);
  EXPECT_EQ(esp.octets, before);
}

TEST(IpsecHead, IsReadFromAhAndEsp) {
  const auto esp = esp_datagram("00 3a");
  const auto datagram = parse_datagram(esp);
  const auto head = ipsec_head(*datagram, datagram->chain[0]);
  ASSERT_TRUE(head);
  EXPECT_EQ(head->protocol, IpsecProtocol::esp);
  EXPECT_EQ(head->spi, 0x100U);
  EXPECT_EQ(head->sequence, 1U);
  auto short_esp = esp;
  short_esp.resize(47);
  update_ip_length(short_esp);
  const auto truncated = parse_datagram(short_esp);
  EXPECT_FALSE(ipsec_head(*truncated, truncated->chain[0]));
}

}  // namespace
}  // namespace secct::ipsec::test
