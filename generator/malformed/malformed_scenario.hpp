// SPDX-License-Identifier: GPL-2.0-or-later
// A scenario with malformed packets among its own, packet by packet.
#pragma once

#include <deque>
#include <string>

#include "generator/malformed/inject.hpp"
#include "generator/namespace.hpp"
#include "generator/scenario/scenario.hpp"

namespace secct::generator {

class MalformedScenario {
 public:
  // As ScenarioRun.
  MalformedScenario(const ScenarioRow& row, const RouterDescription& description,
                    std::uint32_t handovers, std::uint64_t seed, Injector injector)
      : codepoints_(description.codepoints),
        run_(row, description, handovers, seed),
        injector_(std::move(injector)) {}

  // On to the next packet; false behind the last one. UsageError as Injector::add().
  bool next();

  // The packet that next() came to.
  const PacketDocument& document() const { return packets_.front(); }
  std::uint64_t time() const { return document().time; }
  const std::string& comment() const { return document().comment; }
  // UsageError when it cannot be built.
  Octets octets() const;

 private:
  const CodePoints& codepoints_;
  ScenarioRun run_;
  Injector injector_;
  std::deque<PacketDocument> packets_;  // the current one, and those around the same valid one
  Keyring keys_;                        // of these
};

}  // namespace secct::generator
