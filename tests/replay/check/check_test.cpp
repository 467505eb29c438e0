// SPDX-License-Identifier: GPL-2.0-or-later
// Each rule of conversation.def is violated once, by itself, and reported for the right frame;
// handovers without violations are accepted.
#include "replay/check/check.hpp"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "generator/document/edit.hpp"
#include "generator/handover/handover.hpp"
#include "generator/packet/build.hpp"
#include "network/fragment.hpp"
#include "replay/inspect/conversation.hpp"
#include "replay/suite/clauses.hpp"

namespace secct::replay {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// A capture of the messages of mobile nodes, some of them edited.
class Capture {
 public:
  explicit Capture(RouterDescription description = built_in_description())
      : description_(std::move(description)) {
    node(1);
  }

  Capture& node(std::uint32_t number, std::uint16_t identifier = 7) {
    handover_.emplace(description_, Role::nr, number, identifier, counters_);
    return *this;
  }
  Capture& wait(double seconds) {
    now_ += static_cast<Time>(seconds * 1e9);
    return *this;
  }
  // "secct.identifier=9" edits; "-NAME" removes.
  Capture& add(std::string_view message, const std::vector<std::string>& edits = {}) {
    auto packet = *handover_->by_name(message);
    for (const auto& text : edits) {
      if (text[0] == '-') {
        remove_field(packet, text.substr(1));
      } else {
        const auto [path, value] = split_assignment(text);
        set_field(description_.codepoints, packet, path, value);
      }
    }
    return add(packet);
  }
  Capture& add_without(std::string_view message, std::string_view layer) {
    auto packet = *handover_->by_name(message);
    drop_layer(packet, std::string(layer));
    return add(packet);
  }
  // Adds a copy of a frame.
  Capture& again(std::size_t frame) {
    packets_.push_back({now_, packets_[frame - 1].octets});
    wait(0.001);
    return *this;
  }

  // Replaces the last packet by its fragments of at most `mtu` octets, without the first `lost`
  // ones.
  Capture& in_fragments(std::size_t mtu, std::size_t lost = 0) {
    constexpr std::size_t ethernet = 14;
    const auto packet = packets_.back();
    packets_.pop_back();
    const auto frame = View(packet.octets);
    const auto fragments = fragmented(frame.subspan(ethernet), mtu, 77);
    EXPECT_GT(fragments.size(), 1U);
    for (auto i = lost; i < fragments.size(); ++i) {
      Octets octets(frame.begin(), frame.begin() + ethernet);
      append(octets, fragments[i]);
      packets_.push_back({packet.time, std::move(octets)});
    }
    return *this;
  }

  // A reactive handover, with `edits` in the message of that name.
  Capture& reactive(std::string_view edited = {}, const std::vector<std::string>& edits = {}) {
    for (const auto* name : {"shin", "shreq", "shrep", "shrep-ack", "shak"}) {
      add(name, name == edited ? edits : std::vector<std::string>());
    }
    return *this;
  }
  Capture& predictive(std::string_view edited = {}, const std::vector<std::string>& edits = {}) {
    add("hi", edited == "hi" ? edits : std::vector<std::string>());
    add("hack", edited == "hack" ? edits : std::vector<std::string>());
    auto shin = handover_->shin(0);
    for (const auto& text : edits) {
      if (edited != "shin") break;
      const auto [path, value] = split_assignment(text);
      set_field(description_.codepoints, shin, path, value);
    }
    add(shin);
    return add("shak", edited == "shak" ? edits : std::vector<std::string>());
  }

  struct Result {
    std::vector<RuleViolation> violations;
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
    std::set<std::string> clauses() const {
      std::set<std::string> all;
      for (const auto& violation : violations) all.insert(violation.failure.clause);
      return all;
    }
  };

  Result check(bool with_keys = false) const {
    Result result;
    CheckOptions options;
    options.codepoints = description_.codepoints;
    options.description = with_keys ? &description_ : nullptr;
    options.on_violation = [&](const RuleViolation& violation) {
      result.violations.push_back(violation);
    };
    options.on_handover = [&](ReportEntry&& entry) { result.entries.push_back(std::move(entry)); };
    Checker checker(options);
    for (const auto& packet : packets_) {
      CapturedPacket captured;
      captured.time = packet.time;
      captured.link = LinkType::ethernet;
      captured.octets = packet.octets;
      captured.original_length = static_cast<std::uint32_t>(packet.octets.size());
      checker.packet(captured);
    }
    checker.finish();
    result.counts = checker.counts();
    return result;
  }

