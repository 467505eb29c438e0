// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/check/check.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "network/fragment.hpp"
#include "protocol/decode/decode.hpp"
#include "replay/check/judge.hpp"
#include "replay/check/keys.hpp"
#include "replay/check/sequence_numbers.hpp"
#include "replay/inspect/message_rules.hpp"
#include "replay/suite/clauses.hpp"

namespace secct::replay {

class Checker::Impl {
 public:
  explicit Impl(CheckOptions options)
      : options_(std::move(options)),
        handovers_(options_.timing_scale),
        keys_(options_.codepoints, options_.description, handovers_),
        judge_(options_.codepoints, options_.description, options_.timing_scale, handovers_) {}

  void packet(const CapturedPacket& packet) {
    ++counts_.frames;
    const auto network = network_offset(packet.link, packet.octets);
    if (!network) {
      counts_.unreadable += reads_link(packet.link) ? 0U : 1U;
      return;
    }
    const auto octets = View(packet.octets).subspan(*network);
    end_expired(packet.time);
    if (packet.octets.size() < packet.original_length || !open(octets)) {
      ++counts_.unreadable;
      return;
    }
    const bool is_fragment = packet_.datagram().is_fragment;
    if (is_fragment) ++counts_.fragments;
    // Fragments inside a tunnel are not reassembled; only the AH or ESP around them is checked.
    if (!is_fragment || packet_.datagram().octets.data() != octets.data()) {
      process_datagram(packet.time, octets);
      return;
    }
    const auto joined_before = reassembler_.reassembled();
    const auto whole = reassembler_.add(octets, packet.time);
    if (!whole) return;
    counts_.fragments -= reassembler_.reassembled() - joined_before;
    if (open(*whole)) process_datagram(packet.time, *whole);
  }

  void finish() {
    while (auto* handover = handovers_.any()) end_handover(*handover);
    counts_.handovers = handovers_.created();
  }

  const CheckCounts& counts() const { return counts_; }

 private:
  void process_datagram(Time now, View octets) {
    failures_.clear();
    const bool is_duplicate = judge_ipsec_layers();
    bool any = false;
    packet_.each_message([&](Carrier carrier, View message) {
      if (!decode(options_.codepoints, carrier, message, envelope_, decoded_)) return false;
      any = true;
      return true;
    });
    if (is_duplicate) {
      ++counts_.duplicates;
      return;
    }
    if (any) {
      process_message(now, octets);
    } else {
      process_other();
    }
  }

  bool open(View octets) {
    const bool is_ip =
        packet_.open(octets, [this](IpsecProtocol protocol, std::uint32_t spi,
                                    const Address& source, const Address& destination) {
          return keys_.find(protocol, spi, source, destination);
        });
    if (!is_ip) return false;
    const auto& inner = packet_.datagram();
    envelope_.source = inner.source;
    envelope_.destination = inner.destination;
    envelope_.hop_limit = inner.hop_limit;
    envelope_.protection = packet_.protection();
    return true;
  }

  bool judge_ipsec_layers() {
    bool is_duplicate = false;
    for (const auto& layer : packet_.ipsec_layers()) {
      const bool ah = layer.protocol == IpsecProtocol::ah;
      const auto report = [&](Conversation rule, const char* field) {
        auto failure = broken(rule, "", fmt::format("SPI 0x{:08x}", layer.spi));
        failure.field = field;
        failures_.push_back(std::move(failure));
      };
      if (layer.state == IpsecLayer::State::bad_icv) {
        report(Conversation::icv_wrong, ah ? "ah.icv" : "esp.icv");
      } else if (layer.state == IpsecLayer::State::malformed) {
        report(Conversation::ipsec_malformed, ah ? "ah.length" : "esp.pad_len");
      }
      is_duplicate |= sequences_.check(layer, failures_);
    }
    return is_duplicate;
  }

  void process_message(Time now, View octets) {
    ++counts_.messages;
    check_message_rules(decoded_, failures_);
    auto* handover = judge_.judge(decoded_, packet_, counts_.frames, now, failures_);
    counts_.max_open = std::max(counts_.max_open, handovers_.open());
    report_failures(handover, message_info(decoded_.message).key);
    if (handover == nullptr || !options_.on_handover) return;
    store_packet(*handover, now, octets);
  }

