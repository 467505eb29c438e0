// SPDX-License-Identifier: GPL-2.0-or-later
// IP datagrams over one or two Ethernet interfaces and the real clock: what the tester and the
// reference router stand on when they are not in one process.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "generator/transmit/neighbor_cache.hpp"
#include "network/fragment.hpp"
#include "protocol/time.hpp"
#include "replay/namespace.hpp"

namespace secct::replay {

struct WireOptions {
  std::string interface;
  std::string mn_interface;  // towards the mobile nodes; empty: the same interface
  std::uint32_t mtu = 1500;  // larger datagrams are fragmented
  // Addresses that this side plays: it answers for them, and takes what is sent to them.
  std::function<bool(const Address&)> ours;
  // Whether what goes from `source` to `destination` belongs on mn_interface.
  std::function<bool(const Address& source, const Address& destination)> to_mobile_side;
  int wake_fd = -1;  // receive() returns when this is readable
};

class Wire {
 public:
  explicit Wire(WireOptions options);  // SetupError
  ~Wire();
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  // Nanoseconds since 1970; never goes back, whatever is done to the machine's clock.
  Time now() const;

  void send(View datagram);

  struct Received {
    Time time;  // when the kernel saw it
    Octets octets;
  };
  // The next datagram for an address of ours, put together again when it came in fragments. Nothing
  // at `until`, and when wake_fd is readable. SetupError when an interface is gone.
  std::optional<Received> receive(Time until);

  // Finds the link-layer address of `address`, asking from `from`; false when nobody answers in
  // time. Datagrams that come meanwhile are lost.
  bool resolve(const Address& address, const Address& from);

  struct Counters {
    std::uint64_t received = 0;  // datagrams for us
    std::uint64_t sent = 0;
    std::uint64_t dropped_by_kernel = 0;
    std::uint64_t dropped_unresolved = 0;  // nobody answered for the destination
  };
  Counters counters() const;

 private:
  struct Side;
  Side& side_for(View datagram);
  void flush(Side& side);
  std::optional<Received> take_waiting();
  void sleep(Time until);

  WireOptions options_;
  std::vector<std::unique_ptr<Side>>
      sides_;  // the routers', and the mobile nodes' if it is another
  Reassembler reassembler_;
  Time start_ = 0;  // real time and steady time at the same moment
  Time steady_start_ = 0;
  Time last_ = 0;
  std::uint32_t identification_ = 0;
  Counters counters_;
};

}  // namespace secct::replay
