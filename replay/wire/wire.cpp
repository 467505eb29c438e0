// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/wire/wire.hpp"

#include <poll.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <utility>

#include "network/datagram.hpp"

namespace secct::replay {
namespace {

constexpr Time resolve_time = seconds(4);  // three solicitations and an answer
// Frames after which wake_fd and the timers of neighbor discovery are looked at, although more
// frames wait.
constexpr unsigned most_frames = 256;

Time read_clock(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return seconds(static_cast<std::uint64_t>(time.tv_sec)) +
         static_cast<std::uint64_t>(time.tv_nsec);
}

}  // namespace

struct Wire::Side {
  Side(const std::string& interface, const std::function<bool(const Address&)>& ours)
      : port(interface), neighbors(port.info().mac, ours) {
    port.set_filter(NeighborCache::filter(port.info().mac));
  }

  Port port;
  NeighborCache neighbors;
  std::optional<Port::Frame> next;  // received, but not processed yet
};

Wire::Wire(WireOptions options)
    : options_(std::move(options)),
      start_(read_clock(CLOCK_REALTIME)),
      steady_start_(read_clock(CLOCK_MONOTONIC)),
      last_(start_),
      identification_(static_cast<std::uint32_t>(start_)) {
  sides_.push_back(std::make_unique<Side>(options_.interface, options_.ours));
  if (!options_.mn_interface.empty() && options_.mn_interface != options_.interface) {
    sides_.push_back(std::make_unique<Side>(options_.mn_interface, options_.ours));
  }
}

Wire::~Wire() = default;

Time Wire::now() const { return start_ + read_clock(CLOCK_MONOTONIC) - steady_start_; }

Wire::Side& Wire::side_for(View datagram) {
  const auto ends = ip_addresses(datagram);
  const bool mobile =
      sides_.size() > 1 && ends && options_.to_mobile_side(ends->source, ends->destination);
  return *sides_[mobile ? 1 : 0];
}

void Wire::flush(Side& side) {
  for (const auto& frame : side.neighbors.take()) side.port.send(frame);
}

void Wire::send(View datagram) {
  if (!options_.any_network && guard_.find(LinkType::raw_ip, datagram)) {
    ++counters_.dropped_unsafe;
    return;
  }
  auto& side = side_for(datagram);
  const auto mtu = std::min(options_.mtu, side.port.info().mtu);
  ++counters_.sent;
  const auto time = now();
  if (datagram.size() <= mtu) {
    side.neighbors.send(datagram, time);
  } else {
    for (const auto& part : fragmented(datagram, mtu, ++identification_)) {
      side.neighbors.send(part, time);
    }
  }
  flush(side);
}

// The side whose next frame was received first; nullptr if no frame waits.
Wire::Side* Wire::side_with_frame() {
  Side* first = nullptr;
  for (auto& side : sides_) {
    if (!side->next) side->next = side->port.receive();
    if (side->next && (first == nullptr || side->next->time < first->next->time)) {
      first = side.get();
    }
  }
  return first;
}

std::optional<Wire::Received> Wire::take_frame(Side& side) {
  const auto frame = *std::exchange(side.next, std::nullopt);
  // Frames have timestamps of the system clock, which may be set meanwhile.
  const auto time = std::clamp(frame.time, last_, std::max(last_, now()));
  last_ = time;
  const auto datagram = side.neighbors.receive(frame.octets);
  flush(side);
  if (!datagram) return std::nullopt;
  auto whole = reassembler_.add(*datagram, time);
  if (!whole) return std::nullopt;
  ++counters_.received;
  MacAddress from{};
  std::copy_n(frame.octets.begin() + from.size(), from.size(), from.begin());
  return Received{time, std::move(*whole), from};
}

// Waits for a frame, a timer of neighbor discovery, wake_fd or `until`.
void Wire::sleep(Time until) {
  std::array<pollfd, 3> fds{};
  nfds_t count = 0;
  for (const auto& side : sides_) {
    fds[count++] = {side->port.fd(), POLLIN, 0};
    until = std::min(until, side->neighbors.deadline().value_or(UINT64_MAX));
  }
  if (options_.wake_fd >= 0) fds[count++] = {options_.wake_fd, POLLIN, 0};
  const auto time = now();
  const auto left = until > time ? until - time : 0;
  const timespec timeout{static_cast<time_t>(left / seconds(1)),
                         static_cast<long>(left % seconds(1))};
  ppoll(fds.data(), count, until == UINT64_MAX ? nullptr : &timeout, nullptr);
}

bool Wire::is_woken() const {
  if (options_.wake_fd < 0) return false;
  pollfd wake{options_.wake_fd, POLLIN, 0};
  return poll(&wake, 1, 0) > 0;
}

void Wire::advance_neighbors(Time time) {
  frames_ = 0;
  for (auto& side : sides_) {
    side->neighbors.advance(time);
    flush(*side);
  }
}

std::optional<Wire::Received> Wire::receive(Time until) {
  // Frames that arrive after this time do not belong to this call, or a flood would never let it
  // return.
  const auto end = std::max(until, now());
  for (;;) {
    if (frames_ >= most_frames) {
      const auto time = now();
      advance_neighbors(time);
      if (is_woken() || time > end) return std::nullopt;
    }
    if (auto* side = side_with_frame()) {
      if (side->next->time > end && now() > end) return std::nullopt;
      ++frames_;
      if (auto received = take_frame(*side)) return received;
      continue;
    }
    const auto time = now();
    if (time >= until) return std::nullopt;
    advance_neighbors(time);
    sleep(until);
    if (is_woken()) return std::nullopt;
  }
}

bool Wire::resolve(const Address& address, const Address& from) {
  const bool mobile = sides_.size() > 1 && options_.to_mobile_side(from, address);
  auto& side = *sides_[mobile ? 1 : 0];
  const auto until = now() + resolve_time;
  if (!side.neighbors.find(address)) side.neighbors.solicit(address, from, now());
  flush(side);
  while (!side.neighbors.find(address) && now() < until) {
    const auto soon = side.neighbors.deadline().value_or(until);
    receive(std::min(until, std::min(soon, now() + milliseconds(20))));
  }
  return side.neighbors.find(address).has_value();
}

std::optional<MacAddress> Wire::link_address(const Address& address) const {
  for (const auto& side : sides_) {
    if (const auto mac = side->neighbors.find(address)) return mac;
  }
  return std::nullopt;
}

std::uint32_t Wire::mtu() const { return sides_.front()->port.info().mtu; }

Wire::Counters Wire::counters() const {
  auto counters = counters_;
  for (const auto& side : sides_) {
    counters.dropped_by_kernel += side->port.dropped();
    counters.dropped_unresolved += side->neighbors.dropped();
  }
  counters.dropped_fragments = reassembler_.discarded();
  return counters;
}

}  // namespace secct::replay
