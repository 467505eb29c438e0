// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/router/roles/request.hpp"

#include <algorithm>

#include <gmock/gmock.h>

#include "files/yaml_reader.hpp"
#include "generator/document/edit.hpp"
#include "protocol/tables/status.hpp"
#include "tests/replay/router/router_fixture.hpp"

namespace secct::replay {
namespace {

using testing::ElementsAre;

// --- read_requests()
class ReadRequestTest : public RouterFixture {
 protected:
  ReadRequestTest() : RouterFixture(Role::pr) {}

  // The request of a SHREQ with this SecCT-req instead of R1.
  std::optional<Request> read(const std::string& request) {
    auto packet = handover_.shreq(1);
    insert_entry(description_.codepoints, packet, "sub_options#2", request);
    remove_field(packet, "sub_options#3");
    return only(read_requests(decoded(packet)));
  }
  static std::optional<Request> only(const std::vector<Request>& requests) {
    EXPECT_EQ(requests.size(), 1U);
    return requests.empty() ? std::nullopt : std::optional(requests.front());
  }
};

TEST_F(ReadRequestTest, R1HasTheFormOnly) {
  const auto request = only(read_requests(decoded(handover_.shreq(1))));
  ASSERT_TRUE(request);
  EXPECT_EQ(request->form, 1U);
  EXPECT_FALSE(request->source || request->destination);
  EXPECT_TRUE(request->sas.empty());
}

TEST_F(ReadRequestTest, R2HasDestinationAndSas) {
  const auto request = read(
      "{secct.subopt.type: req, secct.req.spt: 2, secct.req.destination: '2001:db8::5', "
      "secct.req.protocol: [0, 1], secct.req.spi: [0x100, 0x200]}");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->form, 2U);
  EXPECT_EQ(request->destination, *to_ip("2001:db8::5"));
  EXPECT_FALSE(request->source);
  ASSERT_EQ(request->sas.size(), 2U);
  EXPECT_FALSE(request->sas[0].esp);
  EXPECT_EQ(request->sas[0].spi, 0x100U);
  EXPECT_TRUE(request->sas[1].esp);
  EXPECT_EQ(request->sas[1].spi, 0x200U);
  EXPECT_TRUE(request->ports.empty());
}

TEST_F(ReadRequestTest, R4HasBothEndsAndPorts) {
  const auto request = read(
      "{secct.subopt.type: req, secct.req.spt: 4, secct.req.source: '2001:db8::4', "
      "secct.req.destination: '2001:db8::5', secct.req.protocol: [0], secct.req.spi: [0x100], "
      "secct.req.port: [80, 443]}");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->source, *to_ip("2001:db8::4"));
  EXPECT_EQ(request->destination, *to_ip("2001:db8::5"));
  EXPECT_THAT(request->ports, ElementsAre(80, 443));
}

TEST_F(ReadRequestTest, IgnoresARequestBeforeAuthPrtr) {
  auto packet = handover_.shreq(1);
  // Before AuthPrtr: not covered by the token.
  insert_entry(description_.codepoints, packet, "sub_options#1",
               "{secct.subopt.type: req, secct.req.spt: 3, secct.req.protocol: [0], "
               "secct.req.spi: [7]}");
  const auto request = only(read_requests(decoded(packet)));
  ASSERT_TRUE(request);
  EXPECT_EQ(request->form, 1U);
}

TEST_F(ReadRequestTest, ShreqWithoutRequestOrAuthPrtrHasNone) {
  auto packet = handover_.shreq(1);
  remove_field(packet, "sub_options#2");
  EXPECT_TRUE(read_requests(decoded(packet)).empty());
  packet = handover_.shreq(1);
  remove_field(packet, "sub_options#1");
  EXPECT_TRUE(read_requests(decoded(packet)).empty());
}

TEST_F(ReadRequestTest, PShinNeedsNoAuthPrtr) {
  const auto& message = decoded(handover_.pshin());
  ASSERT_EQ(message.message, Message::pshin);
  const auto request = only(read_requests(message));
  ASSERT_TRUE(request);
  EXPECT_EQ(request->form, 1U);
}

TEST_F(ReadRequestTest, SeveralRequestsInTheirOrder) {
  auto packet = handover_.shreq(1);
  insert_entry(description_.codepoints, packet, "sub_options#2",
               "{secct.subopt.type: req, secct.req.spt: 3, secct.req.protocol: [0], "
               "secct.req.spi: [7]}");
  const auto requests = read_requests(decoded(packet));
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[0].form, 3U);
  EXPECT_EQ(requests[1].form, 1U);
}

TEST_F(ReadRequestTest, PShinWithoutRequestHasR1) {
  auto packet = handover_.pshin();
  remove_field(packet, "sub_options#1");
  const auto request = only(read_requests(decoded(packet)));
  ASSERT_TRUE(request);
  EXPECT_EQ(request->form, 1U);
}

// --- find_contexts()
class FindContextsTest : public testing::Test {
 protected:
  FindContextsTest() {
    const auto description = built_in_description();
    sas_ = description.mobile_node(1, Role::pr).sas;  // AH, AH, ESP, ESP of type 5; one of type 2
  }

