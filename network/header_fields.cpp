// SPDX-License-Identifier: GPL-2.0-or-later
#include "network/header_fields.hpp"

#include <algorithm>

namespace secct::network {
namespace {

constexpr LayerRow layers[] = {
#define LAYER(id, name, octets, ip_protocol, ethertype) \
  {LayerKind::id, name, octets, ip_protocol, ethertype},
#define HEADER(id, layer, name, kind, bit, bits, computed)
#include "network/header_fields.def"
#undef LAYER
#undef HEADER
};

constexpr auto floating = HeaderRow::floating;
constexpr HeaderRow headers[] = {
#define LAYER(id, name, octets, ip_protocol, ethertype)
#define HEADER(id, layer, name, kind, bit, bits, computed) \
  {HeaderField::id, LayerKind::layer, name, HeaderKind::kind, bit, bits, computed},
#include "network/header_fields.def"
#undef LAYER
#undef HEADER
};

}  // namespace

std::span<const LayerRow> layer_rows() { return layers; }
const LayerRow& row(LayerKind layer) { return layers[static_cast<std::size_t>(layer)]; }
std::span<const HeaderRow> header_rows() { return headers; }
const HeaderRow& row(HeaderField field) { return headers[static_cast<std::size_t>(field)]; }

std::optional<LayerKind> find_layer(std::string_view name) {
  const auto* found = std::ranges::find(layers, name, &LayerRow::name);
  if (found == std::end(layers)) return std::nullopt;
  return found->id;
}

std::optional<HeaderField> find_header(LayerKind layer, std::string_view name) {
  for (const auto& header : headers) {
    if (header.layer == layer && name == header.name) return header.id;
  }
  return std::nullopt;
}

std::uint64_t read_bits(View header, const HeaderRow& field) {
  std::uint64_t number = 0;
  for (unsigned i = field.bit; i < field.bit + field.bits; ++i) {
    number = number << 1 | (header[i / 8] >> (7 - i % 8) & 1U);
  }
  return number;
}

void write_bits(std::span<std::uint8_t> header, const HeaderRow& field, std::uint64_t number) {
  for (unsigned i = 0; i < field.bits; ++i) {
    const auto at = field.bit + field.bits - 1U - i;
    const auto mask = static_cast<std::uint8_t>(0x80 >> at % 8);
    if ((number >> i & 1) != 0) {
      header[at / 8] |= mask;
    } else {
      header[at / 8] &= static_cast<std::uint8_t>(~mask);
    }
  }
}

}  // namespace secct::network
