// SPDX-License-Identifier: GPL-2.0-or-later
// The fields of a context: SPT, security profile, additional security data, static profile.
#include <algorithm>

#include "protocol/tables/layout.hpp"

namespace secct {
namespace {

using F = Field;
using enum Extent;
namespace t = trait;

// SPT, wire-format 7.1. An SPT below 0x8000 implies protocol, mode and algorithm.
//  0                   1
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |1|Pro|M|  Alg  |4|4|P|P|B|S|A|0|
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// Pro protocol, M mode, Alg algorithm; 4 IPv4, P private (source, destination); B lifetime in
// megabytes, S static profile, A additional security data
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

// Security profile, wire-format 7.2
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |    Length     |   Reserved    |   Protocol    |  Window Size  |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |   Source IP identity (32 or 128 bits)  [Source private ID] ...
// |   Destination IP identity (32 or 128 bits)  [Destination private ID] ...
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                              SPI                              |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                    Current sequence number                    |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                            Lifetime                           |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |   [Anti-replay window] ...
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |          Source port          |       Destination port        |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |  Key Length   |   [Key] ...
// |  [Block Size] | [Key Rounds]  |   [IV] ...
// |   [Additional security data] ...
// |   [Static profile] ...
// +-+-+-+-+-+-+-+-
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

// Additional security data, wire-format 7.3
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-
// |     Type      |    Length     |   Value ...
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-
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

// Preference of a static profile, wire-format 7.4
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-
// |     Type      |    Length     |   Values, 1 octet each ...
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-
constexpr Step preference_head[] = {
    {.field = F::preference_type, .octets = 1},
    {.field = F::preference_length, .octets = 1, .fill = Fill::data_length},
    {.field = F::preference_value, .octets = 1, .extent = Extent::values},
};

}  // namespace

std::span<const DataRow> data_types() { return data_rows; }
const DataRow* find_data(std::uint8_t type) {
  const auto* found = std::ranges::find(data_rows, type, &DataRow::type);
  return found == std::end(data_rows) ? nullptr : found;
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

}  // namespace secct
