// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/transmit/transmit.hpp"

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <pcap/pcap.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <vector>

#include <fmt/format.h>

#include "network/datagram.hpp"

namespace secct::generator {
namespace {

constexpr std::uint64_t second = 1'000'000'000;
// A sleep may end late by this time, so the rest of a waiting time is spent in a loop.
constexpr std::uint64_t sleep_slack = 80'000;
constexpr std::uint64_t progress_interval = second / 2;
constexpr std::size_t batch_frames = 128;
constexpr std::size_t batch_octets = 256 * 1024;
constexpr int send_buffer_octets = 8 << 20;

std::uint64_t clock_now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * second +
         static_cast<std::uint64_t>(time.tv_nsec);
}

// Frames in one buffer, which are sent together.
struct Batch {
  Octets octets;
  std::vector<std::size_t> ends;

  void add(View frame, const std::optional<MacAddress>& to) {
    const auto begin = octets.size();
    append(octets, frame);
    if (to && frame.size() >= to->size()) {
      std::ranges::copy(*to, octets.begin() + static_cast<std::ptrdiff_t>(begin));
    }
    ends.push_back(octets.size());
  }
  View frame(std::size_t i) const {
    const auto begin = i == 0 ? 0 : ends[i - 1];
    return View(octets).subspan(begin, ends[i] - begin);
  }
  void clear() {
    octets.clear();
    ends.clear();
  }
};

// Implemented for each SendBackend.
class FrameSender {
 public:
  FrameSender() = default;
  FrameSender(const FrameSender&) = delete;
  FrameSender& operator=(const FrameSender&) = delete;
  virtual ~FrameSender() = default;
  // Sends the frames and counts them as sent or refused.
  virtual void send(const Batch& batch, TransmitReport& report) = 0;
};

// Counts a frame that the kernel refused. Throws SetupError if the interface cannot send any frame.
void count_refused(const InterfaceInfo& info, int error, TransmitReport& report) {
  if (error != ENOBUFS && error != EMSGSIZE && error != EAGAIN && error != EINVAL) {
    throw SetupError(fmt::format("{}: {}", info.name, std::strerror(error)));
  }
  if (report.refused++ == 0) report.refusal = std::strerror(error);
}

class SocketSender : public FrameSender {
 public:
  explicit SocketSender(const InterfaceInfo& info) : info_(info) {
    // With protocol 0, the socket does not receive frames.
    fd_ = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    if (fd_ < 0) {
      throw SetupError(fmt::format("{}: {}", info.name,
                                   errno == EPERM ? privilege_help() : std::strerror(errno)));
    }
    setsockopt(fd_, SOL_SOCKET, SO_SNDBUF, &send_buffer_octets, sizeof send_buffer_octets);
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_ifindex = info.index;
    if (bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      const int error = errno;
      close(fd_);
      throw SetupError(fmt::format("{}: {}", info.name, std::strerror(error)));
    }
  }
  ~SocketSender() override { close(fd_); }
  SocketSender(const SocketSender&) = delete;
  SocketSender& operator=(const SocketSender&) = delete;

  void send(const Batch& batch, TransmitReport& report) override {
    const auto count = batch.ends.size();
    for (std::size_t i = 0; i < count; ++i) {
      const auto frame = batch.frame(i);
      parts_[i] = {const_cast<std::uint8_t*>(frame.data()), frame.size()};
      messages_[i] = {};
      messages_[i].msg_hdr.msg_iov = &parts_[i];
      messages_[i].msg_hdr.msg_iovlen = 1;
    }
    for (std::size_t done = 0; done < count;) {
      const int sent =
          sendmmsg(fd_, messages_.data() + done, static_cast<unsigned>(count - done), 0);
      if (sent > 0) {
        for (int i = 0; i < sent; ++i) report.octets += messages_[done++].msg_len;
        report.frames += static_cast<std::uint64_t>(sent);
      } else if (errno != EINTR) {
        count_refused(info_, errno, report);
        ++done;
      }
    }
  }

 private:
  const InterfaceInfo& info_;
  int fd_ = -1;
  std::array<iovec, batch_frames> parts_{};
  std::array<mmsghdr, batch_frames> messages_{};
};

class PcapSender : public FrameSender {
 public:
  explicit PcapSender(const InterfaceInfo& info) : info_(info), port_(info.name) {}

