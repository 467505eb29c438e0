// SPDX-License-Identifier: GPL-2.0-or-later
// A packet of the router under test as the tester sees it: opened, decoded, and judged by the rules
// that every packet must keep.
#pragma once

#include <map>
#include <optional>

#include "generator/document.hpp"
#include "generator/ipsec.hpp"
#include "protocol/tape.hpp"
#include "replay/verdict.hpp"

namespace secct {

struct Observed {
  Octets original;                   // as on the wire
  Octets octets;                     // without AH and ESP
  std::optional<Datagram> datagram;  // views `octets`
  std::vector<Sa> under;             // outermost first
  Tape tape;                         // views `octets`; message none = not SecCT
  std::vector<Failure> broken;       // rules that the packet breaks, worst first

  bool is_echo_reply() const;
  // The name that cases use ("shrep", "shrep-ack", ...), or what else it is.
  std::string name() const;
};

// Remembers across packets what a single one cannot show: sequence numbers and IVs.
class Observer {
 public:
  explicit Observer(const CodePoints& codepoints) : codepoints_(codepoints) {}

  void observe(View datagram, const Keyring& keys, Observed& seen);

 private:
  void open(const Keyring& keys, Observed& seen);
  void check_sequence(const Sa& sa, std::uint32_t sequence, View iv, Observed& seen);
  void decode_message(Observed& seen);

  const CodePoints& codepoints_;
  struct Sender {
    std::uint32_t sequence = 0;
    std::vector<Octets> ivs;
  };
  std::map<std::pair<std::uint32_t, Address>, Sender> senders_;
};

}  // namespace secct
