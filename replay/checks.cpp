// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/checks.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "protocol/decode.hpp"
#include "replay/conversation.hpp"

namespace secct {
namespace {

using F = Field;
using Result = std::optional<Failure>;

Result verbatim(const Observed& seen, const CheckContext& context) {
  Tape shin;
  if (!decode(context.handover.lab().codepoints, Carrier::dstopt, context.sent_shin, {}, shin)) {
    return Failure{"FRAME-4.3-1", "", "a SHIN before", "none", "no SHIN was sent"};
  }
  return compare_verbatim(from_auth(shin), seen.tape);
}

// Every SA that may be transferred, complete, in the order of configuration.
Result all_contexts(const Observed& seen, const CheckContext& context) {
  const auto expected = context.handover.mobile_node().transferable();
  const auto found = read_contexts(seen.tape);
  if (found.size() != expected.size()) {
    return Failure{"RELOC-5.2-2", "secct.sa.spi", fmt::format("{} contexts", expected.size()),
                   fmt::format("{} contexts", found.size()),
                   "not every SA of the mobile node that can be transferred"};
  }
  for (std::size_t i = 0; i < expected.size(); ++i) {
    auto wanted = expected[i];
    auto got = found[i];
    if (wanted.spi != got.spi) {
      return Failure{"FRAME-4.4-2", "secct.sa.spi", fmt::format("0x{:08x}", wanted.spi),
                     fmt::format("0x{:08x}", got.spi), "contexts in another order"};
    }
    const auto differs = [&](std::string_view field, std::string expected_text,
                             std::string actual_text) {
      return Failure{"ISSUES-7.2-2", std::string(field), std::move(expected_text),
                     std::move(actual_text),
                     fmt::format("context {} is not the mobile node's", i + 1)};
    };
    if (wanted.key != got.key) return differs("secct.sa.key", to_hex(wanted.key), to_hex(got.key));
    if (wanted.source != got.source) {
      return differs("secct.sa.source", to_text(wanted.source), to_text(got.source));
    }
    if (wanted.destination != got.destination) {
      return differs("secct.sa.destination", to_text(wanted.destination), to_text(got.destination));
    }
    // What moves with time and what the sender is free to choose.
    got.lifetime = wanted.lifetime = 0;
    got.iv.clear();
    wanted.iv.clear();
    if (wanted.sequence != got.sequence) {
      return differs("secct.sa.sequence", std::to_string(wanted.sequence),
                     std::to_string(got.sequence));
    }
    if (!(wanted == got)) return differs("secct.sa.length", "the configured SA", "another");
  }
  return std::nullopt;
}

Result swapped_addresses(const Observed& seen, const CheckContext& context) {
  const auto& handover = context.handover;
  return compare_swapped(handover.pr(), handover.nr(), seen.datagram->source,
                         seen.datagram->destination);
}

struct CheckRow {
  std::string_view name;
  Result (*check)(const Observed&, const CheckContext&);
};
constexpr CheckRow rows[] = {
    {"verbatim", verbatim},
    {"all-contexts", all_contexts},
    {"swapped-addresses", swapped_addresses},
};

}  // namespace

std::vector<std::string_view> check_names() {
  std::vector<std::string_view> names;
  for (const auto& check : rows) names.push_back(check.name);
  return names;
}

std::optional<Failure> run_check(std::string_view name, const Observed& seen,
                                 const CheckContext& context) {
  const auto* found = std::ranges::find(rows, name, &CheckRow::name);
  return found == std::end(rows) ? std::nullopt : found->check(seen, context);
}

}  // namespace secct
