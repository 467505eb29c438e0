// SPDX-License-Identifier: GPL-2.0-or-later
// Sends prepared Ethernet frames on an interface, paced: by a rate, by the frames' own times, or as
// fast as it goes.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "generator/namespace.hpp"
#include "generator/transmit/port.hpp"

namespace secct::generator {

// How frames get to the kernel: many in one system call, or one by one through libpcap.
enum class SendBackend : std::uint8_t { sendmmsg, pcap };

struct TransmitOptions {
  std::string interface;
  // Frames per second; 0: as fast as the interface takes them; nothing: each frame at its own time.
  std::optional<double> rate;
  std::uint32_t burst = 1;         // so many leave at once, the rate stays
  std::optional<double> duration;  // seconds; then send() says no
  std::optional<MacAddress> to;    // the destination of every frame, instead of its own
  SendBackend backend = SendBackend::sendmmsg;
  // Set from outside, by a signal handler: send() says no.
  const std::atomic<bool>* stop = nullptr;
  // Called about twice a second.
  std::function<void(std::uint64_t frames, double seconds)> progress;
};

struct TransmitReport {
  std::uint64_t frames = 0;   // that the kernel took
  std::uint64_t octets = 0;   // of them
  std::uint64_t refused = 0;  // that it did not take: queue full, or too long for the interface
  double seconds = 0;         // from the first to the last
  const char* backend = "";

  double rate() const;  // frames per second
};

class Transmitter {
 public:
  // SetupError: no such interface, no privilege, interface down.
  explicit Transmitter(TransmitOptions options);
  ~Transmitter();
  Transmitter(const Transmitter&) = delete;
  Transmitter& operator=(const Transmitter&) = delete;

  const InterfaceInfo& info() const;

  // Waits until it is time for the frame, then hands it over; `time` in nanoseconds since any start
  // counts only when there is no rate. False when the time is over or `stop` is set; then it was
  // not sent. SetupError when the interface is gone.
  bool send(View frame, std::uint64_t time);
  // Times of what follows begin anew: the same frames once more.
  void rewind();
  TransmitReport finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Whether packets may be sent to `address` without asking: documentation, unique-local, link-local,
// private, benchmarking and loopback addresses, multicast no further than the link.
bool is_harmless_destination(const Address& address);

// The destination of an Ethernet frame's IP datagram, behind VLAN tags too; nothing when it holds
// none.
std::optional<Address> frame_destination(View frame);

}  // namespace secct::generator
