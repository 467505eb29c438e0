// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/epan/stock.hpp"

namespace secct::dissector {

void Stock::announce(const char* parent, const char* title, const char* short_title,
                     const char* filter_name) {
  protocol_ = proto_get_id_by_filter_name(parent);
  if (protocol_ < 0) return;
  name_ =
      proto_register_protocol_in_name_only(title, short_title, filter_name, protocol_, FT_PROTOCOL);
}

void Stock::replace(const char* table, guint32 number, dissector_t hook) {
  if (name_ < 0) return;
  stock_ = dissector_get_uint_handle(find_dissector_table(table), number);
  dissector_add_uint(table, number, create_dissector_handle(hook, name_));
}

int Stock::call(tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree, void* data) const {
  if (stock_ == nullptr) return 0;
  // Each dissector call decrements can_desegment; the call of the hook must not count.
  pinfo->can_desegment = pinfo->saved_can_desegment;
  return call_dissector_only(stock_, tvb, pinfo, tree, data);
}

}  // namespace secct::dissector
