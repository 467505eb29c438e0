// SPDX-License-Identifier: GPL-2.0-or-later
// The handovers that a check tracks, found by any key that a later message can contain: addresses
// of the mobile node, Identifiers, pairs of routers. A handover is removed some time after its end
// or its last message, by the clock of the capture, so that memory does not grow with the capture.
#pragma once

#include <deque>
#include <list>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "replay/inspect/learned_sas.hpp"
#include "replay/namespace.hpp"
#include "replay/report/report.hpp"

namespace secct::replay {

// A message and its retransmissions.
struct SeenMessage {
  std::uint64_t frame = 0;  // of the first one; 0: not captured
  std::size_t hash = 0;     // of the octets of the message
  std::uint16_t identifier = 0;
  Address from{};
  Address to{};
  Time last = 0;      // time of the last one
  unsigned sent = 0;  // number of transmissions
  bool answered = false;
};

// A key of a handover: its kind, an Identifier and up to two addresses.
struct HandoverKey {
  enum class Kind : std::uint8_t {
    paddr,
    naddr,
    hi,      // Identifier, PR, NR
    shreq,   // Identifier, NR, PR
    routers  // PR, NR: the latest HI or SHREQ between them
  };
  Kind kind = Kind::paddr;
  std::uint16_t identifier = 0;
  Address a{};
  Address b{};
  bool operator==(const HandoverKey&) const = default;
};
struct HandoverKeyHash {
  std::size_t operator()(const HandoverKey& key) const;
};

struct TrackedHandover {
  std::uint64_t number = 0;  // in the capture, from 1
  Time first = 0;
  Time last = 0;
  bool closed = false;
  std::vector<HandoverKey> keys;

  Address paddr{};
  Address naddr{};
  Address nr{};           // destination of the SHIN
  Octets pshin_features;  // the sub-options of the P-SHIN
  bool is_mip4 = false;
  std::size_t pshin_hash = 0;

  SeenMessage hi;
  bool stateful = false;                               // flag S of the HI
  bool hi_after_shreq = false;                         // the SHREQ was sent before the HI
  std::optional<std::uint64_t> ushrep_authentication;  // its Replay and token

  SeenMessage shin;
  Octets shin_features;        // from AuthPrtr to the end
  bool token_differs = false;  // from that of the U-SHREP
  bool token_wrong = false;    // verified with the key of the router description

  SeenMessage shreq;
  Address shreq_naddr{};
  std::vector<std::uint32_t> requested_spis;  // of R2 to R4

  SeenMessage shrep;
  bool context_received = false;
  std::vector<std::uint32_t> unacknowledged;  // number of contexts of each message
  std::vector<std::uint32_t> spis;            // of all transferred contexts
  std::uint32_t expected_status = 0;          // of the SHAK; 0: unknown

  // Messages with contexts. They are decoded when a packet arrives that may need their SAs.
  std::vector<Octets> context_messages;
  std::size_t learned_count = 0;  // of context_messages
  LearnedSas learned;

  // For the report.
  std::uint64_t first_frame = 0;
  std::vector<TracedPacket> packets;
  std::vector<Violation> violations;

  // Clears the handover for reuse; keeps allocated memory.
  void reset();

  std::list<TrackedHandover*>::iterator position;  // in a list of the table
};

class HandoverTable {
 public:
  // `scale` multiplies the time for which handovers are kept.
  explicit HandoverTable(double scale);

  // The handover that got this key last; nullptr if there is none.
  TrackedHandover* find(const HandoverKey& key);
  TrackedHandover& create(Time now);
  void add_key(TrackedHandover& handover, const HandoverKey& key);
  void mark_active(TrackedHandover& handover, Time now);
  void close(TrackedHandover& handover);

  // A handover to remove() at `now`; nullptr if there is none.
  TrackedHandover* expired(Time now);
  // Any handover, for the end of the capture; nullptr if the table is empty.
  TrackedHandover* any();
  void remove(TrackedHandover& handover);

  // Handovers created so far.
  std::uint64_t created() const { return created_; }
  std::size_t open() const { return open_.size() + closed_.size(); }

 private:
  std::unordered_map<HandoverKey, TrackedHandover*, HandoverKeyHash> by_key_;
  std::list<TrackedHandover*> open_;  // least recently active first
  std::list<TrackedHandover*> closed_;
  std::deque<TrackedHandover> storage_;
  std::vector<TrackedHandover*> free_;
  std::uint64_t created_ = 0;
  Time closed_for_;
  Time open_for_;
};

}  // namespace secct::replay
