// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/packet/build.hpp"

#include <fmt/format.h>

#include "generator/packet/seal.hpp"

namespace secct::generator {
namespace {

// `paddr` is set to the address in the input. std::nullopt if there is no key for it.
std::optional<Octets> token_hmac(const Keyring& keys, const Seal& seal, Address& paddr) {
  paddr = address_from(View(seal.input).last(paddr.size()));
  const auto key = keys.token_key ? keys.token_key(paddr) : std::nullopt;
  if (!key) return std::nullopt;
  return hmac_md5(*key, seal.input);
}

}  // namespace

Built build(const CodePoints& codepoints, const Keyring& keys, const PacketDocument& packet) {
  auto unsealed = lay_out(codepoints, keys, packet);
  for (const auto& seal : unsealed.seals) {
    switch (seal.kind) {
      case SealKind::checksum: write_checksum(unsealed.octets, seal); break;
      case SealKind::token: {
        Address paddr{};
        if (const auto hmac = token_hmac(keys, seal, paddr)) {
          write_token(unsealed.octets, seal, *hmac);
        } else {
          unsealed.faults.push_back(
              {fmt::format("layers[{}].secct.auth.token", seal.layer),
               fmt::format("no token key for Paddr {}: add a key or write secct.auth.token",
                           to_text(paddr))});
        }
        break;
      }
      case SealKind::ah: {
        KeyedSa sa(keys.sas[seal.sa]);
        seal_ah(unsealed.octets, seal, sa);
        break;
      }
      case SealKind::esp: {
        KeyedSa sa(keys.sas[seal.sa]);
        seal_esp(unsealed.octets, seal, sa);
        break;
      }
    }
  }
  return {std::move(unsealed.octets), std::move(unsealed.faults)};
}

}  // namespace secct::generator
