// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/check/current_message.hpp"

#include <fmt/format.h>

namespace secct::replay {

void CurrentMessage::report(Conversation rule, std::string expected, std::string actual) {
  failures.push_back(broken(rule, std::move(expected), std::move(actual)));
}

void CurrentMessage::expect_address(Conversation rule, const Address& expected,
                                    const std::optional<Address>& actual) {
  if (!actual || is_unspecified(expected) || *actual == expected) return;
  report(rule, to_text(expected), to_text(*actual));
}

void CurrentMessage::expect_identifier(Conversation rule, const SeenMessage& request) {
  if (identifier == request.identifier) return;
  report(rule, std::to_string(request.identifier), std::to_string(identifier));
}

SeenMessage CurrentMessage::seen() const {
  return {frame, hash, identifier, source, destination, now, 1, false};
}

Octets octets_of(View view) { return {view.begin(), view.end()}; }

std::string hex(std::uint32_t number) { return fmt::format("0x{:08x}", number); }

std::vector<std::uint32_t> numbers_in(const DecodedMessage& decoded, Field wanted) {
  std::vector<std::uint32_t> numbers;
  for (const auto& field : decoded.fields) {
    if (field.field == wanted) numbers.push_back(static_cast<std::uint32_t>(field.number));
  }
  return numbers;
}

}  // namespace secct::replay
