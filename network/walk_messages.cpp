// SPDX-License-Identifier: GPL-2.0-or-later
#include "network/walk.hpp"
#include "protocol/decode/mip4.hpp"

namespace secct::network {
namespace {

using R = Stop::Reason;

constexpr std::size_t udp_head = 8;
constexpr std::uint16_t gtp_u_port = 2152;
constexpr std::uint16_t teredo_port = 3544;
constexpr std::uint16_t vxlan_port = 4789;

// Whether the length field of a Mobile IPv4 extension was captured. Long formats have it in the
// third and fourth octet.
bool has_length(const MipExtension& extension) {
  constexpr std::size_t head = 2;
  constexpr std::size_t long_head = 4;
  return extension.octets.size() >= (extension.claimed == long_head ? long_head : head);
}

}  // namespace

void Walk::message(Carrier carrier, const Part& part, std::size_t excess, const WalkLevel& level,
                   const Header& header) {
  const auto action = visitor_.on_message(
      {carrier, part.octets, part.missing, excess, level.shown, header, frame_offset(part.octets)});
  stopped_ = action == FrameVisitor::Action::stop;
}

Part Walk::options(const WalkLevel& level, const Header& header, const Part& part) {
  constexpr std::size_t head = 2;
  constexpr std::uint32_t pad1 = 0;
  constexpr std::uint32_t padn = 1;
  if (!part.has(head)) return part;
  auto rest = part.first((part.number(1, 1) + std::size_t{1}) * 8).after(head);
  while (rest.has(1) && !stopped_) {
    const auto type = rest.number(0, 1);
    if (type == pad1) {
      rest = rest.after(1);
      continue;
    }
    if (!rest.has(head)) break;
    const std::size_t length = rest.number(1, 1) + head;
    const auto option = rest.first(length);
    const auto excess = length - option.size();
    if (type != padn) message(Carrier::dstopt, option, excess, level, header);
    if (excess > 0) break;
    rest = rest.after(option.octets.size());
  }
  return rest;
}

Step Walk::icmpv6(const WalkLevel& level, const Header& header, const Part& part) {
  if (!part.has(1)) return too_short(part);
  message(Carrier::icmpv6, part, 0, level, header);
  if (part.missing > 0 && !stopped_) report(too_short(part.after(part.octets.size())));
  return quoted_by_icmpv6(part);
}

Step Walk::udp(const WalkLevel& level, const Header& header, const Part& part) {
  if (!part.has(udp_head)) return too_short(part);
  const auto source = part.number(0, 2);
  const auto destination = part.number(2, 2);
  const auto is = [&](std::uint16_t port) { return source == port || destination == port; };
  const bool is_tunnel = destination == vxlan_port || destination == gtp_u_port || is(teredo_port);
  if (!is_tunnel && !is(mip4::port)) return {Layer::none, part};
  // The length is 0 in jumbograms, and if segmentation is offloaded.
  const std::size_t stated = part.number(4, 2);
  const auto length = stated == 0 ? part.size() : stated;
  if (length < udp_head) return stop(R::bad_length, part);
  if (length > part.size()) report(stop(R::bad_length, part.after(part.octets.size())));
  if (length < part.octets.size()) report(stop(R::bad_length, part.after(length)));
  const auto payload = part.first(length).after(udp_head);
  if (destination == vxlan_port) return vxlan(payload);
  if (destination == gtp_u_port) return gtp_u(payload);
  return is(teredo_port) ? teredo(payload) : registration(level, header, payload);
}

Step Walk::registration(const WalkLevel& level, const Header& header, const Part& payload) {
  if (!payload.has(1)) return too_short(payload);
  const auto* row = find_registration(payload.octets);
  if (row == nullptr) {
    const auto type = payload.number(0, 1);
    const bool is_registration = type == registration_row(Carrier::mip4_request).type ||
                                 type == registration_row(Carrier::mip4_reply).type;
    return is_registration ? too_short(payload) : Step{Layer::none, payload};
  }
  const auto rest = payload.after(row->fixed_octets);
  MipExtensions extensions(rest.octets);
  while (const auto extension = extensions.next()) {
    const auto from = rest.after(extension->offset);
    if (!has_length(*extension)) return too_short(from);
    const auto part = from.first(extension->claimed);
    const auto excess = extension->claimed - part.size();
    message(row->carrier, part, excess, level, header);
    if (excess > 0) return stop(R::bad_length, from);
    if (stopped_) break;
  }
  if (rest.missing > 0) return too_short(rest.after(rest.octets.size()));
  return {Layer::none, rest};
}

}  // namespace secct::network
