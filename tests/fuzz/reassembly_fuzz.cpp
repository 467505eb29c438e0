// SPDX-License-Identifier: GPL-2.0-or-later
// Reassembles datagrams. Bit 0 of the first octet: the input is a list of datagrams (time since the
// previous one in seconds, an octet; length, two octets; octets); otherwise it is one datagram
// (MTU, two octets; order of the fragments, 16 octets; octets), which must survive fragmentation.
#include "network/datagram.hpp"
#include "network/fragment.hpp"
#include "tests/fuzz/input.hpp"

using namespace secct;
using namespace secct::network;
using test::require;

namespace {

constexpr std::size_t most_incomplete = 256;
constexpr std::size_t longest_datagram = 65535 + ipv6_header_octets;

void list_of_datagrams(test::FuzzInput& input) {
  Reassembler reassembler;
  std::uint64_t now = 0;
  while (!input.empty()) {
    now += input.octet() * std::uint64_t{1'000'000'000};
    const auto octets = input.some(input.number());
    const auto whole = reassembler.add(octets, now);
    require(!whole || whole->size() <= longest_datagram, "a datagram of impossible length");
    require(reassembler.incomplete() <= most_incomplete, "too many incomplete datagrams");
  }
}

void one_datagram(test::FuzzInput& input) {
  const auto mtu = input.number();
  const auto order = input.copy(16);
  const auto octets = input.copy(longest_datagram);
  const auto datagram = parse_datagram(octets);
  if (!datagram || datagram->is_fragment || datagram->octets.size() != octets.size()) return;
  if (datagram->find(ip_proto::fragment) != nullptr) return;  // atomic; reassembly removes it
  auto fragments = fragmented(octets, mtu, 7);
  if (fragments.empty()) return;
  for (std::size_t i = 0; i < order.size() && i < fragments.size(); ++i) {
    std::swap(fragments[i], fragments[order[i] % fragments.size()]);
  }
  Reassembler reassembler;
  std::optional<Octets> whole;
  for (const auto& fragment : fragments) {
    require(!whole, "complete before the last fragment", octets);
    require(fragment.size() <= std::max<std::size_t>(mtu, octets.size()), "fragment", octets);
    whole = reassembler.add(fragment, 0);
  }
  require(whole.has_value(), "not complete after the last fragment", octets);
  const auto again = parse_datagram(*whole);
  require(again && again->source == datagram->source &&
              again->destination == datagram->destination &&
              again->chain.size() == datagram->chain.size(),
          "other headers", octets);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  test::FuzzInput input(data, size);
  if ((input.octet() & 1U) != 0) {
    list_of_datagrams(input);
  } else {
    one_datagram(input);
  }
  return 0;
}
