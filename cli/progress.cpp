// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/progress.hpp"

#include <unistd.h>

#include <cstdio>

#include <fmt/format.h>

#include "files/diagnostics.hpp"

namespace secct::cli {

struct Progress::Line {
  std::string unit;
  std::chrono::steady_clock::time_point next{};
  bool printed = false;

  explicit Line(std::string name) : unit(std::move(name)) {}
  ~Line() { clear(); }
  void clear() {
    if (printed) std::fputs("\r\033[K", stderr);
    printed = false;
  }
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;
};

Progress::Progress(std::string unit) {
  if (isatty(STDERR_FILENO) == 1) line_ = std::make_shared<Line>(std::move(unit));
}

void Progress::operator()(std::size_t done, std::size_t all) const {
  if (!line_) return;
  const auto of = all == 0 ? std::string() : fmt::format(" of {}", all);
  show(fmt::format("{}{} {}", done, of, line_->unit));
}

void Progress::show(std::string_view text) const {
  if (!line_) return;
  const auto now = std::chrono::steady_clock::now();
  if (now < line_->next) return;
  line_->next = now + std::chrono::milliseconds(100);
  print_diagnostic("\r{}\033[K", text);
  std::fflush(stderr);
  line_->printed = true;
}

void Progress::clear() const {
  if (line_) line_->clear();
}

}  // namespace secct::cli
