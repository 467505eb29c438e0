// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/tester/case/message_history.hpp"

#include <algorithm>
#include <set>

#include "protocol/tables/status.hpp"

namespace secct::replay {

Octets transfer_of(const DecodedMessage& decoded) {
  Octets octets;
  const auto status = decoded.number(Field::status);
  const auto* naddr = decoded.find(Field::naddr);
  const auto* paddr = decoded.find(Field::paddr);
  const bool good = !status || *status == status::ok;
  if (!good || naddr == nullptr || paddr == nullptr || decoded.find(Field::contexts) == nullptr) {
    return octets;
  }
  append_number(octets, decoded.number(Field::identifier).value_or(0), 2);
  append(octets, decoded.octets_of(*naddr));
  append(octets, decoded.octets_of(*paddr));
  return octets;
}

void MessageHistory::add(Octets message, std::size_t packets_sent, const DecodedMessage& decoded) {
  entries_.push_back({std::move(message), packets_sent, transfer_of(decoded), decoded.message});
}

std::size_t MessageHistory::messages_of_last_transfer(Message message) const {
  const auto last = std::find_if(entries_.rbegin(), entries_.rend(),
                                 [&](const Entry& entry) { return entry.id == message; });
  if (last == entries_.rend() || last->transfer.empty()) return 1;
  std::set<View, bool (*)(View, View)> different(
      [](View a, View b) { return std::ranges::lexicographical_compare(a, b); });
  for (const auto& entry : entries_) {
    if (entry.id != message || entry.transfer != last->transfer) continue;
    different.insert(entry.message);
  }
  return different.size();
}

bool MessageHistory::contains(View message) const {
  return packets_sent_before(message).has_value();
}

std::optional<std::size_t> MessageHistory::packets_sent_before(View message) const {
  const auto found = std::find_if(entries_.rbegin(), entries_.rend(), [&](const Entry& entry) {
    return std::ranges::equal(entry.message, message);
  });
  if (found == entries_.rend()) return std::nullopt;
  return found->packets_sent;
}

std::size_t MessageHistory::count(View message) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      entries_, [&](const Entry& entry) { return std::ranges::equal(entry.message, message); }));
}

bool MessageHistory::completes_retransmission(View message) const {
  const auto found = std::ranges::find_if(
      entries_, [&](const Entry& entry) { return std::ranges::equal(entry.message, message); });
  if (found == entries_.end() || found->transfer.empty()) return false;
  const auto received = count(message);
  return std::ranges::any_of(entries_, [&](const Entry& other) {
    return other.id == found->id && other.transfer == found->transfer &&
           count(other.message) > received;
  });
}

bool MessageHistory::continues_transfer(const DecodedMessage& decoded) const {
  const auto transfer = transfer_of(decoded);
  return !transfer.empty() &&
         std::ranges::find(entries_, transfer, &Entry::transfer) != entries_.end();
}

}  // namespace secct::replay
