// SPDX-License-Identifier: GPL-2.0-or-later
// A network interface: Ethernet frames in and out through libpcap, with the kernel's time stamps.
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

// The surroundings do not allow it: no privilege, the interface is down, the router is silent.
class SetupError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// What the kernel says about an interface.
struct InterfaceInfo {
  std::string name;
  int index = 0;
  MacAddress mac{};
  std::uint32_t mtu = 0;  // octets of an IP datagram
};

// SetupError when there is no such interface (the message names those there are), when it is down
// or no Ethernet.
InterfaceInfo interface_info(const std::string& name);

// Frames in both directions. Needs CAP_NET_RAW only.
class Port {
 public:
  // SetupError as for interface_info(), and when the privilege is missing.
  explicit Port(const std::string& interface);
  ~Port();
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;

  const InterfaceInfo& info() const;

  struct Frame {
    std::uint64_t time;  // nanoseconds since 1970, when the kernel saw it
    View octets;         // until the next call
  };
  // The next frame that came in, or nothing when none waits. SetupError when the interface is gone.
  std::optional<Frame> receive();
  int fd() const;  // readable when a frame waits

  // Sends one frame; waits while the interface's queue is full. SetupError when it is down.
  void send(View frame);
  // The same without waiting; false, with errno, when the kernel does not take it.
  bool inject(View frame);

  std::uint64_t dropped() const;  // frames that the kernel had no room for, so far

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// What to tell a user whose process may not open raw sockets.
std::string privilege_help();

}  // namespace secct::generator
