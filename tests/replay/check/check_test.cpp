// SPDX-License-Identifier: GPL-2.0-or-later
// What `secct check` adds to the conversation engine, whose rules tests/conversation tests: frames
// of all kinds, keys, single messages, counts and report entries.
#include "replay/check/check.hpp"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "conversation/rules.hpp"
#include "network/fragment.hpp"
#include "network/write_number.hpp"
#include "replay/suite/clauses.hpp"
#include "tests/conversation/capture.hpp"
#include "tests/generator/support.hpp"

namespace secct::replay {
namespace {

using conversation::Capture;
using conversation::CapturedFrame;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// Frames of a link type, from Ethernet frames.
struct Frames {
  LinkType link = LinkType::ethernet;
  std::vector<CapturedFrame> list;

  explicit Frames(const Capture& capture) : list(capture.frames()) {}

  // Replaces each Ethernet header and adds a tunnel header.
  Frames& replace_header(LinkType other_link, const Octets& header) {
    link = other_link;
    for (auto& frame : list) {
      Octets octets = header;
      append(octets, View(frame.octets).subspan(ethernet_octets));
      frame.octets = std::move(octets);
      frame.original_length = frame.octets.size();
    }
    return *this;
  }
  Frames& cut(std::size_t snaplen) {
    for (auto& frame : list) frame.octets.resize(std::min(frame.octets.size(), snaplen));
    return *this;
  }
  // Replaces a frame, from 1, by the fragments of its datagram, without the first `lost` ones.
  Frames& in_fragments(std::size_t frame, std::size_t lost = 0) {
    constexpr std::size_t mtu = 200;
    const auto whole = list[frame - 1];
    const auto octets = View(whole.octets);
    list.erase(list.begin() + static_cast<std::ptrdiff_t>(frame) - 1);
    const auto fragments = fragmented(octets.subspan(ethernet_octets), mtu, 77);
    EXPECT_GT(fragments.size(), 1U);
    for (auto i = lost; i < fragments.size(); ++i) {
      Octets part(octets.begin(), octets.begin() + ethernet_octets);
      append(part, fragments[i]);
      const auto length = part.size();
      list.insert(list.begin() + static_cast<std::ptrdiff_t>(frame - 1 + i - lost),
                  {whole.time, std::move(part), length});
    }
    return *this;
  }
};

struct Result {
  std::vector<RuleViolation> violations;
  std::vector<MessageFindings> messages;
  std::vector<ReportEntry> entries;
  CheckCounts counts;

