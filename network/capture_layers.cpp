// SPDX-License-Identifier: GPL-2.0-or-later
#include "network/capture_layers.hpp"

namespace secct::network {
namespace {

using R = Stop::Reason;

}  // namespace

Step null_loopback(const Part& part) {
  constexpr std::size_t head = 4;
  if (!part.has(head)) return too_short(part);
  auto family = part.number(0, head);
  if (family > 0xffff) family = part.little_endian(0, head);  // byte order of the capturing host
  switch (family) {
    case 2:                                         // AF_INET
    case 10:                                        // AF_INET6 of Linux,
    case 23:                                        // Windows,
    case 24:                                        // NetBSD and OpenBSD,
    case 28:                                        // FreeBSD,
    case 30: return {Layer::ip, part.after(head)};  // macOS
    default: return stop(R::unknown_family, part.after(head), family);
  }
}

Step linux_cooked(const Part& part, std::size_t head, std::size_t protocol_at) {
  constexpr std::uint32_t ieee_802_2 = 0x0004;  // if_ether.h, ETH_P_802_2
  if (!part.has(head)) return too_short(part);
  const auto protocol = part.number(protocol_at, 2);
  if (protocol == ieee_802_2) return {Layer::llc, part.after(head)};
  return {Layer::ethertype, part.after(head), protocol};
}

Step nflog(const Part& part) {
  constexpr std::size_t head = 4;
  constexpr std::uint32_t payload = 9;  // nfnetlink_log.h, NFULA_PAYLOAD
  if (!part.has(head)) return too_short(part);
  const auto family = part.number(0, 1);
  if (part.number(1, 1) != 0) return stop(R::unsupported_format, part);
  bool is_little_endian = false;  // as the capturing host
  auto rest = part.after(head);
  for (bool is_first = true; rest.size() > 0; is_first = false) {
    if (!rest.has(head)) return too_short(rest);
    // Types are less than 256, which shows the byte order.
    if (is_first) is_little_endian = rest.number(3, 1) == 0;
    const auto field = [&](std::size_t at) {
      return is_little_endian ? rest.little_endian(at, 2) : rest.number(at, 2);
    };
    const auto length = field(0);
    if (length < head) return stop(R::bad_length, rest);
    if (field(2) == payload) {
      const auto content = rest.after(head).first(length - head);
      constexpr std::uint32_t families[] = {2, 7, 10};  // AF_INET, AF_BRIDGE, AF_INET6
      if (std::ranges::find(families, family) != std::end(families)) return {Layer::ip, content};
      return stop(R::unknown_family, content, family);
    }
    const auto aligned = (length + 3) / 4 * 4;
    if (!rest.has(aligned)) return too_short(rest);
    rest = rest.after(aligned);
  }
  return {Layer::none, rest};
}

}  // namespace secct::network
