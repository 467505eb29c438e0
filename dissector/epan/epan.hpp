// SPDX-License-Identifier: GPL-2.0-or-later
// The headers of epan, in an order in which they compile.
#pragma once

#include <epan/exceptions.h>
#include <epan/expert.h>
#include <epan/packet.h>
#include <epan/prefs.h>
#include <epan/proto_data.h>
#include <epan/tfs.h>
#include <wireshark.h>
#include <wsutil/report_message.h>

// These headers have no extern "C", or do not include everything that they need.
extern "C" {
#include <epan/conversation_filter.h>
#include <epan/dissectors/packet-ip.h>
}

#include "dissector/epan/versions.hpp"

// An epan exception is a longjmp: it skips the destructors of objects on the stack. Objects that
// own memory are therefore static or in pinfo->pool, and never local variables of a function that
// calls epan where epan may throw.
//
// Scopes of memory: pinfo->pool lasts until the dissection of the packet ends (packet scope),
// wmem_file_scope() until the capture file is closed (file scope).
