// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/tester/pace.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace secct::replay {
namespace {

constexpr int burst = 16;            // packets
constexpr std::size_t window = 32;   // cases that case_ended() looks at
constexpr std::size_t too_many = 8;  // unanswered ones among them
constexpr std::size_t repeated_jobs = 4;
constexpr std::size_t least_jobs = 4;
constexpr double least_rate = 50;
// For limits that were not set: those of the first reduction.
constexpr std::size_t first_jobs = 32;
constexpr double first_rate = 500;

}  // namespace

bool Pace::may_start(std::size_t active, bool repeated) const {
  if (repeated && active >= repeated_jobs) return false;
  return jobs_ == 0 || active < jobs_;
}

Time Pace::next_packet() const {
  if (rate_ <= 0) return 0;
  const auto credit = static_cast<Time>((burst - 1) / rate_ * 1e9);
  return next_ > credit ? next_ - credit : 0;
}

void Pace::packet_sent(Time now) {
  if (rate_ <= 0) return;
  next_ = std::max(next_, now) + static_cast<Time>(1e9 / rate_);
}

void Pace::case_ended(bool unanswered) {
  recent_.push_back(unanswered);
  if (recent_.size() > window) recent_.pop_front();
  if (static_cast<std::size_t>(std::ranges::count(recent_, true)) < too_many) return;
  recent_.clear();
  slow_down();
}

void Pace::slow_down() {
  const auto jobs = jobs_ == 0 ? first_jobs : std::max(jobs_ / 2, std::min(jobs_, least_jobs));
  const auto rate = rate_ <= 0 ? first_rate : std::max(rate_ / 2, std::min(rate_, least_rate));
  if (jobs == jobs_ && rate == rate_) return;
  jobs_ = jobs;
  rate_ = rate;
  ++reductions_;
}

std::string Pace::text() const {
  const auto jobs = jobs_ == 0
                        ? std::string("any number of cases in flight")
                        : fmt::format("at most {} case{} in flight", jobs_, jobs_ == 1 ? "" : "s");
  const auto rate =
      rate_ <= 0 ? std::string("any rate") : fmt::format("at most {:.0f} packets/s", rate_);
  const auto reduced = reductions_ == 0
                           ? std::string()
                           : fmt::format(" (reduced {} time{}, because many cases had no answer)",
                                         reductions_, reductions_ == 1 ? "" : "s");
  return fmt::format("{}, {}{}", jobs, rate, reduced);
}

}  // namespace secct::replay
