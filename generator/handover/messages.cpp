// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/handover/messages.hpp"

#include <utility>

#include "protocol/encode/encode.hpp"
#include "protocol/tables/numbers.hpp"

namespace secct::generator {
namespace {

using F = Field;

constexpr std::size_t largest_destination_option = 255;  // octets of data
constexpr std::size_t largest_option = std::size_t{255} * 8;
constexpr std::size_t option_header = 36;  // type, length, reserved, Naddr, Paddr
constexpr std::size_t rep_head = 2;        // type, length

Node sub_option(const CodePoints& codepoints, CodePoint type, std::vector<Node> fields) {
  Node node(F::sub_options);
  node.children.emplace_back(F::subopt_type, codepoints[type]);
  for (auto& field : fields) node.children.push_back(std::move(field));
  return node;
}

Layer layer(LayerKind kind) { return {.kind = kind, .fields = {}, .elements = {}}; }

// The octets of a context, or of a sub-option.
std::size_t octets_of(const CodePoints& codepoints, const Node& group,
                      Message message = Message::shrep) {
  return encode_group(codepoints, message, group, {}).octets.size();
}

// Puts contexts, in order, into as few SecCT-rep as possible.
class RepPacking {
 public:
  bool needs_new_rep(std::size_t context) const { return rep_ + context > largest_sub_option; }
  // The octets that a context of `context` octets adds to the message.
  std::size_t added(std::size_t context) const {
    return context + (needs_new_rep(context) ? rep_head : 0);
  }
  void add(std::size_t context) {
    rep_ = needs_new_rep(context) ? rep_head + context : rep_ + context;
  }

