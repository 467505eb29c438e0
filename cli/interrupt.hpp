// SPDX-License-Identifier: GPL-2.0-or-later
// Ctrl-C and SIGTERM where something must be brought to its end first.
#pragma once

#include <atomic>

#include "cli/namespace.hpp"

namespace secct::cli {

// While one lives, SIGINT and SIGTERM only raise its flag; then they do again what they did before.
// One at a time.
class Interruptible {
 public:
  Interruptible();
  ~Interruptible();
  Interruptible(const Interruptible&) = delete;
  Interruptible& operator=(const Interruptible&) = delete;

  const std::atomic<bool>& flag() const;
  bool interrupted() const { return flag().load(std::memory_order_relaxed); }

 private:
  void (*old_interrupt_)(int);
  void (*old_terminate_)(int);
};

}  // namespace secct::cli
