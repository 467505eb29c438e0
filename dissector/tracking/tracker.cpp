// SPDX-License-Identifier: GPL-2.0-or-later
// Finds the handover and the exchange that a message belongs to.
#include <algorithm>

#include "dissector/epan/ipsec_header.hpp"
#include "dissector/epan/registry.hpp"
#include "dissector/keys/crypto.hpp"
#include "dissector/keys/keys.hpp"
#include "dissector/keys/preferences.hpp"
#include "dissector/tracking/compare.hpp"
#include "dissector/tracking/handover.hpp"
#include "dissector/tracking/known_sas.hpp"
#include "dissector/tracking/track.hpp"
#include "protocol/decode/keyed_input.hpp"
#include "protocol/decode/message_content.hpp"
#include "protocol/tables/status.hpp"

namespace secct::dissector {
namespace {

using F = Field;

// What repeats another message so soon is a retransmission: CONTEXT_PURGE_TIME, the longest time
// for which a router keeps an answer (docs/behaviour.md section 1).
constexpr Nanoseconds repetition_time = 5'000'000'000;
constexpr std::size_t remembered = 8;  // different messages of one exchange

Book book;

// Requests with contexts that do not fit one message go on in another one of the same Identifier,
// which is answered by itself (wire-format D18).
bool is_answered_by_itself(Pairing pairing) {
  return pairing == Pairing::hi || pairing == Pairing::shrep;
}

Nanoseconds nanoseconds(const nstime_t& time) {
  return static_cast<Nanoseconds>(time.secs) * 1'000'000'000 + time.nsecs;
}

nstime_t relative(Nanoseconds time) {
  nstime_t result;
  result.secs = time / 1'000'000'000;
  result.nsecs = static_cast<int>(time % 1'000'000'000);
  return result;
}

class Tracker {
 public:
  Tracker(const DecodedMessage& decoded, const packet_info* pinfo, std::uint32_t identification,
          Track& track)
      : decoded_(decoded),
        track_(track),
        ipsec_(ipsec_header(pinfo)),
        frame_(pinfo->num),
        now_(nanoseconds(pinfo->abs_ts)),
        source_(*decoded.envelope.source),
        destination_(*decoded.envelope.destination),
        identifier_(decoded.message == Message::mip4
                        ? identification
                        : static_cast<std::uint32_t>(decoded.number(F::identifier).value_or(0))) {}

  void run() {
    const auto paddr = paddr_of(decoded_);
    switch (decoded_.message) {
      case Message::pshin: begin(Pairing::pshin, paddr, destination_); break;
      case Message::hi: begin(Pairing::hi, paddr, source_); break;
      case Message::shin: begin(Pairing::shin, paddr, address_in(decoded_, F::router)); break;
      case Message::shreq: begin(Pairing::shreq, paddr, destination_); break;
      case Message::hack: answer(Pairing::hi, paddr); break;
      case Message::shrep: shrep(paddr); break;
      case Message::shrep_ack: answer(Pairing::shrep, paddr); break;
      case Message::shak: shak(); break;
      case Message::mip4:
        if (decoded_.carrier == Carrier::mip4_request) {
          begin(Pairing::registration, paddr, address_in(decoded_, F::mip4_router));
        } else {
          answer(Pairing::registration, std::nullopt);
        }
        break;
      case Message::none: break;
    }
    if (decoded_.envelope.protection == Protection::none && context_count(decoded_) > 0) {
      track_.add(Finding::context_in_clear);
    }
    if (is_replay()) track_.add(Finding::sequence_replayed);
    verify_token();
    if (handover_ != nullptr) learn_from(decoded_, *handover_, frame_);
    finish();
  }

 private:
  // True when the message repeats another one; `awaited`: it would be the same if it did not.
  bool note(Exchange& exchange, bool awaited = false) {
    const auto hash = hash_of(decoded_.octets);
    auto seen = std::ranges::find(exchange.seen, hash, &Exchange::Seen::hash);
    if (seen != exchange.seen.end()) {
      const bool repeats = !awaited && now_ - seen->last <= repetition_time;
      seen->last = now_;
      if (repeats) {
        track_.retransmission_of = seen->frame;
        track_.add(Finding::retransmission);
        return true;
      }
      seen->frame = frame_;
      return false;
    }
    if (exchange.seen.size() == remembered) exchange.seen.pop_front();
    exchange.seen.push_back({hash, frame_, now_});
    return false;
  }

  // A message that may be the first of its handover.
  void begin(Pairing pairing, const std::optional<Address>& paddr,
             const std::optional<Address>& pr) {
    if (!paddr || !pr) return;
    auto& exchange = book.request(pairing, identifier_, source_, destination_, *paddr);
    const bool repeated = note(exchange) && exchange.handover != nullptr;
    handover_ = repeated ? exchange.handover : misdirected(*paddr, *pr);
    if (handover_ == nullptr) {
      handover_ = &book.begin_or_go_on(decoded_.message, *paddr, *pr, now_, false);
    }
    if (exchange.handover != handover_) start_afresh(exchange);
    Book::join(exchange, pairing, *handover_);
    exchange.naddr = address_in(decoded_, F::naddr).value_or(Address{});
    exchange.paddr = *paddr;
    if (!repeated) compare_request(decoded_, *handover_, track_);
    if (!repeated && pairing == Pairing::shreq) note_replay(exchange, *paddr, *pr);
    if (!repeated) note_request(decoded_, exchange);
    ask(exchange, pairing != Pairing::pshin);
  }

  // The handover of a SHREQ to another router than its SHIN names.
  Handover* misdirected(const Address& paddr, const Address& pr) {
    if (decoded_.message != Message::shreq) return nullptr;
    const auto* named = book.find(paddr, pr);
    if (named != nullptr && (named->closed || named->has_features)) return nullptr;
    const auto naddr = address_in(decoded_, F::naddr);
    const auto* shin = naddr ? book.waiting_shin(*naddr, source_) : nullptr;
    if (shin == nullptr || shin->paddr != paddr) return nullptr;
    track_.add(Finding::shreq_router);
    return shin->handover;
  }

  void note_replay(Exchange& exchange, const Address& paddr, const Address& pr) {
    const auto replay =
        static_cast<std::uint32_t>(decoded_.number(F::auth_replay).value_or(no_replay));
    // The same request again gets the same answer.
    if (replay == exchange.replay) return;
    exchange.replay = replay;
    if (book.is_used(paddr, pr, replay)) track_.add(Finding::replay_used);
  }

  void use_replay(const Exchange& exchange) const {
    if (context_count(decoded_) > 0) book.use(exchange.paddr, exchange.to, exchange.replay);
  }

  // The Identifier is used again, for another handover.
  void start_afresh(Exchange& exchange) {
    exchange.handover = handover_;
    exchange.pending.clear();
    exchange.contexts.clear();
    exchange.replay = no_replay;
    if (exchange.seen.empty()) return;
    exchange.seen.clear();
    exchange.seen.push_back({hash_of(decoded_.octets), frame_, now_});
  }

  void ask(Exchange& exchange, bool wants_reply) {
    track_.wants_reply = wants_reply;
    if (exchange.pending.empty()) exchange.contexts.clear();
    if (track_.retransmission_of == 0) {
      exchange.contexts.push_back(static_cast<std::uint32_t>(context_count(decoded_)));
    }
    const auto original = track_.retransmission_of != 0 ? track_.retransmission_of : frame_;
    exchange.pending.push_back({&track_, frame_, original, now_});
    exchange.request_frame = frame_;
    exchange.request_time = now_;
  }

  Exchange* answer(Pairing pairing, const std::optional<Address>& paddr) {
    auto* exchange =
        book.answered(pairing, identifier_, destination_, source_, paddr ? &*paddr : nullptr);
    if (exchange == nullptr) {
      find_mistaken(pairing, paddr);
      if (handover_ == nullptr && paddr) handover_ = by_addresses(*paddr);
      return nullptr;
    }
    handover_ = exchange->handover;
    note(*exchange, is_awaited(*exchange, pairing));
    compare_reply(decoded_, *exchange, pairing, track_);
    settle(*exchange, pairing);
    return exchange;
  }

  // The handover of a message between the routers, from its addresses.
  Handover* by_addresses(const Address& paddr) const {
    return book.find(paddr, decoded_.message == Message::shrep ? source_ : destination_);
  }

  // The request that waits for something like this reply.
  Exchange* waiting(Pairing pairing, const std::optional<Address>& paddr) const {
    if (!paddr) return book.waiting_between(pairing, destination_, source_);
    const auto* handover = by_addresses(*paddr);
    if (handover == nullptr) return nullptr;
    return Book::waiting_in(*handover, pairing, destination_, source_);
  }

  // A reply that is no repetition, whatever came before: its request has none yet.
  static bool is_awaited(const Exchange& exchange, Pairing pairing) {
    if (pairing == Pairing::shin) {
      return exchange.handover != nullptr && exchange.handover->untold > 0;
    }
    if (!is_answered_by_itself(pairing) || exchange.pending.empty()) return false;
    const auto& first = *exchange.pending.begin();
    return first.frame == first.original;
  }

  // Answers the earliest request with its repetitions, or all that wait.
  void settle(Exchange& exchange, Pairing pairing) {
    auto& pending = exchange.pending;
    const auto first = pending.empty() ? 0 : pending.begin()->original;
    std::uint32_t waiting = 0;
    auto frame = exchange.request_frame;
    auto time = exchange.request_time;
    for (const auto& request : pending) {
      if (is_answered_by_itself(pairing) && request.original != first) {
        pending.begin()[waiting++] = request;
        continue;
      }
      request.track->response_in = frame_;
      frame = request.frame;
      time = request.time;
    }
    pending.truncate(waiting);
    track_.response_to = frame;
    track_.time = relative(now_ - time);
    track_.answers = pairing;
  }

  // A reply that nobody asked for; or the reply to a request that waits, with a mistake.
  void find_mistaken(Pairing pairing, const std::optional<Address>& paddr) {
    auto* between = waiting(pairing, paddr);
    if (between != nullptr) {
      track_.add(Finding::identifier_mismatch);
      handover_ = between->handover;
      return;
    }
    auto* alike = pairing == Pairing::hi ? book.waiting_as(pairing, identifier_) : nullptr;
    if (alike != nullptr) {
      track_.add(Finding::addresses_not_swapped);
      handover_ = alike->handover;
      return;
    }
    const auto* shin = pairing == Pairing::shin ? book.waiting_shin(destination_) : nullptr;
    if (shin != nullptr) {
      track_.add(Finding::shak_source);
      handover_ = shin->handover;
      return;
    }
    track_.add(Finding::request_missing);
  }

  void shrep(const std::optional<Address>& paddr) {
    auto* asked = answer(Pairing::shreq, paddr);
    if (asked != nullptr) use_replay(*asked);
    if (!paddr) return;
    auto& exchange = book.request(Pairing::shrep, identifier_, source_, destination_, *paddr);
    if (exchange.handover != handover_) start_afresh(exchange);
    if (handover_ != nullptr) Book::join(exchange, Pairing::shrep, *handover_);
    if (asked == nullptr) note(exchange);
    ask(exchange, context_count(decoded_) > 0);
    if (handover_ != nullptr && track_.retransmission_of == 0 && context_count(decoded_) > 0) {
      ++handover_->untold;
    }
  }

  void shak() {
    identifier_ = 0;
    auto* to_new = book.answered(Pairing::shin, 0, destination_, source_, nullptr);
    auto* to_previous = book.answered(Pairing::pshin, 0, destination_, source_, nullptr);
    const bool previous = to_new == nullptr && to_previous != nullptr;
    answer(previous ? Pairing::pshin : Pairing::shin, std::nullopt);
    if (handover_ != nullptr && handover_->untold > 0) --handover_->untold;
  }

  // Where the keys are known the header itself tells.
  bool is_replay() const {
    const auto* header = ipsec_;
    if (header == nullptr || header->known || decoded_.envelope.protection == Protection::none) {
      return false;
    }
    return !accept_unknown(header->esp, header->spi, header->source, header->destination,
                           header->sequence);
  }

  void verify_token() {
    const auto replay = decoded_.number(F::auth_replay);
    const auto shown = decoded_.number(F::auth_token);
    const auto paddr = token_paddr(decoded_);
    if (!replay || !shown || !paddr) return;
    constexpr std::uint8_t bad = 0;
    constexpr std::uint8_t good = 1;
    constexpr std::uint8_t unverified = 2;
    track_.auth_status = unverified;
    const auto key = token_key(*paddr);
    auto covered = token_features(codepoints(), decoded_);
    if (!key || !covered || !decoded_.envelope.complete) return;
    // A U-SHREP that a P-SHIN asked for covers what that one asked for.
    if (decoded_.message == Message::hi && handover_ != nullptr && !handover_->announced.empty()) {
      covered = Octets(handover_->announced.begin(), handover_->announced.end());
    }
    const auto right = token(*key, *covered, static_cast<std::uint8_t>(*replay), *paddr);
    track_.auth_status = right == *shown ? good : bad;
    if (right != *shown) track_.add(Finding::token_bad);
  }

  void finish() {
    if (handover_ == nullptr) return;
    auto& handover = *handover_;
    track_.handover = handover.number;
    track_.begins = std::ranges::find(handover.seen, true) == handover.seen.end();
    handover.seen[static_cast<std::size_t>(decoded_.message)] = true;
    handover.last = now_;
    const bool is_reply = decoded_.carrier == Carrier::mip4_reply;
    if (decoded_.message == Message::hack || decoded_.message == Message::shak || is_reply) {
      track_.has_handover_time = true;
      track_.handover_time = relative(now_ - handover.first);
    }
    if (decoded_.message == Message::shak || is_reply) close(handover);
    if (track_.begins && track_.outcome == Outcome::none) track_.outcome = Outcome::begun;
  }

  void close(Handover& handover) {
    // What the previous router tells the mobile node does not end a handover that went further.
    const bool by_previous = track_.answers == Pairing::pshin;
    if (handover.closed || (by_previous && handover.seen[static_cast<std::size_t>(Message::hi)])) {
      return;
    }
    handover.closed = true;
    track_.outcome =
        first_error_status(decoded_) == status::ok ? Outcome::completed : Outcome::failed;
  }

  const DecodedMessage& decoded_;
  Track& track_;
  const IpsecHeader* ipsec_;
  std::uint32_t frame_;
  Nanoseconds now_;
  const Address& source_;
  const Address& destination_;
  std::uint32_t identifier_;
  Handover* handover_ = nullptr;
};

bool is_tracked(const DecodedMessage& decoded, const packet_info* pinfo) {
  return pinfo->flags.in_error_pkt == 0 && decoded.message != Message::none &&
         decoded.envelope.source && decoded.envelope.destination;
}

void forget() {
  book.clear();
  known_sas().clear();
}

}  // namespace

bool is_asked_for(const Envelope& envelope, std::uint32_t identification) {
  return envelope.source && envelope.destination &&
         book.answered(Pairing::registration, identification, *envelope.destination,
                       *envelope.source, nullptr) != nullptr;
}

std::uint32_t handover_of(const packet_info* pinfo) {
  // Tracks are kept by the numbers of their layers.
  for (guint key = 0; key <= wmem_list_count(pinfo->layers); ++key) {
    const auto* track = static_cast<const Track*>(p_get_proto_data(
        wmem_file_scope(), const_cast<packet_info*>(pinfo), registry().protocol, key));
    if (track != nullptr && track->handover != 0) return track->handover;
  }
  return 0;
}

void register_tracking() {
  register_init_routine(forget);
  register_cleanup_routine(forget);
}

const Track* track(const DecodedMessage& decoded, packet_info* pinfo,
                   std::uint32_t identification) {
  if (!is_tracked(decoded, pinfo)) return nullptr;
  // A frame may hold several messages: each is a layer of its own.
  const auto key = static_cast<guint32>(pinfo->curr_layer_num);
  auto* known = p_get_proto_data(wmem_file_scope(), pinfo, registry().protocol, key);
  if (known != nullptr) return static_cast<const Track*>(known);
  if (PINFO_FD_VISITED(pinfo) != 0) return nullptr;
  auto* fresh = new (wmem_alloc(wmem_file_scope(), sizeof(Track))) Track;
  p_add_proto_data(wmem_file_scope(), pinfo, registry().protocol, key, fresh);
  Tracker(decoded, pinfo, identification, *fresh).run();
  return fresh;
}

}  // namespace secct::dissector
