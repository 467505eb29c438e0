// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/document/capture_header.hpp"

#include <bit>

namespace secct::generator {
namespace {

constexpr CaptureOptionRow section_rows[] = {
    {"comment", comment_option, OptionKind::text, true},
    {"hardware", 2, OptionKind::text, false},
    {"os", 3, OptionKind::text, false},
    {"application", 4, OptionKind::text, false},
};

constexpr CaptureOptionRow interface_rows[] = {
    {"name", 2, OptionKind::text, false},
    {"description", 3, OptionKind::text, false},
    {"comment", comment_option, OptionKind::text, true},
    {"speed", 8, OptionKind::number64, false},
    {"filter", 11, OptionKind::filter, false},
    {"os", 12, OptionKind::text, false},
    {"fcs_octets", 13, OptionKind::number8, false},
    {"hardware", 15, OptionKind::text, false},
};

}  // namespace

std::span<const CaptureOptionRow> section_options() { return section_rows; }
std::span<const CaptureOptionRow> interface_options() { return interface_rows; }

std::optional<std::uint8_t> resolution_octet(std::uint64_t units_per_second) {
  constexpr std::uint8_t power_of_two = 0x80;
  std::uint8_t exponent = 0;
  for (std::uint64_t power = 1; power <= CaptureInterface::nanoseconds; power *= 10, ++exponent) {
    if (power == units_per_second) return exponent;
  }
  if (!std::has_single_bit(units_per_second)) return std::nullopt;
  if (units_per_second > CaptureInterface::nanoseconds) return std::nullopt;
  return static_cast<std::uint8_t>(power_of_two | std::countr_zero(units_per_second));
}

std::optional<std::uint64_t> to_units(std::uint64_t nanoseconds, std::uint64_t units_per_second) {
  constexpr auto second = CaptureInterface::nanoseconds;
  const auto rest = nanoseconds % second;
  // A reader rounds down to nanoseconds.
  const auto units = (rest * units_per_second + second - 1) / second;
  if (units * second / units_per_second != rest) return std::nullopt;
  return nanoseconds / second * units_per_second + units;
}

}  // namespace secct::generator
