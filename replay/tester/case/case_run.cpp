// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/tester/case/case_run.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "network/datagram.hpp"
#include "network/fragment.hpp"
#include "protocol/decode/decode.hpp"
#include "protocol/tables/timers.hpp"
#include "replay/suite/clauses.hpp"
#include "replay/tester/case/answer_times.hpp"

namespace secct::replay {
namespace {

using Kind = CaseStep::Kind;

bool is_request(Message message) { return message == Message::shreq || message == Message::hi; }
bool is_request(const ReceivedPacket& packet) { return is_request(packet.decoded.message); }

bool has_ack(const ReceivedPacket& packet) {
  return packet.decoded.message == Message::shak && packet.decoded.find(Field::ack_spi) != nullptr;
}

}  // namespace

CaseRun::CaseRun(const Case& c, bool mutated, Handover handover, RunTiming timing,
                 RouterAccess router)
    : case_(c),
      steps_(steps_of(c, mutated)),
      handover_(std::move(handover)),
      mobile_node_(handover_),
      timing_(timing),
      router_(std::move(router)) {
  if (mutated) mutated_step_ = c.mutation->step;
  result_.mutated = mutated;
}

Time CaseRun::scaled(double seconds) const {
  return static_cast<Time>(seconds * timing_.scale * 1e9);
}

// Optional messages need not arrive; every other one has at least the time that a router may need
// to answer.
Time CaseRun::time_to_arrive(const CaseStep& step) const {
  const auto least = step.optional ? shortest_wait : std::max(shortest_wait, timing_.answer);
  return std::max(scaled(step.seconds) + timing_.jitter, least);
}

Time CaseRun::present(Time time) const {
  return router_.now ? std::max(time, router_.now()) : time;
}

void CaseRun::start(Time now) {
  started_ = now;
  proceed(now);
}

// --- sending

void CaseRun::send(const CaseStep& step, Time now) {
  if (step.repeats_last) {
    send_datagram(step, last_sent_, "tester sends the same again", now);
    return;
  }
  // A HAck for each HI, a SHREP-Ack for each SHREP (wire-format.md section 4).
  const auto message = find_message(step.message);
  const auto answered = message == Message::hack        ? Message::hi
                        : message == Message::shrep_ack ? Message::shrep
                                                        : Message::none;
  const auto count = answered == Message::none ? 1 : history_.messages_of_last_transfer(answered);
  acknowledgement_ = answered == Message::none ? nullptr : &step;
  for (std::size_t i = 0; i < count && !done_; ++i) send_once(step, now);
}

void CaseRun::send_once(const CaseStep& step, Time now) {
  const bool mutated = mutated_step_ && &step == &steps_[*mutated_step_];
  auto packets = build_message(step, handover_, variables());
  if (const auto identifier = other_identifier(step, packets)) {
    handover_.set_request_identifier(*identifier);
    packets = build_message(step, handover_, variables());
  }
  const auto message = find_message(step.message);
  request_sent_ = request_sent_ || (message && is_request(*message));
  send_packets(step, std::move(packets),
               mutated ? "tester sends the mutated packet" : "tester sends", now);
}

// A continuation that arrives after the step that answers its first message is answered in the same
// way.
void CaseRun::receive_continuation(const ReceivedPacket& packet, View message, Time now) {
  history_.add({message.begin(), message.end()}, packets_sent_, packet.decoded);
  if (acknowledgement_ != nullptr) send_once(*acknowledgement_, now);
}

// The Identifier that the message must have instead of the last one. A HI or SHREQ that differs
// from those before begins an exchange, which gets a new Identifier: with an old one, a router may
// take it for a continuation or a repetition.
std::optional<std::uint16_t> CaseRun::other_identifier(const CaseStep& step,
                                                       const StepPackets& packets) const {
  const auto message = find_message(step.message);
  if (!request_sent_ || step.continues || !message || !is_request(*message)) return std::nullopt;
  const auto repeated =
      packets.datagrams.empty()
          ? std::nullopt
          : state_.repeated_identifier(packets.datagrams.front(), mobile_node_.keys());
  if (!repeated) return router_.new_identifier();
  return *repeated == handover_.request_identifier() ? std::nullopt : repeated;
}

void CaseRun::send_traffic(const CaseStep& step, Time now) {
  const bool echo = step.traffic.kind == TrafficStep::Kind::echo;
  const auto number = static_cast<std::uint16_t>(index_of(step));
  send_packets(step, build_traffic(step, number, handover_, mobile_node_),
               echo ? "tester sends an echo request" : "tester sends a UDP datagram", now);
  if (step.traffic.answered) {
    wait_for_packet(step, present(now));
  } else {
    expect_silence(step, present(now));
  }
}

void CaseRun::send_packets(const CaseStep& step, StepPackets packets, const std::string& comment,
                           Time now) {
  continued_ = continued_ || (step.malformed == nullptr && packets.datagrams.size() > 1);
  for (auto& datagram : packets.datagrams) send_datagram(step, std::move(datagram), comment, now);
  if (packets.verdict == Verdict::pass) return;
  result_.failure = std::move(packets.failure);
  finish(now, packets.verdict);
}

void CaseRun::send_datagram(const CaseStep& step, Octets datagram, const std::string& comment,
                            Time now) {
  state_.record_sent(step.message, datagram, handover_.description().codepoints, mobile_node_);
  ++packets_sent_;
  last_sent_ = datagram;
  auto parts = step.mtu == 0 ? std::vector<Octets>{std::move(datagram)}
                             : fragmented(datagram, step.mtu, handover_.identifier());
  for (auto& part : parts) {
    auto& packet = result_.packets.emplace_back(now, false, part, comment, index_of(step));
    router_.send(std::move(part));
    packet.time = present(now);
  }
  sent_at_ = present(now);
}

// --- the order of the steps

// Executes steps until one has to wait. Consecutive expectations wait together, because their
// messages may arrive in any order.
void CaseRun::proceed(Time now) {
  while (!done_ && pending_.empty() && silent_step_ == nullptr && !wait_until_) {
    if (next_step_ == steps_.size()) {
      finish(now, Verdict::pass);
      return;
    }
    if (steps_[next_step_].kind == Kind::expect) {
      while (next_step_ < steps_.size() && steps_[next_step_].kind == Kind::expect) {
        wait_for_packet(steps_[next_step_++], now);
      }
      continue;
    }
    const auto& step = steps_[next_step_++];
    try {
      execute(step, now);
    } catch (const SequenceExhausted& error) {
      abandon(now, Verdict::unsupported, error.what());
    } catch (const UsageError& error) {  // a mistake in the case that only its packets show
      end_with_tool_error(step, error, now);
    }
    now = present(now);
  }
}

void CaseRun::execute(const CaseStep& step, Time now) {
  switch (step.kind) {
    case Kind::send: send(step, now); break;
    case Kind::nothing: expect_silence(step, now); break;
    case Kind::wait:
      wait_until_ =
          now + (step.scaled ? scaled(step.seconds) : static_cast<Time>(step.seconds * 1e9));
      if (step.ignores_packets) {
        // Not longer than the router must keep what a later step asks for.
        const auto longest =
            std::max(scaled(step.seconds), Timers::scaled(timing_.scale).context_save);
        wait_until_ = now + std::min(time_to_arrive(step), longest);
      }
      ignores_packets_ = step.ignores_packets;
      if (ignores_packets_) *wait_until_ += timing_.round_trip;
      break;
    case Kind::traffic: send_traffic(step, now); break;
    case Kind::trigger:
      ++packets_sent_;
      sent_at_ = now;
      if (!router_.trigger || !router_.trigger(handover_.mobile_node().number)) {
        result_.failure.text = "the handover could not be triggered (hooks.trigger)";
        finish(now, Verdict::setup_fail);
      }
      break;
    case Kind::repeat:
    case Kind::expect: wait_for_packet(step, now); break;
  }
}

void CaseRun::wait_for_packet(const CaseStep& step, Time now) {
  if (!step.alternative) ++groups_;
  pending_.push_back(
      {&step, now, now + time_to_arrive(step) + timing_.round_trip, groups_, {}, {}});
}

void CaseRun::expect_silence(const CaseStep& step, Time now) {
  silent_step_ = &step;
  silent_until_ = now + scaled(step.seconds);
}

// --- packets of the router

void CaseRun::receive(const ReceivedPacket& packet, Time now) {
  if (done_) return;
  result_.packets.push_back({now, true, packet.original, "router sends"});
  if (!packet.broken.empty()) {
    fail(nullptr, packet.broken.front());
    return;
  }
  check_sequence_continues(packet);
  if (done_) return;
  const auto message = packet.message();
  const auto pending = std::ranges::find_if(pending_, [&](const PendingStep& candidate) {
    return is_candidate(candidate, packet, message);
  });
  if (pending == pending_.end()) {
    receive_unexpected(packet, message, now);
    return;
  }
  const auto& step = *pending->step;
  const auto group = pending->group;
  try {
    if (receive_expected(*pending, packet, now)) {
      std::erase_if(pending_, [&](const PendingStep& other) { return other.group == group; });
    }
  } catch (const UsageError& error) {  // the case expects a value that cannot be parsed
    end_with_tool_error(step, error, now);
  }
  if (!done_) proceed(present(now));
}

// The router continues with the sequence number after the transferred one (behaviour.md 2.7).
void CaseRun::check_sequence_continues(const ReceivedPacket& packet) {
  if (case_.role == Role::pr) return;
  for (std::size_t i = 0; i < packet.sas.size(); ++i) {
    const auto transferred = mobile_node_.transferred_sequence(packet.sas[i]);
    if (!transferred || packet.sequence_numbers[i] > *transferred) continue;
    const bool ah = packet.sas[i].protocol == IpsecProtocol::ah;
    fail(nullptr,
         {"ISSUES-7.3-1", ah ? "ah.sequence" : "esp.sequence",
          fmt::format("more than {}", *transferred), std::to_string(packet.sequence_numbers[i]),
          "sequence number does not continue from the transferred one"});
    return;
  }
}

bool CaseRun::is_candidate(const PendingStep& pending, const ReceivedPacket& packet,
                           View message) const {
  const auto& step = *pending.step;
  switch (step.kind) {
    case Kind::traffic:
      return packet.answers(step.traffic, handover_.identifier(),
                            static_cast<std::uint16_t>(index_of(step)));
    case Kind::repeat:
      return step.message == packet.name() && history_.contains(message) &&
             !history_.completes_retransmission(message);
    default: return step.message == packet.name();
  }
}

bool CaseRun::waits_for(std::string_view message) const {
  return !done_ && std::ranges::any_of(pending_, [&](const PendingStep& pending) {
    return pending.step->message == message;
  });
}

// The previous router may also report the result to the mobile node (behaviour.md 3.1). No sentence
// limits the time of an answer, so that an optional one may arrive after its step.
bool CaseRun::is_always_permitted(const ReceivedPacket& packet) const {
  return (case_.role == Role::pr && packet.decoded.message == Message::shak) ||
         std::ranges::find(overdue_, packet.name()) != overdue_.end();
}

// A SHAK with SecCT-acks that did not fit into the one before (wire-format.md D24), or for SAs of a
// continuation.
bool CaseRun::is_further_shak(const ReceivedPacket& packet) const {
  return shak_received_ && has_ack(packet) && (continued_ || !packet.decoded.number(Field::status));
}

// A retransmission may cross the packet that stops it. Two round trips, because a round trip may be
// longer than the longest one that was measured.
bool CaseRun::may_have_crossed(Time now) const {
  return timing_.round_trip > 0 && now < sent_at_ + 2 * timing_.round_trip + 3 * timing_.jitter;
}

void CaseRun::receive_unexpected(const ReceivedPacket& packet, View message, Time now) {
  if (is_always_permitted(packet) || is_further_shak(packet)) return;
  if (wait_until_ && ignores_packets_) {
    // It may retransmit a request after the step, too.
    if (is_request(packet)) {
      history_.add(Octets(message.begin(), message.end()), packets_sent_, packet.decoded);
    }
    return;
  }
  if (history_.completes_retransmission(message)) {
    history_.add({message.begin(), message.end()}, packets_sent_, packet.decoded);
    return;
  }
  const auto packets_sent_before = history_.packets_sent_before(message);
  if (!packets_sent_before && history_.continues_transfer(packet.decoded)) {
    receive_continuation(packet, message, now);
    return;
  }
  if (packets_sent_before) {
    // A repetition is permitted (behaviour.md 2.5), except as the answer to a message that the
    // router must discard, and as the retransmission of a request that the router must have
    // stopped.
    const bool silence = silent_step_ != nullptr && silent_step_->kind == Kind::nothing;
    if (!silence) return;
    if (is_request(packet)) {
      if (may_have_crossed(now)) return;
      time_failed_ = true;
      const auto* clause = packet.decoded.message == Message::hi ? "FMIP-4.3-3" : "FRAME-4.3-2";
      fail(silent_step_, {clause, "", "no retransmission", packet.name(),
                          "request is retransmitted too soon or too often"});
      return;
    }
    if (*packets_sent_before == packets_sent_) return;
  }
  if (silent_step_ != nullptr) {
    fail(silent_step_,
         {"", "", "no answer", packet.name(), "the router answered a packet that it must discard"});
    return;
  }
  const auto* step = pending_.empty() ? nullptr : pending_.front().step;
  fail(step,
       {"", "", step != nullptr ? step->message : "nothing", packet.name(), "unexpected message"});
}

// Matches the packet alone, or with as few of the earlier partial answers as possible: the first
// ones may have been late answers to an earlier message.
MatchResult CaseRun::match_with_partial_answers(const PendingStep& pending,
                                                const ReceivedPacket& packet) const {
  std::vector<const DecodedMessage*> earlier;
  for (const auto& answer : pending.partial_answers) {
    if (transfer_of(answer.decoded) == transfer_of(packet.decoded)) {
      earlier.push_back(&answer.decoded);
    }
  }
  const auto& step = *pending.step;
  auto result = match(step, index_of(step), {}, packet, variables());
  for (auto from = earlier.size(); from > 0 && result.failure; --from) {
    const auto last = std::span<const DecodedMessage* const>(earlier).subspan(from - 1);
    result = match(step, index_of(step), last, packet, variables());
  }
  return result;
}

// False if the step still waits for its message.
bool CaseRun::receive_expected(PendingStep& pending, const ReceivedPacket& packet, Time now) {
  const auto& step = *pending.step;
  if (now + timing_.round_trip + timing_.jitter < pending.since + scaled(step.after)) {
    time_failed_ = true;
    const auto elapsed = static_cast<double>(now - pending.since) / 1e9 / timing_.scale;
    fail(&step, {"", "", fmt::format("not before {} s", step.after),
                 fmt::format("{:.3f} s", elapsed), "the repetition arrived too early"});
    return true;
  }
  result_.packets.back().step = index_of(step);
  const bool follows_send = &step != steps_.data() && (&step - 1)->kind == Kind::send;
  if (step.kind == Kind::expect && follows_send && step.seconds <= prompt_answer) {
    response_time_ = std::max(response_time_, now - std::min(now, pending.since));
  }
  Octets message(packet.message().begin(), packet.message().end());
  const bool repeated = history_.contains(message);
  const bool may_continue = !transfer_of(packet.decoded).empty() || has_ack(packet);
  history_.add(message, packets_sent_, packet.decoded);
  if (is_request(packet)) handover_.answer(packet.decoded);
  if (packet.decoded.message == Message::shak) {
    mobile_node_.apply_shak(packet.decoded);
    shak_received_ = true;
  }
  if (step.kind == Kind::traffic) {
    receive_traffic(step, packet);
    return true;
  }
  auto result = match_with_partial_answers(pending, packet);
  // The actual answer may follow a repetition of an earlier message, and the remaining contexts or
  // SecCT-acks may be in further messages.
  if (result.failure && step.kind == Kind::expect && (repeated || may_continue)) {
    if (!step.optional) pending.mismatch = std::move(result);
    if (!may_continue) return false;
    auto& answer = pending.partial_answers.emplace_back(std::move(message), DecodedMessage());
    decode(handover_.description().codepoints, message_info(packet.decoded.message).carrier,
           answer.octets, {}, answer.decoded);
    return false;
  }
  record(step, std::move(result));
  return true;
}

void CaseRun::receive_traffic(const CaseStep& step, const ReceivedPacket& packet) {
  const bool protect =
      step.traffic.under != TrafficStep::Under::clear && mobile_node_.has_sa_to_mobile_node();
  if (!protect || !packet.sas.empty()) return;
  fail(&step, {"", "", "AH or ESP", "no IPsec",
               "the answer is not protected by an SA of the mobile node"});
}

// --- the end

std::size_t CaseRun::index_of(const CaseStep& step) const {
  return static_cast<std::size_t>(&step - steps_.data());
}

void CaseRun::record(const CaseStep& step, MatchResult result) {
  std::ranges::move(result.compared, std::back_inserter(result_.compared));
  if (result.failure) fail(&step, std::move(*result.failure), result.lenient);
}

void CaseRun::fail(const CaseStep* step, Failure failure, bool lenient) {
  if (failure.clause.empty()) {
    failure.clause =
        step != nullptr && !step->clause.empty() ? step->clause : case_.clauses.front();
  }
  if (step != nullptr) result_.failed_step = index_of(*step);
  const auto* clause = find_clause(failure.clause);
  const bool binding = (clause == nullptr || clause->binding()) && !lenient;
  result_.failure = std::move(failure);
  finish(result_.packets.empty() ? started_ : result_.packets.back().time,
         binding ? Verdict::fail : Verdict::non_strict);
}

void CaseRun::end_with_tool_error(const CaseStep& step, const UsageError& error, Time now) {
  abandon(now, Verdict::tool_error,
          fmt::format("{}:{}: {}: step {}: {}", case_.file, case_.line, case_.id,
                      index_of(step) + 1, error.what()));
}

void CaseRun::abandon(Time now, Verdict verdict, std::string text) {
  if (done_) return;
  result_.failure = {"", "", "", "", std::move(text)};
  finish(now, verdict);
}

void CaseRun::finish(Time now, Verdict verdict) {
  done_ = true;
  result_.verdict = verdict;
  result_.duration = now - started_;
}

// --- time

bool CaseRun::waits_for_required() const {
  return std::ranges::any_of(pending_,
                             [](const PendingStep& pending) { return !pending.step->optional; });
}

std::optional<Time> CaseRun::deadline() const {
  if (done_) return std::nullopt;
  std::optional<Time> first;
  const auto consider = [&](Time time) {
    if (!first || time < *first) first = time;
  };
  const bool waits = waits_for_required();
  for (const auto& pending : pending_) {
    if (!waits || !pending.step->optional) consider(pending.until);
  }
  if (silent_step_ != nullptr) consider(silent_until_);
  if (wait_until_) consider(*wait_until_);
  return first;
}

// The message of another alternative may still arrive.
bool CaseRun::others_wait(const PendingStep& pending, Time now) const {
  return std::ranges::any_of(pending_, [&](const PendingStep& other) {
    return other.group == pending.group && other.until > now;
  });
}

void CaseRun::advance(Time now) {
  if (done_) return;
  if (silent_step_ != nullptr && silent_until_ <= now) silent_step_ = nullptr;
  if (wait_until_ && *wait_until_ <= now) wait_until_.reset();
  for (auto& pending : pending_) {
    const auto& step = *pending.step;
    if (pending.until > now || step.optional || others_wait(pending, now)) continue;
    if (pending.mismatch) {
      record(step, std::move(*pending.mismatch));
    } else {
      unanswered_ = time_failed_ = true;
      const auto expected = step.kind == Kind::traffic ? "an answer" : step.message;
      fail(&step, {"", "", expected, "nothing", "no answer"});
    }
    result_.duration = now - started_;
    return;
  }
  // An optional message may still arrive while the step waits for another one.
  if (!waits_for_required()) {
    std::erase_if(pending_, [&](const PendingStep& pending) {
      const bool overdue = pending.until <= now;
      if (overdue) overdue_.push_back(pending.step->message);
      return overdue;
    });
  }
  proceed(now);
}

}  // namespace secct::replay
