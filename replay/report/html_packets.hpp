// SPDX-License-Identifier: GPL-2.0-or-later
// The packets of an entry as data of page/report.html: summary, fields and octets.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "replay/namespace.hpp"
#include "replay/report/packet_text.hpp"

namespace secct::replay {

// The HTML id of a packet; `entry` and `packet` count from 0.
std::string packet_anchor(std::size_t entry, std::size_t packet);

// True if a violation refers to this packet.
bool is_wrong(const ReportEntry& entry, std::size_t packet);

// The packets of an entry that did not pass; an empty list for one that passed. `number`: index of
// the entry in the report.
nlohmann::ordered_json packets_json(const ReportEntry& entry, const Trace& trace,
                                    std::size_t number);

}  // namespace secct::replay
