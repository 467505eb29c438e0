// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/check/check.hpp"

#include <algorithm>

#include "conversation/conversation.hpp"
#include "protocol/decode/mip4.hpp"
#include "replay/check/capture_keys.hpp"
#include "replay/check/handover_reports.hpp"
#include "replay/inspect/inspected_frame.hpp"
#include "replay/inspect/message_rules.hpp"
#include "replay/suite/clauses.hpp"

namespace secct::replay {
namespace {

using conversation::RuleId;

constexpr std::size_t max_numbers = 4;  // of UnreadCount

// Of a rule about AH or ESP, whose fields have two names.
std::string field_of(RuleId rule, IpsecProtocol protocol) {
  const std::string name = protocol == IpsecProtocol::ah ? "ah." : "esp.";
  switch (rule) {
    case RuleId::icv_bad: return name + "icv";
    case RuleId::ipsec_malformed:
      return protocol == IpsecProtocol::ah ? "ah.length" : "esp.pad_len";
    case RuleId::sequence_zero:
    case RuleId::sequence_replayed:
    case RuleId::sequence_reused:
    case RuleId::sequence_old: return name + "sequence";
    default: return conversation::info(rule).field;
  }
}

// Rules without a clause are observations, for which no router is blamed.
bool is_violation(const conversation::Violation& violation) {
  return *conversation::info(violation.rule).clause != '\0';
}

Verdict verdict_of(const Failure& failure) {
  const auto* clause = find_clause(failure.clause);
  return clause == nullptr || clause->binding() ? Verdict::fail : Verdict::non_strict;
}

conversation::Options engine_options(const CheckOptions& options) {
  conversation::Options engine;
  engine.codepoints = options.codepoints;
  engine.timing_scale = options.timing_scale;
  engine.max_handovers = options.max_handovers;
  const auto* description = options.description;
  if (description == nullptr) return engine;
  engine.confidential = description->policies.confidential;
  engine.token_key = [description](const Address& paddr) -> std::optional<Octets> {
    const auto number = description->number_of(paddr);
    if (!number) return std::nullopt;
    return description->token_key_of(*number);
  };
  return engine;
}

}  // namespace

class Checker::Impl : public conversation::Events {
 public:
  explicit Impl(CheckOptions options)
      : options_(std::move(options)),
        conversation_(engine_options(options_), this),
        keys_(options_.description, options_.max_handovers),
        reports_(options_.group),
        frame_([this](const auto&... header) { return keys_.find(header...); }, &reassembler_) {}

  void packet(const CapturedPacket& packet) {
    ++counts_.frames;
    number_ = packet.number;
    now_ = packet.time;
    inspect(packet);
    broken_.clear();
    failures_.clear();
    const bool has_message = std::ranges::any_of(frame_.messages(), [&](const auto& message) {
      return is_secct(options_.codepoints, message);
    });
    const auto copy_of = judge_ipsec_headers(has_message);
    if (has_message) {
      process_messages(copy_of);
    } else if (!process_bare_reply()) {
      process_other(copy_of);
    }
  }

  void finish() {
    conversation_.finish();
    counts_.handovers = conversation_.begun();
  }

  const CheckCounts& counts() const { return counts_; }

 private:
  // --- the frame

  void inspect(const CapturedPacket& packet) {
    const auto joined_before = reassembler_.reassembled();
    const auto length = std::max<std::size_t>(packet.original_length, packet.octets.size());
    frame_.inspect({packet.link, packet.octets, length}, packet.time);
    counts_.fragments += frame_.fragments();
    counts_.fragments -= reassembler_.reassembled() - joined_before;
    for (const auto& stop : frame_.stops()) {
      if (count_unread(stop)) break;
    }
  }

  // A frame counts once. False if another counter applies.
  bool count_unread(const Stop& stop) {
    auto reason = stop.reason;
    if (reason == Stop::Reason::fragment) return false;
    if (reason == Stop::Reason::encrypted && frame_.closed()) {
      if (frame_.ipsec_layers().back().in->missing == 0) {
        ++counts_.undecrypted;
        return true;
      }
      reason = Stop::Reason::truncated;
    }
    auto row = std::ranges::find(counts_.unread, reason, &UnreadCount::reason);
    if (row == counts_.unread.end()) {
      row = counts_.unread.insert(row, {reason, 0, number_, {}});
    }
    ++row->frames;
    auto& numbers = row->numbers;
    const bool is_new = std::ranges::find(numbers, stop.number) == numbers.end();
    if (is_new && numbers.size() < max_numbers) numbers.push_back(stop.number);
    return true;
  }

