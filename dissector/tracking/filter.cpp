// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/tracking/filter.hpp"

#include "dissector/epan/registry.hpp"
#include "dissector/tracking/track.hpp"

namespace secct::dissector {
namespace {

// Callbacks of epan get a pointer of the caller from 4.4 on.
template <class Boolean, class... UserData>
Boolean has_handover(packet_info* pinfo, UserData...) noexcept {
  return handover_of(pinfo) != 0;
}

template <class... UserData>
gchar* handover_filter(packet_info* pinfo, UserData...) noexcept {
  const auto* name = proto_registrar_get_abbrev(registry().hf(Field::handover));
  return g_strdup_printf("%s == %u", name, handover_of(pinfo));
}

template <class Boolean, class... UserData>
void register_with(void (*add)(const char*, const char*, Boolean (*)(packet_info*, UserData...),
                               gchar* (*)(packet_info*, UserData...), UserData...)) {
  add("secct", "SecCT handover", has_handover<Boolean, UserData...>, handover_filter<UserData...>,
      UserData{}...);
}

}  // namespace

void register_filter() { register_with(register_conversation_filter); }

}  // namespace secct::dissector
