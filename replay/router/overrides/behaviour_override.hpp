// SPDX-License-Identifier: GPL-2.0-or-later
// Deviations of the reference router that users select: a fault of faults.def (`--fault`) or a
// conforming variation of variations.def (`--variation`).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "replay/namespace.hpp"

namespace secct::replay {

enum class Fault : std::uint16_t {
  none,
#define FAULT(id, name, clauses, level, what) id,
#include "replay/router/overrides/faults.def"
#undef FAULT
};

enum class Variation : std::uint8_t {
  none,
#define VARIATION(id, name, clauses, what) id,
#include "replay/router/overrides/variations.def"
#undef VARIATION
};

// The verdict that the suite must reach for a fault: FAIL if a MUST is violated; NON-STRICT
// suffices for a SHOULD and for a decision of this project (behaviour.md 4, "Judging a router").
enum class FaultLevel : std::uint8_t { must, should, behaviour };
std::string_view name(FaultLevel level);

struct FaultRow {
  Fault id;
  std::string_view name;     // "ack-identifier-not-copied"
  std::string_view clauses;  // of docs/clauses.yaml, separated by spaces
  FaultLevel level;
  std::string_view what;  // one line: what the router does wrong

  // True if `clause` is one of `clauses`.
  bool violates(std::string_view clause) const;
};

struct VariationRow {
  Variation id;
  std::string_view name;
  std::string_view clauses;  // that permit it; empty: the drafts do not mention it
  std::string_view what;
};

std::span<const FaultRow> faults();
std::span<const VariationRow> variations();
const FaultRow& row(Fault fault);  // not for Fault::none
// By name; nullptr if there is none.
const FaultRow* find_fault(std::string_view name);
const VariationRow* find_variation(std::string_view name);

// At most one of the two.
struct BehaviourOverride {
  Fault fault = Fault::none;
  Variation variation = Variation::none;

  constexpr BehaviourOverride() = default;
  constexpr BehaviourOverride(Fault f) : fault(f) {}
  constexpr BehaviourOverride(Variation v) : variation(v) {}
  bool operator==(const BehaviourOverride&) const = default;

  bool none() const { return fault == Fault::none && variation == Variation::none; }
  bool has(Fault f) const { return fault == f; }
  bool has(Variation v) const { return variation == v; }
};

}  // namespace secct::replay
