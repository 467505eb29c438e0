// SPDX-License-Identifier: GPL-2.0-or-later
// SHIN, P-SHIN, SHAK: options in an IPv6 Destination Options header. The stock dissector still
// shows the header and goes on with what follows it.
#include <algorithm>

#include "dissector/carriers.hpp"
#include "dissector/epan/envelope.hpp"
#include "dissector/epan/registry.hpp"
#include "dissector/epan/stock.hpp"
#include "dissector/keys/preferences.hpp"
#include "dissector/message.hpp"

namespace secct::dissector {
namespace {

constexpr guint32 ip_protocol = 60;
constexpr std::uint8_t no_next_header = 59;
constexpr char private_table[] = "secct.carrier";

Stock stock;
dissector_handle_t carrier = nullptr;  // adds the layer of the header
// Holds the stock dissector, to be called without a second layer.
dissector_table_t without_layer = nullptr;

// The options of a Destination Options header, RFC 2460 4.6.
class Options {
 public:
  explicit Options(tvbuff_t* tvb) : tvb_(tvb) {
    constexpr guint fixed = 2;
    present_ = tvb_captured_length(tvb);
    if (present_ < fixed) return;
    end_ = std::min((tvb_get_guint8(tvb, 1) + 1U) * 8, tvb_reported_length(tvb));
    at_ = fixed;
    settle();
  }

  bool at_end() const { return at_ >= end_ || at_ >= present_; }
  std::uint8_t type() const { return tvb_get_guint8(tvb_, static_cast<gint>(at_)); }
  bool is_ours() const { return find_message(codepoints(), Carrier::dstopt, type()).has_value(); }
  guint offset() const { return at_; }
  guint length() const { return std::min(full_length(), end_ - at_); }

  void next() {
    at_ += full_length();
    settle();
  }

 private:
  guint full_length() const {
    return at_ + 1 < present_ ? tvb_get_guint8(tvb_, static_cast<gint>(at_ + 1)) + 2U : 2U;
  }

  // Past the padding of one octet.
  void settle() {
    while (!at_end() && type() == 0) ++at_;
  }

  tvbuff_t* tvb_;
  guint present_;
  guint at_ = 0;
  guint end_ = 0;
};

bool has_ours(tvbuff_t* tvb) {
  if (!enabled()) return false;
  for (Options options(tvb); !options.at_end(); options.next()) {
    if (options.is_ours()) return true;
  }
  return false;
}

// Whether nothing follows but further destination options.
bool is_bare(tvbuff_t* tvb) {
  guint at = 0;
  while (at + 2 <= tvb_captured_length(tvb)) {
    const auto next = tvb_get_guint8(tvb, static_cast<gint>(at));
    if (next == no_next_header) return true;
    if (next != ip_protocol) return false;
    at += (tvb_get_guint8(tvb, static_cast<gint>(at + 1)) + 1U) * 8;
  }
  return false;
}

int dissect(tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree, void* data) noexcept {
  Delivery delivery;
  delivery.carrier = Carrier::dstopt;
  delivery.envelope.source = address_from(pinfo->net_src);
  delivery.envelope.destination = address_from(pinfo->net_dst);
  delivery.envelope.hop_limit = hop_limit(pinfo, data);
  delivery.envelope.protection = protection(pinfo);
  const char* summary = "";
  for (Options options(tvb); !options.at_end(); options.next()) {
    if (!options.is_ours()) continue;
    auto* option = tvb_new_subset_length(tvb, static_cast<gint>(options.offset()),
                                         static_cast<gint>(options.length()));
    dissect_message(option, pinfo, tree, delivery);
    summary = *summary == '\0'
                  ? delivery.summary
                  : wmem_strdup_printf(pinfo->pool, "%s, %s", summary, delivery.summary);
  }
  const bool bare = is_bare(tvb);
  // The stock dissector writes "IPv6 no next header" or fails where octets are missing.
  TRY { dissector_try_uint_new(without_layer, ip_protocol, tvb, pinfo, tree, FALSE, data); }
  FINALLY {
    if (bare) {
      col_set_str(pinfo->cinfo, COL_PROTOCOL, "SecCT");
      col_add_str(pinfo->cinfo, COL_INFO, summary);
    }
  }
  ENDTRY;
  return static_cast<int>(tvb_captured_length(tvb));
}

int hook(tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree, void* data) noexcept {
  if (!has_ours(tvb)) return stock.call(tvb, pinfo, tree, data);
  return call_dissector_only(carrier, tvb, pinfo, tree, data);
}

}  // namespace

void announce_dstopts() {
  stock.announce("ipv6.dstopts", "IPv6 Destination Options with SecCT",
                 "IPv6 Destination with SecCT", "secct_dstopts");
  without_layer =
      register_dissector_table(private_table, "Stock dissectors that SecCT stands before",
                               registry().protocol, FT_UINT8, BASE_DEC);
}

void hook_dstopts() {
  carrier = create_dissector_handle(dissect, stock.protocol());
  stock.replace("ip.proto", ip_protocol, hook);
  if (stock.handle() != nullptr) dissector_add_uint(private_table, ip_protocol, stock.handle());
}

}  // namespace secct::dissector
