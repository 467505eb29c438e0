// SPDX-License-Identifier: GPL-2.0-or-later
// `generate --malformed`: which malformed packets go among the valid ones, and how many handovers
// they take.
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
  bool given() const { return !what_.empty(); }

  // What to inject into handovers that have these messages. `handovers` becomes as many as it
  // takes, one for each packet; `seed` is that of --seed. UsageError for a name that is none.
  Injector injector(const RouterDescription& description, const std::set<std::string>& messages,
                    std::uint64_t seed, std::uint32_t& handovers) const;

 private:
  std::string what_;
  std::uint32_t count_ = 100;
};

}  // namespace secct::cli
