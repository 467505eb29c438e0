// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/malformed/catalogue.hpp"

#include <algorithm>
#include <functional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "generator/malformed/read_catalogue.hpp"

namespace secct::generator {
namespace {

using K = LayerKind;

const Malformed* find_in(std::span<const Malformed> entries, std::string_view name) {
  const auto found = std::ranges::find(entries, name, &Malformed::name);
  return found == entries.end() ? nullptr : &*found;
}

// Adds the SA that seals a packet with an unknown SPI: it has the keys of the SA of the twin.
void add_unknown_spi(const Layer& layer, const Layer* twin, Keyring& keys) {
  const bool ah = layer.kind == K::ah;
  const auto protocol = ah ? IpsecProtocol::ah : IpsecProtocol::esp;
  const auto field = ah ? HeaderField::ah_spi : HeaderField::esp_spi;
  const auto spi = layer.number(field);
  if (!spi || twin == nullptr || keys.find(protocol, static_cast<std::uint32_t>(*spi), {})) return;
  const auto* twin_sa =
      keys.find(protocol, static_cast<std::uint32_t>(twin->number(field).value_or(0)), {});
  if (twin_sa == nullptr) return;
  auto unknown = *twin_sa;
  unknown.spi = static_cast<std::uint32_t>(*spi);
  keys.sas.push_back(std::move(unknown));
}

// A variable for the SPI of an SA between the two ends of a packet.
struct SpiVariable {
  const char* name;
  IpsecProtocol protocol;
  bool back;  // against the direction of the packet
};
constexpr SpiVariable spi_variables[] = {{"$ah-back", IpsecProtocol::ah, true},
                                         {"$esp-out", IpsecProtocol::esp, false},
                                         {"$esp-back", IpsecProtocol::esp, true}};

std::string spi_of(const SpiVariable& variable, const Keyring& keys, const PacketDocument& packet) {
  using H = HeaderField;
  const auto* v6 = packet.find(K::ipv6);
  const auto* v4 = v6 == nullptr ? packet.find(K::ip) : nullptr;
  const auto* octets = v6 != nullptr   ? v6->octets(variable.back ? H::ipv6_src : H::ipv6_dst)
                       : v4 != nullptr ? v4->octets(variable.back ? H::ip_src : H::ip_dst)
                                       : nullptr;
  const auto to = octets != nullptr ? address_from(*octets) : Address{};
  for (const auto& sa : keys.sas) {
    if (sa.protocol == variable.protocol && sa.destination == to) return std::to_string(sa.spi);
  }
  throw UsageError(fmt::format("{}: no {} SA to {} in the router description", variable.name,
                               variable.protocol == IpsecProtocol::ah ? "AH" : "ESP", to_text(to)));
}

// `keys` and `packet` must outlive the result.
Variables with_router_spis(Variables variables, const Keyring& keys, const PacketDocument& packet) {
  for (const auto& variable : spi_variables) {
    variables.add(variable.name, [&] { return std::vector{spi_of(variable, keys, packet)}; });
  }
  return variables;
}

const Node* find_below(const Node& node, Field field) {
  for (const auto& child : node.children) {
    if (child.field == field) return &child;
    if (const auto* found = find_below(child, field)) return found;
  }
  return nullptr;
}

// Adds a token key for a Paddr that no mobile node has. A receiver has no key to verify the token,
// so that any key will do.
void add_unknown_paddr(const PacketDocument& packet, Keyring& keys) {
  const auto* message = packet.message();
  const auto* paddr = message != nullptr ? find_below(*message, Field::paddr) : nullptr;
  if (paddr == nullptr || paddr->octets() == nullptr || paddr->octets()->size() != 16) return;
  const auto address = address_from(*paddr->octets());
  if (!keys.token_key || keys.token_key(address)) return;
  constexpr std::size_t token_key_octets = 16;
  keys.token_key = [others = keys.token_key, address](const Address& wanted) {
    return wanted == address ? Octets(token_key_octets) : others(wanted);
  };
}

}  // namespace

std::string reaction_text(const Reaction& reaction) {
  using Kind = Reaction::Kind;
  switch (reaction.kind) {
    case Kind::discard: return "discard";
    case Kind::ignored: return "ignored";
    case Kind::status: return fmt::format("status {}", reaction.value);
    case Kind::status_or_nothing: return fmt::format("status {} or nothing", reaction.value);
    case Kind::status_or_forwarded: return fmt::format("status {} or passed on", reaction.value);
    case Kind::forwarded: return fmt::format("passed on, then status {}", reaction.value);
    case Kind::code: return fmt::format("code {}", reaction.value);
    case Kind::any: return "any";
  }
  return {};
}

std::span<const Malformed> malformed() {
  static const auto entries = read_malformed();
  return entries;
}

const Malformed& find_malformed(std::string_view name) {
  const auto entries = malformed();
  if (const auto* found = find_in(entries, name)) return *found;
  static std::vector<Malformed> cuts;  // NOLINT: made once, if a name is not in the files
  if (cuts.empty()) cuts = malformed_cuts();
  if (const auto* found = find_in(cuts, name)) return *found;
  std::vector<std::string_view> names;
  for (const auto& entry : entries) names.emplace_back(entry.name);
  throw UsageError(fmt::format("unknown malformed packet '{}', see 'secct list malformed'{}", name,
                               suggestion(name, names)));
}

std::string fault_text(const Malformed& entry) {
  if (entry.twice) return "the very same packet again";
  if (entry.edit) {
    std::string text;
    for (const auto& edit : entry.random ? entry.twin : std::vector<Edit>()) {
      text += edit_text(edit) + ", ";
    }
    return text + edit_text(*entry.edit);
  }
  std::string text = "in fragments";
  for (const auto& fragment : entry.fragments) {
    text += fmt::format(" {}+{}", fragment.offset.value_or(fragment.from),
                        fragment.octets ? std::to_string(*fragment.octets) : "rest");
  }
  return text;
}

std::string comment(const Malformed& entry) {
  const auto who = entry.role ? fmt::format("role {}", role_name(*entry.role)) : "mobile node";
  return fmt::format("malformed {}: {}; expected of the {}: {} [{}]: {}", entry.name,
                     fault_text(entry), who, reaction_text(entry.reaction),
                     fmt::join(entry.clauses, ", "), entry.why);
}

void add_keys_of_unknown_spis(const PacketDocument& packet, const PacketDocument& twin,
                              Keyring& keys) {
  for (const auto& layer : packet.layers) {
    if (layer.kind == K::ah || layer.kind == K::esp) {
      add_unknown_spi(layer, twin.find(layer.kind), keys);
    }
  }
}

void make_twin(const Malformed& entry, const CodePoints& codepoints, const Variables& variables,
               const Keyring& keys, PacketDocument& packet) {
  if (entry.twin.empty()) return;
  const auto all = with_router_spis(variables, keys, packet);
  for (const auto& edit : entry.twin) apply(edit, codepoints, packet, std::cref(all));
}

std::vector<PacketDocument> malform(const Malformed& entry, const CodePoints& codepoints,
                                    const Variables& variables, const PacketDocument& twin,
                                    Keyring& keys) {
  auto packet = twin;
  if (entry.edit) {
    const auto all = with_router_spis(variables, keys, twin);
    apply(*entry.edit, codepoints, packet, std::cref(all));
  }
  add_keys_of_unknown_spis(packet, twin, keys);
  add_unknown_paddr(packet, keys);
  if (entry.fragments.empty()) return {std::move(packet)};
  return ipv6_fragments(codepoints, keys, packet, entry.fragments);
}

}  // namespace secct::generator
