// SPDX-License-Identifier: GPL-2.0-or-later
// Taking the place of a stock dissector in a dissector table without disturbing it: what is not
// SecCT's goes on to it, and no trace of the detour shows.
#pragma once

#include "dissector/epan/epan.hpp"

namespace secct::dissector {

class Stock {
 public:
  // `parent` is the stock protocol's filter name; the others name what stands in its place in
  // Wireshark's "Decode As". To be called when protocols are registered.
  void announce(const char* parent, const char* title, const char* short_title,
                const char* filter_name);

  // Puts `hook` where the stock dissector of `number` stands in `table`. To be called at hand-off.
  void replace(const char* table, guint32 number, dissector_t hook);

  // The stock protocol's id, -1 when this Wireshark has none.
  int protocol() const { return protocol_; }
  dissector_handle_t handle() const { return stock_; }

  // Calls the stock dissector as the table would have called it.
  int call(tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree, void* data) const;

 private:
  int protocol_ = -1;
  int name_ = -1;  // a protocol in name only: no layer, no column, enabled as the stock one
  dissector_handle_t stock_ = nullptr;
};

}  // namespace secct::dissector
