// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/handover/messages.hpp"

#include <gmock/gmock.h>

#include "protocol/tables/status.hpp"

namespace secct::generator {
namespace {

using testing::ElementsAre;

// The numbers of sub-options in the SHAKs: a SecCT-Stat of 4 octets, then `acks` SecCT-acks of 8.
std::vector<std::size_t> parts_with(std::size_t acks) {
  const CodePoints points;
  std::vector<Node> sub_options{stat_node(points, status::ok)};
  for (std::uint32_t spi = 256; spi < 256 + acks; ++spi) {
    sub_options.push_back(ack_node(points, spi, 0x80));
  }
  std::vector<std::size_t> counts;
  for (const auto& part : split_shak(points, sub_options)) counts.push_back(part.size());
  return counts;
}

TEST(SplitShak, KeepsWhatFitsIntoOneDestinationOption) {
  EXPECT_THAT(parts_with(0), ElementsAre(1));
  EXPECT_THAT(parts_with(31), ElementsAre(32));  // 4 + 31 * 8 = 252 octets
}

TEST(SplitShak, ContinuesInFurtherShaks) {
  EXPECT_THAT(parts_with(32), ElementsAre(32, 1));
  EXPECT_THAT(parts_with(70), ElementsAre(32, 31, 8));
}

}  // namespace
}  // namespace secct::generator
