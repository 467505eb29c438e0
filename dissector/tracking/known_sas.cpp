// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/tracking/known_sas.hpp"

#include <algorithm>

namespace secct::dissector {
namespace {

constexpr std::uint32_t window_size = 64;
constexpr Address any_address{};

KnownSas store;
// Replay windows of SAs whose keys the dissector does not have.
FileTable<LookupKey, ReplayWindow, LookupKeyHash> windows_without_keys;

LookupKey sa_key(bool esp, std::uint32_t spi, const Address& source, const Address& destination) {
  // The RequestKind only makes the keys of AH and ESP different.
  return exchange_key(esp ? RequestKind::hi : RequestKind::shreq, spi, source, destination);
}

}  // namespace

ReplayWindow::ReplayWindow(std::uint32_t sequence, View bits, std::uint32_t size)
    : highest_(sequence), received_(bits.empty() ? ~std::uint64_t{0} : 0), initialized_(true) {
  for (std::uint32_t i = 0; i < std::min(size, window_size) && i / 8 < bits.size(); ++i) {
    if ((bits[i / 8] >> (7 - i % 8) & 1U) != 0) received_ |= std::uint64_t{1} << i;
  }
}

bool ReplayWindow::accept(std::uint32_t sequence) {
  if (!initialized_ || sequence > highest_) {
    const auto steps = initialized_ ? sequence - highest_ : 0;
    received_ = steps < window_size ? received_ << steps : 0;
    received_ |= 1;
    highest_ = sequence;
    initialized_ = true;
    return true;
  }
  const auto back = highest_ - sequence;
  if (back >= window_size || (received_ >> back & 1U) != 0) return false;
  received_ |= std::uint64_t{1} << back;
  return true;
}

void KnownSas::clear() {
  by_addresses_.clear();
  sas_.clear();
  windows_without_keys.clear();
  for (auto& keys : router_sas()) add({keys, 0, {}});
}

KnownSa* KnownSas::find(bool esp, std::uint32_t spi, const Address& source,
                        const Address& destination) {
  auto* found = by_addresses_.find(sa_key(esp, spi, source, destination));
  if (found == nullptr) found = by_addresses_.find(sa_key(esp, spi, any_address, destination));
  return found == nullptr ? nullptr : *found;
}

void KnownSas::add(KnownSa sa) {
  const auto key =
      sa_key(sa.keys.esp, sa.keys.spi, sa.keys.source.value_or(any_address), sa.keys.destination);
  sas_.push_back(std::move(sa));
  by_addresses_[key] = &sas_.back();
}

KnownSas& known_sas() { return store; }

bool accept_without_keys(bool esp, std::uint32_t spi, const Address& source,
                         const Address& destination, std::uint32_t sequence) {
  return windows_without_keys[sa_key(esp, spi, source, destination)].accept(sequence);
}

}  // namespace secct::dissector
