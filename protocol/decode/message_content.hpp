// SPDX-License-Identifier: GPL-2.0-or-later
// The parts of a decoded message that are compared with other messages of the same handover.
#pragma once

#include <optional>
#include <vector>

#include "protocol/decode/decoded_message.hpp"

namespace secct {

// AuthPrtr and all sub-options after it in its option, without Pad1 at the end; a view of
// `decoded.octets`. Empty without AuthPrtr.
View from_auth(const DecodedMessage& decoded);

// All sub-options without Pad1.
Octets sub_option_octets(const DecodedMessage& decoded);

// Replay (upper 32 bits) and token of AuthPrtr; nullopt without AuthPrtr.
std::optional<std::uint64_t> replay_and_token(const DecodedMessage& decoded);

// Number of contexts.
std::size_t context_count(const DecodedMessage& decoded);

// The first Status-Code that is not 200; 200 if there are only such; nullopt if there is none. An
// unknown code counts as 106, unusable context.
std::optional<std::uint32_t> first_error_status(const DecodedMessage& decoded);

// The address that identifies the mobile node in a handover: the old care-of address of an HI or a
// Registration Request, Paddr of other messages.
std::optional<Address> paddr_of(const DecodedMessage& decoded);

// The address in the first `field`; nullopt if the message does not have it.
std::optional<Address> address_in(const DecodedMessage& decoded, Field field);

// The new care-of address that an HI proposes or a HAck assigns; nullopt if there is none, and if
// it is unspecified.
std::optional<Address> new_care_of(const DecodedMessage& decoded);

// The key with which SPI' of the context `group` is computed (wire-format 6.6), a view of
// `decoded.octets`; empty if there is none, and for IPComp.
View spi_key(const DecodedMessage& decoded, const DecodedField& group);

}  // namespace secct
