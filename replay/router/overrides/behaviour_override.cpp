// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/router/overrides/behaviour_override.hpp"

#include <algorithm>

namespace secct::replay {
namespace {

constexpr FaultRow fault_rows[] = {
#define FAULT(id, name, clauses, level, what) {Fault::id, name, clauses, FaultLevel::level, what},
#include "replay/router/overrides/faults.def"
#undef FAULT
};

constexpr VariationRow variation_rows[] = {
#define VARIATION(id, name, clauses, what) {Variation::id, name, clauses, what},
#include "replay/router/overrides/variations.def"
#undef VARIATION
};

template <typename Row>
const Row* find_row(std::span<const Row> rows, std::string_view name) {
  const auto found = std::ranges::find(rows, name, &Row::name);
  return found == rows.end() ? nullptr : &*found;
}

}  // namespace

std::string_view name(FaultLevel level) {
  constexpr std::string_view names[] = {"must", "should", "behaviour"};
  return names[static_cast<std::size_t>(level)];
}

bool FaultRow::violates(std::string_view clause) const {
  for (auto rest = clauses; !rest.empty();) {
    const auto space = rest.find(' ');
    if (rest.substr(0, space) == clause) return true;
    rest = space == std::string_view::npos ? std::string_view() : rest.substr(space + 1);
  }
  return false;
}

std::span<const FaultRow> faults() { return fault_rows; }
std::span<const VariationRow> variations() { return variation_rows; }
const FaultRow& row(Fault fault) { return fault_rows[static_cast<std::size_t>(fault) - 1]; }
const FaultRow* find_fault(std::string_view name) { return find_row(faults(), name); }
const VariationRow* find_variation(std::string_view name) { return find_row(variations(), name); }

}  // namespace secct::replay
