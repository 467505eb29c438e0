// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/tester/case_variables.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "generator/document/edit.hpp"
#include "generator/handover/handover_variables.hpp"
#include "protocol/tables/spt.hpp"
#include "protocol/tables/status.hpp"

namespace secct::replay {
namespace {

using Found = std::optional<std::vector<std::string>>;  // nothing: it has no value here

Found one(const std::string& text) { return std::vector<std::string>{text}; }
Found address(const Address& address) {
  return one(is_v4_mapped(address) ? v4_text(View(address).subspan(12)) : to_text(address));
}

// Words without a number.
struct PlainVariable {
  std::string_view form;
  std::string_view what;
  Found (*value)(const VariableContext& context);
};

constexpr PlainVariable plain_words[] = {
    {"$nr-for-mn", "the new router, as the mobile node sees it",
     [](const VariableContext& c) { return address(c.handover.nr_for_mn()); }},
    {"$nr-v4", "the tester's or the router's IPv4 address as the new router",
     [](const VariableContext& c) { return address(c.handover.nr_v4()); }},
    {"$pr-v4", "the tester's or the router's IPv4 address as the previous router",
     [](const VariableContext& c) { return address(c.handover.pr_v4()); }},
    {"$pr-v4-mapped", "the same in IPv6 notation",
     [](const VariableContext& c) { return one(to_text(c.handover.pr_v4())); }},
    {"$old-coa", "the mobile node's old care-of address in IPv6 notation",
     [](const VariableContext& c) {
       return one(to_text(RouterDescription::v4_of(c.handover.mobile_node().number)));
     }},
    {"$coa", "the foreign agent's care-of address in IPv6 notation",
     [](const VariableContext& c) { return one(to_text(c.handover.nr_v4())); }},
    {"$identifier", "that of the message that the tester sent last",
     [](const VariableContext& c) {
       return one(std::to_string(c.memory.identifier.value_or(c.handover.identifier())));
     }},
    {"$other-naddr", "a Naddr of the same subnet that no mobile node has",
     [](const VariableContext& c) {
       auto other = c.handover.mobile_node().naddr;
       other[8] ^= 0x80;
       return address(other);
     }},
    {"$other-paddr", "the Paddr of another mobile node that the router knows",
     [](const VariableContext& c) {
       const auto& description = c.handover.description();
       return address(description.paddr_of(description.mobile_node_count));
     }},
    {"$spi-in-use", "an SPI that the description says is in use",
     [](const VariableContext& c) {
       const auto& list = c.handover.description().spi_in_use;
       return list.empty() ? Found() : one(fmt::format("0x{:08x}", list.front()));
     }},
    {"$last-sequence", "sequence number of the AH sent last",
     [](const VariableContext& c) { return one(std::to_string(c.memory.ah_sequence)); }},
};

// Words with the number of an SA that may be transferred: $spi1.
struct SaVariable {
  std::string_view stem;
  std::string_view what;
  Found (*value)(const Context& context);
};

Found id_of(const std::optional<std::uint32_t>& id) {
  return id ? one(std::to_string(*id)) : Found();
}

constexpr SaVariable sa_words[] = {
    {"$spi", "SPI of the case's SA N",
     [](const Context& c) { return one(fmt::format("0x{:08x}", c.spi)); }},
    {"$protocol", "its protocol flag: 1 ESP, 0 AH",
     [](const Context& c) {
       const auto spt = find_spt(c.spt);
       return one(spt && spt->protocol == SptProtocol::esp ? "1" : "0");
     }},
    {"$spt", "its SPT", [](const Context& c) { return one(std::to_string(c.spt)); }},
    {"$source", "its source", [](const Context& c) { return address(c.source); }},
    {"$destination", "its destination", [](const Context& c) { return address(c.destination); }},
    {"$source-id", "its source's private ID",
     [](const Context& c) { return id_of(c.source_private_id); }},
    {"$destination-id", "its destination's private ID",
     [](const Context& c) { return id_of(c.destination_private_id); }},
};

// $kept-spi1 and the like: SAs of types 1 and 2.
constexpr std::string_view kept_prefix = "$kept-";

Found sa_value(std::string_view text, const VariableContext& context) {
  auto stem = text.substr(0, text.find_last_not_of("0123456789") + 1);
  const auto number = to_number(text.substr(stem.size()));
  const bool kept = stem.starts_with(kept_prefix);
  const auto bare = kept ? "$" + std::string(stem.substr(kept_prefix.size())) : std::string(stem);
  const auto* row = std::ranges::find(sa_words, bare, &SaVariable::stem);
  const auto& list = kept ? context.mobile.kept() : context.mobile.contexts();
  if (row == std::end(sa_words) || !number || *number == 0 || *number > list.size()) {
    return std::nullopt;
  }
  return row->value(list[*number - 1]);
}

// $token1: of the first message sent.
Found token(std::string_view text, const VariableContext& context) {
  const auto number = to_number(text.substr(std::string_view("$token").size()));
  const auto& tokens = context.memory.tokens;
  if (!number || *number == 0 || *number > tokens.size()) return std::nullopt;
  return one(fmt::format("0x{:08x}", tokens[*number - 1]));
}

// One status per context, 200 but for one: $statuses:2=102.
Found statuses(std::string_view text, const VariableContext& context) {
  const auto [place, status] =
      split_assignment(std::string(text.substr(std::string_view("$statuses:").size())));
  std::vector<std::string> list(context.mobile.contexts().size(), std::to_string(status::ok));
  const auto number = to_number(place);
  if (!number || *number == 0 || *number > list.size()) return std::nullopt;
  list[*number - 1] = status;
  return list;
}

}  // namespace

std::vector<VariableHelp> words() {
  std::vector<VariableHelp> all;
  for (const auto& word : plain_words) all.push_back({word.form, word.what});
  for (const auto& word : sa_words) all.push_back({word.stem, word.what});
  return all;
}

std::vector<std::string> values_of(const std::string& text, const VariableContext& context) {
  if (!text.starts_with('$')) return {text};
  Found found;
  const auto* plain = std::ranges::find(plain_words, text, &PlainVariable::form);
  if (plain != std::end(plain_words)) {
    found = plain->value(context);
  } else if (text.starts_with("$statuses:")) {
    found = statuses(text, context);
  } else if (text.starts_with("$token")) {
    found = token(text, context);
  } else {
    found = sa_value(text, context);
  }
  if (found) return *found;
  if (auto values = handover_values(context.handover, text); !values.empty()) return values;
  std::vector<std::string_view> names;
  for (const auto& word : words()) names.push_back(word.form);
  throw UsageError(
      fmt::format("unknown value '{}', or it has none here{}", text, suggestion(text, names)));
}

}  // namespace secct::replay
