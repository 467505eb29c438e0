// SPDX-License-Identifier: GPL-2.0-or-later
// Feeds packets and time to the reference router. The first octet selects the role. Then follow
// steps: kind (an octet; bits 0-1: only time, a datagram, a handover message with additional octets
// and a valid ICV, or the previous datagram again), time (an octet, in units of 20 ms), length (two
// octets), octets.
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <span>

#include "generator/document/edit.hpp"
#include "generator/handover/handover.hpp"
#include "generator/packet/build.hpp"
#include "network/datagram.hpp"
#include "replay/router/router.hpp"

namespace {

using namespace secct;
using namespace secct::replay;

constexpr std::size_t most_sent = 4096;  // datagrams that the router may send for one input

const RouterDescription& description() {
  static const auto description = built_in_description();
  return description;
}

class Input {
 public:
  explicit Input(View octets) : left_(octets) {}
  bool empty() const { return left_.empty(); }
  std::uint8_t octet() {
    if (left_.empty()) return 0;
    const auto value = left_[0];
    left_ = left_.subspan(1);
    return value;
  }
  View some(std::size_t count) {
    const auto part = left_.first(std::min(count, left_.size()));
    left_ = left_.subspan(part.size());
    return part;
  }

 private:
  View left_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t longest = 8192;
  if (size == 0 || size > longest) return 0;
  Input input(View(data, size));
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
    const std::size_t length = input.octet() << 8U | input.octet();
    switch (what & 3U) {
      case 0: router.advance(now); break;
      case 1: {
        const auto octets = input.some(length);
        last.assign(octets.begin(), octets.end());
        router.receive(last, now);
        break;
      }
      case 2: {
        auto packet = *handover.by_name(names[(what >> 2U) % names.size()]);
        if (auto* message = packet.message()) {
          const auto octets = input.some(length % 512);
          // The octets follow the options; the AH ICV covers them.
          if (!octets.empty()) {
            message->children.emplace_back(Field::raw, Octets(octets.begin(), octets.end()));
          }
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
    if (sent > most_sent) std::abort();  // a small input must not cause a flood
  }
  for (int i = 0; i < 1000 && router.deadline(); ++i) {
    now = std::max(now, *router.deadline());
    router.advance(now);
    router.take();
  }
  return 0;
}
