// SPDX-License-Identifier: GPL-2.0-or-later
// Sends Ethernet frames on an interface: at a fixed rate, at the times of the frames, or as fast as
// possible.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "generator/namespace.hpp"
#include "generator/transmit/port.hpp"

namespace secct::generator {

// The system interface for sending: batches with sendmmsg(), or single frames with libpcap.
enum class SendBackend : std::uint8_t { sendmmsg, pcap };

struct TransmitOptions {
  std::string interface;
  // Frames per second; 0: as fast as possible; std::nullopt: at the times of the frames.
  std::optional<double> rate;
  std::uint32_t burst = 1;         // frames that are sent together; does not change the rate
  std::optional<double> duration;  // seconds after which send() returns false
  std::optional<MacAddress> to;    // destination of all frames; default: unchanged
  SendBackend backend = SendBackend::sendmmsg;
  // Once it is true, for example after a signal, send() returns false. Must outlive the
  // Transmitter.
  const std::atomic<bool>* stop = nullptr;
  // Called about twice per second.
  std::function<void(std::uint64_t frames, double seconds)> progress;
};

struct TransmitReport {
  std::uint64_t frames = 0;   // sent
  std::uint64_t octets = 0;   // in these frames
  std::uint64_t refused = 0;  // frames that the kernel refused: queue full, or too long
  std::string refusal;        // the error of the system for the first of these
  double seconds = 0;         // between the first and the last frame
  const char* backend = "";

  double rate() const;  // frames per second
};

class Transmitter {
 public:
  // Throws SetupError if the interface does not exist or is down, or the privilege is missing.
  explicit Transmitter(TransmitOptions options);
  ~Transmitter();
  Transmitter(const Transmitter&) = delete;
  Transmitter& operator=(const Transmitter&) = delete;

  const InterfaceInfo& info() const;

  // Waits until the frame is due and sends it. `time` is the time of the frame in nanoseconds,
  // relative to the first frame; it is ignored if a rate is set. Returns false without sending if
  // the duration is over or `stop` is set. Throws SetupError if the interface has disappeared.
  bool send(View frame, std::uint64_t time);
  // The times of the next frames are relative to the next frame, for sending the same frames again.
  void rewind();
  TransmitReport finish();  // sends buffered frames

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace secct::generator
