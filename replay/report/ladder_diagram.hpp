// SPDX-License-Identifier: GPL-2.0-or-later
// The ladder diagram of an entry: where lanes, arrows and texts stand.
#pragma once

#include <vector>

#include <nlohmann/json.hpp>

#include "replay/namespace.hpp"
#include "replay/report/packet_text.hpp"

namespace secct::replay {

// The data of page/report.html's <svg>; null when there is no packet. `wrong` says which packets a
// violation points to.
nlohmann::ordered_json ladder(const ReportEntry& entry, const Trace& trace,
                              const std::vector<bool>& wrong);

}  // namespace secct::replay
