// SPDX-License-Identifier: GPL-2.0-or-later
// What a mobile node asks for (SecCT-req) and which of its SAs answer it (docs/behaviour.md 3.2).
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
  struct Wanted {
    bool esp;
    std::uint32_t spi;
  };

  unsigned form = 0;  // 1 to 4
  std::optional<Address> source;
  std::optional<Address> destination;
  std::optional<std::uint32_t> source_id;
  std::optional<std::uint32_t> destination_id;
  std::vector<Wanted> sas;
  std::vector<std::uint16_t> ports;
};

// The request of a SHREQ (the first SecCT-req behind AuthPrtr) or of a P-SHIN (the first one).
// Nothing when there is none.
std::optional<Request> read_request(const DecodedMessage& decoded);

// The SAs that are asked for, in the order asked, each once; or the status that refuses them.
struct Found {
  std::uint8_t status;
  std::vector<Context> contexts;
};
Found find_contexts(const Request& request, std::span<const MobileNodeSa> sas,
                    const BehaviourOverride& behaviour);

}  // namespace secct::replay
