// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/decode/message_content.hpp"

#include <algorithm>

#include "protocol/tables/numbers.hpp"
#include "protocol/tables/spt.hpp"
#include "protocol/tables/status.hpp"

namespace secct {

using F = Field;

View from_auth(const DecodedMessage& decoded) {
  const auto* replay = decoded.find(F::auth_replay);
  if (replay == nullptr) return {};
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  for (std::size_t i = 0; i < decoded.fields.size();) {
    const auto& field = decoded.fields[i];
    if (field.field != F::sub_options) {
      if (end != 0 && field.field == F::options) break;  // the next option
      ++i;
      continue;
    }
    const bool is_auth =
        field.offset <= replay->offset && replay->offset < field.offset + field.length;
    if (is_auth) begin = field.offset;
    const bool is_pad = field.length > 0 && decoded.octets[field.offset] == 0;
    if (is_auth || (end != 0 && !is_pad)) end = field.offset + field.length;
    i = field.end;
  }
  return decoded.octets.subspan(begin, end - begin);
}

Octets sub_option_octets(const DecodedMessage& decoded) {
  Octets all;
  for (const auto& field : decoded.fields) {
    if (field.field != F::sub_options || field.length == 0) continue;
    const auto octets = decoded.octets_of(field);
    if (octets[0] != 0) append(all, octets);
  }
  return all;
}

std::optional<std::uint64_t> replay_and_token(const DecodedMessage& decoded) {
  const auto replay = decoded.number(F::auth_replay);
  const auto token = decoded.number(F::auth_token);
  if (!replay || !token) return std::nullopt;
  return *replay << 32 | *token;
}

std::size_t context_count(const DecodedMessage& decoded) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < decoded.fields.size(); ++i) {
    const auto& field = decoded.fields[i];
    if (field.field != F::contexts) continue;
    ++count;
    i = std::max<std::size_t>(i + 1, field.end) - 1;
  }
  return count;
}

std::optional<std::uint32_t> first_error_status(const DecodedMessage& decoded) {
  std::optional<std::uint32_t> first;
  for (const auto& field : decoded.fields) {
    if (field.field != F::status) continue;
    if (first && (*first != status::ok || field.number == status::ok)) continue;
    first = status::find(field.number) != nullptr ? static_cast<std::uint32_t>(field.number)
                                                  : status::unusable;
  }
  return first;
}

std::optional<Address> new_care_of(const DecodedMessage& decoded) {
  constexpr std::size_t fields_of_option = 5;
  for (std::size_t i = 0; i < decoded.fields.size(); ++i) {
    const auto& field = decoded.fields[i];
    if (field.field != F::opt_subtype || field.number != address_subtype::new_care_of) continue;
    const auto* octets = decoded.find(F::opt_address, i, i + fields_of_option);
    if (octets == nullptr) continue;
    const auto address = decoded.address(*octets);
    if (!is_unspecified(address)) return address;
  }
  return std::nullopt;
}

std::optional<Address> address_in(const DecodedMessage& decoded, Field field) {
  const auto* found = decoded.find(field);
  if (found == nullptr) return std::nullopt;
  return decoded.address(*found);
}

std::optional<Address> paddr_of(const DecodedMessage& decoded) {
  if (decoded.message == Message::mip4_request) return address_in(decoded, F::mip4_old_coa);
  if (decoded.message == Message::hi) {
    for (std::size_t i = 0; i < decoded.fields.size(); ++i) {
      const auto& field = decoded.fields[i];
      if (field.field != F::opt_subtype || field.number != address_subtype::old_care_of) continue;
      constexpr std::size_t fields_of_option = 5;
      const auto* address = decoded.find(F::opt_address, i, i + fields_of_option);
      if (address != nullptr) return decoded.address(*address);
    }
  }
  return address_in(decoded, F::paddr);
}

View spi_key(const DecodedMessage& decoded, const DecodedField& group) {
  const auto* number = decoded.find_in(group, F::spt);
  const auto spt =
      number != nullptr ? find_spt(static_cast<std::uint16_t>(number->number)) : std::nullopt;
  if (!spt || spt->protocol == SptProtocol::ipcomp) return {};
  for (const auto field : {F::sa_key, F::data_auth_key}) {
    const auto* key = decoded.find_in(group, field);
    if (key != nullptr && key->length > 0) return decoded.octets_of(*key);
  }
  return {};
}

}  // namespace secct
