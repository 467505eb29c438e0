// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/message.hpp"

#include "dissector/epan/registry.hpp"
#include "dissector/keys/preferences.hpp"
#include "dissector/keys/secrets.hpp"
#include "dissector/tracking/statistics.hpp"
#include "dissector/tracking/track.hpp"
#include "dissector/tree.hpp"
#include "protocol/decode/mip4.hpp"
#include "protocol/decode/partial.hpp"
#include "protocol/explain/explain.hpp"

namespace secct::dissector {
namespace {

dissector_handle_t handle = nullptr;

// Reused for each message, so that memory is allocated for the first messages only.
DecodedMessage decoded;
Octets scratch;

bool decode_complete_or_partial(tvbuff_t* tvb, packet_info* pinfo, CarrierInfo& carrier_info) {
  const std::size_t captured = tvb_captured_length(tvb);
  if (captured == 0) return false;
  const View octets(tvb_get_ptr(tvb, 0, static_cast<gint>(captured)), captured);
  std::size_t missing = tvb_reported_length(tvb) - captured;
  if (carrier_info.is_partial) missing += longest_option;
  if (missing != 0) {
    return decode_beginning(codepoints(), carrier_info.carrier, octets, missing,
                            carrier_info.envelope, scratch, decoded);
  }
  carrier_info.envelope.complete = pinfo->flags.in_error_pkt == 0;
  return decode(codepoints(), carrier_info.carrier, octets, carrier_info.envelope, decoded);
}

const char* summary(const packet_info* pinfo) { return pool_copy(pinfo, info(decoded)); }

int dissect(tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree, void* data) noexcept {
  auto& carrier_info = *static_cast<CarrierInfo*>(data);
  if (!decode_complete_or_partial(tvb, pinfo, carrier_info)) return 0;
  const auto* tracking =
      carrier_info.is_partial ? nullptr : track_message(decoded, pinfo, carrier_info.registration);
  if (tree != nullptr || col_get_writable(pinfo->cinfo, COL_INFO) != FALSE) {
    carrier_info.summary = summary(pinfo);
  }
  auto* source = without_secrets(decoded, tvb, pinfo, tree);
  auto* item = proto_tree_add_protocol_format(tree, registry().protocol, source, 0, -1, "%s, %s",
                                              protocol_name, carrier_info.summary);
  auto* below = proto_item_add_subtree(item, registry().ett_protocol());
  show_message(decoded, source, pinfo, below);
  if (tracking != nullptr) show_tracking(*tracking, decoded, source, pinfo, below);
  count_message(decoded, tracking, pinfo);
  return static_cast<int>(tvb_captured_length(tvb));
}

}  // namespace

void dissect_bare_reply(tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree,
                        const CarrierInfo& carrier_info, bool accepted) {
  const auto* tracking = track_bare_reply(carrier_info.envelope, pinfo,
                                          low_identification(carrier_info.registration), accepted);
  if (tracking == nullptr) return;
  decoded.clear();
  decoded.message = Message::mip4_reply;
  decoded.octets = {};
  decoded.envelope = carrier_info.envelope;
  auto* item = proto_tree_add_protocol_format(tree, registry().protocol, tvb, 0, 0,
                                              "%s, Registration Reply without SecCT extension",
                                              protocol_name);
  auto* below = proto_item_add_subtree(item, registry().ett_protocol());
  show_message(decoded, tvb, pinfo, below);
  show_tracking(*tracking, decoded, tvb, pinfo, below);
  count_message(decoded, tracking, pinfo);
}

void register_message() { handle = create_dissector_handle(dissect, registry().protocol); }

void dissect_message(tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree,
                     CarrierInfo& carrier_info) {
  call_dissector_only(handle, tvb, pinfo, tree, &carrier_info);
}

}  // namespace secct::dissector
