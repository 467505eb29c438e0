// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/interrupt.hpp"

#include <csignal>

namespace secct::cli {
namespace {

std::atomic<bool> interrupted_flag{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler sets it");

void on_signal(int) { interrupted_flag.store(true, std::memory_order_relaxed); }

}  // namespace

InterruptHandler::InterruptHandler() {
  interrupted_flag = false;
  previous_interrupt_ = std::signal(SIGINT, on_signal);
  previous_terminate_ = std::signal(SIGTERM, on_signal);
}

InterruptHandler::~InterruptHandler() {
  std::signal(SIGINT, previous_interrupt_);
  std::signal(SIGTERM, previous_terminate_);
}

const std::atomic<bool>& InterruptHandler::flag() const { return interrupted_flag; }

}  // namespace secct::cli
