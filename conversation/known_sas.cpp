// SPDX-License-Identifier: GPL-2.0-or-later
#include "conversation/known_sas.hpp"

#include <cstring>
#include <ranges>

#include "ipsec/context.hpp"
#include "ipsec/crypto.hpp"
#include "protocol/decode/message_content.hpp"
#include "protocol/tables/numbers.hpp"

namespace secct::conversation {
namespace {

using F = Field;
using Id = secct::Message;
constexpr std::size_t most_sas = 256;  // of one handover
// Transfers that are searched for the SA of a packet: the latest ones of an address or SPI. A
// foreign agent's address is the Naddr of many mobile nodes.
constexpr std::size_t most_of_key = 16;

bool is(const ipsec::Sa& sa, ipsec::IpsecProtocol protocol, std::uint32_t spi) {
  return sa.protocol == protocol && sa.spi == spi;
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
  found_from_ = nullptr;
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
  found_from_ = nullptr;
  const auto& first = transfers_.front();
  by_handover_.erase(first.handover);
  remove(by_address_, first.relocation.paddr, first);
  remove(by_address_, first.relocation.naddr, first);
  for (const auto spi : first.spis) remove(by_spi_, spi, first);
  transfers_.pop_front();
}

// Of too many transfers of an address, the first one is found by its SPIs only.
void KnownSas::enter_address(const Address& address, Transfer& transfer) {
  auto& all = by_address_[address];
  if (std::ranges::find(all, &transfer) != all.end()) return;
  if (all.size() == most_of_key) {
    auto& first = *all.front();
    first.needs_spis = true;
    for (const auto& sa : first.sas) enter_spi(sa.original.spi(), first);
    all.erase(all.begin());
  }
  all.push_back(&transfer);
}

void KnownSas::enter_spi(std::uint32_t spi, Transfer& transfer) {
  auto& all = by_spi_[spi];
  if (std::ranges::find(all, &transfer) != all.end()) return;
  if (all.size() == most_of_key) all.erase(all.begin());
  all.push_back(&transfer);
  transfer.spis.push_back(spi);
}

template <class Transfers>
void KnownSas::remove(Transfers& transfers, const typename Transfers::key_type& key,
                      const Transfer& transfer) {
  const auto found = transfers.find(key);
  if (found == transfers.end()) return;
  std::erase(found->second, &transfer);
  if (found->second.empty()) transfers.erase(found);
}

// The first one counts: it identifies the handover.
void KnownSas::set_paddr(Transfer& transfer, const std::optional<Address>& paddr) {
  auto& known = transfer.relocation.paddr;
  if (!paddr || is_unspecified(*paddr) || !is_unspecified(known)) return;
  known = *paddr;
  enter_address(known, transfer);
  relocation_changed(transfer);
}

void KnownSas::set_naddr(Transfer& transfer, const std::optional<Address>& naddr) {
  auto& known = transfer.relocation.naddr;
  if (!naddr || is_unspecified(*naddr) || *naddr == known) return;
  if (known != transfer.relocation.paddr) remove(by_address_, known, transfer);
  known = *naddr;
  enter_address(known, transfer);
  relocation_changed(transfer);
}

void KnownSas::set_router(Transfer& transfer, const std::optional<Address>& nr) {
  auto& known = transfer.relocation.nr;
  if (!nr || *nr == known) return;
  if (!is_unspecified(known) && is_v4_mapped(known) != is_v4_mapped(*nr)) {
    transfer.relocation.other_nr = known;
  }
  known = *nr;
  relocation_changed(transfer);
}

// Between routers with IPv4 addresses, the mobile node knows the new router by another address.
void KnownSas::set_other_router(Transfer& transfer, const std::optional<Address>& nr) {
  auto& relocation = transfer.relocation;
  if (!nr || is_v4_mapped(*nr) == is_v4_mapped(relocation.nr) || *nr == relocation.other_nr) return;
  relocation.other_nr = *nr;
  relocation_changed(transfer);
}

void KnownSas::add_previous(Transfer& transfer, const std::optional<Address>& router) {
  auto& relocation = transfer.relocation;
  if (!router || relocation.is_previous_router(*router)) return;
  relocation.previous_routers.push_back(*router);
  relocation_changed(transfer);
}

void KnownSas::relocation_changed(Transfer& transfer) {
  transfer.complete.reset();
  found_from_ = nullptr;
  for (auto& sa : transfer.sas) sa.computed_spi.reset();
}

void KnownSas::store_contexts(Transfer& transfer, const DecodedMessage& decoded,
                              std::uint64_t frame) {
  if (transfer.sas.empty()) transfer.sas.reserve(context_count(decoded));
  for (const auto& field : decoded.fields) {
    if (field.field != F::contexts) continue;
    if (!decoded.envelope.complete && is_cut(decoded, field)) continue;
    const auto context = ipsec::read_context(decoded, field);
    const auto sa = context ? ipsec::to_sa(*context) : std::nullopt;
    if (sa) store(transfer, {{*context, *sa}, decoded.message, frame, std::nullopt});
  }
}

// A newer context replaces an older one, but not a retransmission the first copy.
void KnownSas::store(Transfer& transfer, StoredSa entry) {
  auto& sas = transfer.sas;
  const auto& sa = entry.original;
  const auto older =
      std::ranges::find_if(sas, [&](const StoredSa& other) { return sa.replaces(other.original); });
  if (older != sas.end() && older->original == sa && older->message == entry.message) return;
  if (older != sas.end()) {
    sas.erase(older);
  } else if (sas.size() == most_sas) {
    sas.erase(sas.begin());
  }
  const auto& paddr = transfer.relocation.paddr;
  const bool ends_at_node = sa.source() == paddr || sa.destination() == paddr;
  if (transfer.needs_spis || !ends_at_node) enter_spi(sa.spi(), transfer);
  sas.push_back(std::move(entry));
  transfer.complete.reset();
  found_from_ = nullptr;
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
      set_other_router(known, envelope.destination);
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

// Between routers with IPv4 addresses, no message states the IPv6 address of the previous router:
// it is the other end of an SA of the mobile node.
const ipsec::Relocation& KnownSas::with_unstated_router(Transfer& transfer) {
  if (transfer.complete) return *transfer.complete;
  const auto& stated = transfer.relocation;
  const bool has_router = std::ranges::any_of(stated.previous_routers, [&](const auto& router) {
    return is_v4_mapped(router) == is_v4_mapped(stated.paddr);
  });
  if (has_router || is_unspecified(stated.paddr)) return stated;
  auto& relocation = transfer.complete.emplace(stated);
  for (const auto& [sa, message, frame, spi] : transfer.sas) {
    const bool from_mn = sa.source() == relocation.paddr;
    if (!from_mn && sa.destination() != relocation.paddr) continue;
    relocation.previous_routers.push_back(from_mn ? sa.destination() : sa.source());
  }
  return relocation;
}

// The SPI that the new router gives to an SA that it receives, if the transferred one is in use
// (behaviour 2.7).
std::optional<std::uint32_t> KnownSas::computed_spi(Transfer& transfer, StoredSa& sa) {
  const auto& original = sa.original;
  const auto key = original.cipher_key().empty() ? original.auth_key() : original.cipher_key();
  if (!sa.computed_spi && !key.empty()) {
    const auto& relocation = transfer.relocation;
    sa.computed_spi = ipsec::compute_spi(key, relocation.nr, relocation.naddr);
  }
  return sa.computed_spi;
}

const KnownSa* KnownSas::unpack(Transfer& transfer, const StoredSa& sa, const Wanted& wanted,
                                bool is_relocated) {
  if (found_from_ == &sa.original && found_.is_relocated == is_relocated &&
      found_.sa.spi == wanted.spi) {
    return &found_;
  }
  found_from_ = &sa.original;
  found_ = {sa.original.sa(), sa.frame, is_relocated, sa.original.window()};
  if (is_relocated) {
    const auto& relocation = with_unstated_router(transfer);
    relocation.apply(found_.sa.source);
    relocation.apply(found_.sa.destination);
    found_.sa.spi = wanted.spi;
  }
  return &found_;
}

bool KnownSas::Wanted::fits(const PackedSa& sa, const Address& from, const Address& to,
                            bool any_source) const {
  return sa.protocol() == protocol && to == destination && (any_source || from == source);
}

const KnownSa* KnownSas::find_relocated(Transfer& transfer, const Wanted& wanted, bool any_source) {
  const auto& relocation = with_unstated_router(transfer);
  if (is_unspecified(relocation.naddr) || is_unspecified(relocation.nr)) return nullptr;
  for (auto& sa : std::views::reverse(transfer.sas)) {
    auto source = sa.original.source();
    auto destination = sa.original.destination();
    relocation.apply(source);
    relocation.apply(destination);
    if (!wanted.fits(sa.original, source, destination, any_source)) continue;
    const bool to_router = destination == relocation.nr || destination == relocation.other_nr;
    if (sa.original.spi() == wanted.spi ||
        (to_router && computed_spi(transfer, sa) == wanted.spi)) {
      return unpack(transfer, sa, wanted, true);
    }
  }
  return nullptr;
}

const KnownSa* KnownSas::find_in(Transfer& transfer, const Wanted& wanted, bool any_source) {
  if (const auto* known = find_relocated(transfer, wanted, any_source)) return known;
  for (const auto& sa : std::views::reverse(transfer.sas)) {
    const auto& original = sa.original;
    if (original.spi() == wanted.spi &&
        wanted.fits(original, original.source(), original.destination(), any_source)) {
      return unpack(transfer, sa, wanted, false);
    }
  }
  // If no SA leads to the mobile node, one in the other direction protects the SHAK (wire-format
  // D15).
  const Wanted reversed{wanted.protocol, wanted.spi, wanted.destination, wanted.source};
  return find_relocated(transfer, reversed, false);
}

// The latest one first.
const KnownSa* KnownSas::find_in(const std::vector<Transfer*>& transfers, const Wanted& wanted,
                                 bool any_source) {
  for (auto* transfer : std::views::reverse(transfers)) {
    if (const auto* known = find_in(*transfer, wanted, any_source)) return known;
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
