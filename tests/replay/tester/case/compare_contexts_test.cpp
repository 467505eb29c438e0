// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/tester/case/compare_contexts.hpp"

#include <functional>
#include <utility>

#include "tests/replay/tester/tester_fixture.hpp"

namespace secct::replay {
namespace {

class CompareContexts : public TesterFixture {
 protected:
  CompareContexts() : TesterFixture(Role::pr), contexts_(mobile_node_.transferable()) {}

  // "CLAUSE FIELD" of the failure after `change` of the received contexts, or "equal".
  std::string after(const std::function<void(std::vector<Context>&)>& change) const {
    auto found = contexts_;
    change(found);
    return compare(found, contexts_);
  }
  std::string compare(const std::vector<Context>& found,
                      const std::vector<Context>& expected) const {
    const auto failure = compare_contexts(found, expected, variables());
    return failure ? failure->clause + " " + failure->field : "equal";
  }

  // The first SA with additional data.
  static Context with_additional(const std::string& spt, const std::string& additional) {
    const auto yaml = "{type: 5, direction: to-mn, spt: " + spt + additional + "}";
    return read_sa_pattern(parse_yaml(yaml, "t.yaml"), {"t.yaml", ""}, 1).context;
  }

  std::vector<Context> contexts_;
};

TEST_F(CompareContexts, AcceptsTheContextsOfTheMobileNode) {
  EXPECT_EQ(after([](auto&) {}), "equal");
}

TEST_F(CompareContexts, RequiresTheNumberAndOrderOfTheContexts) {
  EXPECT_EQ(after([](auto& found) { found.pop_back(); }), " secct.sa.spi");
  EXPECT_EQ(after([](auto& found) { std::swap(found[0], found[1]); }), "FRAME-4.4-2 secct.sa.spi");
  EXPECT_EQ(after([](auto& found) { found[0].spi = 7; }), "ISSUES-7.2-2 secct.sa.spi");
}

TEST_F(CompareContexts, NamesTheClauseOfAChangedProperty) {
  EXPECT_EQ(after([](auto& found) { found[1].key[0] ^= 1; }), "RELOC-3-9 secct.sa.key");
  EXPECT_EQ(after([](auto& found) { ++found[1].sequence; }), "ISSUES-7.3-1 secct.sa.sequence");
  EXPECT_EQ(after([](auto& found) { found[1].window[0] ^= 1; }), "RELOC-3-6 secct.sa.window");
  EXPECT_EQ(after([](auto& found) { found[1].source[15] ^= 1; }), "RELOC-3-5 secct.sa.source");
  EXPECT_EQ(after([](auto& found) { found[1].protocol = 6; }), "ISSUES-7.2-1 secct.sa.protocol");
  // The SA has no port: the router must not send one.
  EXPECT_EQ(after([](auto& found) { found[1].source_port = 80; }),
            "RELOC-3-7 secct.sa.source_port");
}

TEST_F(CompareContexts, AcceptsAShorterLifetimeButNotALongerOne) {
  EXPECT_EQ(after([](auto& found) { found[0].lifetime -= 10; }), "equal");
  EXPECT_EQ(after([](auto& found) { ++found[0].lifetime; }), "RELOC-3-10 secct.sa.lifetime");
  EXPECT_EQ(after([](auto& found) { found[0].lifetime = 0; }), "RELOC-3-10 secct.sa.lifetime");
}

TEST_F(CompareContexts, IgnoresTheIv) {
  EXPECT_EQ(after([](auto& found) { found[2].iv.assign(found[2].iv.size(), 0x42); }), "equal");
}

TEST_F(CompareContexts, ExpectsTheSequenceNumbersThatTheTesterUsed) {
  const auto next = contexts_[1].sequence + 1;
  record_sent("p-shin", edited(handover_.pshin(), {{"ah.sequence", std::to_string(next)}}));
  EXPECT_EQ(after([](auto&) {}), "ISSUES-7.3-1 secct.sa.sequence");
  EXPECT_EQ(after([&](auto& found) { found[1].sequence = next; }), "equal");
}

TEST_F(CompareContexts, AcceptsAnOmittedPathMtuButNotAnAddedOne) {
  const auto plain = with_additional("AH-TRANSPORT-HMACSHA1-V6-V6", "");
  const auto with_pmtu = with_additional("AH-TRANSPORT-HMACSHA1-V6-V6-ASD",
                                         ", additional: [{type: pmtu, value: 1400}]");
  EXPECT_EQ(compare({plain}, {with_pmtu}), "equal");
  EXPECT_EQ(compare({with_pmtu}, {plain}), "ISSUES-7.3-2 additional");
}

TEST_F(CompareContexts, RejectsOmittedEspAuthentication) {
  const auto plain = with_additional("ESP-TRANSPORT-AES-CBC-V6-V6", "");
  const auto authenticated = with_additional("ESP-TRANSPORT-AES-CBC-V6-V6-ASD",
                                             ", additional: [{type: auth_algorithm, value: 2}]");
  EXPECT_EQ(compare({plain}, {authenticated}), "ISSUES-7.3-2 additional");
}

}  // namespace
}  // namespace secct::replay
