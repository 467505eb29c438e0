// SPDX-License-Identifier: GPL-2.0-or-later
// The handovers of a capture file, and the exchanges (requests with their replies) of each.
//
// They are used in the first pass only. The HandoverStore owns them and is cleared when a file is
// opened or closed; FileVectors and Views are in file scope.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "dissector/epan/file_memory.hpp"
#include "dissector/tracking/track.hpp"

namespace secct::dissector {

using Nanoseconds = std::int64_t;

// An SA that was transferred in this handover, for the comparison with later messages.
struct TransferredSa {
  std::uint32_t spi = 0;
  View key;  // key of SPI' (wire-format 6.6), in file scope; empty for IPComp, which has no SPI'
  std::optional<std::uint32_t> recomputed{};  // SPI', computed when it is first needed
};

struct KnownSa;  // dissector/tracking/known_sas.hpp
struct Exchange;

// A handover: all messages of one mobile node (Paddr) and one previous router, from its first
// message (P-SHIN, HI, SHIN, SHREQ or Registration Request) to its SHAK or Registration Reply.
struct Handover {
  Handover();
  ~Handover();
  Handover(const Handover&) = delete;
  Handover& operator=(const Handover&) = delete;

  std::uint32_t number = 0;   // secct.handover, from 1
  Nanoseconds first = 0;      // time of the first message
  Nanoseconds last = 0;       // time of the latest message
  bool closed = false;        // ended by a SHAK or Registration Reply
  MessageSet seen;            // messages of the handover so far
  Address naddr{};            // source of the SHIN, or Naddr of the SHREQ
  bool has_features = false;  // a SHIN or Registration Request was seen
  View features;              // its AuthPrtr and the sub-options after it, file scope
  std::optional<std::uint64_t> ushrep_auth;  // Replay and token of the U-SHREP
  bool shreq_sent = false;
  bool context_received = false;        // in a U-SHREP, or in a SHREP after the last SHREQ
  std::uint32_t unreported_shreps = 0;  // SHREPs with contexts minus SHAKs
  FileVector<TransferredSa> sas;
  std::array<Address, 2> recomputed_for{};  // new router and Naddr for which SPI' was computed
  std::uint32_t expected_status = 0;        // status that the SHAK must have; 0: unknown
  View pshin_sub_options;                   // of the P-SHIN, file scope
  // The exchange with the latest request of each kind.
  std::array<Exchange*, static_cast<std::size_t>(RequestKind::count)> latest{};

  // For learning transferred SAs (tracking/learn.cpp).
  bool mn_arrived = false;  // a SHIN or Registration Request was seen
  Address nr{};             // its destination: the new router
  Address paddr{};
  FileVector<Address> previous_addresses;  // of the previous router
  std::vector<KnownSa> learnt_sas;
  std::size_t moved_count = 0;  // how many of learnt_sas were added with the new router's addresses
};

constexpr std::uint32_t no_replay = 256;  // Replay values have 8 bits

// A request with its retransmissions, continuations and replies.
struct Exchange {
  Handover* handover = nullptr;
  Address from{};  // addresses of the request; those of its replies are swapped
  Address to{};
  Address naddr{};  // Naddr and Paddr of a SHREQ, which the SHREP must repeat
  Address paddr{};
  struct Pending {
    TrackingResult* result;  // file scope
    std::uint32_t frame;
    std::uint32_t original;  // first frame with these octets; `frame` if not a retransmission
    Nanoseconds time;
  };
  FileVector<Pending> pending;  // requests that have no reply so far
  // The latest request.
  std::uint32_t request_frame = 0;
  Nanoseconds request_time = 0;
  bool wants_address = false;           // flag S of a HI
  FileVector<std::uint32_t> requested;  // SPIs of a SHREQ; empty: all SAs
  std::uint32_t replay = no_replay;     // Replay value of a SHREQ
  FileVector<std::uint32_t> contexts;   // context count of each unanswered request

  struct SeenMessage {
    std::size_t hash;
    std::uint32_t frame;
    Nanoseconds last;
  };
  FileVector<SeenMessage> seen;  // the latest messages that differ from each other
};

// Key of the tables below: a kind, addresses and an Identifier, as exchange_key() writes them.
struct LookupKey {
  std::array<std::uint8_t, 56> octets{};
  bool operator==(const LookupKey&) const = default;
};
struct LookupKeyHash {
  std::size_t operator()(const LookupKey& key) const;
};

// Different from every key of an exchange.
LookupKey handover_key(const Address& paddr, const Address& pr);
// `paddr`: nullptr if it is not a part of the key.
LookupKey exchange_key(RequestKind kind, std::uint32_t identifier, const Address& from,
                       const Address& to, const Address* paddr = nullptr);

// Hash of a message, to recognize retransmissions.
std::size_t hash_of(View octets);

// All handovers and exchanges of one capture file.
class HandoverStore {
 public:
  void clear();

  // The handover of `paddr` and `pr` to which a message belongs that may be the first one of a
  // handover (P-SHIN, HI, SHIN, SHREQ, Registration Request). Creates one if none is in progress.
  Handover& find_or_create(Message message, const Address& paddr, const Address& pr,
                           Nanoseconds now);
  // The latest handover of `paddr` and `pr`, or nullptr.
  Handover* find(const Address& paddr, const Address& pr);

  // The exchange of a request; creates it if there is none. It becomes the latest one for its
  // addresses and its Identifier.
  Exchange& exchange_for_request(RequestKind kind, std::uint32_t identifier, const Address& from,
                                 const Address& to, const Address& paddr);
  // Replay values that a mobile node has used up: its SHREQ was answered with contexts.
  bool is_replay_used(const Address& paddr, const Address& pr, std::uint32_t replay) const;
  void mark_replay_used(const Address& paddr, const Address& pr, std::uint32_t replay);

  // Makes `exchange` the latest of its kind in `handover`.
  static void set_latest(Exchange& exchange, RequestKind kind, Handover& handover);
  // The exchange to which a reply belongs, or nullptr. `from` and `to` are the addresses of the
  // request, i.e. those of the reply, swapped. `paddr` may be nullptr.
  Exchange* exchange_for_reply(RequestKind kind, std::uint32_t identifier, const Address& from,
                               const Address& to, const Address* paddr);
  // For a reply without a matching request: the latest unanswered exchange that agrees with the
  // reply in its handover and addresses, in its addresses, or in its Identifier. nullptr if there
  // is none. `from` and `to` are the addresses of the request.
  static Exchange* unanswered_in(const Handover& handover, RequestKind kind, const Address& from,
                                 const Address& to);
  Exchange* unanswered_between(RequestKind kind, const Address& from, const Address& to);
  Exchange* unanswered_with(RequestKind kind, std::uint32_t identifier);
  Exchange* unanswered_shin(const Address& from);
  Exchange* unanswered_shin(const Address& from, const Address& to);

 private:
  Handover& create(const LookupKey& key, Nanoseconds now);
  Exchange* latest(const LookupKey& key) const;

  template <class Value>
  using Table = FileTable<LookupKey, Value, LookupKeyHash>;

  std::deque<Handover> handovers_;
  Table<Handover*> current_;
  Table<Handover*> announced_by_paddr_;  // P-SHIN seen, no HI yet
  Table<std::array<bool, no_replay>> used_replays_;
  Table<Exchange> exchanges_;
  Table<Exchange*> latest_exchanges_;
};

}  // namespace secct::dissector
