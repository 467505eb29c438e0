// SPDX-License-Identifier: GPL-2.0-or-later
// Transfers of SAs to this router (docs/behaviour.md 2.4 to 2.10): sends the SHREQ and retransmits
// it, processes the SHREP, sends the SHREP-Ack and reports the result to the mobile node. The new
// router and the foreign agent use it.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <tuple>

#include "replay/namespace.hpp"
#include "replay/router/core/alarms.hpp"
#include "replay/router/roles/install.hpp"

namespace secct::replay {

// Identifies a request of a mobile node.
struct TransferKey {
  Address naddr{};
  Address paddr{};
  std::uint32_t token = 0;
  auto operator<=>(const TransferKey&) const = default;
};

struct Transfer {
  TransferKey key;
  InstallTarget target;
  Address pr{};
  std::uint16_t identifier = 0;
  std::optional<Node> request;  // the SHREQ, until its SHREP arrives
  unsigned retries = 0;
  std::set<Octets> replies;  // SHREPs that were processed
  bool installed = false;
  LivePtr shak_sa;                // protects every SHAK of the transfer
  std::uint8_t status = 0;        // the result as last reported to the mobile node
  std::vector<Node> sub_options;  // of that report: SecCT-Stat, SecCT-ack, ...
  // Sends the result to the mobile node; empty: in a SHAK.
  std::function<void(const Transfer&)> report;
};

class Transfers {
 public:
  explicit Transfers(RouterCore& core) : core_(core), next_identifier_(core.first_identifier()) {}

  // The transfer with this key if its SHREQ is pending or its SAs are installed; otherwise nullptr.
  Transfer* find(const TransferKey& key);
  bool has_pending_request(const Address& paddr) const { return pending_paddrs_.contains(paddr); }
  // True if another SHREQ may be sent. If the table is full, the oldest answered SHREQ is removed:
  // later continuations of its SHREP are discarded.
  bool make_room(Time now);

  // Sends the SHREQ; `features` is AuthPrtr and the sub-options after it. Requires make_room().
  void start_request(Transfer transfer, std::vector<Node> features, Time now);
  // Installs contexts that were received before, without a SHREQ.
  void use_contexts(Transfer transfer, std::vector<ReceivedContext> contexts, Time now);
  // Reports the result to the mobile node, for the first time or again.
  void report(Transfer& transfer);

  void on_shrep(const IncomingMessage& in);
  void advance(Time now);
  std::optional<Time> deadline() const { return alarms_.first(); }

 private:
  using ByIdentifier = std::map<std::uint16_t, TransferKey>;

  Transfer& store(Transfer transfer);
  ByIdentifier::iterator find_mistaken(const IncomingMessage& in);
  void report(Transfer& transfer, Node message);  // sends one SHAK
  std::uint16_t new_identifier();
  std::uint8_t failure_of(const DecodedMessage& decoded, bool any_context) const;
  void finish(Transfer& transfer, std::vector<ReceivedContext>& contexts, Time now);
  void acknowledge(const Transfer& transfer, const std::vector<ReceivedContext>& contexts);
  void send_request(Transfer& transfer);
  void schedule_end(Transfer& transfer, Time now);
  // Accepts no further SHREP; keeps the transfer only if it has SAs.
  void end_continuations(Transfer& transfer, Time now);
  void give_up(Transfer& transfer, Time now);
  void remove(const TransferKey& key);
  void end_request(Transfer& transfer);
  Time last_expiry(const Owner& owner) const;

  RouterCore& core_;
  std::map<TransferKey, Transfer> transfers_;
  ByIdentifier by_identifier_;             // transfers that accept a SHREP
  std::map<Owner, TransferKey> current_;   // transfers whose SAs are installed
  std::multiset<Address> pending_paddrs_;  // Paddr of each pending SHREQ
  Alarms<TransferKey> alarms_;
  Alarms<TransferKey> continuable_;  // transfers that accept a continuation, by time of the answer
  std::uint16_t next_identifier_;
};

}  // namespace secct::replay
