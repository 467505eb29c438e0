// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/send.hpp"

#include <poll.h>

#include <algorithm>
#include <charconv>
#include <chrono>

#include <fmt/format.h>

#include "files/diagnostics.hpp"
#include "files/yaml_reader.hpp"
#include "network/datagram.hpp"
#include "network/header_fields.hpp"

namespace secct::cli {
namespace {

constexpr auto resolve_time = std::chrono::seconds(1);
constexpr int poll_ms = 10;  // for Ctrl-C

bool remove_suffix(std::string_view& text, std::string_view suffix) {
  if (!text.ends_with(suffix)) return false;
  text.remove_suffix(suffix.size());
  return true;
}

// Packets per second; 0 for max; nullopt if the packets are sent at their timestamps.
std::optional<double> rate_of(const std::string& text, double per_handover) {
  if (text.empty()) return std::nullopt;
  if (text == "max") return 0;
  std::string_view number = text;
  double factor = 1;
  if (remove_suffix(number, "hps")) {
    factor = per_handover;
  } else {
    remove_suffix(number, "pps");
  }
  double rate = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), rate);
  if (error != std::errc() || end != number.data() + number.size() || !(rate >= 0.001) ||
      rate > 1e9) {
    throw UsageError(fmt::format(
        "--rate {}: expected packets per second (1000 or 1000pps), handovers per second (50hps), "
        "from 0.001 to 1e9, or max",
        text));
  }
  return rate * factor;
}

MacAddress mac_of(const std::string& text) {
  Octets octets;
  MacAddress mac{};
  if (!parse_hex(text, octets) || octets.size() != mac.size()) {
    throw UsageError(
        fmt::format("--to-mac {}: expected an Ethernet address such as 02:00:00:00:00:02", text));
  }
  std::ranges::copy(octets, mac.begin());
  return mac;
}

TransmitOptions transmit_options(const SendOptions& options, double per_handover,
                                 const InterruptHandler& interrupt, const Progress& progress) {
  TransmitOptions transmit;
  transmit.interface = options.interface;
  transmit.rate = rate_of(options.rate, per_handover);
  transmit.burst = options.burst;
  if (options.duration > 0) transmit.duration = options.duration;
  if (!options.to_mac.empty()) transmit.to = mac_of(options.to_mac);
  transmit.backend = options.backend == "pcap" ? SendBackend::pcap : SendBackend::sendmmsg;
  transmit.stop = &interrupt.flag();
  transmit.progress = [&progress](std::uint64_t frames, double seconds) {
    progress.show(fmt::format("{} packets, {:.1f} s, {:.0f} packets/s", frames, seconds,
                              seconds > 0 ? static_cast<double>(frames) / seconds : 0));
  };
  return transmit;
}

}  // namespace

CLI::Option* add_any_network_flag(CLI::App& app, bool& any_network) {
  return app.add_flag("--i-own-this-network", any_network,
                      "allow addresses outside the documentation, unique-local, link-local, "
                      "benchmarking and private ranges");
}

void SendOptions::add_to(CLI::App& app) {
  app.add_option("--send", interface, "send the packets on this network interface")
      ->type_name("IFACE");
  const auto add = [&app](const char* name, auto& value, const char* what) {
    return app.add_option(name, value, what)->group("Options of --send");
  };
  add("--rate", rate,
      "send at this rate: packets per second (1000), handovers per second (50hps) or max (default: "
      "at the timestamps of the packets)")
      ->type_name("RATE");
  add("--burst", burst, "with --rate: send N packets at a time, at the same average rate")
      ->type_name("N")
      ->capture_default_str()
      ->check(CLI::Range(1U, 1000000U));
  add("--duration", duration, "stop after this time (default: no limit)")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.001, 1e9));
  app.add_flag("--loop", loop, "repeat the packets until --duration or Ctrl-C")
      ->group("Options of --send");
  add("--to-mac", to_mac, "set the destination Ethernet address of every packet")->type_name("MAC");
  add("--backend", backend, "send with sendmmsg or pcap")
      ->type_name("NAME")
      ->capture_default_str()
      ->check(CLI::IsMember({"sendmmsg", "pcap"}));
  add_any_network_flag(app, any_network)->group("Options of --send");
  app.add_flag("--strict", strict, "exit with status 1 if the interface refuses a packet")
      ->group("Options of --send");
}

