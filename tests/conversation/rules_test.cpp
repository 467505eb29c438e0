// SPDX-License-Identifier: GPL-2.0-or-later
// Each rule of rules.def is broken, and reported for the right frame with what was expected and
// what was found.
#include <algorithm>
#include <functional>
#include <set>

#include <gmock/gmock.h>

#include "conversation/sequence_numbers.hpp"
#include "network/datagram.hpp"
#include "protocol/decode/decode.hpp"
#include "protocol/decode/mip4.hpp"
#include "tests/conversation/valid_sequences.hpp"

namespace secct::conversation {
namespace {

using State = IpsecHeader::State;

// "2 shrep_naddr: expected, found"
std::string text_of(std::size_t frame, const Violation& violation) {
  return std::to_string(frame) + " " + info(violation.rule).name + ": " + violation.expected +
         ", " + violation.actual;
}

std::vector<std::string> texts_of(const Observed& observed) {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < observed.frames.size(); ++i) {
    for (const auto& violation : observed.frames[i].violations) {
      all.push_back(text_of(i + 1, violation));
    }
  }
  return all;
}

struct RuleCase {
  RuleId rule;
  std::vector<std::string> expected;
  std::function<std::vector<std::string>()> run;
};

// The rules that a capture breaks.
auto capture(const std::function<void(Capture&)>& make, const ObserverOptions& options = {}) {
  return [make, options] {
    Capture made;
    make(made);
    return texts_of(observe(made, options));
  };
}

// The rules that AH or ESP headers break: each has the number of its place and its own ICV.
auto headers(const std::vector<IpsecHeader>& all) {
  return [all] {
    SequenceNumbers sequence_numbers;
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < all.size(); ++i) {
      std::vector<Violation> broken;
      auto header = all[i];
      const Octets icv{static_cast<std::uint8_t>(i)};
      if (header.icv.empty()) header.icv = icv;
      sequence_numbers.judge(header, i + 1, seconds(i), nullptr, broken);
      for (const auto& violation : broken) texts.push_back(text_of(i + 1, violation));
    }
    return texts;
  };
}

IpsecHeader header(std::uint32_t sequence, State state = State::good) {
  IpsecHeader made;
  made.protocol = ipsec::IpsecProtocol::esp;
  made.spi = 0x1000;
  made.sequence = sequence;
  made.state = state;
  return made;
}

IpsecHeader header_with_iv(std::uint32_t sequence) {
  static constexpr std::uint8_t iv[]{1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0};
  auto made = header(sequence);
  made.iv = iv;
  return made;
}

IpsecHeader header_with_icv(std::uint32_t sequence) {
  static constexpr std::uint8_t icv[]{9, 9, 9};
  auto made = header(sequence);
  made.icv = icv;
  return made;
}

const ObserverOptions no_token_keys{.token_keys = false};
const ObserverOptions confidential{.confidential = true};
const ObserverOptions no_keys{.router_keys = false};

generator::RouterDescription confidential_routers() {
  auto description = generator::built_in_description();
  description.policies.confidential = true;
  return description;
}

// The observations for requests that have no reply at the end of the capture.
auto requests(const ObserverOptions& options, std::initializer_list<std::string_view> messages) {
  Capture made(confidential_routers());
  made.add(messages);
  return [made, options] {
    const auto observed = observe(made, options);
    auto texts = texts_of(observed);
    for (std::size_t i = 0; i < observed.frames.size(); ++i) {
      const auto& frame = observed.frames[i];
      const auto rule = missing_reply(frame.relations, frame.response_in != 0);
      if (rule != RuleId::count) texts.push_back(text_of(i + 1, {rule, "", ""}));
    }
    return texts;
  };
}

