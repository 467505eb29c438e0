// SPDX-License-Identifier: GPL-2.0-or-later
// The handovers of a capture and the exchanges of which they are made.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "dissector/epan/file_memory.hpp"
#include "dissector/tracking/track.hpp"

namespace secct::dissector {

using Nanoseconds = std::int64_t;

// SA of a context, as far as later messages can be held against it.
struct TransferredSa {
  std::uint32_t spi = 0;
  View key;  // of SPI' (wire-format 6.6); empty where it is not to be recomputed
  std::optional<std::uint32_t> recomputed{};  // SPI', once somebody asked
};

struct KnownSa;  // dissector/tracking/known_sas.hpp
struct Exchange;

struct Handover {
  Handover();
  ~Handover();
  Handover(const Handover&) = delete;
  Handover& operator=(const Handover&) = delete;

  std::uint32_t number = 0;
  Nanoseconds first = 0;
  Nanoseconds last = 0;
  bool closed = false;
  std::array<bool, 10> seen{};            // by Message
  Address naddr{};                        // of the SHIN
  bool has_features = false;              // of the SHIN or Registration Request
  View features;                          // AuthPrtr and all that follows
  std::optional<std::uint64_t> promised;  // Replay and token of the U-SHREP
  bool shreq_sent = false;
  bool context_came = false;
  std::uint32_t untold = 0;  // SHREPs with contexts for which no SHAK was seen so far
  FileVector<TransferredSa> sas;
  std::array<Address, 2> recomputed_for{};  // new router and Naddr of their SPI'
  std::uint32_t expected_status = 0;        // of the SHAK; 0 = unknown
  View announced;                           // the sub-options of the P-SHIN
  // The latest request of each kind.
  std::array<Exchange*, static_cast<std::size_t>(Pairing::count)> latest{};

  // For handed-over SAs (learn.cpp).
  bool arrived = false;  // SHIN seen
  Address nr{};          // to which it was sent
  Address paddr{};
  FileVector<Address> previous;  // addresses of the previous router
  std::vector<KnownSa> learned;
  std::size_t placed = 0;  // how many of them are known at the new router
};

constexpr std::uint32_t no_replay = 256;

// One request with its repetitions and replies.
struct Exchange {
  Handover* handover = nullptr;
  Address from{};
  Address to{};
  Address naddr{};  // of the request, where replies must repeat it
  Address paddr{};
  struct Pending {
    Track* track;
    std::uint32_t frame;
    std::uint32_t original;  // the frame of the first such request
    Nanoseconds time;
  };
  FileVector<Pending> pending;  // requests without a reply so far
  std::uint32_t request_frame = 0;
  Nanoseconds request_time = 0;
  bool wants_address = false;           // S of a HI
  FileVector<std::uint32_t> requested;  // SPIs of a SHREQ; none: all SAs
  std::uint32_t replay = no_replay;     // of a SHREQ
  FileVector<std::uint32_t> contexts;   // of the requests that were sent since the last reply

  struct Seen {
    std::size_t hash;
    std::uint32_t frame;
    Nanoseconds last;
  };
  FileVector<Seen> seen;  // the latest different messages
};

struct Key {
  std::array<std::uint8_t, 56> octets{};
  bool operator==(const Key&) const = default;
};
struct KeyHash {
  std::size_t operator()(const Key& key) const;
};

Key handover_key(const Address& paddr, const Address& pr);
Key exchange_key(Pairing pairing, std::uint32_t identifier, const Address& from, const Address& to,
                 const Address* paddr = nullptr);

std::size_t hash_of(View octets);

// All of one capture.
class Book {
 public:
  void clear();

  // The handover to which a first message (P-SHIN, HI, SHIN, SHREQ, Registration Request) of
  // `paddr` and `pr` belongs; a new one where none is under way.
  Handover& begin_or_go_on(Message message, const Address& paddr, const Address& pr,
                           Nanoseconds now, bool repeated);
  Handover* find(const Address& paddr, const Address& pr);

  Exchange& request(Pairing pairing, std::uint32_t identifier, const Address& from,
                    const Address& to, const Address& paddr);
  // Replay values with which a mobile node got its SAs from a previous router.
  bool is_used(const Address& paddr, const Address& pr, std::uint32_t replay) const;
  void use(const Address& paddr, const Address& pr, std::uint32_t replay);

  // It is the latest of its kind in `handover`.
  static void join(Exchange& exchange, Pairing pairing, Handover& handover);
  // The exchange that a reply belongs to; its addresses are those of the request.
  Exchange* answered(Pairing pairing, std::uint32_t identifier, const Address& from,
                     const Address& to, const Address* paddr);
  // Exchanges without a reply so far of which one thing is as it is in a reply: handover and
  // addresses, addresses, Identifier.
  static Exchange* waiting_in(const Handover& handover, Pairing pairing, const Address& from,
                              const Address& to);
  Exchange* waiting_between(Pairing pairing, const Address& from, const Address& to);
  Exchange* waiting_as(Pairing pairing, std::uint32_t identifier);
  Exchange* waiting_shin(const Address& from);
  Exchange* waiting_shin(const Address& from, const Address& to);

 private:
  Handover& add(const Key& key, Nanoseconds now);
  Exchange* latest(const Key& key) const;

  template <class Value>
  using Table = FileTable<Key, Value, KeyHash>;

  std::deque<Handover> handovers_;
  Table<Handover*> current_;
  Table<Handover*> announced_;  // by Paddr: P-SHIN seen, no HI yet
  Table<std::array<bool, no_replay>> used_;
  Table<Exchange> exchanges_;
  Table<Exchange*> latest_;
};

}  // namespace secct::dissector
