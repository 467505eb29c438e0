// SPDX-License-Identifier: GPL-2.0-or-later
// Fields of variable length and lists, and the values of fields that the document does not give.
#include <algorithm>
#include <utility>

#include "protocol/encode/encoder.hpp"

namespace secct {
namespace {

using F = Field;

// The bits of Changed-SPT that the fields of a SecCT-ack imply.
std::uint64_t changed_bits(const Node& node) {
  constexpr std::pair<F, unsigned> implied[] = {
      {F::ack_peer, trait::changed_peer},
      {F::ack_peer_v4, trait::changed_peer | trait::changed_v4},
      {F::ack_lifetime, trait::changed_lifetime},
      {F::ack_sequence, trait::changed_sequence},
      {F::ack_window_size, trait::changed_window},
      {F::ack_window, trait::changed_window},
      {F::ack_pmtu, trait::changed_pmtu}};
  unsigned bits = 0;
  for (const auto& [field, mask] : implied) {
    if (node.find(field) != nullptr) bits |= mask;
  }
  return bits;
}

// True if the document itself ends the list of additional data.
bool ends_additional(const Node& profile) {
  const Node* last = nullptr;
  for (const auto& child : profile.children) {
    if (child.field == F::additional) last = &child;
  }
  if (last == nullptr) return false;
  const auto* type = last->find(F::data_type);
  return type != nullptr && type->number() == 0U;
}

}  // namespace

std::uint64_t Encoder::default_of(const Step& step, const Scope& scope) {
  const auto size_of = [&](F field) -> std::size_t {
    const auto* node = scope.node->find(field);
    return node != nullptr && node->octets() != nullptr ? node->octets()->size() : 0;
  };
  switch (step.fill) {
    case Fill::type: return scope.type;
    case Fill::constant: return step.constant;
    case Fill::prefix: return 128;
    case Fill::window_size:
      return 8 * size_of(step.field == F::sa_window_size ? F::sa_window : F::ack_window);
    case Fill::key_length: return key_octets(scope);
    case Fill::block_size: return aes_block_size;
    case Fill::key_rounds: return aes_rounds(static_cast<std::uint8_t>(key_octets(scope)));
    case Fill::port_count:
      return static_cast<std::uint64_t>(
          std::ranges::count(scope.node->children, F::req_port, &Node::field));
    case Fill::changed: return changed_bits(*scope.node);
    default: return 0;
  }
}

// The size of the key in the document; without a key its Key Length, or the key length of the SPT.
std::size_t Encoder::key_octets(const Scope& scope) {
  if (const auto* key = scope.node->find(F::sa_key); key != nullptr && key->octets() != nullptr) {
    return key->octets()->size();
  }
  const auto* length = scope.node->find(F::sa_key_length);
  if (length != nullptr && length->number()) return *length->number() & 0xff;
  return scope.spt.key_length();
}

void Encoder::write_variable(const Step& step, Scope& scope) {
  switch (step.extent) {
    case Extent::window: write_window(step, scope); break;
    case Extent::key:
      if (const auto* key = take(scope, step.field); key != nullptr && key->octets() != nullptr) {
        append(octets(), *key->octets());
      } else {
        octets().insert(octets().end(), key_octets(scope), 0);
      }
      break;
    case Extent::rest:
      if (step.field == F::raw) break;  // see write_rest()
      if (const auto* node = take(scope, step.field); node && node->octets() != nullptr) {
        append(octets(), *node->octets());
      }
      break;
    case Extent::spis: write_spis(scope); break;
    case Extent::values:
      for (const auto& child : scope.node->children) {
        if (child.field != step.field) continue;
        scope.written.push_back(&child);
        append_number(octets(), child.number().value_or(0), step.octets);
      }
      break;
    case Extent::options: write_each(scope, step.field, &Encoder::write_option); break;
    case Extent::sub_options: write_each(scope, step.field, &Encoder::write_sub_option); break;
    case Extent::contexts: write_each(scope, step.field, &Encoder::write_context); break;
    case Extent::additional:
      write_each(scope, step.field, &Encoder::write_data);
      if (scope.spt.static_profile && !ends_additional(*scope.node)) octets().push_back(0);
      break;
    case Extent::static_profile: write_each(scope, step.field, &Encoder::write_preference); break;
    default: break;
  }
}

void Encoder::write_each(Scope& scope, F field, void (Encoder::*write_entry)(const Node&)) {
  const auto outer_spt = spt_;
  spt_ = scope.spt;
  for (const auto& child : scope.node->children) {
    if (child.field != field) continue;
    scope.written.push_back(&child);
    (this->*write_entry)(child);
  }
  spt_ = outer_spt;
}

void Encoder::write_window(const Step& step, Scope& scope) {
  const auto* node = take(scope, step.field);
  if (node != nullptr && node->octets() != nullptr) {
    append(octets(), *node->octets());
    return;
  }
  // By default every packet of the window was received.
  const auto size_field = step.field == F::sa_window ? F::sa_window_size : F::ack_window_size;
  const auto* size = scope.node->find(size_field);
  auto bits = size == nullptr ? 0 : size->number().value_or(0) & 0xff;
  for (; bits >= 8; bits -= 8) octets().push_back(0xff);
  if (bits > 0) octets().push_back(static_cast<std::uint8_t>(0xff << (8 - bits)));
}

void Encoder::write_spis(Scope& scope) {
  std::vector<const Node*> protocols;
  std::vector<const Node*> numbers;
  for (const auto& child : scope.node->children) {
    if (child.field == F::req_protocol) protocols.push_back(&child);
    if (child.field == F::req_spi) numbers.push_back(&child);
  }
  scope.written.insert(scope.written.end(), protocols.begin(), protocols.end());
  scope.written.insert(scope.written.end(), numbers.begin(), numbers.end());
  if (const auto* flags = take(scope, F::req_flags); flags && flags->octets() != nullptr) {
    append(octets(), *flags->octets());
  } else {
    Octets bits(flag_octets(std::max(numbers.size(), protocols.size())));
    for (std::size_t i = 0; i < protocols.size(); ++i) {
      if (protocols[i]->number().value_or(0) != 0) {
        bits[i / 8] |= static_cast<std::uint8_t>(0x80 >> i % 8);
      }
    }
    append(octets(), bits);
  }
  for (const auto* spi : numbers) append_number(octets(), spi->number().value_or(0), 4);
}

}  // namespace secct
