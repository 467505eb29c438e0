// SPDX-License-Identifier: GPL-2.0-or-later
// Neighbor Discovery and ARP receive any frames. Steps: kind (an octet; bits 0-1: a frame, a
// datagram to be sent, a solicitation, time), time since the previous step (an octet, in units of
// 20 ms), length (two octets), octets.
#include "generator/transmit/neighbor_cache.hpp"
#include "network/datagram.hpp"
#include "protocol/time.hpp"
#include "tests/fuzz/input.hpp"

using namespace secct;
using namespace secct::generator;
using test::require;

namespace {

constexpr MacAddress own{2, 0, 0, 0, 0, 1};

bool is_local(const Address& address) { return address[15] < 16; }

// Frames that are sent have our address as their source, and contain ARP or IP.
void check_sent(View frame) {
  require(frame.size() >= ethernet_octets && std::ranges::equal(frame.subspan(6, 6), own),
          "the source of a frame", frame);
  const auto type = big_endian(frame.subspan(12, 2));
  require(type == 0x0806 || type == 0x0800 || type == 0x86dd, "the type of a frame", frame);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t longest = 8192;
  constexpr std::size_t most_for_a_step = 64;  // frames: the datagrams that waited for an answer
  if (size > longest) return 0;
  test::FuzzInput input(data, size);
  NeighborCache neighbors(own, is_local);
  std::uint64_t now = 0;
  while (!input.empty()) {
    const auto kind = input.octet();
    now += milliseconds(input.octet()) * 20;
    const auto octets = input.copy(input.number());
    switch (kind & 3U) {
      case 0: {
        const auto datagram = neighbors.receive(octets);
        if (datagram) {
          const auto addresses = network::ip_addresses(*datagram);
          require(addresses && is_local(addresses->destination), "not for us", octets);
        }
        break;
      }
      case 1: neighbors.send(octets, now); break;
      case 2: {
        Address address{};
        std::ranges::copy(View(octets).first(std::min(octets.size(), address.size())),
                          address.begin());
        neighbors.solicit(address, {}, now);
        break;
      }
      default: neighbors.advance(now); break;
    }
    const auto frames = neighbors.take();
    for (const auto& frame : frames) check_sent(frame);
    require((kind & 3U) == 3 || frames.size() <= most_for_a_step, "too many frames", octets);
  }
  return 0;
}
