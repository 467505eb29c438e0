// SPDX-License-Identifier: GPL-2.0-or-later
// Names and pcap numbers of link-layer types.
#include "generator/document/link_names.hpp"

#include <gtest/gtest.h>

namespace secct::generator {
namespace {

TEST(LinkNames, RoundTrip) {
  EXPECT_EQ(link_name(LinkType::ethernet), "ethernet");
  EXPECT_EQ(link_name(LinkType::raw_ip), "raw-ip");
  EXPECT_EQ(link_name(LinkType::sll), "linux-sll");
  for (const auto link : {LinkType::ethernet, LinkType::raw_ip, LinkType::null, LinkType::sll,
                          LinkType::raw_ipv4, LinkType::raw_ipv6, LinkType::loop, LinkType::sll2}) {
    EXPECT_EQ(find_link(link_name(link)), link);
  }
}

TEST(LinkNames, AreThoseOfWiretapForOtherTypes) {
  EXPECT_EQ(find_link("ether"), LinkType::ethernet);
  EXPECT_TRUE(find_link("ieee-802-11"));
  EXPECT_FALSE(find_link("ethrnet"));
  EXPECT_FALSE(find_link("unknown"));
  EXPECT_EQ(link_name(static_cast<LinkType>(9999)), "9999");
}

// LINKTYPE_ numbers of https://www.tcpdump.org/linktypes.html.
TEST(LinkNames, NumbersAreThoseOfPcap) {
  EXPECT_EQ(link_number(LinkType::ethernet), 1);
  EXPECT_EQ(link_number(LinkType::raw_ip), 101);
  EXPECT_EQ(link_number(LinkType::sll), 113);
  EXPECT_EQ(link_number(LinkType::sll2), 276);
  EXPECT_EQ(link_number(LinkType::raw_ipv6), 229);
  EXPECT_FALSE(link_number(static_cast<LinkType>(9999)));
}

}  // namespace
}  // namespace secct::generator
