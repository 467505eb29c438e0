// SPDX-License-Identifier: GPL-2.0-or-later
// The SecCT extension of Mobile IPv4 Registration Requests and Replies (RFC 3344).
#include "protocol/decode/mip4.hpp"

#include <algorithm>

#include "dissector/carriers.hpp"
#include "dissector/epan/envelope.hpp"
#include "dissector/epan/registry.hpp"
#include "dissector/epan/stock.hpp"
#include "dissector/keys/preferences.hpp"
#include "dissector/message.hpp"

namespace secct::dissector {
namespace {

Stock stock;

// The first SecCT extension of a registration message.
struct SecctExtension {
  guint offset;  // in the UDP payload
  guint length;
  Carrier carrier;
  View registration;  // the UDP payload
};

View octets_of(tvbuff_t* tvb) {
  const auto captured = tvb_captured_length(tvb);
  if (captured == 0) return {};
  return {tvb_get_ptr(tvb, 0, static_cast<gint>(captured)), captured};
}

std::optional<SecctExtension> find_extension(tvbuff_t* tvb) {
  if (!is_protocol_enabled()) return std::nullopt;
  const auto octets = octets_of(tvb);
  const auto* row = find_registration(octets);
  if (row == nullptr) return std::nullopt;
  MipExtensions extensions(octets.subspan(row->fixed_octets));
  while (const auto mip_extension = extensions.next()) {
    if (!find_message(codepoints(), row->carrier, mip_extension->octets[0])) continue;
    const auto offset = static_cast<guint>(row->fixed_octets + mip_extension->offset);
    const auto length = static_cast<guint>(mip_extension->claimed);
    return SecctExtension{offset, std::min(length, tvb_reported_length(tvb) - offset), row->carrier,
                          octets};
  }
  return std::nullopt;
}

void show(const SecctExtension& extension, tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree) {
  CarrierInfo carrier_info;
  carrier_info.carrier = extension.carrier;
  carrier_info.registration = extension.registration;
  carrier_info.envelope.source = address_from(pinfo->net_src);
  carrier_info.envelope.destination = address_from(pinfo->net_dst);
  carrier_info.envelope.protection = protection(pinfo);
  auto* extension_tvb = tvb_new_subset_length(tvb, static_cast<gint>(extension.offset),
                                              static_cast<gint>(extension.length));
  dissect_message(extension_tvb, pinfo, tree, carrier_info);
  col_append_sep_str(pinfo->cinfo, COL_INFO, "  ", carrier_info.summary);
}

// A reply without the SecCT extension may answer a request that has one.
int show_reply(tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree, void* data) {
  const int dissected = stock.call(tvb, pinfo, tree, data);
  const auto octets = octets_of(tvb);
  const auto* row = find_registration(octets);
  if (!is_protocol_enabled() || row == nullptr || row->carrier != Carrier::mip4_reply ||
      pinfo->flags.in_error_pkt != 0) {
    return dissected;
  }
  CarrierInfo carrier_info;
  carrier_info.carrier = row->carrier;
  carrier_info.registration = octets;
  carrier_info.envelope.source = address_from(pinfo->net_src);
  carrier_info.envelope.destination = address_from(pinfo->net_dst);
  carrier_info.envelope.protection = protection(pinfo);
  dissect_bare_reply(tvb, pinfo, tree, carrier_info, is_accepting(octets));
  return dissected;
}

int hook(tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree, void* data) noexcept {
  const auto extension = find_extension(tvb);
  if (!extension) return show_reply(tvb, pinfo, tree, data);
  volatile int length = 0;
  TRY { length = stock.call(tvb, pinfo, tree, data); }
  FINALLY { show(*extension, tvb, pinfo, tree); }
  ENDTRY;
  return length;
}

}  // namespace

void announce_mip4() {
  stock.announce("mip", "Mobile IP with SecCT", "Mobile IP with SecCT", "secct_mip4");
}

void hook_mip4() { stock.replace("udp.port", mip4::port, hook); }

}  // namespace secct::dissector
