// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/inspect/learned_sas.hpp"

#include "generator/description/context.hpp"

namespace secct::replay {
namespace {

using F = Field;

// Assigns the address in the field, if the message has the field and it is specified.
void read_address(const DecodedMessage& decoded, Field field, Address& address) {
  const auto* found = decoded.find(field);
  if (found == nullptr || is_unspecified(decoded.address(*found))) return;
  address = decoded.address(*found);
}

const Sa* find_in(const std::vector<Sa>& sas, IpsecProtocol protocol, std::uint32_t spi,
                  const Address* destination) {
  for (const auto& sa : sas) {
    if (sa.protocol == protocol && sa.spi == spi &&
        (destination == nullptr || sa.destination == *destination)) {
      return &sa;
    }
  }
  return nullptr;
}

}  // namespace

void LearnedSas::add(const DecodedMessage& decoded) {
  switch (decoded.message) {
    case Message::hi:
    case Message::shrep:
      pr_ = *decoded.envelope.source;
      nr_ = *decoded.envelope.destination;
      for (const auto& context : read_contexts(decoded)) {
        if (auto sa = to_sa(context)) sas_.push_back(std::move(*sa));
      }
      break;
    case Message::shin: nr_ = *decoded.envelope.destination; break;
    default: break;
  }
  read_address(decoded, F::naddr, naddr_);
  read_address(decoded, F::paddr, paddr_);
  move_to_new_router();
}

std::vector<View> LearnedSas::spi_keys() const {
  std::vector<View> keys;
  for (const auto& sa : sas_)
    keys.emplace_back(sa.cipher_key.empty() ? sa.auth_key : sa.cipher_key);
  return keys;
}

void LearnedSas::set_addresses(const Address& nr, const Address& naddr) {
  if (is_unspecified(nr) || (nr == nr_ && naddr == naddr_)) return;
  nr_ = nr;
  naddr_ = naddr;
  move_to_new_router();
}

void LearnedSas::move_to_new_router() {
  moved_ = sas_;
  for (auto& sa : moved_) {
    for (auto* address : {&sa.source, &sa.destination}) {
      if (*address == pr_) {
        *address = nr_;
      } else if (*address == paddr_) {
        *address = naddr_;
      }
    }
  }
}

const Sa* LearnedSas::find(IpsecProtocol protocol, std::uint32_t spi,
                           const Address& destination) const {
  if (const auto* sa = find_in(moved_, protocol, spi, &destination)) return sa;
  if (const auto* sa = find_in(sas_, protocol, spi, &destination)) return sa;
  return find_in(moved_, protocol, spi, nullptr);
}

}  // namespace secct::replay
