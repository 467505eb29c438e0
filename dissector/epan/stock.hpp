// SPDX-License-Identifier: GPL-2.0-or-later
// Replaces a stock dissector (one that Wireshark has built in) by a hook in a dissector table. The
// hook passes packets without SecCT to the stock dissector; their output is the same as without the
// plugin.
#pragma once

#include "dissector/epan/epan.hpp"

namespace secct::dissector {

class Stock {
 public:
  // To be called when protocols are registered. `parent` is the filter name of the stock protocol;
  // the other names are those of the hook in Wireshark's "Decode As".
  void announce(const char* parent, const char* title, const char* short_title,
                const char* filter_name);

  // To be called at handoff. Replaces the dissector of `number` in `table` by `hook`, also under
  // each other number that the user decodes as the stock protocol ("Decode As", tshark -d).
  void replace(const char* table, guint32 number, dissector_t hook);

  // The id of the stock protocol; -1 if this Wireshark does not have it.
  int protocol() const { return protocol_; }
  dissector_handle_t handle() const { return stock_; }

  // Calls the stock dissector in the same way as the dissector table. Returns the number of octets
  // that it dissected.
  int call(tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree, void* data) const;

 private:
  void replace_chosen() const;

  int protocol_ = -1;
  // A protocol in name only: it has no layer and no column, and is enabled with its parent.
  int name_ = -1;
  const char* table_ = nullptr;
  dissector_handle_t stock_ = nullptr;
  dissector_handle_t hook_ = nullptr;
};

}  // namespace secct::dissector
