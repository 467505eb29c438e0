// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/malformed/catalogue.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "generator/malformed/read_catalogue.hpp"

namespace secct::generator {
namespace {

using K = LayerKind;

const Malformed* find_in(std::span<const Malformed> entries, std::string_view name) {
  const auto found = std::ranges::find(entries, name, &Malformed::name);
  return found == entries.end() ? nullptr : &*found;
}

// The SA of a sender that has the right key and puts a wrong SPI into the packet.
void add_unknown_spi(const Layer& layer, const Layer* twin, Keyring& keys) {
  const bool ah = layer.kind == K::ah;
  const auto protocol = ah ? IpsecProtocol::ah : IpsecProtocol::esp;
  const auto field = ah ? HeaderField::ah_spi : HeaderField::esp_spi;
  const auto spi = layer.number(field);
  if (!spi || twin == nullptr || keys.find(protocol, static_cast<std::uint32_t>(*spi), {})) return;
  const auto* known =
      keys.find(protocol, static_cast<std::uint32_t>(twin->number(field).value_or(0)), {});
  if (known == nullptr) return;
  auto unknown = *known;
  unknown.spi = static_cast<std::uint32_t>(*spi);
  keys.sas.push_back(std::move(unknown));
}

// The words for SPIs between the two ends of a packet.
VariableResolver with_router_spis(const VariableResolver& values, const Keyring& keys,
                                  const PacketDocument& packet) {
  struct Word {
    std::string_view text;
    IpsecProtocol protocol;
    bool back;
  };
  static constexpr Word words[] = {{"$ah-back", IpsecProtocol::ah, true},
                                   {"$esp-out", IpsecProtocol::esp, false},
                                   {"$esp-back", IpsecProtocol::esp, true}};
  return [&](const std::string& text) -> std::vector<std::string> {
    const auto* word = std::ranges::find(words, text, &Word::text);
    if (word == std::end(words)) return values(text);
    const auto* ip = packet.find(K::ipv6);
    const auto end = [&](HeaderField field) {
      const auto* octets = ip != nullptr ? ip->octets(field) : nullptr;
      return octets != nullptr ? address_from(*octets) : Address{};
    };
    const auto to = end(word->back ? HeaderField::ipv6_src : HeaderField::ipv6_dst);
    for (const auto& sa : keys.sas) {
      if (sa.protocol == word->protocol && sa.destination == to) return {std::to_string(sa.spi)};
    }
    throw UsageError(fmt::format("{}: no such SA between the ends of this packet", text));
  };
}

const Node* find_below(const Node& node, Field field) {
  for (const auto& child : node.children) {
    if (child.field == field) return &child;
    if (const auto* found = find_below(child, field)) return found;
  }
  return nullptr;
}

// A token for a Paddr that nobody has: any key will do.
void add_unknown_paddr(const PacketDocument& packet, Keyring& keys) {
  const auto* message = packet.message();
  const auto* paddr = message != nullptr ? find_below(*message, Field::paddr) : nullptr;
  if (paddr == nullptr || paddr->octets() == nullptr || paddr->octets()->size() != 16) return;
  const auto address = address_from(*paddr->octets());
  if (!keys.token_key || keys.token_key(address)) return;
  constexpr std::size_t token_key_octets = 16;
  keys.token_key = [known = keys.token_key, address](const Address& wanted) {
    return wanted == address ? Octets(token_key_octets) : known(wanted);
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
  static std::vector<Malformed> cuts;  // NOLINT: made once, when a name is none of the others
  if (cuts.empty()) cuts = malformed_cuts();
  if (const auto* found = find_in(cuts, name)) return *found;
  std::vector<std::string_view> names;
  for (const auto& entry : entries) names.emplace_back(entry.name);
  throw UsageError(fmt::format("{}: no such malformed packet, see 'secct list malformed'{}", name,
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
  for (const auto& piece : entry.fragments) {
    text += fmt::format(" {}+{}", piece.offset.value_or(piece.from),
                        piece.octets ? std::to_string(*piece.octets) : "rest");
  }
  return text;
}

std::string comment(const Malformed& entry) {
  const auto who = entry.role ? fmt::format("role {}", role_name(*entry.role)) : "mobile node";
  return fmt::format("malformed {}: {}; expected of the {}: {} [{}]: {}", entry.name,
                     fault_text(entry), who, reaction_text(entry.reaction),
                     fmt::join(entry.clauses, ", "), entry.why);
}

void make_twin(const Malformed& entry, const CodePoints& codepoints, const VariableResolver& values,
               const Keyring& keys, PacketDocument& packet) {
  const auto all = with_router_spis(values, keys, packet);
  for (const auto& edit : entry.twin) apply(edit, codepoints, packet, all);
}

std::vector<PacketDocument> malform(const Malformed& entry, const CodePoints& codepoints,
                                    const VariableResolver& values, const PacketDocument& twin,
                                    Keyring& keys) {
  auto packet = twin;
  if (entry.edit) {
    apply(*entry.edit, codepoints, packet, with_router_spis(values, keys, twin));
  }
  for (const auto& layer : packet.layers) {
    if (layer.kind == K::ah || layer.kind == K::esp) {
      add_unknown_spi(layer, twin.find(layer.kind), keys);
    }
  }
  add_unknown_paddr(packet, keys);
  if (entry.fragments.empty()) return {std::move(packet)};
  return in_pieces(codepoints, keys, packet, entry.fragments);
}

}  // namespace secct::generator