void SendOptions::check() const {
  if (wanted()) return;
  if (!rate.empty() || burst != 1 || duration > 0 || loop || !to_mac.empty() || any_network ||
      strict) {
    throw UsageError(
        "--rate, --burst, --duration, --loop, --to-mac, --i-own-this-network and --strict need "
        "--send IFACE");
  }
}

PacketSender::PacketSender(const SendOptions& options, double per_handover, bool resolve,
                           const Keyring& keys)
    : options_(options),
      guard_(keys),
      resolve_(resolve && options.to_mac.empty()),
      transmitter_(transmit_options(options, per_handover, interrupt_, progress_)) {}

// Resolves the Ethernet address of a neighbor; each address once.
std::optional<MacAddress> PacketSender::resolve(const Address& address, const Address& from) {
  if (const auto found = resolved_.find(address); found != resolved_.end()) return found->second;
  using Clock = std::chrono::steady_clock;
  Port port(options_.interface);
  port.set_filter(NeighborCache::filter(port.info().mac));
  NeighborCache neighbors(port.info().mac, [&](const Address& a) { return a == from; });
  neighbors.solicit(address, from, 0);
  for (const auto& frame : neighbors.take()) port.send(frame);
  const auto end = Clock::now() + resolve_time;
  while (!neighbors.find(address) && Clock::now() < end && !interrupt_.interrupted()) {
    pollfd ready{port.fd(), POLLIN, 0};
    poll(&ready, 1, poll_ms);
    if (const auto frame = port.receive()) neighbors.receive(frame->octets);
  }
  const auto mac = neighbors.find(address);
  if (!mac) {
    print_diagnostic(
        "secct: {} does not answer on {}; its packets are sent to the default Ethernet "
        "address\n",
        to_text(address), options_.interface);
  }
  return resolved_[address] = mac;
}

// Returns the packet as an Ethernet frame. Default Ethernet addresses are replaced by those of the
// interface and of the neighbor.
Octets PacketSender::make_frame(View packet, LinkType link) {
  constexpr std::uint16_t v4_type = 0x0800;
  constexpr std::uint16_t v6_type = 0x86dd;
  Octets frame;
  if (link == LinkType::raw_ip) {
    append(frame, default_destination_mac);
    append(frame, default_source_mac);
    append_number(frame, !packet.empty() && packet[0] >> 4 == 4 ? v4_type : v6_type, 2);
  }
  append(frame, packet);
  constexpr std::size_t mac_octets = 6;
  if (frame.size() < 2 * mac_octets) return frame;
  if (std::equal(default_source_mac.begin(), default_source_mac.end(),
                 frame.begin() + mac_octets)) {
    std::ranges::copy(transmitter_.info().mac, frame.begin() + mac_octets);
  }
  if (resolve_ && std::ranges::equal(default_destination_mac, View(frame).first(mac_octets))) {
    const auto ends = ip_addresses(View(frame).subspan(std::min(frame.size(), ethernet_octets)));
    if (ends && !is_multicast(ends->destination) && !is_unspecified(ends->destination)) {
      if (const auto mac = resolve(ends->destination, ends->source)) {
        std::ranges::copy(*mac, frame.begin());
      }
    }
  }
  return frame;
}

bool PacketSender::send(View packet, std::uint64_t time, LinkType link) {
  if (!options_.any_network && !is_repetition_) {
    if (const auto unsafe = guard_.find(link, packet)) {
      const auto what =
          is_unspecified(unsafe->address) ? "their destinations" : to_text(unsafe->address);
      throw UsageError(fmt::format(
          "packet {}: {}: {} may be outside the documentation, unique-local, link-local, "
          "benchmarking and private ranges; use --i-own-this-network to send the packet",
          number_ + 1, unsafe->where, what));
    }
  }
  ++number_;
  return transmitter_.send(make_frame(packet, link), time);
}

ExitStatus PacketSender::finish() {
  const auto report = transmitter_.finish();
  progress_.clear();
  print_diagnostic("{}: {} packets, {} octets in {:.3f} s, {:.1f} packets/s, {} refused ({})\n",
                   options_.interface, report.frames, report.octets, report.seconds, report.rate(),
                   report.refused, report.backend);
  if (report.refused == 0) return ExitStatus::ok;
  if (report.frames == 0) {
    throw SetupError(fmt::format("{}: the interface refused every packet: {}", options_.interface,
                                 report.refusal));
  }
  print_diagnostic("secct: {}: the interface refused {} of {} packets: {}\n", options_.interface,
                   report.refused, report.frames + report.refused, report.refusal);
  return options_.strict ? ExitStatus::differs : ExitStatus::ok;
}

}  // namespace secct::cli
