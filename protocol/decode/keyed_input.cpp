// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/decode/keyed_input.hpp"

#include <cassert>

#include "protocol/decode/message_content.hpp"
#include "protocol/tables/numbers.hpp"

namespace secct {

Octets req_r1(const CodePoints& codepoints) { return {codepoints[CodePoint::subopt_req], 4, 0, 1}; }

std::optional<Octets> ho_features(const DecodedMessage& decoded) {
  const auto* replay = decoded.find(Field::auth_replay);
  if (replay == nullptr) return std::nullopt;
  Octets features;
  bool after = false;
  for (std::size_t i = 0; i < decoded.fields.size();) {
    const auto& field = decoded.fields[i];
    if (field.field != Field::sub_options) {
      // The sub-options of a further option are not covered.
      if (after && field.field == Field::options) break;
      ++i;
      continue;
    }
    const auto octets = decoded.octets_of(field);
    if (after && octets[0] != 0) append(features, octets);
    const auto at = replay->offset;
    if (field.offset <= at && at < field.offset + field.length) after = true;
    i = field.end;
  }
  return features;
}

Octets announced_features(const CodePoints& codepoints, const DecodedMessage& pshin) {
  auto features = sub_option_octets(pshin);
  if (pshin.find(Field::req_spt) == nullptr) append(features, req_r1(codepoints));
  return features;
}

std::optional<Octets> token_features(const CodePoints& codepoints, const DecodedMessage& decoded) {
  if (decoded.message != Message::hi) return ho_features(decoded);
  if (decoded.find(Field::auth_replay) == nullptr) return std::nullopt;
  return req_r1(codepoints);
}

std::optional<Address> token_paddr(const DecodedMessage& decoded) {
  const auto* paddr = decoded.find(Field::paddr);
  if (paddr == nullptr) paddr = decoded.find(Field::mip4_old_coa);
  if (paddr == nullptr) return std::nullopt;
  return decoded.address(*paddr);
}

Octets token_input(View ho_features, std::uint8_t replay, const Address& paddr) {
  Octets input(ho_features.begin(), ho_features.end());
  input.push_back(replay);
  append(input, paddr);
  return input;
}

Octets spi_input(const Address& nr, const Address& naddr) {
  Octets input(nr.begin(), nr.end());
  append(input, naddr);
  return input;
}

std::uint32_t token_of(View hmac) {
  assert(hmac.size() >= 4);
  return static_cast<std::uint32_t>(big_endian(hmac.last(4)));
}

std::uint32_t spi_of(View hmac) {
  const auto spi = token_of(hmac);
  return spi < first_free_spi ? spi + first_free_spi : spi;
}

}  // namespace secct
