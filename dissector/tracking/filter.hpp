// SPDX-License-Identifier: GPL-2.0-or-later
// "Conversation Filter" and "Colorize Conversation" in the menus of a packet: its handover.
#pragma once

namespace secct::dissector {

void register_filter();  // when protocols are registered

}  // namespace secct::dissector
