// SPDX-License-Identifier: GPL-2.0-or-later
// The fields of ICMP options and of sub-options, and the messages to which they belong.
#include <algorithm>

#include "protocol/tables/layout.hpp"
#include "protocol/tables/numbers.hpp"
#include "protocol/tables/status.hpp"

namespace secct {
namespace {

using F = Field;
using enum Extent;
namespace t = trait;

// --- ICMP options, wire-format 4

// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |     Type      |   Sub-Type    |  Length = 3   | Prefix Length |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                            Reserved                           |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                    IPv6 address (128 bits)                    |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
constexpr Step ip_address_steps[] = {
    {.field = F::opt_type, .octets = 1, .fill = Fill::type},
    {.field = F::opt_subtype,
     .octets = 1,
     .fill = Fill::constant,
     .constant = address_subtype::old_care_of},
    {.field = F::opt_length, .octets = 1, .fill = Fill::units},
    {.field = F::opt_prefix_length, .octets = 1, .fill = Fill::prefix},
    {.field = F::reserved32, .octets = 4},
    {.field = F::opt_address, .octets = 16},
    {.field = F::raw, .extent = rest},
};

// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |     Type      |   Sub-Type    |    Length     |   LLA ...        zero-padded to 8 octets
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
constexpr Step lla_steps[] = {
    {.field = F::opt_type, .octets = 1, .fill = Fill::type},
    {.field = F::opt_subtype,
     .octets = 1,
     .fill = Fill::constant,
     .constant = lla_subtype::mobile_node},
    {.field = F::opt_length, .octets = 1, .fill = Fill::units},
    {.field = F::opt_lla, .extent = rest},
};

// SHREQ, SHREP, U-SHREP
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |     Type      |    Length     |           Reserved            |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                New IP address, Naddr (128 bits)               |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |             Previous IP address, Paddr (128 bits)             |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |   sub-options ...                      Pad1 to a multiple of 8
// +-+-+-+-+-+-+-+-
constexpr Step context_option_steps[] = {
    {.field = F::opt_type, .octets = 1, .fill = Fill::type},
    {.field = F::opt_length, .octets = 1, .fill = Fill::units},
    {.field = F::reserved, .octets = 2},
    {.field = F::naddr, .octets = 16},
    {.field = F::paddr, .octets = 16},
    {.field = F::sub_options, .extent = Extent::sub_options},
};

// SHREP-Ack
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |     Type      |    Length     |S|          Reserved           |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                New IP address, Naddr (128 bits)               |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |             Previous IP address, Paddr (128 bits)             |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |   SecCT-Stat sub-options ...           Pad1 to a multiple of 8
// +-+-+-+-+-+-+-+-
constexpr Step shrep_ack_option_steps[] = {
    {.field = F::opt_type, .octets = 1, .fill = Fill::type},
    {.field = F::opt_length, .octets = 1, .fill = Fill::units},
    {.field = F::all_received, .octets = 2, .extent = bit_of_next},
    {.field = F::reserved, .octets = 2, .mask = 0x7fff},
    {.field = F::naddr, .octets = 16},
    {.field = F::paddr, .octets = 16},
    {.field = F::sub_options, .extent = Extent::sub_options},
};

// --- sub-options, wire-format 6

// AuthPrtr, wire-format 6.1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |     Type      |    Len = 8    |   Reserved    |    Replay     |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                      Authentication token                     |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
constexpr Step auth_steps[] = {
    {.field = F::subopt_type, .octets = 1, .fill = Fill::type},
    {.field = F::subopt_length, .octets = 1, .fill = Fill::length},
    {.field = F::reserved, .octets = 1},
    {.field = F::auth_replay, .octets = 1},
    {.field = F::auth_token, .octets = 4},
};

// SecCT-rep, wire-format 6.2
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |     Type      |      Len      |              SPT              |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |   security profile ...            then further pairs of SPT and profile
// +-+-+-+-+-+-+-+-
constexpr Step rep_steps[] = {
    {.field = F::subopt_type, .octets = 1, .fill = Fill::type},
    {.field = F::subopt_length, .octets = 1, .fill = Fill::length},
    {.field = F::contexts, .extent = Extent::contexts},
};

// SecCT-req, wire-format 6.3
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |     Type      |      Len      |   Reserved    |    Req-SPT    |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |   [Source IP identity]  [Source private ID] ...
// |   [Destination IP identity]  [Destination private ID] ...
// |   [Protocol flags]  [SPI ...] ...
// |   [Ports]     |   [Port ID ...] ...
// +-+-+-+-+-+-+-+-
constexpr Step req_steps[] = {
    {.field = F::subopt_type, .octets = 1, .fill = Fill::type},
    {.field = F::subopt_length, .octets = 1, .fill = Fill::length},
    {.field = F::reserved, .octets = 1},
    {.field = F::req_spt, .octets = 1, .fill = Fill::constant, .constant = 1},
    {.field = F::req_form, .extent = subfield},
    {.field = F::req_source, .octets = 16, .when = t::source, .unless = t::source_v4},
    {.field = F::req_source_v4, .octets = 4, .when = t::source | t::source_v4},
    {.field = F::req_source_private_id, .octets = 4, .when = t::source_private},
    {.field = F::req_destination, .octets = 16, .when = t::destination, .unless = t::source_v4},
    {.field = F::req_destination_v4, .octets = 4, .when = t::destination | t::source_v4},
    {.field = F::req_destination_private_id, .octets = 4, .when = t::destination_private},
    {.field = F::req_flags, .extent = spis, .when = t::spis},
    {.field = F::req_ports, .octets = 1, .fill = Fill::port_count, .when = t::spis},
    {.field = F::req_port, .octets = 2, .extent = Extent::values, .when = t::spis},
};

// SecCT-ack, wire-format 6.4
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |     Type      |      Len      |   Reserved    |  Changed-SPT  |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                      SPI known to the MN                      |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |   [Peer address]  [Lifetime]  [Current sequence number] ...
// |  [Window Size]|   [Anti-replay window] ...
// |   [Path MTU] ...
// +-+-+-+-+-+-+-+-
constexpr Step ack_steps[] = {
    {.field = F::subopt_type, .octets = 1, .fill = Fill::type},
    {.field = F::subopt_length, .octets = 1, .fill = Fill::length},
    {.field = F::reserved, .octets = 1},
    {.field = F::ack_changed, .octets = 1, .fill = Fill::changed},
    {.field = F::ack_changed_spi, .extent = subfield},
    {.field = F::ack_changed_peer, .extent = subfield},
    {.field = F::ack_changed_lifetime, .extent = subfield},
    {.field = F::ack_changed_sequence, .extent = subfield},
    {.field = F::ack_changed_window, .extent = subfield},
    {.field = F::ack_changed_renegotiate, .extent = subfield},
    {.field = F::ack_changed_pmtu, .extent = subfield},
    {.field = F::ack_changed_v4, .extent = subfield},
    {.field = F::ack_spi, .octets = 4},
    {.field = F::ack_peer, .octets = 16, .when = t::changed_peer, .unless = t::changed_v4},
    {.field = F::ack_peer_v4, .octets = 4, .when = t::changed_peer | t::changed_v4},
    {.field = F::ack_lifetime, .octets = 4, .when = t::changed_lifetime},
    {.field = F::ack_sequence, .octets = 4, .when = t::changed_sequence},
    {.field = F::ack_window_size,
     .octets = 1,
     .fill = Fill::window_size,
     .when = t::changed_window},
    {.field = F::ack_window, .extent = window, .when = t::changed_window},
    {.field = F::ack_pmtu, .octets = 4, .when = t::changed_pmtu},
};

// SecCT-Stat, wire-format 6.5
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |     Type      |      Len      |   Reserved    |  Status-Code  |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |   Reason ...
// +-+-+-+-+-+-+-+-
constexpr Step stat_steps[] = {
    {.field = F::subopt_type, .octets = 1, .fill = Fill::type},
    {.field = F::subopt_length, .octets = 1, .fill = Fill::length},
    {.field = F::reserved, .octets = 1},
    {.field = F::status, .octets = 1, .fill = Fill::constant, .constant = status::ok},
    {.field = F::reason, .extent = rest},
};

using C = CodePoint;
using M = Message;

constexpr OptionRow option_rows[] = {
    {C::icmpopt_ip_address, ip_address_steps, {M::hi, M::hack}},
    {C::icmpopt_lla, lla_steps, {M::hi}},
    // Context options: the messages are listed in messages.def.
    {C::icmpopt_shreq, context_option_steps},
    {C::icmpopt_shrep, context_option_steps},
    {C::icmpopt_ushrep, context_option_steps},
    {C::icmpopt_shrep_ack, shrep_ack_option_steps},
};

constexpr SubOptionRow sub_option_rows[] = {
    {C::subopt_auth_prtr, auth_steps, {M::shin, M::shreq, M::hi, M::mip4_request}},
    {C::subopt_rep, rep_steps, {M::shrep, M::hi}},
    {C::subopt_req, req_steps, {M::shin, M::pshin, M::shreq, M::mip4_request}},
    {C::subopt_ack, ack_steps, {M::shak}},
    {C::subopt_stat, stat_steps, {M::shak, M::shrep, M::hack, M::shrep_ack, M::mip4_reply}},
};

template <class Rows>
auto find_row(const Rows& rows, CodePoint id) {
  const auto* found = std::ranges::find_if(rows, [&](const auto& r) { return r.id == id; });
  return found == std::end(rows) ? nullptr : found;
}

}  // namespace

bool OptionRow::belongs_to(Message message) const {
  return is_context() ? message_info(message).context_option == id : messages.contains(message);
}

std::span<const OptionRow> options() { return option_rows; }
const OptionRow* find_option(CodePoint id) { return find_row(option_rows, id); }
std::span<const SubOptionRow> sub_options() { return sub_option_rows; }
const SubOptionRow* find_sub_option(CodePoint id) { return find_row(sub_option_rows, id); }
bool may_contain(Message message, CodePoint sub_option) {
  const auto* found = find_sub_option(sub_option);
  return found != nullptr && found->messages.contains(message);
}

std::optional<std::uint16_t> req_traits(std::uint8_t req_spt) {
  constexpr unsigned v4 = 0x10;
  constexpr unsigned source_id = 0x20;
  constexpr unsigned destination_id = 0x40;
  struct Form {
    std::uint16_t traits;
    unsigned flags;  // flags that this form allows
  };
  constexpr Form forms[] = {
      {0, 0},
      {t::destination | t::spis, v4 | destination_id},
      {t::spis, 0},
      {t::source | t::destination | t::spis, v4 | source_id | destination_id},
  };
  const unsigned number = req_spt & 0x0fU;
  if (number < 1 || number > 4) return std::nullopt;
  const auto& form = forms[number - 1];
  const unsigned flags = req_spt & 0x70U;
  if ((flags & ~form.flags) != 0) return std::nullopt;
  unsigned traits = form.traits;
  if ((flags & v4) != 0) traits |= t::source_v4;
  if ((flags & source_id) != 0) traits |= t::source_private;
  if ((flags & destination_id) != 0) traits |= t::destination_private;
  return static_cast<std::uint16_t>(traits);
}

}  // namespace secct
