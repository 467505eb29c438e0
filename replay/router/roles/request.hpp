// SPDX-License-Identifier: GPL-2.0-or-later
// The request of a mobile node (SecCT-req, forms R1 to R4) and the SAs that answer it
// (docs/behaviour.md 3.2).
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "generator/description/router_description.hpp"
#include "protocol/decode/decoded_message.hpp"
#include "replay/namespace.hpp"
#include "replay/router/overrides/behaviour_override.hpp"

namespace secct::replay {

struct Request {
  struct RequestedSa {
    bool esp;
    std::uint32_t spi;
  };

  unsigned form = 0;  // 1 to 4: R1 to R4
  std::optional<Address> source;
  std::optional<Address> destination;
  std::optional<std::uint32_t> source_id;
  std::optional<std::uint32_t> destination_id;
  std::vector<RequestedSa> sas;
  std::vector<std::uint16_t> ports;
};

// Each SecCT-req of a P-SHIN, or after AuthPrtr of a SHREQ, in order. A P-SHIN without SecCT-req
// has one R1 (wire-format D23); a SHREQ without it has none.
std::vector<Request> read_requests(const DecodedMessage& decoded);

// The contexts that all requests of a message ask for together (wire-format D22): in the requested
// order, each once; or the status that refuses them. If several statuses apply, it is the one of
// the first row of behaviour.md section 4.
struct FoundContexts {
  std::uint8_t status;
  std::vector<Context> contexts;
};
// `sas`: all SAs of the mobile node. Those of types 1 and 2 are not transferable (behaviour.md 6).
FoundContexts find_contexts(std::span<const Request> requests, std::span<const MobileNodeSa> sas,
                            const BehaviourOverride& behaviour);

}  // namespace secct::replay
