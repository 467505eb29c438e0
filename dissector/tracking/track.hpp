// SPDX-License-Identifier: GPL-2.0-or-later
// What the other frames of a capture say about one message. It is found out when a frame is read
// for the first time and kept with the frame: later passes and clicks show the same.
#pragma once

#include <array>
#include <type_traits>

#include "dissector/epan/epan.hpp"
#include "dissector/epan/findings.hpp"
#include "protocol/decode/decoded_message.hpp"

namespace secct::dissector {

// Requests and their replies; for statistics too.
enum class Pairing : std::uint8_t { hi, shreq, shrep, shin, pshin, registration, count };

struct Found {
  Finding finding = Finding::count;
  bool has_numbers = false;
  std::uint32_t expected = 0;
  std::uint32_t actual = 0;
};

enum class Outcome : std::uint8_t { none, begun, completed, failed };

constexpr std::uint8_t no_status = 0xff;

struct Track {
  std::uint32_t handover = 0;     // number, 0 = belongs to none
  std::uint32_t response_in = 0;  // frames, 0 = none
  std::uint32_t response_to = 0;
  std::uint32_t retransmission_of = 0;
  nstime_t time{};
  nstime_t handover_time{};
  Pairing answers = Pairing::count;  // the kind of request that this replies to
  bool has_handover_time = false;
  bool wants_reply = false;
  bool begins = false;                   // the first message of its handover
  std::uint8_t auth_status = no_status;  // secct.auth.status
  Outcome outcome = Outcome::none;       // of a SHAK or Registration Reply
  std::uint8_t found_count = 0;
  std::array<Found, 6> found{};

  void add(Finding finding) { add({finding, false, 0, 0}); }
  void add(const Found& one) {
    if (found_count < found.size()) found[found_count++] = one;
  }
};

// epan frees it without a destructor.
static_assert(std::is_trivially_destructible_v<Track>);

// Whether nobody replied: known when the whole capture was read.
inline bool lacks_reply(const Track& track, const packet_info* pinfo) {
  return track.wants_reply && track.response_in == 0 && PINFO_FD_VISITED(pinfo) != 0;
}

void register_tracking();  // when protocols are registered

// The track of the message on `decoded`, which is the one that epan calls dissectors for now;
// nothing for a message that is not tracked.
const Track* track(const DecodedMessage& decoded, packet_info* pinfo, std::uint32_t identification);

// Whether a request waits for, or got, a Registration Reply with these addresses and
// Identification.
bool is_asked_for(const Envelope& envelope, std::uint32_t identification);

// The number of the first handover in the packet that was dissected last; 0 where it has none.
std::uint32_t handover_of(const packet_info* pinfo);

// Shows what it says below `tree`, the message's.
void show(const Track& track, const DecodedMessage& decoded, tvbuff_t* tvb, packet_info* pinfo,
          proto_tree* tree);

// One finding as an expert info on `item`.
void show(Finding finding, packet_info* pinfo, proto_item* item);

}  // namespace secct::dissector
