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

// What the counters get; names are constant or of the packet's pool.
struct Counted {
  const char* message;  // nullptr: only findings
  const Track* track;
  std::uint32_t statuses;
  std::uint32_t spts;
  std::uint32_t rules;
  const char** names;  // first of the statuses, then of the SPTs, then of the broken rules
};

struct PairRow {
  Pairing id;
  const char* name;
};
constexpr PairRow pairs[] = {{Pairing::hi, "HI - HAck"},
                             {Pairing::shreq, "SHREQ - SHREP"},
                             {Pairing::shrep, "SHREP - SHREP-Ack"},
                             {Pairing::shin, "SHIN - SHAK"},
                             {Pairing::pshin, "P-SHIN - SHAK"},
                             {Pairing::registration, "Registration Request - Reply"}};
constexpr int handover_row = static_cast<int>(std::size(pairs));

// --- the tree
struct {
  int messages;
  int statuses;
  int spts;
  int handovers;
  int pairs;
  int experts;
} nodes;

constexpr const char* open_handovers = "Open";
constexpr const char* response_times = "Response times (ms)";

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
  // How many; the averages below are of unlike things.
  nodes.pairs = stats_tree_create_node(tree, response_times, 0, STAT_DT_INT, TRUE);
  nodes.experts = stats_tree_create_pivot(tree, "Expert infos", 0);
}

void count_handover(stats_tree* tree, const Track& track) {
  if (track.begins) {
    tick_stat_node(tree, "Handovers", 0, TRUE);
    increase_stat_node(tree, open_handovers, nodes.handovers, FALSE, 1);
  }
  const bool completed = track.outcome == Outcome::completed;
  if (!completed && track.outcome != Outcome::failed) return;
  increase_stat_node(tree, open_handovers, nodes.handovers, FALSE, -1);
  tick_stat_node(tree, completed ? "Completed" : "Failed", nodes.handovers, FALSE);
}

float milliseconds(const nstime_t& time) { return static_cast<float>(nstime_to_msec(&time)); }

void count_time(stats_tree* tree, const char* name, const nstime_t& time) {
  tick_stat_node(tree, response_times, 0, TRUE);
  avg_stat_node_add_value_float(tree, name, nodes.pairs, FALSE, milliseconds(time));
}

tap_packet_status tree_packet(stats_tree* tree, packet_info*, epan_dissect_t*, const void* data,
                              tap_flags_t) noexcept {
  const auto& counted = *static_cast<const Counted*>(data);
  if (counted.message != nullptr) {
    stats_tree_tick_pivot(tree, nodes.messages, counted.message);
  }
  const auto** name = counted.names;
  const auto tick = [&](int pivot, std::uint32_t number) {
    while (number-- > 0) stats_tree_tick_pivot(tree, pivot, *name++);
  };
  tick(nodes.statuses, counted.statuses);
  tick(nodes.spts, counted.spts);
  tick(nodes.experts, counted.rules);
  const auto* track = counted.track;
  if (track == nullptr) return TAP_PACKET_REDRAW;
  for (std::size_t i = 0; i < track->found_count; ++i) {
    stats_tree_tick_pivot(tree, nodes.experts, row(track->found[i].finding).text);
  }
  count_handover(tree, *track);
  if (track->answers != Pairing::count) {
    count_time(tree, pairs[static_cast<std::size_t>(track->answers)].name, track->time);
  }
  if (track->outcome == Outcome::completed) {
    count_time(tree, "Completed handover", track->handover_time);
  }
  return TAP_PACKET_REDRAW;
}

// --- response times
void srt_init(register_srt*, GArray* tables) noexcept {
  auto* table = init_srt_table("SecCT response times", "SecCT", tables, handover_row + 1,
                               "Messages", nullptr, nullptr);
  for (int i = 0; i < handover_row; ++i) init_srt_table_row(table, i, pairs[i].name);
  init_srt_table_row(table, handover_row, "Completed handover");
}

tap_packet_status srt_packet(void* state, packet_info* pinfo, epan_dissect_t*, const void* data,
                             tap_flags_t) noexcept {
  const auto* track = static_cast<const Counted*>(data)->track;
  if (track == nullptr || track->answers == Pairing::count) return TAP_PACKET_DONT_REDRAW;
  auto* table = g_array_index(static_cast<srt_data_t*>(state)->srt_array, srt_stat_table*, 0);
  // The table measures from the request's time to the packet's.
  const auto add = [&](int index, const nstime_t& time) {
    nstime_t begun = pinfo->abs_ts;
    nstime_subtract(&begun, &time);
    add_srt_table_data(table, index, &begun, pinfo);
  };
  add(static_cast<int>(track->answers), track->time);
  if (track->outcome == Outcome::completed) add(handover_row, track->handover_time);
  return TAP_PACKET_REDRAW;
}

const char* text_in(packet_info* pinfo, const std::string& text) {
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

void count(const DecodedMessage& decoded, const Track* track, packet_info* pinfo) {
  if (have_tap_listener(tap) == FALSE || pinfo->flags.in_error_pkt != 0) return;
  auto* counted = wmem_new0(pinfo->pool, Counted);
  counted->message = find_value(Values::message, static_cast<unsigned>(decoded.message))->key;
  counted->track = track;
  const auto number = [&](F field) {
    return static_cast<std::uint32_t>(
        std::ranges::count(decoded.fields, field, &DecodedField::field));
  };
  counted->statuses = number(F::status);
  counted->spts = number(F::spt);
  const bool unanswered = track != nullptr && lacks_reply(*track, pinfo);
  counted->rules = static_cast<std::uint32_t>(decoded.problems.size()) + (unanswered ? 1 : 0);
  const auto all = counted->statuses + counted->spts + counted->rules;
  counted->names = static_cast<const char**>(wmem_alloc(pinfo->pool, (all + 1) * sizeof(char*)));
  auto** next = counted->names;
  for (const auto& item : decoded.fields) {
    if (item.field != F::status) continue;
    const auto* known = find_value(Values::status, item.number);
    *next++ = text_in(
        pinfo, std::to_string(item.number) + ' ' + (known != nullptr ? known->text : "Unknown"));
  }
  for (const auto& item : decoded.fields) {
    if (item.field == F::spt) {
      *next++ = text_in(pinfo, spt_name(static_cast<std::uint16_t>(item.number)));
    }
  }
  for (const auto& problem : decoded.problems) *next++ = row(problem.rule).text;
  if (unanswered) *next++ = row(Finding::reply_missing).text;
  tap_queue_packet(tap, pinfo, counted);
}

void count(Finding finding, packet_info* pinfo) {
  if (have_tap_listener(tap) == FALSE) return;
  auto* counted = wmem_new0(pinfo->pool, Counted);
  counted->rules = 1;
  counted->names = wmem_new(pinfo->pool, const char*);
  *counted->names = row(finding).text;
  tap_queue_packet(tap, pinfo, counted);
}

}  // namespace secct::dissector
