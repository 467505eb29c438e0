// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/decode/mip4.hpp"

#include <algorithm>
#include <cassert>

namespace secct {
namespace {

constexpr RegistrationRow registrations[] = {
    {1, 24, Carrier::mip4_request},
    {3, 20, Carrier::mip4_reply},
};

constexpr std::size_t udp_octets = 8;
constexpr std::uint8_t padding = 0;

// Types whose length has two octets, after a sub-type or reserved octet.
constexpr std::uint8_t long_formats[] = {
    36,  // generalized authentication, RFC 3012
    37,  // vendor, RFC 3115
    38,
    47,  // proxy, RFC 5563
};

}  // namespace

const RegistrationRow* find_registration(View payload) {
  for (const auto& row : registrations) {
    if (payload.size() >= row.fixed_octets && payload[0] == row.type) return &row;
  }
  return nullptr;
}

const RegistrationRow& registration_row(Carrier carrier) {
  const auto* found = std::ranges::find(registrations, carrier, &RegistrationRow::carrier);
  assert(found != std::end(registrations));
  return *found;
}

std::uint32_t low_identification(View payload) {
  const auto* row = find_registration(payload);
  if (row == nullptr) return 0;
  return static_cast<std::uint32_t>(big_endian(payload.subspan(row->fixed_octets - 4U, 4)));
}

bool is_accepting(View reply) {
  constexpr std::uint8_t last_accepting = 1;  // codes 0 and 1 (RFC 3344 section 3.4)
  return reply[1] <= last_accepting;
}

View registration_payload(View udp) {
  if (udp.size() <= udp_octets) return {};
  const bool is_registration =
      big_endian(udp.first(2)) == mip4::port || big_endian(udp.subspan(2, 2)) == mip4::port;
  return is_registration ? udp.subspan(udp_octets) : View();
}

bool authentication_follows(View registration, std::uint8_t secct_type) {
  constexpr std::uint8_t mobile_home_authentication = 32;
  const auto* row = find_registration(registration);
  if (row == nullptr) return false;
  bool is_after_secct = false;
  MipExtensions extensions(registration.subspan(row->fixed_octets));
  while (const auto extension = extensions.next()) {
    const auto type = extension->octets[0];
    if (is_after_secct && type == mobile_home_authentication) return true;
    is_after_secct = is_after_secct || type == secct_type;
  }
  return false;
}

std::optional<MipExtension> MipExtensions::next() {
  while (at_ < octets_.size() && octets_[at_] == padding) ++at_;
  if (at_ == octets_.size()) return std::nullopt;
  const auto rest = octets_.subspan(at_);
  const bool is_long = std::ranges::find(long_formats, rest[0]) != std::end(long_formats);
  const std::size_t head = is_long ? 4 : 2;
  const auto claimed =
      rest.size() < head ? head : head + big_endian(rest.subspan(head / 2, head / 2));
  const auto octets = rest.first(std::min<std::size_t>(claimed, rest.size()));
  const MipExtension found{at_, claimed, octets};
  at_ += octets.size();
  return found;
}

}  // namespace secct
