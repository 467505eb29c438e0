// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/message.hpp"

#include "dissector/epan/registry.hpp"
#include "dissector/keys/preferences.hpp"
#include "dissector/keys/secrets.hpp"
#include "dissector/tracking/statistics.hpp"
#include "dissector/tracking/track.hpp"
#include "dissector/tree.hpp"
#include "protocol/decode/partial.hpp"
#include "protocol/explain/explain.hpp"

namespace secct::dissector {
namespace {

dissector_handle_t handle = nullptr;

// Used again for each message: after the first ones nothing is allocated.
DecodedMessage decoded;
Octets scratch;

bool decode_whole_or_part(tvbuff_t* tvb, packet_info* pinfo, Delivery& delivery) {
  const std::size_t captured = tvb_captured_length(tvb);
  if (captured == 0) return false;
  const View octets(tvb_get_ptr(tvb, 0, static_cast<gint>(captured)), captured);
  std::size_t missing = tvb_reported_length(tvb) - captured;
  if (delivery.goes_on) missing += longest_option;
  if (missing != 0) {
    return decode_beginning(codepoints(), delivery.carrier, octets, missing, delivery.envelope,
                            scratch, decoded);
  }
  delivery.envelope.complete = pinfo->flags.in_error_pkt == 0;
  return decode(codepoints(), delivery.carrier, octets, delivery.envelope, decoded);
}

const char* summary(const packet_info* pinfo) { return pooled(pinfo, info(decoded)); }

int dissect(tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree, void* data) noexcept {
  auto& delivery = *static_cast<Delivery*>(data);
  if (!decode_whole_or_part(tvb, pinfo, delivery)) return 0;
  const auto* found = delivery.goes_on ? nullptr : track(decoded, pinfo, delivery.identification);
  if (tree != nullptr || col_get_writable(pinfo->cinfo, COL_INFO) != FALSE) {
    delivery.summary = summary(pinfo);
  }
  auto* source = without_secrets(decoded, tvb, pinfo, tree);
  auto* item = proto_tree_add_protocol_format(tree, registry().protocol, source, 0, -1, "%s, %s",
                                              protocol_name, delivery.summary);
  auto* below = proto_item_add_subtree(item, registry().ett_protocol());
  show(decoded, source, pinfo, below);
  if (found != nullptr) show(*found, decoded, source, pinfo, below);
  count(decoded, found, pinfo);
  return static_cast<int>(tvb_captured_length(tvb));
}

// Known when the frame was read for the first time, as later when it is shown.
const Track* track_bare_reply(packet_info* pinfo, const Delivery& delivery) {
  decoded.clear();
  decoded.message = Message::mip4;
  decoded.carrier = delivery.carrier;
  decoded.octets = {};
  decoded.envelope = delivery.envelope;
  if (PINFO_FD_VISITED(pinfo) == 0 && !is_asked_for(decoded.envelope, delivery.identification)) {
    return nullptr;
  }
  return track(decoded, pinfo, delivery.identification);
}

}  // namespace

void dissect_bare_reply(tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree,
                        const Delivery& delivery, bool accepted) {
  const auto* found = track_bare_reply(pinfo, delivery);
  if (found == nullptr) return;
  auto* item = proto_tree_add_protocol_format(tree, registry().protocol, tvb, 0, 0,
                                              "%s, reply without SecCT", protocol_name);
  auto* below = proto_item_add_subtree(item, registry().ett_protocol());
  show(decoded, tvb, pinfo, below);
  show(*found, decoded, tvb, pinfo, below);
  if (accepted) show(Finding::reply_without_secct, pinfo, item);
  count(decoded, found, pinfo);
  if (accepted) count(Finding::reply_without_secct, pinfo);
}

void register_message() { handle = create_dissector_handle(dissect, registry().protocol); }

void dissect_message(tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree, Delivery& delivery) {
  call_dissector_only(handle, tvb, pinfo, tree, &delivery);
}

}  // namespace secct::dissector