  RouterDescription& description() { return description_; }

 private:
  struct Packet {
    Time time;
    Octets octets;
  };

  Capture& add(const PacketDocument& packet) {
    auto built = build(description_.codepoints, handover_->keyring(), packet);
    EXPECT_TRUE(built.faults.empty()) << built.faults.at(0).text;
    packets_.push_back({now_, std::move(built.octets)});
    return wait(0.001);
  }

  RouterDescription description_;
  Counters counters_;
  std::optional<Handover> handover_;
  Time now_ = seconds(1000);
  std::vector<Packet> packets_;
};

TEST(Check, AcceptsConformingHandovers) {
  for (const bool keys : {false, true}) {
    EXPECT_THAT(Capture().reactive().check(keys).short_form(), IsEmpty());
    EXPECT_THAT(Capture().predictive().check(keys).short_form(), IsEmpty());
    EXPECT_THAT(Capture().add("p-shin").predictive().check(keys).short_form(), IsEmpty());
  }
}

TEST(Check, CountsHandoversAndMessages) {
  const auto result = Capture().reactive().wait(10).node(2).predictive().check();
  EXPECT_EQ(result.counts.handovers, 2U);
  EXPECT_EQ(result.counts.messages, 9U);
  EXPECT_EQ(result.counts.incomplete, 0U);
  EXPECT_EQ(result.counts.max_open, 1U);
  ASSERT_THAT(result.entries, SizeIs(2));
  EXPECT_THAT(result.entries[0].packets, SizeIs(5));
  EXPECT_EQ(result.entries[1].id, "handover-2");
}

TEST(Check, AssignsPShinToTheHandoverThatFollows) {
  const auto result = Capture().add("p-shin").predictive().check();
  EXPECT_EQ(result.counts.handovers, 1U);
}

TEST(Check, SeparatesInterleavedHandoversWithTheSameIdentifier) {
  Capture capture;
  for (const auto* message : {"shin", "shreq", "shrep", "shrep-ack", "shak"}) {
    capture.node(1).add(message);
    capture.node(2).add(message);
  }
  const auto result = capture.check(true);
  EXPECT_THAT(result.short_form(), IsEmpty());
  EXPECT_EQ(result.counts.handovers, 2U);
}

TEST(Check, AcceptsReusedIdentifiers) {
  Capture capture;
  for (std::uint32_t number = 1; number <= 5; ++number) capture.node(number).reactive();
  // A second handover of the same mobile node.
  capture.node(1).reactive("shin", {"secct.auth.replay=2"});
  const auto result = capture.check();
  EXPECT_EQ(result.counts.handovers, 6U);
}

TEST(Check, AcceptsRetransmissionsInTime) {
  Capture capture;
  capture.add("shin").add("shreq").wait(1).add("shreq").wait(1).add("shreq");
  capture.add("shrep").add("shrep-ack").add("shak").add("shin").add("shak");
  const auto result = capture.check(true);
  EXPECT_THAT(result.short_form(), IsEmpty());
  EXPECT_EQ(result.counts.handovers, 1U);
}

TEST(Check, ReportsRetransmissionsOutOfTimeAsNonStrict) {
  const auto soon = Capture().add("shreq").wait(0.3).add("shreq").check();
  EXPECT_THAT(soon.short_form(), ElementsAre("2 FRAME-4.3-2"));
  EXPECT_EQ(soon.violations[0].verdict, Verdict::non_strict);
  EXPECT_EQ(soon.counts.failures, 0U);
  Capture often;
  for (int i = 0; i < 6; ++i) often.add("shreq").wait(1);
  EXPECT_THAT(often.check().short_form(), ElementsAre("5 FRAME-4.3-2"));
  const auto hi = Capture().add("hi").wait(0.02).add("hi").check();
  EXPECT_THAT(hi.short_form(), ElementsAre("2 FMIP-4.3-3"));
}

struct WrongCapture {
  const char* name;
  std::vector<std::string> found;  // "frame clause field"
  Capture capture;
  bool keys = false;
};

std::vector<WrongCapture> wrong_captures() {
  std::vector<WrongCapture> all;
  const auto add = [&](const char* name, std::vector<std::string> found, const Capture& capture,
                       bool keys = false) {
    all.push_back({name, std::move(found), capture, keys});
  };
  add("hack_identifier", {"2 FMIP-4.4-2 secct.identifier"},
      Capture().predictive("hack", {"secct.identifier=9"}));
  add("hack_addresses", {"2 FMIP-4.4-2 ipv6.src"},
      Capture().predictive("hack", {"ipv6.src=2001:db8:2::9"}));
  add("hack_stateful", {"2 FMIP-4.4-3 secct.code"},
      Capture().predictive("hi", {"secct.flags.s=1"}));
  add("hack_stateless", {"2 FMIP-4.4-4 secct.code"},
      Capture().predictive("hack", {"secct.code=4"}));
  add("shrep_identifier", {"3 ROBUST-5 secct.identifier", "4 ROBUST-5 secct.identifier"},
      Capture().reactive("shrep", {"secct.identifier=9"}));
  add("shrep_naddr", {"3 ROBUST-4 secct.naddr"},
      Capture().reactive("shrep", {"secct.naddr=2001:db8:20::77"}));
  add("shrep_paddr", {"3 ROBUST-4 secct.paddr"},
      Capture().reactive("shrep", {"secct.paddr=2001:db8:10::77"}));
  add("ack_identifier", {"4 ROBUST-5 secct.identifier"},
      Capture().reactive("shrep-ack", {"secct.identifier=9"}));
  add("ack_naddr", {"4 FRAME-4.5-1 secct.naddr"},
      Capture().reactive("shrep-ack", {"secct.naddr=2001:db8:20::77"}));
  add("not_verbatim", {"2 FRAME-4.3-1 secct.auth.token"},
      Capture().reactive("shreq", {"secct.auth.token=0x12345678"}));
  add("shreq_naddr", {"2 RELOC-4-5 secct.naddr"},
      Capture().add("shin").add("shreq", {"secct.naddr=2001:db8:20::77"}));
  // The token is then computed for the other Paddr as well.
  add("shreq_paddr", {"2 RELOC-4-5 secct.paddr", "2 FRAME-4.3-1 secct.auth.token"},
      Capture().add("shin").add("shreq", {"secct.paddr=2001:db8:10::1:77"}));
  add("token_wrong", {"1 FRAME-4.1-1 secct.auth.token"},
      Capture().add("shin", {"secct.auth.token=1"}), true);
  add("ushrep_token_wrong", {"1 FRAME-5.2-2 secct.auth.token"},
      Capture().add("hi", {"secct.auth.token=1"}), true);
  add("token_accepted", {"1 FRAME-4.1-1 secct.auth.token", "2 FRAME-4.1-1 secct.status"},
      Capture().add("shreq", {"secct.auth.token=1"}).add("shrep"), true);
  add("token_differs", {"4 FRAME-5.2-4 secct.status"},
      Capture().predictive("shin", {"secct.auth.token=1"}));
  add("context_order", {"2 FRAME-4.4-2 secct.sa.spi"},
      Capture()
          .add("shreq", {"secct.req.spt=3", "secct.req.protocol=[0]", "secct.req.spi=[0x10000040]"})
          .add("shrep"));
  add("shak_status", {"5 RELOC-4-10 secct.status"},
      Capture().reactive("shak", {"secct.status=106"}));
  add("icv_wrong", {"2 ROBUST-12 ah.icv"},
      Capture().reactive("shreq", {"ah.icv=0x000000000000000000000000"}), true);
  add("sequence_reused", {"2 ROBUST-12 ah.sequence"},
      Capture().add("shreq", {"ah.sequence=5"}).node(2).add("shreq", {"ah.sequence=5"}));
  add("sequence_falls", {"2 ROBUST-12 ah.sequence"},
      Capture().add("shreq", {"ah.sequence=500"}).node(2).add("shreq", {"ah.sequence=5"}));
  add("reserved", {"3 ROBUST-14 secct.reserved"},
      Capture().reactive("shrep", {"secct.reserved=1"}));
  return all;
}

TEST(Check, ReportsEachViolationForItsFrame) {
  for (const auto& wrong : wrong_captures()) {
    EXPECT_EQ(wrong.capture.check(wrong.keys).short_form(), wrong.found) << wrong.name;
  }
}

TEST(Check, AssignsViolationToTheRightMobileNode) {
  Capture capture;
  capture.node(1).add("shin").node(2).add("shin");
  capture.node(1).add("shreq").node(2).add("shreq");
  capture.node(2).add("shrep", {"secct.identifier=9"}).node(1).add("shrep");
  const auto result = capture.check();
  ASSERT_THAT(result.short_form(), ElementsAre("5 ROBUST-5 secct.identifier"));
  EXPECT_EQ(result.violations[0].handover, 2U);
}

TEST(Check, ReportsUnprotectedContexts) {
  EXPECT_THAT(Capture().add("shreq").add_without("shrep", "ah").check().clauses(),
              testing::Contains("RELOC-4-8"));
  EXPECT_THAT(Capture().add_without("hi", "ah").check().clauses(), testing::Contains("RELOC-4-2"));
}

TEST(Check, VerifiesIcvsWithTransferredKeys) {
  // The SHAK is protected by the first transferred AH SA, whose key is in the SHREP.
  const auto result =
      Capture().reactive("shak", {"ah.icv=0x000000000000000000000000"}).check(false);
  EXPECT_THAT(result.short_form(), ElementsAre("5 ROBUST-12 ah.icv"));
}

TEST(Check, IgnoresPacketsCapturedTwice) {
  const auto result = Capture().reactive().again(2).again(3).check(true);
  EXPECT_THAT(result.short_form(), IsEmpty());
  EXPECT_EQ(result.counts.duplicates, 2U);
}

TEST(Check, RemovesEndedHandovers) {
  Capture capture;
  for (std::uint32_t i = 1; i <= 300; ++i) {
    capture.node(i, static_cast<std::uint16_t>(i)).reactive().wait(1);
  }
  const auto result = capture.check();
  EXPECT_EQ(result.counts.handovers, 300U);
  EXPECT_LE(result.counts.max_open, 8U);  // handovers within CONTEXT_PURGE_TIME
}

TEST(Check, RemovesHandoversWithoutMessages) {
  const auto result = Capture().add("shin").wait(70).node(2).add("shin").check();
  EXPECT_EQ(result.counts.handovers, 2U);
  EXPECT_EQ(result.counts.incomplete, 2U);
  EXPECT_EQ(result.counts.max_open, 1U);
}

TEST(Check, EntryRefersToThePacketOfAViolation) {
  const auto result = Capture().reactive("shrep", {"secct.naddr=2001:db8:20::77"}).check();
  ASSERT_THAT(result.entries, SizeIs(1));
  const auto& entry = result.entries[0];
  EXPECT_EQ(entry.verdict, Verdict::non_strict);  // ROBUST-4 is a decision of this project
  ASSERT_THAT(entry.violations, SizeIs(1));
  EXPECT_EQ(entry.violations[0].packet, 2U);
}

TEST(Check, ReassemblesFragments) {
  const auto shrep = [](std::size_t lost, const std::vector<std::string>& edits = {}) {
    return Capture()
        .add("shin")
        .add("shreq")
        .add("shrep", edits)
        .in_fragments(200, lost)
        .add("shrep-ack")
        .add("shak")
        .check(true);
  };
  const auto whole = shrep(0);
  EXPECT_THAT(whole.short_form(), IsEmpty());
  EXPECT_EQ(whole.counts.messages, 5U);
  EXPECT_EQ(whole.counts.fragments, 0U);
  EXPECT_GT(whole.counts.frames, 6U);
  // The violation is reported for the frame that completes the datagram.
  const auto wrong = shrep(0, {"secct.identifier=9"});
  EXPECT_THAT(wrong.short_form(), testing::Contains(testing::StartsWith(
                                      std::to_string(whole.counts.frames - 2) + " ROBUST-5")));
  const auto lost = shrep(1);
  EXPECT_EQ(lost.counts.messages, 4U);
  EXPECT_EQ(lost.counts.fragments, whole.counts.frames - 5);
}

TEST(Check, CountsUnreadablePackets) {
  CheckOptions options;
  Checker checker(options);
  CapturedPacket packet;
  packet.octets = {1, 2, 3};
  packet.original_length = 3;
  packet.link = static_cast<LinkType>(0xffff);
  checker.packet(packet);  // unsupported link type
  packet.link = LinkType::ethernet;
  checker.packet(packet);  // truncated Ethernet header
  packet.link = LinkType::raw_ip;
  checker.packet(packet);  // not IP
  packet.original_length = 300;
  checker.packet(packet);  // truncated
  checker.finish();
  EXPECT_EQ(checker.counts().frames, 4U);
  EXPECT_EQ(checker.counts().messages, 0U);
  EXPECT_EQ(checker.counts().unreadable, 3U);
}

TEST(Check, RulesNameExistingClauses) {
  const auto all = checked_clauses();
  for (const auto& rule : conversation_rules()) {
    EXPECT_THAT(all, testing::Contains(rule.clause)) << rule.name;
    EXPECT_NE(find_clause(rule.clause), nullptr) << rule.name;
  }
}

}  // namespace
}  // namespace secct::replay
