// SPDX-License-Identifier: GPL-2.0-or-later
// The fields of each message and the message table.
#include "protocol/tables/messages.hpp"

#include <algorithm>
#include <cassert>
#include <string>

namespace secct {
namespace {

using F = Field;
using enum Extent;

// --- ICMPv6 messages, wire-format 3

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |     Type      |     Code      |          Checksum             |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |          Identifier           |S|U|         Reserved          |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |   ICMP options ...
// +-+-+-+-+-+-+-+-
constexpr Step hi_steps[] = {
    {.field = F::message, .octets = 1, .fill = Fill::type},
    {.field = F::code, .octets = 1},
    {.field = F::raw, .octets = 2, .extent = of_carrier},  // Checksum
    {.field = F::identifier, .octets = 2},
    {.field = F::flag_s, .octets = 2, .extent = bit_of_next},
    {.field = F::flag_u, .octets = 2, .extent = bit_of_next},
    {.field = F::reserved, .octets = 2, .mask = 0x3fff},
    {.field = F::options, .extent = options},
};

// HAck, SHREQ, SHREP, SHREP-Ack
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |     Type      |     Code      |          Checksum             |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |          Identifier           |           Reserved            |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |   ICMP options ...
// +-+-+-+-+-+-+-+-
constexpr Step icmpv6_steps[] = {
    {.field = F::message, .octets = 1, .fill = Fill::type},
    {.field = F::code, .octets = 1},
    {.field = F::raw, .octets = 2, .extent = of_carrier},  // Checksum
    {.field = F::identifier, .octets = 2},
    {.field = F::reserved, .octets = 2},
    {.field = F::options, .extent = options},
};

// --- IPv6 destination options, wire-format 5

// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |  Option Type  | Opt Data Len  |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |               Previous IP address, Paddr (128 bits)           |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                      PR address (128 bits)                    |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |   sub-options ...
// +-+-+-+-+-+-+-+-
constexpr Step shin_steps[] = {
    {.field = F::message, .octets = 1, .fill = Fill::type},
    {.field = F::raw, .octets = 1, .extent = of_carrier, .fill = Fill::data_length},
    {.field = F::paddr, .octets = 16},
    {.field = F::router, .octets = 16},
    {.field = F::sub_options, .extent = sub_options},
};

// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |  Option Type  | Opt Data Len  |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                 New IP address, Naddr (128 bits)              |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                      NR address (128 bits)                    |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |   sub-options ...
// +-+-+-+-+-+-+-+-
constexpr Step pshin_steps[] = {
    {.field = F::message, .octets = 1, .fill = Fill::type},
    {.field = F::raw, .octets = 1, .extent = of_carrier, .fill = Fill::data_length},
    {.field = F::naddr, .octets = 16},
    {.field = F::router, .octets = 16},
    {.field = F::sub_options, .extent = sub_options},
};

// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-
// |  Option Type  | Opt Data Len  |   sub-options ...
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-
constexpr Step shak_steps[] = {
    {.field = F::message, .octets = 1, .fill = Fill::type},
    {.field = F::raw, .octets = 1, .extent = of_carrier, .fill = Fill::data_length},
    {.field = F::sub_options, .extent = sub_options},
};

// --- Mobile IPv4 extension, wire-format 9

// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |     Type      |    Length     |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |         PR address (128 bits), IPv6 or IPv4-mapped            |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                     Old care-of address                       |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |   sub-options ...
// +-+-+-+-+-+-+-+-
constexpr Step mip4_request_steps[] = {
    {.field = F::message, .octets = 1, .fill = Fill::type},
    {.field = F::mip4_length, .octets = 1, .fill = Fill::data_length},
    {.field = F::mip4_router, .octets = 16},
    {.field = F::mip4_old_coa, .octets = 4},
    {.field = F::sub_options, .extent = sub_options},
};

// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-
// |     Type      |    Length     |   sub-options ...
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-
constexpr Step mip4_reply_steps[] = {
    {.field = F::message, .octets = 1, .fill = Fill::type},
    {.field = F::mip4_length, .octets = 1, .fill = Fill::data_length},
    {.field = F::sub_options, .extent = sub_options},
};

constexpr CarrierInfo carriers[] = {
    {Carrier::icmpv6, CodePointGroup::icmpv6, Rule::message_short},
    {Carrier::dstopt, CodePointGroup::dstopt, Rule::dstopt_short},
    {Carrier::mip4_request, CodePointGroup::mip4ext, Rule::mip4_short},
    {Carrier::mip4_reply, CodePointGroup::mip4ext, Rule::mip4_short},
};

// The columns `context` and `presence` of messages.def.
constexpr std::optional<CodePoint> context_of(CodePoint option) { return option; }
constexpr std::optional<CodePoint> context_of(std::nullopt_t) { return std::nullopt; }
namespace presence {
constexpr bool optional = false;
constexpr bool required = true;
}  // namespace presence
namespace context {
using enum CodePoint;
constexpr auto none = std::nullopt;
}  // namespace context

struct Names {
  std::uint8_t number;
  const char* key;
  const char* text;
};
#define MESSAGE(id, number, key, text, ...) constexpr Names names_of_##id{number, key, text};
#define REPLY(id, of, ...) constexpr Names names_of_##id = names_of_##of;
#include "protocol/tables/messages.def"
#undef MESSAGE
#undef REPLY

#define ROW(id, name, carrier, codepoint, steps, option, presence_, sender, receiver, answer, \
            sent_under, clause, accepted_under, report)                                       \
  {Message::id,                                                                               \
   names_of_##id.number,                                                                      \
   names_of_##id.key,                                                                         \
   names_of_##id.text,                                                                        \
   name,                                                                                      \
   Carrier::carrier,                                                                          \
   CodePoint::codepoint,                                                                      \
   steps,                                                                                     \
   fixed_octets(steps),                                                                       \
   context_of(context::option),                                                               \
   presence::presence_,                                                                       \
   Party::sender,                                                                             \
   Party::receiver,                                                                           \
   Message::answer,                                                                           \
   RequiredProtection::sent_under,                                                            \
   clause,                                                                                    \
   RequiredProtection::accepted_under,                                                        \
   ErrorReport::report},
constexpr MessageInfo message_rows[] = {
#define MESSAGE(id, number, key, text, ...) ROW(id, __VA_ARGS__)
#define REPLY(id, of, ...) ROW(id, __VA_ARGS__)
#include "protocol/tables/messages.def"
#undef MESSAGE
#undef REPLY
};
#undef ROW
static_assert(std::size(message_rows) == message_count);

}  // namespace

