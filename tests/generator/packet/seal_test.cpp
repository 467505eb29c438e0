// SPDX-License-Identifier: GPL-2.0-or-later
// The builder computes the AH ICVs of tests/vectors/ah.list, and checksums over final addresses.
#include "generator/packet/seal.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "generator/packet/parse.hpp"
#include "ipsec/algorithms.hpp"
#include "tests/generator/support.hpp"

namespace secct::generator::test {
namespace {

bool writes_icv(const PacketDocument& document) {
  return std::ranges::any_of(document.layers, [](const Layer& layer) {
    return layer.find(HeaderField::ah_icv) != nullptr;
  });
}

TEST(SealAh, ComputesTheIcvsOfAnotherImplementation) {
  std::size_t computed = 0;
  for (const auto& row : read_table("tests/vectors/ah.list")) {
    SCOPED_TRACE(row.at(0));
    Sa sa;
    sa.spi = static_cast<std::uint32_t>(*to_number(row.at(2)));
    sa.auth = find_auth_algorithm(row.at(3)).value();
    sa.auth_key = octets(row.at(4));
    const Keyring keys{{sa}, {}};
    const auto packet = octets(row.at(7));
    // The document omits the ICVs that the builder computes.
    const auto document = parse_to_document({}, keys, LinkType::raw_ip, packet);
    EXPECT_EQ(to_hex(built(document, keys)), row.at(7));
    if (!writes_icv(document)) ++computed;
    if (row.at(0).find("ah-ah") != std::string::npos) continue;  // has two ICVs
    EXPECT_EQ(!writes_icv(document), row.at(1) == "good");
  }
  EXPECT_GE(computed, 100U);
}

// RFC 2460 section 8.1: the pseudo-header contains the final destination.
TEST(WriteChecksum, UsesTheFinalDestination) {
  const std::string head = "layers:\n  - ipv6: {ipv6.src: '2001:db8::1', ipv6.dst: '2001:db8::";
  const std::string udp =
      "  - udp: {udp.srcport: 1, udp.dstport: 2}\n  - data: {data.data: 0x0102}\n";
  const auto routed =
      built(head +
            "2'}\n  - ipv6.routing: {ipv6.routing.type: 0, ipv6.routing.segleft: 1, "
            "ipv6.routing.unknown.data: "
            "'0x0000000020010db8000000000000000000000009'}\n" +
            udp);
  const auto direct = built(head + "9'}\n" + udp);
  EXPECT_EQ(to_hex(View(routed).last(10)), to_hex(View(direct).last(10)));
}

}  // namespace
}  // namespace secct::generator::test
