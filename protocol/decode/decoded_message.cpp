// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/decode/decoded_message.hpp"

#include <algorithm>

namespace secct {

void DecodedMessage::clear() {
  message = Message::none;
  octets = {};
  envelope = {};
  fields.clear();
  problems.clear();
}

Address DecodedMessage::address(const DecodedField& field) const {
  if (!field.generated) return address_from(octets_of(field));
  const auto& from = field.number == 0 ? envelope.source : envelope.destination;
  return from.value_or(Address{});
}

const DecodedField* DecodedMessage::find(Field field, std::size_t from, std::size_t to) const {
  to = std::min(to, fields.size());
  for (auto i = from; i < to; ++i) {
    if (fields[i].field == field) return &fields[i];
  }
  return nullptr;
}

const DecodedField* DecodedMessage::find_in(const DecodedField& group, Field field) const {
  return find(field, static_cast<std::size_t>(&group - fields.data()) + 1, group.end);
}

std::optional<std::uint64_t> DecodedMessage::number(Field field) const {
  const auto* found = find(field);
  if (found == nullptr) return std::nullopt;
  return found->number;
}

bool DecodedMessage::broken(Rule rule) const {
  return std::ranges::any_of(problems, [&](const auto& p) { return p.rule == rule; });
}

bool DecodedMessage::has_status_row(std::uint8_t wanted) const {
  return std::ranges::any_of(problems,
                             [&](const auto& p) { return row(p.rule).status_row == wanted; });
}

std::uint8_t DecodedMessage::worst_status_row(std::uint32_t from, std::uint32_t to) const {
  std::uint8_t worst = 0;
  for (const auto& problem : problems) {
    const auto candidate = row(problem.rule).status_row;
    if (problem.offset < from || problem.offset >= to || candidate == 0) continue;
    if (worst == 0 || candidate < worst) worst = candidate;
  }
  return worst;
}

}  // namespace secct
