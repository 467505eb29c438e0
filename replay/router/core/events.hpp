// SPDX-License-Identifier: GPL-2.0-or-later
// Counters of a router, and an event for each message that it processed.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>

#include "protocol/octets.hpp"
#include "protocol/tables/layout.hpp"
#include "protocol/time.hpp"
#include "replay/namespace.hpp"

namespace secct::replay {

enum class Count : std::uint8_t {
#define COUNTER(id, name, what) id,
#include "replay/router/core/counters.def"
#undef COUNTER
  number
};

struct CountRow {
  Count id;
  std::string_view name;
  std::string_view what;
};
// In the order of counters.def.
std::span<const CountRow> count_rows();

class Statistics {
 public:
  void add(Count count, std::uint64_t more = 1) { of_[static_cast<std::size_t>(count)] += more; }
  std::uint64_t operator[](Count count) const { return of_[static_cast<std::size_t>(count)]; }

 private:
  std::array<std::uint64_t, static_cast<std::size_t>(Count::number)> of_{};
};

enum class Outcome : std::uint8_t { accepted, repeated, refused, discarded };
std::string_view name(Outcome outcome);

// A received message and what the router did with it.
struct RouterEvent {
  Time time = 0;
  Outcome outcome = Outcome::accepted;
  Message message = Message::none;  // none: not SecCT, or not decrypted
  Address source{};
  std::optional<Address> paddr;  // the mobile node, where the message names one
  std::uint8_t status = 0;       // SecCT-Stat or HAck code of the answer; 0: none
  std::string_view clause;       // of docs/clauses.yaml; empty if no rule was violated
  std::string_view why;          // one line
};
using EventListener = std::function<void(const RouterEvent&)>;

}  // namespace secct::replay
