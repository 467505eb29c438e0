// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/capture/pcap.hpp"

#include <cstring>

namespace secct::generator::pcap {
namespace {

template <class Number>
void append_native(Octets& to, Number number) {
  const auto at = to.size();
  to.resize(at + sizeof number);
  std::memcpy(to.data() + at, &number, sizeof number);
}

}  // namespace

void append_header(Octets& to, std::uint16_t link_type, std::uint32_t snapshot_octets,
                   bool nanoseconds) {
  constexpr std::uint32_t microsecond_magic = 0xa1b2c3d4;
  constexpr std::uint32_t nanosecond_magic = 0xa1b23c4d;
  constexpr std::uint16_t major_version = 2;
  constexpr std::uint16_t minor_version = 4;
  append_native(to, nanoseconds ? nanosecond_magic : microsecond_magic);
  append_native(to, major_version);
  append_native(to, minor_version);
  append_native(to, std::uint64_t{0});  // reserved
  append_native(to, snapshot_octets);
  append_native(to, std::uint32_t{link_type});
}

void append_packet(Octets& to, const Packet& packet) {
  append_native(to, packet.seconds);
  append_native(to, packet.fraction);
  append_native(to, static_cast<std::uint32_t>(packet.octets.size()));
  append_native(to, packet.wire_octets);
  append(to, packet.octets);
}

}  // namespace secct::generator::pcap
