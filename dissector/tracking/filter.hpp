// SPDX-License-Identifier: GPL-2.0-or-later
// Adds "SecCT handover" to Wireshark's menus "Conversation Filter" and "Colorize Conversation".
#pragma once

namespace secct::dissector {

void register_filter();  // when protocols are registered

}  // namespace secct::dissector
