// SPDX-License-Identifier: GPL-2.0-or-later
// Tracking: what the other messages of the capture show about one message (its handover, its
// request or replies, retransmissions, broken rules). The engine is conversation/conversation.hpp,
// which `secct check` uses too.
//
// Two passes: epan dissects all frames once, in the order of the capture, and possibly again later
// (tshark -2, a click in Wireshark). The first pass computes a TrackingResult for each message and
// stores it with the frame, in file scope. Later passes return the stored result. A later message
// may complete the result of an earlier one (response_in); this is shown from the second pass on.
#pragma once

#include <array>
#include <type_traits>

#include "conversation/conversation.hpp"
#include "conversation/known_sas.hpp"
#include "conversation/sequence_numbers.hpp"
#include "dissector/epan/epan.hpp"
#include "protocol/decode/decoded_message.hpp"

namespace secct::dissector {

using conversation::Outcome;
using conversation::Pairing;
using conversation::RuleId;

// A broken rule. The texts are in file scope; nullptr: there is nothing to compare.
struct RuleEntry {
  RuleId rule = RuleId::count;
  const char* expected = nullptr;
  const char* actual = nullptr;
};

constexpr std::uint8_t no_status = 0xff;

struct TrackingResult {
  std::uint32_t handover = 0;     // number of the handover; 0: none
  std::uint32_t response_in = 0;  // frame numbers; 0: none
  std::uint32_t response_to = 0;
  std::uint32_t retransmission_of = 0;
  std::uint32_t copy_of = 0;
  nstime_t time{};                   // since the request
  nstime_t handover_time{};          // since the first message of the handover
  Pairing answers = Pairing::count;  // kind of the request; count: this is not a reply
  bool has_handover_time = false;
  bool wants_reply = false;
  bool begins = false;                   // this is the first message of its handover
  bool has_hidden_packets = false;       // ESP between its addresses could not be decrypted
  std::uint8_t auth_status = no_status;  // secct.auth.status: 0 bad, 1 good, 2 unverified
  Outcome outcome = Outcome::none;       // of the handover, in the message that begins or ends it
  std::uint8_t rule_count = 0;
  std::array<RuleEntry, 8> rules{};

  // Ignores further rules if the array is full.
  void add(const RuleEntry& entry) {
    if (rule_count < rules.size()) rules[rule_count++] = entry;
  }
};

// epan frees it without calling a destructor.
static_assert(std::is_trivially_destructible_v<TrackingResult>);

// The rule to show if the message is a request without a reply in the capture; RuleId::count
// otherwise, and always in the first pass, in which later frames are not known yet.
RuleId missing_reply(const TrackingResult& result, const packet_info* pinfo);

void register_tracking();  // when protocols are registered

// The tracking result of `decoded`, the message of the layer that epan dissects now. nullptr for a
// message that is not tracked: it is quoted in an ICMP error, or its addresses are not known.
//   registration  UDP payload of a Registration Request or Reply; empty for other messages
const TrackingResult* track_message(const DecodedMessage& decoded, packet_info* pinfo,
                                    View registration);

// The same for a Registration Reply without SecCT extension; nullptr if it does not answer a
// request with one. `accepted`: its code grants the registration.
const TrackingResult* track_bare_reply(const Envelope& envelope, packet_info* pinfo,
                                       std::uint32_t identification, bool accepted);

// The number of the first handover in the packet that was dissected last; 0 if it has none.
std::uint32_t handover_of(const packet_info* pinfo);

// A packet under ESP that no key opened.
void track_hidden(const Address& source, const Address& destination);

// The state of the capture file; empty when a new file is opened.
conversation::KnownSas& known_sas();
conversation::SequenceNumbers& sequence_numbers();

Time time_of(const packet_info* pinfo);  // of the frame

// Shows the result below `tree`, the tree of the message (after show_message()).
void show_tracking(const TrackingResult& result, const DecodedMessage& decoded, tvbuff_t* tvb,
                   packet_info* pinfo, proto_tree* tree);

// Adds a broken rule as an expert info to `item`.
void show_rule(const RuleEntry& entry, packet_info* pinfo, proto_item* item);

}  // namespace secct::dissector
