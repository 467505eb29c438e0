// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/tester/case/case_variables.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/replay/tester/tester_fixture.hpp"

namespace secct::replay {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Mobile node 1 of the built-in description: SAs 1 to 4 are transferable, the last one is not.
class CaseVariables : public TesterFixture {
 protected:
  std::vector<std::string> values(const std::string& text) const {
    return values_of(text, variables());
  }
  std::string error(const std::string& text) const {
    try {
      values(text);
    } catch (const UsageError& error) {
      return error.what();
    }
    return "no error";
  }
  std::string spi(std::size_t sa) const {
    return fmt::format("0x{:08x}", handover_.mobile_node().sas[sa].context.spi);
  }
};

TEST_F(CaseVariables, AreTheirOwnValueWithoutDollarSign) {
  EXPECT_THAT(values("105"), ElementsAre("105"));
  EXPECT_THAT(values(""), ElementsAre(""));
}

TEST_F(CaseVariables, NameAddressesOfTheHandover) {
  EXPECT_THAT(values("$naddr"), ElementsAre("2001:db8:20::1:1"));
  EXPECT_THAT(values("$paddr"), ElementsAre("2001:db8:10::1:1"));
  EXPECT_THAT(values("$nr"), ElementsAre("2001:db8:2::1"));
  EXPECT_THAT(values("$pr"), ElementsAre("2001:db8:1::1"));
  EXPECT_THAT(values("$nr-v4"), ElementsAre("192.0.2.1"));
  EXPECT_THAT(values("$pr-v4-mapped"), ElementsAre("::ffff:192.0.2.2"));
}

TEST_F(CaseVariables, NameAddressesOfNoOrAnotherMobileNode) {
  EXPECT_THAT(values("$other-naddr"), ElementsAre("2001:db8:20:0:8000:0:1:1"));
  EXPECT_THAT(values("$other-paddr"),
              ElementsAre(to_text(description_.paddr_of(description_.mobile_node_count))));
}

TEST_F(CaseVariables, NamePropertiesOfTransferableSas) {
  EXPECT_THAT(values("$spi1"), ElementsAre(spi(0)));
  EXPECT_THAT(values("$spi4"), ElementsAre(spi(3)));
  EXPECT_THAT(values("$spis"), ElementsAre("268435520", "536870977", "805306434", "1073741891"));
  EXPECT_THAT(values("$protocol1"), ElementsAre("0"));  // AH
  EXPECT_THAT(values("$protocol3"), ElementsAre("1"));  // ESP
  EXPECT_THAT(values("$spt3"), ElementsAre("9"));
  EXPECT_THAT(values("$destination1"), ElementsAre("2001:db8:10::1:1"));
  EXPECT_THAT(values("$source1"), ElementsAre("2001:db8:1::1"));
}

TEST_F(CaseVariables, NamePropertiesOfSasThatAreNotTransferable) {
  EXPECT_THAT(values("$kept-spi1"), ElementsAre(spi(4)));
  EXPECT_THAT(values("$kept-spt1"), ElementsAre("10"));
  EXPECT_THAT(error("$kept-spi2"), HasSubstr("$kept-spi2"));
}

TEST_F(CaseVariables, HaveNoValueForAnSaThatDoesNotExist) {
  EXPECT_THAT(error("$spi5"), HasSubstr("unknown case variable '$spi5'"));
  EXPECT_THAT(error("$spi0"), HasSubstr("unknown case variable '$spi0'"));
  EXPECT_THAT(error("$source-id1"), HasSubstr("$source-id1"));  // its SA has no private ID
}

TEST_F(CaseVariables, NameTheNearestVariableInAnError) {
  EXPECT_THAT(error("$identifer"), HasSubstr("did you mean $identifier?"));
}

TEST_F(CaseVariables, ListOneStatusPerSa) {
  EXPECT_THAT(values("$statuses:2=102"), ElementsAre("200", "102", "200", "200"));
  EXPECT_THAT(error("$statuses:5=102"), HasSubstr("$statuses:5=102"));
}

TEST_F(CaseVariables, RememberSentMessages) {
  EXPECT_THAT(values("$identifier"), ElementsAre("1"));  // that of the handover
  EXPECT_THAT(error("$token1"), HasSubstr("$token1"));
  record_sent("shrep", edited(handover_.shrep(), {{"secct.identifier", "77"}}));
  record_sent("shin", edited(handover_.shin(1), {{"secct.auth.token", "0x01020304"}}));
  EXPECT_THAT(values("$identifier"), ElementsAre("77"));  // a SHIN has none
  EXPECT_THAT(values("$token1"), ElementsAre("0x01020304"));
  EXPECT_THAT(error("$token2"), HasSubstr("$token2"));
}

TEST_F(CaseVariables, NameTheLastAhSequenceNumber) {
  record_sent("shrep", edited(handover_.shrep(), {{"ah.sequence", "41"}}));
  EXPECT_THAT(values("$last-sequence"), ElementsAre("41"));
}

TEST_F(CaseVariables, NameAnSpiInUseIfTheDescriptionHasOne) {
  EXPECT_THAT(values("$spi-in-use"), ElementsAre("0x0c0ffee0"));
  description_.spi_in_use.clear();
  EXPECT_THAT(error("$spi-in-use"), HasSubstr("it has no value in this case"));
}

}  // namespace
}  // namespace secct::replay
