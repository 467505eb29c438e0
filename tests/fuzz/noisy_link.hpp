// SPDX-License-Identifier: GPL-2.0-or-later
// The embedded router and a link that loses, repeats, changes, delays and invents packets, as the
// octets of an input say. After the end of the input the link is a good one.
#pragma once

#include <deque>

#include "replay/tester/link.hpp"
#include "tests/fuzz/input.hpp"

namespace secct::test {

class NoisyLink : public replay::MemoryLink {
 public:
  NoisyLink(const replay::RouterDescription& description, const replay::Role& role,
            FuzzInput& input)
      : MemoryLink(description, std::span(&role, 1)), input_(input) {}

  std::optional<Octets> receive(Time until) override {
    if (!waiting_.empty()) {
      auto packet = std::move(waiting_.front());
      waiting_.pop_front();
      return packet;
    }
    while (auto packet = MemoryLink::receive(until)) {
      switch (input_.octet() & 7U) {
        case 1: continue;
        case 2: waiting_.push_back(*packet); break;
        case 3: {
          if (packet->empty()) break;
          const auto at = input_.number() % packet->size();
          (*packet)[at] = input_.octet();
          break;
        }
        case 4: packet->resize(input_.number() % (packet->size() + 1)); break;
        case 5: {
          waiting_.push_back(*packet);
          return input_.copy(input_.number() % 2048U);
        }
        case 6: {
          waiting_.push_back(*packet);
          auto next = MemoryLink::receive(until);
          if (next) return next;
          continue;
        }
        default: break;
      }
      return packet;
    }
    if (waiting_.empty()) return std::nullopt;
    return receive(until);
  }

 private:
  FuzzInput& input_;
  std::deque<Octets> waiting_;
};

}  // namespace secct::test
