// SPDX-License-Identifier: GPL-2.0-or-later
// Finds the handover and the exchange that a message belongs to.
#pragma once

#include <set>

#include "conversation/compare.hpp"
#include "conversation/handovers.hpp"

namespace secct::conversation {

// Pairs of addresses between which packets could not be decrypted. If there are too many, every
// pair counts as one.
class HiddenPairs {
 public:
  void add(const Address& source, const Address& destination);
  bool contains(const Address& a, const Address& b) const;  // in either direction

 private:
  static constexpr std::size_t most = 4096;
  std::set<std::pair<Address, Address>> pairs_;
};

class Tracker {
 public:
  Tracker(const Current& at, Handovers& handovers, const HiddenPairs& hidden)
      : at_(at),
        handovers_(handovers),
        hidden_(hidden),
        is_hidden_(hidden.contains(at.source, at.destination)),
        hash_(hash_of(at.decoded.octets)) {}

  void run();

 private:
  bool is_copy() const { return at_.found.copy_of != 0; }
  bool was_seen(const Exchange& exchange) const;

  bool record(Exchange& exchange, bool awaited = false);
  void judge_interval(const Exchange& exchange, const Exchange::Seen& seen, Time since);

  void begin(Pairing pairing, const std::optional<Address>& paddr,
             const std::optional<Address>& pr);
  Handover& handover_of_request(const Exchange& exchange, const Address& paddr, const Address& pr);
  Handover* mistaken_shreq(const Address& paddr, const Address& pr);
  void record_naddr(Pairing pairing);
  void expect_reply(Exchange& exchange, bool is_certain);

  Exchange* answer(Pairing pairing, const std::optional<Address>& paddr);
  bool may_answer(const Exchange& exchange, const std::optional<Address>& paddr) const;
  bool may_compare(const Exchange& exchange, bool names_node) const;
  bool has_later_handover(const Exchange& shin) const;
  void settle(Exchange& exchange);
  void doubt_contexts(Pairing pairing);
  void find_mistaken(Pairing pairing, const std::optional<Address>& paddr);
  Exchange* mistaken_request(Pairing pairing, const std::optional<Address>& paddr) const;
  Exchange* mistaken_hi(const Address& paddr) const;
  Exchange* other_paddr(Pairing pairing, const Address& paddr) const;
  Exchange* other_identifier(Pairing pairing, const Address& paddr) const;
  Handover* by_addresses(const Address& paddr) const;

  void shrep(const Address& paddr);
  void shak();
  void note_hidden(Handover& handover) const;
  void finish();
  void close(Handover& handover);

  Current at_;
  Handovers& handovers_;
  const HiddenPairs& hidden_;
  bool is_hidden_;    // between the addresses of the message
  std::size_t hash_;  // of its octets
  Handover* handover_ = nullptr;
  Exchange* request_ = nullptr;   // that the message is
  Exchange* mistaken_ = nullptr;  // the request that it should answer
};

}  // namespace secct::conversation
