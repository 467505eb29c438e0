// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/epan/stock.hpp"

#include <string_view>
#include <vector>

namespace secct::dissector {
namespace {

struct Chosen {
  const char* table;
  dissector_handle_t handle;       // what the user chose
  std::vector<guint32> numbers{};  // for which
};

// The objects that have replaced a dissector.
std::vector<const Stock*> all;

void add_chosen(const char* table, ftenum, void* key, void* entry, void* chosen) {
  auto& found = *static_cast<Chosen*>(chosen);
  if (std::string_view(table) == found.table &&
      dtbl_entry_get_handle(static_cast<dtbl_entry_t*>(entry)) == found.handle) {
    found.numbers.push_back(GPOINTER_TO_UINT(key));
  }
}

}  // namespace

void Stock::announce(const char* parent, const char* title, const char* short_title,
                     const char* filter_name) {
  protocol_ = proto_get_id_by_filter_name(parent);
  if (protocol_ < 0) return;
  name_ =
      proto_register_protocol_in_name_only(title, short_title, filter_name, protocol_, FT_PROTOCOL);
}

void Stock::replace(const char* table, guint32 number, dissector_t hook) {
  if (name_ < 0) return;
  table_ = table;
  stock_ = dissector_get_uint_handle(find_dissector_table(table), number);
  hook_ = create_dissector_handle(hook, name_);
  dissector_add_uint(table, number, hook_);
  // The choices of the user are made after handoff, and again between two captures.
  if (all.empty()) {
    register_init_routine([] {
      for (const auto* stock : all) stock->replace_chosen();
    });
  }
  all.push_back(this);
}

void Stock::replace_chosen() const {
  Chosen chosen{table_, stock_};
  dissector_all_tables_foreach_changed(add_chosen, &chosen);
  for (const auto number : chosen.numbers) dissector_change_uint(table_, number, hook_);
}

int Stock::call(tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree, void* data) const {
  if (stock_ == nullptr) return 0;
  // Each dissector call decrements can_desegment; the call of the hook must not count.
  pinfo->can_desegment = pinfo->saved_can_desegment;
  return call_dissector_only(stock_, tvb, pinfo, tree, data);
}

}  // namespace secct::dissector
