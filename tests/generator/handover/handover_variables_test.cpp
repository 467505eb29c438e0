// SPDX-License-Identifier: GPL-2.0-or-later
// The variables of a handover in cases and in the malformed catalogue.
#include "generator/handover/handover_variables.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/generator/descriptions.hpp"
#include "tests/generator/support.hpp"

namespace secct::generator::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Mobile node 1 of the built-in description: SAs 0 to 3 are transferable, SA 4 is not.
class HandoverVariables : public testing::Test {
 protected:
  std::vector<std::string> find(std::string_view name) const {
    return find_handover_variable(handover_, name);
  }

  Counters counters_;
  Handover handover_{description(), Role::nr, 1, 7, counters_};
};

TEST_F(HandoverVariables, AddressesAreThoseOfTheHandover) {
  EXPECT_THAT(find("$paddr"), ElementsAre("2001:db8:10::1:1"));
  EXPECT_THAT(find("$naddr"), ElementsAre("2001:db8:20::1:1"));
  EXPECT_THAT(find("$nr"), ElementsAre("2001:db8:2::1"));
  EXPECT_THAT(find("$pr"), ElementsAre("2001:db8:1::1"));
  EXPECT_THAT(find("$link-local"), ElementsAre("fe80::1:1"));
  EXPECT_THAT(find("$ncoa-in-use"), ElementsAre("2001:db8:20::dead"));
}

TEST_F(HandoverVariables, StrangerIsNotAMobileNode) {
  const auto stranger = find("$stranger");
  ASSERT_EQ(stranger.size(), 1U);
  EXPECT_EQ(description().number_of(address(stranger[0])), std::nullopt);
}

TEST_F(HandoverVariables, OtherIdentifierDiffers) {
  EXPECT_THAT(find("$other-identifier"), ElementsAre("65528"));  // ~7
}

TEST_F(HandoverVariables, SpisAndEndsAreThoseOfTransferableSas) {
  EXPECT_THAT(find("$spis"), ElementsAre(std::to_string(0x10000040), std::to_string(0x20000041),
                                         std::to_string(0x30000042), std::to_string(0x40000043)));
  EXPECT_THAT(find("$spi1"), ElementsAre(std::to_string(0x10000040)));
  EXPECT_THAT(find("$spi4"), ElementsAre(std::to_string(0x40000043)));
  EXPECT_THAT(find("$source1"), ElementsAre("2001:db8:1::1"));
  EXPECT_THAT(find("$destination1"), ElementsAre("2001:db8:10::1:1"));
  EXPECT_THAT(find("$source2"), ElementsAre("2001:db8:10::1:1"));
  EXPECT_THAT(find("$kept-spi"), ElementsAre(std::to_string(0x50000044)));
}

TEST_F(HandoverVariables, UnknownNamesAndNumbersHaveNoValue) {
  for (const auto* name :
       {"$spi0", "$spi5", "$spi", "$spix", "$source9", "$nothing", "paddr", ""}) {
    EXPECT_THAT(find(name), IsEmpty()) << name;
  }
}

TEST_F(HandoverVariables, DependOnTheDescription) {
  const auto router = description_from(description_yaml(tunnels));
  const Handover handover(router, Role::pr, 1, 7, counters_);
  EXPECT_THAT(find_handover_variable(handover, "$nr"), ElementsAre("2001:db8:1::1"));
  EXPECT_THAT(find_handover_variable(handover, "$ncoa-in-use"), IsEmpty());
  EXPECT_THAT(find_handover_variable(handover, "$kept-spi"), IsEmpty());
}

TEST_F(HandoverVariables, ResolverKeepsOtherTextsAndRejectsUnknownVariables) {
  const auto resolve = handover_variables(handover_);
  EXPECT_THAT(resolve("$paddr"), ElementsAre("2001:db8:10::1:1"));
  EXPECT_THAT(resolve("paddr"), ElementsAre("paddr"));
  EXPECT_EQ(error_of([&] { resolve("$spi5"); }),
            "$spi5: unknown variable, or it has no value in this handover");
}

}  // namespace
}  // namespace secct::generator::test
