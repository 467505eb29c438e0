// SPDX-License-Identifier: GPL-2.0-or-later
#include "network/walk.hpp"

#include <algorithm>
#include <iterator>

namespace secct::network {
namespace {

using R = Stop::Reason;

constexpr std::size_t max_chain = 1024;  // headers of a datagram
constexpr std::size_t max_layers = 64;   // link-layer headers of a frame, also inside tunnels

// IP protocols that contain neither a datagram nor a SecCT message.
bool cannot_contain_secct(std::uint8_t protocol) {
  switch (protocol) {
    case 2:   // IGMP
    case 6:   // TCP
    case 33:  // DCCP
    case 46:  // RSVP
    case ip_proto::none:
    case 88:                // EIGRP
    case 89:                // OSPF
    case 103:               // PIM
    case 112:               // VRRP
    case 132:               // SCTP
    case 136: return true;  // UDP-Lite
    default: return false;
  }
}

bool is_ip(std::uint8_t protocol) {
  return protocol == ip_proto::ipv4 || protocol == ip_proto::ipv6;
}

// For a part that does not begin with a complete IP header.
Step not_ip(const Part& part) {
  if (!part.has(1)) return too_short(part);
  const auto version = part.number(0, 1) >> 4;
  if (version != 4 && version != 6) return stop(R::unknown_version, part, version);
  const bool complete = version == 4 && part.has(ipv4_header_octets);
  return complete ? stop(R::bad_length, part) : too_short(part);
}

}  // namespace

void Walk::run(LinkType link, const Part& part) {
  auto step = link_layer(link, part);
  while (!stopped_) {
    step = to_network_layer(step);
    if (step.layer == Layer::ip) step = enter(step);
    if (step.layer == Layer::stop) report(step);
    if (step.layer == Layer::arp) visitor_.on_arp(step.part.octets);
    if (step.layer != Layer::ip) return;
    const auto& level = memory_.levels[depth_++];
    if (visitor_.on_datagram(level.shown) == FrameVisitor::Action::stop) return;
    step = content(level);
  }
}

std::optional<std::size_t> Walk::frame_offset(View octets) const {
  if (!in_frame_) return std::nullopt;
  return static_cast<std::size_t>(octets.data() - frame_.data());
}

void Walk::report(const Step& step) {
  const bool quoted = step.quoted || (depth_ > 0 && memory_.levels[depth_ - 1].shown.quoted);
  visitor_.on_stop(
      {step.reason, step.number, step.part.octets, frame_offset(step.part.octets), quoted});
}

Step Walk::to_network_layer(Step step) {
  constexpr Layer last[] = {Layer::ip, Layer::arp, Layer::none, Layer::stop};
  while (std::ranges::find(last, step.layer) == std::end(last)) {
    if (++layers_ > max_layers) return stop(R::too_many_headers, step.part);
    step = next_layer(step);
  }
  return step;
}

Step Walk::enter(const Step& step) {
  const auto failed = [&](Step reason) {
    reason.quoted = step.quoted;
    return reason;
  };
  if (depth_ > max_nesting) return failed(stop(R::nesting, step.part));
  auto& level = memory_.levels[depth_];
  auto& datagram = level.shown.datagram;
  const auto header = read_ip_header(step.part.octets, datagram);
  if (!header) return failed(not_ip(step.part));
  const bool no_payload = !datagram.v4 && header->next == ip_proto::none;
  const std::size_t length =
      header->length_is_zero && !no_payload ? step.part.size() : header->length;
  if (length < datagram.header_octets) return failed(stop(R::bad_length, step.part));
  auto part = step.part.first(length);
  if (length > step.part.size()) {
    part.missing = length - part.octets.size();
    if (!step.quoted) part.shortage = R::bad_length;
  }
  if (!part.has(datagram.header_octets)) return failed(too_short(part));
  datagram.octets = part.octets;
  level.end = parse_chain(datagram, header->next, max_chain);
  level.shortage = part.shortage;
  place(level.shown, step.quoted);
  level.shown.missing = part.missing;
  return step;
}

void Walk::place(FrameDatagram& shown, bool quoted) {
  const auto* outer = depth_ > 0 ? &memory_.levels[depth_ - 1].shown : nullptr;
  shown.outer = outer;
  shown.depth = depth_;
  shown.frame_offset = frame_offset(shown.datagram.octets);
  shown.quoted = quoted || (outer != nullptr && outer->quoted);
  shown.protection = outer != nullptr && !quoted ? outer->protection : Protection::none;
  if (decrypted_) shown.protection = Protection::esp;
  if (shown.protection == Protection::none && shown.datagram.find(ip_proto::ah) != nullptr) {
    shown.protection = Protection::ah;
  }
  shown.first_header = first_header_;
  first_header_ = 0;
  decrypted_ = false;
}

Step Walk::content(const WalkLevel& level) {
  const auto& datagram = level.shown.datagram;
  for (auto i = level.shown.first_header; i < datagram.chain.size() && !stopped_; ++i) {
    const auto& header = datagram.chain[i];
    if (i + 1 == datagram.chain.size()) {
      if (level.end == ChainEnd::too_long) {
        return stop(R::too_many_headers, level.from(header.offset));
      }
      if (level.end == ChainEnd::incomplete) return incomplete_header(level, header);
    }
    if (!is_extension(header.type, datagram.v4)) return upper_layer(level, header);
    complete_header(level, header);
  }
  if (level.end == ChainEnd::fragment && !stopped_) return fragment(level);
  return {Layer::none, level.from(0)};
}

void Walk::complete_header(const WalkLevel& level, const Header& header) {
  if (header.type == ip_proto::ah) visitor_.on_ah(level.shown, header);
  if (header.type != ip_proto::hop_by_hop && header.type != ip_proto::dstopts) return;
  const auto rest =
      options(level, header, {level.shown.datagram.octets_of(header), 0, R::bad_length});
  if (rest.size() > 0 && !stopped_) report(stop(R::bad_length, rest));
}

Step Walk::incomplete_header(const WalkLevel& level, const Header& header) {
  const auto part = level.from(header.offset);
  if (header.type != ip_proto::hop_by_hop && header.type != ip_proto::dstopts) {
    return too_short(part);
  }
  return too_short(options(level, header, part));
}

Step Walk::upper_layer(const WalkLevel& level, const Header& header) {
  const auto part = level.from(header.offset);
  switch (header.type) {
    case ip_proto::icmp: return quoted_by_icmp(part);
    case ip_proto::ipv4:
    case ip_proto::ipv6: return {Layer::ip, part};
    case ip_proto::udp: return udp(level, header, part);
    case ip_proto::gre: return gre(part);
    case ip_proto::esp: return esp(level, header, part);
    case ip_proto::icmpv6: return icmpv6(level, header, part);
    default:
      return cannot_contain_secct(header.type) ? Step{Layer::none, part}
                                               : stop(R::unknown_ip_protocol, part, header.type);
  }
}

Step Walk::esp(const WalkLevel& level, const Header& header, const Part& part) {
  const auto& datagram = level.shown.datagram;
  auto& buffer = memory_.buffers[level.shown.depth];
  buffer.assign(datagram.octets.begin(), datagram.octets.begin() + header.offset);
  const auto next = visitor_.on_esp(level.shown, header, buffer);
  if (!next || buffer.size() < header.offset) {
    return part.has(esp_fixed_octets) ? stop(R::encrypted, part.after(esp_fixed_octets))
                                      : too_short(part);
  }
  in_frame_ = false;
  decrypted_ = true;
  const Part payload{View(buffer).subspan(header.offset)};
  if (is_ip(*next)) return {Layer::ip, payload};  // tunnel mode
  if (*next == ip_proto::none) return {Layer::none, payload};
  first_header_ = datagram.chain.size() - 1;
  constexpr std::size_t next_at_v4 = 9;
  constexpr std::size_t next_at_v6 = 6;
  const std::size_t next_at = first_header_ > 0 ? datagram.chain[first_header_ - 1].offset
                              : datagram.v4     ? next_at_v4
                                                : next_at_v6;
  buffer[next_at] = *next;
  update_ip_length(buffer);
  return {Layer::ip, {buffer}};
}

Step Walk::fragment(const WalkLevel& level) {
  const auto& datagram = level.shown.datagram;
  const auto part = level.from(datagram.chain.empty()
                                   ? datagram.header_octets
                                   : datagram.chain.back().offset + datagram.chain.back().length);
  if (part.missing > 0) return stop(part.shortage, part);
  auto& buffer = memory_.buffers[level.shown.depth];
  if (level.shown.quoted || !visitor_.on_fragment(level.shown, buffer)) {
    return stop(R::fragment, part);
  }
  in_frame_ = false;
  first_header_ = datagram.chain.empty() ? 0 : datagram.chain.size() - 1;
  return {Layer::ip, {buffer}};
}

}  // namespace secct::network
