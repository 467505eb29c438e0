// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/scenario/prefetch.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace secct::generator {
namespace {

constexpr unsigned most_builders = 3;  // one thread takes packets no faster than so many build
constexpr std::size_t window_packets = 4096;  // scheduled together
constexpr std::size_t most_windows = 3;       // scheduled and not yet taken

// What one builder has built of a window.
struct Part {
  Octets octets;
  std::vector<std::size_t> ends;  // of its packets
  std::size_t taken = 0;
  std::exception_ptr trouble;  // behind the last one

  void clear() {
    octets.clear();
    ends.clear();
    taken = 0;
  }

  View next() {
    if (taken == ends.size()) std::rethrow_exception(trouble);
    const auto begin = taken == 0 ? 0 : ends[taken - 1];
    return View(octets).subspan(begin, ends[taken++] - begin);
  }
};

// Packets behind one another in the schedule.
struct Window {
  std::vector<Moment> moments;
  std::vector<Part> parts;  // of each builder
  std::size_t built = 0;    // of the parts
};

}  // namespace

// The schedule is kept by the thread that takes the packets. Each builder builds those of its own
// mobile nodes, so that the keys of each are set up once.
class ScenarioPrefetch::Workers {
 public:
  Workers(const Schedule& schedule, std::vector<ScenarioRun> runs) : schedule_(schedule) {
    const auto builders = runs.size();
    for (std::size_t i = 0; i < most_windows; ++i) {
      spare_.emplace_back().parts.resize(builders);
      plan();
    }
    for (std::size_t place = 0; place < builders; ++place) {
      builders_.emplace_back([this, place, run = std::move(runs[place])](
                                 const std::stop_token& stop) mutable { work(run, place, stop); });
    }
  }

  // The next packet's moment; nullptr behind the last one.
  const Moment* next() {
    if (!windows_.empty() && taken_ == windows_.front().moments.size()) give_back();
    if (windows_.empty()) return nullptr;
    if (taken_ == 0) wait_for_first();
    return &windows_.front().moments[taken_++];
  }

  View octets(const Moment& moment) {
    auto& parts = windows_.front().parts;
    return parts[moment.handover % parts.size()].next();
  }

 private:
  // One window more, unless the schedule is at its end.
  void plan() {
    auto window = std::move(spare_.back());
    spare_.pop_back();
    window.moments.clear();
    window.built = 0;
    for (auto& part : window.parts) part.clear();
    while (window.moments.size() < window_packets && schedule_.next()) {
      window.moments.push_back(schedule_.now());
    }
    if (window.moments.empty()) return;
    {
      const std::lock_guard lock(mutex_);
      windows_.push_back(std::move(window));
    }
    changed_.notify_all();
  }

  void give_back() {
    {
      const std::lock_guard lock(mutex_);
      spare_.push_back(std::move(windows_.front()));
      windows_.pop_front();
      ++first_;
    }
    taken_ = 0;
    plan();
  }

  void wait_for_first() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return windows_.front().built == builders_.size(); });
  }

  void work(ScenarioRun& run, std::size_t place, const std::stop_token& stop) {
    for (std::size_t number = 0;; ++number) {
      std::unique_lock lock(mutex_);
      if (!changed_.wait(lock, stop, [&] { return number < first_ + windows_.size(); })) return;
      auto& window = windows_[number - first_];  // stays there until its parts are built
      lock.unlock();
      build(run, window, place);
      lock.lock();
      ++window.built;
      lock.unlock();
      changed_.notify_all();
    }
  }

  static void build(ScenarioRun& run, Window& window, std::size_t place) {
    auto& part = window.parts[place];
    try {
      for (const auto& moment : window.moments) {
        if (moment.handover % window.parts.size() != place) continue;
        run.go_to(moment);
        append(part.octets, run.octets());
        part.ends.push_back(part.octets.size());
      }
    } catch (...) {
      part.trouble = std::current_exception();
    }
  }

  Schedule schedule_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Window> windows_;  // in their order; the first one is being taken
  std::size_t first_ = 0;       // its number
  std::size_t taken_ = 0;       // of its packets
  std::vector<Window> spare_;
  std::vector<std::jthread> builders_;  // last: they use the others
};

ScenarioPrefetch::ScenarioPrefetch(const ScenarioRow& row, const RouterDescription& description,
                                   std::uint32_t handovers, std::uint64_t seed)
    : run_(row, description, handovers, seed) {
  const auto threads = std::clamp(std::thread::hardware_concurrency(), 1U, most_builders);
  std::vector<ScenarioRun> runs;
  for (std::uint32_t i = 0; i < std::min(threads, handovers); ++i) {
    runs.emplace_back(row, description, handovers, seed);
  }
  workers_ = std::make_unique<Workers>(run_.schedule(), std::move(runs));
}

ScenarioPrefetch::~ScenarioPrefetch() = default;

bool ScenarioPrefetch::next() {
  const auto* moment = workers_->next();
  if (moment == nullptr) return false;
  run_.go_to(*moment);
  octets_ = workers_->octets(*moment);
  return true;
}

}  // namespace secct::generator
