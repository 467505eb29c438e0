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

constexpr unsigned most_builders = 3;         // more outrun the thread that takes the packets
constexpr std::size_t window_packets = 4096;  // scheduled together
constexpr std::size_t most_windows = 3;       // scheduled ahead

// The packets of a window that one builder built.
struct Part {
  Octets octets;                  // of all packets
  std::vector<std::size_t> ends;  // of each packet in `octets`
  std::size_t taken = 0;          // packets
  std::exception_ptr error;       // why the packet after the last one could not be built

  void clear() {
    octets.clear();
    ends.clear();
    taken = 0;
  }

  View next() {
    if (taken == ends.size()) std::rethrow_exception(error);
    const auto begin = taken == 0 ? 0 : ends[taken - 1];
    return View(octets).subspan(begin, ends[taken++] - begin);
  }
};

// Consecutive packets of the schedule.
struct Window {
  std::vector<ScheduledPacket> packets;
  std::vector<Part> parts;  // of each builder
  std::size_t built = 0;    // parts that are complete
};

}  // namespace

// The thread that takes the packets advances the schedule. Each builder builds the packets of its
// mobile nodes, so that the keys of a mobile node are set up once.
class ScenarioPrefetch::Workers {
 public:
  Workers(const Schedule& schedule, std::vector<ScenarioRun> runs) : schedule_(schedule) {
    const auto builders = runs.size();
    for (std::size_t i = 0; i < most_windows; ++i) {
      spare_.emplace_back().parts.resize(builders);
      schedule_window();
    }
    for (std::size_t builder = 0; builder < builders; ++builder) {
      builders_.emplace_back(
          [this, builder, run = std::move(runs[builder])](const std::stop_token& stop) mutable {
            work(run, builder, stop);
          });
    }
  }

  // The next packet; nullptr after the last one.
  const ScheduledPacket* next() {
    if (!windows_.empty() && taken_ == windows_.front().packets.size()) reuse_first();
    if (windows_.empty()) return nullptr;
    if (taken_ == 0) wait_for_first();
    return &windows_.front().packets[taken_++];
  }

  // The octets of the packet that next() returned.
  View octets(const ScheduledPacket& packet) {
    auto& parts = windows_.front().parts;
    return parts[packet.handover % parts.size()].next();
  }

 private:
  // Schedules another window, unless all packets are scheduled.
  void schedule_window() {
    auto window = std::move(spare_.back());
    spare_.pop_back();
    window.packets.clear();
    window.built = 0;
    for (auto& part : window.parts) part.clear();
    while (window.packets.size() < window_packets && schedule_.next()) {
      window.packets.push_back(schedule_.current());
    }
    if (window.packets.empty()) return;
    {
      const std::lock_guard lock(mutex_);
      windows_.push_back(std::move(window));
    }
    changed_.notify_all();
  }

  // Reuses the memory of the first window, of which all packets were taken.
  void reuse_first() {
    {
      const std::lock_guard lock(mutex_);
      spare_.push_back(std::move(windows_.front()));
      windows_.pop_front();
      ++first_;
    }
    taken_ = 0;
    schedule_window();
  }

  void wait_for_first() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return windows_.front().built == builders_.size(); });
  }

  void work(ScenarioRun& run, std::size_t builder, const std::stop_token& stop) {
    for (std::size_t number = 0;; ++number) {
      std::unique_lock lock(mutex_);
      if (!changed_.wait(lock, stop, [&] { return number < first_ + windows_.size(); })) return;
      auto& window = windows_[number - first_];  // not reused before all its parts are built
      lock.unlock();
      build(run, window, builder);
      lock.lock();
      ++window.built;
      lock.unlock();
      changed_.notify_all();
    }
  }

  static void build(ScenarioRun& run, Window& window, std::size_t builder) {
    auto& part = window.parts[builder];
    try {
      for (const auto& packet : window.packets) {
        if (packet.handover % window.parts.size() != builder) continue;
        run.go_to(packet);
        append(part.octets, run.octets());
        part.ends.push_back(part.octets.size());
      }
    } catch (...) {
      part.error = std::current_exception();
    }
  }

  Schedule schedule_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Window> windows_;  // in the order of the schedule
  std::size_t first_ = 0;       // number of the first one, counted from the start
  std::size_t taken_ = 0;       // packets taken from the first one
  std::vector<Window> spare_;
  std::vector<std::jthread> builders_;  // last, because the threads use the other members
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
  const auto* packet = workers_->next();
  if (packet == nullptr) return false;
  run_.go_to(*packet);
  octets_ = workers_->octets(*packet);
  return true;
}

}  // namespace secct::generator
