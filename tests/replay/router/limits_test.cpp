// SPDX-License-Identifier: GPL-2.0-or-later
// A router whose tables are full (docs/decisions.md).
#include <gmock/gmock.h>

#include "tests/replay/router/new_router_fixture.hpp"

namespace secct::replay {
namespace {

class Full : public NewRouterFixture {
 protected:
  static Limits none() {
    Limits limits;
    limits.kept_ushreps = 0;
    limits.pending_requests = 0;
    return limits;
  }
  Full() : NewRouterFixture(built_in_description(), none()) {}
};

TEST_F(Full, FullUShrepTableAnswersCode130) {
  deliver(handover_.hi(), 0);
  ASSERT_EQ(sent(), Names{"hack"});
  EXPECT_EQ(last().decoded.number(Field::code), 130U);
  EXPECT_EQ(last().decoded.find(Field::all_received), nullptr);
  EXPECT_EQ(router_.statistics()[Count::kept_full], 1U);
}

TEST_F(Full, FullRequestTableAnswersStatus106) {
  deliver(handover_.shin(1), 0);
  ASSERT_EQ(sent(), Names{"shak"});
  EXPECT_EQ(status(), 106U);
  EXPECT_EQ(router_.statistics()[Count::pending_full], 1U);
}

class OneRequest : public NewRouterFixture {
 protected:
  static Limits one() {
    Limits limits;
    limits.pending_requests = 1;
    return limits;
  }
  OneRequest() : NewRouterFixture(built_in_description(), one()) {}

  Handover second_{description_, Role::nr, 2, 2, counters_};
};

TEST_F(OneRequest, KeepsAnUnansweredRequest) {
  deliver(handover_.shin(1), 0);
  ASSERT_EQ(sent(), Names{"shreq"});
  deliver(second_.shin(1), milliseconds(1));
  ASSERT_EQ(sent(), Names{"shak"});
  EXPECT_EQ(status(), 106U);
}

TEST_F(OneRequest, ReplacesAnAnsweredRequest) {
  transfer();
  deliver(second_.shin(1), milliseconds(5));
  EXPECT_EQ(sent(), Names{"shreq"});
  EXPECT_EQ(router_.statistics()[Count::continuations_full], 1U);
  EXPECT_EQ(router_.mobile_nodes(), 1U);  // its SAs stay
  deliver(handover_.shrep(), milliseconds(6));
  EXPECT_TRUE(sent().empty());
}

class FewMobileNodes : public NewRouterFixture {
 protected:
  static Limits few() {
    Limits limits;
    limits.mobile_nodes = 0;
    return limits;
  }
  FewMobileNodes() : NewRouterFixture(built_in_description(), few()) {}
};

TEST_F(FewMobileNodes, FullMobileNodeTableAnswersStatus106) {
  transfer();
  EXPECT_EQ(status(), 106U);
  EXPECT_EQ(router_.mobile_nodes(), 0U);
}

}  // namespace
}  // namespace secct::replay
