// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/router/roles/received_context.hpp"

#include <algorithm>

#include "protocol/tables/status.hpp"
#include "replay/router/overrides/apply_override.hpp"

namespace secct::replay {
namespace {

using F = Field;

constexpr std::uint8_t ipcomp_lzs = 2;

// False for a well-formed context that this router does not support: its description does not
// declare the capability, or the router has no such algorithm.
bool is_supported(const RouterDescription& description, const Context& context) {
  const auto spt = find_spt(context.spt);
  if (!spt || (spt->protocol == SptProtocol::ipcomp && spt->algorithm == ipcomp_lzs)) return false;
  for (const auto capability : capabilities_for(context.spt)) {
    if (!description.capable(capability)) return false;
  }
  return std::ranges::all_of(context.additional, [](const auto& data) {
    const auto* algorithm = data.find(F::data_auth_algorithm);
    return algorithm == nullptr ||
           find_value(Values::auth_algorithm, algorithm->number().value_or(0)) != nullptr;
  });
}

}  // namespace

std::vector<ReceivedContext> read_received(const RouterCore& core, const DecodedMessage& decoded) {
  const auto rep = core.description.codepoints[CodePoint::subopt_rep];
  std::vector<ReceivedContext> contexts;
  for (std::size_t i = 0; i < decoded.fields.size(); ++i) {
    const auto& group = decoded.fields[i];
    if (group.field != F::sub_options || decoded.octets_of(group)[0] != rep) continue;
    auto end = group.offset;  // of the last context
    while (++i < group.end) {
      const auto& field = decoded.fields[i];
      if (field.field != F::contexts) continue;
      end = field.offset + field.length;
      const auto row = decoded.worst_status_row(field.offset, end);
      auto context = row == 0 ? read_context(decoded, field) : std::nullopt;
      auto code = status::of_row(row).value_or(status::unusable);
      if (row == 0 && (!context || !is_supported(core.description, *context)))
        code = status::unusable;
      contexts.push_back({std::move(context), code});
    }
    --i;
    // A SecCT-rep without a context, or an incomplete context after the last one.
    const auto row = decoded.worst_status_row(end, group.offset + group.length);
    if (row != 0)
      contexts.push_back({std::nullopt, status::of_row(row).value_or(status::unusable)});
  }
  override_received(core.behaviour, decoded, contexts);
  return contexts;
}

Node shrep_ack_option(const RouterCore& core, const Address& naddr, const Address& paddr,
                      const std::vector<ReceivedContext>& contexts) {
  const bool all_good = std::ranges::all_of(
      contexts, [](const auto& context) { return context.status == status::ok; });
  std::vector<Node> stats;
  if (!all_good && !core.faulty(Fault::ack_says_all)) {
    for (const auto& context : contexts) stats.push_back(core.stat(context.status));
  }
  const bool says_all = stats.empty();
  auto option = context_option(core.description.codepoints, CodePoint::icmpopt_shrep_ack, naddr,
                               paddr, std::move(stats));
  if (says_all) option.children.emplace_back(F::all_received, 1);
  return option;
}

}  // namespace secct::replay
