// SPDX-License-Identifier: GPL-2.0-or-later
// The handovers of a capture and the exchanges of which they consist.
#pragma once

#include <array>
#include <bitset>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <vector>

#include "conversation/relations.hpp"
#include "conversation/table.hpp"
#include "protocol/octets.hpp"
#include "protocol/tables/layout.hpp"

namespace secct::conversation {

// Kind, number and up to three addresses.
struct Key {
  std::array<std::uint8_t, 56> octets{};
  bool operator==(const Key&) const = default;
};
struct KeyHash {
  std::size_t operator()(const Key& key) const;
};

// SA of a context, as far as later messages are compared with it.
struct TransferredSa {
  std::uint32_t spi = 0;
  Octets key;                  // of the recomputed SPI (wire-format 6.6); empty if there is none
  bool protects_shak = false;  // AH or ESP between IPv6 addresses (wire-format D15)
};

// The status that the SHAK must report, from the replies between the routers.
class ExpectedStatus {
 public:
  void add(std::uint32_t status) {
    differ_ |= status_ != 0 && status_ != status;
    status_ = status;
  }
  // A reply is missing in the capture, or cut.
  void doubt() { differ_ = true; }
  // 0 if it is unknown: no reply so far, or the replies to continuations differ.
  std::uint32_t value() const { return differ_ ? 0 : status_; }

 private:
  std::uint32_t status_ = 0;
  bool differ_ = false;
};

constexpr std::uint32_t no_replay = 256;

struct Exchange;

struct Handover {
  std::uint32_t number = 0;
  std::uint64_t first_frame = 0;
  Time first = 0;
  Time last = 0;
  bool closed = false;
  MessageSet seen;
  Address paddr{};
  Address naddr{};  // source of the SHIN; before the SHIN the Naddr that the first message states
  bool is_mip4 = false;
  bool hidden = false;  // packets between its routers could not be decrypted

  // The predictive transfer.
  Octets announced;                       // features of the P-SHIN; empty: not captured
  std::optional<std::uint64_t> promised;  // Replay and token of the U-SHREP
  Address promised_naddr{};               // unspecified: not stated
  Time promised_at = 0;
  bool acknowledged = false;  // the HAck acknowledged the U-SHREP

  // The SHIN or Registration Request.
  bool has_features = false;           // it was captured completely
  Octets features;                     // AuthPrtr and all that follows it
  std::optional<std::uint64_t> shown;  // its Replay and token
  Address router{};                    // the previous router that it names
  Time shin_at = 0;
  bool token_differs = false;  // from the U-SHREP

  // The reactive transfer.
  bool shreq_sent = false;
  bool context_came = false;     // in a U-SHREP or SHREP
  std::uint32_t unreported = 0;  // SHREPs with contexts for which no SHAK was seen so far

  ExpectedStatus expected;
  bool succeeded_early = false;   // a SHAK reported 200 before the SHREP
  void* early_success = nullptr;  // its cookie

  std::vector<TransferredSa> sas;
  bool sas_unknown = false;  // messages with contexts were cut, hidden, or may be missing

  // The latest request of each kind, or nullptr.
  std::array<Exchange*, static_cast<std::size_t>(Pairing::count)> latest{};
  std::vector<Exchange*> exchanges;
  std::vector<Key> keys;
  std::list<Handover*>::iterator place;  // in one of the lists of Handovers

  bool has(secct::Message message) const { return seen.contains(message); }
  Exchange* latest_of(Pairing pairing) const { return latest[static_cast<std::size_t>(pairing)]; }
  // A SHREQ was captured that does not copy the SHIN with Replay `of_shin`.
  bool has_shreq_for_other(std::uint32_t of_shin) const;
  // The mobile node tries again before the first attempt has ended.
  void begin_attempt();
  void reset();
};

// Requests with contexts that do not fit one message continue in another one with the same
// Identifier, which is answered separately (wire-format D18).
constexpr bool answers_separately(Pairing pairing) {
  return pairing == Pairing::hi || pairing == Pairing::shrep;
}

// One request with its retransmissions and replies.
struct Exchange {
  Handover* handover = nullptr;
  Pairing pairing = Pairing::count;
  std::uint32_t identifier = 0;
  Address from{};
  Address to{};
  Address key_paddr{};             // of its key
  bool shares_identifier = false;  // with another request between the same routers

  // Of the request, where replies must repeat it; unspecified: it may be anything.
  Address naddr{};
  Address paddr{};

