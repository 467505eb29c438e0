// SPDX-License-Identifier: GPL-2.0-or-later
// Mobile IPv4 registrations (RFC 3344), as far as SecCT rides in them: which octets are one, and
// the extensions behind its fixed part.
#pragma once

#include <optional>

#include "protocol/octets.hpp"
#include "protocol/tables/layout.hpp"

namespace secct {

namespace mip4 {
inline constexpr std::uint16_t port = 434;  // UDP
}  // namespace mip4

struct RegistrationRow {
  std::uint8_t type;
  std::uint8_t fixed_octets;  // the Identification is the last fixed field
  Carrier carrier;
};

// The Registration Request (3.3) or Reply (3.4) that a UDP payload begins with; nullptr when it is
// neither, or ends within the fixed part.
const RegistrationRow* find_registration(View payload);
// The same for a carrier: mip4_request or mip4_reply.
const RegistrationRow& registration_row(Carrier carrier);

// The payload of a UDP datagram, header included, that goes to or comes from the registration
// port; empty for any other.
View registration_payload(View udp);

struct MipExtension {
  std::size_t offset;   // in what the walk began with
  std::size_t claimed;  // octets by its length field, type and length included
  View octets;          // as far as there are any

  bool whole() const { return octets.size() == claimed; }
};

// Walks the extensions that follow a fixed part, or part of them. One-octet padding (1.9) is passed
// over, long formats (1.10, 1.11) are known.
class MipExtensions {
 public:
  explicit MipExtensions(View octets) : octets_(octets) {}

  // Nothing at the end. One that runs past the end is the last.
  std::optional<MipExtension> next();

 private:
  View octets_;
  std::size_t at_ = 0;
};

}  // namespace secct
