// SPDX-License-Identifier: GPL-2.0-or-later
// The words of a case that stand for values of its handover: $naddr, $spi1, $token1
// (docs/cases.md).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "replay/namespace.hpp"
#include "replay/tester/mobile_node.hpp"

namespace secct::replay {

// What earlier steps left behind.
struct Memory {
  // The mobile node's request as it was sent: the SHIN's destination option, or the extension.
  struct {
    Carrier carrier = Carrier::dstopt;
    Octets octets;
  } request;
  Octets features;                          // the sub-options of the P-SHIN, without Pad1
  std::optional<std::uint64_t> identifier;  // of the last message sent
  std::vector<std::uint32_t> tokens;        // of the messages sent
  std::uint32_t ah_sequence = 0;            // of the last AH sent
};

struct VariableContext {
  const Handover& handover;
  const Mobile& mobile;
  const Memory& memory;
};

// `text` itself when it is no word, else the value or values that it stands for. UsageError for an
// unknown word and for one that has no value here.
std::vector<std::string> values_of(const std::string& text, const VariableContext& context);

// Every word of the second kind, with the form in which it is written ("$spi1"), and what it stands
// for.
struct VariableHelp {
  std::string_view form;
  std::string_view what;
};
std::vector<VariableHelp> words();

}  // namespace secct::replay
