// SPDX-License-Identifier: GPL-2.0-or-later
// The handovers of a capture that are under way, found by any of the names under which later
// messages speak of them. What has ended, or has been silent for long, is forgotten by the time of
// the capture: memory grows with the handovers that are open at once only.
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

// A request and its repetitions.
struct Asked {
  std::uint64_t frame = 0;  // of the first one, 0 = none was seen
  std::size_t hash = 0;     // of the message's octets
  std::uint16_t identifier = 0;
  Address from{};
  Address to{};
  Time last = 0;
  unsigned sent = 0;
  bool answered = false;
};

// The names of a handover: kind, number, and up to two addresses.
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

struct Flow {
  std::uint64_t number = 0;  // in the capture, from 1
  Time first = 0;
  Time last = 0;
  bool closed = false;
  std::vector<HandoverKey> keys;

  Address paddr{};
  Address naddr{};
  Address nr{};      // to which the SHIN was sent
  Octets announced;  // the sub-options of the P-SHIN
  bool is_mip4 = false;
  std::size_t pshin_hash = 0;

  Asked hi;
  bool stateful = false;                  // S
  bool late = false;                      // the SHREQ was out before the HI came
  std::optional<std::uint64_t> promised;  // Replay and token of the U-SHREP

  Asked shin;
  Octets shown;  // from AuthPrtr on
  bool token_differs = false;
  bool token_wrong = false;

  Asked shreq;
  Address shreq_naddr{};
  std::vector<std::uint32_t> wanted;  // SPIs of R2 to R4

  Asked shrep;
  bool context_came = false;
  std::vector<std::uint32_t> unacknowledged;  // contexts of the messages that held some
  std::vector<std::uint32_t> spis;            // of all that was handed over
  std::uint32_t expected_status = 0;          // of the SHAK, 0 = not known

  // Messages whose contexts open what comes later; read when that comes.
  std::vector<Octets> handed_over;
  std::size_t learned_from = 0;
  LearnedSas learned;

  // For the report.
  std::uint64_t first_frame = 0;
  std::vector<TracedPacket> packets;
  std::vector<Violation> violations;

  void reset();

  std::list<Flow*>::iterator place;  // in one of the book's lists
};

class HandoverTable {
 public:
  // `scale` multiplies the times for which handovers are remembered.
  explicit HandoverTable(double scale);

  Flow* find(const HandoverKey& key);
  Flow& begin(Time now);
  void name(Flow& flow, const HandoverKey& key);
  void mark_active(Flow& flow, Time now);
  void close(Flow& flow);

  // A flow that may be forgotten at `now`, or nullptr; release() it when it has been looked at.
  Flow* expired(Time now);
  Flow* any();  // at the end of the capture
  void release(Flow& flow);

  std::uint64_t begun() const { return begun_; }
  std::size_t open() const { return active_.size() + done_.size(); }

 private:
  std::unordered_map<HandoverKey, Flow*, HandoverKeyHash> names_;
  std::list<Flow*> active_;  // the one that was silent for longest first
  std::list<Flow*> done_;
  std::deque<Flow> store_;
  std::vector<Flow*> free_;
  std::uint64_t begun_ = 0;
  Time closed_for_;
  Time open_for_;
};

}  // namespace secct::replay
