// SPDX-License-Identifier: GPL-2.0-or-later
// Handed-over security associations: from contexts to keys, under the addresses that the profile
// has and under those of the new router.
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
  const auto* item = decoded.find_in(context, field);
  if (item == nullptr) return {};
  const auto octets = decoded.octets_of(*item);
  return {octets.begin(), octets.end()};
}

std::optional<Address> end_of(const DecodedMessage& decoded, const DecodedField& context, Field v6,
                              Field v4) {
  const auto* item = decoded.find_in(context, v6);
  if (item == nullptr) item = decoded.find_in(context, v4);
  if (item == nullptr) return std::nullopt;
  return decoded.address(*item);
}

// The SA of one context; nothing where a part is missing or it has no keys to use.
std::optional<KnownSa> read(const DecodedMessage& decoded, const DecodedField& context,
                            std::uint32_t frame) {
  const auto* number = decoded.find_in(context, F::spt);
  if (number == nullptr) return std::nullopt;
  const auto spt = find_spt(static_cast<std::uint16_t>(number->number));
  if (!spt) return std::nullopt;
  const auto* spi = decoded.find_in(context, F::sa_spi);
  const auto source = end_of(decoded, context, F::sa_source, F::sa_source_v4);
  const auto destination = end_of(decoded, context, F::sa_destination, F::sa_destination_v4);
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
  return std::ranges::find(handover.previous, address) != handover.previous.end();
}

// The SA as it is at the new router (behaviour 2.7).
KnownSa moved(const KnownSa& old, const Handover& handover) {
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

void take(const DecodedMessage& decoded, Handover& handover, std::uint32_t frame) {
  for (const auto& item : decoded.fields) {
    if (item.field != F::contexts) continue;
    auto sa = read(decoded, item, frame);
    if (!sa) continue;
    // At the previous router the numbers before the transfer are old traffic, not replays.
    auto before = *sa;
    before.window = {};
    known_sas().add(before);
    handover.learned.push_back(std::move(*sa));
  }
}

// Puts what was learnt and not yet placed to where the mobile node is now.
void place(Handover& handover) {
  if (!handover.arrived) return;
  for (; handover.placed < handover.learned.size(); ++handover.placed) {
    known_sas().add(moved(handover.learned[handover.placed], handover));
  }
}

void recompute(const DecodedMessage& decoded, const Handover& handover) {
  for (const auto& item : decoded.fields) {
    if (item.field != F::sub_options) continue;
    const auto* changed = decoded.find_in(item, F::ack_changed_spi);
    const auto* spi = decoded.find_in(item, F::ack_spi);
    if (changed == nullptr || changed->number == 0 || spi == nullptr) continue;
    for (const auto& old : handover.learned) {
      if (old.keys.spi != spi->number) continue;
      auto sa = moved(old, handover);
      const auto& key = sa.keys.cipher_key.empty() ? sa.keys.auth_key : sa.keys.cipher_key;
      // Only what the new router receives gets another SPI.
      if (sa.keys.destination != handover.nr || key.empty()) continue;
      sa.keys.spi = recomputed_spi(key, handover.nr, handover.naddr);
      known_sas().add(sa);
    }
  }
}

void remember_previous(Handover& handover, const std::optional<Address>& address) {
  if (address && !is_previous(*address, handover)) handover.previous.push_back(*address);
}

}  // namespace

void learn_from(const DecodedMessage& decoded, Handover& handover, std::uint32_t frame) {
  if (const auto paddr = paddr_of(decoded)) handover.paddr = *paddr;
  switch (decoded.message) {
    case Message::pshin: remember_previous(handover, decoded.envelope.destination); break;
    case Message::hi:
    case Message::shrep:
      remember_previous(handover, decoded.envelope.source);
      if (learn_sas()) take(decoded, handover, frame);
      break;
    case Message::shin:
      remember_previous(handover, address_in(decoded, F::router));
      handover.arrived = true;
      handover.nr = *decoded.envelope.destination;
      break;
    case Message::mip4:
      if (decoded.carrier != Carrier::mip4_request) break;
      remember_previous(handover, address_in(decoded, F::mip4_router));
      handover.arrived = true;
      handover.nr = *decoded.envelope.destination;
      break;
    case Message::shreq:
      // A Registration Request does not say which address the foreign agent takes.
      if (handover.naddr == Address{}) {
        handover.naddr = address_in(decoded, F::naddr).value_or(Address{});
      }
      break;
    case Message::shak:
      if (learn_sas()) recompute(decoded, handover);
      break;
    default: break;
  }
  place(handover);
}

}  // namespace secct::dissector
