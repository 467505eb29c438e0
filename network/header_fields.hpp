// SPDX-License-Identifier: GPL-2.0-or-later
// The layers below SecCT as tables: header fields by Wireshark's filter names.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "network/link_type.hpp"
#include "protocol/octets.hpp"

namespace secct::network {

enum class LayerKind : std::uint8_t {
#define LAYER(id, name, octets, ip_protocol, ethertype) id,
#define HEADER(id, layer, name, kind, bit, bits, computed)
#include "network/header_fields.def"
#undef LAYER
#undef HEADER
  count
};

enum class HeaderField : std::uint8_t {
#define LAYER(id, name, octets, ip_protocol, ethertype)
#define HEADER(id, layer, name, kind, bit, bits, computed) id,
#include "network/header_fields.def"
#undef LAYER
#undef HEADER
  count
};

enum class HeaderKind : std::uint8_t { dec, hex, mac, ipv4, ipv6, bytes };

struct LayerRow {
  LayerKind id;
  const char* name;
  std::uint8_t octets;     // of the fixed header
  std::int16_t protocol;   // IP protocol number, -1 = none
  std::int32_t ethertype;  // -1 = none
};

struct HeaderRow {
  HeaderField id;
  LayerKind layer;
  const char* name;
  HeaderKind kind;
  std::uint16_t bit;   // from the start of the header, or `floating`
  std::uint16_t bits;  // 0 = as many as there are
  bool computed;

  // At a place that the header's table cannot say; the builder knows it.
  static constexpr std::uint16_t floating = 0xffff;
  bool is_fixed() const { return bit != floating && bits != 0; }
  bool is_number() const { return kind == HeaderKind::dec || kind == HeaderKind::hex; }
};

// Ethernet addresses of a document that gives none: locally administered, nobody's.
inline constexpr std::array<std::uint8_t, 6> default_source_mac{0x02, 0, 0, 0, 0, 0x01};
inline constexpr std::array<std::uint8_t, 6> default_destination_mac{0x02, 0, 0, 0, 0, 0x02};

std::span<const LayerRow> layer_rows();
const LayerRow& row(LayerKind layer);
std::optional<LayerKind> find_layer(std::string_view name);
std::span<const HeaderRow> header_rows();
const HeaderRow& row(HeaderField field);
std::optional<HeaderField> find_header(LayerKind layer, std::string_view name);

// The bits of `field` in `header`, which starts at the layer's first octet.
std::uint64_t read_bits(View header, const HeaderRow& field);  // at most 64 bits
void write_bits(std::span<std::uint8_t> header, const HeaderRow& field, std::uint64_t number);

}  // namespace secct::network
