// SPDX-License-Identifier: GPL-2.0-or-later
// Comparisons of HAck, SHREP, SHREP-Ack, SHAK and Registration Reply with their requests.
#include <algorithm>

#include "conversation/compare.hpp"
#include "conversation/compare_text.hpp"
#include "ipsec/crypto.hpp"
#include "protocol/decode/message_content.hpp"
#include "protocol/tables/numbers.hpp"
#include "protocol/tables/status.hpp"

namespace secct::conversation {
namespace {

using F = Field;
using Id = secct::Message;

void compare_address(const Current& at, RuleId rule, const Address& expected, Field field) {
  const auto shown = address_in(at.decoded, field);
  if (!shown || is_unspecified(expected) || *shown == expected) return;
  at.found.add(rule, to_text(expected), to_text(*shown));
}

// --- HAck
// The U-SHREP arrived, and no SHREQ was pending. A SHREQ that is not in the capture could have
// been.
bool must_acknowledge(const Current& at, const Exchange& exchange) {
  const auto& handover = *exchange.handover;
  if (!exchange.has_contexts() || exchange.replay == no_replay || handover.shreq_sent ||
      handover.hidden) {
    return false;
  }
  const auto pending_for = at.timers.shreq_rexmit * (at.timers.shreq_retries + 1);
  return at.is_gapless_since(exchange.first_time - std::min(exchange.first_time, pending_for));
}

void hack(const Current& at, const Exchange& exchange) {
  const auto code = at.decoded.number(F::code);
  if (!code) return;
  auto& found = at.found;
  const bool refused = *code >= hack_code::refused;
  if (!refused && exchange.stateful && *code < hack_code::assigned) {
    found.add(RuleId::hack_stateful, "3 or 4", text(*code));
  } else if (!refused && !exchange.stateful && *code > hack_code::in_use) {
    found.add(RuleId::hack_stateless, "0, 1 or 2", text(*code));
  }
  if (refused) exchange.handover->promised.reset();  // it does not keep the U-SHREP (behaviour 2.2)
  const bool acknowledges = at.decoded.find(F::all_received) != nullptr;
  if (acknowledges && refused) found.add(RuleId::hack_refused_ack, "none", "SHREP-Ack");
  if (acknowledges && exchange.late) found.add(RuleId::hack_late_ack, "none", "SHREP-Ack");
  if (!at.complete) return;
  if (*code == hack_code::assigned && at.decoded.find(F::opt_address) == nullptr) {
    found.add(RuleId::hack_no_ncoa, "an IP Address option", "none");
  }
  if (!acknowledges && !refused && must_acknowledge(at, exchange)) {
    found.add(RuleId::hack_no_ack, "SHREP-Ack", "none");
  }
}

// --- SHREP
std::vector<std::uint32_t> each_once(const std::vector<std::uint32_t>& spis) {
  std::vector<std::uint32_t> once;
  for (const auto spi : spis) {
    if (std::ranges::find(once, spi) == once.end()) once.push_back(spi);
  }
  return once;
}

// The contexts of one message are a part of the requested list: others are in further messages
// (wire-format D18). SAs with the same SPI may be requested together or separately.
bool is_in_order(const std::vector<std::uint32_t>& wanted, const std::vector<std::uint32_t>& spis) {
  const auto contains = [](const auto& all, const auto& part) {
    return !std::ranges::search(all, part).empty();
  };
  return contains(wanted, spis) || contains(each_once(wanted), each_once(spis));
}

void shrep_contexts(const Current& at, const Exchange& exchange) {
  const auto spis = numbers(at.decoded, F::sa_spi);
  const auto& wanted = exchange.requested;
  if (wanted.empty() || spis.empty()) return;
  for (const auto spi : spis) {
    if (std::ranges::find(wanted, spi) != wanted.end()) continue;
    at.found.add(RuleId::sa_not_requested, list(wanted), hex(spi));
    return;
  }
  if (!is_in_order(wanted, spis)) {
    at.found.add(RuleId::context_order, list(wanted), list(spis));
  }
}

// A SHAK reported success before this SHREP. An earlier SHREP, for the same SHREQ, may be missing.
void report_early_success(const Current& at, const Exchange& exchange) {
  auto& handover = *exchange.handover;
  if (!handover.succeeded_early) return;
  handover.succeeded_early = false;
  if (at.events == nullptr || handover.hidden || !at.is_gapless_since(exchange.first_time)) return;
  at.events->violated(handover.early_success, {RuleId::shak_early, "", ""});
}

void shrep(const Current& at, const Exchange& exchange) {
  if (at.is_retransmission()) return;
  auto& handover = *exchange.handover;
  compare_address(at, RuleId::shrep_naddr, exchange.naddr, F::naddr);
  const auto status = first_error_status(at.decoded);
  if (status.value_or(status::ok) != status::ok) {
    handover.expected.add(*status);
    return;
  }
  const auto contexts = context_count(at.decoded);
  if (exchange.token_wrong && (status || contexts > 0)) {
    at.found.add(RuleId::token_accepted, text(status::invalid_authentication), text(status::ok));
  }
  if (at.complete) shrep_contexts(at, exchange);
  if (contexts == 0) return;
  handover.context_came = true;
  report_early_success(at, exchange);
}

// --- SHREP-Ack, in a HAck or in a separate message
void acknowledgment(const Current& at, const Exchange& exchange) {
  const auto all = at.decoded.number(F::all_received);
  if (!all) return;
  auto& handover = *exchange.handover;
  const bool knows_contexts =
      !exchange.contexts.empty() && !exchange.contexts_unknown && !handover.hidden;
  if (knows_contexts && !exchange.has_contexts()) {
    if (!handover.closed) at.found.add(RuleId::ack_unexpected, "none", "SHREP-Ack");
    return;
  }
  handover.succeeded_early = false;  // a SHREP came that is not in the capture
  handover.acknowledged |= exchange.pairing == Pairing::hi;
  if (*all != 0) {
    handover.expected.add(status::ok);
    return;
  }
  if (!at.complete) return handover.expected.doubt();
  const auto& counts = exchange.contexts;
  const auto stated = static_cast<std::uint32_t>(
      std::ranges::count(at.decoded.fields, F::status, &DecodedField::field));
  // With continuations under way it may answer any of them.
  if (knows_contexts && std::ranges::find(counts, stated) == counts.end()) {
    at.found.add(RuleId::ack_count, text(counts.back()), text(stated));
  }
  if (const auto status = first_error_status(at.decoded)) handover.expected.add(*status);
}

// --- SHAK and Registration Reply
bool contains(View octets, std::uint32_t number) {
  Octets wanted;
  append_number(wanted, number, 4);
  return !std::ranges::search(octets, wanted).empty();
}

// SecCT-ack names an SA by the SPI that the mobile node knows; the new one is never sent.
// Returns the one that is sent nevertheless.
std::optional<std::uint32_t> leaked_spi(const Current& at, const Handover& handover,
                                        const std::vector<std::uint32_t>& named) {
  const auto is_named = [&](std::uint32_t spi) {
    return std::ranges::find(named, spi) != named.end();
  };
  for (const auto& sa : handover.sas) {
    if (sa.key.empty() || named.empty()) continue;
    const auto fresh = ipsec::compute_spi(sa.key, at.source, at.destination);
    if (fresh == sa.spi) continue;
    if (is_named(fresh) || (is_named(sa.spi) && contains(at.decoded.octets, fresh))) return fresh;
  }
  return std::nullopt;
}

void compare_sas(const Current& at, const Handover& handover) {
  const auto named = numbers(at.decoded, F::ack_spi);
  if (const auto leaked = leaked_spi(at, handover, named)) {
    at.found.add(RuleId::spi_leaked, "the old SPI", hex(*leaked));
    return;
  }
  // A SHAK after the first one may belong to a continuation that is not in the capture.
  if (handover.closed || handover.sas.empty() || handover.sas_unknown || handover.hidden) return;
  const auto is_transferred = [&](std::uint32_t spi) {
    return std::ranges::find(handover.sas, spi, &TransferredSa::spi) != handover.sas.end();
  };
  const auto other = std::ranges::find_if_not(named, is_transferred);
  if (other != named.end()) {
    at.found.add(RuleId::shak_unknown_sa, "a transferred SPI", hex(*other));
  }
  if (at.decoded.message != Id::shak) return;
  // An SA that is not installed cannot protect the SHAK; a SecCT-ack may ask to re-negotiate it.
  const bool has_sa = std::ranges::any_of(handover.sas, [&](const TransferredSa& sa) {
    return sa.protects_shak && std::ranges::find(named, sa.spi) == named.end();
  });
  const auto protection = at.decoded.envelope.protection;
  if (has_sa && protection == Protection::none && first_error_status(at.decoded) == status::ok) {
    at.found.add(RuleId::shak_unprotected, "AH or ESP", "none");
  }
  const auto spi = at.message.spi;
  if (spi && !is_transferred(*spi)) {
    at.found.add(RuleId::shak_other_sa, "a transferred SPI", hex(*spi));
  }
}

// When the SHIN came, the new router had the U-SHREP with another Replay or token.
bool must_refuse(const Current& at, const Handover& handover) {
  const auto kept_for = handover.shin_at - std::min(handover.shin_at, handover.promised_at);
  return handover.acknowledged && kept_for <= at.timers.grat_shrep && !handover.has(Id::shrep) &&
         !handover.hidden;
}

// The new router cannot use a valid context because of its SPI or algorithm (behaviour 2.7).
bool refused_by_new_router(std::uint32_t expected, std::uint32_t status) {
  return expected == status::ok && status == status::unusable;
}

void compare_status(const Current& at, Handover& handover) {
  const auto status = first_error_status(at.decoded);
  if (!status || handover.closed) return;
  if (handover.token_differs && !handover.shreq_sent) {
    if (*status != status::ok || !must_refuse(at, handover)) return;
    at.found.add(RuleId::token_ignored, text(status::invalid_authentication), text(status::ok));
    return;
  }
  const auto expected = handover.expected.value();
  // A SHREP may be missing in the capture; if it comes later, the SHAK was early.
  if (*status == status::ok && handover.shreq_sent && !handover.context_came && expected == 0) {
    handover.succeeded_early = true;
    handover.early_success = at.message.cookie;
    return;
  }
  // The status of contexts that are not acknowledged yet, or not captured, is unknown.
  if (handover.hidden) return;
  const auto* shrep = handover.latest_of(Pairing::shrep);
  if (shrep != nullptr && shrep->is_waiting() && shrep->has_contexts()) return;
  if (expected != 0 && *status != expected && !refused_by_new_router(expected, *status)) {
    at.found.add(RuleId::shak_status, text(expected), text(*status));
  }
}

}  // namespace

void compare_reply(const Current& at, Exchange& exchange) {
  switch (exchange.pairing) {
    case Pairing::hi:
      hack(at, exchange);
      acknowledgment(at, exchange);
      break;
    case Pairing::shrep:
      compare_address(at, RuleId::ack_naddr, exchange.naddr, F::naddr);
      acknowledgment(at, exchange);
      break;
    case Pairing::shreq: shrep(at, exchange); break;
    case Pairing::shin:
    case Pairing::registration:
      if (at.is_retransmission()) break;
      compare_status(at, *exchange.handover);
      compare_sas(at, *exchange.handover);
      break;
    case Pairing::pshin:
    case Pairing::count: break;
  }
}

void compare_ends(const Current& at, const Exchange& exchange) {
  const auto identifier = [&](RuleId rule) {
    if (at.identifier == exchange.identifier) return;
    at.found.add(rule, text(exchange.identifier), text(at.identifier));
  };
  switch (exchange.pairing) {
    case Pairing::hi:
      identifier(RuleId::hack_identifier);
      if (auto broken = compare_swapped(exchange.from, exchange.to, at.source, at.destination)) {
        at.found.violations.push_back(std::move(*broken));
      }
      break;
    case Pairing::shreq:
      identifier(RuleId::shrep_identifier);
      compare_address(at, RuleId::shrep_paddr, exchange.paddr, F::paddr);
      break;
    case Pairing::shrep:
      identifier(RuleId::ack_identifier);
      compare_address(at, RuleId::ack_paddr, exchange.paddr, F::paddr);
      break;
    case Pairing::shin:
      at.found.add(RuleId::shak_source, to_text(exchange.to), to_text(at.source));
      break;
    case Pairing::pshin:
    case Pairing::registration:
    case Pairing::count: break;
  }
}

std::optional<Violation> compare_swapped(const Address& request_source,
                                         const Address& request_destination,
                                         const Address& reply_source,
                                         const Address& reply_destination) {
  if (reply_source == request_destination && reply_destination == request_source) {
    return std::nullopt;
  }
  return Violation{RuleId::hack_addresses,
                   to_text(request_destination) + " to " + to_text(request_source),
                   to_text(reply_source) + " to " + to_text(reply_destination)};
}

}  // namespace secct::conversation