// A valid Registration Request: its UDP payload and its envelope.
struct RegistrationRequest {
  Octets payload;
  Envelope envelope;
};
RegistrationRequest registration_request() {
  Capture made;
  made.handover().use_ipv4();
  const auto octets = made.add("mip4-request").frames().front().octets;
  const auto datagram = network::parse_datagram(View(octets).subspan(network::ethernet_octets));
  const auto payload =
      registration_payload(datagram->octets_of(*datagram->find(network::ip_proto::udp)));
  RegistrationRequest request{{payload.begin(), payload.end()}, {}};
  request.envelope.source = datagram->source;
  request.envelope.destination = datagram->destination;
  return request;
}

// A Registration Request, and Registration Replies without SecCT extension.
std::vector<std::string> bare_reply() {
  const auto [octets, request] = registration_request();
  const View payload(octets);
  DecodedMessage decoded;
  MipExtensions extensions(payload.subspan(find_registration(payload)->fixed_octets));
  while (const auto extension = extensions.next()) {
    if (decode({}, Carrier::mip4_request, extension->octets, request, decoded)) break;
  }
  constexpr std::uint32_t identification = 5;
  Conversation conversation({});
  conversation.observe({decoded, 1, seconds(1), identification});
  Envelope reply;
  reply.source = request.destination;
  reply.destination = request.source;
  const auto observe_reply = [&](std::uint32_t number, std::uint64_t frame, bool accepted) {
    return conversation.observe_reply_without_secct(reply, number, frame, seconds(2), accepted);
  };
  EXPECT_EQ(observe_reply(identification + 1, 2, true), nullptr);
  const auto* found = observe_reply(identification, 3, false);
  EXPECT_THAT(found->violations, testing::IsEmpty());
  EXPECT_EQ(found->response_to, 1U);
  std::vector<std::string> texts;
  for (const auto& violation : observe_reply(identification, 4, true)->violations) {
    if (violation.rule != RuleId::retransmission) texts.push_back(text_of(4, violation));
  }
  return texts;
}

// A Registration Request whose extensions are in the wrong order.
std::vector<std::string> misplaced_extension() {
  const auto [octets, request] = registration_request();
  const View payload(octets);
  const auto fixed = find_registration(payload)->fixed_octets;
  Octets swapped(payload.begin(), payload.begin() + fixed);
  DecodedMessage decoded;
  MipExtensions extensions(payload.subspan(fixed));
  const auto authentication = extensions.next()->octets;
  const auto secct_extension = extensions.next()->octets;
  append(swapped, secct_extension);
  append(swapped, authentication);
  EXPECT_TRUE(decode({}, Carrier::mip4_request, secct_extension, request, decoded));
  std::vector<std::string> texts;
  for (const auto& registration : {octets, swapped}) {
    Conversation conversation({});
    Message message{decoded, texts.size() + 1, seconds(1)};
    message.authentication_follows = authentication_follows(registration, secct_extension[0]);
    for (const auto& violation : conversation.observe(message).violations) {
      texts.push_back(text_of(1, violation));
    }
  }
  return texts;
}

