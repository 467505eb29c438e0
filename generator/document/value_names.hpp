// SPDX-License-Identifier: GPL-2.0-or-later
// The names of numbers in packet documents: keys of values.def, code points, and SPT names.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "generator/namespace.hpp"
#include "protocol/tables/codepoints.hpp"
#include "protocol/tables/fields.hpp"

namespace secct::generator {

// The largest number that a field of type u8, u16 or u32 can hold.
std::uint64_t largest_number(FieldType type);

// All names of the numbers of `field`, of SPTs only those of assigned numbers; empty if its numbers
// have no names.
std::vector<std::string> number_names(const FieldRow& field);

// The number that `name` denotes.
std::optional<std::uint64_t> named_number(const CodePoints& codepoints, const FieldRow& field,
                                          const std::string& name);

// The name that a document writes instead of `number`: named_number() converts it back to the same
// number. std::nullopt if the document writes the number.
std::optional<std::string> number_name(const CodePoints& codepoints, const FieldRow& field,
                                       std::uint64_t number);

}  // namespace secct::generator
