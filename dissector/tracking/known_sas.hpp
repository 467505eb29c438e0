// SPDX-License-Identifier: GPL-2.0-or-later
// The security associations whose keys are known: those of the routers, from the user, and those
// of mobile nodes, learnt from SHREPs and U-SHREPs as the capture is read for the first time.
#pragma once

#include <deque>

#include "dissector/keys/keys.hpp"
#include "dissector/tracking/handover.hpp"

namespace secct::dissector {

// Which sequence numbers came already (RFC 2402 3.4.3), up to 64 back.
class ReplayWindow {
 public:
  ReplayWindow() = default;
  // As transferred (wire-format 7.2): first bit = `sequence`, next = one lower. Without bits all up
  // to `sequence` count as received.
  ReplayWindow(std::uint32_t sequence, View bits, std::uint32_t size);
  bool accept(std::uint32_t sequence);  // false: a replay

 private:
  std::uint32_t highest_ = 0;
  std::uint64_t seen_ = 0;  // lowest bit = highest_
  bool any_ = false;
};

struct KnownSa {
  SaKeys keys;
  std::uint32_t learnt_in = 0;  // frame, 0 = given by the user
  ReplayWindow window;
};

class KnownSas {
 public:
  void clear();  // and take the routers' from the preferences
  bool empty() const { return by_place_.empty(); }
  KnownSa* find(bool esp, std::uint32_t spi, const Address& source, const Address& destination);
  void add(KnownSa sa);

 private:
  std::deque<KnownSa> sas_;
  FileTable<Key, KnownSa*, KeyHash> by_place_;
};

KnownSas& known_sas();

// Replays under SAs whose keys nobody knows: for AH and ESP around SecCT messages.
bool accept_unknown(bool esp, std::uint32_t spi, const Address& source, const Address& destination,
                    std::uint32_t sequence);

// What a message tells of SAs: the contexts of a SHREP or HI, the new place that a SHIN gives
// them, the recomputed SPIs that a SHAK orders. Called once a message, in the order of the capture.
void learn_from(const DecodedMessage& decoded, Handover& handover, std::uint32_t frame);

}  // namespace secct::dissector
