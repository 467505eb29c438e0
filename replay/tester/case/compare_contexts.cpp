// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/tester/case/compare_contexts.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "conversation/compare_text.hpp"
#include "ipsec/crypto.hpp"
#include "protocol/tables/spt.hpp"

namespace secct::replay {
namespace {

using F = Field;
using conversation::hex;

// The context after the tester has sent packets under the SA: sequence number and window include
// them.
Context after_sending(Context context, const MobileNodeState& mobile_node) {
  const auto sent = mobile_node.highest_sent(context);
  if (!sent || *sent <= context.sequence) return context;
  auto window = to_window(context);
  window.accept(*sent);
  context.sequence = *sent;
  if (!context.window.empty()) context.window = window.bits();
  return context;
}

bool is_transform(const Node& data) { return !is_selector(data); }
bool is_any(const Node&) { return true; }

// `wanted` without the additional data that `got` may omit and does omit: overflow flag, path MTU
// and IV mode, and then, if no additional data remain, with the SPT that says so. ESP
// authentication must not be omitted: without it, the SA is a different one.
Context without_omitted_data(Context wanted, const Context& got) {
  constexpr std::uint64_t esp_authentication = 1;
  const auto is_omitted = [&](const Node& data) {
    const auto type = data_type(data);
    return is_transform(data) && type != esp_authentication &&
           std::ranges::find(got.additional, type, ipsec::data_type) == got.additional.end();
  };
  const auto spt = find_spt(wanted.spt);
  if (std::erase_if(wanted.additional, is_omitted) == 0 || !wanted.additional.empty() || !spt) {
    return wanted;
  }
  auto shorter = *spt;
  shorter.additional = false;
  if (spt_number(shorter) == got.spt) wanted.spt = got.spt;
  return wanted;
}

// A property of a context, the clause that requires it, and its value as text.
struct ContextRow {
  Field field;
  const char* clause;
  std::string (*text)(const Context& context);
};

std::string id_text(const std::optional<std::uint32_t>& id) {
  return id ? std::to_string(*id) : "none";
}
// The entries of a list of additional data or preferences for which `included` is true.
std::string list_text(const std::vector<Node>& nodes, bool (*included)(const Node&)) {
  std::string text;
  for (const auto& node : nodes) {
    if (!included(node)) continue;
    for (const auto& child : node.children) {
      if (child.field == F::data_length || child.field == F::preference_length) continue;
      if (const auto number = child.number()) text += fmt::format("{} ", *number);
      if (const auto* octets = child.octets()) {
        const bool is_key = child.field == F::data_auth_key;
        text += (is_key ? masked_key(*octets) : to_hex(*octets)) + " ";
      }
    }
    text += "; ";
  }
  return text.empty() ? "none" : text;
}

// In the order of comparison. The lists come before the SPT, which says whether they are present:
// the failure then names the list that was lost or added.
constexpr ContextRow context_rows[] = {
    {F::additional, "ISSUES-7.2-1",
     [](const Context& c) { return list_text(c.additional, is_selector); }},
    {F::additional, "ISSUES-7.3-2",
     [](const Context& c) { return list_text(c.additional, is_transform); }},
    {F::static_profile, "RELOC-3-11",
     [](const Context& c) { return list_text(c.static_profile, is_any); }},
    {F::spt, "RELOC-3-2", [](const Context& c) { return spt_name(c.spt); }},
    {F::sa_source, "RELOC-3-5", [](const Context& c) { return to_text(c.source); }},
    {F::sa_source_private_id, "RELOC-3-5",
     [](const Context& c) { return id_text(c.source_private_id); }},
    {F::sa_destination, "ISSUES-7.2-2", [](const Context& c) { return to_text(c.destination); }},
    {F::sa_destination_private_id, "RELOC-3-5",
     [](const Context& c) { return id_text(c.destination_private_id); }},
    {F::sa_protocol, "ISSUES-7.2-1", [](const Context& c) { return std::to_string(c.protocol); }},
    {F::sa_source_port, "ISSUES-7.2-1",
     [](const Context& c) { return std::to_string(c.source_port); }},
    {F::sa_destination_port, "ISSUES-7.2-1",
     [](const Context& c) { return std::to_string(c.destination_port); }},
    {F::sa_key, "RELOC-3-9", [](const Context& c) { return masked_key(c.key); }},
    {F::sa_sequence, "ISSUES-7.3-1", [](const Context& c) { return std::to_string(c.sequence); }},
    {F::sa_window_size, "RELOC-3-6",
     [](const Context& c) { return std::to_string(c.window_size); }},
    {F::sa_window, "RELOC-3-6", [](const Context& c) { return to_hex(c.window); }},
};

}  // namespace

std::optional<Failure> compare_contexts(const std::vector<Context>& found,
                                        const std::vector<Context>& expected,
                                        const VariableContext& variables) {
  if (found.size() != expected.size()) {
    return Failure{"", "secct.sa.spi", std::to_string(expected.size()),
                   std::to_string(found.size()), "wrong number of contexts"};
  }
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const auto& got = found[i];
    const auto wanted =
        without_omitted_data(after_sending(expected[i], variables.mobile_node), got);
    if (wanted.spi != got.spi) {
      const bool later = std::ranges::find(found, wanted.spi, &Context::spi) != found.end();
      return Failure{later ? "FRAME-4.4-2" : "ISSUES-7.2-2", "secct.sa.spi", hex(wanted.spi),
                     hex(got.spi), later ? "contexts are in the wrong order" : "wrong SA"};
    }
    for (const auto& entry : context_rows) {
      // The description does not say which packets were received.
      if (entry.field == F::sa_window && wanted.window_size != 0 && wanted.window.empty()) continue;
      auto wanted_text = entry.text(wanted);
      auto got_text = entry.text(got);
      if (wanted_text == got_text) continue;
      // Another clause forbids a port if the SA has none.
      const bool is_port =
          entry.field == F::sa_source_port || entry.field == F::sa_destination_port;
      const char* clause = is_port && wanted_text == "0" ? "RELOC-3-7" : entry.clause;
      return Failure{clause, std::string(row(entry.field).name), std::move(wanted_text),
                     std::move(got_text),
                     fmt::format("context {} does not match the mobile node's SA", i + 1)};
    }
    if (got.lifetime == 0 || got.lifetime > wanted.lifetime) {
      return Failure{"RELOC-3-10", "secct.sa.lifetime", fmt::format("1 to {}", wanted.lifetime),
                     std::to_string(got.lifetime),
                     "lifetime is not the remaining lifetime of the SA"};
    }
  }
  return std::nullopt;
}

}  // namespace secct::replay
