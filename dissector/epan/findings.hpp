// SPDX-License-Identifier: GPL-2.0-or-later
// What the conversation or the keys can tell about a message (findings.def).
#pragma once

#include <cstdint>
#include <span>

#include "protocol/tables/fields.hpp"

namespace secct::dissector {

enum class Finding : std::uint8_t {
#define FINDING(id, severity, group, section, text) id,
#include "dissector/tracking/findings.def"
#undef FINDING
  count
};

struct FindingRow {
  Finding id;
  const char* name;
  Severity severity;
  int group;
  const char* section;
  const char* text;
};

std::span<const FindingRow> findings();
const FindingRow& row(Finding finding);

}  // namespace secct::dissector
