// SPDX-License-Identifier: GPL-2.0-or-later
// The rules of the messages that report the result to the mobile node: SHAK and Registration Reply.
#include <algorithm>

#include "ipsec/crypto.hpp"
#include "protocol/tables/status.hpp"
#include "replay/check/judge.hpp"

namespace secct::replay {
namespace {

using F = Field;
using Kind = HandoverKey::Kind;

bool contains(const std::vector<std::uint32_t>& spis, std::uint32_t spi) {
  return std::ranges::find(spis, spi) != spis.end();
}

}  // namespace

TrackedHandover* ConversationJudge::shak(CurrentMessage& current) {
  auto* handover = handovers_.find({Kind::naddr, 0, current.destination, {}});
  // A SHAK to Paddr is from the previous router, after a P-SHIN that failed.
  if (handover == nullptr) return handovers_.find({Kind::paddr, 0, current.destination, {}});
  check_status(current, *handover);
  check_changes(current, *handover);
  const auto& layers = current.packet.ipsec_layers();
  if (!handover->spis.empty() && !layers.empty() && !contains(handover->spis, layers.front().spi)) {
    current.report(Conversation::shak_other_sa, "a transferred SPI", hex(layers.front().spi));
  }
  handovers_.close(*handover);
  return handover;
}

TrackedHandover* ConversationJudge::registration_reply(CurrentMessage& current) {
  auto* handover = handovers_.find({Kind::naddr, 0, current.destination, {}});
  if (handover == nullptr) return nullptr;
  check_status(current, *handover);
  handovers_.close(*handover);
  return handover;
}

void ConversationJudge::check_status(CurrentMessage& current, const TrackedHandover& handover) {
  const auto result = first_error_status(current.decoded);
  if (!result || handover.closed) return;
  const bool succeeded = *result == status::ok;
  const auto expected = handover.expected_status;
  if (succeeded && handover.token_differs && handover.shreq.frame == 0) {
    current.report(Conversation::token_differs, std::to_string(status::invalid_authentication),
                   std::to_string(status::ok));
  } else if (succeeded && handover.shreq.frame != 0 && !handover.context_received) {
    current.report(Conversation::shak_early,
                   expected != 0 ? std::to_string(expected) : "an error status",
                   std::to_string(status::ok));
  } else if (!handover.token_differs && expected != 0 && *result != expected) {
    current.report(Conversation::shak_status, std::to_string(expected), std::to_string(*result));
  }
}

// A SecCT-ack identifies an SA by its old SPI; a recomputed SPI is never sent (RELOC-4-16).
void ConversationJudge::check_changes(CurrentMessage& current, const TrackedHandover& handover) {
  if (handover.spis.empty()) return;
  for (const auto spi : numbers_in(current.decoded, F::ack_spi)) {
    if (contains(handover.spis, spi)) continue;
    const bool is_recomputed = std::ranges::any_of(handover.learned.spi_keys(), [&](View key) {
      return compute_spi(key, current.source, current.destination) == spi;
    });
    if (is_recomputed) {
      current.report(Conversation::spi_leaked, "the old SPI", hex(spi));
    } else {
      current.report(Conversation::shak_unknown_sa, "a transferred SPI", hex(spi));
    }
  }
}

}  // namespace secct::replay
