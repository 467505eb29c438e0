// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/check/sequence_numbers.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>

#include <fmt/format.h>

namespace secct::replay {
namespace {

constexpr std::size_t max_senders = 1 << 16;  // the least recently active ones are removed
constexpr std::uint32_t window_size = 64;

// Eight octets suffice to compare ICVs and IVs.
std::uint64_t short_form(View octets) {
  return big_endian(octets.last(std::min<std::size_t>(octets.size(), 8)));
}

}  // namespace

std::size_t SequenceTracker::KeyHash::operator()(const Key& key) const {
  std::array<char, 32> addresses{};
  std::memcpy(addresses.data(), key.source.data(), key.source.size());
  std::memcpy(addresses.data() + 16, key.destination.data(), key.destination.size());
  const auto hash = std::hash<std::string_view>{}({addresses.data(), addresses.size()});
  return hash ^ (std::size_t{key.spi} << 1 | (key.protocol == IpsecProtocol::esp ? 1U : 0U));
}

SequenceTracker::Sender& SequenceTracker::sender(const IpsecLayer& layer) {
  const Key key{layer.protocol, layer.spi, layer.source, layer.destination};
  const auto [found, is_new] = senders_.try_emplace(key);
  if (is_new) {
    found->second.position = order_.insert(order_.end(), key);
    if (senders_.size() > max_senders) {
      senders_.erase(order_.front());
      order_.pop_front();
    }
  } else {
    order_.splice(order_.end(), order_, found->second.position);
  }
  return found->second;
}

bool SequenceTracker::check(const IpsecLayer& layer, std::vector<Failure>& broken) {
  if (layer.state == IpsecLayer::State::malformed) return false;
  auto& from = sender(layer);
  const auto icv = short_form(layer.icv);
  const auto iv = layer.iv.empty() ? 0 : short_form(layer.iv);
  const auto sequence = layer.sequence;
  for (const auto& packet : from.recent) {
    if (packet.sequence == sequence && packet.icv == icv && sequence != 0) return true;
  }
  const char* field = layer.protocol == IpsecProtocol::ah ? "ah.sequence" : "esp.sequence";
  const auto report = [&](Conversation rule, std::string expected) {
    auto failure = replay::broken(rule, std::move(expected), std::to_string(sequence));
    failure.field = field;
    broken.push_back(std::move(failure));
  };
  if (from.window == 0 || sequence > from.highest) {
    const auto advance = sequence - from.highest;
    from.window = from.window == 0 || advance >= window_size ? 1 : from.window << advance | 1;
    from.highest = sequence;
  } else if (from.highest - sequence >= window_size) {
    report(Conversation::sequence_falls, fmt::format("more than {}", from.highest));
  } else {
    const auto bit = std::uint64_t{1} << (from.highest - sequence);
    if ((from.window & bit) != 0) {
      report(Conversation::sequence_reused, fmt::format("more than {}", from.highest));
    }
    from.window |= bit;
  }
  if (iv != 0 && std::ranges::any_of(from.recent, [&](const auto& p) { return p.iv == iv; })) {
    broken.push_back(
        replay::broken(Conversation::iv_reused, "an IV not used before", to_hex(layer.iv)));
  }
  from.recent[from.next++ % recent_packets] = {sequence, icv, iv};
  return false;
}

}  // namespace secct::replay
