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
constexpr std::uint64_t asks_for_all = 1;  // form R1

std::uint32_t count_of(std::size_t number) { return static_cast<std::uint32_t>(number); }

// Of so many SAs of one handover is it known what became of them; one message holds up to 24.
constexpr std::size_t remembered_sas = 1024;

void remember_contexts(const DecodedMessage& decoded, Handover& handover) {
  for (const auto& item : decoded.fields) {
    if (item.field != F::contexts) continue;
    if (handover.sas.size() == remembered_sas) return;
    const auto* spi = decoded.find_in(item, F::sa_spi);
    if (spi == nullptr) continue;
    handover.sas.push_back(
        {static_cast<std::uint32_t>(spi->number), kept(spi_key(decoded, item)), {}});
  }
}

// HI: a context that is offered.
void hi(const DecodedMessage& decoded, Handover& handover) {
  if (context_count(decoded) == 0) return;
  handover.context_came = true;
  handover.promised = replay_and_token(decoded);
  handover.expected_status = 0;
  remember_contexts(decoded, handover);
}

// SHIN or Registration Request.
void shin(const DecodedMessage& decoded, Handover& handover, Track& track) {
  handover.features = kept(from_auth(decoded));
  handover.has_features = true;
  const auto care_of =
      decoded.message == Message::mip4 ? std::nullopt : address_in(decoded, F::naddr);
  handover.naddr = care_of.value_or(Address{});
  if (!handover.promised || handover.shreq_sent) return;
  const auto shown = replay_and_token(decoded);
  if (shown == handover.promised) return;
  track.add(Finding::token_differs);
  handover.expected_status = status::invalid_authentication;
}

void shreq(const DecodedMessage& decoded, Handover& handover, Track& track) {
  handover.shreq_sent = true;
  handover.expected_status = 0;
  handover.context_came = false;
  if (!handover.has_features) return;
  if (!std::ranges::equal(handover.features, from_auth(decoded))) track.add(Finding::not_verbatim);
  const auto naddr = address_in(decoded, F::naddr);
  if (naddr && handover.naddr != Address{} && *naddr != handover.naddr) {
    track.add(Finding::shreq_naddr);
  }
}

// By SPI (R2, R3, R4); what is asked for by R1 nobody but the previous router knows.
bool brings_others(const DecodedMessage& decoded, const Exchange& exchange) {
  if (exchange.requested.empty()) return false;
  return std::ranges::any_of(decoded.fields, [&](const DecodedField& item) {
    return item.field == F::sa_spi &&
           std::ranges::find(exchange.requested, item.number) == exchange.requested.end();
  });
}

void hack(const DecodedMessage& decoded, const Exchange& exchange, Track& track) {
  const auto code = decoded.number(F::code);
  if (!code || *code >= hack_code::refused || decoded.message != Message::hack) return;
  if ((*code >= hack_code::assigned) != exchange.wants_address) track.add(Finding::hack_code);
}

void shrep(const DecodedMessage& decoded, const Exchange& exchange, Track& track) {
  if (brings_others(decoded, exchange)) track.add(Finding::sa_not_requested);
  auto& handover = *exchange.handover;
  const auto naddr = address_in(decoded, F::naddr);
  const auto paddr = address_in(decoded, F::paddr);
  if ((naddr && *naddr != exchange.naddr) || (paddr && *paddr != exchange.paddr)) {
    track.add(Finding::shrep_addresses);
  }
  if (track.retransmission_of != 0) return;
  const auto status = first_error_status(decoded);
  if (status && *status != status::ok) {
    handover.expected_status = *status;
    return;
  }
  if (context_count(decoded) == 0) return;
  handover.context_came = true;
  remember_contexts(decoded, handover);
}

// The SHREP-Ack option in a HAck or in a message of its own.
void acknowledgment(const DecodedMessage& decoded, const Exchange& exchange, Track& track) {
  const auto all = decoded.number(F::all_received);
  if (!all) return;
  const bool held_none = std::ranges::all_of(exchange.contexts, [](auto n) { return n == 0; });
  if (held_none && !exchange.contexts.empty()) {
    track.add(Finding::ack_unexpected);
    return;
  }
  auto& handover = *exchange.handover;
  if (*all != 0) {
    if (handover.expected_status == 0) handover.expected_status = status::ok;
    return;
  }
  const auto stats = std::ranges::count(decoded.fields, F::status, &DecodedField::field);
  const auto stated = count_of(static_cast<std::size_t>(stats));
  // With continuations under way it may answer any of them.
  if (!exchange.contexts.empty() &&
      std::ranges::find(exchange.contexts, stated) == exchange.contexts.end()) {
    track.add({Finding::ack_count, true, exchange.contexts.back(), stated});
  }
  const auto status = first_error_status(decoded);
  if (status) handover.expected_status = *status;
}

