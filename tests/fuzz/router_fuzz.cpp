// SPDX-License-Identifier: GPL-2.0-or-later
// Feeds packets and time to the reference router. The first octet selects the role. Then follow
// steps: kind (an octet; bits 0-1: only time, a datagram, a handover message with additional octets
// and a valid ICV, or the previous datagram again), time (an octet, in units of 20 ms), length (two
// octets), octets.
#include <cstdint>
#include <optional>
#include <span>

#include "generator/document/edit.hpp"
#include "generator/handover/handover.hpp"
#include "generator/packet/build.hpp"
#include "network/datagram.hpp"
#include "replay/router/router.hpp"
#include "tests/fuzz/input.hpp"

namespace {

using namespace secct;
using namespace secct::replay;

constexpr std::size_t most_sent = 4096;  // datagrams that the router may send for one input

const RouterDescription& description() {
  static const auto description = built_in_description();
  return description;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t longest = 8192;
  if (size == 0 || size > longest) return 0;
  test::FuzzInput input(data, size);
  const auto role = static_cast<Role>(input.octet() % 3);
  Limits few;
  few.kept_ushreps = few.pending_requests = few.mobile_nodes = few.answers = 8;
  Router router(description(), std::span(&role, 1), {}, few);
  Counters counters;
  Handover handover(description(), role, 1, 1, counters);
  const auto keys = handover.keyring();
  const auto names = Handover::names();
  Time now = 0;
  std::size_t sent = 0;
  Octets last;
  while (!input.empty()) {
    const auto what = input.octet();
    now += milliseconds(input.octet()) * 20;
    const std::size_t length = input.number();
    switch (what & 3U) {
      case 0: router.advance(now); break;
      case 1: {
        last = input.copy(length);
        router.receive(last, now);
        break;
      }
      case 2: {
        auto packet = *handover.by_name(names[(what >> 2U) % names.size()]);
        if (auto* message = packet.message()) {
          auto octets = input.copy(length % 512);
          // The octets follow the options; the AH ICV covers them.
          if (!octets.empty()) message->children.emplace_back(Field::raw, std::move(octets));
        }
        const auto built = build(description().codepoints, keys, packet);
        if (built.octets.size() < ethernet_octets) break;
        last.assign(built.octets.begin() + ethernet_octets, built.octets.end());
        router.receive(last, now);
        break;
      }
      default: router.receive(last, now); break;
    }
    sent += router.take().size();
    test::require(sent <= most_sent, "a small input causes a flood");
  }
  for (int i = 0; i < 1000 && router.deadline(); ++i) {
    now = std::max(now, *router.deadline());
    router.advance(now);
    router.take();
  }
  return 0;
}
