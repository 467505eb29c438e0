// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/tester/case_run.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "network/datagram.hpp"
#include "network/fragment.hpp"
#include "protocol/decode/decode.hpp"
#include "protocol/tables/status.hpp"
#include "replay/suite/clauses.hpp"
#include "replay/tester/step_matcher.hpp"

namespace secct::replay {
namespace {

using F = Field;
using Kind = CaseStep::Kind;

// Round trips for which a message that was stopped may still come; a single one may take longer
// than the one that was measured.
constexpr unsigned crossing = 2;

// The SecCT extension of the Registration Request in a UDP datagram, as sent; empty without one.
View secct_extension(const CodePoints& points, View udp) {
  constexpr std::size_t fixed = 8 + 24;  // UDP, RFC 3344 3.3
  for (std::size_t at = fixed; at + 1 < udp.size();) {
    const std::size_t length = udp[at + 1] + 2U;
    if (length > udp.size() - at) break;
    if (udp[at] == points[CodePoint::mip4ext_secct]) return udp.subspan(at, length);
    at += length;
  }
  return {};
}

// What a message with contexts has in common with those that continue it (wire-format.md 4). Empty:
// it has none, or tells a failure.
Octets transfer_of(const DecodedMessage& decoded) {
  Octets octets;
  const auto status = decoded.number(F::status);
  const auto* naddr = decoded.find(F::naddr);
  const auto* paddr = decoded.find(F::paddr);
  const bool good = !status || *status == status::ok;
  if (!good || naddr == nullptr || paddr == nullptr || decoded.find(F::contexts) == nullptr) {
    return octets;
  }
  append_number(octets, decoded.number(F::identifier).value_or(0), 2);
  append(octets, decoded.octets_of(*naddr));
  append(octets, decoded.octets_of(*paddr));
  return octets;
}

}  // namespace

std::string Failure::reason() const {
  std::string reason = text;
  if (!field.empty()) {
    reason = fmt::format("{}: {}", field, text);
  }
  if (!expected.empty()) reason += fmt::format(": expected {}", expected);
  if (!actual.empty()) reason += fmt::format("{} found {}", expected.empty() ? ":" : ",", actual);
  return reason;
}

CaseRun::CaseRun(const Case& c, bool mutated, Handover handover, RunTimes times, RunEnds ends)
    : case_(c),
      steps_(steps_of(c, mutated)),
      handover_(std::move(handover)),
      mobile_(handover_),
      times_(times),
      ends_(std::move(ends)) {
  if (mutated) mutated_step_ = c.mutation->step;
  result_.mutated = mutated;
}

Time CaseRun::scaled(double seconds) const {
  return static_cast<Time>(seconds * times_.scale * 1e9);
}

void CaseRun::start(Time now) {
  started_ = now;
  proceed(now);
}

CaseResult CaseRun::take() { return std::move(result_); }

// --- what the tester sends

PacketDocument CaseRun::message_of(const CaseStep& step) {
  const bool holds_contexts = step.message == "shrep" || step.message == "hi";
  if (!holds_contexts) return *handover_.by_name(step.message);
  const auto contexts = mobile_.chosen(step.contexts.value_or(ContextChoice{true, {}}));
  return step.message == "hi" ? handover_.hi(contexts) : handover_.shrep(contexts);
}

// What later steps may refer to: the SHIN's option, tokens, numbers, the SAs that were handed over.
void CaseRun::remember(const CaseStep& step, const Octets& datagram) {
  const auto outer = parse_datagram(datagram);
  if (!outer) return;
  if (const auto* header = outer->find(ip_proto::ah)) {
    if (const auto head = ipsec_head(*outer, *header)) memory_.ah_sequence = head->sequence;
  }
  const auto octets = decapsulated(datagram, keys());
  const auto inner = parse_datagram(octets);
  if (!inner) return;
  const auto& points = handover_.description().codepoints;
  DecodedMessage decoded;
  for (const auto& header : inner->chain) {
    const auto part = inner->octets_of(header);
    if (header.type == ip_proto::icmpv6) {
      decode(points, Carrier::icmpv6, part, {}, decoded);
    } else if (header.type == ip_proto::dstopts) {
      const auto options = parse_header_options(part);
      if (options.empty()) continue;
      const auto option = part.subspan(options[0].offset, options[0].length);
      if (step.message == "shin")
        memory_.request = {Carrier::dstopt, {option.begin(), option.end()}};
      decode(points, Carrier::dstopt, option, {}, decoded);
    } else if (header.type == ip_proto::udp && step.message == "mip4-request") {
      const auto extension = secct_extension(points, part);
      memory_.request = {Carrier::mip4_request, {extension.begin(), extension.end()}};
    }
  }
  if (const auto identifier = decoded.number(F::identifier)) memory_.identifier = *identifier;
  if (const auto token = decoded.number(F::auth_token)) {
    memory_.tokens.push_back(static_cast<std::uint32_t>(*token));
  }
  if (decoded.message == Message::pshin) {
    memory_.features.clear();
    for (const auto& item : decoded.fields) {
      const auto part = decoded.octets_of(item);
      if (item.field == F::sub_options && part.size() > 1) append(memory_.features, part);
    }
  }
  mobile_.sent(*outer, decoded);
}

void CaseRun::put(const CaseStep& step, Octets datagram, const std::string& comment, Time now) {
  remember(step, datagram);
  ++sends_;
  sent_at_ = now;
  last_sent_ = datagram;
  auto parts = step.mtu == 0 ? std::vector<Octets>{std::move(datagram)}
                             : fragmented(datagram, step.mtu, handover_.identifier());
  for (auto& part : parts) {
    result_.packets.push_back({now, false, part, comment, number_of(step)});
    ends_.send(std::move(part));
  }
}

void CaseRun::emit(const CaseStep& step, const PacketDocument& packet, const Keyring& keys,
                   const std::string& comment, Time now) {
  const auto built = build(handover_.description().codepoints, keys, packet);
  if (!built.faults.empty()) {
    result_.failure = {"", built.faults[0].path, "", "", built.faults[0].text};
    finish(now, Verdict::tool_error);
    return;
  }
  put(step, {built.octets.begin() + ethernet_octets, built.octets.end()}, comment, now);
}

void CaseRun::send(const CaseStep& step, Time now) {
  const bool mutated = mutated_step_ && &step == &steps_[*mutated_step_];
  const std::string comment = mutated ? "tester sends the mutated packet" : "tester sends";
  if (step.same_again) return put(step, last_sent_, "tester sends the same again", now);
  const auto& points = handover_.description().codepoints;
  const auto values = [this](const std::string& text) { return values_of(text, words()); };
  auto packet = message_of(step);
  if (!step.under.empty()) {
    handover_.put_under(step.under == "ah" ? IpsecProtocol::ah : IpsecProtocol::esp, packet);
  }
  for (const auto& change : step.edits) apply(change, points, packet, values);
  if (step.malformed == nullptr) return emit(step, packet, keys(), comment, now);
  std::vector<PacketDocument> packets;
  auto with = keys();
  try {
    make_twin(*step.malformed, points, values, with, packet);
    handover_.number_esp(packet);
    packets = step.faulty ? malform(*step.malformed, points, values, packet, with)
                          : std::vector<PacketDocument>{packet};
  } catch (const UsageError& error) {  // other SAs, another protection
    result_.failure = {"", "", "", "", error.what()};
    finish(now, Verdict::unsupported);
    return;
  }
  for (const auto& each : packets) {
    if (!done_) emit(step, each, with, comment, now);
  }
}

void CaseRun::send_traffic(const CaseStep& step, Time now) {
  const bool echo = step.traffic.kind == TrafficStep::Kind::echo;
  const auto packet = mobile_.traffic(step.traffic, static_cast<std::uint16_t>(number_of(step)));
  emit(step, packet, keys(), echo ? "tester sends an echo request" : "tester sends a UDP datagram",
       now);
  if (step.traffic.answered) {
    open(step, now);
  } else {
    quiet_ = &step;
    quiet_until_ = now + scaled(step.seconds);
  }
}

// --- the order of the steps

// Does what can be done now: sends, and opens every expectation up to the next other step.
void CaseRun::proceed(Time now) {
  while (!done_ && open_.empty() && quiet_ == nullptr && !wait_until_) {
    if (next_ == steps_.size()) {
      finish(now, Verdict::pass);
      return;
    }
    if (steps_[next_].kind == Kind::expect) {
      // Messages that are expected together may come in any order.
      while (next_ < steps_.size() && steps_[next_].kind == Kind::expect)
        open(steps_[next_++], now);
      continue;
    }
    const auto& step = steps_[next_++];
    try {
      act(step, now);
    } catch (const UsageError& error) {  // what only shows when the packet is made
      result_.failure = {"", "", "", "",
                         fmt::format("{}:{}: {}: step {}: {}", case_.file, case_.line, case_.id,
                                     number_of(step) + 1, error.what())};
      finish(now, Verdict::tool_error);
    }
  }
}

void CaseRun::act(const CaseStep& step, Time now) {
  switch (step.kind) {
    case Kind::send: send(step, now); break;
    case Kind::nothing:
      quiet_ = &step;
      quiet_until_ = now + scaled(step.seconds);
      break;
    case Kind::wait:
      wait_until_ =
          now + (step.scaled ? scaled(step.seconds) : static_cast<Time>(step.seconds * 1e9));
      anything_ = step.anything;
      break;
    case Kind::traffic: send_traffic(step, now); break;
    case Kind::trigger:
      ++sends_;
      sent_at_ = now;
      if (!ends_.trigger || !ends_.trigger(handover_.mobile_node().number)) {
        result_.failure = {"", "", "", "", "hooks.trigger: the handover could not be started"};
        finish(now, Verdict::setup_fail);
      }
      break;
    case Kind::repeat:
    case Kind::expect: open(step, now); break;
  }
}

void CaseRun::open(const CaseStep& step, Time now) {
  open_.push_back({&step, now, now + scaled(step.seconds) + times_.slack, {}, {}});
}

// --- what the router sends

bool CaseRun::was_judged(const Octets& message) const {
  return std::ranges::find(judged_, message, &Judged::message) != judged_.end();
}

// A message with further contexts of an answer that came before.
bool CaseRun::continues_another(const ReceivedPacket& seen) const {
  const auto transfer = transfer_of(seen.decoded);
  return !transfer.empty() &&
         std::ranges::find(judged_, transfer, &Judged::transfer) != judged_.end();
}

bool CaseRun::fits(const Open& open, const ReceivedPacket& seen, const Octets& message) const {
  switch (open.step->kind) {
    case Kind::traffic:
      return seen.answers(open.step->traffic, handover_.identifier(),
                          static_cast<std::uint16_t>(number_of(*open.step)));
    case Kind::repeat: return open.step->message == seen.name() && was_judged(message);
    default: return open.step->message == seen.name();
  }
}

bool CaseRun::waits_for(std::string_view name) const {
  return !done_ && std::ranges::any_of(
                       open_, [&](const auto& waiting) { return waiting.step->message == name; });
}

// The previous router may tell the mobile node the outcome too (behaviour.md 3.1).
bool CaseRun::may_always_come(const ReceivedPacket& seen) const {
  return case_.role == Role::pr && seen.decoded.message == Message::shak;
}

void CaseRun::surprise(const ReceivedPacket& seen, const Octets& message, Time now) {
  if (may_always_come(seen) || (wait_until_ && anything_)) return;
  const auto before =
      std::ranges::find(judged_.rbegin(), judged_.rend(), message, &Judged::message);
  if (before == judged_.rend() && continues_another(seen)) return;
  if (before != judged_.rend()) {
    // A repetition is no surprise (behaviour.md 2.5), unless it answers what must be discarded, or
    // is a request that the router ought to have stopped repeating.
    const bool silence = quiet_ != nullptr && quiet_->kind == Kind::nothing;
    const bool asks = seen.decoded.message == Message::shreq || seen.decoded.message == Message::hi;
    if (!silence || (before->sends == sends_ && !asks)) return;
    if (asks) {
      // It may have left before what would have stopped it was there.
      if (times_.slack > 0 && now < sent_at_ + crossing * times_.slack) return;
      const auto* clause = seen.decoded.message == Message::hi ? "FMIP-4.3-3" : "FRAME-4.3-2";
      return fail(quiet_, {clause, "", "no repetition", seen.name(),
                           "a request is repeated too soon or too often"});
    }
  }
  if (quiet_ != nullptr) {
    fail(quiet_, {"", "", "no answer", seen.name(), "answered what must be discarded"});
    return;
  }
  const auto* expected = open_.empty() ? nullptr : open_.front().step;
  fail(expected, {"", "", expected != nullptr ? expected->message : "nothing", seen.name(),
                  "an unexpected message"});
}

// A router goes on with the number after the one that was handed over (behaviour.md 2.7).
void CaseRun::goes_on(const ReceivedPacket& seen) {
  if (case_.role == Role::pr) return;
  for (std::size_t i = 0; i < seen.under.size(); ++i) {
    const auto handed = mobile_.handed_number(seen.under[i]);
    if (!handed || seen.numbers[i] > *handed) continue;
    const bool ah = seen.under[i].protocol == IpsecProtocol::ah;
    fail(nullptr,
         {"ISSUES-7.3-1", ah ? "ah.sequence" : "esp.sequence", fmt::format("more than {}", *handed),
          std::to_string(seen.numbers[i]), "the sequence number does not go on where it stood"});
    return;
  }
}

void CaseRun::receive(const ReceivedPacket& seen, Time now) {
  if (done_) return;
  result_.packets.push_back({now, true, seen.original, "router sends"});
  for (const auto& broken : seen.broken) {
    fail(nullptr, broken);
    if (done_) return;
  }
  goes_on(seen);
  if (done_) return;
  Octets message(seen.message().begin(), seen.message().end());
  const auto found = std::ranges::find_if(
      open_, [&](const Open& candidate) { return fits(candidate, seen, message); });
  if (found == open_.end()) {
    surprise(seen, message, now);
    return;
  }
  const auto& step = *found->step;
  try {
    if (answer(*found, seen, std::move(message), now)) open_.erase(found);
  } catch (const UsageError& error) {  // a value that the case expects cannot be read
    result_.failure = {"", "", "", "",
                       fmt::format("{}:{}: {}: step {}: {}", case_.file, case_.line, case_.id,
                                   number_of(step) + 1, error.what())};
    finish(now, Verdict::tool_error);
  }
  if (!done_) proceed(now);
}

// With as few of the messages before as will do: the first ones may have been late answers to
// something else.
Judgement CaseRun::judge_parts(const Open& open, const ReceivedPacket& seen) const {
  std::vector<const DecodedMessage*> earlier;
  for (const auto& part : open.parts) {
    if (transfer_of(part.decoded) == transfer_of(seen.decoded)) earlier.push_back(&part.decoded);
  }
  const auto& step = *open.step;
  auto judgement = match(step, number_of(step), {}, seen, words());
  for (auto from = earlier.size(); from > 0 && judgement.failure; --from) {
    const auto last = std::span<const DecodedMessage* const>(earlier).subspan(from - 1);
    judgement = match(step, number_of(step), last, seen, words());
  }
  return judgement;
}

bool CaseRun::answer(Open& found, const ReceivedPacket& seen, Octets message, Time now) {
  const auto& step = *found.step;
  if (now + times_.slack < found.since + scaled(step.after)) {
    fail(&step,
         {"", "", fmt::format("{} s later", step.after),
          fmt::format("{:.3f} s", static_cast<double>(now - found.since) / 1e9 / times_.scale),
          "the repetition comes too early"});
    return true;
  }
  result_.packets.back().step = number_of(step);
  const bool repeated = was_judged(message);
  auto transfer = transfer_of(seen.decoded);
  const bool continues = !transfer.empty();
  judged_.push_back({message, sends_, std::move(transfer)});
  if (seen.decoded.message == Message::shreq || seen.decoded.message == Message::hi)
    handover_.answer(seen.decoded);
  if (seen.decoded.message == Message::shak) mobile_.told(seen.decoded);
  if (step.kind == Kind::traffic) {
    const bool protect = step.traffic.under != TrafficStep::Under::clear && mobile_.has_way_back();
    if (protect && seen.under.empty()) {
      fail(&step, {"", "", "under an SA of the mobile node", "no IPsec",
                   "the answer is not protected as the request is"});
    }
    return true;
  }
  auto judgement = judge_parts(found, seen);
  // The answer proper may still come behind a repetition of an earlier one, the rest of the
  // contexts in further messages.
  if (judgement.failure && step.kind == Kind::expect && (repeated || continues)) {
    if (!step.optional) found.unmet = std::move(judgement);
    if (!continues) return false;
    auto& part = found.parts.emplace_back(std::move(message), DecodedMessage());
    decode(handover_.description().codepoints, Carrier::icmpv6, part.octets, {}, part.decoded);
    return false;
  }
  for (auto& comparison : judgement.compared) result_.compared.push_back(std::move(comparison));
  if (judgement.failure) fail(&step, std::move(*judgement.failure), judgement.lenient);
  return true;
}

// --- the end

std::size_t CaseRun::number_of(const CaseStep& step) const {
  return static_cast<std::size_t>(&step - steps_.data());
}

void CaseRun::fail(const CaseStep* step, Failure failure, bool lenient) {
  if (failure.clause.empty()) {
    failure.clause =
        step != nullptr && !step->clause.empty() ? step->clause : case_.clauses.front();
  }
  if (step != nullptr) result_.failed_step = number_of(*step);
  const auto* clause = find_clause(failure.clause);
  const bool binding = (clause == nullptr || clause->binding()) && !lenient;
  result_.failure = std::move(failure);
  finish(result_.packets.empty() ? started_ : result_.packets.back().time,
         binding ? Verdict::fail : Verdict::non_strict);
}

void CaseRun::finish(Time now, Verdict verdict) {
  done_ = true;
  result_.verdict = verdict;
  result_.duration = now - started_;
}

void CaseRun::abandon(Time now, Verdict verdict, std::string text) {
  if (done_) return;
  result_.failure = {"", "", "", "", std::move(text)};
  finish(now, verdict);
}

std::optional<Time> CaseRun::deadline() const {
  if (done_) return std::nullopt;
  std::optional<Time> first;
  const auto consider = [&](Time time) {
    if (!first || time < *first) first = time;
  };
  for (const auto& waiting : open_) consider(waiting.until);
  if (quiet_ != nullptr) consider(quiet_until_);
  if (wait_until_) consider(*wait_until_);
  return first;
}

void CaseRun::advance(Time now) {
  if (done_) return;
  if (quiet_ != nullptr && quiet_until_ <= now) quiet_ = nullptr;
  if (wait_until_ && *wait_until_ <= now) wait_until_.reset();
  for (auto& waiting : open_) {
    const auto& step = *waiting.step;
    if (waiting.until > now || step.optional) continue;
    if (waiting.unmet) {
      for (auto& comparison : waiting.unmet->compared) {
        result_.compared.push_back(std::move(comparison));
      }
      fail(&step, std::move(*waiting.unmet->failure), waiting.unmet->lenient);
    } else {
      unanswered_ = true;
      const auto expected = step.kind == Kind::traffic ? "an answer" : step.message;
      fail(&step, {"", "", expected, "nothing", "no answer"});
    }
    result_.duration = now - started_;
    return;
  }
  std::erase_if(open_, [&](const Open& waiting) { return waiting.until <= now; });
  proceed(now);
}

}  // namespace secct::replay
