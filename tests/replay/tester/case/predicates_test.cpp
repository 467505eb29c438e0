// SPDX-License-Identifier: GPL-2.0-or-later
// Each predicate of replay/suite/predicates.def with a message that satisfies it and one that does
// not.
#include "replay/tester/case/predicates.hpp"

#include <algorithm>
#include <set>

#include <gmock/gmock.h>

#include "replay/suite/clauses.hpp"
#include "tests/replay/tester/tester_fixture.hpp"

namespace secct::replay {
namespace {

// The clause that the packet violates, or "satisfied".
std::string evaluate(std::string_view predicate, const ReceivedPacket& packet,
                     const VariableContext& variables) {
  const auto failure = run_predicate(predicate, packet, variables);
  if (!failure) return "satisfied";
  EXPECT_FALSE(failure->text.empty());
  return failure->clause;
}

class NewRouterPredicates : public TesterFixture {
 protected:
  std::string check(std::string_view predicate, const PacketDocument& packet) const {
    return evaluate(predicate, *received(packet), variables());
  }
};

class PreviousRouterPredicates : public TesterFixture {
 protected:
  PreviousRouterPredicates() : TesterFixture(Role::pr) {}
  std::string check(std::string_view predicate, const PacketDocument& packet) const {
    return evaluate(predicate, *received(packet), variables());
  }
};

TEST_F(NewRouterPredicates, VerbatimComparesTheShreqWithTheShin) {
  EXPECT_EQ(check("verbatim", handover_.shreq()), "FRAME-4.3-1");  // no SHIN was sent
  record_sent("shin", handover_.shin(1));
  EXPECT_EQ(check("verbatim", handover_.shreq(1)), "satisfied");
  EXPECT_EQ(check("verbatim", handover_.shreq(2)), "FRAME-4.3-1");
}

TEST_F(NewRouterPredicates, SwappedAddressesComparesTheHackWithTheHi) {
  EXPECT_EQ(check("swapped-addresses", handover_.hack()), "satisfied");
  EXPECT_EQ(check("swapped-addresses", edited(handover_.hack(), {{"ipv6.src", "2001:db8:2::99"}})),
            "FMIP-4.4-2");
}

TEST_F(NewRouterPredicates, AssignedAddressRequiresTheNcoaWithCode3) {
  EXPECT_EQ(check("assigned-address", handover_.hack()), "satisfied");
  auto hack = edited(handover_.hack(), {{"secct.code", "3"}});
  EXPECT_EQ(check("assigned-address", hack), "FMIP-4.4-3");
  insert_entry(description_.codepoints, hack, "options#1",
               "{secct.opt.type: ip_address, secct.opt.subtype: 2, secct.opt.address: "
               "\"2001:db8:20::2\"}");
  EXPECT_EQ(check("assigned-address", hack), "satisfied");
}

TEST_F(NewRouterPredicates, GatewayRequiresTheAddressOfTheNewRouter) {
  record_sent("shrep", handover_.shrep());
  EXPECT_EQ(check("gateway", handover_.shak()), "satisfied");
  EXPECT_EQ(check("gateway", edited(handover_.shak(), {{"ipv6.src", "2001:db8:1::1"}})),
            "ISSUES-6.2-1");
}

TEST_F(NewRouterPredicates, RenegotiateForbidsOtherChanges) {
  record_sent("shrep", handover_.shrep());
  const auto shak = [&](std::uint8_t changed) {
    return handover_.shak(status::ok, true, {{1, changed, {}}});
  };
  EXPECT_EQ(check("renegotiate", shak(0x04)), "satisfied");
  EXPECT_EQ(check("renegotiate", shak(0x04 | trait::changed_spi)), "ISSUES-7.1-1");
  EXPECT_EQ(check("renegotiate", edited(shak(0x04), {{"secct.ack.spi", "0x99999999"}})),
            "RELOC-5.3-1");
}

TEST_F(NewRouterPredicates, NoNewSpiFindsTheRecomputedSpi) {
  record_sent("shrep", handover_.shrep());
  const auto shak = handover_.shak(status::ok, true, {{1, trait::changed_spi, {}}});
  EXPECT_EQ(check("no-new-spi", shak), "satisfied");
  EXPECT_EQ(check("no-new-spi",
                  edited(shak, {{"secct.ack.spi", std::to_string(handover_.recomputed_spi(1))}})),
            "RELOC-4-16");
}

TEST_F(NewRouterPredicates, FirstSaRequiresTheSaOfD15) {
  record_sent("shrep", handover_.shrep());
  const auto shak = received(handover_.shak());
  EXPECT_EQ(evaluate("first-sa", *shak, variables()), "satisfied");
  shak->sas.at(0).spi = handover_.mobile_node().sas[2].context.spi;
  EXPECT_EQ(evaluate("first-sa", *shak, variables()), "RELOC-4-17");
}

TEST_F(NewRouterPredicates, PathMtuMustBeSmallerThanTheTransferredOne) {
  auto description = built_in_description();
  description.sas = {read_sa_pattern(
      parse_yaml("{type: 5, direction: to-mn, spt: AH-TRANSPORT-HMACSHA1-V6-V6-ASD, additional: "
                 "[{type: pmtu, value: 9000}]}",
                 "t.yaml"),
      {"t.yaml", "sas[0]"}, 0x10000000)};
  Handover handover(description, Role::nr, 1, 1, counters_);
  MobileNodeState mobile_node(handover);
  CaseState state;
  const auto check = [&](std::uint32_t pmtu) {
    const auto shak = handover.shak(status::ok, true, {{0, trait::changed_pmtu, pmtu}});
    const auto built = build(description.codepoints, handover.keyring(), shak);
    ReceivedPacket packet;
    PacketInspector(description.codepoints)
        .inspect(View(built.octets).subspan(ethernet_octets), handover.keyring(), packet);
    return evaluate("path-mtu", packet, {handover, mobile_node, state});
  };
  EXPECT_EQ(check(8999), "satisfied");
  EXPECT_EQ(check(9000), "ISSUES-6.3-1");
}

TEST_F(NewRouterPredicates, OverIpv4RequiresIpv4) {
  EXPECT_EQ(check("over-ipv4", handover_.shreq()), "ISSUES-6.5-1");
  handover_.use_ipv4();
  EXPECT_EQ(check("over-ipv4", handover_.shreq()), "satisfied");
}

TEST_F(NewRouterPredicates, PoorlyFormedRequiresCode70) {
  const auto shreq = received(handover_.shreq());
  EXPECT_EQ(evaluate("poorly-formed", *shreq, variables()), "RELOC-5-2");
  shreq->registration_code = 70;
  EXPECT_EQ(evaluate("poorly-formed", *shreq, variables()), "satisfied");
  shreq->registration_code = 69;
  EXPECT_EQ(evaluate("poorly-formed", *shreq, variables()), "RELOC-5-2");
}

TEST_F(PreviousRouterPredicates, SWithoutNcoaRequiresSInAHiThatProposesNone) {
  EXPECT_EQ(check("s-without-ncoa", handover_.hi()), "satisfied");
  auto hi = handover_.hi();
  remove_field(hi, "options#2");
  EXPECT_EQ(check("s-without-ncoa", hi), "FMIP-4.3-6");
  EXPECT_EQ(check("s-without-ncoa", edited(hi, {{"secct.flags.s", "true"}})), "satisfied");
  EXPECT_EQ(check("s-without-ncoa", edited(handover_.hi(), {{"secct.opt.address#2", "::"}})),
            "FMIP-4.3-6");
}

TEST_F(PreviousRouterPredicates, UshrepTokenIsThatOfTheLaterShin) {
  EXPECT_EQ(check("ushrep-token", handover_.hi()), "satisfied");
  EXPECT_EQ(check("ushrep-token", edited(handover_.hi(), {{"secct.auth.token", "1"}})),
            "FRAME-5.2-2");
}

TEST_F(PreviousRouterPredicates, UshrepTokenCoversTheSubOptionsOfThePShin) {
  record_sent("p-shin", edited(handover_.pshin(), {{"secct.req.spt", "5"}}));
  EXPECT_EQ(check("ushrep-token", handover_.hi()), "FRAME-5.2-2");
}

TEST_F(PreviousRouterPredicates, NaddrOfHiIsTheProposedNcoaOrNone) {
  EXPECT_EQ(check("naddr-of-hi", handover_.hi()), "satisfied");
  EXPECT_EQ(check("naddr-of-hi", edited(handover_.hi(), {{"secct.naddr", "::"}})), "satisfied");
  EXPECT_EQ(check("naddr-of-hi", edited(handover_.hi(), {{"secct.naddr", "2001:db8::9"}})), "");
}

TEST_F(PreviousRouterPredicates, IvHasTheLengthOfTheCipher) {
  const auto shrep = received(handover_.shrep());
  EXPECT_EQ(evaluate("iv", *shrep, variables()), "satisfied");
  auto& fields = shrep->decoded.fields;
  const auto iv = std::ranges::find(fields, Field::sa_iv, &DecodedField::field);
  ASSERT_NE(iv, fields.end());
  iv->length -= 8;
  EXPECT_EQ(evaluate("iv", *shrep, variables()), "RELOC-6-1");
}

// The tests above must be extended for a new predicate.
TEST(Predicates, AreAllTested) {
  const std::set<std::string_view> tested{"verbatim",      "swapped-addresses", "ushrep-token",
                                          "naddr-of-hi",   "s-without-ncoa",    "assigned-address",
                                          "gateway",       "path-mtu",          "renegotiate",
                                          "no-new-spi",    "first-sa",          "iv",
                                          "poorly-formed", "over-ipv4"};
  std::set<std::string_view> all{
#define PREDICATE(function, name) name,
#include "replay/suite/predicates.def"
#undef PREDICATE
  };
  EXPECT_EQ(tested, all);
}

}  // namespace
}  // namespace secct::replay
