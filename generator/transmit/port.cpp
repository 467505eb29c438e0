// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/transmit/port.hpp"

#include <ifaddrs.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace secct::generator {
namespace {

constexpr int buffer_octets = 32 << 20;  // of the kernel, for bursts of about 10,000 frames
// The kernel reserves the snapshot length for each frame in the buffer, so it must not be larger
// than a frame of the interface: its MTU and this link layer.
constexpr int link_octets = 22;  // Ethernet and two VLAN tags
constexpr int least_snapshot_octets = 2048;

struct Socket {
  int fd;
  explicit Socket(int number) : fd(number) {}
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() {
    if (fd >= 0) close(fd);
  }
};

std::vector<std::string> interface_names() {
  std::vector<std::string> names;
  auto* list = if_nameindex();
  if (list == nullptr) return names;
  for (auto* entry = list; entry->if_index != 0; ++entry) names.emplace_back(entry->if_name);
  if_freenameindex(list);
  return names;
}

// Frames that the interface received and the kernel dropped before any socket saw them, modulo
// 2^32. libpcap reads this number in /sys, which shows the interfaces of another network namespace
// unless it was mounted in this one.
std::uint32_t dropped_by_interface(const std::string& name) {
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return 0;
  std::uint32_t dropped = 0;
  for (const auto* entry = list; entry != nullptr; entry = entry->ifa_next) {
    if (entry->ifa_addr == nullptr || entry->ifa_addr->sa_family != AF_PACKET ||
        entry->ifa_data == nullptr || name != entry->ifa_name) {
      continue;
    }
    rtnl_link_stats counters{};
    std::memcpy(&counters, entry->ifa_data, sizeof(counters));
    dropped = counters.rx_dropped + counters.rx_missed_errors;
  }
  freeifaddrs(list);
  return dropped;
}

}  // namespace

std::string privilege_help() {
  return "no permission to open a raw socket (CAP_NET_RAW): run secct as root, or grant the "
         "capability once: sudo setcap cap_net_raw+ep \"$(command -v secct)\"";
}

InterfaceInfo interface_info(const std::string& name) {
  InterfaceInfo info;
  info.name = name;
  info.index = static_cast<int>(if_nametoindex(name.c_str()));
  if (info.index == 0 || name.size() >= IFNAMSIZ) {
    throw SetupError(fmt::format("{}: no such interface; there are {}", name,
                                 fmt::join(interface_names(), ", ")));
  }
  const Socket query(socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (query.fd < 0) throw SetupError(fmt::format("{}: {}", name, std::strerror(errno)));
  ifreq request{};
  name.copy(request.ifr_name, IFNAMSIZ - 1);
  const auto query_kernel = [&](unsigned long request_code) {
    if (ioctl(query.fd, request_code, &request) != 0) {
      throw SetupError(fmt::format("{}: {}", name, std::strerror(errno)));
    }
  };
  query_kernel(SIOCGIFFLAGS);
  if ((static_cast<unsigned>(request.ifr_flags) & IFF_UP) == 0) {
    throw SetupError(
        fmt::format("{0}: the interface is down; bring it up with 'ip link set {0} up'", name));
  }
  query_kernel(SIOCGIFHWADDR);
  const auto type = request.ifr_hwaddr.sa_family;
  if (type != ARPHRD_ETHER && type != ARPHRD_LOOPBACK) {
    throw SetupError(
        fmt::format("{}: not an Ethernet interface (ARP hardware type {})", name, type));
  }
  std::memcpy(info.mac.data(), request.ifr_hwaddr.sa_data, info.mac.size());
  query_kernel(SIOCGIFMTU);
  info.mtu = static_cast<std::uint32_t>(request.ifr_mtu);
  return info;
}

struct Port::State {
  InterfaceInfo info;
  pcap_t* pcap = nullptr;
  int fd = -1;
  std::uint32_t dropped_before = 0;  // by the interface, before it was opened

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (pcap != nullptr) pcap_close(pcap);
  }

  void require(int status) const {
    if (status != 0) throw SetupError(fmt::format("{}: {}", info.name, pcap_statustostr(status)));
  }

  void open() {
    std::array<char, PCAP_ERRBUF_SIZE> error{};
    pcap = pcap_create(info.name.c_str(), error.data());
    if (pcap == nullptr) throw SetupError(fmt::format("{}: {}", info.name, error.data()));
    require(pcap_set_snaplen(
        pcap, std::max(static_cast<int>(info.mtu) + link_octets, least_snapshot_octets)));
    require(pcap_set_promisc(pcap, 1));  // frames for addresses that the kernel does not have
    require(pcap_set_immediate_mode(pcap, 1));
    require(pcap_set_buffer_size(pcap, buffer_octets));
    require(pcap_set_tstamp_precision(pcap, PCAP_TSTAMP_PRECISION_NANO));
    const auto status = pcap_activate(pcap);
    if (status == PCAP_ERROR_PERM_DENIED || status == PCAP_ERROR_PROMISC_PERM_DENIED) {
      throw SetupError(fmt::format("{}: {}", info.name, privilege_help()));
    }
    if (status < 0) {
      throw SetupError(
          fmt::format("{}: {} {}", info.name, pcap_statustostr(status), pcap_geterr(pcap)));
    }
    if (pcap_datalink(pcap) != DLT_EN10MB) {
      throw SetupError(fmt::format("{}: not an Ethernet interface", info.name));
    }
    require(pcap_setdirection(pcap, PCAP_D_IN));  // not the frames that this process sends
    if (pcap_setnonblock(pcap, 1, error.data()) != 0) {
      throw SetupError(fmt::format("{}: {}", info.name, error.data()));
    }
    fd = pcap_get_selectable_fd(pcap);
    dropped_before = dropped_by_interface(info.name);
  }
};

