// SPDX-License-Identifier: GPL-2.0-or-later
// The SAs available to a check: the SAs of a router description, and the SAs that the capture
// itself transfers.
#pragma once

#include "generator/description/router_description.hpp"
#include "replay/check/handovers.hpp"
#include "replay/namespace.hpp"

namespace secct::replay {

class CheckKeys {
 public:
  // All references must outlive the object; `description` may be nullptr.
  CheckKeys(const CodePoints& codepoints, const RouterDescription* description,
            HandoverTable& handovers);

  // The SA of an AH or ESP header; nullptr if there is none. Valid until the next call.
  const Sa* find(IpsecProtocol protocol, std::uint32_t spi, const Address& source,
                 const Address& destination);

 private:
  const Sa* transferred(IpsecProtocol protocol, std::uint32_t spi, const Address& source,
                        const Address& destination);
  const Sa* configured(IpsecProtocol protocol, std::uint32_t spi, const Address& source,
                       const Address& destination);
  void learn(TrackedHandover& handover);

  const CodePoints& codepoints_;
  const RouterDescription* description_;
  HandoverTable& handovers_;
  Keyring router_keys_;
  DecodedMessage decoded_;
  Sa found_;
};

}  // namespace secct::replay