  struct Pending {
    void* cookie;
    std::uint64_t frame;
    std::uint64_t original;  // frame of the first such request
    Time time;
  };
  std::vector<Pending> pending;     // requests without a reply so far
  std::uint64_t request_frame = 0;  // of the latest one
  Time request_time = 0;
  Time first_time = 0;  // of the first one of this handover

  // HI.
  bool stateful = false;  // S
  bool late = false;      // a SHREQ was pending when it came
  // HI and SHREP.
  std::vector<std::uint32_t> contexts;  // numbers, of the requests since the last reply
  bool contexts_unknown = false;        // one of these was cut or may be missing
  // SHREQ.
  std::vector<std::uint32_t> requested;  // SPIs; none: all SAs
  bool token_wrong = false;
  // HI and SHREQ.
  std::uint32_t replay = no_replay;

  struct Seen {
    std::size_t hash;
    std::uint64_t frame;   // of the first one
    std::uint64_t latest;  // frame
    Time last;
    unsigned sent;
  };
  std::vector<Seen> seen;  // the latest different messages

  bool is_waiting() const { return !pending.empty(); }
  bool is_answered_separately() const { return answers_separately(pairing); }
  bool has_contexts() const;
  // Prepares it for another handover, which uses the Identifier again.
  void start_afresh();
  void reset();
};

class Handovers {
 public:
  // `ended` is called for each handover that is forgotten.
  Handovers(double timing_scale, std::size_t most, std::function<void(const Handover&)> ended);

  // The handover to which a first message (P-SHIN, HI, SHIN, SHREQ, Registration Request) of
  // `paddr` and `pr` belongs; a new one if none is under way. A SHREP may be the first message if
  // the others are not in the capture. `replay` is that of a SHIN or Registration Request, else
  // no_replay.
  Handover& begin_or_continue(secct::Message message, const Address& paddr, const Address& pr,
                              std::uint32_t replay, Time now);
  Handover* find(const Address& paddr, const Address& pr) const;
  // By the mobile node's new address.
  Handover* find_by_naddr(const Address& naddr) const;
  void set_naddr(Handover& handover, const Address& naddr);
  void mark_active(Handover& handover, Time now);
  void close(Handover& handover);
  // Those that were silent for long. No reference to a handover or exchange may be used after it.
  void forget_old(Time now);
  // The longest silent ones beyond the bound; likewise.
  void forget_excess();
  void forget_all();

  Exchange& request(Pairing pairing, std::uint32_t identifier, const Address& from,
                    const Address& to, const Address& paddr);
  // It is the latest of its kind in `handover`, and is forgotten with it. The handover may forget
  // its first exchange.
  void join(Exchange& exchange, Handover& handover);

  // Replay values with which a mobile node got its SAs from a previous router.
  bool is_used(const Address& paddr, const Address& pr, std::uint32_t replay) const;
  void use(const Address& paddr, const Address& pr, std::uint32_t replay);

  // The exchange that a reply belongs to; the addresses are those of the request. Without `paddr`
  // the latest one with this Identifier.
  Exchange* answered(Pairing pairing, std::uint32_t identifier, const Address& from,
                     const Address& to, const Address* paddr) const;
  // Exchanges without a reply so far that agree with a reply in the Identifier, or in an address.
  Exchange* waiting_hi(std::uint32_t identifier) const;
  Exchange* waiting_shin(const Address& from) const;
  Exchange* waiting_shin(const Address& from, const Address& to) const;

  std::uint32_t begun() const { return begun_; }
  std::size_t open() const { return active_.size() + done_.size(); }

 private:
  Handover& add(Time now);
  void name(Handover& handover, const Key& key);
  void forget_name(Handover& handover, const Key& key);
  void release(Handover& handover);
  void release(Exchange& exchange);

  Pool<Handover> handovers_;
  Pool<Exchange> exchanges_;
  Index<Key, Handover, KeyHash> by_key_;
  Index<Key, Exchange, KeyHash> exchange_by_key_;
  std::list<Handover*> active_;  // the longest silent one first
  std::list<Handover*> done_;
  std::uint32_t begun_ = 0;
  Time done_for_;
  Time active_for_;
  std::size_t most_;
  std::function<void(const Handover&)> ended_;

  using Replays = std::bitset<no_replay>;
  std::map<std::pair<Address, Address>, Replays> used_;
  std::deque<std::pair<Address, Address>> used_order_;
};

}  // namespace secct::conversation
