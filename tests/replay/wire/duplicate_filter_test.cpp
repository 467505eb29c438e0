// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/wire/duplicate_filter.hpp"

#include <gtest/gtest.h>

namespace secct::replay {
namespace {

TEST(DuplicateFilter, DropsTheSameDatagramWithinTheIntervalOnly) {
  DuplicateFilter filter(milliseconds(50));
  const Octets one{1, 2, 3};
  const Octets other{1, 2, 4};
  EXPECT_FALSE(filter.is_duplicate(one, milliseconds(0)));
  EXPECT_FALSE(filter.is_duplicate(other, milliseconds(1)));
  EXPECT_TRUE(filter.is_duplicate(one, milliseconds(49)));
  EXPECT_FALSE(filter.is_duplicate(one, milliseconds(50)));  // a retransmission
  EXPECT_TRUE(filter.is_duplicate(one, milliseconds(99)));
}

}  // namespace
}  // namespace secct::replay
