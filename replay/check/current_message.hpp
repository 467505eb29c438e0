// SPDX-License-Identifier: GPL-2.0-or-later
// The message that ConversationJudge is judging, and the texts of its failures. Internal to check/.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "protocol/decode/decoded_message.hpp"
#include "replay/check/handovers.hpp"
#include "replay/inspect/conversation.hpp"
#include "replay/inspect/decapsulate.hpp"
#include "replay/namespace.hpp"

namespace secct::replay {

struct CurrentMessage {
  const DecodedMessage& decoded;
  const DecapsulatedPacket& packet;
  std::uint64_t frame;  // number in the capture, from 1
  Time now;
  std::vector<Failure>& failures;
  std::size_t hash;  // of the octets of the message
  const Address& source;
  const Address& destination;
  std::uint16_t identifier;  // 0 if the message has none

  void report(Conversation rule, std::string expected, std::string actual);
  // Reports `rule` if the two addresses differ. An address that is missing or unspecified (not yet
  // known) matches every address.
  void expect_address(Conversation rule, const Address& expected,
                      const std::optional<Address>& actual);
  // Reports `rule` if the Identifier is not that of `request`.
  void expect_identifier(Conversation rule, const SeenMessage& request);

  SeenMessage seen() const;
};

Octets octets_of(View view);
std::string hex(std::uint32_t number);
// The value of each `field`, in the order of the message.
std::vector<std::uint32_t> numbers_in(const DecodedMessage& decoded, Field wanted);

}  // namespace secct::replay
