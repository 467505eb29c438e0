// SPDX-License-Identifier: GPL-2.0-or-later
// Sequence numbers, IVs and repetitions of the AH and ESP packets of a capture.
#pragma once

#include <list>
#include <unordered_map>
#include <vector>

#include "conversation/ipsec_header.hpp"
#include "conversation/relations.hpp"
#include "ipsec/replay_window.hpp"

namespace secct::conversation {

class SequenceNumbers {
 public:
  // Adds the rules that the header breaks to `broken`. `window` is the window of the SA in a
  // profile, before its first packet here, or nullptr. Returns the frame of the same packet,
  // captured just before on another interface; 0 if there is none. Such a copy breaks no rule.
  std::uint64_t judge(const IpsecHeader& header, std::uint64_t frame, Time time,
                      const ipsec::ReplayWindow* window, std::vector<Violation>& broken);
  // The time since which no packet of the header's SA is missing in the capture; 0 if its first
  // packet was captured too. nullopt if the SA was not judged before.
  std::optional<Time> complete_since(const IpsecHeader& header) const;
  void clear();

 private:
  struct Key {
    ipsec::IpsecProtocol protocol;
    std::uint32_t spi;
    Address source;
    Address destination;
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const;
  };
  struct Packet {
    std::uint32_t sequence = 0;
    std::uint64_t frame = 0;
    std::size_t icv = 0;  // hash
    std::size_t iv = 0;   // hash; 0: none
    Time time = 0;
  };
  static constexpr std::size_t remembered = 16;
  struct Sender {
    std::optional<ipsec::ReplayWindow> window;
    std::vector<Packet> recent;  // at most `remembered`
    std::size_t next = 0;        // in `recent`, where the next one is stored
    Time complete_since = 0;
    std::list<const Key*>::iterator place;
  };

  static void remember(Sender& from, const Packet& packet);
  static Key key_of(const IpsecHeader& header);
  Sender& sender(const IpsecHeader& header, const ipsec::ReplayWindow* window);
  static void judge_number(Sender& from, std::uint32_t sequence, Time time,
                           std::vector<Violation>& broken);

  std::unordered_map<Key, Sender, KeyHash> senders_;
  std::list<const Key*> order_;  // keys of senders_, the longest silent one first
};

}  // namespace secct::conversation