  // A packet without a readable SecCT message: only its AH and ESP headers are checked.
  void process_other() {
    if (packet_.ipsec_layers().empty()) return;
    if (packet_.closed()) ++counts_.undecrypted;
    report_failures(nullptr, packet_.closed() ? "ESP" : "IPsec");
  }

  static Verdict verdict_of(const Failure& failure) {
    const auto* clause = find_clause(failure.clause);
    return clause == nullptr || clause->binding() ? Verdict::fail : Verdict::non_strict;
  }

  void report_failures(TrackedHandover* handover, std::string_view message) {
    for (auto& failure : failures_) {
      const auto verdict = verdict_of(failure);
      ++(verdict == Verdict::fail ? counts_.failures : counts_.non_strict);
      if (options_.on_violation) {
        options_.on_violation({counts_.frames, handover != nullptr ? handover->number : 0,
                               std::string(message), failure, verdict});
      }
      if (handover == nullptr || !options_.on_handover) continue;
      constexpr std::size_t most = 100;  // of one handover
      if (handover->violations.size() < most) {
        handover->violations.push_back({std::move(failure), verdict, handover->packets.size()});
      }
    }
  }

  void store_packet(TrackedHandover& handover, Time now, View octets) {
    constexpr std::size_t most = 200;  // of one handover
    if (handover.packets.size() >= most) return;
    handover.packets.push_back({now, false, Octets(octets.begin(), octets.end()),
                                fmt::format("frame {}", counts_.frames)});
  }

  void end_expired(Time now) {
    while (auto* handover = handovers_.expired(now)) end_handover(*handover);
  }

  void end_handover(TrackedHandover& handover) {
    if (!handover.closed) ++counts_.incomplete;
    if (options_.on_handover) options_.on_handover(entry_of(handover));
    handovers_.remove(handover);
  }

  ReportEntry entry_of(TrackedHandover& handover) const {
    ReportEntry entry;
    entry.id = fmt::format("handover-{}", handover.number);
    entry.title =
        fmt::format("Paddr {}{}, from frame {}{}", to_text(handover.paddr),
                    is_unspecified(handover.naddr) ? "" : ", Naddr " + to_text(handover.naddr),
                    handover.first_frame, handover.closed ? "" : ", no SHAK");
    entry.group = options_.group;
    for (const auto& violation : handover.violations) {
      if (violation.verdict == Verdict::fail) entry.verdict = Verdict::fail;
      if (entry.verdict == Verdict::pass) entry.verdict = Verdict::non_strict;
    }
    entry.duration = handover.last - handover.first;
    entry.violations = std::move(handover.violations);
    entry.packets = std::move(handover.packets);
    // The packet of a violation may not have been stored.
    for (auto& violation : entry.violations) {
      if (violation.packet && *violation.packet >= entry.packets.size()) violation.packet.reset();
    }
    return entry;
  }

  CheckOptions options_;
  CheckCounts counts_;
  HandoverTable handovers_;
  CheckKeys keys_;
  ConversationJudge judge_;
  SequenceTracker sequences_;
  Reassembler reassembler_;
  DecapsulatedPacket packet_;
  Envelope envelope_;
  DecodedMessage decoded_;
  std::vector<Failure> failures_;
};

Checker::Checker(CheckOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Checker::~Checker() = default;
void Checker::packet(const CapturedPacket& packet) { impl_->packet(packet); }
void Checker::finish() { impl_->finish(); }
const CheckCounts& Checker::counts() const { return impl_->counts(); }

std::vector<std::string> checked_clauses() {
  std::vector<std::string> ids;
  for (const auto& rule : conversation_rules()) {
    if (std::ranges::find(ids, rule.clause) == ids.end()) ids.emplace_back(rule.clause);
  }
  for (const auto& clause : clauses()) {
    if (clause.test == "lint" && std::ranges::find(ids, clause.id) == ids.end()) {
      ids.push_back(clause.id);
    }
  }
  return ids;
}

}  // namespace secct::replay
