// SPDX-License-Identifier: GPL-2.0-or-later
// What a message holds, picked out of its tape for whoever compares it with other messages.
#pragma once

#include <optional>
#include <vector>

#include "protocol/decode/decoded_message.hpp"

namespace secct {

// AuthPrtr and every sub-option that follows it in its option, Pad1 at the end left out; views the
// tape's octets. Empty without AuthPrtr.
View from_auth(const DecodedMessage& decoded);

// All sub-options but Pad1: what a P-SHIN asks for.
Octets sub_option_octets(const DecodedMessage& decoded);

// Replay and token as one number; nothing without AuthPrtr.
std::optional<std::uint64_t> replay_and_token(const DecodedMessage& decoded);

std::size_t context_count(const DecodedMessage& decoded);

// The first status that is not 200; 200 when all are; nothing when there is none. An unknown one
// counts as 106, unusable context.
std::optional<std::uint32_t> first_error_status(const DecodedMessage& decoded);

// Whose handover it is: the old care-of address of a HI or a Mobile IPv4 extension, else Paddr.
std::optional<Address> paddr_of(const DecodedMessage& decoded);

// The address in `field`, nothing when the message has none.
std::optional<Address> address_in(const DecodedMessage& decoded, Field field);

// The key of SPI' of the context at `group` (wire-format 6.6); empty for IPComp.
View spi_key(const DecodedMessage& decoded, const DecodedField& group);

}  // namespace secct
