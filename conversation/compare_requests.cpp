// SPDX-License-Identifier: GPL-2.0-or-later
// Comparisons of P-SHIN, HI, SHIN, SHREQ and Registration Request; contexts and tokens.
#include <algorithm>

#include "conversation/compare.hpp"
#include "conversation/compare_text.hpp"
#include "ipsec/crypto.hpp"
#include "ipsec/redacted.hpp"
#include "protocol/decode/keyed_input.hpp"
#include "protocol/decode/message_content.hpp"
#include "protocol/tables/spt.hpp"

namespace secct::conversation {
namespace {

using F = Field;
using Id = secct::Message;
constexpr std::uint64_t form_r1 = 1;  // R1 asks for all SAs

// SAs of one handover with which later messages are compared.
constexpr std::size_t most_sas = 1024;

// The new router waits for the SHREP. It gives up after its last retransmission, which may be
// missing: only the first interval is certain.
bool awaits_shrep(const Current& at, const Handover& handover) {
  const auto* shreq = handover.latest_of(Pairing::shreq);
  if (shreq == nullptr || !shreq->is_waiting()) return false;
  return at.since(shreq->request_time) <= at.timers.shreq_rexmit &&
         at.is_gapless_since(shreq->first_time);
}

void hi(const Current& at, Handover& handover, Exchange& exchange, bool is_new) {
  exchange.stateful = at.decoded.number(F::flag_s).value_or(0) != 0;
  exchange.late = awaits_shrep(at, handover);
  if (is_new) handover.expected = {};
  if (context_count(at.decoded) > 0) handover.context_came = true;
  compare_contexts(at, handover);
  const auto promised = replay_and_token(at.decoded);
  if (!promised && at.complete) return;  // it leaves an earlier U-SHREP as it is
  handover.promised = promised;
  handover.promised_naddr = address_in(at.decoded, F::naddr).value_or(Address{});
  handover.promised_at = at.message.time;
}

// The new router keeps a U-SHREP at least so long (behaviour 2.2).
bool still_has_ushrep(const Current& at, const Handover& handover) {
  return at.since(handover.promised_at) <= at.timers.grat_shrep;
}

// What the new router does with the context of the U-SHREP. If the SHIN does not match it, the SHAK
// reports an error, which depends on more than the captured messages.
void compare_with_ushrep(const Current& at, Handover& handover) {
  const auto& naddr = handover.promised_naddr;
  const bool is_known = handover.promised && handover.shown;
  const bool same_token = is_known && handover.shown == handover.promised;
  const bool same_naddr = is_unspecified(naddr) || naddr == at.source;
  if (!same_token || !same_naddr || !still_has_ushrep(at, handover)) handover.expected = {};
  handover.token_differs = is_known && !same_token && !handover.shreq_sent;
  if (handover.token_differs) at.found.add(RuleId::token_differs);
}

void shin(const Current& at, Handover& handover) {
  const auto replay = replay_of(at.decoded);
  if (handover.has(at.decoded.message) || handover.has_shreq_for_other(replay)) {
    handover.begin_attempt();
  }
  handover.is_mip4 = at.decoded.message == Id::mip4_request;
  handover.has_features = at.complete;
  handover.features = octets_of(from_auth(at.decoded));
  handover.shown = replay_and_token(at.decoded);
  const auto router = handover.is_mip4 ? F::mip4_router : F::router;
  handover.router = address_in(at.decoded, router).value_or(Address{});
  handover.shin_at = at.message.time;
  compare_with_ushrep(at, handover);
}

// One R1 among the requests asks for all SAs.
std::vector<std::uint32_t> requested_spis(const Current& at) {
  const auto forms = numbers(at.decoded, F::req_form);
  if (!at.complete || std::ranges::count(forms, form_r1) > 0) return {};
  return numbers(at.decoded, F::req_spi);
}

void shreq(const Current& at, Handover& handover, Exchange& exchange, bool is_new) {
  exchange.requested = requested_spis(at);
  handover.shreq_sent = true;
  if (is_new) {
    handover.expected = {};
    handover.context_came = false;
  }
  if (!copies_shin(at.decoded, handover)) return;
  if (at.complete && handover.has_features) {
    if (auto broken = compare_verbatim(handover.features, at.decoded)) {
      at.found.violations.push_back(std::move(*broken));
    }
  }
  // A Registration Request has its own rules for Naddr (behaviour 5).
  const auto naddr = address_in(at.decoded, F::naddr);
  if (!handover.is_mip4 && naddr && *naddr != handover.naddr) {
    at.found.add(RuleId::shreq_naddr, to_text(handover.naddr), to_text(*naddr));
  }
}

// The new router must copy a wrong token too: the rule is broken by the SHIN, if it was captured.
bool copies_captured_token(const Current& at, const Handover* handover) {
  return at.decoded.message == Id::shreq && handover != nullptr && handover->has_features &&
         copies_shin(at.decoded, *handover);
}

}  // namespace

std::uint32_t replay_of(const DecodedMessage& decoded) {
  return static_cast<std::uint32_t>(decoded.number(F::auth_replay).value_or(no_replay));
}

bool copies_shin(const DecodedMessage& shreq, const Handover& handover) {
  if (!handover.shown) return false;
  const auto shown = replay_and_token(shreq);
  if (!shown) return shreq.envelope.complete && shreq.find(F::auth_replay) == nullptr;
  const auto differs = *shown ^ *handover.shown;
  return differs >> 32 == 0 || (differs & UINT32_MAX) == 0;
}

// Whether the SA can protect a SHAK, which is sent over IPv6.
bool protects_shak(const DecodedMessage& decoded, const DecodedField& context) {
  const auto* number = decoded.find_in(context, F::spt);
  const auto spt =
      number != nullptr ? find_spt(static_cast<std::uint16_t>(number->number)) : std::nullopt;
  return spt && spt->protocol != SptProtocol::ipcomp && !spt->source_v4 && !spt->destination_v4;
}

void compare_request(const Current& at, Handover& handover, Exchange& exchange, bool is_new) {
  switch (at.decoded.message) {
    case Id::pshin:
      handover.announced =
          at.complete ? announced_features(at.options.codepoints, at.decoded) : Octets();
      break;
    case Id::hi: hi(at, handover, exchange, is_new); break;
    case Id::shin:
    case Id::mip4_request:
      if (at.message.authentication_follows) at.found.add(RuleId::extension_misplaced);
      shin(at, handover);
      break;
    case Id::shreq: shreq(at, handover, exchange, is_new); break;
    default: break;
  }
}

void compare_contexts(const Current& at, Handover& handover) {
  if (context_count(at.decoded) == 0) return;
  for (const auto& item : at.decoded.fields) {
    if (item.field != F::contexts) continue;
    if (handover.sas.size() == most_sas) {
      handover.sas_unknown = true;
      break;
    }
    const auto* spi = at.decoded.find_in(item, F::sa_spi);
    if (spi == nullptr) continue;
    handover.sas.push_back({static_cast<std::uint32_t>(spi->number),
                            octets_of(spi_key(at.decoded, item)), protects_shak(at.decoded, item)});
  }
  const auto protection = at.decoded.envelope.protection;
  const bool is_hi = at.decoded.message == Id::hi;
  if (protection == Protection::none) {
    at.found.add(is_hi ? RuleId::ushrep_in_clear : RuleId::shrep_in_clear, "AH or ESP", "none");
  } else if (at.options.confidential && protection == Protection::ah) {
    at.found.add(RuleId::not_confidential, "ESP", "AH");
  }
}

void verify_token(const Current& at, Handover* handover, Exchange* exchange) {
  const auto replay = at.decoded.number(F::auth_replay);
  const auto shown = at.decoded.number(F::auth_token);
  const auto paddr = token_paddr(at.decoded);
  if (!replay || !shown || !paddr) return;
  at.found.token = TokenStatus::unverified;
  const auto key = at.options.token_key ? at.options.token_key(*paddr) : std::nullopt;
  const auto features = token_features(at.options.codepoints, at.decoded);
  if (!key || !features || !at.complete) return;
  if (ipsec::is_redacted_token(static_cast<std::uint32_t>(*shown))) return;
  const auto token_over = [&](View covered) {
    return ipsec::compute_token(*key, covered, static_cast<std::uint8_t>(*replay), *paddr);
  };
  auto right = token_over(*features);
  if (at.decoded.message == Id::hi && right != *shown) {
    // The token of a U-SHREP that a P-SHIN asked for covers the sub-options of the P-SHIN.
    if (handover == nullptr || handover->announced.empty()) return;
    right = token_over(handover->announced);
  }
  const bool is_wrong = right != *shown;
  at.found.token = is_wrong ? TokenStatus::bad : TokenStatus::good;
  if (exchange != nullptr) exchange->token_wrong = is_wrong;
  if (!is_wrong || copies_captured_token(at, handover)) return;
  const bool is_hi = at.decoded.message == Id::hi;
  at.found.add(is_hi ? RuleId::ushrep_token_bad : RuleId::token_bad, hex(right),
               hex(static_cast<std::uint32_t>(*shown)));
}

std::optional<Violation> compare_verbatim(View shin_from_auth, const DecodedMessage& shreq) {
  // After a broken chain, the Pad1 of the ICMP option cannot be distinguished from sub-options.
  const auto copied = from_auth(shreq);
  const auto length = std::min(shin_from_auth.size(), copied.size());
  const auto rest = copied.subspan(length);
  const bool is_padding = std::ranges::count(rest, 0) == std::ssize(rest);
  if (std::ranges::equal(shin_from_auth, copied.first(length)) && is_padding) return std::nullopt;
  return Violation{RuleId::not_verbatim, to_hex(shin_from_auth), to_hex(copied)};
}

}  // namespace secct::conversation