std::span<const MessageInfo> messages() { return message_rows; }

const CarrierInfo& carrier_info(Carrier carrier) {
  const auto index = static_cast<std::size_t>(carrier);
  assert(index < std::size(carriers));
  return carriers[index];
}

const MessageInfo& message_info(Message message) {
  const auto index = static_cast<std::size_t>(message);  // 0: Message::none
  assert(index >= 1 && index <= message_count);
  return message_rows[index - 1];
}

std::optional<Message> find_message(const CodePoints& codepoints, Carrier carrier,
                                    std::uint8_t type) {
  const auto codepoint = codepoints.find(carrier_info(carrier).group, type);
  if (!codepoint) return std::nullopt;
  const auto* found = std::ranges::find_if(message_rows, [&](const auto& info) {
    return info.codepoint == *codepoint && info.carrier == carrier;
  });
  if (found == std::end(message_rows)) return std::nullopt;
  return found->id;
}

std::optional<Message> message_of_number(std::uint64_t number, std::optional<Carrier> carrier) {
  const auto* found = std::ranges::find_if(message_rows, [&](const auto& info) {
    return info.number == number && info.carrier == carrier.value_or(info.carrier);
  });
  if (found == std::end(message_rows)) return std::nullopt;
  return found->id;
}

std::optional<Message> find_message(std::string_view name) {
  const auto* found = std::ranges::find(message_rows, name, &MessageInfo::name);
  if (found == std::end(message_rows)) return std::nullopt;
  return found->id;
}

}  // namespace secct
