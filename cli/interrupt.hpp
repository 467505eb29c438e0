// SPDX-License-Identifier: GPL-2.0-or-later
// Lets a subcommand finish its work after Ctrl-C or SIGTERM.
#pragma once

#include <atomic>

#include "cli/namespace.hpp"

namespace secct::cli {

// While an object exists, SIGINT and SIGTERM only set its flag. The destructor restores the
// previous handlers. Only one object may exist at a time.
class InterruptHandler {
 public:
  InterruptHandler();
  ~InterruptHandler();
  InterruptHandler(const InterruptHandler&) = delete;
  InterruptHandler& operator=(const InterruptHandler&) = delete;

  const std::atomic<bool>& flag() const;
  bool interrupted() const { return flag().load(std::memory_order_relaxed); }

 private:
  void (*previous_interrupt_)(int);
  void (*previous_terminate_)(int);
};

}  // namespace secct::cli