  // Frame, clause and field of each violation: "3 ROBUST-5 secct.identifier".
  std::vector<std::string> short_form() const {
    std::vector<std::string> all;
    for (const auto& violation : violations) {
      all.push_back(std::to_string(violation.frame) + " " + violation.failure.clause +
                    (violation.failure.field.empty() ? "" : " " + violation.failure.field));
    }
    return all;
  }
};

Result check(const Frames& frames, const RouterDescription* description = nullptr) {
  Result result;
  CheckOptions options;
  options.description = description;
  options.on_violation = [&](const RuleViolation& violation) {
    result.violations.push_back(violation);
  };
  options.on_message = [&](const MessageFindings& findings) {
    result.messages.push_back(findings);
  };
  options.on_handover = [&](ReportEntry&& entry) { result.entries.push_back(std::move(entry)); };
  Checker checker(options);
  std::uint64_t number = 0;
  for (const auto& frame : frames.list) {
    CapturedPacket captured;
    captured.number = ++number;
    captured.time = frame.time;
    captured.link = frames.link;
    captured.octets = frame.octets;
    captured.original_length = static_cast<std::uint32_t>(frame.original_length);
    checker.packet(captured);
  }
  checker.finish();
  result.counts = checker.counts();
  return result;
}
Result check(const Capture& capture) { return check(Frames(capture)); }
Result check_with_keys(const Capture& capture) {
  return check(Frames(capture), &capture.description());
}

// A reactive handover, with `edits` in the message of that name.
Capture& add_reactive(Capture& capture, std::string_view edited = {},
                      const conversation::Edits& edits = {}) {
  for (const std::string_view name : {"shin", "shreq", "shrep", "shrep-ack", "shak"}) {
    capture.add(name, name == edited ? edits : conversation::Edits());
  }
  return capture;
}
Capture reactive(std::string_view edited = {}, const conversation::Edits& edits = {}) {
  Capture capture;
  return add_reactive(capture, edited, edits);
}
Capture predictive() {
  Capture capture;
  capture.add({"p-shin", "hi", "hack"});
  return capture.add(capture.handover().shin(0)).add("shak");
}
Capture registration(Capture capture = Capture()) {
  return capture.add({"mip4-request", "shreq", "shrep", "shrep-ack", "mip4-reply"});
}
// With SHREPs under ESP.
Capture confidential() {
  auto description = built_in_description();
  description.policies.confidential = true;
  return Capture(description);
}
Capture confidential_reactive() {
  auto capture = confidential();
  return add_reactive(capture);
}
std::vector<Capture> valid_captures() {
  return {reactive(), predictive(), registration(), confidential_reactive(),
          registration(confidential())};
}

// The rows of one reason: "2 packets from 3: 1, 2".
std::vector<std::string> unread(const CheckCounts& counts) {
  std::vector<std::string> rows;
  for (const auto& row : counts.unread) {
    auto line = std::to_string(row.frames) + " " + std::string(text(row.reason)) + " from " +
                std::to_string(row.first) + ":";
    for (const auto number : row.numbers) line += " " + std::to_string(number);
    rows.push_back(line);
  }
  return rows;
}

// --- handovers and messages

TEST(Check, AcceptsConformingHandovers) {
  for (const auto& capture : valid_captures()) {
    const auto result = check_with_keys(capture);
    EXPECT_THAT(result.short_form(), IsEmpty());
    EXPECT_EQ(result.counts.messages, 5U);
    EXPECT_EQ(result.counts.undecrypted, 0U);
    EXPECT_THAT(check(capture).short_form(), IsEmpty());
  }
}

TEST(Check, CountsHandoversAndMessages) {
  auto capture = reactive();
  capture.wait(10).node(2);
  const auto result = check(add_reactive(capture));
  EXPECT_EQ(result.counts.handovers, 2U);
  EXPECT_EQ(result.counts.messages, 10U);
  EXPECT_EQ(result.counts.incomplete, 0U);
  EXPECT_EQ(result.counts.max_open, 1U);
  ASSERT_THAT(result.entries, SizeIs(2));
  EXPECT_THAT(result.entries[0].packets, SizeIs(5));
  EXPECT_EQ(result.entries[1].id, "handover-2");
}

TEST(Check, CountsIncompleteHandovers) {
  const auto result = check(Capture().add("shin").wait(70).node(2).add("shin"));
  EXPECT_EQ(result.counts.handovers, 2U);
  EXPECT_EQ(result.counts.incomplete, 2U);
  EXPECT_EQ(result.counts.max_open, 1U);
}

TEST(Check, ReportsViolationsForTheirFrame) {
  using Found = std::vector<std::string>;
  EXPECT_EQ(check(reactive("shrep", {"secct.reserved=1"})).short_form(),
            Found{"3 ROBUST-14 secct.reserved"});
  EXPECT_EQ(check(reactive("shrep-ack", {"secct.identifier=9"})).short_form(),
            Found{"4 ROBUST-5 secct.identifier"});
  EXPECT_EQ(check_with_keys(reactive("shreq", {"ah.icv=0x000000000000000000000000"})).short_form(),
            Found{"2 ROBUST-12 ah.icv"});
  Capture token;
  token.add("shin", {"secct.auth.token=1"});
  EXPECT_EQ(check(token).short_form(), Found{});
  EXPECT_EQ(check_with_keys(token).short_form(), Found{"1 FRAME-4.1-1 secct.auth.token"});
  Capture sequence;
  sequence.add("shreq", {"ah.sequence=5"}).node(2).add("shreq", {"ah.sequence=5"});
  EXPECT_EQ(check(sequence).short_form(), Found{"2 ROBUST-12 ah.sequence"});
}

TEST(Check, CountsViolationsThatAreNotBinding) {
  const auto soon = check(Capture().add("shreq").wait(0.3).add("shreq"));
  EXPECT_THAT(soon.short_form(), ElementsAre("2 FRAME-4.3-2"));
  EXPECT_EQ(soon.violations[0].verdict, Verdict::non_strict);
  EXPECT_EQ(soon.counts.failures, 0U);
  EXPECT_EQ(soon.counts.non_strict, 1U);
}

TEST(Check, AssignsViolationToTheRightMobileNode) {
  Capture capture;
  capture.node(1).add("shin").node(2).add("shin");
  capture.node(1).add("shreq").node(2).add("shreq");
  capture.node(2).add("shrep", {"secct.identifier=9"}).node(1).add("shrep");
  const auto result = check(capture);
  ASSERT_THAT(result.short_form(), ElementsAre("5 ROBUST-5 secct.identifier"));
  EXPECT_EQ(result.violations[0].handover, 2U);
}

TEST(Check, EntryRefersToThePacketOfAViolation) {
  const auto result = check(reactive("shrep", {"secct.naddr=2001:db8:20::77"}));
  ASSERT_THAT(result.entries, SizeIs(1));
  const auto& entry = result.entries[0];
  EXPECT_EQ(entry.verdict, Verdict::non_strict);  // ROBUST-4 is a decision of this project
  ASSERT_FALSE(entry.violations.empty());
  EXPECT_EQ(entry.violations[0].packet, 2U);
}

// Whether the SHREP was lost or is late is known when it comes.
TEST(Check, ReportsAnEarlyShakWhenTheShrepComes) {
  EXPECT_THAT(check(Capture().add({"shin", "shreq", "shak"})).short_form(), IsEmpty());
  const auto result = check(Capture().add({"shin", "shreq", "shak", "shrep"}));
  ASSERT_THAT(result.short_form(), ElementsAre("3 RELOC-4-10 secct.status"));
  EXPECT_EQ(result.violations[0].handover, 1U);
  EXPECT_EQ(result.violations[0].message, "SHAK");
  ASSERT_THAT(result.entries, SizeIs(1));
  EXPECT_THAT(result.entries[0].violations, SizeIs(1));
  EXPECT_NE(result.entries[0].verdict, Verdict::pass);
}

TEST(Check, ReportsTheRelationsOfEachMessage) {
  const auto result = check(Capture().add({"shin", "shreq"}).wait(1).add({"shreq", "shrep"}));
  ASSERT_THAT(result.messages, SizeIs(4));
  EXPECT_EQ(result.messages[0].message, "SHIN");
  EXPECT_EQ(result.messages[0].handover, 1U);
  EXPECT_EQ(result.messages[2].retransmission_of, 2U);
  EXPECT_THAT(result.messages[2].rules, ElementsAre("retransmission"));
  EXPECT_EQ(result.messages[3].response_to, 3U);
  const auto wrong = check(reactive("shrep", {"secct.reserved=1"}));
  EXPECT_THAT(wrong.messages.at(2).rules, ElementsAre("reserved_not_zero"));
}

// --- copies and keys

TEST(Check, IgnoresPacketsCapturedTwice) {
  auto capture = reactive();
  const auto result = check_with_keys(capture.again(2).again(3));
  EXPECT_THAT(result.short_form(), IsEmpty());
  EXPECT_EQ(result.counts.duplicates, 2U);
  EXPECT_EQ(result.messages.at(5).copy_of, 2U);
}

TEST(Check, VerifiesIcvsWithTransferredKeys) {
  // The SHAK is protected by the first transferred AH SA, whose key is in the SHREP.
  const auto result = check(reactive("shak", {"ah.icv=0x000000000000000000000000"}));
  EXPECT_THAT(result.short_form(), ElementsAre("5 ROBUST-12 ah.icv"));
}

TEST(Check, CountsPacketsThatNoKeyDecrypts) {
  const auto result = check(confidential_reactive());
  EXPECT_THAT(result.short_form(), IsEmpty());
  EXPECT_EQ(result.counts.undecrypted, 1U);  // the SHREP
  EXPECT_EQ(result.counts.messages, 4U);
  EXPECT_THAT(result.counts.unread, IsEmpty());
}

// --- frames

TEST(Check, ReadsLinkLayersAndTunnels) {
  using generator::test::octets;
  struct Header {
    LinkType link;
    Octets octets;
  };
  const auto outer =
      "60000000 ffff 2940 20010db8000a00000000000000000001"
      "20010db8000a00000000000000000002";
  const Header headers[] = {
      {LinkType::raw_ip, {}},
      {LinkType::null, octets("1e000000")},
      {LinkType::sll, octets("0000 0001 0006 0200000000020000 86dd")},
      {LinkType::ethernet, octets("020000000002 020000000001 8100 0007 86dd")},
      {LinkType::ethernet, octets("020000000002 020000000001 8847 0003e140")},
      {LinkType::ppp, octets("ff03 0057")},
      // A tunnel of IPv6 whose length field is too large: as if truncated.
      {LinkType::raw_ip, octets(outer)},
      // GRE over IPv4 with total length 0.
      {LinkType::raw_ip, octets("45000000 00010000 402f0000 0a000001 0a000002 0000 86dd")},
  };
  for (const auto& [link, header] : headers) {
    SCOPED_TRACE(to_hex(header));
    const auto capture = reactive();
    const auto result = check(Frames(capture).replace_header(link, header), &capture.description());
    EXPECT_THAT(result.short_form(), IsEmpty());
    EXPECT_EQ(result.counts.messages, 5U);
    EXPECT_EQ(result.counts.handovers, 1U);
    EXPECT_EQ(result.counts.incomplete, 0U);
  }
}

TEST(Check, ReadsIpv4WithTotalLength0) {
  const auto capture = registration();
  Frames frames(capture);
  for (auto& frame : frames.list) {
    if (frame.octets[ethernet_octets] >> 4 == 4) {
      frame.octets[ethernet_octets + 2] = frame.octets[ethernet_octets + 3] = 0;
    }
  }
  const auto result = check(frames, &capture.description());
  EXPECT_THAT(result.short_form(), IsEmpty());
  EXPECT_EQ(result.counts.messages, 5U);
}

TEST(Check, FindsTheMessagesOfAllSampleFrames) {
  std::set<std::string> without;
  for (const auto& row : generator::test::read_table("tests/vectors/frames.list")) {
    CheckOptions options;
    std::vector<std::string> messages;
    options.on_message = [&](const MessageFindings& findings) {
      messages.emplace_back(findings.message);
    };
    Checker checker(options);
    CapturedPacket packet;
    packet.number = 1;
    packet.link = static_cast<LinkType>(std::stoi(row.at(1)));
    packet.octets = generator::test::table_octets(row.at(2));
    packet.original_length = static_cast<std::uint32_t>(packet.octets.size());
    checker.packet(packet);
    checker.finish();
    const bool is_readable = std::none_of(row.begin() + 3, row.end(), [](const auto& result) {
      return result.starts_with("stop:") || result.starts_with("quoted:");
    });
    const auto& counts = checker.counts();
    EXPECT_EQ(counts.messages, messages.size()) << row[0];
    if (is_readable) {
      EXPECT_THAT(counts.unread, IsEmpty()) << row[0];
    }
    if (messages.empty()) without.insert(row[0]);
  }
  EXPECT_THAT(without, testing::Not(testing::Contains("vlan-stacked")));
  EXPECT_THAT(without, testing::Contains("tcp"));
}

// Only what was captured counts.
TEST(Check, TruncatedFramesBreakNoRule) {
  for (const auto& capture : valid_captures()) {
    for (std::size_t snaplen = 14; snaplen <= 600; ++snaplen) {
      const auto frames = Frames(capture).cut(snaplen);
      for (const auto* keys :
           {static_cast<const RouterDescription*>(nullptr), &capture.description()}) {
        const auto result = check(frames, keys);
        ASSERT_THAT(result.short_form(), IsEmpty()) << snaplen;
        const auto cut = std::ranges::count_if(frames.list, [](const auto& frame) {
          return frame.octets.size() < frame.original_length;
        });
        const auto& rows = result.counts.unread;
        ASSERT_EQ(rows.empty() ? 0 : static_cast<std::ptrdiff_t>(rows[0].frames), cut) << snaplen;
        ASSERT_LE(rows.size(), 1U);
        if (cut > 0) {
          ASSERT_EQ(rows[0].reason, Stop::Reason::truncated);
        }
      }
    }
  }
}

TEST(Check, ReportsWhatTheCapturedPartBreaks) {
  const auto capture = reactive("shrep-ack", {"secct.identifier=9"});
  const auto result = check(Frames(capture).cut(150));
  EXPECT_THAT(result.short_form(), ElementsAre("4 ROBUST-5 secct.identifier"));
}

TEST(Check, ReassemblesFragments) {
  const auto shrep = [](std::size_t lost, const conversation::Edits& edits = {}) {
    const auto capture = reactive("shrep", edits);
    return check(Frames(capture).in_fragments(3, lost), &capture.description());
  };
  const auto whole = shrep(0);
  EXPECT_THAT(whole.short_form(), IsEmpty());
  EXPECT_EQ(whole.counts.messages, 5U);
  EXPECT_EQ(whole.counts.fragments, 0U);
  EXPECT_GT(whole.counts.frames, 6U);
  EXPECT_THAT(whole.counts.unread, IsEmpty());
  ASSERT_THAT(whole.entries, SizeIs(1));
  EXPECT_EQ(whole.entries[0].packets.at(2).datagram.size(),
            reactive().frames()[2].octets.size() - ethernet_octets);
  // The violation is reported for the frame that completes the datagram.
  const auto wrong = shrep(0, {"secct.identifier=9"});
  EXPECT_THAT(wrong.short_form(), testing::Contains(testing::StartsWith(
                                      std::to_string(whole.counts.frames - 2) + " ROBUST-5")));
  const auto lost = shrep(1);
  EXPECT_THAT(lost.short_form(), IsEmpty());
  EXPECT_EQ(lost.counts.messages, 4U);
  EXPECT_EQ(lost.counts.fragments, whole.counts.frames - 5);
}

TEST(Check, ReassemblesFragmentsInTunnels) {
  const auto tunnel = generator::test::octets(
      "4500ffff 00010000 40290000 0a000001 0a000002");  // total length: set below
  for (const std::size_t lost : {0U, 1U}) {
    const auto capture = reactive();
    Frames frames(capture);
    frames.in_fragments(3, lost).replace_header(LinkType::raw_ip, tunnel);
    for (auto& frame : frames.list) {
      write_number(std::span(frame.octets).subspan(2, 2), frame.octets.size());
    }
    const auto result = check(frames, &capture.description());
    EXPECT_THAT(result.short_form(), IsEmpty());
    EXPECT_EQ(result.counts.messages, lost == 0 ? 5U : 4U);
    EXPECT_EQ(result.counts.fragments, lost == 0 ? 0U : frames.list.size() - 4);
    EXPECT_THAT(result.counts.unread, IsEmpty());
  }
}

TEST(Check, IgnoresMessagesThatIcmpErrorsQuote) {
  const auto capture = reactive("shreq", {"secct.reserved=1"});
  Frames frames(capture);
  frames.list = {frames.list[1]};
  frames.replace_header(LinkType::raw_ip, generator::test::octets(
                                              "60000000 0000 3a40 20010db8000200000000000000000009"
                                              "20010db8000200000000000000000001 0100000000000000"));
  auto& octets = frames.list[0].octets;
  write_number(std::span(octets).subspan(4, 2), octets.size() - ipv6_header_octets);
  const auto result = check(frames, &capture.description());
  EXPECT_THAT(result.short_form(), IsEmpty());
  EXPECT_EQ(result.counts.messages, 0U);
  EXPECT_THAT(result.messages, IsEmpty());
}

TEST(Check, CountsUnreadPacketsByReason) {
  CheckOptions options;
  Checker checker(options);
  const auto add = [&](LinkType link, std::string_view hex, std::uint32_t missing = 0) {
    CapturedPacket packet;
    packet.number = checker.counts().frames + 1;
    packet.link = link;
    packet.octets = generator::test::octets(hex);
    packet.original_length = static_cast<std::uint32_t>(packet.octets.size()) + missing;
    checker.packet(packet);
  };
  const std::string macs = "020000000002020000000001";
  add(static_cast<LinkType>(0xffff), "010203");
  add(LinkType::ethernet, "010203");
  add(LinkType::ethernet, macs + "12340207");
  add(LinkType::ethernet, macs + "12340207");
  add(LinkType::ethernet, macs + "43210207");
  add(LinkType::ethernet, macs + "08060001");  // ARP cannot contain SecCT
  add(LinkType::raw_ip, "6000", 100);
  add(LinkType::ethernet, macs, 100);
  checker.finish();
  EXPECT_EQ(checker.counts().frames, 8U);
  EXPECT_EQ(checker.counts().messages, 0U);
  EXPECT_THAT(unread(checker.counts()),
              ElementsAre("1 unknown link-layer type from 1: 65535", "1 bad length from 2: 0",
                          "3 unknown EtherType from 3: 4660 17185", "2 truncated from 7: 0"));
}

// --- memory and tables

TEST(Check, RemovesEndedHandovers) {
  Capture capture;
  for (std::uint32_t i = 1; i <= 300; ++i) {
    capture.node(i, static_cast<std::uint16_t>(i));
    add_reactive(capture).wait(1);
  }
  const auto result = check(capture);
  EXPECT_EQ(result.counts.handovers, 300U);
  EXPECT_LE(result.counts.max_open, 8U);  // handovers within CONTEXT_PURGE_TIME
}

TEST(Check, RulesNameExistingClauses) {
  const auto all = checked_clauses();
  for (const auto& rule : conversation::rules()) {
    if (*rule.clause == '\0') continue;
    EXPECT_THAT(all, testing::Contains(rule.clause)) << rule.name;
    EXPECT_NE(find_clause(rule.clause), nullptr) << rule.name;
  }
}

}  // namespace
}  // namespace secct::replay
