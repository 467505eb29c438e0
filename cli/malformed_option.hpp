// SPDX-License-Identifier: GPL-2.0-or-later
// The options of `secct generate` that insert malformed packets.
#pragma once

#include <set>
#include <string>

#include <CLI/CLI.hpp>

#include "cli/namespace.hpp"
#include "generator/malformed/inject.hpp"

namespace secct::cli {

class MalformedOption {
 public:
  void add_to(CLI::App& app);
  bool given() const { return !selection_.empty(); }

  // Returns the injector for a scenario that has these messages (by catalogue names) and sets
  // `handovers` to the number that it needs, one for each malformed packet. `seed` is that of
  // --seed. UsageError for an unknown name, or a packet that the scenario cannot have.
  Injector injector(const RouterDescription& description, const std::set<std::string>& messages,
                    std::uint64_t seed, std::uint32_t& handovers) const;

 private:
  std::string selection_;      // --malformed
  std::uint32_t count_ = 100;  // --count
};

}  // namespace secct::cli
