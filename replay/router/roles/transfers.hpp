// SPDX-License-Identifier: GPL-2.0-or-later
// Transfers of one mobile node's SAs to this router, from the request to the last answer: SHREQ and
// its retransmission, SHREP, SHREP-Ack, what the mobile node is told (docs/behaviour.md 2.4-2.10).
// The new router and the foreign agent both use it.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <tuple>

#include "replay/namespace.hpp"
#include "replay/router/core/alarms.hpp"
#include "replay/router/roles/install.hpp"

namespace secct::replay {

// A mobile node tells its requests apart by these.
struct TransferKey {
  Address naddr{};
  Address paddr{};
  std::uint32_t token = 0;
  auto operator<=>(const TransferKey&) const = default;
};

struct Transfer {
  TransferKey key;
  Destination to;
  Address pr{};
  std::uint16_t identifier = 0;
  std::optional<Node> request;  // the SHREQ, while it is out
  unsigned retries = 0;
  std::set<Octets> replies;  // SHREPs that were used
  bool installed = false;
  LivePtr shak_sa;                // the same for every SHAK of the transfer
  std::uint8_t status = 0;        // what the mobile node was told last
  std::vector<Node> sub_options;  // and all of it: SecCT-Stat, SecCT-ack ...
  // How the mobile node is told: a SHAK, or what a foreign agent sends instead.
  std::function<void(const Transfer&)> tell;
};

class Transfers {
 public:
  explicit Transfers(Core& core) : core_(core), next_identifier_(core.first_identifier()) {}

  // The transfer that this SHIN belongs to, while its SHREQ is out or its SAs are installed.
  Transfer* find(const TransferKey& key);
  bool is_asking_for(const Address& paddr) const { return asking_for_.contains(paddr); }
  // True when another SHREQ may go out. Of those that were answered the oldest one gives way: no
  // further SHREP is taken for it.
  bool make_room(Time now);

  // Asks the previous router; `features` is AuthPrtr and what follows it. There must be room.
  void ask(Transfer transfer, std::vector<Node> features, Time now);
  // Uses contexts that are there already.
  void use(Transfer transfer, std::vector<ReceivedContext> contexts, Time now);
  // Tells the mobile node again.
  void tell(Transfer& transfer);

  void on_shrep(const Incoming& in);
  void advance(Time now);
  std::optional<Time> deadline() const { return alarms_.first(); }

 private:
  Transfer& store(Transfer transfer);
  std::uint16_t new_identifier();
  std::uint8_t failure_of(const DecodedMessage& decoded, bool any_context) const;
  void finish(Transfer& transfer, std::vector<ReceivedContext>& contexts, Time now);
  void acknowledge(const Transfer& transfer, const std::vector<ReceivedContext>& contexts);
  void send_request(Transfer& transfer);
  void answered(Transfer& transfer, Time now);
  void take_no_more(Transfer& transfer, Time now);
  void give_up(Transfer& transfer, Time now);
  void forget(const TransferKey& key);
  void stop_asking(Transfer& transfer);
  Time end_of_life(const Owner& owner) const;

  Core& core_;
  std::map<TransferKey, Transfer> transfers_;
  std::map<std::uint16_t, TransferKey> by_identifier_;  // a SHREP may come for these
  std::map<Owner, TransferKey> current_;                // whose SAs are installed
  std::multiset<Address> asking_for_;                   // Paddr of those whose SHREQ is out
  Alarms<TransferKey> alarms_;
  Alarms<TransferKey> answered_;  // those of which a continuation may still come
  std::uint16_t next_identifier_;
};

}  // namespace secct::replay
