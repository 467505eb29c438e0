// SPDX-License-Identifier: GPL-2.0-or-later
// The entry points of the plugin: the symbols that Wireshark looks up in secct.so.
#include <ws_version.h>

#include <epan/tap.h>

#include "dissector/carriers.hpp"
#include "dissector/epan/envelope.hpp"
#include "dissector/epan/epan.hpp"
#include "dissector/epan/registry.hpp"
#include "dissector/ipsec.hpp"
#include "dissector/keys/preferences.hpp"
#include "dissector/message.hpp"
#include "dissector/tracking/filter.hpp"
#include "dissector/tracking/statistics.hpp"
#include "dissector/tracking/track.hpp"

#ifndef SECCT_VERSION
#define SECCT_VERSION "0.1.0"
#endif

namespace {

void register_protocols() noexcept {
  secct::dissector::register_protocol();
  secct::dissector::register_preferences();
  secct::dissector::register_tracking();
  secct::dissector::register_statistics();
  secct::dissector::register_filter();
  secct::dissector::announce_icmpv6();
  secct::dissector::announce_dstopts();
  secct::dissector::announce_mip4();
  secct::dissector::announce_ipsec();
}

void register_handoffs() noexcept {
  secct::dissector::find_layers();
  secct::dissector::register_message();
  secct::dissector::hook_icmpv6();
  secct::dissector::hook_dstopts();
  secct::dissector::hook_mip4();
  secct::dissector::hook_ipsec();
}

void register_taps() noexcept { secct::dissector::register_statistics_tables(); }

}  // namespace

// In C++, a `const` at file scope has internal linkage without `extern`.
extern "C" {
WS_DLL_PUBLIC_DEF extern const gchar plugin_version[] = SECCT_VERSION;
WS_DLL_PUBLIC_DEF extern const int plugin_want_major = WIRESHARK_VERSION_MAJOR;
WS_DLL_PUBLIC_DEF extern const int plugin_want_minor = WIRESHARK_VERSION_MINOR;

// What Wireshark's list of plugins says about this one, from 4.4 on: a dissector (bit 0) with taps
// (bit 4). The headers of 4.0 do not name these bits.
WS_DLL_PUBLIC_DEF std::uint32_t plugin_describe() { return 1U << 0U | 1U << 4U; }

WS_DLL_PUBLIC_DEF void plugin_register() {
  static const proto_plugin plugin{register_protocols, register_handoffs};
  proto_register_plugin(&plugin);
  static const tap_plugin taps{register_taps};
  tap_register_plugin(&taps);
}
}
