// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipsec/context.hpp"

#include <algorithm>
#include <type_traits>

namespace secct::ipsec {
namespace {

using F = Field;

Node address_node(F v6, F v4, bool is_v4, const Address& address) {
  if (!is_v4) return {v6, address};
  return {v4, Octets(address.begin() + 12, address.end())};
}

bool same(const Node& a, const Node& b);
bool same(const std::vector<Node>& a, const std::vector<Node>& b) {
  return std::ranges::equal(a, b, [](const auto& x, const auto& y) { return same(x, y); });
}
bool same(const Node& a, const Node& b) {
  return a.field == b.field && a.value == b.value && same(a.children, b.children);
}

// A list entry as a node, without the fields that the encoder computes.
Node entry(const DecodedMessage& decoded, const DecodedField& group) {
  Node node(group.field);
  const auto first = static_cast<std::size_t>(&group - decoded.fields.data()) + 1;
  for (auto i = first; i < group.end; ++i) {
    const auto& field = decoded.fields[i];
    if (field.field == F::data_length || field.field == F::preference_length) continue;
    if (field.field == F::data_value && field.end > i + 1) continue;  // its fields follow
    if (row(field.field).type <= FieldType::boolean) {
      node.children.emplace_back(field.field, field.number);
    } else {
      const auto octets = decoded.octets_of(field);
      node.children.emplace_back(field.field, Octets(octets.begin(), octets.end()));
    }
  }
  return node;
}

}  // namespace

bool Context::operator==(const Context& other) const {
  return spt == other.spt && protocol == other.protocol && source == other.source &&
         destination == other.destination && source_private_id == other.source_private_id &&
         destination_private_id == other.destination_private_id && spi == other.spi &&
         sequence == other.sequence && lifetime == other.lifetime &&
         window_size == other.window_size && window == other.window &&
         source_port == other.source_port && destination_port == other.destination_port &&
         key == other.key && iv == other.iv && same(additional, other.additional) &&
         same(static_profile, other.static_profile);
}

Node to_node(const Context& context) {
  Node node(F::contexts);
  auto& fields = node.children;
  const auto spt = find_spt(context.spt).value_or(Spt{});
  fields.emplace_back(F::spt, context.spt);
  fields.emplace_back(F::sa_protocol, context.protocol);
  fields.emplace_back(F::sa_window_size, context.window_size);
  fields.push_back(address_node(F::sa_source, F::sa_source_v4, spt.source_v4, context.source));
  if (context.source_private_id) {
    fields.emplace_back(F::sa_source_private_id, *context.source_private_id);
  }
  fields.push_back(address_node(F::sa_destination, F::sa_destination_v4, spt.destination_v4,
                                context.destination));
  if (context.destination_private_id) {
    fields.emplace_back(F::sa_destination_private_id, *context.destination_private_id);
  }
  fields.emplace_back(F::sa_spi, context.spi);
  fields.emplace_back(F::sa_sequence, context.sequence);
  fields.emplace_back(F::sa_lifetime, context.lifetime);
  if (!context.window.empty()) fields.emplace_back(F::sa_window, context.window);
  fields.emplace_back(F::sa_source_port, context.source_port);
  fields.emplace_back(F::sa_destination_port, context.destination_port);
  if (!context.key.empty()) fields.emplace_back(F::sa_key, context.key);
  if (!context.iv.empty()) fields.emplace_back(F::sa_iv, context.iv);
  fields.insert(fields.end(), context.additional.begin(), context.additional.end());
  fields.insert(fields.end(), context.static_profile.begin(), context.static_profile.end());
  return node;
}

std::optional<Context> read_context(const DecodedMessage& decoded, const DecodedField& group) {
  const auto octets = [&](const DecodedField& field) {
    const auto view = decoded.octets_of(field);
    return Octets(view.begin(), view.end());
  };
  Context context;
  bool is_complete = false;
  const auto first = static_cast<std::size_t>(&group - decoded.fields.data()) + 1;
  for (auto i = first; i < group.end; ++i) {
    const auto& field = decoded.fields[i];
    const auto set = [&field](auto& number) {
      number = static_cast<std::decay_t<decltype(number)>>(field.number);
    };
    switch (field.field) {
      case F::spt: set(context.spt); break;
      case F::sa_protocol: set(context.protocol); break;
      case F::sa_window_size: set(context.window_size); break;
      case F::sa_source:
      case F::sa_source_v4: context.source = decoded.address(field); break;
      case F::sa_destination:
      case F::sa_destination_v4: context.destination = decoded.address(field); break;
      case F::sa_source_private_id: set(context.source_private_id.emplace()); break;
      case F::sa_destination_private_id: set(context.destination_private_id.emplace()); break;
      case F::sa_spi: set(context.spi); break;
      case F::sa_sequence: set(context.sequence); break;
      case F::sa_lifetime: set(context.lifetime); break;
      case F::sa_window: context.window = octets(field); break;
      case F::sa_source_port: set(context.source_port); break;
      case F::sa_destination_port: set(context.destination_port); break;
      case F::sa_key_length: is_complete = true; break;
      case F::sa_key: context.key = octets(field); break;
      case F::sa_iv: context.iv = octets(field); break;
      case F::additional:
        if (decoded.find_in(field, F::data_length) != nullptr) {
          context.additional.push_back(entry(decoded, field));
        }
        break;
      case F::static_profile: context.static_profile.push_back(entry(decoded, field)); break;
      default: break;
    }
  }
  if (!is_complete || !find_spt(context.spt)) return std::nullopt;
  return context;
}

std::vector<Context> read_contexts(const DecodedMessage& decoded) {
  std::vector<Context> contexts;
  for (const auto& field : decoded.fields) {
    if (field.field != F::contexts) continue;
    if (auto context = read_context(decoded, field)) contexts.push_back(std::move(*context));
  }
  return contexts;
}

std::optional<Sa> to_sa(const Context& context) {
  const auto spt = find_spt(context.spt);
  if (!spt || spt->protocol == SptProtocol::ipcomp) return std::nullopt;
  Sa sa;
  sa.tunnel = spt->tunnel;
  sa.spi = context.spi;
  sa.source = context.source;
  sa.destination = context.destination;
  if (spt->protocol == SptProtocol::ah) {
    sa.protocol = IpsecProtocol::ah;
    sa.auth = spt->auth();
    sa.auth_key = context.key;
    return sa;
  }
  sa.protocol = IpsecProtocol::esp;
  sa.cipher = spt->cipher();
  sa.cipher_key = context.key;
  for (const auto& data : context.additional) {
    const auto* algorithm = data.find(F::data_auth_algorithm);
    const auto* key = data.find(F::data_auth_key);
    if (algorithm == nullptr || key == nullptr || key->octets() == nullptr) continue;
    sa.auth = static_cast<AuthAlgorithm>(algorithm->number().value_or(0));
    sa.auth_key = *key->octets();
  }
  return sa;
}

std::uint64_t data_type(const Node& data) {
  const auto* type = data.find(Field::data_type);
  return type != nullptr ? type->number().value_or(0) : 0;
}

Context relocated(Context context, const Relocation& relocation) {
  relocation.apply(context.source);
  relocation.apply(context.destination);
  return context;
}

ReplayWindow to_window(const Context& context) {
  return {context.sequence, context.window_size, context.window};
}

}  // namespace secct::ipsec
