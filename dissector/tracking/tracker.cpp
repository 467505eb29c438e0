// SPDX-License-Identifier: GPL-2.0-or-later
// Finds the handover and the exchange to which a message belongs, and its findings.
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

// A message with the same octets within this time is a retransmission. It is CONTEXT_PURGE_TIME,
// the longest time for which a router keeps an answer (docs/behaviour.md section 1).
constexpr Nanoseconds retransmission_time = 5'000'000'000;
constexpr std::size_t max_seen_messages = 8;  // per exchange

HandoverStore store;

// True if each request has its own reply. Contexts that do not fit into one message continue
// in another one with the same Identifier, and each of them is answered (wire-format D18).
bool has_own_reply(RequestKind kind) {
  return kind == RequestKind::hi || kind == RequestKind::shrep;
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

// Computes the TrackingResult of one message, in the first pass. Updates the handover and the
// exchange to which it belongs, and the results of the requests that it answers.
class Tracker {
 public:
  Tracker(const DecodedMessage& decoded, const packet_info* pinfo, std::uint32_t identification,
          TrackingResult& result)
      : decoded_(decoded),
        result_(result),
        ipsec_(ipsec_header(pinfo)),
        frame_(pinfo->num),
        now_(nanoseconds(pinfo->abs_ts)),
        source_(*decoded.envelope.source),
        destination_(*decoded.envelope.destination),
        identifier_(decoded.message == Message::mip4_request ||
                            decoded.message == Message::mip4_reply
                        ? identification
                        : static_cast<std::uint32_t>(decoded.number(F::identifier).value_or(0))) {}

  void run() {
    const auto paddr = paddr_of(decoded_);
    switch (decoded_.message) {
      case Message::pshin: track_request(RequestKind::pshin, paddr, destination_); break;
      case Message::hi: track_request(RequestKind::hi, paddr, source_); break;
      case Message::shin:
        track_request(RequestKind::shin, paddr, address_in(decoded_, F::router));
        break;
      case Message::shreq: track_request(RequestKind::shreq, paddr, destination_); break;
      case Message::hack: track_reply(RequestKind::hi, paddr); break;
      case Message::shrep: track_shrep(paddr); break;
      case Message::shrep_ack: track_reply(RequestKind::shrep, paddr); break;
      case Message::shak: track_shak(); break;
      case Message::mip4_request:
        track_request(RequestKind::registration, paddr, address_in(decoded_, F::mip4_router));
        break;
      case Message::mip4_reply: track_reply(RequestKind::registration, std::nullopt); break;
      default: break;
    }
    if (decoded_.envelope.protection == Protection::none && context_count(decoded_) > 0) {
      result_.add(Finding::context_in_clear);
    }
    if (is_replayed_packet()) result_.add(Finding::sequence_replayed);
    verify_token();
    if (handover_ != nullptr) learn_from(decoded_, *handover_, frame_);
    update_handover();
  }

 private:
  // Adds the message to the exchange. Returns true if it is a retransmission. `unanswered`: the
  // message is the reply to an unanswered request, so equal octets do not make it a retransmission.
  bool record_message(Exchange& exchange, bool unanswered = false) {
    const auto hash = hash_of(decoded_.octets);
    auto seen = std::ranges::find(exchange.seen, hash, &Exchange::SeenMessage::hash);
    if (seen != exchange.seen.end()) {
      const bool is_repeated = !unanswered && now_ - seen->last <= retransmission_time;
      seen->last = now_;
      if (is_repeated) {
        result_.retransmission_of = seen->frame;
        result_.add(Finding::retransmission);
        return true;
      }
      seen->frame = frame_;
      return false;
    }
    if (exchange.seen.size() == max_seen_messages) exchange.seen.pop_front();
    exchange.seen.push_back({hash, frame_, now_});
    return false;
  }

  // For all requests except SHREP. They may be the first message of their handover.
  void track_request(RequestKind kind, const std::optional<Address>& paddr,
                     const std::optional<Address>& pr) {
    if (!paddr || !pr) return;
    auto& exchange = store.exchange_for_request(kind, identifier_, source_, destination_, *paddr);
    const bool repeated = record_message(exchange) && exchange.handover != nullptr;
    handover_ = repeated ? exchange.handover : handover_of_misdirected_shreq(*paddr, *pr);
    if (handover_ == nullptr) {
      handover_ = &store.find_or_create(decoded_.message, *paddr, *pr, now_);
    }
    if (exchange.handover != handover_) reset_exchange(exchange);
    HandoverStore::set_latest(exchange, kind, *handover_);
    exchange.naddr = address_in(decoded_, F::naddr).value_or(Address{});
    exchange.paddr = *paddr;
    if (!repeated) compare_request(decoded_, *handover_, result_);
    if (!repeated && kind == RequestKind::shreq) check_replay_value(exchange, *paddr, *pr);
    if (!repeated) record_request(decoded_, exchange);
    add_pending(exchange, kind != RequestKind::pshin);
  }

  // The handover of a SHREQ that is sent to another router than its SHIN names; nullptr if the
  // SHREQ is sent to the right router.
  Handover* handover_of_misdirected_shreq(const Address& paddr, const Address& pr) {
    if (decoded_.message != Message::shreq) return nullptr;
    const auto* named = store.find(paddr, pr);
    if (named != nullptr && (named->closed || named->has_features)) return nullptr;
    const auto naddr = address_in(decoded_, F::naddr);
    const auto* shin = naddr ? store.unanswered_shin(*naddr, source_) : nullptr;
    if (shin == nullptr || shin->paddr != paddr) return nullptr;
    result_.add(Finding::shreq_router);
    return shin->handover;
  }

  void check_replay_value(Exchange& exchange, const Address& paddr, const Address& pr) {
    const auto replay =
        static_cast<std::uint32_t>(decoded_.number(F::auth_replay).value_or(no_replay));
    // A retransmission may use the same value; it gets the same answer (behaviour 3.3).
    if (replay == exchange.replay) return;
    exchange.replay = replay;
    if (store.is_replay_used(paddr, pr, replay)) result_.add(Finding::replay_used);
  }

  void use_up_replay_value(const Exchange& exchange) const {
    if (context_count(decoded_) > 0) {
      store.mark_replay_used(exchange.paddr, exchange.to, exchange.replay);
    }
  }

  // For an Identifier that is used again, in another handover.
  void reset_exchange(Exchange& exchange) {
    exchange.handover = handover_;
    exchange.pending.clear();
    exchange.contexts.clear();
    exchange.replay = no_replay;
    if (exchange.seen.empty()) return;
    exchange.seen.clear();
    exchange.seen.push_back({hash_of(decoded_.octets), frame_, now_});
  }

  void add_pending(Exchange& exchange, bool wants_reply) {
    result_.wants_reply = wants_reply;
    if (exchange.pending.empty()) exchange.contexts.clear();
    if (result_.retransmission_of == 0) {
      exchange.contexts.push_back(static_cast<std::uint32_t>(context_count(decoded_)));
    }
    const auto original = result_.retransmission_of != 0 ? result_.retransmission_of : frame_;
    exchange.pending.push_back({&result_, frame_, original, now_});
    exchange.request_frame = frame_;
    exchange.request_time = now_;
  }

  Exchange* track_reply(RequestKind kind, const std::optional<Address>& paddr) {
    auto* exchange = store.exchange_for_reply(kind, identifier_, destination_, source_,
                                              paddr ? &*paddr : nullptr);
    if (exchange == nullptr) {
      find_mismatched_request(kind, paddr);
      if (handover_ == nullptr && paddr) handover_ = by_addresses(*paddr);
      return nullptr;
    }
    handover_ = exchange->handover;
    record_message(*exchange, has_unanswered_request(*exchange, kind));
    compare_reply(decoded_, *exchange, kind, result_);
    answer_pending(*exchange, kind);
    return exchange;
  }

  // The handover of a reply between the routers, found by its addresses.
  Handover* by_addresses(const Address& paddr) const {
    return store.find(paddr, decoded_.message == Message::shrep ? source_ : destination_);
  }

  // An unanswered request that differs from the request of this reply in its Identifier only; or
  // nullptr.
  Exchange* similar_request(RequestKind kind, const std::optional<Address>& paddr) const {
    if (!paddr) return store.unanswered_between(kind, destination_, source_);
    const auto* handover = by_addresses(*paddr);
    if (handover == nullptr) return nullptr;
    return HandoverStore::unanswered_in(*handover, kind, destination_, source_);
  }

  // True if a request waits for its first reply: then the reply is not a retransmission, even if
  // its octets equal those of an earlier one.
  static bool has_unanswered_request(const Exchange& exchange, RequestKind kind) {
    if (kind == RequestKind::shin) {
      return exchange.handover != nullptr && exchange.handover->unreported_shreps > 0;
    }
    if (!has_own_reply(kind) || exchange.pending.empty()) return false;
    const auto& first = *exchange.pending.begin();
    return first.frame == first.original;
  }

  // Sets response_in of the pending requests that this reply answers: of the earliest one and its
  // retransmissions if each request has its own reply, else of all.
  void answer_pending(Exchange& exchange, RequestKind kind) {
    auto& pending = exchange.pending;
    const auto first = pending.empty() ? 0 : pending.begin()->original;
    std::uint32_t kept = 0;
    auto frame = exchange.request_frame;
    auto time = exchange.request_time;
    for (const auto& request : pending) {
      if (has_own_reply(kind) && request.original != first) {
        pending.begin()[kept++] = request;
        continue;
      }
      request.result->response_in = frame_;
      frame = request.frame;
      time = request.time;
    }
    pending.truncate(kept);
    result_.response_to = frame;
    result_.time = relative(now_ - time);
    result_.answers = kind;
  }

  // For a reply without a matching request: adds a finding that names the difference from an
  // unanswered request, or the finding that there is no request.
  void find_mismatched_request(RequestKind kind, const std::optional<Address>& paddr) {
    auto* similar = similar_request(kind, paddr);
    if (similar != nullptr) {
      result_.add(Finding::identifier_mismatch);
      handover_ = similar->handover;
      return;
    }
    auto* same_identifier =
        kind == RequestKind::hi ? store.unanswered_with(kind, identifier_) : nullptr;
    if (same_identifier != nullptr) {
      result_.add(Finding::addresses_not_swapped);
      handover_ = same_identifier->handover;
      return;
    }
    const auto* shin = kind == RequestKind::shin ? store.unanswered_shin(destination_) : nullptr;
    if (shin != nullptr) {
      result_.add(Finding::shak_source);
      handover_ = shin->handover;
      return;
    }
    result_.add(Finding::request_missing);
  }

  void track_shrep(const std::optional<Address>& paddr) {
    auto* shreq_exchange = track_reply(RequestKind::shreq, paddr);
    if (shreq_exchange != nullptr) use_up_replay_value(*shreq_exchange);
    if (!paddr) return;
    auto& exchange =
        store.exchange_for_request(RequestKind::shrep, identifier_, source_, destination_, *paddr);
    if (exchange.handover != handover_) reset_exchange(exchange);
    if (handover_ != nullptr) HandoverStore::set_latest(exchange, RequestKind::shrep, *handover_);
    if (shreq_exchange == nullptr) record_message(exchange);
    add_pending(exchange, context_count(decoded_) > 0);
    if (handover_ != nullptr && result_.retransmission_of == 0 && context_count(decoded_) > 0) {
      ++handover_->unreported_shreps;
    }
  }

  void track_shak() {
    identifier_ = 0;
    const auto* shin =
        store.exchange_for_reply(RequestKind::shin, 0, destination_, source_, nullptr);
    const auto* pshin =
        store.exchange_for_reply(RequestKind::pshin, 0, destination_, source_, nullptr);
    track_reply(shin == nullptr && pshin != nullptr ? RequestKind::pshin : RequestKind::shin,
                std::nullopt);
    if (handover_ != nullptr && handover_->unreported_shreps > 0) --handover_->unreported_shreps;
  }

  // If the dissector has the keys, the hook of AH or ESP reports replays instead
  // (dissector/ipsec.cpp).
  bool is_replayed_packet() const {
    if (ipsec_ == nullptr || ipsec_->has_keys || decoded_.envelope.protection == Protection::none) {
      return false;
    }
    return !accept_without_keys(ipsec_->esp, ipsec_->spi, ipsec_->source, ipsec_->destination,
                                ipsec_->sequence);
  }

  void verify_token() {
    const auto replay = decoded_.number(F::auth_replay);
    const auto found_token = decoded_.number(F::auth_token);
    const auto paddr = token_paddr(decoded_);
    if (!replay || !found_token || !paddr) return;
    constexpr std::uint8_t bad = 0;
    constexpr std::uint8_t good = 1;
    constexpr std::uint8_t unverified = 2;
    result_.auth_status = unverified;
    const auto key = token_key(*paddr);
    auto covered = token_features(codepoints(), decoded_);
    if (!key || !covered || !decoded_.envelope.complete) return;
    // After a P-SHIN, the token of the U-SHREP covers the sub-options of the P-SHIN.
    if (decoded_.message == Message::hi && handover_ != nullptr &&
        !handover_->pshin_sub_options.empty()) {
      covered = Octets(handover_->pshin_sub_options.begin(), handover_->pshin_sub_options.end());
    }
    const auto expected = token(*key, *covered, static_cast<std::uint8_t>(*replay), *paddr);
    result_.auth_status = expected == *found_token ? good : bad;
    if (expected != *found_token) result_.add(Finding::token_bad);
  }

  void update_handover() {
    if (handover_ == nullptr) return;
    auto& handover = *handover_;
    result_.handover = handover.number;
    result_.begins = handover.seen.empty();
    handover.seen.insert(decoded_.message);
    handover.last = now_;
    const bool is_reply = decoded_.message == Message::mip4_reply;
    if (decoded_.message == Message::hack || decoded_.message == Message::shak || is_reply) {
      result_.has_handover_time = true;
      result_.handover_time = relative(now_ - handover.first);
    }
    if (decoded_.message == Message::shak || is_reply) close_handover(handover);
    if (result_.begins && result_.outcome == Outcome::none) result_.outcome = Outcome::begun;
  }

  void close_handover(Handover& handover) {
    // A SHAK from the previous router does not end a handover that has reached the new router.
    const bool from_previous_router = result_.answers == RequestKind::pshin;
    if (handover.closed || (from_previous_router && handover.seen.contains(Message::hi))) {
      return;
    }
    handover.closed = true;
    result_.outcome =
        first_error_status(decoded_) == status::ok ? Outcome::completed : Outcome::failed;
  }

  const DecodedMessage& decoded_;
  TrackingResult& result_;
  const IpsecHeader* ipsec_;
  std::uint32_t frame_;
  Nanoseconds now_;
  const Address& source_;
  const Address& destination_;
  std::uint32_t identifier_;
  Handover* handover_ = nullptr;  // nullptr: the message belongs to none
};

bool is_tracked(const DecodedMessage& decoded, const packet_info* pinfo) {
  return pinfo->flags.in_error_pkt == 0 && decoded.message != Message::none &&
         decoded.envelope.source && decoded.envelope.destination;
}

void clear_tracking() {
  store.clear();
  known_sas().clear();
}

}  // namespace