  void send(const Batch& batch, TransmitReport& report) override {
    for (std::size_t i = 0; i < batch.ends.size(); ++i) {
      const auto frame = batch.frame(i);
      if (port_.inject(frame)) {
        ++report.frames;
        report.octets += frame.size();
      } else {
        count_refused(info_, errno, report);
      }
    }
  }

 private:
  const InterfaceInfo& info_;
  Port port_;
};

}  // namespace

double TransmitReport::rate() const {
  // There are n - 1 intervals between n frames.
  return seconds > 0 && frames > 1 ? static_cast<double>(frames - 1) / seconds : 0;
}

struct Transmitter::State {
  explicit State(TransmitOptions given)
      : options(std::move(given)), info(interface_info(options.interface)) {
    if (options.backend == SendBackend::pcap) {
      sender = std::make_unique<PcapSender>(info);
      report.backend = "pcap_inject";
    } else {
      sender = std::make_unique<SocketSender>(info);
      report.backend = "sendmmsg";
    }
    batch.octets.reserve(batch_octets);
    batch.ends.reserve(batch_frames);
  }

  bool stopped() const {
    return options.stop != nullptr && options.stop->load(std::memory_order_relaxed);
  }

  // The time at which frame number `count` is due.
  std::uint64_t due(std::uint64_t time) const {
    if (options.rate) {
      if (*options.rate <= 0) return start;
      const auto first_of_burst = count / options.burst * options.burst;
      return start + static_cast<std::uint64_t>(static_cast<double>(first_of_burst) /
                                                *options.rate * static_cast<double>(second));
    }
    if (!first_time) return pass_start;
    return pass_start + (time > *first_time ? time - *first_time : 0);
  }

  // Returns false if `stop` is set in the meantime.
  bool wait_until(std::uint64_t moment) {
    for (;;) {
      if (stopped()) return false;
      const auto now = clock_now();
      if (now >= moment) return true;
      if (moment - now <= sleep_slack) continue;
      const auto until = std::min(moment - sleep_slack, now + progress_interval / 5);
      const timespec wake{static_cast<time_t>(until / second), static_cast<long>(until % second)};
      clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &wake, nullptr);
      report_progress(clock_now());
    }
  }

  void flush() {
    if (batch.ends.empty()) return;
    sender->send(batch, report);
    batch.clear();
    last = clock_now();
    report_progress(last);
  }

  void report_progress(std::uint64_t now) {
    if (!options.progress || now < last_progress + progress_interval) return;
    last_progress = now;
    options.progress(report.frames, static_cast<double>(now - start) / static_cast<double>(second));
  }

  TransmitOptions options;
  InterfaceInfo info;
  std::unique_ptr<FrameSender> sender;
  Batch batch;
  TransmitReport report;
  std::uint64_t count = 0;  // frames accepted so far
  std::uint64_t start = 0;
  std::uint64_t pass_start = 0;
  std::optional<std::uint64_t> first_time;  // of the frames since rewind()
  std::uint64_t last = 0;                   // when frames were sent
  std::uint64_t last_progress = 0;
};

Transmitter::Transmitter(TransmitOptions options)
    : state_(std::make_unique<State>(std::move(options))) {}

Transmitter::~Transmitter() = default;

const InterfaceInfo& Transmitter::info() const { return state_->info; }

bool Transmitter::send(View frame, std::uint64_t time) {
  auto& s = *state_;
  const auto now = clock_now();
  if (s.count == 0) s.start = s.pass_start = s.last_progress = now;
  const auto due = s.due(time);
  if (!s.first_time) s.first_time = time;
  const auto end =
      s.options.duration
          ? s.start + static_cast<std::uint64_t>(*s.options.duration * static_cast<double>(second))
          : UINT64_MAX;
  if (s.stopped() || now >= end) return false;
  if (due > now) {
    s.flush();
    const bool over = due >= end;
    if (!s.wait_until(std::min(due, end)) || over) return false;
  }
  if (s.batch.ends.size() == batch_frames || s.batch.octets.size() + frame.size() > batch_octets) {
    s.flush();
  }
  s.batch.add(frame, s.options.to);
  ++s.count;
  return true;
}

void Transmitter::rewind() {
  auto& s = *state_;
  s.flush();
  s.pass_start = clock_now();
  s.first_time.reset();
}

TransmitReport Transmitter::finish() {
  auto& s = *state_;
  s.flush();
  s.report.seconds =
      s.last > s.start ? static_cast<double>(s.last - s.start) / static_cast<double>(second) : 0;
  return s.report;
}

}  // namespace secct::generator
