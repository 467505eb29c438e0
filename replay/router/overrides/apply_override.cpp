// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/router/overrides/apply_override.hpp"

#include <algorithm>

#include "protocol/tables/layout.hpp"
#include "protocol/tables/status.hpp"
#include "replay/inspect/received_context.hpp"

namespace secct::replay {
namespace {

using F = Field;

constexpr std::uint32_t run_down = 10;  // of a lifetime

// --- times
struct ChangedTime {
  BehaviourOverride behaviour;
  Time Timers::*time;
  double factor;
};
constexpr ChangedTime changed_times[] = {
    {Fault::shreq_too_soon, &Timers::shreq_rexmit, 0.3},
    {Fault::hi_too_soon, &Timers::hi_rexmit, 0.3},
    {Fault::kept_too_short, &Timers::kept_shrep, 0.2},
    {Fault::kept_too_long, &Timers::kept_shrep, 100},
    {Fault::purged_too_soon, &Timers::context_purge, 0.5},
    {Fault::purged_at_once, &Timers::context_purge, 0.1},
    {Variation::late_purge, &Timers::context_purge, 2},
    {Variation::kept_at_least, &Timers::kept_shrep, 0.51},
    // The HI is delayed too: its HAck cannot arrive within the usual time.
    {Variation::late_answers, &Timers::hi_rexmit, 4},
};

struct ChangedCount {
  Fault fault;
  unsigned Timers::*count;
  unsigned value;
};
constexpr ChangedCount changed_counts[] = {
    {Fault::shreq_once, &Timers::shreq_retries, 0},
    {Fault::shreq_gives_up_early, &Timers::shreq_retries, 2},
    {Fault::shreq_gives_up_late, &Timers::shreq_retries, 4},
    {Fault::hi_once, &Timers::hi_retries, 0},
    {Fault::hi_gives_up_late, &Timers::hi_retries, 20},
};

// --- checks
struct FaultRule {
  Fault fault;
  Rule rule;
};
constexpr FaultRule skipped_checks[] = {
    {Fault::checksum_unchecked, Rule::checksum_bad},
    {Fault::hop_limit_unchecked, Rule::hop_limit},
    {Fault::trailing_octets_unchecked, Rule::opt_trailing},
    {Fault::option_past_end_unchecked, Rule::opt_length_past_end},
    {Fault::broken_chain_used, Rule::subopt_length_past_end},
    {Fault::second_auth_used, Rule::auth_twice},
    {Fault::naddr_not_checked, Rule::naddr_invalid},
    {Fault::r1_trailing, Rule::req_r1_trailing},
    {Fault::ports_in_r3, Rule::req_ports_not_zero},
    {Fault::flags_padding_unchecked, Rule::req_flags_padding},
    {Fault::port_count_unchecked, Rule::req_ports_count},
    {Fault::profile_length_unchecked, Rule::sa_length_mismatch},
    {Fault::window_padding_unchecked, Rule::window_padding},
    {Fault::key_length_unchecked, Rule::key_length},
    {Fault::block_size_unchecked, Rule::block_size},
    {Fault::key_rounds_unchecked, Rule::key_rounds},
    {Fault::transform_order_unchecked, Rule::data_order},
    {Fault::doubled_data_unchecked, Rule::data_twice},
    {Fault::ushrep_naddr_unchecked, Rule::naddr_mismatch},
    {Fault::source_unchecked, Rule::source_invalid},
    {Fault::destination_unchecked, Rule::destination_invalid},
    {Fault::lifetime_zero_used, Rule::lifetime_zero},
};

// Rules whose violation a receiver must accept, or may refuse.
struct ExtraCheck {
  BehaviourOverride behaviour;
  Rule rule;
};
constexpr ExtraCheck extra_checks[] = {
    {Fault::reserved_refused, Rule::reserved_not_zero},
    {Fault::unknown_option_refused, Rule::opt_unknown},
    {Fault::unknown_sub_option_refused, Rule::subopt_unknown},
    {Fault::code_refused, Rule::code_not_zero},
    {Fault::further_option_refused, Rule::option_repeated},
    {Fault::lla_missing_refused, Rule::hi_no_lla},
    {Fault::reason_refused, Rule::reason_not_utf8},
    {Variation::misplaced_refused, Rule::subopt_misplaced},
};

// Rules that make one context unusable; the faulty router refuses all contexts of the message.
struct RefusalOfAll {
  Fault fault;
  Rule rule;
  std::uint8_t status;
};
constexpr RefusalOfAll refusals_of_all[] = {
    {Fault::unknown_spt_spoils_all, Rule::spt_unknown, status::unusable},
    {Fault::unknown_data_refused, Rule::data_unknown, status::invalid_attribute},
    {Fault::unknown_preference_refused, Rule::preference_unknown, status::invalid_attribute},
};

constexpr FaultRule crash_rules[] = {
    {Fault::crash_after_long_option, Rule::opt_length_past_end},
    {Fault::crash_after_zero_option, Rule::opt_length_zero},
    {Fault::crash_after_unknown_spt, Rule::spt_unknown},
    {Fault::crash_after_short_sub_option, Rule::subopt_length_short},
    {Fault::crash_after_long_profile, Rule::sa_length_mismatch},
    {Fault::crash_after_short_message, Rule::message_short},
    {Fault::crash_after_short_destination_option, Rule::dstopt_short},
    {Fault::crash_after_no_option, Rule::option_missing},
    {Fault::crash_after_further_option, Rule::option_repeated},
    {Fault::crash_after_unknown_code, Rule::code_unknown},
    {Fault::crash_after_long_data, Rule::data_past_end},
    {Fault::crash_after_long_preference, Rule::preference_length},
    {Fault::crash_after_reason, Rule::reason_not_utf8},
    {Fault::crash_after_no_status, Rule::status_missing},
    {Fault::crash_after_needless_status, Rule::all_received_and_status},
};

// --- contexts
void reverse_window(Context& context) {
  Octets reversed(context.window.size());
  for (std::size_t i = 0; i < context.window_size; ++i) {
    const auto from = context.window_size - 1U - i;
    if ((context.window[from / 8] >> (7 - from % 8) & 1) == 0) continue;
    reversed[i / 8] |= static_cast<std::uint8_t>(0x80U >> i % 8);
  }
  context.window = std::move(reversed);
}

// The SPT has a flag for the presence of additional data.
void drop_additional(Context& context, bool (*drops)(const Node& data)) {
  if (std::erase_if(context.additional, drops) == 0 || !context.additional.empty()) return;
  auto spt = find_spt(context.spt).value_or(Spt{});
  spt.additional = false;
  context.spt = spt_number(spt);
}

void drop_all_additional(Context& context) {
  drop_additional(context, [](const Node&) { return true; });
}

bool is_esp_authentication(const Node& data) {
  constexpr std::uint64_t esp_authentication = 1;
  return data_type(data) == esp_authentication;
}

bool is_port_range(const Node& data) {
  return data.find(F::data_source_port_low) != nullptr ||
         data.find(F::data_destination_port_low) != nullptr;
}

void change_spt(Context& context, void (*change)(Spt&)) {
  auto spt = find_spt(context.spt).value_or(Spt{});
  if (!spt.structured()) return;
  change(spt);
  context.spt = structured_spt_number(spt);
}

// Overflow flag, path MTU, IV mode (wire-format 7.3).
bool may_be_left_out(const Node& data) { return data_type(data) >= 2 && data_type(data) <= 4; }

struct ContextRow {
  BehaviourOverride behaviour;
  void (*change)(Context&);
};
constexpr ContextRow handed_over[] = {
    {Fault::key_zeroed, [](Context& c) { std::ranges::fill(c.key, std::uint8_t{0}); }},
    {Fault::sequence_not_current, [](Context& c) { c.sequence = 0; }},
    {Fault::window_reversed,
     [](Context& c) {
       if (!c.window.empty()) reverse_window(c);
     }},
    {Fault::window_left_out,
     [](Context& c) {
       c.window.clear();
       c.window_size = 0;
     }},
    {Fault::lifetime_left_out, [](Context& c) { c.lifetime = 0; }},
    {Fault::spi_byte_order,
     [](Context& c) {
       c.spi = c.spi >> 24 | (c.spi >> 8 & 0xff00) | (c.spi << 8 & 0xff0000) | c.spi << 24;
     }},
    {Fault::ends_swapped, [](Context& c) { std::swap(c.source, c.destination); }},
    {Fault::ports_left_out, [](Context& c) { c.source_port = c.destination_port = 0; }},
    {Fault::protocol_left_out, [](Context& c) { c.protocol = 0; }},
    {Fault::additional_left_out, drop_all_additional},
    {Fault::additional_reversed,
     [](Context& c) {
       c.additional = std::vector<Node>(c.additional.rbegin(), c.additional.rend());
     }},
    {Fault::selectors_left_out, [](Context& c) { drop_additional(c, is_selector); }},
    {Fault::esp_authentication_left_out,
     [](Context& c) { drop_additional(c, is_esp_authentication); }},
    {Fault::static_profile_left_out,
     [](Context& c) {
       if (c.static_profile.empty()) return;
       c.static_profile.clear();
       change_spt(c, [](Spt& spt) { spt.static_profile = false; });
     }},
    {Fault::preferences_reversed,
     [](Context& c) {
       for (auto& preference : c.static_profile) {
         std::vector<Node*> values;
         for (auto& child : preference.children) {
           if (child.field == F::preference_value) values.push_back(&child);
         }
         for (std::size_t i = 0; i < values.size() / 2; ++i) {
           std::swap(values[i]->value, values[values.size() - 1 - i]->value);
         }
       }
     }},
    {Fault::megabytes_left_out,
     [](Context& c) { change_spt(c, [](Spt& spt) { spt.megabytes = false; }); }},
    {Fault::private_ids_zeroed,
     [](Context& c) {
       if (c.source_private_id) c.source_private_id = 0;
       if (c.destination_private_id) c.destination_private_id = 0;
     }},
    {Fault::garbage_ports,
     [](Context& c) {
       if (c.source_port == 0) c.source_port = 0xffff;
     }},
    {Variation::transforms_left_out, [](Context& c) { drop_additional(c, may_be_left_out); }},
    {Variation::lifetime_run_down,
     [](Context& c) {
       if (c.lifetime > run_down) c.lifetime -= run_down;
     }},
};
constexpr ContextRow taken_over[] = {
    {Fault::window_not_continued,
     [](Context& c) {
       if (c.window.empty()) c.window_size = ReplayWindow::default_size;
       c.window.assign((c.window_size + 7U) / 8U, 0);
     }},
    {Fault::sequence_not_continued,
     [](Context& c) {
       c.sequence = 0;
       c.window.clear();
       c.window_size = 0;
     }},
    {Fault::esp_authentication_dropped, drop_all_additional},
    {Fault::protocol_selector_dropped, [](Context& c) { c.protocol = 0; }},
    {Fault::source_port_dropped, [](Context& c) { c.source_port = 0; }},
    {Fault::destination_port_dropped, [](Context& c) { c.destination_port = 0; }},
    {Fault::port_ranges_dropped, [](Context& c) { drop_additional(c, is_port_range); }},
    {Fault::aes_key_cut,
     [](Context& c) {
       constexpr std::size_t shortest_aes_key = 16;
       const auto spt = find_spt(c.spt).value_or(Spt{});
       if (spt.protocol == SptProtocol::esp && spt.cipher() == Cipher::aes_cbc) {
         c.key.resize(shortest_aes_key);
       }
     }},
};

void apply(std::span<const ContextRow> rows, const BehaviourOverride& behaviour, Context& context) {
  for (const auto& row : rows) {
    if (behaviour == row.behaviour) row.change(context);
  }
}

bool is_selected(const BehaviourOverride& behaviour, Fault fault) {
  return fault != Fault::none && behaviour.has(fault);
}

}  // namespace

void override_timers(const BehaviourOverride& behaviour, Timers& timers) {
  for (const auto& [other, time, factor] : changed_times) {
    if (behaviour != other) continue;
    timers.*time = static_cast<Time>(static_cast<double>(timers.*time) * factor);
  }
  for (const auto& [fault, count, value] : changed_counts) {
    if (behaviour.has(fault)) timers.*count = value;
  }
}

void skip_check(const BehaviourOverride& behaviour, DecodedMessage& decoded) {
  for (const auto& [fault, rule] : skipped_checks) {
    if (!behaviour.has(fault)) continue;
    const auto removed = std::ranges::remove(decoded.problems, rule, &Problem::rule);
    decoded.problems.erase(removed.begin(), removed.end());
  }
}

bool discards_wrongly(const BehaviourOverride& behaviour, const DecodedMessage& decoded) {
  // A new router forwards the sub-options of a SHIN uninterpreted (behaviour.md 2.4).
  const bool forwards = message_info(decoded.message).error_report == ErrorReport::forwarded;
  return std::ranges::any_of(extra_checks, [&](const auto& row) {
    const bool is_permitted = row.behaviour.variation != Variation::none;
    return behaviour == row.behaviour && decoded.broken(row.rule) && !(is_permitted && forwards);
  });
}

bool crashes_on(const BehaviourOverride& behaviour, const DecodedMessage& decoded) {
  return std::ranges::any_of(crash_rules, [&](const auto& row) {
    return behaviour.has(row.fault) && decoded.broken(row.rule);
  });
}

void override_received(const BehaviourOverride& behaviour, const DecodedMessage& decoded,
                       std::vector<ReceivedContext>& contexts) {
  if (behaviour.has(Fault::first_context_only) && contexts.size() > 1) contexts.resize(1);
  if (behaviour.has(Fault::first_rep_only)) {
    std::size_t count = 0;
    for (const auto& field : decoded.fields) {
      if (field.field != F::sub_options || decoded.find_in(field, F::contexts) == nullptr) continue;
      const auto first = decoded.fields.begin() + (&field - decoded.fields.data());
      count = static_cast<std::size_t>(
          std::count_if(first, decoded.fields.begin() + field.end,
                        [](const auto& inner) { return inner.field == F::contexts; }));
      break;
    }
    if (contexts.size() > count) contexts.resize(count);
  }
  for (const auto& [fault, rule, status] : refusals_of_all) {
    if (!behaviour.has(fault) || !decoded.broken(rule)) continue;
    for (auto& context : contexts) context.status = status;
  }
}

bool are_equal(const BehaviourOverride& behaviour, Fault prefix, Fault suffix, const Address& a,
               const Address& b) {
  constexpr std::ptrdiff_t half = 8;  // octets
  if (is_selected(behaviour, prefix)) return std::equal(a.begin(), a.begin() + half, b.begin());
  if (is_selected(behaviour, suffix)) {
    return std::equal(a.begin() + half, a.end(), b.begin() + half);
  }
  return a == b;
}

std::uint32_t compared_bits(const BehaviourOverride& behaviour, Fault high, Fault low) {
  if (is_selected(behaviour, high)) return 0xffff0000;
  return is_selected(behaviour, low) ? 0x0000ffff : UINT32_MAX;
}

std::optional<Octets> without_first_option(const BehaviourOverride& behaviour,
                                           const DecodedMessage& decoded) {
  if (!behaviour.has(Fault::last_option_used) || !decoded.broken(Rule::option_repeated)) {
    return std::nullopt;
  }
  const auto first = std::ranges::find_if(decoded.fields, [&](const auto& field) {
    return field.field == F::options && decoded.find_in(field, F::paddr) != nullptr;
  });
  const auto begin = decoded.octets.begin() + first->offset;
  Octets rest(decoded.octets.begin(), begin);
  rest.insert(rest.end(), begin + first->length, decoded.octets.end());
  return rest;
}

void override_taken_over(const BehaviourOverride& behaviour, Context& context) {
  apply(taken_over, behaviour, context);
}

void override_handed_over(const BehaviourOverride& behaviour, Context& context) {
  apply(handed_over, behaviour, context);
}

std::vector<std::vector<Context>> one_each(const std::vector<Context>& contexts) {
  std::vector<std::vector<Context>> parts;
  for (const auto& context : contexts) parts.push_back({context});
  if (parts.empty()) parts.emplace_back();
  return parts;
}

}  // namespace secct::replay
