// SPDX-License-Identifier: GPL-2.0-or-later
#include "conversation/sequence_numbers.hpp"

#include <algorithm>
#include <cstring>

#include "conversation/compare_text.hpp"
#include "conversation/table.hpp"

namespace secct::conversation {
namespace {

constexpr std::size_t most_senders = std::size_t{1} << 16;
// A packet that is captured on several interfaces appears again within this time.
constexpr Time copy_time = milliseconds(50);

// Not 0, unless the octets are empty.
std::size_t identity_of(View octets) { return octets.empty() ? 0 : hash_of(octets) | 1; }

std::string spi_text(std::uint32_t spi) { return "SPI " + hex(spi); }

bool is_soon(Time time, Time earlier) { return time - std::min(time, earlier) <= copy_time; }

void add(std::vector<Violation>& broken, RuleId rule, std::string expected, std::string actual) {
  broken.push_back({rule, std::move(expected), std::move(actual)});
}

// What the header breaks by itself.
void judge_state(const IpsecHeader& header, std::vector<Violation>& broken) {
  using State = IpsecHeader::State;
  switch (header.state) {
    case State::bad_icv: add(broken, RuleId::icv_bad, "", spi_text(header.spi)); break;
    case State::malformed: add(broken, RuleId::ipsec_malformed, "", spi_text(header.spi)); return;
    case State::bad_padding: add(broken, RuleId::esp_padding, "", spi_text(header.spi)); break;
    case State::unverified:
    case State::good: break;
  }
  if (header.sequence == 0) add(broken, RuleId::sequence_zero, "1 or more", "0");
}

}  // namespace

std::size_t SequenceNumbers::KeyHash::operator()(const Key& key) const {
  std::array<std::uint8_t, 32> addresses{};
  std::memcpy(addresses.data(), key.source.data(), key.source.size());
  std::memcpy(addresses.data() + 16, key.destination.data(), key.destination.size());
  const auto hash = hash_of(addresses);
  const bool esp = key.protocol == ipsec::IpsecProtocol::esp;
  return hash ^ (std::size_t{key.spi} << 1 | (esp ? 1U : 0U));
}

SequenceNumbers::Key SequenceNumbers::key_of(const IpsecHeader& header) {
  return {header.protocol, header.spi, header.source, header.destination};
}

SequenceNumbers::Sender& SequenceNumbers::sender(const IpsecHeader& header,
                                                 const ipsec::ReplayWindow* window) {
  const auto key = key_of(header);
  const auto [found, is_new] = senders_.try_emplace(key);
  if (!is_new) {
    order_.splice(order_.end(), order_, found->second.place);
    return found->second;
  }
  found->second.place = order_.insert(order_.end(), &found->first);
  if (window != nullptr) found->second.window = *window;
  if (senders_.size() > most_senders) {
    senders_.erase(senders_.find(*order_.front()));
    order_.pop_front();
  }
  return found->second;
}

void SequenceNumbers::clear() {
  senders_.clear();
  order_.clear();
}

std::optional<Time> SequenceNumbers::complete_since(const IpsecHeader& header) const {
  const auto found = senders_.find(key_of(header));
  if (found == senders_.end() || !found->second.window) return std::nullopt;
  return found->second.complete_since;
}

std::uint64_t SequenceNumbers::judge(const IpsecHeader& header, std::uint64_t frame, Time time,
                                     const ipsec::ReplayWindow* window,
                                     std::vector<Violation>& broken) {
  using State = IpsecHeader::State;
  auto& from = sender(header, window);
  Packet packet{header.sequence, frame, identity_of(header.icv), identity_of(header.iv), time};
  const auto same = std::ranges::find_if(from.recent, [&](const Packet& p) {
    return packet.icv != 0 && p.icv == packet.icv && p.sequence == packet.sequence;
  });
  if (same != from.recent.end() && is_soon(time, same->time)) return same->frame;
  judge_state(header, broken);
  // Nothing that a forged packet says is compared with other packets.
  const bool is_authentic =
      header.state != State::bad_icv && header.state != State::malformed && header.sequence != 0;
  if (is_authentic && same != from.recent.end()) {
    add(broken, RuleId::sequence_replayed, "", std::to_string(header.sequence));
  } else if (is_authentic) {
    judge_number(from, header.sequence, time, broken);
    if (packet.iv != 0 && std::ranges::count(from.recent, packet.iv, &Packet::iv) > 0) {
      add(broken, RuleId::iv_reused, "a new IV", to_hex(header.iv));
    }
  }
  if (!is_authentic) packet.iv = 0;
  if (same != from.recent.end()) {
    *same = packet;
  } else {
    remember(from, packet);
  }
  return 0;
}

void SequenceNumbers::remember(Sender& from, const Packet& packet) {
  if (from.recent.size() < remembered) {
    from.recent.push_back(packet);
    return;
  }
  from.recent[from.next] = packet;
  from.next = (from.next + 1) % remembered;
}

void SequenceNumbers::judge_number(Sender& from, std::uint32_t sequence, Time time,
                                   std::vector<Violation>& broken) {
  const bool is_first = !from.window;
  if (is_first) from.window.emplace();
  auto& window = *from.window;
  const auto highest = window.highest();
  const bool is_next = sequence == highest + 1;
  if (window.accept(sequence)) {
    if (!is_next && sequence > highest) from.complete_since = time;
    return;
  }
  from.complete_since = time;
  // A copy of a packet that is no longer remembered?
  if (from.recent.size() == remembered && is_soon(time, from.recent[from.next].time)) return;
  const bool is_old = highest - sequence >= window.size();
  add(broken, is_old ? RuleId::sequence_old : RuleId::sequence_reused,
      "more than " + std::to_string(highest), std::to_string(sequence));
}

}  // namespace secct::conversation
