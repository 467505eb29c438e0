// SPDX-License-Identifier: GPL-2.0-or-later
// The matrix of faults and cases with other router descriptions than the built-in one.
#include "replay/selftest/selftest.hpp"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace secct::replay {
namespace {

using testing::HasSubstr;

// One case of the role nr, which detects faults of the SHREQ.
std::vector<Case> cases_with(const std::string& needs) {
  return read_suite(
      "cases:\n  - id: T/one\n    title: t\n    role: nr\n"
      "    clauses: [FRAME-5.1-1]\n    needs: [" +
          needs +
          "]\n"
          "    steps: [{send: shin}, {expect: shreq, under: ah}]\n",
      "t.yaml");
}

const SelftestRun& run_of(const Selftest& selftest, Fault fault) {
  return *std::ranges::find_if(selftest.runs,
                               [&](const auto& run) { return run.behaviour.fault == fault; });
}

TEST(Selftest, FindsTheCaseThatDetectsAFault) {
  const auto result = run_selftest(cases_with("reactive"), built_in_description(), true, 2, {});
  EXPECT_TRUE(result.runs.front().good()) << result.runs.front().why;
  const auto& detected = run_of(result, Fault::shreq_unprotected);
  EXPECT_EQ(detected.detected_by(), std::vector<std::size_t>{0});
  EXPECT_TRUE(detected.good()) << detected.why;
  const auto& other = run_of(result, Fault::shreq_once);
  EXPECT_EQ(other.why, "no case detects the fault");
  EXPECT_EQ(other.not_applicable, "");
}

TEST(Selftest, CallsAFaultNotApplicableIfItsCasesAreUnsupported) {
  auto description = built_in_description();
  description.capabilities = {"predictive"};
  const auto result = run_selftest(cases_with("reactive"), description, false, 2, {});
  EXPECT_TRUE(result.runs.front().good()) << result.runs.front().why;
  const auto& run = run_of(result, Fault::shreq_unprotected);
  EXPECT_TRUE(run.good());
  EXPECT_TRUE(run.detected_by().empty());
  EXPECT_THAT(run.not_applicable, HasSubstr("T/one: needs the capability reactive"));
  // No case detects this fault with any description.
  EXPECT_EQ(run_of(result, Fault::shreq_once).why, "no case detects the fault");
  EXPECT_FALSE(result.good());
  const auto text = to_text(result, false);
  EXPECT_THAT(text, HasSubstr("not applicable to this router description\n"));
  EXPECT_THAT(text, HasSubstr("all PASS or UNSUPPORTED (1)"));
  EXPECT_THAT(to_json(result), HasSubstr("\"not_applicable\": \"T/one: "));
}

// The router without an ESP SA between the routers sends no SHREQ under ESP.
TEST(Selftest, CallsAFaultNotApplicableIfTheRouterBehavesAsWithoutIt) {
  auto description = built_in_description();
  description.policies.spi_conflict = SpiConflict::deny;
  const auto cases = read_suite(
      "cases:\n  - id: T/conflict\n    title: t\n    role: nr\n    clauses: [RELOC-4-16]\n"
      "    needs: [reactive]\n    steps:\n"
      "      - send: shin\n      - expect: shreq\n"
      "      - {send: shrep, set: {secct.sa.spi#2: $spi-in-use}}\n"
      "      - {expect: shrep-ack, optional: true}\n"
      "      - {expect: shak, check: no-new-spi}\n",
      "t.yaml");
  const auto result = run_selftest(cases, description, false, 2, {});
  const auto& run = run_of(result, Fault::new_spi_told);
  EXPECT_EQ(run.not_applicable,
            "T/conflict: the router sends the same packets as without the fault")
      << run.why;
}

}  // namespace
}  // namespace secct::replay
