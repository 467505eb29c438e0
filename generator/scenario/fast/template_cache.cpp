// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/scenario/fast/template_cache.hpp"

#include <algorithm>

#include "generator/scenario/fast/packet_inputs.hpp"
#include "network/write_number.hpp"

namespace secct::generator {
namespace {

constexpr std::size_t router_number_octets = 4;

// `part` of the result of each probe.
template <class Made>
auto parts_of(const std::array<Made, ProbeValues::count>& all, auto part) {
  std::array<Octets, ProbeValues::count> octets;
  std::ranges::transform(all, octets.begin(), part);
  return octets;
}

}  // namespace

TemplateCache::TemplateCache(const MobileNodeFactory& nodes, const PacketInputs& inputs,
                             std::size_t steps, const PacketBuilder::LayOut& lay_out) {
  Octets values;
  write_values(inputs, values);
  const ProbeValues probes(values.size());
  for (std::size_t step = 0; step < steps; ++step) {
    std::array<UnsealedPacket, ProbeValues::count> laid_out;
    std::array<Keyring, ProbeValues::count> keys;
    for (std::size_t i = 0; i < ProbeValues::count; ++i) {
      auto probe = inputs;
      read_values(probe, probes[i]);
      nodes.set_ends(probe.node);
      laid_out[i] = lay_out(probe, step, keys[i]);
    }
    steps_.push_back(learn(probes, laid_out, keys));
  }
}

std::optional<TemplateCache::Step> TemplateCache::learn(
    const ProbeValues& probes, const std::array<UnsealedPacket, ProbeValues::count>& laid_out,
    const std::array<Keyring, ProbeValues::count>& keys) {
  for (const auto& one : laid_out) {
    if (!one.faults.empty() || one.seals.size() != laid_out[0].seals.size()) return std::nullopt;
  }
  Step step;
  const auto packet = PacketTemplate::learn(probes, parts_of(laid_out, &UnsealedPacket::octets));
  if (!packet) return std::nullopt;
  step.packet = *packet;
  step.seals = laid_out[0].seals;
  for (std::size_t i = 0; i < step.seals.size(); ++i) {
    auto& seal = step.seals[i];
    if (seal.kind == SealKind::token) {
      const auto input = PacketTemplate::learn(
          probes,
          parts_of(laid_out, [&](const UnsealedPacket& one) { return one.seals[i].input; }));
      if (!input) return std::nullopt;
      step.inputs.push_back(*input);
    } else if (seal.kind != SealKind::checksum) {
      const auto sa = learn_sa(probes, keys, seal.sa);
      if (!sa) return std::nullopt;
      seal.sa = *sa;
    }
  }
  return step;
}

std::optional<std::size_t> TemplateCache::learn_sa(
    const ProbeValues& probes, const std::array<Keyring, ProbeValues::count>& keys,
    std::size_t index) {
  const auto key = [&](auto member) {
    return PacketTemplate::learn(
        probes, parts_of(keys, [&](const Keyring& ring) { return ring.sas[index].*member; }));
  };
  const auto auth = key(&Sa::auth_key);
  const auto cipher = key(&Sa::cipher_key);
  if (!auth || !cipher) return std::nullopt;
  TemplateSa found{keys[0].sas[index], *auth, *cipher, {}};
  // An SA has the same keys before and after the handover.
  const auto same = std::ranges::find_if(sas_, [&](const TemplateSa& other) {
    return other.sa.auth == found.sa.auth && other.sa.cipher == found.sa.cipher &&
           other.auth_key == found.auth_key && other.cipher_key == found.cipher_key;
  });
  if (same != sas_.end()) return static_cast<std::size_t>(same - sas_.begin());
  if (auth->is_constant() && cipher->is_constant()) found.shared.emplace(found.sa);
  sas_.push_back(std::move(found));
  return sas_.size() - 1;
}

TemplateCache::NodeState::NodeState(const TemplateCache& templates)
    : token_(AuthAlgorithm::hmac_md5) {
  for (const auto& entry : templates.sas_) {
    auto& keyed = sas_.emplace_back();
    if (!entry.shared) keyed.emplace(entry.sa);
  }
}

void TemplateCache::NodeState::assign(const TemplateCache& templates, const PacketInputs& inputs) {
  write_values(inputs, values_);
  token_.set_key(inputs.node.token_key);
  token_input_.clear();
  for (std::size_t i = 0; i < sas_.size(); ++i) {
    if (!sas_[i]) continue;
    const auto& [sa, auth, cipher, shared] = templates.sas_[i];
    scratch_.resize(auth.size() + cipher.size());
    const auto keys = std::span(scratch_);
    auth.write(values_, keys.first(auth.size()));
    cipher.write(values_, keys.last(cipher.size()));
    sas_[i]->set_keys(keys.first(auth.size()), keys.last(cipher.size()));
  }
}

void TemplateCache::build(std::size_t step, NodeState& state, std::uint32_t router_number,
                          Octets& octets) {
  const auto& [packet, seals, inputs] = *steps_[step];
  write_number(std::span(state.values_).first(router_number_octets), router_number);
  octets.resize(packet.size());
  packet.write(state.values_, octets);
  auto input = inputs.begin();
  for (const auto& seal : seals) {
    const auto sa = [&]() -> KeyedSa& {
      return sas_[seal.sa].shared ? *sas_[seal.sa].shared : *state.sas_[seal.sa];
    };
    switch (seal.kind) {
      case SealKind::checksum: write_checksum(octets, seal); break;
      case SealKind::token:
        state.scratch_.resize(input->size());
        input->write(state.values_, state.scratch_);
        if (state.scratch_ != state.token_input_) {
          const auto hmac = state.token_(state.scratch_);
          state.token_hmac_.assign(hmac.begin(), hmac.end());
          state.token_input_ = state.scratch_;
        }
        write_token(octets, seal, state.token_hmac_);
        ++input;
        break;
      case SealKind::ah: seal_ah(octets, seal, sa()); break;
      case SealKind::esp: seal_esp(octets, seal, sa()); break;
    }
  }
}

}  // namespace secct::generator