  // Returns the frame of which the packet is a copy, or 0. Without a key and a message, nothing
  // shows that the headers belong to SecCT, and they are not judged.
  std::uint64_t judge_ipsec_headers(bool has_message) {
    std::uint64_t copy_of = 0;
    for (const auto& header : frame_.ipsec_layers()) {
      if (header.closed) conversation_.hidden(header.source, header.destination);
      if (!header.has_key && (header.closed || !has_message)) continue;
      const auto before = broken_.size();
      const auto copy =
          sequence_numbers_.judge(header, number_, now_, keys_.window(header), broken_);
      if (copy != 0) copy_of = copy;
      for (auto i = before; i < broken_.size(); ++i) {
        if (!is_violation(broken_[i])) continue;
        failures_.push_back(failure_of(broken_[i]));
        failures_.back().field = field_of(broken_[i].rule, header.protocol);
      }
    }
    return copy_of;
  }

  // --- messages

  // The cookie of a message is the number of its frame.
  void* cookie() const {
    // NOLINTNEXTLINE(performance-no-int-to-ptr): it is never used as a pointer
    return reinterpret_cast<void*>(static_cast<std::uintptr_t>(number_));
  }

  void process_messages(std::uint64_t copy_of) {
    for (const auto& message : frame_.messages()) {
      if (!frame_.decode(options_.codepoints, message, decoded_)) continue;
      ++counts_.messages;
      process_message(message, copy_of);
      // Only the first SecCT extension of a registration counts.
      if (message.carrier == Carrier::mip4_request || message.carrier == Carrier::mip4_reply) break;
    }
  }

  void process_message(const FoundMessage& message, std::uint64_t copy_of) {
    check_message_rules(decoded_, failures_);
    conversation::Message observed{decoded_, number_, now_};
    observed.identification = low_identification(frame_.registration());
    observed.authentication_follows =
        authentication_follows(frame_.registration(), message.octets[0]);
    observed.copy_of = copy_of;
    observed.cookie = cookie();
    if (const auto* layer = frame_.layer_around(message)) {
      observed.spi = layer->spi;
      observed.complete_since = sequence_numbers_.complete_since(*layer);
    }
    const auto& found = conversation_.observe(observed);
    report_late(found.handover);
    report_message(found, message_info(decoded_.message).key, decoded_.problems);
    if (found.copy_of != 0) {
      ++counts_.duplicates;
      failures_.clear();
      return;
    }
    keys_.learn(decoded_, found.handover, number_);
    report(found, message_info(decoded_.message).key, *message.outermost);
  }

  // A Registration Reply without SecCT extension, which was captured completely.
  bool process_bare_reply() {
    const auto registration = frame_.registration();
    const auto* row = find_registration(registration);
    if (row == nullptr || row->carrier != Carrier::mip4_reply || !frame_.stops().empty()) {
      return false;
    }
    const auto* found = conversation_.observe_reply_without_secct(
        InspectedFrame::envelope_of(*frame_.innermost(), row->carrier),
        low_identification(registration), number_, now_, is_accepting(registration), cookie());
    if (found == nullptr) return false;
    const auto* name = message_info(Message::mip4_reply).key;
    report_message(*found, name, {});
    report(*found, name, *frame_.outermost());
    return true;
  }

  // A packet without a readable SecCT message: only its AH and ESP headers are checked.
  void process_other(std::uint64_t copy_of) {
    if (frame_.ipsec_layers().empty()) return;
    if (!broken_.empty()) report_message({}, "", {});
    if (copy_of != 0) {
      ++counts_.duplicates;
      failures_.clear();
    }
    report_failures(number_, 0, std::nullopt, frame_.closed() ? "ESP" : "IPsec");
  }

  // --- reports

