// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/transmit/destination_guard.hpp"

#include <algorithm>
#include <array>

#include "generator/document/decrypting_visitor.hpp"
#include "network/final_addresses.hpp"

namespace secct::generator {
namespace {

constexpr std::size_t v6_octets = 16;
constexpr std::size_t v4_octets = 4;

struct Range {
  Address prefix;
  unsigned bits;

  bool contains(const Address& address) const { return prefix_of(address, bits) == prefix; }
};

std::array<Range, 20> harmless_ranges() {
  struct Text {
    std::string_view prefix;
    unsigned bits;
  };
  constexpr std::array<Text, 20> texts{{
      {"::", 127},         // unspecified, loopback
      {"2001:db8::", 32},  // RFC 3849
      {"3fff::", 20},      // RFC 9637
      {"2001:2::", 48},    // RFC 5180, benchmarking
      {"fc00::", 7},       // RFC 4193
      {"fe80::", 10},      // RFC 4291
      {"ff01::", 16},      // multicast: interface and link
      {"ff02::", 16},
      {"::ffff:10.0.0.0", 104},  // RFC 1918
      {"::ffff:172.16.0.0", 108},
      {"::ffff:192.168.0.0", 112},
      {"::ffff:169.254.0.0", 112},  // RFC 3927
      {"::ffff:127.0.0.0", 104},
      {"::ffff:0.0.0.0", 128},
      {"::ffff:192.0.2.0", 120},  // RFC 5737
      {"::ffff:198.51.100.0", 120},
      {"::ffff:203.0.113.0", 120},
      {"::ffff:198.18.0.0", 111},  // RFC 2544, benchmarking
      {"::ffff:224.0.0.0", 120},   // multicast on the link
      {"::ffff:255.255.255.255", 128},
  }};
  std::array<Range, texts.size()> ranges{};
  for (std::size_t i = 0; i < texts.size(); ++i) {
    parse_v6(texts[i].prefix, ranges[i].prefix);
    ranges[i].bits = texts[i].bits;
  }
  return ranges;
}

class DestinationVisitor : public DecryptingVisitor {
 public:
  explicit DestinationVisitor(const Keyring& keys) : DecryptingVisitor(keys) {}

  const std::optional<UnsafeDestination>& found() const { return found_; }

  Action on_datagram(const FrameDatagram& in) override {
    if (in.quoted) return Action::proceed;
    const auto& datagram = in.datagram;
    check(datagram.destination, in.outer == nullptr ? "IP header" : "inner IP header");
    if (datagram.v4) check_source_routes(datagram.octets);
    for (const auto& header : datagram.chain) {
      if (header.type == ip_proto::routing) check_routing_header(datagram.octets_of(header));
      if (header.type == ip_proto::icmpv6) check_neighbor_message(datagram.octets_of(header));
    }
    return found_ ? Action::stop : Action::proceed;
  }

  void on_arp(View octets) override {
    constexpr std::size_t arp_octets = 28;
    if (octets.size() < arp_octets || octets[5] != v4_octets) return;
    check(address_from(octets.subspan(14, v4_octets)), "ARP sender");
    check(address_from(octets.subspan(24, v4_octets)), "ARP target");
  }

  // The first fragment may contain the header of a tunnelled datagram; others continue it.
  bool on_fragment(const FrameDatagram& in, Octets& whole) override {
    const auto& datagram = in.datagram;
    constexpr std::uint64_t v4_offset = 0x1fff;
    constexpr std::uint64_t v6_offset = 0xfff8;
    const auto octets = datagram.octets;
    whole.assign(octets.begin(), octets.end());
    if (datagram.v4) {
      if ((big_endian(octets.subspan(6, 2)) & v4_offset) != 0) return false;
      whole[6] = whole[7] = 0;
      return true;
    }
    const auto& header = datagram.chain.back();
    if ((big_endian(octets.subspan(header.offset + 2, 2)) & v6_offset) != 0) return false;
    const auto begin = whole.begin() + static_cast<std::ptrdiff_t>(header.offset);
    const auto next_at =
        datagram.chain.size() > 1 ? datagram.chain[datagram.chain.size() - 2].offset : 6U;
    whole[next_at] = *begin;
    whole.erase(begin, begin + static_cast<std::ptrdiff_t>(header.length));
    update_ip_length(whole);
    return true;
  }

  void on_stop(const Stop& stop) override {
    const bool is_too_deep =
        stop.reason == Stop::Reason::nesting || stop.reason == Stop::Reason::too_many_headers;
    if (is_too_deep && !stop.quoted && !found_) found_ = {{}, "nested headers"};
  }

 private:
  void check(const Address& address, std::string_view where) {
    if (!found_ && !is_harmless_destination(address)) found_ = {address, where};
  }

  // `octets` is a list of addresses of `size` octets.
  void check_list(View octets, std::size_t size, std::string_view where) {
    for (; octets.size() >= size; octets = octets.subspan(size)) {
      check(address_from(octets.first(size)), where);
    }
  }

  // Types 0 (RFC 2460 section 4.4), 2 (RFC 6275 section 6.4) and 4 (RFC 8754 section 2) have a list
  // of addresses after 8 octets. Of any other type this is a guess.
  void check_routing_header(View header) {
    constexpr std::size_t fixed = 8;
    if (header.size() < 4 || header[3] == 0) return;  // no segments left
    if (header.size() > fixed) check_list(header.subspan(fixed), v6_octets, "Routing header");
  }

  void check_source_routes(View datagram) {
    constexpr std::uint8_t loose = 131;
    constexpr std::uint8_t strict = 137;
    constexpr std::size_t fixed = 3;
    for (const auto& option : parse_ipv4_options(datagram)) {
      const auto type = datagram[option.offset];
      if (type != loose && type != strict) continue;
      const auto octets = datagram.subspan(option.offset, option.length);
      if (octets.size() > fixed) check_list(octets.subspan(fixed), v4_octets, "IPv4 source route");
    }
  }

  // The targets of Neighbor Solicitation, Neighbor Advertisement and Redirect, and the destination
  // of a Redirect (RFC 4861 section 4).
  void check_neighbor_message(View message) {
    constexpr std::uint8_t first = 135;
    constexpr std::uint8_t redirect = 137;
    constexpr std::size_t target_at = 8;
    constexpr std::size_t destination_at = target_at + v6_octets;
    if (message.size() < destination_at || message[0] < first || message[0] > redirect) return;
    check(address_from(message.subspan(target_at, v6_octets)), "Neighbor Discovery target");
    if (message[0] == redirect && message.size() >= destination_at + v6_octets) {
      check(address_from(message.subspan(destination_at, v6_octets)), "Redirect");
    }
  }

  std::optional<UnsafeDestination> found_;
};

}  // namespace

bool is_harmless_destination(const Address& address) {
  static const auto ranges = harmless_ranges();
  return std::ranges::any_of(ranges, [&](const Range& range) { return range.contains(address); });
}

std::optional<UnsafeDestination> DestinationGuard::find(LinkType link, View packet) {
  DestinationVisitor visitor(keys_);
  walker_.walk({link, packet, packet.size()}, visitor);
  if (visitor.found()) return visitor.found();
  // FrameWalker reports no datagram whose length is shorter than its header.
  const auto at = network_offset(link, packet);
  const auto ends = at ? ip_addresses(packet.subspan(*at)) : std::nullopt;
  if (ends && !is_harmless_destination(ends->destination)) {
    return UnsafeDestination{ends->destination, "IP header"};
  }
  return std::nullopt;
}

}  // namespace secct::generator
