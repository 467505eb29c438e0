// SPDX-License-Identifier: GPL-2.0-or-later
// Wireshark's headers, in the order that they need.
#pragma once

#include <epan/exceptions.h>
#include <epan/expert.h>
#include <epan/packet.h>
#include <epan/prefs.h>
#include <epan/proto_data.h>
#include <wireshark.h>
#include <wsutil/report_message.h>

// These lack the guard for C++, or what they need.
extern "C" {
#include <epan/conversation_filter.h>
#include <epan/dissectors/packet-ip.h>
}

// An epan exception is a longjmp: it skips the destructors of what lies on the stack. Whatever owns
// memory is therefore static or belongs to pinfo->pool, and is never a local of a function that
// calls epan where that may throw.
