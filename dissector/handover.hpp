// SPDX-License-Identifier: GPL-2.0-or-later
// The handovers of a capture and the exchanges of which they are made. Nothing here knows epan.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "dissector/track.hpp"

namespace secct::dissector {

using Nanoseconds = std::int64_t;

// SA of a context, as far as later messages can be held against it.
struct TransferredSa {
  std::uint32_t spi = 0;
  Octets key;  // of SPI' (wire-format 6.6); empty where it is not to be recomputed
};

struct KnownSa;  // dissector/sa_book.hpp

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
  Octets features;                        // AuthPrtr and all that follows
  std::optional<std::uint64_t> promised;  // Replay and token of the U-SHREP
  bool shreq_sent = false;
  bool context_came = false;
  std::vector<TransferredSa> sas;
  std::uint32_t expected_status = 0;  // of the SHAK; 0 = unknown
  Octets announced;                   // the sub-options of the P-SHIN

  // For handed-over SAs (learn.cpp).
  bool arrived = false;  // SHIN seen
  Address nr{};          // to which it was sent
  Address paddr{};
  std::vector<Address> previous;  // addresses of the previous router
  std::vector<KnownSa> learnt;
  std::size_t placed = 0;  // how many of them are known at the new router
};

// One request with its repetitions and replies.
struct Exchange {
  Handover* handover = nullptr;
  Address naddr{};  // of the request, where replies must repeat it
  Address paddr{};
  std::vector<Track*> pending;  // requests without a reply so far
  std::uint32_t request_frame = 0;
  Nanoseconds request_time = 0;
  std::vector<std::uint32_t> contexts;  // of the requests that were sent since the last reply

  struct Seen {
    std::size_t hash;
    std::uint32_t frame;
    Nanoseconds last;
  };
  std::vector<Seen> seen;  // the latest different messages
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
  // The exchange that a reply belongs to; its addresses are those of the request.
  Exchange* answered(Pairing pairing, std::uint32_t identifier, const Address& from,
                     const Address& to, const Address* paddr);
  // Exchanges of which one thing is as it is in a reply.
  Exchange* waiting_between(Pairing pairing, const Address& from, const Address& to,
                            const Address* paddr);
  Exchange* waiting_as(Pairing pairing, std::uint32_t identifier);

 private:
  Handover& add(const Key& key, Nanoseconds now);

  std::deque<Handover> handovers_;
  std::unordered_map<Key, Handover*, KeyHash> current_;
  std::unordered_map<Key, Handover*, KeyHash> announced_;  // by Paddr: P-SHIN seen, no HI yet
  std::unordered_map<Key, Exchange, KeyHash> exchanges_;
  std::unordered_map<Key, Exchange*, KeyHash> latest_;
};

}  // namespace secct::dissector
