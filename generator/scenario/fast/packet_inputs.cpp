// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/scenario/fast/packet_inputs.hpp"

#include <algorithm>
#include <type_traits>

namespace secct::generator {
namespace {

constexpr std::size_t suffix_octets = 4;

// Calls `each` with every number and every sequence of octets. `Inputs` is PacketInputs or const
// PacketInputs.
template <class Inputs, class Each>
void each_value(Inputs& inputs, Each each) {
  using Bytes = std::conditional_t<std::is_const_v<Inputs>, View, std::span<std::uint8_t>>;
  each(inputs.router_number);
  each(inputs.identifier);
  each(inputs.recomputed_spi);
  auto& node = inputs.node;
  for (auto* address : {&node.paddr, &node.naddr, &node.home}) {
    each(Bytes(*address).last(suffix_octets));
  }
  each(Bytes(node.lla).last(suffix_octets));
  for (auto& sa : node.sas) {
    each(sa.context.spi);
    each(Bytes(sa.context.key));
    for (auto& data : sa.context.additional) {
      auto* key = data.find(Field::data_auth_key);
      if (key != nullptr && key->octets() != nullptr) each(Bytes(std::get<Octets>(key->value)));
    }
  }
}

struct Writer {
  Octets& values;

  void operator()(View octets) const { append(values, octets); }
  template <class Number>
  requires std::is_integral_v<Number>
  void operator()(const Number& number) const { append_number(values, number, sizeof number); }
};

struct Reader {
  View& values;

  View take(std::size_t octets) const {
    const auto taken = values.first(octets);
    values = values.subspan(octets);
    return taken;
  }
  void operator()(std::span<std::uint8_t> octets) const {
    std::ranges::copy(take(octets.size()), octets.begin());
  }
  template <class Number>
  requires std::is_integral_v<Number>
  void operator()(Number& number) const {
    number = static_cast<Number>(big_endian(take(sizeof number)));
  }
};

}  // namespace

void write_values(const PacketInputs& inputs, Octets& values) {
  values.clear();
  each_value(inputs, Writer{values});
}

void read_values(PacketInputs& inputs, View values) { each_value(inputs, Reader{values}); }

}  // namespace secct::generator
