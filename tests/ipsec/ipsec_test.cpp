// SPDX-License-Identifier: GPL-2.0-or-later
// AH and ESP against the packets of another implementation.
#include <algorithm>

#include <gtest/gtest.h>

#include "ipsec/crypto.hpp"
#include "tests/ipsec/sample_packets.hpp"

namespace secct::ipsec::test {
namespace {

template <class Check>
void for_each_sample(Check check) {
  ASSERT_FALSE(samples().empty());
  for (const auto& s : samples()) {
    SCOPED_TRACE(s.name);
    check(s);
  }
}

TEST(Ipsec, DecapsulatesPacketsOfScapy) {
  for_each_sample([](const Sample& s) {
    const auto result = decapsulate(s.secure, s.sa);
    EXPECT_EQ(result.error, IpsecError::none);
    EXPECT_EQ(result.sequence, s.sequence);
    EXPECT_EQ(result.tunnel(), s.sa.tunnel);
    EXPECT_EQ(to_hex(result.datagram), to_hex(s.plain));
  });
}

TEST(Ipsec, DecapsulatesItsOwnPackets) {
  for_each_sample([](const Sample& s) {
    const auto result = decapsulate(protect(s.plain, s.sa, s.sequence), s.sa);
    EXPECT_EQ(result.error, IpsecError::none);
    EXPECT_EQ(result.sequence, s.sequence);
    EXPECT_EQ(to_hex(result.datagram), to_hex(s.plain));
  });
}

// scapy inserts AH and ESP after Destination Options, we insert them before. All other octets are
// determined by the RFCs.
TEST(Ipsec, BuildsTheSameOctetsAsScapy) {
  for_each_sample([](const Sample& s) {
    const auto parsed = parse_datagram(s.secure);
    ASSERT_TRUE(parsed);
    if (s.sa.protocol == IpsecProtocol::ah) {
      if (parsed->chain.front().type == ip_proto::ah) {
        EXPECT_EQ(to_hex(protect(s.plain, s.sa, s.sequence)), to_hex(s.secure));
      }
      return;
    }
    const auto* header = parsed->find(ip_proto::esp);
    ASSERT_NE(header, nullptr);
    const auto octets = parsed->octets_of(*header);
    const auto iv = octets.subspan(esp_fixed_octets, iv_octets(s.sa.cipher));
    const View payload = s.sa.tunnel ? View(s.plain) : View(s.plain).subspan(header->offset);
    EXPECT_EQ(to_hex(esp_packet(s.sa, s.sequence, decapsulate(s.secure, s.sa).next, payload,
                                {.iv = Octets(iv.begin(), iv.end()), .pad = {}})),
              to_hex(octets));
  });
}

TEST(Ipsec, RejectsTheIcvOfAnotherKey) {
  for_each_sample([](Sample s) {
    if (s.sa.auth == AuthAlgorithm::none) return;
    s.sa.auth_key[3] ^= 1;
    EXPECT_EQ(decapsulate(s.secure, s.sa).error, IpsecError::icv);
  });
}

TEST(Ipsec, RejectsEveryTruncation) {
  for_each_sample([](const Sample& s) {
    const auto parsed = parse_datagram(s.secure);
    ASSERT_TRUE(parsed);
    for (std::size_t size = 0; size < s.secure.size(); ++size) {
      auto truncated = s.secure;
      truncated.resize(size);
      EXPECT_NE(decapsulate(truncated, s.sa).error, IpsecError::none) << size;
      if (size < parsed->header_octets) continue;
      update_ip_length(truncated);
      const auto error = decapsulate(truncated, s.sa).error;
      EXPECT_TRUE(error != IpsecError::none || s.sa.auth == AuthAlgorithm::none) << size;
    }
  });
}

// RFC 2402 section 3.3.3.1: the ICV covers all octets except mutable fields and options.
TEST(Ah, IcvCoversAllImmutableOctets) {
  for_each_sample([](const Sample& s) {
    if (s.sa.protocol != IpsecProtocol::ah) return;
    const auto parsed = parse_datagram(s.secure);
    ASSERT_TRUE(parsed);
    std::vector<bool> is_mutable(s.secure.size());
    // TOS, TTL, checksum; or traffic class, flow label, hop limit.
    const std::vector<std::size_t> fields = parsed->v4 ? std::vector<std::size_t>{1, 8, 10, 11}
                                                       : std::vector<std::size_t>{0, 1, 2, 3, 7};
    for (const auto at : fields) is_mutable[at] = true;
    for (const auto& header : parsed->chain) {
      if (header.type == ip_proto::ah) break;
      for (const auto& option : parse_header_options(parsed->octets_of(header))) {
        const auto at = header.offset + option.offset;
        if ((s.secure[at] & 0x20) == 0) continue;
        for (std::size_t i = 2; i < option.length; ++i) is_mutable[at + i] = true;
      }
    }
    for (std::size_t i = 0; i < s.secure.size(); ++i) {
      auto changed = s.secure;
      changed[i] ^= 1;
      const auto error = decapsulate(changed, s.sa).error;
      EXPECT_EQ(error == IpsecError::none, is_mutable[i]) << "octet " << i;
    }
    if (!parsed->v4) return;
    auto changed = s.secure;
    changed[6] ^= 0x40;  // Don't Fragment
    EXPECT_EQ(decapsulate(changed, s.sa).error, IpsecError::none);
  });
}

// wire-format section 8: an option that may change counts as zeros after the AH too.
TEST(Ah, IcvDoesNotCoverMutableOptionAfterAh) {
  Sa sa;
  sa.spi = 0x100;
  sa.auth = AuthAlgorithm::hmac_sha1;
  sa.auth_key = Octets(20, 0x11);
  for (const bool may_change : {false, true}) {
    Octets plain{0x60, 0, 0, 0, 0, 8, 60, 255};
    plain.resize(40);
    for (const auto octet : {0x3b, 0x00, may_change ? 0x3e : 0x1e, 0x04, 0xa1, 0xa2, 0xa3, 0xa4}) {
      plain.push_back(static_cast<std::uint8_t>(octet));
    }
    auto changed = protect(plain, sa, 1);
    changed.back() ^= 0xff;
    EXPECT_EQ(decapsulate(changed, sa).error == IpsecError::none, may_change);
  }
}

TEST(Ah, RejectsIcvOfOtherLength) {
  const auto& s = samples().front();
  auto changed = s.secure;
  const auto at = parse_datagram(changed)->find(ip_proto::ah)->offset;
  for (const std::uint8_t length : {0, 1, 2, 3, 5, 6, 255}) {
    changed[at + 1] = length;
    EXPECT_NE(decapsulate(changed, s.sa).error, IpsecError::none) << int{length};
  }
}

// RFC 2402 appendix A: of the IPv4 options, Record Route is mutable, Router Alert is not.
TEST(Ah, IcvDoesNotCoverMutableIpv4Options) {
  Sa sa;
  sa.spi = 0x100;
  sa.auth = AuthAlgorithm::hmac_md5;
  sa.auth_key = Octets(16, 0x11);
  for (const auto& [type, is_mutable] : {std::pair(0x07, true), std::pair(0x94, false)}) {
    Octets plain{0x46, 0, 0, 0, 0, 0, 0, 0, 64, 59};
    plain.resize(24);
    plain[20] = static_cast<std::uint8_t>(type);
    plain[21] = 4;
    update_ip_length(plain);
    auto changed = protect(plain, sa, 1);
    changed[23] ^= 0xff;
    EXPECT_EQ(decapsulate(changed, sa).error == IpsecError::none, is_mutable) << type;
  }
}

TEST(Esp, IcvCoversAllOctets) {
  for_each_sample([](const Sample& s) {
    if (s.sa.protocol != IpsecProtocol::esp || s.sa.auth == AuthAlgorithm::none) return;
    const auto parsed = parse_datagram(s.secure);
    ASSERT_TRUE(parsed);
    for (std::size_t i = parsed->find(ip_proto::esp)->offset; i < s.secure.size(); ++i) {
      auto changed = s.secure;
      changed[i] ^= 0x80;
      EXPECT_EQ(decapsulate(changed, s.sa).error, IpsecError::icv) << "octet " << i;
    }
  });
}

}  // namespace
}  // namespace secct::ipsec::test