  static Request named(std::vector<Request::RequestedSa> sas) {
    Request request;
    request.form = 3;
    request.sas = std::move(sas);
    return request;
  }
  FoundContexts find(const Request& request) const { return find(std::vector{request}); }
  FoundContexts find(const std::vector<Request>& requests) const {
    return find_contexts(requests, sas_, {});
  }
  std::uint32_t spi(std::size_t index) const { return sas_[index].context.spi; }
  static std::vector<std::uint32_t> spis(const FoundContexts& found) {
    std::vector<std::uint32_t> list;
    for (const auto& context : found.contexts) list.push_back(context.spi);
    return list;
  }

  std::vector<MobileNodeSa> sas_;
};

TEST_F(FindContextsTest, R1FindsTransferableSasInConfiguredOrder) {
  Request all;
  all.form = 1;
  const auto found = find(all);
  EXPECT_EQ(found.status, status::ok);
  EXPECT_THAT(spis(found), ElementsAre(spi(0), spi(1), spi(2), spi(3)));
}

TEST_F(FindContextsTest, R1WithoutTransferableSaIsUnusable) {
  Request all;
  all.form = 1;
  for (const int type : {1, 2}) {
    for (auto& sa : sas_) sa.type = type;
    EXPECT_EQ(find(all).status, status::unusable) << type;
  }
  sas_[2].type = 3;
  EXPECT_EQ(find(all).status, status::ok);
}

TEST_F(FindContextsTest, FindsSasInRequestedOrderEachOnce) {
  const auto found =
      find(named({{true, spi(2)}, {false, spi(0)}, {true, spi(2)}, {false, spi(1)}}));
  EXPECT_EQ(found.status, status::ok);
  EXPECT_THAT(spis(found), ElementsAre(spi(2), spi(0), spi(1)));
}

TEST_F(FindContextsTest, UnknownSpiIsUnusable) {
  EXPECT_EQ(find(named({{false, spi(0)}, {false, 1}})).status, status::unusable);
}

TEST_F(FindContextsTest, ProtocolFlagMustMatch) {
  EXPECT_EQ(find(named({{true, spi(0)}})).status, status::unusable);
  EXPECT_EQ(find(named({{false, spi(2)}})).status, status::unusable);
}

TEST_F(FindContextsTest, SaOfType2IsUnusable) {
  EXPECT_EQ(find(named({{true, spi(4)}})).status, status::unusable);
  sas_[4].type = 5;
  EXPECT_EQ(find(named({{true, spi(4)}})).status, status::ok);
}

TEST_F(FindContextsTest, DestinationThatNoSaHasIsInvalid) {
  auto request = named({{false, spi(0)}});
  request.destination = sas_[0].context.destination;
  EXPECT_EQ(find(request).status, status::ok);
  request.destination = *to_ip("2001:db8::5");
  EXPECT_EQ(find(request).status, status::invalid_destination);
  // Another SA has the destination, the requested one does not.
  request.destination = sas_[1].context.destination;
  EXPECT_EQ(find(request).status, status::unusable);
}

TEST_F(FindContextsTest, PrivateIdOfDestinationMustMatch) {
  sas_[0].context.destination_private_id = 7;
  auto request = named({{false, spi(0)}});
  request.destination = sas_[0].context.destination;
  request.destination_id = 7;
  EXPECT_EQ(find(request).status, status::ok);
  request.destination_id = 8;
  EXPECT_EQ(find(request).status, status::invalid_destination);
}

TEST_F(FindContextsTest, SeveralRequestsAreAnsweredTogetherEachSaOnce) {
  Request all;
  all.form = 1;
  const auto found = find({named({{true, spi(2)}}), named({{false, spi(0)}, {true, spi(2)}}), all});
  EXPECT_EQ(found.status, status::ok);
  EXPECT_THAT(spis(found), ElementsAre(spi(2), spi(0), spi(1), spi(3)));
}

TEST_F(FindContextsTest, OneFailingRequestRefusesAll) {
  auto elsewhere = named({{false, spi(0)}});
  elsewhere.destination = *to_ip("2001:db8::5");
  const auto unknown = named({{false, 1}});
  const auto good = named({{false, spi(0)}});
  EXPECT_EQ(find({good, unknown}).status, status::unusable);
  EXPECT_EQ(find({unknown, good}).status, status::unusable);
  EXPECT_EQ(find({unknown, elsewhere}).status, status::invalid_destination);
}

TEST_F(FindContextsTest, SourceMismatchPrecedesUnusableSa) {
  auto request = named({{false, 1}, {false, spi(0)}});
  request.source = sas_[0].context.source;
  EXPECT_EQ(find(request).status, status::unusable);
  request.source = *to_ip("2001:db8::4");
  EXPECT_EQ(find(request).status, status::invalid_source_id);
  std::ranges::reverse(request.sas);
  EXPECT_EQ(find(request).status, status::invalid_source_id);
}

TEST_F(FindContextsTest, EveryRequestedPortMustBeAPortOfTheSa) {
  sas_[0].context.source_port = 80;
  sas_[0].context.destination_port = 5000;
  auto request = named({{false, spi(0)}});
  EXPECT_EQ(find(request).status, status::ok);
  request.ports = {80, 5000};
  EXPECT_EQ(find(request).status, status::ok);
  request.ports = {80, 81};
  EXPECT_EQ(find(request).status, status::unusable);
}

TEST_F(FindContextsTest, SaWithoutPortsMatchesEveryPort) {
  auto request = named({{false, spi(0)}});
  request.ports = {1, 65535};
  EXPECT_EQ(find(request).status, status::ok);
}

}  // namespace
}  // namespace secct::replay