bool has_registration_request(const Envelope& envelope, std::uint32_t identification) {
  return envelope.source && envelope.destination &&
         store.exchange_for_reply(RequestKind::registration, identification, *envelope.destination,
                                  *envelope.source, nullptr) != nullptr;
}

std::uint32_t handover_of(const packet_info* pinfo) {
  // Results are stored under the number of the layer.
  for (guint key = 0; key <= wmem_list_count(pinfo->layers); ++key) {
    const auto* result = static_cast<const TrackingResult*>(p_get_proto_data(
        wmem_file_scope(), const_cast<packet_info*>(pinfo), registry().protocol, key));
    if (result != nullptr && result->handover != 0) return result->handover;
  }
  return 0;
}

void register_tracking() {
  register_init_routine(clear_tracking);
  register_cleanup_routine(clear_tracking);
}

const TrackingResult* track_message(const DecodedMessage& decoded, packet_info* pinfo,
                                    std::uint32_t identification) {
  if (!is_tracked(decoded, pinfo)) return nullptr;
  // A frame may have several messages. Each has its own layer.
  const auto key = static_cast<guint32>(pinfo->curr_layer_num);
  auto* stored = p_get_proto_data(wmem_file_scope(), pinfo, registry().protocol, key);
  if (stored != nullptr) return static_cast<const TrackingResult*>(stored);
  if (PINFO_FD_VISITED(pinfo) != 0) return nullptr;
  auto* created = new (wmem_alloc(wmem_file_scope(), sizeof(TrackingResult))) TrackingResult;
  p_add_proto_data(wmem_file_scope(), pinfo, registry().protocol, key, created);
  Tracker(decoded, pinfo, identification, *created).run();
  return created;
}

}  // namespace secct::dissector
