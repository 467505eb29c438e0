// SPDX-License-Identifier: GPL-2.0-or-later
// A progress line on standard error. Prints only if standard error is a terminal, and clears the
// line at the end.
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
  explicit Progress(std::string unit = {});  // what is counted: "cases"

  // Shows "`done` of `all` cases", or "`done` cases" if `all` is 0, at most ten times per second.
  void operator()(std::size_t done, std::size_t all) const;
  void show(std::string_view text) const;  // shows another text, at most ten times per second
  void clear() const;                      // call before other output

 private:
  struct Line;
  std::shared_ptr<Line> line_;  // null without a terminal; shared by copies
};

}  // namespace secct::cli
