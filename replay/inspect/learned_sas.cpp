// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/inspect/learned_sas.hpp"

#include "generator/description/context.hpp"

namespace secct {
namespace {

using F = Field;

void tell(const Tape& tape, Field field, Address& address) {
  const auto* item = tape.find(field);
  if (item != nullptr && !is_unspecified(tape.address(*item))) address = tape.address(*item);
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

void Learnt::take(const Tape& tape) {
  switch (tape.message) {
    case Message::hi:
    case Message::shrep:
      pr_ = *tape.envelope.source;
      nr_ = *tape.envelope.destination;
      for (const auto& context : read_contexts(tape)) {
        if (auto sa = to_sa(context)) sas_.push_back(std::move(*sa));
      }
      break;
    case Message::shin: nr_ = *tape.envelope.destination; break;
    default: break;
  }
  tell(tape, F::naddr, naddr_);
  tell(tape, F::paddr, paddr_);
  place();
}

std::vector<View> Learnt::spi_keys() const {
  std::vector<View> keys;
  for (const auto& sa : sas_)
    keys.emplace_back(sa.cipher_key.empty() ? sa.auth_key : sa.cipher_key);
  return keys;
}

void Learnt::tell_ends(const Address& nr, const Address& naddr) {
  if (is_unspecified(nr) || (nr == nr_ && naddr == naddr_)) return;
  nr_ = nr;
  naddr_ = naddr;
  place();
}

void Learnt::place() {
  placed_ = sas_;
  for (auto& sa : placed_) {
    for (auto* address : {&sa.source, &sa.destination}) {
      if (*address == pr_) {
        *address = nr_;
      } else if (*address == paddr_) {
        *address = naddr_;
      }
    }
  }
}

const Sa* Learnt::find(IpsecProtocol protocol, std::uint32_t spi,
                       const Address& destination) const {
  if (const auto* sa = find_in(placed_, protocol, spi, &destination)) return sa;
  if (const auto* sa = find_in(sas_, protocol, spi, &destination)) return sa;
  return find_in(placed_, protocol, spi, nullptr);
}

}  // namespace secct
