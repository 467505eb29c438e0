// SPDX-License-Identifier: GPL-2.0-or-later
// HI, HAck, SHREQ, SHREP and SHREP-Ack: ICMPv6 messages, over IPv6 or IPv4.
#include "dissector/carriers.hpp"
#include "dissector/epan/envelope.hpp"
#include "dissector/epan/registry.hpp"
#include "dissector/epan/stock.hpp"
#include "dissector/keys/preferences.hpp"
#include "dissector/message.hpp"
#include "dissector/tree.hpp"
#include "protocol/decode/decode.hpp"
#include "protocol/explain/explain.hpp"

namespace secct::dissector {
namespace {

constexpr guint32 ip_protocol = 58;

Stock stock;
dissector_handle_t secct_handle = nullptr;  // dissect(), with the layer of ICMPv6

// Fields of the stock dissector: filters on icmpv6.* also find SecCT messages.
struct {
  int type;
  int code;
  int checksum;
  int checksum_status;
  int checksum_bad;  // the stock expert info
  int ett = -1;
} fields;

bool is_secct(tvbuff_t* tvb) {
  if (!is_protocol_enabled() || tvb_captured_length(tvb) == 0) return false;
  return find_message(codepoints(), Carrier::icmpv6, octet_at(tvb, 0)).has_value();
}

const char* type_label(std::uint8_t type, const packet_info* pinfo) {
  const auto message = find_message(codepoints(), Carrier::icmpv6, type);
  const auto& info = message_info(*message);
  return wmem_strdup_printf(pinfo->pool, "%s, %s (%u)", info.key, info.text, type);
}

void show_checksum(tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree,
                   const CarrierInfo& carrier_info) {
  constexpr gint offset = 2;
  const auto& envelope = carrier_info.envelope;
  const bool is_complete = tvb_captured_length(tvb) == tvb_reported_length(tvb) &&
                           !carrier_info.is_partial && pinfo->flags.in_error_pkt == 0;
  if (!is_complete || !envelope.source || !envelope.destination) {
    proto_tree_add_checksum(tree, tvb, offset, fields.checksum, fields.checksum_status, nullptr,
                            pinfo, 0, ENC_BIG_ENDIAN, PROTO_CHECKSUM_NO_FLAGS);
    return;
  }
  const auto length = tvb_captured_length(tvb);
  const View octets(tvb_get_ptr(tvb, 0, static_cast<gint>(length)), length);
  const auto expected = icmpv6_checksum(*envelope.source, *envelope.destination, octets);
  proto_tree_add_checksum(tree, tvb, offset, fields.checksum, fields.checksum_status, nullptr,
                          pinfo, expected, ENC_BIG_ENDIAN, PROTO_CHECKSUM_VERIFY);
  // secct.expert.checksum_bad is the expert info that is shown. The hidden item lets filters for
  // the stock expert info find the packet too.
  if (tvb_get_ntohs(tvb, offset) != expected) {
    auto* bad = proto_tree_add_item(tree, fields.checksum_bad, tvb, offset, 2, ENC_NA);
    proto_item_set_hidden(bad);
  }
}

void show_stock_fields(tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree,
                       const CarrierInfo& carrier_info) {
  constexpr guint code_end = 2;
  constexpr guint checksum_end = 4;
  auto* item = proto_tree_add_item(tree, stock.protocol(), tvb, 0, -1, ENC_NA);
  auto* below = proto_item_add_subtree(item, fields.ett);
  const auto type = octet_at(tvb, 0);
  if (tree != nullptr) {
    proto_tree_add_uint_format_value(below, fields.type, tvb, 0, 1, type, "%s",
                                     type_label(type, pinfo));
  }
  const auto captured = tvb_captured_length(tvb);
  if (captured >= code_end) {
    proto_tree_add_item(below, fields.code, tvb, 1, 1, ENC_BIG_ENDIAN);
  }
  if (captured >= checksum_end) show_checksum(tvb, pinfo, below, carrier_info);
}

int dissect(tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree, void* data) noexcept {
  auto& carrier_info = *static_cast<CarrierInfo*>(data);
  show_stock_fields(tvb, pinfo, tree, carrier_info);
  dissect_message(tvb, pinfo, tree, carrier_info);
  col_set_str(pinfo->cinfo, COL_PROTOCOL, "SecCT");
  col_add_str(pinfo->cinfo, COL_INFO, carrier_info.summary);
  // Throws if octets are missing, so that epan shows this as for every other protocol.
  const auto captured = tvb_captured_length(tvb);
  if (carrier_info.is_partial || captured < tvb_reported_length(tvb)) {
    tvb_ensure_bytes_exist(tvb, static_cast<gint>(captured), 1);
  }
  return static_cast<int>(captured);
}

int hook(tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree, void* data) noexcept {
  if (!is_secct(tvb)) return stock.call(tvb, pinfo, tree, data);
  CarrierInfo carrier_info;
  carrier_info.carrier = Carrier::icmpv6;
  carrier_info.envelope.source = address_from(pinfo->src);
  carrier_info.envelope.destination = address_from(pinfo->dst);
  carrier_info.envelope.hop_limit = hop_limit(pinfo, data);
  carrier_info.envelope.protection = protection(pinfo);
  carrier_info.is_partial = is_partial(tvb, pinfo, data);
  return call_dissector_only(secct_handle, tvb, pinfo, tree, &carrier_info);
}

}  // namespace

void announce_icmpv6() {
  stock.announce("icmpv6", "ICMPv6 with SecCT", "ICMPv6 with SecCT", "secct_icmpv6");
  static gint* subtrees[] = {&fields.ett};
  proto_register_subtree_array(subtrees, 1);
}

void hook_icmpv6() {
  fields.type = proto_registrar_get_id_byname("icmpv6.type");
  fields.code = proto_registrar_get_id_byname("icmpv6.code");
  fields.checksum = proto_registrar_get_id_byname("icmpv6.checksum");
  fields.checksum_status = proto_registrar_get_id_byname("icmpv6.checksum.status");
  fields.checksum_bad = proto_registrar_get_id_byname("icmpv6.checksum_bad.expert");
  secct_handle = create_dissector_handle(dissect, stock.protocol());
  stock.replace("ip.proto", ip_protocol, hook);
}

}  // namespace secct::dissector