 private:
  std::size_t rep_ = largest_sub_option;  // octets of the last SecCT-rep; at first there is none
};

}  // namespace

Node message_node(Message message, std::vector<Node> fields) {
  Node node(F::message);
  node.children.emplace_back(F::message, std::uint64_t{message_info(message).number});
  for (auto& field : fields) node.children.push_back(std::move(field));
  return node;
}

Node auth_node(const CodePoints& codepoints, std::uint8_t replay,
               std::optional<std::uint32_t> token) {
  auto node = sub_option(codepoints, CodePoint::subopt_auth_prtr, {{F::auth_replay, replay}});
  if (token) node.children.emplace_back(F::auth_token, *token);
  return node;
}

Node req_r1_node(const CodePoints& codepoints) {
  return sub_option(codepoints, CodePoint::subopt_req, {{F::req_spt, 1}});
}

Node stat_node(const CodePoints& codepoints, std::uint8_t status, std::string_view reason) {
  auto node = sub_option(codepoints, CodePoint::subopt_stat, {{F::status, status}});
  if (!reason.empty()) node.children.emplace_back(F::reason, Octets(reason.begin(), reason.end()));
  return node;
}

Node ack_node(const CodePoints& codepoints, std::uint32_t spi, std::uint8_t changed) {
  return sub_option(codepoints, CodePoint::subopt_ack,
                    {{F::ack_changed, changed}, {F::ack_spi, spi}});
}

std::vector<Node> rep_nodes(const CodePoints& codepoints, const std::vector<Context>& contexts) {
  std::vector<Node> nodes;
  RepPacking reps;
  for (const auto& context : contexts) {
    auto node = to_node(context);
    const auto octets = octets_of(codepoints, node);
    if (reps.needs_new_rep(octets)) {
      nodes.push_back(sub_option(codepoints, CodePoint::subopt_rep, {}));
    }
    nodes.back().children.push_back(std::move(node));
    reps.add(octets);
  }
  return nodes;
}

std::size_t rep_octets(const CodePoints& codepoints, const std::vector<Context>& contexts) {
  std::size_t size = 0;
  for (const auto& node : rep_nodes(codepoints, contexts)) size += octets_of(codepoints, node);
  return size;
}

Node address_option(const CodePoints& codepoints, std::uint8_t subtype, const Address& address) {
  Node node(F::options);
  node.children.emplace_back(F::opt_type, codepoints[CodePoint::icmpopt_ip_address]);
  node.children.emplace_back(F::opt_subtype, subtype);
  node.children.emplace_back(F::opt_address, address);
  return node;
}

Node lla_option(const CodePoints& codepoints, std::uint8_t subtype, View lla) {
  Node node(F::options);
  node.children.emplace_back(F::opt_type, codepoints[CodePoint::icmpopt_lla]);
  node.children.emplace_back(F::opt_subtype, subtype);
  node.children.emplace_back(F::opt_lla, Octets(lla.begin(), lla.end()));
  return node;
}

Node context_option(const CodePoints& codepoints, CodePoint type, const Address& naddr,
                    const Address& paddr, std::vector<Node> sub_options) {
  Node node(F::options);
  node.children.emplace_back(F::opt_type, codepoints[type]);
  node.children.emplace_back(F::naddr, naddr);
  node.children.emplace_back(F::paddr, paddr);
  for (auto& sub : sub_options) node.children.push_back(std::move(sub));
  return node;
}

std::vector<std::vector<Context>> split_contexts(const CodePoints& codepoints,
                                                 const std::vector<Context>& contexts,
                                                 std::size_t others) {
  std::vector<std::vector<Context>> parts(1);
  std::size_t option = option_header + others;
  RepPacking reps;
  for (const auto& context : contexts) {
    const auto octets = octets_of(codepoints, to_node(context));
    if (option + reps.added(octets) > largest_option && !parts.back().empty()) {
      parts.emplace_back();
      option = option_header + others;
      reps = {};
    }
    option += reps.added(octets);
    reps.add(octets);
    parts.back().push_back(context);
  }
  return parts;
}

std::vector<std::vector<Node>> split_shak(const CodePoints& codepoints,
                                          const std::vector<Node>& sub_options) {
  std::vector<std::vector<Node>> parts(1);
  std::size_t size = 0;
  for (const auto& node : sub_options) {
    const auto octets = octets_of(codepoints, node, Message::shak);
    if (size + octets > largest_destination_option && !parts.back().empty()) {
      parts.emplace_back();
      size = 0;
    }
    parts.back().push_back(node);
    size += octets;
  }
  return parts;
}

PacketDocument ip_packet(const Address& source, const Address& destination,
                         std::vector<Layer> layers) {
  using H = HeaderField;
  PacketDocument packet;
  packet.layers.push_back(layer(LayerKind::eth));
  const bool v4 = is_v4_mapped(source) && is_v4_mapped(destination);
  const std::ptrdiff_t skip = v4 ? 12 : 0;
  auto ip = layer(v4 ? LayerKind::ip : LayerKind::ipv6);
  ip.set(v4 ? H::ip_src : H::ipv6_src, Octets(source.begin() + skip, source.end()));
  ip.set(v4 ? H::ip_dst : H::ipv6_dst, Octets(destination.begin() + skip, destination.end()));
  packet.layers.push_back(std::move(ip));
  for (auto& inner : layers) packet.layers.push_back(std::move(inner));
  return packet;
}

Layer ah_layer(std::uint32_t spi, std::uint32_t sequence) {
  auto ah = layer(LayerKind::ah);
  ah.set(HeaderField::ah_spi, std::uint64_t{spi});
  ah.set(HeaderField::ah_sequence, std::uint64_t{sequence});
  return ah;
}

Layer esp_layer(std::uint32_t spi, std::uint32_t sequence) {
  auto esp = layer(LayerKind::esp);
  esp.set(HeaderField::esp_spi, std::uint64_t{spi});
  esp.set(HeaderField::esp_sequence, std::uint64_t{sequence});
  return esp;
}

Layer icmpv6_layer(Node message) {
  auto icmpv6 = layer(LayerKind::icmpv6);
  icmpv6.elements.emplace_back().message = std::move(message);
  return icmpv6;
}

Layer dstopts_layer(Node message) {
  auto dstopts = layer(LayerKind::dstopts);
  dstopts.elements.emplace_back().message = std::move(message);
  return dstopts;
}

std::vector<Layer> envelope_layers(const Sa& sa, std::uint32_t sequence, const Address& source,
                                   const Address& destination) {
  std::vector<Layer> layers;
  layers.push_back(sa.protocol == IpsecProtocol::ah ? ah_layer(sa.spi, sequence)
                                                    : esp_layer(sa.spi, sequence));
  if (sa.tunnel) {
    auto inner = ip_packet(source, destination, {});
    layers.push_back(std::move(inner.layers.back()));
  }
  return layers;
}

}  // namespace secct::generator
