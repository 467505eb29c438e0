// SPDX-License-Identifier: GPL-2.0-or-later
// What a capture file says about its packets: its section and its interfaces, as the pcapng blocks
// with these names (draft-ietf-opsawg-pcapng sections 4.1 and 4.2). Documents have the same keys.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "generator/namespace.hpp"
#include "network/link_type.hpp"

namespace secct::generator {

enum class OptionKind : std::uint8_t { text, filter, number8, number64 };

// An option that is kept from capture to document to capture.
struct CaptureOptionRow {
  const char* key;     // in documents
  std::uint16_t code;  // in pcapng files, and in wiretap
  OptionKind kind;
  bool repeatable;
};
std::span<const CaptureOptionRow> section_options();
std::span<const CaptureOptionRow> interface_options();

constexpr std::uint16_t comment_option = 1;  // of every block

// The value of an option: `text` of a text or a capture filter, otherwise `number`.
struct CaptureOption {
  std::uint16_t code = 0;
  std::string text;
  std::uint64_t number = 0;

  bool operator==(const CaptureOption&) const = default;
};

struct CaptureInterface {
  static constexpr std::uint64_t nanoseconds = 1'000'000'000;

  LinkType link = LinkType::ethernet;
  // The resolution of the timestamps: a power of 10 or of 2, at most 10^9.
  std::uint64_t units_per_second = nanoseconds;
  std::uint32_t snapshot_octets = 0;  // the captured size is limited to it; 0: no limit
  std::vector<CaptureOption> options;

  bool operator==(const CaptureInterface&) const = default;
};

struct CaptureHeader {
  std::vector<CaptureOption> section;  // its options
  std::vector<CaptureInterface> interfaces;
};

// The octet that stands for a resolution in pcapng files (option if_tsresol); std::nullopt if it
// is not a power of 10 or of 2 from 1 to 10^9.
std::optional<std::uint8_t> resolution_octet(std::uint64_t units_per_second);

// A time in nanoseconds in units of the interface; std::nullopt if the resolution is too coarse
// for it.
std::optional<std::uint64_t> to_units(std::uint64_t nanoseconds, std::uint64_t units_per_second);

}  // namespace secct::generator
