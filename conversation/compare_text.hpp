// SPDX-License-Identifier: GPL-2.0-or-later
// Numbers as the texts of violations, and numbers of a message.
#pragma once

#include <string>
#include <vector>

#include "protocol/decode/decoded_message.hpp"

namespace secct::conversation {

std::string text(std::uint64_t number);
std::string hex(std::uint32_t number);                        // 0x00001000
std::string list(const std::vector<std::uint32_t>& numbers);  // of hex(); "none" if it is empty

// The numbers of all fields of this kind.
std::vector<std::uint32_t> numbers(const DecodedMessage& decoded, Field field);

inline Octets octets_of(View view) { return {view.begin(), view.end()}; }

}  // namespace secct::conversation
