// SPDX-License-Identifier: GPL-2.0-or-later
// Layout of the ladder diagram in report.html: positions of lanes, arrows and texts.
#pragma once

#include <vector>

#include <nlohmann/json.hpp>

#include "replay/namespace.hpp"
#include "replay/report/packet_text.hpp"

namespace secct::replay {

// The data of the <svg> of page/report.html; null without packets. `wrong`: for each packet,
// whether a violation refers to it.
nlohmann::ordered_json ladder_diagram(const Trace& trace, const std::vector<bool>& wrong);

}  // namespace secct::replay
