// SPDX-License-Identifier: GPL-2.0-or-later
// The table of findings (dissector/epan/findings.def): defects that only other messages of the
// capture, or keys, can show. Defects that one message shows are rules
// (protocol/tables/fields.hpp).
#pragma once

#include <cstdint>
#include <span>

#include "protocol/tables/fields.hpp"

namespace secct::dissector {

enum class Finding : std::uint8_t {
#define FINDING(id, severity, group, section, text) id,
#include "dissector/epan/findings.def"
#undef FINDING
  count
};

struct FindingRow {
  Finding id;
  const char* name;  // the display filter is secct.expert.NAME
  Severity severity;
  int group;  // expert info group of epan, PI_...
  const char* section;
  const char* text;
};

std::span<const FindingRow> findings();
const FindingRow& row(Finding finding);

}  // namespace secct::dissector
