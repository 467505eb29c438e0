// SPDX-License-Identifier: GPL-2.0-or-later
// Random SPT and profile pairs: docs/wire-format.md section 7.
#include <algorithm>
#include <iterator>
#include <utility>

#include "protocol/encode/encode.hpp"
#include "tests/protocol/generate.hpp"

namespace secct::test {

namespace {

using F = Field;

}  // namespace

std::uint16_t Generator::spt() {
  if (chance(40)) return static_cast<std::uint16_t>(between(1, 10));
  for (;;) {
    const auto number = static_cast<std::uint16_t>(0x8000U | (below(0x8000) & 0x7ffeU));
    if (find_spt(number)) return number;
  }
}

std::vector<Node> Generator::additional() {
  std::vector<Node> list;
  for (bool selectors : {false, true}) {
    for (const auto& row : data_types()) {
      if ((row.type >= first_selector) != selectors || chance(60)) continue;
      Node node(F::additional);
      node.children.emplace_back(F::data_type, std::uint64_t{row.type});
      for (const auto& step : row.value) {
        if (step.field == F::data_auth_algorithm) {
          node.children.emplace_back(step.field, std::uint64_t{between(1, 2)});
        } else if (step.field == F::data_auth_key) {
          node.children.emplace_back(step.field, octets(node.children[1].number() == 1U ? 16 : 20));
        } else if (step.extent == Extent::rest) {
          node.children.emplace_back(step.field, Octets(below(12), 'n'));
        } else {
          node.children.emplace_back(step.field, big_endian(octets(step.octets)));
        }
      }
      list.push_back(std::move(node));
    }
    if (chance(20)) {
      Node node(F::additional);
      node.children.emplace_back(F::data_type,
                                 std::uint64_t{selectors ? between(135, 255) : between(5, 127)});
      node.children.emplace_back(F::data_value, octets(between(1, 5)));
      list.push_back(std::move(node));
    }
  }
  return list;
}

std::vector<Node> Generator::static_profile() {
  std::vector<Node> list;
  for (unsigned type = 1; type <= 5; ++type) {  // 5 is unknown
    if (chance(40)) continue;
    Node node(F::static_profile);
    node.children.emplace_back(F::preference_type, std::uint64_t{type});
    for (unsigned i = below(4); i > 0; --i) {
      node.children.emplace_back(F::preference_value, std::uint64_t{below(40)});
    }
    list.push_back(std::move(node));
  }
  return list;
}

Node Generator::context(std::uint16_t number) {
  const auto spt = *find_spt(number);
  for (;;) {
    Node node(F::contexts);
    node.children.emplace_back(F::spt, std::uint64_t{number});
    node.children.emplace_back(F::sa_protocol, std::uint64_t{below(256)});
    identity(node, F::sa_source, F::sa_source_v4, F::sa_source_private_id, spt.source_v4,
             spt.source_private);
    identity(node, F::sa_destination, F::sa_destination_v4, F::sa_destination_private_id,
             spt.destination_v4, spt.destination_private);
    node.children.emplace_back(F::sa_spi, std::uint64_t{256} + below(0xfffff000));
    node.children.emplace_back(F::sa_sequence, static_cast<std::uint64_t>(engine_()));
    node.children.emplace_back(F::sa_lifetime, std::uint64_t{1} + below(0xfffffffe));
    if (const auto bits = chance(30) ? below(256) : 8 * below(9); bits > 0) {
      auto window = octets((bits + 7) / 8);
      window.back() = static_cast<std::uint8_t>(window.back() & 0xff << (7 - (bits + 7) % 8));
      node.children.emplace_back(F::sa_window_size, std::uint64_t{bits});
      node.children.emplace_back(F::sa_window, window);
    }
    node.children.emplace_back(F::sa_source_port, std::uint64_t{below(65536)});
    node.children.emplace_back(F::sa_destination_port, std::uint64_t{below(65536)});
    if (spt.key_length() > 0) {
      const bool longer = spt.cipher() == Cipher::aes_cbc && chance(60);
      node.children.emplace_back(F::sa_key, octets(longer ? 24 + 8 * below(2) : spt.key_length()));
    }
    if (spt.iv_length() > 0) node.children.emplace_back(F::sa_iv, octets(spt.iv_length()));
    if (spt.additional) std::ranges::move(additional(), std::back_inserter(node.children));
    if (spt.static_profile) std::ranges::move(static_profile(), std::back_inserter(node.children));
    if (encode_group(codepoints_, Message::shrep, node, Spt{}).octets.size() <= 253) return node;
  }
}

}  // namespace secct::test
