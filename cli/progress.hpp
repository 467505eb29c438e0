// SPDX-License-Identifier: GPL-2.0-or-later
// A line on the terminal that tells how far something is. Nothing is printed where standard error
// is no terminal, and nothing is left of it in the end.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "cli/namespace.hpp"

namespace secct::cli {

class Progress {
 public:
  explicit Progress(std::string what = {});  // "cases"

  // "`done` of `all` cases", at most ten times a second. `all` 0: not known.
  void operator()(std::size_t done, std::size_t all) const;
  void show(std::string_view text) const;  // another text, as often
  void wipe() const;                       // before something else is printed

 private:
  struct Line;
  std::shared_ptr<Line> line_;  // null: no terminal. The last copy wipes the line.
};

}  // namespace secct::cli
