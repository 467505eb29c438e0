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

class Checker::Work {
 public:
  explicit Work(CheckOptions options)
      : options_(std::move(options)),
        flows_(options_.timing_scale),
        keys_(options_.codepoints, options_.description, flows_),
        judge_(options_.codepoints, options_.description, options_.timing_scale, flows_) {}

  void packet(const CapturedPacket& packet) {
    ++counts_.frames;
    const auto network = network_offset(packet.link, packet.octets);
    if (!network) {
      counts_.unread += reads_link(packet.link) ? 0U : 1U;
      return;
    }
    const auto octets = View(packet.octets).subspan(*network);
    forget(packet.time);
    if (packet.octets.size() < packet.original_length || !open(octets)) {
      ++counts_.unread;
      return;
    }
    const bool is_fragment = unwrapped_.datagram().is_fragment;
    if (is_fragment) ++counts_.fragments;
    // Those inside a tunnel are not put together; the packet around them is judged.
    if (!is_fragment || unwrapped_.datagram().octets.data() != octets.data()) {
      datagram(packet.time, octets);
      return;
    }
    const auto joined_before = reassembler_.joined();
    const auto whole = reassembler_.add(octets, packet.time);
    if (!whole) return;
    counts_.fragments -= reassembler_.joined() - joined_before;
    if (open(*whole)) datagram(packet.time, *whole);
  }

  void finish() {
    while (auto* flow = flows_.any()) end(*flow);
    counts_.handovers = flows_.begun();
  }

  const CheckCounts& counts() const { return counts_; }

 private:
  // A datagram that was opened.
  void datagram(Time now, View octets) {
    broken_.clear();
    const bool is_duplicate = judge_ipsec_layers();
    bool any = false;
    unwrapped_.each_message([&](Carrier carrier, View message) {
      if (!decode(options_.codepoints, carrier, message, envelope_, decoded_)) return false;
      any = true;
      return true;
    });
    if (is_duplicate) {
      ++counts_.copies;
      return;
    }
    if (any) {
      message(now, octets);
    } else {
      rest(now);
    }
  }

  bool open(View octets) {
    const bool is_ip =
        unwrapped_.open(octets, [this](IpsecProtocol protocol, std::uint32_t spi,
                                       const Address& source, const Address& destination) {
          return keys_.find(protocol, spi, source, destination);
        });
    if (!is_ip) return false;
    const auto& inner = unwrapped_.datagram();
    envelope_.source = inner.source;
    envelope_.destination = inner.destination;
    envelope_.hop_limit = inner.hop_limit;
    envelope_.protection = unwrapped_.protection();
    return true;
  }

  bool judge_ipsec_layers() {
    bool is_duplicate = false;
    for (const auto& layer : unwrapped_.ipsec_layers()) {
      const bool ah = layer.protocol == IpsecProtocol::ah;
      const auto tell = [&](Conversation rule, const char* field) {
        auto failure = broken(rule, "", fmt::format("SPI 0x{:08x}", layer.spi));
        failure.field = field;
        broken_.push_back(std::move(failure));
      };
      if (layer.state == IpsecLayer::State::bad_icv) {
        tell(Conversation::icv_wrong, ah ? "ah.icv" : "esp.icv");
      } else if (layer.state == IpsecLayer::State::malformed) {
        tell(Conversation::ipsec_malformed, ah ? "ah.length" : "esp.pad_len");
      }
      is_duplicate |= sequences_.judge(layer, broken_);
    }
    return is_duplicate;
  }

  // A SecCT message.
  void message(Time now, View octets) {
    ++counts_.messages;
    check_message_rules(decoded_, broken_);
    auto* flow = judge_.judge(decoded_, unwrapped_, counts_.frames, now, broken_);
    counts_.most_open = std::max(counts_.most_open, flows_.open());
    const auto* name = find_value(Values::message, static_cast<unsigned>(decoded_.message));
    report(now, flow, name != nullptr ? name->key : "SecCT");
    if (flow == nullptr || !options_.ended) return;
    keep(*flow, now, octets);
  }

  // What is under AH or ESP and no SecCT is judged for its AH and ESP where the SA is known.
  void rest(Time now) {
    if (unwrapped_.ipsec_layers().empty()) return;
    if (unwrapped_.closed()) ++counts_.closed;
    report(now, nullptr, unwrapped_.closed() ? "ESP" : "IPsec");
  }

  static Verdict verdict_of(const Failure& failure) {
    const auto* clause = find_clause(failure.clause);
    return clause == nullptr || clause->binding() ? Verdict::fail : Verdict::non_strict;
  }

  void report(Time, Flow* flow, std::string_view message) {
    for (auto& failure : broken_) {
      const auto verdict = verdict_of(failure);
      ++(verdict == Verdict::fail ? counts_.failures : counts_.non_strict);
      if (options_.breach) {
        options_.breach({counts_.frames, flow != nullptr ? flow->number : 0, std::string(message),
                         failure, verdict});
      }
      if (flow == nullptr || !options_.ended) continue;
      constexpr std::size_t most = 100;  // of one handover
      if (flow->violations.size() < most) {
        flow->violations.push_back({std::move(failure), verdict, flow->packets.size()});
      }
    }
  }

  void keep(Flow& flow, Time now, View octets) {
    constexpr std::size_t most = 200;  // of one handover
    if (flow.packets.size() >= most) return;
    flow.packets.push_back({now, false, Octets(octets.begin(), octets.end()),
                            fmt::format("frame {}", counts_.frames)});
  }

  void forget(Time now) {
    while (auto* flow = flows_.expired(now)) end(*flow);
  }

  void end(Flow& flow) {
    if (!flow.closed) ++counts_.incomplete;
    if (options_.ended) options_.ended(entry_of(flow));
    flows_.release(flow);
  }

  ReportEntry entry_of(Flow& flow) const {
    ReportEntry entry;
    entry.id = fmt::format("handover-{}", flow.number);
    entry.title = fmt::format("Paddr {}{}, from frame {}{}", to_text(flow.paddr),
                              is_unspecified(flow.naddr) ? "" : ", Naddr " + to_text(flow.naddr),
                              flow.first_frame, flow.closed ? "" : ", no SHAK");
    entry.group = options_.group;
    for (const auto& violation : flow.violations) {
      if (violation.verdict == Verdict::fail) entry.verdict = Verdict::fail;
      if (entry.verdict == Verdict::pass) entry.verdict = Verdict::non_strict;
    }
    entry.duration = flow.last - flow.first;
    entry.violations = std::move(flow.violations);
    entry.packets = std::move(flow.packets);
    // What came after the packets that were kept has none to point to.
    for (auto& violation : entry.violations) {
      if (violation.packet && *violation.packet >= entry.packets.size()) violation.packet.reset();
    }
    return entry;
  }

  CheckOptions options_;
  CheckCounts counts_;
  HandoverTable flows_;
  CheckKeys keys_;
  ConversationJudge judge_;
  SequenceTracker sequences_;
  Reassembler reassembler_;
  DecapsulatedPacket unwrapped_;
  Envelope envelope_;
  DecodedMessage decoded_;
  std::vector<Failure> broken_;
};

Checker::Checker(CheckOptions options) : work_(std::make_unique<Work>(std::move(options))) {}
Checker::~Checker() = default;
void Checker::packet(const CapturedPacket& packet) { work_->packet(packet); }
void Checker::finish() { work_->finish(); }
const CheckCounts& Checker::counts() const { return work_->counts(); }

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
