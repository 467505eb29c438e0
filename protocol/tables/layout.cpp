// SPDX-License-Identifier: GPL-2.0-or-later
// The tables of the wire. Each row is one line of a diagram in docs/wire-format.md.
#include "protocol/tables/layout.hpp"

#include <algorithm>

#include "protocol/tables/status.hpp"

namespace secct {
namespace {

using F = Field;
using enum Extent;
namespace t = trait;

// --- section 3: ICMPv6 messages, from the type octet on
constexpr Step hi_steps[] = {
    {.field = F::message, .octets = 1, .fill = Fill::type},
    {.field = F::code, .octets = 1},
    {.field = F::raw, .octets = 2, .extent = foreign},  // ICMPv6 checksum
    {.field = F::identifier, .octets = 2},
    {.field = F::flag_s, .octets = 2, .extent = bit_of_next},
    {.field = F::flag_u, .octets = 2, .extent = bit_of_next},
    {.field = F::reserved, .octets = 2, .mask = 0x3fff},
    {.field = F::options, .extent = Extent::options},
};
constexpr Step icmp_steps[] = {
    {.field = F::message, .octets = 1, .fill = Fill::type},
    {.field = F::code, .octets = 1},
    {.field = F::raw, .octets = 2, .extent = foreign},
    {.field = F::identifier, .octets = 2},
    {.field = F::reserved, .octets = 2},
    {.field = F::options, .extent = Extent::options},
};

// --- section 4: ICMP options
constexpr Step ip_address_steps[] = {
    {.field = F::opt_type, .octets = 1, .fill = Fill::type},
    {.field = F::opt_subtype, .octets = 1, .fill = Fill::constant, .constant = 1},
    {.field = F::opt_length, .octets = 1, .fill = Fill::units},
    {.field = F::opt_prefix_length, .octets = 1, .fill = Fill::prefix},
    {.field = F::reserved32, .octets = 4},
    {.field = F::opt_address, .octets = 16},
    {.field = F::raw, .extent = rest},
};
constexpr Step lla_steps[] = {
    {.field = F::opt_type, .octets = 1, .fill = Fill::type},
    {.field = F::opt_subtype, .octets = 1, .fill = Fill::constant, .constant = 2},
    {.field = F::opt_length, .octets = 1, .fill = Fill::units},
    {.field = F::opt_lla, .extent = rest},
};
constexpr Step context_option_steps[] = {
    {.field = F::opt_type, .octets = 1, .fill = Fill::type},
    {.field = F::opt_length, .octets = 1, .fill = Fill::units},
    {.field = F::reserved, .octets = 2},
    {.field = F::naddr, .octets = 16},
    {.field = F::paddr, .octets = 16},
    {.field = F::sub_options, .extent = Extent::sub_options},
};
constexpr Step shrep_ack_option_steps[] = {
    {.field = F::opt_type, .octets = 1, .fill = Fill::type},
    {.field = F::opt_length, .octets = 1, .fill = Fill::units},
    {.field = F::all_received, .octets = 2, .extent = bit_of_next},
    {.field = F::reserved, .octets = 2, .mask = 0x7fff},
    {.field = F::naddr, .octets = 16},
    {.field = F::paddr, .octets = 16},
    {.field = F::sub_options, .extent = Extent::sub_options},
};

// --- section 5: IPv6 destination options, from the option type octet on
constexpr Step shin_steps[] = {
    {.field = F::message, .octets = 1, .fill = Fill::type},
    {.field = F::raw, .octets = 1, .extent = foreign, .fill = Fill::data_length},
    {.field = F::paddr, .octets = 16},
    {.field = F::router, .octets = 16},
    {.field = F::sub_options, .extent = Extent::sub_options},
};
constexpr Step pshin_steps[] = {
    {.field = F::message, .octets = 1, .fill = Fill::type},
    {.field = F::raw, .octets = 1, .extent = foreign, .fill = Fill::data_length},
    {.field = F::naddr, .octets = 16},
    {.field = F::router, .octets = 16},
    {.field = F::sub_options, .extent = Extent::sub_options},
};
constexpr Step shak_steps[] = {
    {.field = F::message, .octets = 1, .fill = Fill::type},
    {.field = F::raw, .octets = 1, .extent = foreign, .fill = Fill::data_length},
    {.field = F::sub_options, .extent = Extent::sub_options},
};

// --- section 9: Mobile IPv4 extension, from its type octet on
constexpr Step mip4_request_steps[] = {
    {.field = F::message, .octets = 1, .fill = Fill::type},
    {.field = F::mip4_length, .octets = 1, .fill = Fill::data_length},
    {.field = F::mip4_router, .octets = 16},
    {.field = F::mip4_old_coa, .octets = 4},
    {.field = F::sub_options, .extent = Extent::sub_options},
};
constexpr Step mip4_reply_steps[] = {
    {.field = F::message, .octets = 1, .fill = Fill::type},
    {.field = F::mip4_length, .octets = 1, .fill = Fill::data_length},
    {.field = F::sub_options, .extent = Extent::sub_options},
};

// --- section 6: sub-options
constexpr Step auth_steps[] = {
    {.field = F::subopt_type, .octets = 1, .fill = Fill::type},
    {.field = F::subopt_length, .octets = 1, .fill = Fill::length},
    {.field = F::reserved, .octets = 1},
    {.field = F::auth_replay, .octets = 1},
    {.field = F::auth_token, .octets = 4},
};
constexpr Step rep_steps[] = {
    {.field = F::subopt_type, .octets = 1, .fill = Fill::type},
    {.field = F::subopt_length, .octets = 1, .fill = Fill::length},
    {.field = F::contexts, .extent = Extent::contexts},
};
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
constexpr Step stat_steps[] = {
    {.field = F::subopt_type, .octets = 1, .fill = Fill::type},
    {.field = F::subopt_length, .octets = 1, .fill = Fill::length},
    {.field = F::reserved, .octets = 1},
    {.field = F::status, .octets = 1, .fill = Fill::constant, .constant = status::ok},
    {.field = F::reason, .extent = rest},
};

// --- section 7.1: the SPT; protocol, mode and algorithm are implied by SPTs 1 to 10
constexpr Step spt_head[] = {
    {.field = F::spt, .octets = 2},
    {.field = F::spt_structured, .extent = subfield},
    {.field = F::spt_protocol, .extent = subfield},
    {.field = F::spt_mode, .extent = subfield},
    {.field = F::spt_algorithm, .extent = subfield},
    {.field = F::spt_source_v4, .extent = subfield},
    {.field = F::spt_destination_v4, .extent = subfield},
    {.field = F::spt_source_private, .extent = subfield},
    {.field = F::spt_destination_private, .extent = subfield},
    {.field = F::spt_megabytes, .extent = subfield},
    {.field = F::spt_static_profile, .extent = subfield},
    {.field = F::spt_additional, .extent = subfield},
};

// --- section 7.2: security profile, from its Length field on
constexpr Step sa_steps[] = {
    {.field = F::sa_length, .octets = 1, .fill = Fill::profile},
    {.field = F::reserved, .octets = 1},
    {.field = F::sa_protocol, .octets = 1},
    {.field = F::sa_window_size, .octets = 1, .fill = Fill::window_size},
    {.field = F::sa_source, .octets = 16, .unless = t::source_v4},
    {.field = F::sa_source_v4, .octets = 4, .when = t::source_v4},
    {.field = F::sa_source_private_id, .octets = 4, .when = t::source_private},
    {.field = F::sa_destination, .octets = 16, .unless = t::destination_v4},
    {.field = F::sa_destination_v4, .octets = 4, .when = t::destination_v4},
    {.field = F::sa_destination_private_id, .octets = 4, .when = t::destination_private},
    {.field = F::sa_spi, .octets = 4},
    {.field = F::sa_sequence, .octets = 4},
    {.field = F::sa_lifetime, .octets = 4},
    {.field = F::sa_window, .extent = window},
    {.field = F::sa_source_port, .octets = 2},
    {.field = F::sa_destination_port, .octets = 2},
    {.field = F::sa_key_length, .octets = 1, .fill = Fill::key_length},
    {.field = F::sa_key, .extent = key},
    {.field = F::sa_block_size, .octets = 1, .fill = Fill::block_size, .when = t::aes},
    {.field = F::sa_key_rounds, .octets = 1, .fill = Fill::key_rounds, .when = t::aes},
    {.field = F::sa_iv, .octets = 8, .when = t::iv8},
    {.field = F::sa_iv, .octets = 16, .when = t::aes},
    {.field = F::additional, .extent = Extent::additional, .when = t::additional},
    {.field = F::static_profile, .extent = Extent::static_profile, .when = t::static_profile},
};

// --- section 7.3: additional security data
constexpr Step data_head[] = {
    {.field = F::data_type, .octets = 1},
    {.field = F::data_length, .octets = 1, .fill = Fill::data_length},
};
constexpr Step auth_value[] = {
    {.field = F::data_auth_algorithm, .octets = 1, .fill = Fill::constant, .constant = 1},
    {.field = F::data_auth_key, .extent = rest},
};
constexpr Step overflow_value[] = {{.field = F::data_overflow, .octets = 1}};
constexpr Step pmtu_value[] = {{.field = F::data_pmtu, .octets = 4}};
constexpr Step iv_mode_value[] = {{.field = F::data_iv_mode, .octets = 1}};
constexpr Step dscp_value[] = {{.field = F::data_dscp, .octets = 1}};
constexpr Step name_value[] = {{.field = F::data_name, .extent = rest}};
constexpr Step sensitivity_value[] = {{.field = F::data_sensitivity, .octets = 1}};
constexpr Step source_ports_value[] = {{.field = F::data_source_port_low, .octets = 2},
                                       {.field = F::data_source_port_high, .octets = 2}};
constexpr Step destination_ports_value[] = {{.field = F::data_destination_port_low, .octets = 2},
                                            {.field = F::data_destination_port_high, .octets = 2}};
constexpr Step source_prefix_value[] = {{.field = F::data_source_prefix, .octets = 1}};
constexpr Step destination_prefix_value[] = {{.field = F::data_destination_prefix, .octets = 1}};

constexpr DataRow data_rows[] = {
    {1, auth_value},
    {2, overflow_value},
    {3, pmtu_value},
    {4, iv_mode_value},
    {128, dscp_value},
    {129, name_value},
    {130, sensitivity_value},
    {131, source_ports_value},
    {132, destination_ports_value},
    {133, source_prefix_value},
    {134, destination_prefix_value},
};

// --- section 7.4: static profile
constexpr Step preference_head[] = {
    {.field = F::preference_type, .octets = 1},
    {.field = F::preference_length, .octets = 1, .fill = Fill::data_length},
    {.field = F::preference_value, .octets = 1, .extent = Extent::values},
};

using C = CodePoint;
using M = Message;

constexpr MessageInfo message_rows[] = {
    {M::hi, C::icmpv6_hi, Carrier::icmpv6, hi_steps, C::icmpopt_ushrep, false},
    {M::hack, C::icmpv6_hack, Carrier::icmpv6, icmp_steps, C::icmpopt_shrep_ack, false},
    {M::shreq, C::icmpv6_shreq, Carrier::icmpv6, icmp_steps, C::icmpopt_shreq, true},
    {M::shrep, C::icmpv6_shrep, Carrier::icmpv6, icmp_steps, C::icmpopt_shrep, true},
    {M::shrep_ack, C::icmpv6_shrep_ack, Carrier::icmpv6, icmp_steps, C::icmpopt_shrep_ack, true},
    {M::shin, C::dstopt_shin, Carrier::dstopt, shin_steps, {}, false},
    {M::pshin, C::dstopt_pshin, Carrier::dstopt, pshin_steps, {}, false},
    {M::shak, C::dstopt_shak, Carrier::dstopt, shak_steps, {}, false},
    {M::mip4, C::mip4ext_secct, Carrier::mip4_request, mip4_request_steps, {}, false},
};

constexpr MessageSet hi_hack = in(M::hi) | in(M::hack);

constexpr OptionRow option_rows[] = {
    {C::icmpopt_ip_address, ip_address_steps, 24, hi_hack, false},
    {C::icmpopt_lla, lla_steps, 3, in(M::hi), false},
    {C::icmpopt_shreq, context_option_steps, 36, in(M::shreq), true},
    {C::icmpopt_shrep, context_option_steps, 36, in(M::shrep), true},
    {C::icmpopt_ushrep, context_option_steps, 36, in(M::hi), true},
    {C::icmpopt_shrep_ack, shrep_ack_option_steps, 36, in(M::hack) | in(M::shrep_ack), true},
};

constexpr SubOptionRow sub_option_rows[] = {
    {C::subopt_auth_prtr, auth_steps, 8, in(M::shin) | in(M::shreq) | in(M::hi) | in(M::mip4)},
    {C::subopt_rep, rep_steps, 2, in(M::shrep) | in(M::hi)},
    {C::subopt_req, req_steps, 4, in(M::shin) | in(M::pshin) | in(M::shreq) | in(M::mip4)},
    {C::subopt_ack, ack_steps, 8, in(M::shak)},
    {C::subopt_stat, stat_steps, 4,
     in(M::shak) | in(M::shrep) | in(M::hack) | in(M::shrep_ack) | in_mip4_reply},
};

template <class Rows>
auto find_row(const Rows& rows, CodePoint id) {
  const auto* found = std::ranges::find_if(rows, [&](const auto& r) { return r.id == id; });
  return found == std::end(rows) ? nullptr : found;
}

}  // namespace

std::span<const MessageInfo> messages() { return message_rows; }
const MessageInfo& row(Message message) {
  return message_rows[static_cast<std::size_t>(message) - 1];
}
std::span<const OptionRow> options() { return option_rows; }
const OptionRow* find_option(CodePoint id) { return find_row(option_rows, id); }
std::span<const SubOptionRow> sub_options() { return sub_option_rows; }
const SubOptionRow* find_sub_option(CodePoint id) { return find_row(sub_option_rows, id); }
std::span<const DataRow> data_types() { return data_rows; }
const DataRow* find_data(std::uint8_t type) {
  const auto* found = std::ranges::find(data_rows, type, &DataRow::type);
  return found == std::end(data_rows) ? nullptr : found;
}

Steps message_steps(Message message, Carrier carrier) {
  return carrier == Carrier::mip4_reply ? Steps(mip4_reply_steps) : row(message).steps;
}
Steps spt_steps() { return spt_head; }
Steps profile_steps() { return sa_steps; }
Steps data_steps() { return data_head; }
Steps preference_steps() { return preference_head; }

std::uint16_t profile_traits(const Spt& spt) {
  unsigned traits = 0;
  if (spt.source_v4) traits |= t::source_v4;
  if (spt.destination_v4) traits |= t::destination_v4;
  if (spt.source_private) traits |= t::source_private;
  if (spt.destination_private) traits |= t::destination_private;
  if (spt.iv_length() == 8) traits |= t::iv8;
  if (spt.cipher() == Cipher::aes_cbc) traits |= t::aes;
  if (spt.additional) traits |= t::additional;
  if (spt.static_profile) traits |= t::static_profile;
  return static_cast<std::uint16_t>(traits);
}

std::optional<std::uint16_t> req_traits(std::uint8_t req_spt) {
  constexpr unsigned v4 = 0x10;
  constexpr unsigned source_id = 0x20;
  constexpr unsigned destination_id = 0x40;
  struct Form {
    std::uint16_t traits;
    unsigned flags;  // that may be set
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

std::optional<Message> find_message(const CodePoints& codepoints, Carrier carrier,
                                    std::uint8_t type) {
  const auto group = carrier == Carrier::icmpv6   ? CodePointGroup::icmpv6
                     : carrier == Carrier::dstopt ? CodePointGroup::dstopt
                                                  : CodePointGroup::mip4ext;
  const auto codepoint = codepoints.find(group, type);
  if (!codepoint) return std::nullopt;
  for (const auto& candidate : message_rows) {
    if (candidate.codepoint == *codepoint) return candidate.id;
  }
  return std::nullopt;
}

}  // namespace secct