Port::Port(const std::string& interface) : state_(std::make_unique<State>()) {
  state_->info = interface_info(interface);
  state_->open();
}

Port::~Port() = default;

const InterfaceInfo& Port::info() const { return state_->info; }

int Port::fd() const { return state_->fd; }

void Port::set_filter(const std::string& expression) {
  bpf_program program{};
  const auto fail = [&] {
    throw SetupError(fmt::format("{}: the filter '{}' cannot be set: {}", state_->info.name,
                                 expression, pcap_geterr(state_->pcap)));
  };
  if (pcap_compile(state_->pcap, &program, expression.c_str(), 1, PCAP_NETMASK_UNKNOWN) != 0) {
    fail();
  }
  const auto status = pcap_setfilter(state_->pcap, &program);
  pcap_freecode(&program);
  if (status != 0) fail();
}

std::optional<Port::Frame> Port::receive() {
  pcap_pkthdr* header = nullptr;
  const u_char* octets = nullptr;
  const auto status = pcap_next_ex(state_->pcap, &header, &octets);
  if (status == 0) return std::nullopt;
  if (status != 1) {
    throw SetupError(fmt::format("{}: {}", state_->info.name, pcap_geterr(state_->pcap)));
  }
  // With nanosecond precision, tv_usec contains nanoseconds.
  const auto time = static_cast<std::uint64_t>(header->ts.tv_sec) * 1000000000 +
                    static_cast<std::uint64_t>(header->ts.tv_usec);
  return Frame{time, View(octets, header->caplen)};
}

bool Port::inject(View frame) { return pcap_inject(state_->pcap, frame.data(), frame.size()) >= 0; }

void Port::send(View frame) {
  constexpr int wait_ms = 1000;
  for (;;) {
    if (inject(frame)) return;
    const int error = errno;
    if (error == EMSGSIZE) return;  // too long for the interface
    if (error != ENOBUFS && error != EAGAIN && error != EINTR) {
      throw SetupError(fmt::format("{}: {}", state_->info.name, std::strerror(error)));
    }
    pollfd ready{state_->fd, POLLOUT, 0};
    poll(&ready, 1, wait_ms);
  }
}

std::uint64_t Port::dropped() const {
  pcap_stat counters{};
  if (pcap_stats(state_->pcap, &counters) != 0) return 0;
  const std::uint32_t before_the_port =
      dropped_by_interface(state_->info.name) - state_->dropped_before;
  return std::uint64_t{counters.ps_drop} + before_the_port;
}

}  // namespace secct::generator
