// SPDX-License-Identifier: GPL-2.0-or-later
// A network interface: sends and receives Ethernet frames with libpcap, with timestamps of the
// kernel.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "generator/namespace.hpp"
#include "protocol/octets.hpp"

namespace secct::generator {

using MacAddress = std::array<std::uint8_t, 6>;

// The environment prevents the test: a missing privilege, an interface that is down, a router that
// does not answer. Commands exit with status 3.
class SetupError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The properties of an interface.
struct InterfaceInfo {
  std::string name;
  int index = 0;
  MacAddress mac{};
  std::uint32_t mtu = 0;  // largest IP datagram, octets
};

// Throws SetupError if the interface does not exist (the message lists those that do), is down, or
// is not Ethernet.
InterfaceInfo interface_info(const std::string& name);

// An interface in promiscuous mode. Needs the capability CAP_NET_RAW.
class Port {
 public:
  // Throws SetupError as interface_info() does, and if the privilege is missing.
  explicit Port(const std::string& interface);
  ~Port();
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;

  const InterfaceInfo& info() const;

  // The kernel drops frames that do not match this filter expression of pcap-filter(7). Throws
  // SetupError if the kernel refuses it.
  void set_filter(const std::string& expression);

  struct Frame {
    std::uint64_t time;  // nanoseconds since 1970, when the kernel received the frame
    View octets;         // valid until the next call
  };
  // The next received frame, std::nullopt if there is none. Does not wait; frames that this side
  // sends are not received. Throws SetupError if the interface has disappeared.
  std::optional<Frame> receive();
  int fd() const;  // readable if a frame is available; for poll()

  // Sends a frame. Waits while the queue of the interface is full; discards a frame that is too
  // long for the interface. Throws SetupError if the interface is down.
  void send(View frame);
  // Sends a frame without waiting. Returns false and sets errno if the kernel refuses it.
  bool inject(View frame);

  // Received frames that the kernel dropped since the interface was opened, because the buffer of
  // this port or the queue of the interface was full.
  std::uint64_t dropped() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The message for a user without the privilege: how to grant it.
std::string privilege_help();

}  // namespace secct::generator
