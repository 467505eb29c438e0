// SPDX-License-Identifier: GPL-2.0-or-later
// The generated fields and expert infos of a track.
#include "dissector/epan/registry.hpp"
#include "dissector/tracking/track.hpp"
#include "dissector/tree.hpp"

namespace secct::dissector {
namespace {

void number(proto_tree* tree, int hf, tvbuff_t* tvb, std::uint32_t value) {
  if (value != 0) proto_item_set_generated(proto_tree_add_uint(tree, hf, tvb, 0, 0, value));
}

void time(proto_tree* tree, int hf, tvbuff_t* tvb, const nstime_t& value) {
  proto_item_set_generated(proto_tree_add_time(tree, hf, tvb, 0, 0, &value));
}

// Beside the token.
void auth_status(const Track& track, const DecodedMessage& decoded, tvbuff_t* tvb) {
  auto* token = shown(decoded, Field::auth_token);
  const auto* place = decoded.find(Field::auth_token);
  if (track.auth_status == no_status || token == nullptr) return;
  proto_item_set_generated(proto_tree_add_uint(
      proto_item_get_parent(token), registry().hf(Field::auth_status), tvb,
      static_cast<gint>(place->offset), static_cast<gint>(place->length), track.auth_status));
}

void expert(const Found& found, packet_info* pinfo, proto_item* item) {
  // epan wants it writable, but does not write.
  static auto experts = registry().findings;
  auto* field = &experts[static_cast<std::size_t>(found.finding)];
  const auto& finding = row(found.finding);
  if (found.has_numbers) {
    expert_add_info_format(pinfo, item, field, "%s: expected %u, found %u [%s]", finding.text,
                           found.expected, found.actual, finding.section);
  } else {
    expert_add_info(pinfo, item, field);
  }
}

}  // namespace

void show(Finding finding, packet_info* pinfo, proto_item* item) {
  expert({finding, false, 0, 0}, pinfo, item);
}

void show(const Track& track, const DecodedMessage& decoded, tvbuff_t* tvb, packet_info* pinfo,
          proto_tree* tree) {
  const auto& ids = registry();
  auto* item = proto_tree_get_parent(tree);
  if (tree != nullptr) {
    auth_status(track, decoded, tvb);
    number(tree, ids.hf(Field::handover), tvb, track.handover);
    number(tree, ids.hf(Field::response_in), tvb, track.response_in);
    number(tree, ids.hf(Field::response_to), tvb, track.response_to);
    if (track.response_to != 0) time(tree, ids.hf(Field::time), tvb, track.time);
    if (track.has_handover_time) {
      time(tree, ids.hf(Field::handover_time), tvb, track.handover_time);
    }
    number(tree, ids.retransmission_of, tvb, track.retransmission_of);
  }
  for (std::size_t i = 0; i < track.found_count; ++i) expert(track.found[i], pinfo, item);
  if (lacks_reply(track, pinfo)) show(Finding::reply_missing, pinfo, item);
}

}  // namespace secct::dissector
