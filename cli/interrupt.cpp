// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/interrupt.hpp"

#include <csignal>

namespace secct::cli {
namespace {

std::atomic<bool> raised{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler sets it");

void on_signal(int) { raised.store(true, std::memory_order_relaxed); }

}  // namespace

Interruptible::Interruptible() {
  raised = false;
  old_interrupt_ = std::signal(SIGINT, on_signal);
  old_terminate_ = std::signal(SIGTERM, on_signal);
}

Interruptible::~Interruptible() {
  std::signal(SIGINT, old_interrupt_);
  std::signal(SIGTERM, old_terminate_);
}

const std::atomic<bool>& Interruptible::flag() const { return raised; }

}  // namespace secct::cli
