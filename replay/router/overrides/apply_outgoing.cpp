// SPDX-License-Identifier: GPL-2.0-or-later
// The faults and variations of sent messages and packets.
#include <algorithm>

#include "generator/handover/messages.hpp"
#include "protocol/encode/encode.hpp"
#include "protocol/tables/status.hpp"
#include "replay/router/overrides/apply_override.hpp"

namespace secct::replay {
namespace {

using F = Field;

constexpr std::uint64_t unassigned_option = 0x7b;
constexpr std::uint64_t unassigned_sub_option = 0x7f;
constexpr std::uint64_t some_hop_limit = 64;
constexpr std::uint8_t pad_n = 1;  // RFC 2460 4.2

Message id_of(const Node& message) {
  const auto* id = message.find(F::message);
  return id != nullptr ? message_of_number(id->number().value_or(0)).value_or(Message::none)
                       : Message::none;
}

// The option that contains the sub-options; the message itself for a SHAK.
Node& sub_option_parent(Node& message) {
  for (auto& child : message.children) {
    if (child.field == F::options && child.find(F::paddr) != nullptr) return child;
  }
  return message;
}

template <typename Change>
void each_sub_option(Node& message, F with, Change change) {
  for (auto& child : sub_option_parent(message).children) {
    if (child.field == F::sub_options && child.find(with) != nullptr) change(child);
  }
}

Node unknown(F group, F type, std::uint64_t number, std::size_t octets) {
  Node node(group);
  node.children.emplace_back(type, number);
  node.children.emplace_back(F::raw, Octets(octets, 0x5a));
  return node;
}

void other_identifier(Node& message, const CodePoints&) {
  message.set({F::identifier, message.find(F::identifier)->number().value_or(0) ^ 0xffffU});
}

void swap_addresses(Node& message, const CodePoints&) {
  auto& option = sub_option_parent(message);
  auto* naddr = option.find(F::naddr);
  auto* paddr = option.find(F::paddr);
  if (naddr != nullptr && paddr != nullptr) std::swap(naddr->value, paddr->value);
}

// A SHREQ contains AuthPrtr and the sub-options after it as received, in one node of octets: sets
// `count` of them to zero.
template <std::size_t from, std::size_t count>
void clear_features(Node& message, const CodePoints&) {
  for (auto& child : sub_option_parent(message).children) {
    auto* raw = child.find(F::raw);
    if (child.field != F::sub_options || raw == nullptr) continue;
    auto octets = *raw->octets();
    for (std::size_t i = from; i < from + count && i < octets.size(); ++i) octets[i] = 0;
    raw->value = std::move(octets);
    return;
  }
}

void count_spt_in_length(Node& message, const CodePoints& codepoints) {
  each_sub_option(message, F::contexts, [&](Node& rep) {
    for (auto& context : rep.children) {
      if (context.field != F::contexts) continue;
      const auto octets = encode_group(codepoints, Message::shrep, context, {}).octets.size();
      context.set({F::sa_length, std::uint64_t{octets}});
    }
  });
}

struct MessageChange {
  Fault fault;
  Message message;
  void (*change)(Node&, const CodePoints&);
};
constexpr MessageChange message_changes[] = {
    {Fault::shrep_identifier, Message::shrep, other_identifier},
    {Fault::hack_identifier, Message::hack, other_identifier},
    {Fault::shrep_ack_identifier, Message::shrep_ack, other_identifier},
    {Fault::shrep_addresses_swapped, Message::shrep, swap_addresses},
    {Fault::shrep_ack_addresses_swapped, Message::shrep_ack, swap_addresses},
    {Fault::shrep_reserved, Message::shrep,
     [](Node& m, const CodePoints&) {
       m.set({F::reserved, std::uint64_t{1}});
     }},
    {Fault::hack_reserved, Message::hack,
     [](Node& m, const CodePoints&) {
       m.set({F::reserved, std::uint64_t{1}});
     }},
    {Fault::hi_code, Message::hi,
     [](Node& m, const CodePoints&) {
       m.set({F::code, std::uint64_t{1}});
     }},
    {Fault::shreq_replay_cleared, Message::shreq, clear_features<3, 1>},
    {Fault::shreq_token_cleared, Message::shreq, clear_features<4, 4>},
    {Fault::shreq_length_wrong, Message::shreq,
     [](Node& m, const CodePoints&) {
       sub_option_parent(m).set({F::opt_length, std::uint64_t{0xff}});
     }},
    {Fault::stat_in_shreq, Message::shreq,
     [](Node& m, const CodePoints& points) {
       auto& children = sub_option_parent(m).children;
       const auto first = std::ranges::find(children, F::sub_options, &Node::field);
       children.insert(first, stat_node(points, status::ok));
     }},
    {Fault::length_counts_spt, Message::shrep, count_spt_in_length},
    {Fault::shak_without_stat, Message::shak,
     [](Node& m, const CodePoints&) {
       std::erase_if(m.children, [](const auto& n) { return n.find(F::status) != nullptr; });
     }},
    {Fault::shak_two_stats, Message::shak,
     [](Node& m, const CodePoints& points) {
       m.children.push_back(stat_node(points, status::ok));
     }},
    {Fault::ack_spi_zero, Message::shak,
     [](Node& m, const CodePoints&) {
       each_sub_option(m, F::ack_spi, [](Node& ack) { ack.set({F::ack_spi, std::uint64_t{0}}); });
     }},
};

// A status that replaces the correct one.
struct WrongStatus {
  Fault fault;
  std::uint8_t right;
  std::uint8_t wrong;
};
constexpr WrongStatus wrong_statuses[] = {
    {Fault::status_100_as_101, status::invalid_source, status::invalid_destination},
    {Fault::status_101_as_106, status::invalid_destination, status::unusable},
    {Fault::status_102_as_106, status::invalid_attribute, status::unusable},
    {Fault::status_103_as_101, status::invalid_source_id, status::invalid_destination},
    {Fault::status_104_as_106, status::invalid_identity, status::unusable},
    {Fault::status_105_as_104, status::invalid_authentication, status::invalid_identity},
    {Fault::status_106_as_102, status::unusable, status::invalid_attribute},
    {Fault::status_not_listed, status::invalid_authentication, 107},
    {Fault::failure_as_200, status::unusable, status::ok},
};

void change_status(const BehaviourOverride& behaviour, Node& node) {
  for (const auto& [fault, right, wrong] : wrong_statuses) {
    auto* status = node.find(F::status);
    if (status == nullptr || !behaviour.has(fault) || status->number() != right) continue;
    status->value = std::uint64_t{wrong};
  }
  // The choice of the error status is a decision of this project (behaviour.md 4, "Judging a
  // router").
  auto* status = node.find(F::status);
  if (status != nullptr && behaviour.has(Variation::vague_status) &&
      status->number() != status::ok) {
    status->value = std::uint64_t{status::unusable};
  }
  for (auto& child : node.children) change_status(behaviour, child);
}

struct InMessage {
  Fault fault;
  Message message;
};
constexpr InMessage hop_limits[] = {
    {Fault::shreq_hop_limit, Message::shreq},
    {Fault::shrep_hop_limit, Message::shrep},
    {Fault::hi_hop_limit, Message::hi},
    {Fault::hack_hop_limit, Message::hack},
};
constexpr InMessage in_clear[] = {
    {Fault::shreq_unprotected, Message::shreq},
    {Fault::shrep_unprotected, Message::shrep},
    {Fault::hi_unprotected, Message::hi},
    {Fault::hack_unprotected, Message::hack},
    {Fault::shrep_ack_unprotected, Message::shrep_ack},
    {Fault::shak_unprotected, Message::shak},
};

constexpr InMessage under_ah[] = {
    {Fault::never_confidential, Message::shrep},
    {Fault::never_confidential, Message::hi},
    {Fault::shrep_not_confidential, Message::shrep},
    {Fault::hi_not_confidential, Message::hi},
};

bool applies(std::span<const InMessage> rows, const BehaviourOverride& behaviour,
             const Node& message) {
  return std::ranges::any_of(rows, [&](const auto& row) {
    return behaviour.has(row.fault) && id_of(message) == row.message;
  });
}

void vary_message(const BehaviourOverride& behaviour, Node& message) {
  const auto id = id_of(message);
  auto& context = sub_option_parent(message);
  if (behaviour.has(Variation::unknown_sub_option) && id == Message::shrep) {
    const auto first = std::ranges::find(context.children, F::sub_options, &Node::field);
    context.children.insert(first,
                            unknown(F::sub_options, F::subopt_type, unassigned_sub_option, 3));
  }
  if (behaviour.has(Variation::pad1_between) && id == Message::shrep) {
    std::vector<Node> padded;
    for (auto& child : context.children) {
      const bool is_sub_option = child.field == F::sub_options;
      padded.push_back(std::move(child));
      if (!is_sub_option) continue;
      padded.emplace_back(F::sub_options).children.emplace_back(F::subopt_type, std::uint64_t{0});
    }
    context.children = std::move(padded);
  }
  const bool has_sub_options = &context != &message || id == Message::shak;
  if (behaviour.has(Variation::pad1_excess) && has_sub_options) {
    constexpr std::size_t unit = 8;  // of the length of an ICMP option, in octets
    for (std::size_t i = 0; i < unit; ++i) {
      context.children.emplace_back(F::sub_options)
          .children.emplace_back(F::subopt_type, std::uint64_t{0});
    }
  }
  if (behaviour.has(Variation::unknown_option) &&
      (id == Message::shreq || id == Message::shrep || id == Message::hack)) {
    message.children.push_back(unknown(F::options, F::opt_type, unassigned_option, 6));
  }
}

}  // namespace

void override_message(const BehaviourOverride& behaviour, const CodePoints& codepoints,
                      Node& message) {
  for (const auto& [fault, id, change] : message_changes) {
    if (behaviour.has(fault) && id_of(message) == id) change(message, codepoints);
  }
  change_status(behaviour, message);
  vary_message(behaviour, message);
}

bool sent_in_clear(const BehaviourOverride& behaviour, const Node& message) {
  return applies(in_clear, behaviour, message);
}

bool sent_under_ah(const BehaviourOverride& behaviour, const Node& message) {
  return applies(under_ah, behaviour, message);
}

void override_packet(const BehaviourOverride& behaviour, PacketDocument& packet) {
  const auto* message = packet.message();
  const auto id = message != nullptr ? id_of(*message) : Message::none;
  for (const auto& row : hop_limits) {
    if (behaviour.has(row.fault) && id == row.message) {
      auto& ip = packet.layers.front();
      ip.set(ip.kind == LayerKind::ip ? HeaderField::ip_ttl : HeaderField::ipv6_hlim,
             some_hop_limit);
    }
  }
  if (auto* ipv6 = packet.find(LayerKind::ipv6);
      ipv6 != nullptr && behaviour.has(Variation::traffic_class)) {
    ipv6->set(HeaderField::ipv6_tclass, std::uint64_t{0xb8});
    ipv6->set(HeaderField::ipv6_flow, std::uint64_t{0x12345});
  }
  if (auto* dstopts = packet.find(LayerKind::dstopts);
      dstopts != nullptr && behaviour.has(Variation::padding_in_front)) {
    Element padding;
    padding.type = pad_n;
    padding.data = Octets(4);
    dstopts->elements.insert(dstopts->elements.begin(), std::move(padding));
  }
  auto* icmpv6 = packet.find(LayerKind::icmpv6);
  if (behaviour.has(Fault::checksum_left_zero) && icmpv6 != nullptr && message != nullptr) {
    icmpv6->set(HeaderField::icmpv6_checksum, std::uint64_t{0});
  }
  auto* ah = packet.find(LayerKind::ah);
  if (ah == nullptr) return;
  if (behaviour.has(Fault::ah_sequence_constant))
    ah->set(HeaderField::ah_sequence, std::uint64_t{1});
  if (behaviour.has(Fault::ah_icv_zero)) ah->set(HeaderField::ah_icv, Octets(12, 0));
}

}  // namespace secct::replay
