// SPDX-License-Identifier: GPL-2.0-or-later
// The messages of SecCT and the facts about each of them (docs/wire-format.md sections 2 and 8):
// names, carrier, fields, sender and receiver, answer, protection. The rows are in messages.def.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>

#include "protocol/tables/codepoints.hpp"
#include "protocol/tables/fields.hpp"
#include "protocol/tables/steps.hpp"

namespace secct {

enum class Message : std::uint8_t {
  none,  // not a SecCT message
#define MESSAGE(id, ...) id,
#define REPLY(id, ...) id,
#include "protocol/tables/messages.def"
#undef MESSAGE
#undef REPLY
};

inline constexpr std::size_t message_count = 0
#define MESSAGE(...) +1  // NOLINT(bugprone-macro-parentheses)
#define REPLY(...) +1    // NOLINT(bugprone-macro-parentheses)
#include "protocol/tables/messages.def"
#undef MESSAGE
#undef REPLY
    ;

// A set of messages.
class MessageSet {
 public:
  constexpr MessageSet() = default;
  constexpr MessageSet(std::initializer_list<Message> messages) {
    for (const auto message : messages) insert(message);
  }

  constexpr void insert(Message message) { bits_ |= bit(message); }
  constexpr bool contains(Message message) const { return (bits_ & bit(message)) != 0; }
  constexpr bool empty() const { return bits_ == 0; }

 private:
  using Bits = std::uint32_t;
  static constexpr Bits bit(Message message) { return Bits{1} << static_cast<unsigned>(message); }
  static_assert(message_count < sizeof(Bits) * 8, "Bits is too narrow for the messages");

  Bits bits_ = 0;
};

enum class Carrier : std::uint8_t {
  icmpv6,        // from the ICMPv6 type octet to the end of the message
  dstopt,        // from the type octet of an IPv6 destination option to the end of its data
  mip4_request,  // from the type octet of a Registration Request's extension to its end
  mip4_reply     // the same of a Registration Reply
};

struct CarrierInfo {
  Carrier id;
  CodePointGroup group;  // of its type numbers
  Rule too_short;        // broken by a message that is shorter than its fixed part
};

enum class Party : std::uint8_t {
  mobile_node,
  previous_router,
  new_router,
  foreign_agent,
  any_router  // previous or new router
};

// Protection of a message (wire-format 8).
enum class RequiredProtection : std::uint8_t {
  none,
  ah,             // AH under an SA between the routers
  ah_or_esp,      // AH or ESP under an SA between the routers
  esp,            // ESP under such an SA: of keys, if confidentiality is required
  own_sa,         // AH under an SA of the mobile node with the previous router
  transferred_sa  // AH or ESP under a transferred SA, unless the transfer failed
};

// How the receiver of a message reports an invalid sub-option in it (behaviour 4).
enum class ErrorReport : std::uint8_t {
  none,             // it discards the message
  status,           // with a status
  optional_status,  // with a status, or not at all
  forwarded         // it forwards the sub-options to the previous router, which reports a status
};

struct MessageInfo {
  Message id;
  std::uint8_t number;    // value of secct.message
  const char* key;        // "SHREP-Ack"
  const char* text;       // "Seamless Handover Reply Acknowledgment"
  std::string_view name;  // "shrep-ack"
  Carrier carrier;
  CodePoint codepoint;
  Steps steps;
  std::uint8_t fixed_octets;                // the shortest message has so many octets
  std::optional<CodePoint> context_option;  // nullopt: the message itself carries sub-options
  bool context_required;                    // it is discarded without its context option
  Party sender;
  Party receiver;
  Message answered_by;  // none: it has no answer
  RequiredProtection sent_under;
  const char* protection_clause;  // "" where sent_under is none
  RequiredProtection accepted_under;
  ErrorReport error_report;
};

std::span<const MessageInfo> messages();
const CarrierInfo& carrier_info(Carrier carrier);

// Precondition (checked): `message` is not Message::none.
const MessageInfo& message_info(Message message);

// The message with this type number in `carrier`; nullopt if SecCT does not use the number there.
std::optional<Message> find_message(const CodePoints& codepoints, Carrier carrier,
                                    std::uint8_t type);

// The message with this value of secct.message; nullopt if there is none. A Registration Request
// and its reply have the same value: without `carrier` the request is found.
std::optional<Message> message_of_number(std::uint64_t number, std::optional<Carrier> carrier = {});

// The message with this name on the command line and in cases.
std::optional<Message> find_message(std::string_view name);

}  // namespace secct
