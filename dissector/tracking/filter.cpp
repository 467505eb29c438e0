// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/tracking/filter.hpp"

#include "dissector/epan/registry.hpp"
#include "dissector/tracking/track.hpp"

namespace secct::dissector {
namespace {

gboolean has_handover(packet_info* pinfo) noexcept {
  return handover_of(pinfo) != 0 ? TRUE : FALSE;
}

gchar* handover_filter(packet_info* pinfo) noexcept {
  const auto* name = proto_registrar_get_abbrev(registry().hf(Field::handover));
  return g_strdup_printf("%s == %u", name, handover_of(pinfo));
}

}  // namespace

void register_filter() {
  register_conversation_filter("secct", "SecCT handover", has_handover, handover_filter);
}

}  // namespace secct::dissector
