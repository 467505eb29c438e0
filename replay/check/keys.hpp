// SPDX-License-Identifier: GPL-2.0-or-later
// The SAs and token keys that a check knows: those of a router description, and those that the
// capture itself hands over.
#pragma once

#include "generator/description/router_description.hpp"
#include "replay/check/handovers.hpp"
#include "replay/namespace.hpp"

namespace secct::replay {

class CheckKeys {
 public:
  // `description` may be nullptr.
  CheckKeys(const CodePoints& codepoints, const RouterDescription* description,
            HandoverTable& flows);

  // Nullptr when the SA is not known; else good until the next call.
  const Sa* find(IpsecProtocol protocol, std::uint32_t spi, const Address& source,
                 const Address& destination);

 private:
  const Sa* transferred(IpsecProtocol protocol, std::uint32_t spi, const Address& source,
                        const Address& destination);
  const Sa* configured(IpsecProtocol protocol, std::uint32_t spi, const Address& source,
                       const Address& destination);
  void learn(Flow& flow);

  const CodePoints& codepoints_;
  const RouterDescription* description_;
  HandoverTable& flows_;
  Keyring routers_;
  DecodedMessage decoded_;
  Sa found_;
};

}  // namespace secct::replay
