// SPDX-License-Identifier: GPL-2.0-or-later
// The SAs whose keys are known: those between the routers, from the preferences, and those of
// mobile nodes, learnt from SHREPs and U-SHREPs in the first pass over the capture file.
#pragma once

#include <deque>

#include "dissector/keys/keys.hpp"
#include "dissector/tracking/handover.hpp"

namespace secct::dissector {

// Anti-replay window (RFC 2402 section 3.4.3) of the 64 latest sequence numbers.
class ReplayWindow {
 public:
  ReplayWindow() = default;
  // A transferred window (wire-format 7.2): the first bit is for `sequence`, the next one for the
  // number below it, `size` bits in total. Without bits, all numbers up to `sequence` count as
  // received.
  ReplayWindow(std::uint32_t sequence, View bits, std::uint32_t size);
  // Adds `sequence` to the window. Returns false if it is a replay or below the window.
  bool accept(std::uint32_t sequence);

 private:
  std::uint32_t highest_ = 0;
  std::uint64_t received_ = 0;  // bit i: highest_ - i was received
  bool initialized_ = false;
};

struct KnownSa {
  SaKeys keys;
  std::uint32_t learnt_in = 0;  // frame that transferred the SA; 0: from the preferences
  ReplayWindow window;
};

// In file scope: cleared when a capture file is opened or closed. Addresses of entries stay valid
// until then.
class KnownSas {
 public:
  void clear();  // then adds the SAs of the preferences
  bool empty() const { return by_addresses_.empty(); }
  // The SA with this source, or one with any source; nullptr if there is none.
  KnownSa* find(bool esp, std::uint32_t spi, const Address& source, const Address& destination);
  void add(KnownSa sa);  // replaces an SA with the same protocol, SPI and addresses

 private:
  std::deque<KnownSa> sas_;
  FileTable<LookupKey, KnownSa*, LookupKeyHash> by_addresses_;
};

KnownSas& known_sas();

// Replay check for AH or ESP around a SecCT message, under an SA whose keys the dissector does not
// have. Returns false if `sequence` is a replay.
bool accept_without_keys(bool esp, std::uint32_t spi, const Address& source,
                         const Address& destination, std::uint32_t sequence);

// Learns SAs from a message: the contexts of a SHREP or HI, the new addresses after a SHIN, the
// recomputed SPIs of a SHAK. To be called in the first pass, once per message. `frame`: its number.
void learn_from(const DecodedMessage& decoded, Handover& handover, std::uint32_t frame);

}  // namespace secct::dissector
