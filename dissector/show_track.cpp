// SPDX-License-Identifier: GPL-2.0-or-later
// Shows a tracking result: its generated fields and expert infos.
#include "dissector/epan/registry.hpp"
#include "dissector/tracking/track.hpp"
#include "dissector/tree.hpp"

namespace secct::dissector {
namespace {

// A generated number; 0 means none.
void add_number(proto_tree* tree, int hf, tvbuff_t* tvb, std::uint32_t value) {
  if (value != 0) proto_item_set_generated(proto_tree_add_uint(tree, hf, tvb, 0, 0, value));
}

void add_time(proto_tree* tree, int hf, tvbuff_t* tvb, const nstime_t& value) {
  proto_item_set_generated(proto_tree_add_time(tree, hf, tvb, 0, 0, &value));
}

// The status is a sibling of the token.
void add_auth_status(const TrackingResult& result, const DecodedMessage& decoded, tvbuff_t* tvb) {
  auto* token = tree_item_of(decoded, Field::auth_token);
  const auto* field = decoded.find(Field::auth_token);
  if (result.auth_status == no_status || token == nullptr) return;
  proto_item_set_generated(proto_tree_add_uint(
      proto_item_get_parent(token), registry().hf(Field::auth_status), tvb,
      static_cast<gint>(field->offset), static_cast<gint>(field->length), result.auth_status));
}

}  // namespace

void show_rule(const RuleEntry& entry, packet_info* pinfo, proto_item* item) {
  // epan takes a pointer to non-const, but does not modify it.
  static auto experts = registry().conversation;
  auto* field = &experts[static_cast<std::size_t>(entry.rule)];
  const auto& rule = conversation::info(entry.rule);
  auto* below = proto_item_get_subtree(item);
  mark_finding(below != nullptr ? below : proto_item_get_parent(item));
  if (entry.expected != nullptr && entry.actual != nullptr) {
    expert_add_info_format(pinfo, item, field, "%s: expected %s, found %s [%s]", rule.text,
                           entry.expected, entry.actual, rule.section);
  } else if (entry.actual != nullptr) {
    expert_add_info_format(pinfo, item, field, "%s: %s [%s]", rule.text, entry.actual,
                           rule.section);
  } else {
    expert_add_info_format(pinfo, item, field, "%s [%s]", rule.text, rule.section);
  }
}

void show_tracking(const TrackingResult& result, const DecodedMessage& decoded, tvbuff_t* tvb,
                   packet_info* pinfo, proto_tree* tree) {
  const auto& ids = registry();
  auto* item = proto_tree_get_parent(tree);
  if (tree != nullptr) {
    add_auth_status(result, decoded, tvb);
    add_number(tree, ids.hf(Field::handover), tvb, result.handover);
    add_number(tree, ids.hf(Field::response_in), tvb, result.response_in);
    add_number(tree, ids.hf(Field::response_to), tvb, result.response_to);
    if (result.response_to != 0) add_time(tree, ids.hf(Field::time), tvb, result.time);
    if (result.has_handover_time) {
      add_time(tree, ids.hf(Field::handover_time), tvb, result.handover_time);
    }
    add_number(tree, ids.retransmission_of, tvb, result.retransmission_of);
  }
  for (std::size_t i = 0; i < result.rule_count; ++i) show_rule(result.rules[i], pinfo, item);
  const auto missing = missing_reply(result, pinfo);
  if (missing != RuleId::count) show_rule({missing}, pinfo, item);
}

}  // namespace secct::dissector
