// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/router/router_process.hpp"

#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <map>
#include <memory>

#include <fmt/format.h>

#include "files/diagnostics.hpp"
#include "generator/transmit/port.hpp"
#include "network/datagram.hpp"
#include "protocol/explain/explain.hpp"
#include "replay/router/router.hpp"
#include "replay/wire/described_addresses.hpp"
#include "replay/wire/wire.hpp"

namespace secct::replay {
namespace {

std::string_view message_name(Message message) {
  return message == Message::none ? "none" : message_info(message).key;
}

// Delivers SIGTERM, SIGINT, SIGUSR1 and SIGUSR2 through a file descriptor; they are blocked as long
// as the object exists.
class SignalFd {
 public:
  SignalFd() {
    sigemptyset(&set_);
    for (const int number : {SIGTERM, SIGINT, SIGUSR1, SIGUSR2}) sigaddset(&set_, number);
    sigprocmask(SIG_BLOCK, &set_, &before_);
    fd_ = signalfd(-1, &set_, SFD_NONBLOCK | SFD_CLOEXEC);
    if (fd_ < 0)
      throw SetupError(fmt::format("cannot create a signal descriptor: {}", std::strerror(errno)));
  }
  ~SignalFd() {
    close(fd_);
    sigprocmask(SIG_SETMASK, &before_, nullptr);
  }
  SignalFd(const SignalFd&) = delete;
  SignalFd& operator=(const SignalFd&) = delete;

  int fd() const { return fd_; }
  std::optional<signalfd_siginfo> next() const {
    signalfd_siginfo info{};
    if (read(fd_, &info, sizeof info) != sizeof info) return std::nullopt;
    return info;
  }

 private:
  sigset_t set_{};
  sigset_t before_{};
  int fd_ = -1;
};

class RouterProcess {
 public:
  explicit RouterProcess(const RouterProcessOptions& options)
      : options_(options), wire_(wire_options()) {
    for (const auto& description : options_.descriptions) {
      auto& router = routers_.emplace_back(std::make_unique<Router>(
          description, options_.roles.empty() ? description.roles : options_.roles,
          options_.behaviour));
      for (const auto& address :
           {description.address, description.mn_address, description.ipv4_address}) {
        if (is_unspecified(address)) continue;
        const auto [entry, is_new] = by_address_.emplace(address, router.get());
        if (!is_new && entry->second != router.get()) {
          throw UsageError(
              fmt::format("{}: address {} belongs to another router of this process already",
                          description.name, to_text(address)));
        }
      }
      if (options_.log) {
        router->set_listener(
            [name = description.name](const RouterEvent& event) { log(name, event); });
      }
    }
  }

  void serve() {
    fmt::print("ready\n");
    std::fflush(stdout);
    while (!ended_) {
      if (auto received = wire_.receive(next_deadline())) {
        deliver(received->octets, received->time);
      }
      const auto now = wire_.now();
      for (auto& router : routers_) {
        if (router->deadline().value_or(UINT64_MAX) <= now) router->advance(now);
        send_all(*router);
      }
      while (const auto signal = signals_.next()) on_signal(*signal);
    }
    print_counters();
  }

 private:
  WireOptions wire_options() {
    WireOptions wire;
    wire.interface = options_.interface;
    wire.mn_interface = options_.mn_interface;
    wire.wake_fd = signals_.fd();
    wire.any_network = options_.any_network;
    wire.mtu = options_.descriptions.front().mtu;
    wire.ours = [this](const Address& address) { return by_address_.contains(address); };
    wire.to_mobile_side = [this](const Address&, const Address& destination) {
      return std::ranges::any_of(options_.descriptions, [&](const auto& description) {
        return is_mobile_address(description, destination);
      });
    };
    return wire;
  }

  Time next_deadline() const {
    Time first = UINT64_MAX;
    for (const auto& router : routers_) {
      first = std::min(first, router->deadline().value_or(UINT64_MAX));
    }
    return first;
  }

  void deliver(View datagram, Time time) {
    const auto ends = ip_addresses(datagram);
    const auto router = ends ? by_address_.find(ends->destination) : by_address_.end();
    if (router != by_address_.end()) router->second->receive(datagram, time);
  }

  void send_all(Router& router) {
    for (const auto& datagram : router.take()) wire_.send(datagram);
  }

  void on_signal(const signalfd_siginfo& signal) {
    switch (signal.ssi_signo) {
      case SIGUSR1: print_counters(); break;
      case SIGUSR2: trigger(signal); break;
      case SIGTERM:
      case SIGINT: ended_ = true; break;
      default: break;
    }
  }

  // The value of the signal is the number of the mobile node; without a value it is the next one.
  void trigger(const signalfd_siginfo& signal) {
    const auto number = signal.ssi_code == SI_QUEUE && signal.ssi_int > 0
                            ? static_cast<std::uint32_t>(signal.ssi_int)
                            : ++triggered_;
    for (auto& router : routers_) {
      if (router->trigger(number, wire_.now())) {
        send_all(*router);
        return;
      }
    }
    print_diagnostic("no router with role pr has mobile node {}\n", number);
  }

  // A line of key=value pairs (logfmt).
  static void log(const std::string& router, const RouterEvent& event) {
    std::string line =
        fmt::format("time={}.{:09} router={} outcome={} message={} source={}",
                    event.time / seconds(1), event.time % seconds(1), router, name(event.outcome),
                    message_name(event.message), to_text(event.source));
    if (event.paddr) line += fmt::format(" paddr={}", to_text(*event.paddr));
    if (event.status != 0) line += fmt::format(" status={}", event.status);
    if (!event.clause.empty()) line += fmt::format(" clause={}", event.clause);
    print_diagnostic("{} why=\"{}\"\n", line, event.why);
  }

  void print_counters() {
    for (std::size_t i = 0; i < routers_.size(); ++i) {
      print_diagnostic("{}: mobile-nodes {}", options_.descriptions[i].name,
                       routers_[i]->mobile_nodes());
      for (const auto& row : count_rows()) {
        print_diagnostic(", {} {}", row.name, routers_[i]->statistics()[row.id]);
      }
      print_diagnostic("\n");
    }
    const auto counters = wire_.counters();
    print_diagnostic(
        "datagrams: {} received, {} sent, {} dropped by the kernel, {} dropped without neighbor, "
        "{} "
        "fragments dropped, {} not sent to other networks\n",
        counters.received, counters.sent, counters.dropped_by_kernel, counters.dropped_unresolved,
        counters.dropped_fragments, counters.dropped_unsafe);
  }

  const RouterProcessOptions& options_;
  SignalFd signals_;
  std::map<Address, Router*> by_address_;
  std::vector<std::unique_ptr<Router>> routers_;
  Wire wire_;
  std::uint32_t triggered_ = 0;
  bool ended_ = false;
};

}  // namespace

void serve(const RouterProcessOptions& options) { RouterProcess(options).serve(); }

}  // namespace secct::replay
