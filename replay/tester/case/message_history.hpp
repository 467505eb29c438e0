// SPDX-License-Identifier: GPL-2.0-or-later
// The messages of the router that steps of a case have matched. They identify retransmissions, and
// messages that continue the contexts of an earlier one (wire-format.md 4).
#pragma once

#include <vector>

#include "protocol/decode/decoded_message.hpp"
#include "replay/namespace.hpp"

namespace secct::replay {

// What all messages with contexts of one transfer have in common: Identifier, Naddr and Paddr.
// Empty if the message has no contexts or reports a failure.
Octets transfer_of(const DecodedMessage& decoded);

class MessageHistory {
 public:
  // `packets_sent`: the number of packets that the tester had sent when it received the message.
  void add(Octets message, std::size_t packets_sent, const DecodedMessage& decoded);

  bool contains(View message) const;
  // The number of packets that the tester had sent when it last received the same message;
  // std::nullopt if it did not receive it.
  std::optional<std::size_t> packets_sent_before(View message) const;
  // The number of different messages of the transfer to which the last one that was added belongs:
  // the first one and its continuations. 1 if it has no contexts.
  std::size_t messages_of_last_transfer(Message message) const;
  // True if another message of the same transfer was received more often: the router retransmits
  // the messages of a transfer together, and this one completes the last retransmission.
  bool completes_retransmission(View message) const;
  // True if the message belongs to a transfer of which an earlier message was matched.
  bool continues_transfer(const DecodedMessage& decoded) const;

 private:
  struct Entry {
    Octets message;
    std::size_t packets_sent;
    Octets transfer;
    Message id;
  };
  std::size_t count(View message) const;

  std::vector<Entry> entries_;
};

}  // namespace secct::replay
