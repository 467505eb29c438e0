// SPDX-License-Identifier: GPL-2.0-or-later
// The new router: HI and U-SHREP, SHIN, SHREQ and its answer, installation of SAs
// (docs/behaviour.md 2).
#pragma once

#include <map>

#include "replay/router/core.hpp"

namespace secct {

class NewRouter {
 public:
  explicit NewRouter(Core& core) : core_(core) {}

  void on_hi(const Incoming& in);
  void on_shin(const Incoming& in);
  void on_shrep(const Incoming& in);
  void advance(Time now);
  std::optional<Time> deadline() const;

 private:
  // One context that came, and the status that it gets.
  struct Offered {
    std::optional<Context> context;  // nothing: it cannot be read
    std::uint8_t status;
  };
  // A handover whose SHIN came: the request is out, or it is answered.
  struct Transfer {
    Address naddr{};
    Address paddr{};
    Address nr{};  // the address the SHIN was sent to
    std::uint32_t token = 0;
    std::uint16_t identifier = 0;
    std::optional<Node> request;  // the SHREQ, while it is out
    unsigned retries = 0;
    Time next = 0;                             // retransmission, or when the transfer is forgotten
    std::vector<Octets> replies;               // SHREP messages that were used
    std::optional<std::uint32_t> mobile_node;  // id in the SADB once SAs are installed
    std::vector<Node> shak;                    // sub-options of the SHAK that was sent
  };
  // A U-SHREP that waits for its SHIN.
  struct Kept {
    Address naddr{};
    std::uint8_t replay = 0;
    std::uint32_t token = 0;
    std::vector<Offered> offered;
    Time until = 0;
  };
  // A HI that was answered.
  struct Answered {
    Octets octets;
    Node hack;
    Time until = 0;
  };

  std::uint8_t hack_code(const Tape& tape) const;
  std::vector<Node> keep(const Incoming& in, std::uint8_t code);
  std::vector<Offered> offered(const Tape& tape) const;
  void finish(Transfer& transfer, const std::vector<Offered>& contexts);
  void install(Transfer& transfer, std::vector<Offered>& contexts, std::vector<Node>& changes);
  void send_shak(Transfer& transfer);
  void refuse(const Incoming& in, std::uint8_t code);
  std::vector<Node> shrep_ack(const std::vector<Offered>& contexts) const;
  Transfer* find(const Address& naddr, const Address& paddr, std::uint32_t token);

  Core& core_;
  std::map<std::uint16_t, Transfer> transfers_;    // by Identifier
  std::map<Address, Kept> kept_;                   // by Paddr
  std::map<std::uint16_t, Answered> answered_;     // by Identifier
  std::map<Address, std::uint32_t> mobile_nodes_;  // Naddr to id in the SADB
  std::uint16_t next_identifier_ = 1;
  std::uint32_t next_mobile_node_ = 1;
};

}  // namespace secct
