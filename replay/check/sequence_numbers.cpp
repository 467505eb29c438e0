// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/check/sequence_numbers.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>

#include <fmt/format.h>

namespace secct::replay {
namespace {

constexpr std::size_t most_senders = 1 << 16;  // the one that was silent for longest is forgotten
constexpr std::uint32_t window_size = 64;

// The last eight octets are as good as all of them.
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
    found->second.place = order_.insert(order_.end(), key);
    if (senders_.size() > most_senders) {
      senders_.erase(order_.front());
      order_.pop_front();
    }
  } else {
    order_.splice(order_.end(), order_, found->second.place);
  }
  return found->second;
}

bool SequenceTracker::judge(const IpsecLayer& layer, std::vector<Failure>& broken) {
  if (layer.state == IpsecLayer::State::malformed) return false;
  auto& known = sender(layer);
  const auto icv = short_form(layer.icv);
  const auto iv = layer.iv.empty() ? 0 : short_form(layer.iv);
  const auto sequence = layer.sequence;
  for (const auto& packet : known.recent) {
    if (packet.sequence == sequence && packet.icv == icv && sequence != 0) return true;
  }
  const char* field = layer.protocol == IpsecProtocol::ah ? "ah.sequence" : "esp.sequence";
  const auto tell = [&](Conversation rule, std::string expected) {
    auto failure = replay::broken(rule, std::move(expected), std::to_string(sequence));
    failure.field = field;
    broken.push_back(std::move(failure));
  };
  if (known.window == 0 || sequence > known.highest) {
    const auto ahead = sequence - known.highest;
    known.window = known.window == 0 || ahead >= window_size ? 1 : known.window << ahead | 1;
    known.highest = sequence;
  } else if (known.highest - sequence >= window_size) {
    tell(Conversation::sequence_falls, fmt::format("more than {}", known.highest));
  } else {
    const auto bit = std::uint64_t{1} << (known.highest - sequence);
    if ((known.window & bit) != 0) {
      tell(Conversation::sequence_reused, fmt::format("more than {}", known.highest));
    }
    known.window |= bit;
  }
  if (iv != 0 && std::ranges::any_of(known.recent, [&](const auto& p) { return p.iv == iv; })) {
    broken.push_back(replay::broken(Conversation::iv_reused, "a new one", to_hex(layer.iv)));
  }
  known.recent[known.next++ % remembered] = {sequence, icv, iv};
  return false;
}

}  // namespace secct::replay
