// SPDX-License-Identifier: GPL-2.0-or-later
// SHIN, P-SHIN and SHAK: options in an IPv6 Destination Options header. The SecCT layers come
// first; then the stock dissector shows the header and dissects its payload.
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
dissector_handle_t secct_handle = nullptr;  // dissect(), with the layer of the stock protocol
// A private table with the stock dissector. A call through it adds no second layer.
dissector_table_t stock_table = nullptr;

// Iterates over the options of a Destination Options header (RFC 2460 section 4.6) except Pad1, as
// far as the header was captured.
class Options {
 public:
  explicit Options(tvbuff_t* tvb) : tvb_(tvb) {
    constexpr guint fixed = 2;
    captured_ = tvb_captured_length(tvb);
    if (captured_ < fixed) return;
    header_ = (octet_at(tvb, 1) + 1U) * 8;
    end_ = std::min(header_, tvb_reported_length(tvb));
    at_ = fixed;
    skip_pad1();
  }

  bool at_end() const { return at_ >= end_ || at_ >= captured_; }
  std::uint8_t type() const { return octet_at(tvb_, at_); }
  bool is_secct() const { return find_message(codepoints(), Carrier::dstopt, type()).has_value(); }
  guint offset() const { return at_; }
  guint length() const { return std::min(full_length(), end_ - at_); }
  // Whether the tvb ends within this option, although the header contains it.
  bool is_cut() const {
    const auto end = at_ + full_length();
    return end <= header_ && end > end_;
  }

  void next() {
    at_ += full_length();
    skip_pad1();
  }

 private:
  guint full_length() const { return at_ + 1 < captured_ ? octet_at(tvb_, at_ + 1) + 2U : 2U; }

  void skip_pad1() {
    while (!at_end() && type() == 0) ++at_;
  }

  tvbuff_t* tvb_;
  guint captured_;
  guint at_ = 0;
  guint header_ = 0;  // length of the header
  guint end_ = 0;
};

bool has_secct_option(tvbuff_t* tvb) {
  if (!is_protocol_enabled()) return false;
  for (Options options(tvb); !options.at_end(); options.next()) {
    if (options.is_secct()) return true;
  }
  return false;
}

// True if No Next Header follows, after further destination options at most.
bool has_no_payload(tvbuff_t* tvb) {
  guint at = 0;
  while (at + 2 <= tvb_captured_length(tvb)) {
    const auto next = octet_at(tvb, at);
    if (next == no_next_header) return true;
    if (next != ip_protocol) return false;
    at += (octet_at(tvb, at + 1) + 1U) * 8;
  }
  return false;
}

int dissect(tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree, void* data) noexcept {
  CarrierInfo carrier_info;
  carrier_info.carrier = Carrier::dstopt;
  carrier_info.envelope.source = address_from(pinfo->net_src);
  carrier_info.envelope.destination = address_from(pinfo->net_dst);
  carrier_info.envelope.hop_limit = hop_limit(pinfo, data);
  carrier_info.envelope.protection = protection(pinfo);
  const bool is_beginning = pinfo->flags.in_error_pkt != 0 || pinfo->fragmented != FALSE;
  const char* summary = "";
  for (Options options(tvb); !options.at_end(); options.next()) {
    if (!options.is_secct()) continue;
    auto* option = tvb_new_subset_length(tvb, static_cast<gint>(options.offset()),
                                         static_cast<gint>(options.length()));
    carrier_info.is_partial = is_beginning && options.is_cut();
    dissect_message(option, pinfo, tree, carrier_info);
    summary = *summary == '\0'
                  ? carrier_info.summary
                  : wmem_strdup_printf(pinfo->pool, "%s, %s", summary, carrier_info.summary);
  }
  const bool no_payload = has_no_payload(tvb);
  // The stock dissector writes "IPv6 no next header" into the Info column, or throws if octets are
  // missing.
  TRY { try_dissector(stock_table, ip_protocol, tvb, pinfo, tree, false, data); }
  FINALLY {
    if (no_payload) {
      col_set_str(pinfo->cinfo, COL_PROTOCOL, "SecCT");
      col_add_str(pinfo->cinfo, COL_INFO, summary);
    }
  }
  ENDTRY;
  return static_cast<int>(tvb_captured_length(tvb));
}

int hook(tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree, void* data) noexcept {
  if (!has_secct_option(tvb)) return stock.call(tvb, pinfo, tree, data);
  return call_dissector_only(secct_handle, tvb, pinfo, tree, data);
}

}  // namespace

void announce_dstopts() {
  stock.announce("ipv6.dstopts", "IPv6 Destination Options with SecCT", "IPv6 DstOpts with SecCT",
                 "secct_dstopts");
  stock_table = register_dissector_table(private_table, "SecCT: replaced stock dissectors",
                                         registry().protocol, FT_UINT8, BASE_DEC);
}

void hook_dstopts() {
  secct_handle = create_dissector_handle(dissect, stock.protocol());
  stock.replace("ip.proto", ip_protocol, hook);
  if (stock.handle() != nullptr) dissector_add_uint(private_table, ip_protocol, stock.handle());
}

}  // namespace secct::dissector
