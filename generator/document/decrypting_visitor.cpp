// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/document/decrypting_visitor.hpp"

#include "ipsec/esp.hpp"

namespace secct::generator {

std::optional<std::uint8_t> DecryptingVisitor::on_esp(const FrameDatagram& in, const Header& header,
                                                      Octets& payload) {
  const auto head = ipsec_head(in.datagram, header);
  const auto* sa =
      head ? keys_.find(IpsecProtocol::esp, head->spi, in.datagram.destination) : nullptr;
  if (sa == nullptr || in.missing > 0) return std::nullopt;
  const auto decrypted = decrypt_esp(in.datagram.octets_of(header), *sa);
  if (decrypted.error != IpsecError::none) return std::nullopt;
  append(payload, decrypted.payload());
  return decrypted.next;
}

}  // namespace secct::generator
