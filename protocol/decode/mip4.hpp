// SPDX-License-Identifier: GPL-2.0-or-later
// Finds the SecCT extension in Mobile IPv4 registrations (RFC 3344).
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

// The row of the Registration Request (RFC 3344 3.3) or Reply (3.4) with which a UDP payload
// begins; nullptr if it is neither, or shorter than its fixed part.
const RegistrationRow* find_registration(View payload);
// Precondition: `carrier` is mip4_request or mip4_reply.
const RegistrationRow& registration_row(Carrier carrier);

// The low 32 bits of the Identification, which a reply repeats (RFC 3344 section 3.4); 0 if the
// payload is no registration.
std::uint32_t low_identification(View payload);
// Whether the code of a Registration Reply, complete up to its fixed part, grants the registration.
bool is_accepting(View reply);

// The payload of a UDP datagram (`udp` includes its header) from or to the registration port; empty
// for other ports.
View registration_payload(View udp);

struct MipExtension {
  std::size_t offset;   // from the first extension
  std::size_t claimed;  // octets according to its length field, type and length included
  View octets;          // fewer than claimed if the registration ends before

  bool whole() const { return octets.size() == claimed; }
};

// Whether a Mobile-Home authentication extension (RFC 3344 section 3.5.2) follows the first SecCT
// extension, whose type is `secct_type`, in a registration.
bool authentication_follows(View registration, std::uint8_t secct_type);

// Iterates over extensions, which follow the fixed part of a registration. Skips one-octet padding
// (RFC 3344 1.9) and follows the long formats (1.10, 1.11).
class MipExtensions {
 public:
  explicit MipExtensions(View octets) : octets_(octets) {}

  // The next extension; nullopt at the end. An extension that extends past the end is the last.
  std::optional<MipExtension> next();

 private:
  View octets_;
  std::size_t at_ = 0;
};

}  // namespace secct
