// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/router/offered.hpp"

#include <algorithm>

#include "protocol/status.hpp"
#include "replay/router/distort.hpp"

namespace secct {
namespace {

using F = Field;

constexpr std::uint8_t ipcomp_lzs = 2;

// What parses well and still cannot be used by this router.
bool is_supported(const Context& context) {
  const auto spt = find_spt(context.spt);
  return spt && !(spt->protocol == SptProtocol::ipcomp && spt->algorithm == ipcomp_lzs);
}

}  // namespace

std::vector<Offered> read_offered(const Core& core, const Tape& tape) {
  std::vector<Offered> contexts;
  for (const auto& item : tape.items) {
    if (item.field != F::contexts) continue;
    const auto row = tape.worst_row(item.offset, item.offset + item.length);
    auto context = row == 0 ? read_context(tape, item) : std::nullopt;
    auto code = status::of_row(row);
    if (row == 0 && (!context || !is_supported(*context))) code = status::unusable;
    contexts.push_back({std::move(context), code});
  }
  distort_offered(core.deviation, tape, contexts);
  return contexts;
}

Node shrep_ack_option(const Core& core, const Address& naddr, const Address& paddr,
                      const std::vector<Offered>& contexts) {
  const bool all_good = std::ranges::all_of(
      contexts, [](const auto& context) { return context.status == status::ok; });
  std::vector<Node> stats;
  if (!all_good && !core.faulty(Fault::ack_says_all)) {
    for (const auto& context : contexts) stats.push_back(core.stat(context.status));
  }
  const bool says_all = stats.empty();
  auto option = context_option(core.lab.codepoints, CodePoint::icmpopt_shrep_ack, naddr, paddr,
                               std::move(stats));
  if (says_all) option.children.emplace_back(F::all_received, 1);
  return option;
}

}  // namespace secct
