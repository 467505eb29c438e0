// SPDX-License-Identifier: GPL-2.0-or-later
// The SAs for the AH and ESP headers of a capture: those of a router description, and those that
// messages of the capture transfer.
#pragma once

#include "conversation/known_sas.hpp"
#include "conversation/sequence_numbers.hpp"
#include "generator/description/router_description.hpp"
#include "replay/namespace.hpp"

namespace secct::replay {

class CaptureKeys {
 public:
  // `description` may be nullptr; it must outlive this object. The SAs of `most` handovers are
  // remembered.
  CaptureKeys(const RouterDescription* description, std::size_t most);

  // A SaFinder (replay/inspect/inspected_frame.hpp).
  const Sa* find(IpsecProtocol protocol, std::uint32_t spi, const Address& source,
                 const Address& destination);
  // The replay window with which a relocated SA begins; nullptr if the SA is another one.
  const ReplayWindow* window(const conversation::IpsecHeader& header);
  void learn(const DecodedMessage& decoded, std::uint32_t handover, std::uint64_t frame) {
    sas_.learn(decoded, handover, frame);
  }

 private:
  const Sa* find_configured(IpsecProtocol protocol, std::uint32_t spi, const Address& source,
                            const Address& destination);

  const RouterDescription* description_;
  conversation::KnownSas sas_;
  Sa configured_;  // result of find_configured()
};

}  // namespace secct::replay
