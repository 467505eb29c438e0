// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/epan/findings.hpp"

#include "dissector/epan/epan.hpp"

namespace secct::dissector {
namespace {

constexpr FindingRow rows[] = {
#define FINDING(id, severity, group, section, text) \
  {Finding::id, #id, Severity::severity, PI_##group, section, text},
#include "dissector/epan/findings.def"
#undef FINDING
};

}  // namespace

std::span<const FindingRow> findings() { return rows; }
const FindingRow& row(Finding finding) { return rows[static_cast<std::size_t>(finding)]; }

}  // namespace secct::dissector
