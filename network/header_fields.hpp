// SPDX-License-Identifier: GPL-2.0-or-later
// Tables of the layers below SecCT and of their header fields (header_fields.def). Field names are
// Wireshark's display-filter names, for example ipv6.hlim.
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

// The notation of a field's value in packet documents.
enum class HeaderKind : std::uint8_t { dec, hex, mac, ipv4, ipv6, bytes };

struct LayerRow {
  LayerKind id;
  const char* name;
  std::uint8_t octets;     // size of the fixed part of the header
  std::int16_t protocol;   // IP protocol number, or -1
  std::int32_t ethertype;  // or -1
};

struct HeaderRow {
  HeaderField id;
  LayerKind layer;
  const char* name;
  HeaderKind kind;
  std::uint16_t bit;   // first bit, counted from the start of the header; or `floating`
  std::uint16_t bits;  // size; 0: variable
  bool computed;       // documents omit the value that the builder computes

  // The position depends on other fields, as with a trailer.
  static constexpr std::uint16_t floating = 0xffff;
  bool is_fixed() const { return bit != floating && bits != 0; }
  bool is_number() const { return kind == HeaderKind::dec || kind == HeaderKind::hex; }
};

// The Ethernet addresses of packets whose document has none; locally administered.
inline constexpr std::array<std::uint8_t, 6> default_source_mac{0x02, 0, 0, 0, 0, 0x01};
inline constexpr std::array<std::uint8_t, 6> default_destination_mac{0x02, 0, 0, 0, 0, 0x02};

std::span<const LayerRow> layer_rows();  // indexed by LayerKind
const LayerRow& row(LayerKind layer);
std::optional<LayerKind> find_layer(std::string_view name);
std::span<const HeaderRow> header_rows();  // indexed by HeaderField
const HeaderRow& row(HeaderField field);
// The field `name` of a layer. Several layers may have a field of the same name.
std::optional<HeaderField> find_header(LayerKind layer, std::string_view name);

// Read and write a numeric field of at most 64 bits. `header` begins with the first octet of the
// layer and contains the whole field. Excess bits of `number` are discarded.
std::uint64_t read_bits(View header, const HeaderRow& field);
void write_bits(std::span<std::uint8_t> header, const HeaderRow& field, std::uint64_t number);

}  // namespace secct::network
