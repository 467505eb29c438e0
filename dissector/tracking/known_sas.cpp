// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/tracking/known_sas.hpp"

#include <algorithm>

namespace secct::dissector {
namespace {

constexpr std::uint32_t window_size = 64;
constexpr Address any{};

KnownSas book;
FileTable<Key, ReplayWindow, KeyHash> unknown;

Key place(bool esp, std::uint32_t spi, const Address& source, const Address& destination) {
  // The kind stands where exchanges have theirs.
  return exchange_key(esp ? Pairing::hi : Pairing::shreq, spi, source, destination);
}

}  // namespace

ReplayWindow::ReplayWindow(std::uint32_t sequence, View bits, std::uint32_t size)
    : highest_(sequence), seen_(bits.empty() ? ~std::uint64_t{0} : 0), any_(true) {
  for (std::uint32_t i = 0; i < std::min(size, window_size) && i / 8 < bits.size(); ++i) {
    if ((bits[i / 8] >> (7 - i % 8) & 1U) != 0) seen_ |= std::uint64_t{1} << i;
  }
}

bool ReplayWindow::accept(std::uint32_t sequence) {
  if (!any_ || sequence > highest_) {
    const auto steps = any_ ? sequence - highest_ : 0;
    seen_ = steps < window_size ? seen_ << steps : 0;
    seen_ |= 1;
    highest_ = sequence;
    any_ = true;
    return true;
  }
  const auto back = highest_ - sequence;
  if (back >= window_size || (seen_ >> back & 1U) != 0) return false;
  seen_ |= std::uint64_t{1} << back;
  return true;
}

void KnownSas::clear() {
  by_place_.clear();
  sas_.clear();
  unknown.clear();
  for (auto& keys : router_sas()) add({keys, 0, {}});
}

KnownSa* KnownSas::find(bool esp, std::uint32_t spi, const Address& source,
                        const Address& destination) {
  auto* found = by_place_.find(place(esp, spi, source, destination));
  if (found == nullptr) found = by_place_.find(place(esp, spi, any, destination));
  return found == nullptr ? nullptr : *found;
}

void KnownSas::add(KnownSa sa) {
  const auto key =
      place(sa.keys.esp, sa.keys.spi, sa.keys.source.value_or(any), sa.keys.destination);
  sas_.push_back(std::move(sa));
  by_place_[key] = &sas_.back();
}

KnownSas& known_sas() { return book; }

bool accept_unknown(bool esp, std::uint32_t spi, const Address& source, const Address& destination,
                    std::uint32_t sequence) {
  return unknown[place(esp, spi, source, destination)].accept(sequence);
}

}  // namespace secct::dissector
