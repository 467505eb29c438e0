// SPDX-License-Identifier: GPL-2.0-or-later
// Removes AH and ESP from any datagram, or encrypts and decrypts any payload. The first octet
// selects the algorithms of the SA, bit 0 of the second one what is done.
#include "ipsec/ah.hpp"
#include "ipsec/crypto.hpp"
#include "ipsec/esp.hpp"
#include "ipsec/keyed_sa.hpp"
#include "ipsec/redacted.hpp"
#include "network/datagram.hpp"
#include "tests/fuzz/input.hpp"

using namespace secct;
using namespace secct::ipsec;
using test::require;

namespace {

// An SA of each combination of algorithms; the keys are zeros.
Sa sa_of(unsigned choice, IpsecProtocol protocol) {
  constexpr Cipher ciphers[] = {Cipher::null, Cipher::des_cbc, Cipher::des3_cbc, Cipher::aes_cbc};
  Sa sa;
  sa.protocol = protocol;
  sa.auth = static_cast<AuthAlgorithm>(choice % 3);
  sa.auth_key = Octets(16);
  if (protocol == IpsecProtocol::ah) return sa;
  sa.cipher = ciphers[choice / 3 % std::size(ciphers)];
  Spt spt;
  spt.protocol = SptProtocol::esp;
  spt.algorithm = static_cast<std::uint8_t>(sa.cipher);
  sa.cipher_key = Octets(spt.key_length());
  return sa;
}

// Removes the AH and ESP headers of a datagram that may be wrong anywhere.
void decapsulate(View octets, unsigned choice) {
  const auto datagram = parse_partial_datagram(octets);
  if (!datagram) return;
  for (const auto& header : datagram->chain) {
    Decapsulated result;
    if (header.type == ip_proto::ah) {
      result = decapsulate_ah(*datagram, header, sa_of(choice, IpsecProtocol::ah));
    } else if (header.type == ip_proto::esp) {
      result = decapsulate_esp(*datagram, header, sa_of(choice, IpsecProtocol::esp));
    } else {
      continue;
    }
    require(result.error != IpsecError::none || result.datagram.size() <= octets.size(),
            "longer without the header", octets);
  }
}

// What was encrypted is the same after decryption; any other octet in the packet is an error of the
// ICV, if there is one.
void encrypt(View payload, unsigned choice) {
  constexpr std::uint32_t sequence = 7;
  const auto sa = sa_of(choice, IpsecProtocol::esp);
  auto packet = unencrypted_esp(sa, sequence, ip_proto::udp, payload);
  KeyedSa(sa).encrypt(packet.octets, packet.iv_octets, packet.iv_given, packet.plaintext_end);
  if (sa.auth != AuthAlgorithm::none) {
    const auto end = packet.octets.size() - icv_octets;
    const auto icv = icv_of(sa.auth, sa.auth_key, View(packet.octets).first(end));
    std::ranges::copy(icv, packet.octets.begin() + static_cast<std::ptrdiff_t>(end));
  }
  // Without an ICV, the end of the payload may look like one that `secct redact` has overwritten.
  if (is_redacted_icv(View(packet.octets).last(icv_octets))) return;
  const auto opened = decrypt_esp(packet.octets, sa);
  require(opened.error == IpsecError::none && opened.next == ip_proto::udp &&
              std::ranges::equal(opened.payload(), payload),
          "not what was encrypted", payload);
  if (sa.auth == AuthAlgorithm::none) return;
  packet.octets[(choice * 131U) % packet.octets.size()] ^= 1U;
  require(decrypt_esp(packet.octets, sa).error == IpsecError::icv, "a wrong ICV", payload);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t longest = 4096;
  if (size < 2 || size > longest) return 0;
  test::FuzzInput input(data, size);
  const auto choice = input.octet();
  const auto what = input.octet();
  const auto octets = input.copy(longest);
  if ((what & 1U) != 0) {
    encrypt(octets, choice);
  } else {
    decapsulate(octets, choice);
  }
  return 0;
}