std::vector<RuleCase> cases() {
  using R = RuleId;
  const auto shin = [](Capture& c, std::uint8_t replay) { c.add(c.handover().shin(replay)); };
  return {
      {R::icv_bad, {"1 icv_bad: , SPI 0x00001000"}, headers({header(1, State::bad_icv)})},
      {R::ipsec_malformed,
       {"1 ipsec_malformed: , SPI 0x00001000"},
       headers({header(1, State::malformed)})},
      {R::esp_padding,
       {"1 esp_padding: , SPI 0x00001000"},
       headers({header(1, State::bad_padding)})},
      {R::sequence_zero, {"1 sequence_zero: 1 or more, 0"}, headers({header(0)})},
      {R::sequence_replayed,
       {"3 sequence_replayed: , 1"},
       headers({header_with_icv(1), header(2), header_with_icv(1)})},
      {R::sequence_reused,
       {"3 sequence_reused: more than 2, 1"},
       headers({header(1), header(2), header(1)})},
      {R::sequence_old, {"2 sequence_old: more than 70, 6"}, headers({header(70), header(6)})},
      {R::iv_reused,
       {"2 iv_reused: a new IV, 01020304050607080000000000000000"},
       headers({header_with_iv(1), header_with_iv(2)})},

      {R::token_bad, {"1 token_bad: 0xc0a05daf, 0x00000001"}, capture([](Capture& c) {
         c.add("shin", {"secct.auth.token=1"});
       })},
      {R::ushrep_token_bad, {"2 ushrep_token_bad: 0x139e0aaf, 0x00000001"}, capture([](Capture& c) {
         c.add("p-shin").add("hi", {"secct.auth.token=1"});
       })},
      {R::token_accepted,
       {"1 token_bad: 0xc0a05daf, 0x00000001", "2 token_accepted: 105, 200"},
       capture([](Capture& c) { c.add("shreq", {"secct.auth.token=1"}).add("shrep"); })},
      {R::token_differs, {"3 token_differs: , "}, capture([=](Capture& c) {
         c.add({"hi", "hack"});
         shin(c, 1);
       })},
      {R::token_ignored,
       {"3 token_differs: , ", "4 token_ignored: 105, 200"},
       capture([=](Capture& c) {
         c.add({"hi", "hack"});
         shin(c, 1);
         c.add("shak");
       })},
      {R::replay_used, {"6 replay_used: , "}, capture([](Capture& c) {
         c.add({"shin", "shreq", "shrep", "shrep-ack", "shak"}).wait(10).node(1, 8).add("shreq");
       })},
      {R::ushrep_in_clear, {"1 ushrep_in_clear: AH or ESP, none"}, capture([](Capture& c) {
         c.without_layer("hi", "ah");
       })},
      {R::shrep_in_clear, {"2 shrep_in_clear: AH or ESP, none"}, capture([](Capture& c) {
         c.add("shreq").without_layer("shrep", "ah");
       })},
      {R::not_confidential,
       {"1 not_confidential: ESP, AH"},
       capture([](Capture& c) { c.add("hi"); }, confidential)},
      {R::spi_leaked, {"5 spi_leaked: the old SPI, 0x9ef9fb3d"}, capture([](Capture& c) {
         c.add({"shin", "shreq", "shrep", "shrep-ack"});
         const auto spi = std::to_string(c.handover().recomputed_spi(1));
         c.add(c.handover().shak(200, true, {{1, 0x80, {}}}), {"secct.ack.spi=" + spi});
       })},

      {R::not_verbatim,
       {"2 not_verbatim: 01080001c0a05daf03040001, 010800010000000103040001"},
       capture([](Capture& c) { c.add("shin").add("shreq", {"secct.auth.token=1"}); },
               no_token_keys)},
      {R::shreq_naddr,
       {"2 shreq_naddr: 2001:db8:20::1:1, 2001:db8:20::77"},
       capture([](Capture& c) { c.add("shin").add("shreq", {"secct.naddr=2001:db8:20::77"}); })},
      {R::shreq_paddr,
       {"2 shreq_paddr: 2001:db8:10::1:1, 2001:db8:10::1:77"},
       capture(
           [](Capture& c) {
             c.add("shin").add("shreq", {"secct.paddr=2001:db8:10::1:77", token_edit(c)});
           },
           no_token_keys)},
      {R::shreq_router, {"2 shreq_router: 2001:db8:1::1, 2001:db8:1::77"}, capture([](Capture& c) {
         c.add("shin").add("shreq", {"ipv6.dst=2001:db8:1::77"});
       })},
      {R::shreq_soon,
       {"2 retransmission: , ", "2 shreq_soon: 1.000 s later, 0.301 s"},
       capture([](Capture& c) { c.add("shreq").wait(0.3).add("shreq"); })},
      {R::shreq_often,
       {"2 retransmission: , ", "3 retransmission: , ", "4 retransmission: , ",
        "5 retransmission: , ", "5 shreq_often: 3 retransmissions, 4"},
       capture([](Capture& c) {
         for (int i = 0; i < 5; ++i) c.add("shreq").wait(1);
       })},
      {R::hi_soon,
       {"2 retransmission: , ", "2 hi_soon: 0.100 s later, 0.021 s"},
       capture([](Capture& c) { c.add("hi").wait(0.02).add("hi"); })},
      {R::hi_often,
       {"2 retransmission: , ", "3 retransmission: , ", "4 retransmission: , ",
        "5 retransmission: , ", "6 retransmission: , ", "6 hi_often: 4 retransmissions, 5"},
       capture([](Capture& c) {
         for (int i = 0; i < 6; ++i) c.add("hi").wait(0.1);
       })},

      {R::hack_identifier, {"2 hack_identifier: 7, 9"}, capture([](Capture& c) {
         c.add("hi").add("hack", {"secct.identifier=9"});
       })},
      {R::hack_addresses,
       {"2 hack_addresses: 2001:db8:2::1 to 2001:db8:1::1, 2001:db8:2::9 to 2001:db8:1::1"},
       capture([](Capture& c) { c.add("hi").add("hack", {"ipv6.src=2001:db8:2::9"}); })},
      {R::hack_stateful, {"2 hack_stateful: 3 or 4, 0"}, capture([](Capture& c) {
         c.add("hi", {"secct.flags.s=1"}).add("hack");
       })},
      {R::hack_stateless, {"2 hack_stateless: 0, 1 or 2, 4"}, capture([](Capture& c) {
         c.add("hi").add("hack", {"secct.code=4"});
       })},
      {R::hack_no_ncoa, {"2 hack_no_ncoa: an IP Address option, none"}, capture([](Capture& c) {
         c.add("hi", {"secct.flags.s=1"}).add("hack", {"secct.code=3"});
       })},
      {R::hack_refused_ack, {"2 hack_refused_ack: none, SHREP-Ack"}, capture([](Capture& c) {
         c.add("hi").add("hack", {"secct.code=128"});
       })},
      {R::hack_late_ack, {"4 hack_late_ack: none, SHREP-Ack"}, capture([](Capture& c) {
         c.add({"shin", "shreq", "hi", "hack"});
       })},
      {R::hack_no_ack, {"2 hack_no_ack: SHREP-Ack, none"}, capture([](Capture& c) {
         c.add("hi").add("hack", {"-options"});
       })},
      {R::shrep_identifier, {"2 shrep_identifier: 7, 9"}, capture([](Capture& c) {
         c.add("shreq").add("shrep", {"secct.identifier=9"});
       })},
      {R::shrep_naddr,
       {"2 shrep_naddr: 2001:db8:20::1:1, 2001:db8:20::77"},
       capture([](Capture& c) {
         c.add("shreq").add("shrep", {"secct.naddr=2001:db8:20::77"}).add("shrep-ack");
       })},
      {R::shrep_paddr,
       {"2 shrep_paddr: 2001:db8:10::1:1, 2001:db8:10::77"},
       capture([](Capture& c) {
         c.add("shreq").add("shrep", {"secct.paddr=2001:db8:10::77"}).add("shrep-ack");
       })},
      {R::sa_not_requested,
       {"2 sa_not_requested: 0x10000040, 0x20000041, 0x30000042"},
       capture([](Capture& c) { c.add("shreq", requests_spis(2)).add("shrep"); })},
      {R::context_order,
       {"2 context_order: 0x10000040, 0x20000041, 0x30000042, 0x10000040, 0x30000042"},
       capture([](Capture& c) {
         const auto sas = c.handover().mobile_node().transferable();
         c.add("shreq", requests_spis(3)).add(c.handover().shrep({sas[0], sas[2]}));
       })},
      {R::ack_identifier, {"3 ack_identifier: 7, 9"}, capture([](Capture& c) {
         c.add({"shreq", "shrep"}).add("shrep-ack", {"secct.identifier=9"});
       })},
      {R::ack_naddr, {"3 ack_naddr: 2001:db8:20::1:1, 2001:db8:20::77"}, capture([](Capture& c) {
         c.add({"shreq", "shrep"}).add("shrep-ack", {"secct.naddr=2001:db8:20::77"});
       })},
      {R::ack_paddr, {"3 ack_paddr: 2001:db8:10::1:1, 2001:db8:10::77"}, capture([](Capture& c) {
         c.add({"shreq", "shrep"}).add("shrep-ack", {"secct.paddr=2001:db8:10::77"});
       })},
      {R::ack_count, {"3 ack_count: 4, 2"}, capture([](Capture& c) {
         c.add({"shreq", "shrep"});
         c.add(with_statuses(c.description().codepoints, c.handover().shrep_ack(), {200, 106}));
       })},
      {R::ack_unexpected, {"3 ack_unexpected: none, SHREP-Ack"}, capture([](Capture& c) {
         c.add("shreq").add("shrep-status", {"secct.status=106"}).add("shrep-ack");
       })},
      {R::extension_misplaced, {"1 extension_misplaced: , "}, misplaced_extension},
      {R::reply_without_secct, {"4 reply_without_secct: , "}, bare_reply},

      {R::shak_early, {"3 shak_early: , "}, capture([](Capture& c) {
         c.add({"shin", "shreq", "shak", "shrep"});
       })},
      {R::shak_status, {"5 shak_status: 200, 104"}, capture([](Capture& c) {
         c.add({"shin", "shreq", "shrep", "shrep-ack"}).add("shak", {"secct.status=104"});
       })},
      {R::shak_source, {"2 shak_source: 2001:db8:2::1, 2001:db8:2::9"}, capture([](Capture& c) {
         c.add("shin").add(c.handover().shak(106), {"ipv6.src=2001:db8:2::9"});
       })},
      {R::shak_other_sa,
       {"5 shak_other_sa: a transferred SPI, 0x00001234"},
       capture([](Capture& c) {
         c.add({"shin", "shreq", "shrep", "shrep-ack"});
         c.add("shak", {"ah.spi=0x1234", "ah.icv=0x000000000000000000000000"});
       })},
      {R::shak_unprotected, {"5 shak_unprotected: AH or ESP, none"}, capture([](Capture& c) {
         c.add({"shin", "shreq", "shrep", "shrep-ack"}).add(c.handover().shak(200, false));
       })},
      {R::shak_unknown_sa,
       {"5 shak_unknown_sa: a transferred SPI, 0x00001234"},
       capture([](Capture& c) {
         c.add({"shin", "shreq", "shrep", "shrep-ack"});
         c.add(c.handover().shak(200, true, {{1, 0x80, {}}}), {"secct.ack.spi=0x1234"});
       })},

      {R::retransmission, {"2 retransmission: , "}, capture([](Capture& c) {
         c.add("shin").wait(1).add("shin");
       })},
      {R::copy, {"2 copy: , "}, capture([](Capture& c) { c.add("shin").again(1); })},
      {R::reply_missing, {"1 reply_missing: , "}, requests(no_keys, {"shreq"})},
      {R::reply_hidden, {"2 reply_hidden: , "}, requests(no_keys, {"hi", "shreq"})},
      {R::request_missing, {"1 request_missing: , "}, capture([](Capture& c) { c.add("hack"); })},
      {R::request_hidden,
       {"2 request_hidden: , "},
       [] {
         Capture made(confidential_routers());
         made.add({"hi", "hack"});
         return texts_of(observe(made, no_keys));
       }},
  };
}

TEST(Rules, EachIsBroken) {
  for (const auto& one : cases()) {
    const auto actual = one.run();
    EXPECT_EQ(actual, one.expected) << info(one.rule).name;
    EXPECT_THAT(actual, testing::Contains(testing::HasSubstr(info(one.rule).name)));
  }
}

TEST(Rules, NoneIsMissing) {
  std::set<RuleId> tested;
  for (const auto& one : cases()) tested.insert(one.rule);
  for (const auto& rule : rules()) EXPECT_TRUE(tested.contains(rule.id)) << rule.name;
}

}  // namespace
}  // namespace secct::conversation
