// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/scenario_ahead.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

namespace secct {
namespace {

constexpr unsigned most_builders = 3;       // one thread takes packets no faster than so many build
constexpr std::size_t batch_packets = 256;  // handed over together
constexpr std::size_t most_batches = 8;     // that wait to be taken

// Packets behind one another.
struct Batch {
  Octets octets;
  std::vector<std::size_t> ends;
  std::exception_ptr trouble;  // behind the last one

  void clear() {
    octets.clear();
    ends.clear();
  }
};

}  // namespace

class ScenarioAhead::Builder {
 public:
  // Builds the packets of every mobile node whose number leaves `place` when divided by `places`.
  Builder(ScenarioRun run, std::uint32_t place, std::uint32_t places)
      : thread_([this, run = std::move(run), place, places](const std::stop_token& stop) mutable {
          build(run, place, places, stop);
        }) {}

  View next() {
    if (taken_ == current_.ends.size()) take();
    const auto begin = taken_ == 0 ? 0 : current_.ends[taken_ - 1];
    const auto end = current_.ends[taken_++];
    return View(current_.octets).subspan(begin, end - begin);
  }

 private:
  void take() {
    if (current_.trouble) std::rethrow_exception(current_.trouble);
    std::unique_lock lock(mutex_);
    spare_.push_back(std::move(current_));
    changed_.wait(lock, [&] { return !ready_.empty(); });
    current_ = std::move(ready_.front());
    ready_.pop_front();
    taken_ = 0;
    lock.unlock();
    changed_.notify_all();
    if (current_.ends.empty() && current_.trouble) std::rethrow_exception(current_.trouble);
  }

  void hand_over(Batch& batch, const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, stop, [&] { return ready_.size() < most_batches; });
    ready_.push_back(std::move(batch));
    batch = Batch();
    if (!spare_.empty()) {
      batch = std::move(spare_.back());
      spare_.pop_back();
      batch.clear();
    }
    lock.unlock();
    changed_.notify_all();
  }

  void build(ScenarioRun& run, std::uint32_t place, std::uint32_t places,
             const std::stop_token& stop) {
    Batch batch;
    try {
      while (!stop.stop_requested() && run.next()) {
        if (run.mobile_node() % places != place) continue;
        append(batch.octets, run.octets());
        batch.ends.push_back(batch.octets.size());
        if (batch.ends.size() == batch_packets) hand_over(batch, stop);
      }
    } catch (...) {
      batch.trouble = std::current_exception();
    }
    hand_over(batch, stop);
  }

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Batch> ready_;
  std::vector<Batch> spare_;
  Batch current_;
  std::size_t taken_ = 0;
  std::jthread thread_;  // last: it uses the others
};

ScenarioAhead::ScenarioAhead(const ScenarioRow& row, const Lab& lab, std::uint32_t handovers,
                             std::uint64_t seed)
    : schedule_(row, lab, handovers, seed) {
  const auto threads = std::clamp(std::thread::hardware_concurrency(), 1U, most_builders);
  const auto builders = std::min(threads, handovers);
  for (std::uint32_t i = 0; i < builders; ++i) {
    builders_.push_back(
        std::make_unique<Builder>(ScenarioRun(row, lab, handovers, seed), i, builders));
  }
}

ScenarioAhead::~ScenarioAhead() = default;

bool ScenarioAhead::next() {
  if (!schedule_.next()) return false;
  octets_ = builders_[schedule_.mobile_node() % builders_.size()]->next();
  return true;
}

}  // namespace secct
