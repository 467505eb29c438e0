// SPDX-License-Identifier: GPL-2.0-or-later
// Tracking: what the other messages of the capture show about one message (its handover, its
// request or replies, retransmissions, findings).
//
// Two passes: epan dissects all frames once, in the order of the capture, and possibly again later
// (tshark -2, a click in Wireshark). The first pass computes a TrackingResult for each message and
// stores it with the frame, in file scope. Later passes return the stored result. A reply adds
// response_in to the results of its requests; it is therefore shown from the second pass on.
#pragma once

#include <array>
#include <type_traits>

#include "dissector/epan/epan.hpp"
#include "dissector/epan/findings.hpp"
#include "protocol/decode/decoded_message.hpp"

namespace secct::dissector {

// The kinds of request, by their names in docs/wire-format.md; the replies are HAck, SHREP,
// SHREP-Ack, SHAK (to SHIN and P-SHIN) and Registration Reply.
enum class RequestKind : std::uint8_t { hi, shreq, shrep, shin, pshin, registration, count };

struct FindingEntry {
  Finding finding = Finding::count;
  bool has_numbers = false;  // show "expected ..., found ..."
  std::uint32_t expected = 0;
  std::uint32_t actual = 0;
};

enum class Outcome : std::uint8_t { none, begun, completed, failed };

constexpr std::uint8_t no_status = 0xff;

struct TrackingResult {
  std::uint32_t handover = 0;     // number of the handover; 0: none
  std::uint32_t response_in = 0;  // frame numbers; 0: none
  std::uint32_t response_to = 0;
  std::uint32_t retransmission_of = 0;
  nstime_t time{};                           // since the request
  nstime_t handover_time{};                  // since the first message of the handover
  RequestKind answers = RequestKind::count;  // kind of the request; count: this is not a reply
  bool has_handover_time = false;
  bool wants_reply = false;
  bool begins = false;                   // this is the first message of its handover
  std::uint8_t auth_status = no_status;  // secct.auth.status: 0 bad, 1 good, 2 unverified
  Outcome outcome = Outcome::none;       // of the handover, in the message that begins or ends it
  std::uint8_t finding_count = 0;
  std::array<FindingEntry, 6> findings{};

  void add(Finding finding) { add({finding, false, 0, 0}); }
  // Ignores further findings if the array is full.
  void add(const FindingEntry& entry) {
    if (finding_count < findings.size()) findings[finding_count++] = entry;
  }
};

// epan frees it without calling a destructor.
static_assert(std::is_trivially_destructible_v<TrackingResult>);

// True if the message is a request and the capture has no reply to it. Always false in the first
// pass, in which later frames are not known yet.
inline bool is_unanswered(const TrackingResult& result, const packet_info* pinfo) {
  return result.wants_reply && result.response_in == 0 && PINFO_FD_VISITED(pinfo) != 0;
}

void register_tracking();  // when protocols are registered

// The tracking result of `decoded`, the message of the layer that epan dissects now. nullptr for a
// message that is not tracked: it is quoted in an ICMP error, or its addresses are not known.
//   identification  of a Registration Request or Reply, the low 32 bits
const TrackingResult* track_message(const DecodedMessage& decoded, packet_info* pinfo,
                                    std::uint32_t identification);

// True if the frames so far have a Registration Request with SecCT that a reply with these
// addresses and this Identification answers, whether or not a reply came before. For the first
// pass.
bool has_registration_request(const Envelope& envelope, std::uint32_t identification);

// The number of the first handover in the packet that was dissected last; 0 if it has none.
std::uint32_t handover_of(const packet_info* pinfo);

// Shows the result below `tree`, the tree of the message (after show_message()).
void show_tracking(const TrackingResult& result, const DecodedMessage& decoded, tvbuff_t* tvb,
                   packet_info* pinfo, proto_tree* tree);

// Adds one finding as an expert info to `item`.
void show_finding(Finding finding, packet_info* pinfo, proto_item* item);

}  // namespace secct::dissector
