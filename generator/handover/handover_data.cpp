// SPDX-License-Identifier: GPL-2.0-or-later
// Data packets of the mobile node, which its SAs protect before and after the handover.
#include <algorithm>
#include <ranges>

#include <fmt/format.h>

#include "files/yaml_reader.hpp"
#include "generator/handover/handover.hpp"
#include "network/datagram.hpp"

namespace secct::generator {
namespace {

constexpr std::uint16_t data_port = 5004;
constexpr std::string_view data_text = "data of the mobile node, 32 oct.";

Layer plain_layer(LayerKind kind) { return {.kind = kind, .fields = {}, .elements = {}}; }

Layer data_layer(Octets octets) {
  auto data = plain_layer(LayerKind::data);
  data.set(HeaderField::data_octets, std::move(octets));
  return data;
}

// Applies one more SA to `packet`. In transport mode the AH or ESP header follows the outermost IP
// header, in tunnel mode a new outer IP header precedes both.
PacketDocument protect(PacketDocument packet, const Sa& sa, std::uint32_t sequence) {
  auto header =
      sa.protocol == IpsecProtocol::ah ? ah_layer(sa.spi, sequence) : esp_layer(sa.spi, sequence);
  if (!sa.tunnel) {
    packet.layers.insert(packet.layers.begin() + 2, std::move(header));
    return packet;
  }
  std::vector<Layer> inner{std::move(header)};
  std::move(packet.layers.begin() + 1, packet.layers.end(), std::back_inserter(inner));
  return ip_packet(sa.source, sa.destination, std::move(inner));
}

}  // namespace

std::uint32_t Handover::next_number(std::size_t sa, bool after) {
  auto& context = mn_.sas[sa].context;
  const auto sa_of_packet = *to_sa(context);
  const auto number = own_->next(sa_of_packet.protocol, context.spi, following(context.sequence));
  if (after) return number;
  auto window = to_window(context);
  window.accept(number);
  context.sequence = window.highest();
  if (context.window_size != 0) context.window = window.bits();
  return number;
}

std::vector<Layer> Handover::payload(const MnData& traffic, const Context& innermost, bool to_mn) {
  Octets text(data_text.begin(), data_text.end());
  if (!traffic.echo) {
    auto udp = plain_layer(LayerKind::udp);
    const auto port = [](std::uint16_t selector) {
      return std::uint64_t{selector == 0 ? data_port : selector};
    };
    udp.set(HeaderField::udp_srcport, port(innermost.source_port));
    udp.set(HeaderField::udp_dstport, port(innermost.destination_port));
    return {std::move(udp), data_layer(std::move(text))};
  }
  if (!to_mn) ++echo_;
  auto icmpv6 = plain_layer(LayerKind::icmpv6);
  icmpv6.set(HeaderField::icmpv6_type,
             std::uint64_t{to_mn ? icmpv6_type::echo_reply : icmpv6_type::echo_request});
  Octets body;
  append_number(body, identifier_, 2);
  append_number(body, echo_, 2);
  append(body, text);
  return {std::move(icmpv6), data_layer(std::move(body))};
}

PacketDocument Handover::data(const MnData& traffic) {
  struct AppliedSa {
    Sa sa;
    std::uint32_t sequence;
  };
  std::vector<AppliedSa> applied;
  Context innermost;
  for (const auto index : traffic.under) {
    if (index >= mn_.sas.size()) {
      throw UsageError(fmt::format("data under SA {}: the mobile node has only {} SAs", index + 1,
                                   mn_.sas.size()));
    }
    innermost = traffic.after ? after_handover(index) : mn_.sas[index].context;
    const auto sa = to_sa(innermost);
    if (!sa) {
      throw UsageError(fmt::format("data under SA {}: {} is neither AH nor ESP", index + 1,
                                   spt_name(innermost.spt)));
    }
    applied.push_back({*sa, next_number(index, traffic.after)});
  }
  if (applied.empty()) throw UsageError("data without an SA: 'under' is empty");
  const bool to_mn = is_inward(mn_.sas[traffic.under.back()].direction);
  auto source = innermost.source;
  auto destination = innermost.destination;
  if (applied.back().sa.tunnel) {
    // Over Mobile IPv4 the mobile node keeps its home address.
    const auto mn = ipv4_ ? mn_.home : traffic.after ? mn_.naddr : mn_.paddr;
    (to_mn ? destination : source) = mn;
    if (traffic.remote) (to_mn ? source : destination) = *traffic.remote;
  }
  auto packet = ip_packet(source, destination, payload(traffic, innermost, to_mn));
  for (const auto& [sa, sequence] : std::views::reverse(applied)) {
    packet = protect(std::move(packet), sa, sequence);
  }
  return packet;
}

}  // namespace secct::generator
