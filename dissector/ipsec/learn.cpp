// SPDX-License-Identifier: GPL-2.0-or-later
// Handed-over security associations: from contexts to keys, under the addresses that the profile
// has and under those of the new router.
#include <algorithm>

#include "dissector/ipsec/crypto.hpp"
#include "dissector/ipsec/known_sas.hpp"
#include "protocol/decode/message_content.hpp"

namespace secct::dissector {
namespace {

using F = Field;

AuthAlgorithm auth_of(const Tape& tape, const Item& context) {
  const auto* algorithm = tape.find_in(context, F::data_auth_algorithm);
  return algorithm != nullptr ? static_cast<AuthAlgorithm>(algorithm->number) : AuthAlgorithm::none;
}

Octets octets_in(const Tape& tape, const Item& context, Field field) {
  const auto* item = tape.find_in(context, field);
  if (item == nullptr) return {};
  const auto octets = tape.octets_of(*item);
  return {octets.begin(), octets.end()};
}

std::optional<Address> end_of(const Tape& tape, const Item& context, Field v6, Field v4) {
  const auto* item = tape.find_in(context, v6);
  if (item == nullptr) item = tape.find_in(context, v4);
  if (item == nullptr) return std::nullopt;
  return tape.address(*item);
}

// The SA of one context; nothing where a part is missing or it has no keys to use.
std::optional<KnownSa> read(const Tape& tape, const Item& context, std::uint32_t frame) {
  const auto* number = tape.find_in(context, F::spt);
  if (number == nullptr) return std::nullopt;
  const auto spt = find_spt(static_cast<std::uint16_t>(number->number));
  if (!spt) return std::nullopt;
  const auto* spi = tape.find_in(context, F::sa_spi);
  const auto source = end_of(tape, context, F::sa_source, F::sa_source_v4);
  const auto destination = end_of(tape, context, F::sa_destination, F::sa_destination_v4);
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
    sa.keys.cipher_key = octets_in(tape, context, F::sa_key);
    sa.keys.auth = auth_of(tape, context);
    sa.keys.auth_key = octets_in(tape, context, F::data_auth_key);
  } else {
    sa.keys.auth = spt->auth();
    sa.keys.auth_key = octets_in(tape, context, F::sa_key);
  }
  const auto* sequence = tape.find_in(context, F::sa_sequence);
  const auto* size = tape.find_in(context, F::sa_window_size);
  if (sequence != nullptr && size != nullptr) {
    sa.window = ReplayWindow(static_cast<std::uint32_t>(sequence->number),
                             octets_in(tape, context, F::sa_window),
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

void take(const Tape& tape, Handover& handover, std::uint32_t frame) {
  for (const auto& item : tape.items) {
    if (item.field != F::contexts) continue;
    auto sa = read(tape, item, frame);
    if (!sa) continue;
    // At the previous router the numbers before the transfer are old traffic, not replays.
    auto before = *sa;
    before.window = {};
    sa_book().add(before);
    handover.learnt.push_back(std::move(*sa));
  }
}

// Puts what was learnt and not yet placed to where the mobile node is now.
void place(Handover& handover) {
  if (!handover.arrived) return;
  for (; handover.placed < handover.learnt.size(); ++handover.placed) {
    sa_book().add(moved(handover.learnt[handover.placed], handover));
  }
}

void recompute(const Tape& tape, const Handover& handover) {
  for (const auto& item : tape.items) {
    if (item.field != F::sub_options) continue;
    const auto* changed = tape.find_in(item, F::ack_changed_spi);
    const auto* spi = tape.find_in(item, F::ack_spi);
    if (changed == nullptr || changed->number == 0 || spi == nullptr) continue;
    for (const auto& old : handover.learnt) {
      if (old.keys.spi != spi->number) continue;
      auto sa = moved(old, handover);
      const auto& key = sa.keys.cipher_key.empty() ? sa.keys.auth_key : sa.keys.cipher_key;
      // Only what the new router receives gets another SPI.
      if (sa.keys.destination != handover.nr || key.empty()) continue;
      sa.keys.spi = recomputed_spi(key, handover.nr, handover.naddr);
      sa_book().add(sa);
    }
  }
}

void remember_previous(Handover& handover, const std::optional<Address>& address) {
  if (address && !is_previous(*address, handover)) handover.previous.push_back(*address);
}

}  // namespace

void learn_from(const Tape& tape, Handover& handover, std::uint32_t frame) {
  if (const auto paddr = paddr_of(tape)) handover.paddr = *paddr;
  switch (tape.message) {
    case Message::pshin: remember_previous(handover, tape.envelope.destination); break;
    case Message::hi:
    case Message::shrep:
      remember_previous(handover, tape.envelope.source);
      if (learn_sas()) take(tape, handover, frame);
      break;
    case Message::shin:
      remember_previous(handover, address_in(tape, F::router));
      handover.arrived = true;
      handover.nr = *tape.envelope.destination;
      break;
    case Message::mip4:
      if (tape.carrier != Carrier::mip4_request) break;
      remember_previous(handover, address_in(tape, F::mip4_router));
      handover.arrived = true;
      handover.nr = *tape.envelope.destination;
      break;
    case Message::shreq:
      // A Registration Request does not say which address the foreign agent takes.
      if (handover.naddr == Address{}) {
        handover.naddr = address_in(tape, F::naddr).value_or(Address{});
      }
      break;
    case Message::shak:
      if (learn_sas()) recompute(tape, handover);
      break;
    default: break;
  }
  place(handover);
}

}  // namespace secct::dissector