  void report_message(const conversation::Relations& found, std::string_view message,
                      std::span<const Problem> problems) {
    if (!options_.on_message) return;
    MessageFindings findings{
        number_,       message, found.handover, found.response_to, found.retransmission_of,
        found.copy_of, {}};
    for (const auto& violation : broken_) {
      findings.rules.emplace_back(conversation::info(violation.rule).filter);
    }
    for (const auto& problem : problems) findings.rules.emplace_back(row(problem.rule).name);
    for (const auto& violation : found.violations) {
      findings.rules.emplace_back(conversation::info(violation.rule).filter);
    }
    broken_.clear();  // for further messages of the frame
    options_.on_message(findings);
  }

  void report(const conversation::Relations& found, std::string_view message,
              const FrameDatagram& datagram) {
    for (const auto& violation : found.violations) {
      if (is_violation(violation)) failures_.push_back(failure_of(violation));
    }
    counts_.max_open = std::max(counts_.max_open, conversation_.open());
    std::optional<std::size_t> packet;
    if (found.handover != 0 && options_.on_handover) {
      packet = reports_.add_packet(found.handover, number_, now_, datagram.datagram.octets);
    }
    report_failures(number_, found.handover, packet, message);
  }

  void report_failures(std::uint64_t frame, std::uint32_t handover,
                       std::optional<std::size_t> packet, std::string_view message) {
    for (auto& failure : failures_) {
      const auto verdict = verdict_of(failure);
      ++(verdict == Verdict::fail ? counts_.failures : counts_.non_strict);
      if (options_.on_violation) {
        options_.on_violation({frame, handover, std::string(message), failure, verdict});
      }
      if (handover == 0 || !options_.on_handover) continue;
      reports_.add_violation(handover, {std::move(failure), verdict, packet});
    }
    failures_.clear();
  }

  // What this message of the handover shows about earlier ones.
  void report_late(std::uint32_t handover) {
    if (late_.empty()) return;
    auto own = std::move(failures_);
    for (const auto& [frame, violation] : late_) {
      const std::string_view message = message_info(Message::shak).key;
      if (options_.on_message) {
        options_.on_message(
            {frame, message, 0, 0, 0, 0, {conversation::info(violation.rule).filter}});
      }
      failures_.clear();
      if (is_violation(violation)) failures_.push_back(failure_of(violation));
      report_failures(frame, handover, std::nullopt, message);
    }
    late_.clear();
    failures_ = std::move(own);
  }

  // --- conversation::Events
  void violated(void* message, const conversation::Violation& violation) override {
    late_.emplace_back(reinterpret_cast<std::uintptr_t>(message), violation);
  }

  void ended(const conversation::EndedHandover& handover) override {
    if (!handover.has_reply) ++counts_.incomplete;
    if (options_.on_handover) options_.on_handover(reports_.take(handover));
  }

  CheckOptions options_;
  CheckCounts counts_;
  conversation::Conversation conversation_;
  CaptureKeys keys_;
  conversation::SequenceNumbers sequence_numbers_;
  HandoverReports reports_;
  Reassembler reassembler_;
  InspectedFrame frame_;
  // Of the current packet:
  std::uint64_t number_ = 0;
  Time now_ = 0;
  std::vector<conversation::Violation> broken_;  // by its AH and ESP headers
  std::vector<Failure> failures_;                // not reported so far
  DecodedMessage decoded_;
  std::vector<std::pair<std::uint64_t, conversation::Violation>> late_;  // by frame
};

Checker::Checker(CheckOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Checker::~Checker() = default;
void Checker::packet(const CapturedPacket& packet) { impl_->packet(packet); }
void Checker::finish() { impl_->finish(); }
const CheckCounts& Checker::counts() const { return impl_->counts(); }

std::vector<std::string> checked_clauses() {
  std::vector<std::string> ids;
  for (const auto& rule : conversation::rules()) {
    const std::string_view clause = rule.clause;
    if (!clause.empty() && std::ranges::find(ids, clause) == ids.end()) ids.emplace_back(clause);
  }
  for (const auto& clause : clauses()) {
    if (clause.test == "lint" && std::ranges::find(ids, clause.id) == ids.end()) {
      ids.push_back(clause.id);
    }
  }
  return ids;
}

}  // namespace secct::replay
