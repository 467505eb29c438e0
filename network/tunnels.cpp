// SPDX-License-Identifier: GPL-2.0-or-later
// Tunnels: GRE (RFC 2784, RFC 2890), VXLAN (RFC 7348), GTP-U (3GPP TS 29.281), Teredo (RFC 4380).
// And the datagrams that ICMP errors and Redirects quote (RFC 792, RFC 4443, RFC 4861, RFC 4884).
#include "network/layer_step.hpp"

namespace secct::network {
namespace {

using R = Stop::Reason;

Step quoted(const Part& part) {
  // A quoted datagram is usually shorter than its length field.
  Step step{Layer::ip, part};
  step.part.shortage = R::truncated;
  step.quoted = true;
  return step;
}

// The quotation in an ICMP error.
Step quoted_by_error(const Part& message) {
  constexpr std::size_t head = 8;
  return message.has(head) ? quoted(message.after(head)) : too_short(message);
}

// The same for an error that may have extensions after the quotation (RFC 4884). The length of the
// quotation, in `units` octets, is at `length_at`; it is 0 if there are no extensions.
Step quoted_before_extensions(const Part& message, std::size_t length_at, std::size_t units) {
  constexpr std::size_t shortest = 128;
  auto step = quoted_by_error(message);
  if (step.layer == Layer::stop) return step;
  const auto length = message.number(length_at, 1) * units;
  return length < shortest ? step : quoted(step.part.first(length));
}

// The Redirected Header option of a Redirect (RFC 4861 section 4.6.3).
Step quoted_by_redirect(const Part& message) {
  constexpr std::size_t head = 40;
  constexpr std::size_t option_head = 8;
  constexpr std::uint32_t redirected_header = 4;
  if (!message.has(head)) return too_short(message);
  auto rest = message.after(head);
  while (rest.size() > 0) {
    if (!rest.has(2)) return too_short(rest);
    const std::size_t length = rest.number(1, 1) * 8;
    if (length == 0) return stop(R::bad_length, rest);
    if (rest.number(0, 1) == redirected_header) {
      if (!rest.has(option_head)) return too_short(rest);
      return quoted(rest.first(length).after(option_head));
    }
    if (!rest.has(length)) return too_short(rest);
    rest = rest.after(length);
  }
  return {Layer::none, rest};
}

}  // namespace

Step gre(const Part& part) {
  constexpr std::size_t head = 4;
  constexpr std::uint32_t checksum = 0x8000;
  constexpr std::uint32_t key = 0x2000;
  constexpr std::uint32_t sequence = 0x1000;
  constexpr std::uint32_t unsupported = 0x4007;  // source routes (RFC 1701), version
  if (!part.has(head)) return too_short(part);
  const auto flags = part.number(0, 2);
  if ((flags & unsupported) != 0) return stop(R::unsupported_format, part);
  auto length = head;
  for (const auto flag : {checksum, key, sequence}) length += (flags & flag) != 0 ? 4 : 0;
  if (!part.has(length)) return too_short(part);
  return {Layer::ethertype, part.after(length), part.number(2, 2)};
}

Step vxlan(const Part& part) {
  constexpr std::size_t head = 8;
  constexpr std::uint32_t has_network = 0x08;
  if (!part.has(head)) return too_short(part);
  if ((part.number(0, 1) & has_network) == 0) return stop(R::unsupported_format, part);
  return {Layer::ethernet, part.after(head)};
}

Step gtp_u(const Part& part) {
  constexpr std::size_t head = 8;
  constexpr std::size_t optional = 4;      // sequence number, N-PDU number, extension type
  constexpr std::uint32_t version = 0x30;  // version 1, GTP
  constexpr std::uint32_t has_extension = 4;
  constexpr std::uint32_t has_optional = 7;
  constexpr std::uint32_t user_data = 255;
  if (!part.has(head)) return too_short(part);
  const auto flags = part.number(0, 1);
  if ((flags & 0xf0) != version) return stop(R::unsupported_format, part);
  if (part.number(1, 1) != user_data) return {Layer::none, part};
  auto rest = part.after(head).first(part.number(2, 2));
  if ((flags & has_optional) == 0) return {Layer::ip, rest};
  if (!rest.has(optional)) return too_short(rest);
  auto type = (flags & has_extension) != 0 ? rest.number(3, 1) : 0;
  rest = rest.after(optional);
  while (type != 0) {
    if (!rest.has(1)) return too_short(rest);
    const std::size_t length = rest.number(0, 1) * 4;
    if (length == 0) return stop(R::bad_length, rest);
    if (!rest.has(length)) return too_short(rest);
    type = rest.number(length - 1, 1);
    rest = rest.after(length);
  }
  return {Layer::ip, rest};
}

Step teredo(const Part& part) {
  constexpr std::uint32_t authentication = 0x0001;
  constexpr std::uint32_t origin = 0x0000;
  constexpr std::size_t authentication_head = 4;
  constexpr std::size_t nonce_and_confirmation = 9;
  constexpr std::size_t origin_octets = 8;
  auto rest = part;
  if (!rest.has(2)) return too_short(rest);
  if (rest.number(0, 2) == authentication) {
    if (!rest.has(authentication_head)) return too_short(rest);
    const std::size_t length =
        authentication_head + rest.number(2, 1) + rest.number(3, 1) + nonce_and_confirmation;
    if (!rest.has(length)) return too_short(rest);
    rest = rest.after(length);
  }
  if (!rest.has(2)) return too_short(rest);
  if (rest.number(0, 2) == origin) {
    if (!rest.has(origin_octets)) return too_short(rest);
    rest = rest.after(origin_octets);
  }
  return {Layer::ip, rest};
}

Step quoted_by_icmp(const Part& message) {
  if (!message.has(1)) return too_short(message);
  switch (message.number(0, 1)) {
    case 3:                                                   // destination unreachable
    case 11:                                                  // time exceeded
    case 12: return quoted_before_extensions(message, 5, 4);  // parameter problem
    case 4:                                                   // source quench
    case 5: return quoted_by_error(message);                  // Redirect
    default: return {Layer::none, message};
  }
}

Step quoted_by_icmpv6(const Part& message) {
  if (!message.has(1)) return too_short(message);
  switch (message.number(0, 1)) {
    case 1:                                                  // destination unreachable
    case 3: return quoted_before_extensions(message, 4, 8);  // time exceeded
    case 2:                                                  // packet too big
    case 4: return quoted_by_error(message);                 // parameter problem
    case 137: return quoted_by_redirect(message);
    default: return {Layer::none, message};
  }
}

}  // namespace secct::network
