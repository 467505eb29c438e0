// SPDX-License-Identifier: GPL-2.0-or-later
// Learns transferred SAs: keys from contexts, with the addresses of the profile and with those of
// the new router.
#include <algorithm>

#include "dissector/keys/crypto.hpp"
#include "dissector/tracking/known_sas.hpp"
#include "protocol/decode/message_content.hpp"

namespace secct::dissector {
namespace {

using F = Field;

AuthAlgorithm auth_of(const DecodedMessage& decoded, const DecodedField& context) {
  const auto* algorithm = decoded.find_in(context, F::data_auth_algorithm);
  return algorithm != nullptr ? static_cast<AuthAlgorithm>(algorithm->number) : AuthAlgorithm::none;
}

Octets octets_in(const DecodedMessage& decoded, const DecodedField& context, Field field) {
  const auto* found = decoded.find_in(context, field);
  if (found == nullptr) return {};
  const auto octets = decoded.octets_of(*found);
  return {octets.begin(), octets.end()};
}

std::optional<Address> address_of(const DecodedMessage& decoded, const DecodedField& context,
                                  Field v6, Field v4) {
  const auto* field = decoded.find_in(context, v6);
  if (field == nullptr) field = decoded.find_in(context, v4);
  if (field == nullptr) return std::nullopt;
  return decoded.address(*field);
}

// The SA of one context; std::nullopt for IPComp, an unknown SPT, or a context without SPI or
// addresses.
std::optional<KnownSa> read_context(const DecodedMessage& decoded, const DecodedField& context,
                                    std::uint32_t frame) {
  const auto* spt_field = decoded.find_in(context, F::spt);
  if (spt_field == nullptr) return std::nullopt;
  const auto spt = find_spt(static_cast<std::uint16_t>(spt_field->number));
  if (!spt) return std::nullopt;
  const auto* spi = decoded.find_in(context, F::sa_spi);
  const auto source = address_of(decoded, context, F::sa_source, F::sa_source_v4);
  const auto destination = address_of(decoded, context, F::sa_destination, F::sa_destination_v4);
  if (spt->protocol == SptProtocol::ipcomp || spi == nullptr || !source || !destination) {
    return std::nullopt;
  }
  KnownSa sa;
  sa.learnt_in = frame;
  sa.keys.esp = spt->protocol == SptProtocol::esp;
  sa.keys.spi = static_cast<std::uint32_t>(spi->number);
  sa.keys.source = source;
  sa.keys.destination = *destination;
  if (sa.keys.esp) {
    sa.keys.cipher = spt->cipher();
    sa.keys.cipher_key = octets_in(decoded, context, F::sa_key);
    sa.keys.auth = auth_of(decoded, context);
    sa.keys.auth_key = octets_in(decoded, context, F::data_auth_key);
  } else {
    sa.keys.auth = spt->auth();
    sa.keys.auth_key = octets_in(decoded, context, F::sa_key);
  }
  const auto* sequence = decoded.find_in(context, F::sa_sequence);
  const auto* size = decoded.find_in(context, F::sa_window_size);
  if (sequence != nullptr && size != nullptr) {
    sa.window = ReplayWindow(static_cast<std::uint32_t>(sequence->number),
                             octets_in(decoded, context, F::sa_window),
                             static_cast<std::uint32_t>(size->number));
  }
  return sa;
}

bool is_previous(const Address& address, const Handover& handover) {
  return std::ranges::find(handover.previous_addresses, address) !=
         handover.previous_addresses.end();
}

// The SA with the addresses that it has at the new router (behaviour 2.7).
KnownSa at_new_router(const KnownSa& old, const Handover& handover) {
  auto sa = old;
  const auto move = [&](Address& address) {
    if (address == handover.paddr) {
      address = handover.naddr;
    } else if (is_previous(address, handover)) {
      address = handover.nr;
    }
  };
  if (sa.keys.source) move(*sa.keys.source);
  move(sa.keys.destination);
  return sa;
}

void learn_contexts(const DecodedMessage& decoded, Handover& handover, std::uint32_t frame) {
  for (const auto& field : decoded.fields) {
    if (field.field != F::contexts) continue;
    auto sa = read_context(decoded, field, frame);
    if (!sa) continue;
    // The capture may hold traffic from before the transfer: it is not a replay at the previous
    // router.
    auto before = *sa;
    before.window = {};
    known_sas().add(before);
    handover.learnt_sas.push_back(std::move(*sa));
  }
}

// Adds the learnt SAs with the addresses of the new router, once these are known.
void add_moved(Handover& handover) {
  if (!handover.mn_arrived) return;
  for (; handover.moved_count < handover.learnt_sas.size(); ++handover.moved_count) {
    known_sas().add(at_new_router(handover.learnt_sas[handover.moved_count], handover));
  }
}

void learn_recomputed_spis(const DecodedMessage& decoded, const Handover& handover) {
  for (const auto& field : decoded.fields) {
    if (field.field != F::sub_options) continue;
    const auto* changed = decoded.find_in(field, F::ack_changed_spi);
    const auto* spi = decoded.find_in(field, F::ack_spi);
    if (changed == nullptr || changed->number == 0 || spi == nullptr) continue;
    for (const auto& old : handover.learnt_sas) {
      if (old.keys.spi != spi->number) continue;
      auto sa = at_new_router(old, handover);
      const auto& key = sa.keys.cipher_key.empty() ? sa.keys.auth_key : sa.keys.cipher_key;
      // The SPI is only recomputed for the direction towards the new router.
      if (sa.keys.destination != handover.nr || key.empty()) continue;
      sa.keys.spi = recomputed_spi(key, handover.nr, handover.naddr);
      known_sas().add(sa);
    }
  }
}

void add_previous_address(Handover& handover, const std::optional<Address>& address) {
  if (address && !is_previous(*address, handover)) handover.previous_addresses.push_back(*address);
}

}  // namespace

void learn_from(const DecodedMessage& decoded, Handover& handover, std::uint32_t frame) {
  if (const auto paddr = paddr_of(decoded)) handover.paddr = *paddr;
  switch (decoded.message) {
    case Message::pshin: add_previous_address(handover, decoded.envelope.destination); break;
    case Message::hi:
    case Message::shrep:
      add_previous_address(handover, decoded.envelope.source);
      if (learn_sas()) learn_contexts(decoded, handover, frame);
      break;
    case Message::shin:
      add_previous_address(handover, address_in(decoded, F::router));
      handover.mn_arrived = true;
      handover.nr = *decoded.envelope.destination;
      break;
    case Message::mip4_request:
      add_previous_address(handover, address_in(decoded, F::mip4_router));
      handover.mn_arrived = true;
      handover.nr = *decoded.envelope.destination;
      break;
    case Message::shreq:
      // A Registration Request does not show the Naddr that the foreign agent uses.
      if (handover.naddr == Address{}) {
        handover.naddr = address_in(decoded, F::naddr).value_or(Address{});
      }
      break;
    case Message::shak:
      if (learn_sas()) learn_recomputed_spis(decoded, handover);
      break;
    default: break;
  }
  add_moved(handover);
}

}  // namespace secct::dissector
