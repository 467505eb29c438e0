// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/decode/decoded_message.hpp"

#include <algorithm>

namespace secct {

void Tape::clear() {
  message = Message::none;
  octets = {};
  envelope = {};
  items.clear();
  problems.clear();
}

Address Tape::address(const Item& item) const {
  if (!item.generated) return address_from(octets_of(item));
  const auto& from = item.number == 0 ? envelope.source : envelope.destination;
  return from.value_or(Address{});
}

const Item* Tape::find(Field field, std::size_t from, std::size_t to) const {
  to = std::min(to, items.size());
  for (auto i = from; i < to; ++i) {
    if (items[i].field == field) return &items[i];
  }
  return nullptr;
}

const Item* Tape::find_in(const Item& group, Field field) const {
  return find(field, static_cast<std::size_t>(&group - items.data()) + 1, group.end);
}

std::optional<std::uint64_t> Tape::number(Field field) const {
  const auto* item = find(field);
  if (item == nullptr) return std::nullopt;
  return item->number;
}

bool Tape::broken(Rule rule) const {
  return std::ranges::any_of(problems, [&](const auto& p) { return p.rule == rule; });
}

bool Tape::has_row(std::uint8_t wanted) const {
  return std::ranges::any_of(problems, [&](const auto& p) { return row(p.rule).row == wanted; });
}

std::uint8_t Tape::worst_row(std::uint32_t from, std::uint32_t to) const {
  std::uint8_t worst = 0;
  for (const auto& problem : problems) {
    const auto candidate = row(problem.rule).row;
    if (problem.offset < from || problem.offset >= to || candidate == 0) continue;
    if (worst == 0 || candidate < worst) worst = candidate;
  }
  return worst;
}

}  // namespace secct
