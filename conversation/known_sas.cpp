// SPDX-License-Identifier: GPL-2.0-or-later
#include "conversation/known_sas.hpp"

#include <cstring>

#include "ipsec/context.hpp"
#include "ipsec/crypto.hpp"
#include "protocol/decode/message_content.hpp"
#include "protocol/decode/partial.hpp"
#include "protocol/tables/numbers.hpp"

namespace secct::conversation {
namespace {

using F = Field;
using Id = secct::Message;
constexpr std::size_t most_messages = 64;  // with contexts, of one handover
// Transfers that are searched for the SA of a packet: the latest ones of an address or SPI. A
// foreign agent's address is the Naddr of many mobile nodes.
constexpr std::size_t most_of_key = 16;

bool is(const ipsec::Sa& sa, ipsec::IpsecProtocol protocol, std::uint32_t spi) {
  return sa.protocol == protocol && sa.spi == spi;
}

// The new care-of address in an IP Address option.
std::optional<Address> new_care_of(const DecodedMessage& decoded) {
  constexpr std::size_t fields_of_option = 5;
  for (std::size_t i = 0; i < decoded.fields.size(); ++i) {
    const auto& field = decoded.fields[i];
    if (field.field != F::opt_subtype || field.number != address_subtype::new_care_of) continue;
    const auto* address = decoded.find(F::opt_address, i, i + fields_of_option);
    if (address != nullptr) return decoded.address(*address);
  }
  return std::nullopt;
}

// The Naddr that a message between the routers states.
std::optional<Address> stated_naddr(const DecodedMessage& decoded) {
  const auto naddr = address_in(decoded, F::naddr);
  return naddr && !is_unspecified(*naddr) ? naddr : new_care_of(decoded);
}

// Whether the capture cuts the context: its end is that of the captured octets.
bool is_cut(const DecodedMessage& decoded, const DecodedField& context) {
  return context.offset + context.length >= decoded.octets.size();
}

}  // namespace

std::size_t KnownSas::AddressHash::operator()(const Address& address) const {
  std::uint64_t halves[2];
  std::memcpy(halves, address.data(), sizeof halves);
  return (halves[0] ^ (halves[1] * 0x9e3779b97f4a7c15U)) * 0x9e3779b97f4a7c15U >> 7;
}

void KnownSas::reset(std::vector<ipsec::Sa> configured) {
  by_address_.clear();
  by_spi_.clear();
  by_handover_.clear();
  transfers_.clear();
  configured_.clear();
  configured_by_spi_.clear();
  for (auto& sa : configured) {
    configured_by_spi_.emplace(sa.spi, configured_.size());
    configured_.push_back({std::move(sa), 0, false, {}});
  }
}

KnownSas::Transfer& KnownSas::transfer(std::uint32_t handover) {
  if (const auto found = by_handover_.find(handover); found != by_handover_.end()) {
    return *found->second;
  }
  if (transfers_.size() >= most_) forget_first();
  auto& fresh = transfers_.emplace_back();
  fresh.handover = handover;
  by_handover_[handover] = &fresh;
  return fresh;
}

void KnownSas::forget_first() {
  const auto& first = transfers_.front();
  by_handover_.erase(first.handover);
  remove(by_address_, first.relocation.paddr, first);
  remove(by_address_, first.relocation.naddr, first);
  for (const auto spi : first.spis) remove(by_spi_, spi, first);
  transfers_.pop_front();
}

template <class Transfers>
bool KnownSas::enter(Transfers& transfers, const typename Transfers::key_type& key,
                     Transfer& transfer) {
  auto& all = transfers[key];
  if (std::ranges::find(all, &transfer) != all.end()) return false;
  if (all.size() == most_of_key) all.erase(all.begin());
  all.push_back(&transfer);
  return true;
}

template <class Transfers>
void KnownSas::remove(Transfers& transfers, const typename Transfers::key_type& key,
                      const Transfer& transfer) {
  const auto found = transfers.find(key);
  if (found == transfers.end()) return;
  std::erase(found->second, &transfer);
  if (found->second.empty()) transfers.erase(found);
}

void KnownSas::enter_spis(const DecodedMessage& decoded, Transfer& transfer) {
  for (const auto& field : decoded.fields) {
    if (field.field != F::sa_spi) continue;
    const auto spi = static_cast<std::uint32_t>(field.number);
    if (enter(by_spi_, spi, transfer)) transfer.spis.push_back(spi);
  }
}

// The first one counts: it identifies the handover.
void KnownSas::set_paddr(Transfer& transfer, const std::optional<Address>& paddr) {
  auto& known = transfer.relocation.paddr;
  if (!paddr || is_unspecified(*paddr) || !is_unspecified(known)) return;
  known = *paddr;
  enter(by_address_, known, transfer);
  transfer.is_current = false;
}

void KnownSas::set_naddr(Transfer& transfer, const std::optional<Address>& naddr) {
  auto& known = transfer.relocation.naddr;
  if (!naddr || is_unspecified(*naddr) || *naddr == known) return;
  if (known != transfer.relocation.paddr) remove(by_address_, known, transfer);
  known = *naddr;
  enter(by_address_, known, transfer);
  transfer.is_current = false;
}

void KnownSas::set_router(Transfer& transfer, const std::optional<Address>& nr) {
  auto& known = transfer.relocation.nr;
  if (!nr || *nr == known) return;
  known = *nr;
  transfer.is_current = false;
}

void KnownSas::add_previous(Transfer& transfer, const std::optional<Address>& router) {
  auto& relocation = transfer.relocation;
  if (!router || relocation.is_previous_router(*router)) return;
  relocation.previous_routers.push_back(*router);
  transfer.is_current = false;
}

void KnownSas::store_contexts(Transfer& transfer, const DecodedMessage& decoded,
                              std::uint64_t frame) {
  if (context_count(decoded) == 0) return;
  auto& messages = transfer.messages;
  const auto is_same = [&](const Stored& stored) {
    return std::ranges::equal(stored.octets, decoded.octets);
  };
  if (!messages.empty() && is_same(messages.back())) return;  // a retransmission
  if (messages.size() == most_messages) {
    messages.erase(messages.begin());
    transfer.original.clear();
    transfer.decoded = 0;
  }
  enter_spis(decoded, transfer);
  messages.push_back(
      {{decoded.octets.begin(), decoded.octets.end()}, frame, decoded.envelope.complete});
}

void KnownSas::learn(const DecodedMessage& decoded, std::uint32_t handover, std::uint64_t frame) {
  if (handover == 0) return;
  auto& known = transfer(handover);
  const auto& envelope = decoded.envelope;
  set_paddr(known, paddr_of(decoded));
  // The mobile node names the routers as it knows them.
  const auto arrive = [&](Field previous) {
    add_previous(known, address_in(decoded, previous));
    set_router(known, envelope.destination);
    known.has_arrived = true;
  };
  switch (decoded.message) {
    case Id::pshin: add_previous(known, envelope.destination); break;
    case Id::hi:
    case Id::shrep:
      add_previous(known, envelope.source);
      if (!known.has_arrived) set_router(known, envelope.destination);
      store_contexts(known, decoded, frame);
      [[fallthrough]];
    case Id::hack:
    case Id::shreq:
      if (is_unspecified(known.relocation.naddr)) set_naddr(known, stated_naddr(decoded));
      break;
    case Id::shin:
      arrive(F::router);
      set_naddr(known, envelope.source);
      break;
    case Id::mip4_request: arrive(F::mip4_router); break;
    default: break;
  }
}

void KnownSas::decode_contexts(Transfer& transfer) {
  for (; transfer.decoded < transfer.messages.size(); ++transfer.decoded) {
    const auto& message = transfer.messages[transfer.decoded];
    const auto missing = message.complete ? 0 : longest_option;
    if (!decode_beginning(codepoints_, Carrier::icmpv6, message.octets, missing, {}, padded_,
                          decoded_)) {
      continue;
    }
    for (const auto& field : decoded_.fields) {
      if (field.field != F::contexts || (!message.complete && is_cut(decoded_, field))) continue;
      const auto context = ipsec::read_context(decoded_, field);
      auto sa = context ? ipsec::to_sa(*context) : std::nullopt;
      if (!sa) continue;
      transfer.original.push_back(
          {std::move(*sa), message.frame, false, ipsec::to_window(*context)});
    }
    transfer.is_current = false;
  }
  if (transfer.is_current) return;
  transfer.is_current = true;
  transfer.relocated.clear();
  const auto& relocation = transfer.relocation;
  if (is_unspecified(relocation.naddr) || is_unspecified(relocation.nr)) return;
  for (const auto& original : transfer.original) {
    auto moved = original;
    moved.is_relocated = true;
    relocation.apply(moved.sa.source);
    relocation.apply(moved.sa.destination);
    transfer.relocated.push_back(moved);
    // The new router gives an SA that it receives another SPI if this one is in use
    // (behaviour 2.7).
    const auto& key = moved.sa.cipher_key.empty() ? moved.sa.auth_key : moved.sa.cipher_key;
    if (moved.sa.destination != relocation.nr || key.empty()) continue;
    moved.sa.spi = ipsec::compute_spi(key, relocation.nr, relocation.naddr);
    transfer.relocated.push_back(std::move(moved));
  }
}

const KnownSa* KnownSas::find_in(Transfer& transfer, const Wanted& wanted, bool any_source) {
  decode_contexts(transfer);
  for (const auto* sas : {&transfer.relocated, &transfer.original}) {
    // A newer context replaces an older one.
    const auto found = std::find_if(sas->rbegin(), sas->rend(), [&](const KnownSa& known) {
      return is(known.sa, wanted.protocol, wanted.spi) &&
             known.sa.destination == wanted.destination &&
             (any_source || known.sa.source == wanted.source);
    });
    if (found != sas->rend()) return &*found;
  }
  return nullptr;
}

// The latest one first.
const KnownSa* KnownSas::find_in(const std::vector<Transfer*>& transfers, const Wanted& wanted,
                                 bool any_source) {
  for (auto at = transfers.rbegin(); at != transfers.rend(); ++at) {
    if (const auto* known = find_in(**at, wanted, any_source)) return known;
  }
  return nullptr;
}

const KnownSa* KnownSas::find(ipsec::IpsecProtocol protocol, std::uint32_t spi,
                              const Address& source, const Address& destination) {
  const auto [first, last] = configured_by_spi_.equal_range(spi);
  for (auto at = first; at != last; ++at) {
    const auto& known = configured_[at->second];
    const auto& sa = known.sa;
    if (is(sa, protocol, spi) && sa.destination == destination &&
        (is_unspecified(sa.source) || sa.source == source)) {
      return &known;
    }
  }
  if (transfers_.empty()) return nullptr;
  const Wanted wanted{protocol, spi, source, destination};
  for (const auto& end : {destination, source}) {
    const auto found = by_address_.find(end);
    if (found == by_address_.end()) continue;
    // The router may send from an address that no message states.
    for (const bool any_source : {false, true}) {
      if (const auto* known = find_in(found->second, wanted, any_source)) return known;
    }
  }
  const auto found = by_spi_.find(spi);
  return found == by_spi_.end() ? nullptr : find_in(found->second, wanted, false);
}

}  // namespace secct::conversation
