// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/tracking/statistics.hpp"

#include <algorithm>
#include <array>
#include <string>

#include <epan/srt_table.h>
#include <epan/stats_tree.h>
#include <epan/tap.h>

#include "dissector/epan/registry.hpp"

namespace secct::dissector {
namespace {

using F = Field;

int tap = 0;

// The data of the tap, in pinfo->pool. Names are constants or in the same pool.
struct TapData {
  const char* message;  // nullptr: only broken rules
  const TrackingResult* result;
  std::uint32_t statuses;
  std::uint32_t spts;
  std::uint32_t rules;
  const char** names;  // of the statuses, then of the SPTs, then of the broken rules
};

// The request of each exchange, in the order of Pairing.
constexpr secct::Message requests[] = {secct::Message::hi,    secct::Message::shreq,
                                       secct::Message::shrep, secct::Message::shin,
                                       secct::Message::pshin, secct::Message::mip4_request};
constexpr int handover_row = static_cast<int>(std::size(requests));
static_assert(std::size(requests) == static_cast<std::size_t>(Pairing::count));

// Request and answer: "SHREQ - SHREP".
const char* exchange_name(std::size_t pairing) {
  static const auto names = [] {
    std::array<std::string, std::size(requests)> all;
    for (std::size_t i = 0; i < all.size(); ++i) {
      const auto& request = message_info(requests[i]);
      const auto& answer = message_info(request.answered_by);
      const bool is_registration = request.number == answer.number;
      all[i] = is_registration ? "Registration Request - Reply"
                               : std::string(request.key) + " - " + answer.key;
    }
    return all;
  }();
  return names[pairing].c_str();
}

// --- secct,tree
struct {
  int messages;
  int statuses;
  int spts;
  int handovers;
  int response_times;
  int experts;
} nodes;

constexpr const char* open_handovers = "Open";
constexpr const char* response_times_node = "Response times (ms)";

void tree_init(stats_tree* tree) noexcept {
  const auto top = [tree](const char* name) {
    return stats_tree_create_node(tree, name, 0, STAT_DT_INT, TRUE);
  };
  nodes.messages = stats_tree_create_pivot(tree, "Messages", 0);
  nodes.statuses = stats_tree_create_pivot(tree, "Status codes", 0);
  nodes.spts = stats_tree_create_pivot(tree, "Security profile types", 0);
  nodes.handovers = top("Handovers");
  for (const auto* name : {"Completed", "Failed", open_handovers}) {
    stats_tree_create_node(tree, name, nodes.handovers, STAT_DT_INT, FALSE);
  }
  // An integer node: it has a count, but no average over exchanges of different kinds.
  nodes.response_times = stats_tree_create_node(tree, response_times_node, 0, STAT_DT_INT, TRUE);
  nodes.experts = stats_tree_create_pivot(tree, "Expert infos", 0);
}

void count_handover(stats_tree* tree, const TrackingResult& result) {
  if (result.begins) {
    tick_stat_node(tree, "Handovers", 0, TRUE);
    increase_stat_node(tree, open_handovers, nodes.handovers, FALSE, 1);
  }
  const bool completed = result.outcome == Outcome::completed;
  if (!completed && result.outcome != Outcome::failed) return;
  increase_stat_node(tree, open_handovers, nodes.handovers, FALSE, -1);
  tick_stat_node(tree, completed ? "Completed" : "Failed", nodes.handovers, FALSE);
}

float milliseconds(const nstime_t& time) { return static_cast<float>(nstime_to_msec(&time)); }

void count_time(stats_tree* tree, const char* name, const nstime_t& time) {
  tick_stat_node(tree, response_times_node, 0, TRUE);
  avg_stat_node_add_value_float(tree, name, nodes.response_times, FALSE, milliseconds(time));
}

tap_packet_status tree_packet(stats_tree* tree, packet_info*, epan_dissect_t*, const void* data,
                              tap_flags_t) noexcept {
  const auto& tap_data = *static_cast<const TapData*>(data);
  if (tap_data.message != nullptr) {
    stats_tree_tick_pivot(tree, nodes.messages, tap_data.message);
  }
  const auto** name = tap_data.names;
  const auto tick = [&](int pivot, std::uint32_t number) {
    while (number-- > 0) stats_tree_tick_pivot(tree, pivot, *name++);
  };
  tick(nodes.statuses, tap_data.statuses);
  tick(nodes.spts, tap_data.spts);
  tick(nodes.experts, tap_data.rules);
  const auto* result = tap_data.result;
  if (result == nullptr) return TAP_PACKET_REDRAW;
  for (std::size_t i = 0; i < result->rule_count; ++i) {
    stats_tree_tick_pivot(tree, nodes.experts, conversation::info(result->rules[i].rule).text);
  }
  count_handover(tree, *result);
  if (result->answers != Pairing::count) {
    count_time(tree, exchange_name(static_cast<std::size_t>(result->answers)), result->time);
  }
  if (result->outcome == Outcome::completed) {
    count_time(tree, "Completed handover", result->handover_time);
  }
  return TAP_PACKET_REDRAW;
}

// --- secct,srt
void srt_init(register_srt*, GArray* tables) noexcept {
  auto* table = init_srt_table("SecCT response times", "SecCT", tables, handover_row + 1,
                               "Messages", nullptr, nullptr);
  for (int i = 0; i < handover_row; ++i) {
    init_srt_table_row(table, i, exchange_name(static_cast<std::size_t>(i)));
  }
  init_srt_table_row(table, handover_row, "Completed handover");
}

tap_packet_status srt_packet(void* state, packet_info* pinfo, epan_dissect_t*, const void* data,
                             tap_flags_t) noexcept {
  const auto* result = static_cast<const TapData*>(data)->result;
  if (result == nullptr || result->answers == Pairing::count) return TAP_PACKET_DONT_REDRAW;
  auto* table = g_array_index(static_cast<srt_data_t*>(state)->srt_array, srt_stat_table*, 0);
  // The table subtracts the given time from the time of the packet.
  const auto add = [&](int index, const nstime_t& time) {
    nstime_t start = pinfo->abs_ts;
    nstime_subtract(&start, &time);
    add_srt_table_data(table, index, &start, pinfo);
  };
  add(static_cast<int>(result->answers), result->time);
  if (result->outcome == Outcome::completed) add(handover_row, result->handover_time);
  return TAP_PACKET_REDRAW;
}

const char* pool_copy(packet_info* pinfo, const std::string& text) {
  return wmem_strndup(pinfo->pool, text.data(), text.size());
}

}  // namespace

void register_statistics() {
  tap = register_tap("secct");
  register_srt_table(registry().protocol, "secct", 1, srt_packet, srt_init, nullptr);
}

void register_statistics_tables() {
  stats_tree_register_plugin("secct", "secct", "SecCT", 0, tree_packet, tree_init, nullptr);
}

void count_message(const DecodedMessage& decoded, const TrackingResult* result,
                   packet_info* pinfo) {
  if (have_tap_listener(tap) == FALSE || pinfo->flags.in_error_pkt != 0) return;
  auto* tap_data = wmem_new0(pinfo->pool, TapData);
  tap_data->message = message_info(decoded.message).key;
  tap_data->result = result;
  const auto number = [&](F field) {
    return static_cast<std::uint32_t>(
        std::ranges::count(decoded.fields, field, &DecodedField::field));
  };
  tap_data->statuses = number(F::status);
  tap_data->spts = number(F::spt);
  const auto missing = result != nullptr ? missing_reply(*result, pinfo) : RuleId::count;
  const bool unanswered = missing != RuleId::count;
  tap_data->rules = static_cast<std::uint32_t>(decoded.problems.size()) + (unanswered ? 1 : 0);
  const auto all = tap_data->statuses + tap_data->spts + tap_data->rules;
  tap_data->names = static_cast<const char**>(wmem_alloc(pinfo->pool, (all + 1) * sizeof(char*)));
  auto** next = tap_data->names;
  for (const auto& field : decoded.fields) {
    if (field.field != F::status) continue;
    const auto* value = find_value(Values::status, field.number);
    *next++ = pool_copy(
        pinfo, std::to_string(field.number) + ' ' + (value != nullptr ? value->text : "Unknown"));
  }
  for (const auto& field : decoded.fields) {
    if (field.field == F::spt) {
      *next++ = pool_copy(pinfo, spt_name(static_cast<std::uint16_t>(field.number)));
    }
  }
  for (const auto& problem : decoded.problems) *next++ = row(problem.rule).text;
  if (unanswered) *next++ = conversation::info(missing).text;
  tap_queue_packet(tap, pinfo, tap_data);
}

void count_rule(RuleId rule, packet_info* pinfo) {
  if (have_tap_listener(tap) == FALSE) return;
  auto* tap_data = wmem_new0(pinfo->pool, TapData);
  tap_data->rules = 1;
  tap_data->names = wmem_new(pinfo->pool, const char*);
  *tap_data->names = conversation::info(rule).text;
  tap_queue_packet(tap, pinfo, tap_data);
}

}  // namespace secct::dissector