// What the SAs are called at the new router where their SPI is recomputed.
void recompute(const DecodedMessage& decoded, Handover& handover) {
  const std::array ends{*decoded.envelope.source, *decoded.envelope.destination};
  const bool moved = handover.recomputed_for != ends;
  handover.recomputed_for = ends;
  for (auto& sa : handover.sas) {
    if (!sa.key.empty() && (moved || !sa.recomputed)) {
      sa.recomputed = recomputed_spi(sa.key, ends[0], ends[1]);
    }
  }
}

bool holds(View octets, std::uint32_t number) {
  Octets wanted;
  append_number(wanted, number, 4);
  return !std::ranges::search(octets, wanted).empty();
}

// SecCT-ack names SAs by the SPI that the mobile node knows; the new one is never sent.
void changes(const DecodedMessage& decoded, Handover& handover, Track& track) {
  bool unknown = false;
  bool leaked = false;
  if (decoded.find(F::ack_spi) != nullptr) recompute(decoded, handover);
  for (std::size_t i = 0; i < decoded.fields.size(); ++i) {
    if (decoded.fields[i].field != F::ack_spi) continue;
    bool known = false;
    for (const auto& sa : handover.sas) {
      const bool is_named = sa.spi == decoded.fields[i].number;
      known |= is_named;
      const auto fresh = sa.recomputed;
      if (!fresh || *fresh == sa.spi) continue;
      if (decoded.fields[i].number == *fresh || (is_named && holds(decoded.octets, *fresh)))
        leaked = true;
    }
    unknown |= !known;
  }
  if (leaked) {
    track.add(Finding::spi_leaked);
  } else if (unknown && !handover.sas.empty()) {
    track.add(Finding::shak_unknown_sa);
  }
}

// A good context that the NR cannot use, for its SPI or algorithm (behaviour 2.7).
bool refused_here(const Handover& handover, std::uint32_t status) {
  return handover.expected_status == status::ok && status == status::unusable;
}

void shak(const DecodedMessage& decoded, const Exchange& exchange, Track& track) {
  auto& handover = *exchange.handover;
  const auto status = first_error_status(decoded);
  if (status == status::ok && handover.shreq_sent && !handover.context_came) {
    track.add(Finding::shak_early);
  } else if (status && handover.expected_status != 0 && *status != handover.expected_status &&
             !refused_here(handover, *status)) {
    track.add({Finding::shak_status, true, handover.expected_status, *status});
  }
  changes(decoded, handover, track);
}

}  // namespace

void compare_request(const DecodedMessage& decoded, Handover& handover, Track& track) {
  switch (decoded.message) {
    case Message::pshin: handover.announced = kept(sub_option_octets(decoded)); break;
    case Message::hi: hi(decoded, handover); break;
    case Message::shin:
    case Message::mip4: shin(decoded, handover, track); break;
    case Message::shreq: shreq(decoded, handover, track); break;
    default: break;
  }
}

void note_request(const DecodedMessage& decoded, Exchange& exchange) {
  exchange.wants_address = decoded.number(F::flag_s).value_or(0) != 0;
  exchange.requested.clear();
  for (const auto& item : decoded.fields) {
    const auto spi = static_cast<std::uint32_t>(item.number);
    // One R1 among the requests asks for all.
    if (item.field == F::req_form && item.number == asks_for_all) return exchange.requested.clear();
    if (item.field == F::req_spi) exchange.requested.push_back(spi);
  }
}

void compare_reply(const DecodedMessage& decoded, const Exchange& exchange, Pairing pairing,
                   Track& track) {
  if (exchange.handover == nullptr) return;
  switch (pairing) {
    case Pairing::shreq: shrep(decoded, exchange, track); break;
    case Pairing::hi: hack(decoded, exchange, track); [[fallthrough]];
    case Pairing::shrep: acknowledgment(decoded, exchange, track); break;
    case Pairing::shin:
    case Pairing::registration: shak(decoded, exchange, track); break;
    case Pairing::pshin:
    case Pairing::count: break;
  }
}

}  // namespace secct::dissector
