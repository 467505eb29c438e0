// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/tracking/compare.hpp"

#include <algorithm>

#include "dissector/keys/crypto.hpp"
#include "protocol/decode/message_content.hpp"
#include "protocol/tables/numbers.hpp"
#include "protocol/tables/status.hpp"

namespace secct::dissector {
namespace {

using F = Field;
constexpr std::uint64_t form_r1 = 1;  // secct.req.form: requests all SAs

std::uint32_t count_of(std::size_t number) { return static_cast<std::uint32_t>(number); }

// Limits the memory for one handover. (One message has at most 24 contexts.)
constexpr std::size_t max_sas = 1024;

void remember_contexts(const DecodedMessage& decoded, Handover& handover) {
  for (const auto& field : decoded.fields) {
    if (field.field != F::contexts) continue;
    if (handover.sas.size() == max_sas) return;
    const auto* spi = decoded.find_in(field, F::sa_spi);
    if (spi == nullptr) continue;
    handover.sas.push_back(
        {static_cast<std::uint32_t>(spi->number), file_copy(spi_key(decoded, field)), {}});
  }
}

// A HI with contexts has a U-SHREP option.
void compare_hi(const DecodedMessage& decoded, Handover& handover) {
  if (context_count(decoded) == 0) return;
  handover.context_received = true;
  handover.ushrep_auth = replay_and_token(decoded);
  handover.expected_status = 0;
  remember_contexts(decoded, handover);
}

// Also for a Registration Request.
void compare_shin(const DecodedMessage& decoded, Handover& handover, TrackingResult& result) {
  handover.features = file_copy(from_auth(decoded));
  handover.has_features = true;
  const auto care_of =
      decoded.message == Message::mip4_request ? std::nullopt : address_in(decoded, F::naddr);
  handover.naddr = care_of.value_or(Address{});
  if (!handover.ushrep_auth || handover.shreq_sent) return;
  const auto shin_auth = replay_and_token(decoded);
  if (shin_auth == handover.ushrep_auth) return;
  result.add(Finding::token_differs);
  handover.expected_status = status::invalid_authentication;
}

void compare_shreq(const DecodedMessage& decoded, Handover& handover, TrackingResult& result) {
  handover.shreq_sent = true;
  handover.expected_status = 0;
  handover.context_received = false;
  if (!handover.has_features) return;
  if (!std::ranges::equal(handover.features, from_auth(decoded))) result.add(Finding::not_verbatim);
  const auto naddr = address_in(decoded, F::naddr);
  if (naddr && handover.naddr != Address{} && *naddr != handover.naddr) {
    result.add(Finding::shreq_naddr);
  }
}

// True if the SHREP has an SPI that the SHREQ did not request. For a request in form R1 `requested`
// is empty: only the previous router knows which SAs are "all".
bool has_unrequested_sa(const DecodedMessage& decoded, const Exchange& exchange) {
  if (exchange.requested.empty()) return false;
  return std::ranges::any_of(decoded.fields, [&](const DecodedField& field) {
    return field.field == F::sa_spi &&
           std::ranges::find(exchange.requested, field.number) == exchange.requested.end();
  });
}

void compare_hack(const DecodedMessage& decoded, const Exchange& exchange, TrackingResult& result) {
  const auto code = decoded.number(F::code);
  if (!code || *code >= hack_code::refused || decoded.message != Message::hack) return;
  if ((*code >= hack_code::assigned) != exchange.wants_address) result.add(Finding::hack_code);
}

void compare_shrep(const DecodedMessage& decoded, const Exchange& exchange,
                   TrackingResult& result) {
  if (has_unrequested_sa(decoded, exchange)) result.add(Finding::sa_not_requested);
  auto& handover = *exchange.handover;
  const auto naddr = address_in(decoded, F::naddr);
  const auto paddr = address_in(decoded, F::paddr);
  if ((naddr && *naddr != exchange.naddr) || (paddr && *paddr != exchange.paddr)) {
    result.add(Finding::shrep_addresses);
  }
  if (result.retransmission_of != 0) return;
  const auto status = first_error_status(decoded);
  if (status && *status != status::ok) {
    handover.expected_status = *status;
    return;
  }
  if (context_count(decoded) == 0) return;
  handover.context_received = true;
  remember_contexts(decoded, handover);
}

// The SHREP-Ack option, in a HAck or in a SHREP-Ack message.
void compare_shrep_ack(const DecodedMessage& decoded, const Exchange& exchange,
                       TrackingResult& result) {
  const auto all = decoded.number(F::all_received);
  if (!all) return;
  const bool no_contexts = std::ranges::all_of(exchange.contexts, [](auto n) { return n == 0; });
  if (no_contexts && !exchange.contexts.empty()) {
    result.add(Finding::ack_unexpected);
    return;
  }
  auto& handover = *exchange.handover;
  if (*all != 0) {
    if (handover.expected_status == 0) handover.expected_status = status::ok;
    return;
  }
  const auto status_count = std::ranges::count(decoded.fields, F::status, &DecodedField::field);
  const auto actual = count_of(static_cast<std::size_t>(status_count));
  // If several messages of a continued transfer are unanswered, this may answer any of them.
  if (!exchange.contexts.empty() &&
      std::ranges::find(exchange.contexts, actual) == exchange.contexts.end()) {
    result.add({Finding::ack_count, true, exchange.contexts.back(), actual});
  }
  const auto status = first_error_status(decoded);
  if (status) handover.expected_status = *status;
}

// Computes SPI' of each transferred SA (wire-format 6.6). It depends on the addresses of the new
// router and of the mobile node.
void recompute(const DecodedMessage& decoded, Handover& handover) {
  const std::array addresses{*decoded.envelope.source, *decoded.envelope.destination};
  const bool changed = handover.recomputed_for != addresses;
  handover.recomputed_for = addresses;
  for (auto& sa : handover.sas) {
    if (!sa.key.empty() && (changed || !sa.recomputed)) {
      sa.recomputed = recomputed_spi(sa.key, addresses[0], addresses[1]);
    }
  }
}

bool contains_number(View octets, std::uint32_t number) {
  Octets pattern;
  append_number(pattern, number, 4);
  return !std::ranges::search(octets, pattern).empty();
}

// SecCT-ack names an SA by the SPI that the mobile node knows. Both ends compute SPI' for
// themselves, and the new router must not send it (wire-format 6.6).
void compare_changes(const DecodedMessage& decoded, Handover& handover, TrackingResult& result) {
  bool unknown = false;
  bool leaked = false;
  if (decoded.find(F::ack_spi) != nullptr) recompute(decoded, handover);
  for (std::size_t i = 0; i < decoded.fields.size(); ++i) {
    if (decoded.fields[i].field != F::ack_spi) continue;
    bool transferred = false;
    for (const auto& sa : handover.sas) {
      const bool is_named = sa.spi == decoded.fields[i].number;
      transferred |= is_named;
      const auto new_spi = sa.recomputed;
      if (!new_spi || *new_spi == sa.spi) continue;
      if (decoded.fields[i].number == *new_spi ||
          (is_named && contains_number(decoded.octets, *new_spi)))
        leaked = true;
    }
    unknown |= !transferred;
  }
  if (leaked) {
    result.add(Finding::spi_leaked);
  } else if (unknown && !handover.sas.empty()) {
    result.add(Finding::shak_unknown_sa);
  }
}

// True if the NR may have received good contexts that it cannot use because of an SPI or algorithm
// (behaviour 2.7).
bool may_be_unusable_here(const Handover& handover, std::uint32_t status) {
  return handover.expected_status == status::ok && status == status::unusable;
}

void compare_shak(const DecodedMessage& decoded, const Exchange& exchange, TrackingResult& result) {
  auto& handover = *exchange.handover;
  const auto status = first_error_status(decoded);
  if (status == status::ok && handover.shreq_sent && !handover.context_received) {
    result.add(Finding::shak_early);
  } else if (status && handover.expected_status != 0 && *status != handover.expected_status &&
             !may_be_unusable_here(handover, *status)) {
    result.add({Finding::shak_status, true, handover.expected_status, *status});
  }
  compare_changes(decoded, handover, result);
}

}  // namespace

void compare_request(const DecodedMessage& decoded, Handover& handover, TrackingResult& result) {
  switch (decoded.message) {
    case Message::pshin: handover.pshin_sub_options = file_copy(sub_option_octets(decoded)); break;
    case Message::hi: compare_hi(decoded, handover); break;
    case Message::shin:
    case Message::mip4_request: compare_shin(decoded, handover, result); break;
    case Message::shreq: compare_shreq(decoded, handover, result); break;
    default: break;
  }
}

void record_request(const DecodedMessage& decoded, Exchange& exchange) {
  exchange.wants_address = decoded.number(F::flag_s).value_or(0) != 0;
  exchange.requested.clear();
  for (const auto& field : decoded.fields) {
    const auto spi = static_cast<std::uint32_t>(field.number);
    // One request in form R1 requests all SAs.
    if (field.field == F::req_form && field.number == form_r1) return exchange.requested.clear();
    if (field.field == F::req_spi) exchange.requested.push_back(spi);
  }
}

void compare_reply(const DecodedMessage& decoded, const Exchange& exchange, RequestKind kind,
                   TrackingResult& result) {
  if (exchange.handover == nullptr) return;
  switch (kind) {
    case RequestKind::shreq: compare_shrep(decoded, exchange, result); break;
    case RequestKind::hi: compare_hack(decoded, exchange, result); [[fallthrough]];
    case RequestKind::shrep: compare_shrep_ack(decoded, exchange, result); break;
    case RequestKind::shin:
    case RequestKind::registration: compare_shak(decoded, exchange, result); break;
    case RequestKind::pshin:
    case RequestKind::count: break;
  }
}

}  // namespace secct::dissector
