// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/send.hpp"

#include <poll.h>

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "files/yaml_reader.hpp"
#include "network/datagram.hpp"
#include "network/header_fields.hpp"

namespace secct::cli {
namespace {

constexpr int resolve_ms = 1000;

bool ends_with(std::string_view text, std::string_view end, std::string_view& rest) {
  if (!text.ends_with(end)) return false;
  rest = text.substr(0, text.size() - end.size());
  return true;
}

// Packets per second; nothing: as timed; 0: as fast as it goes.
std::optional<double> rate_of(const std::string& text, double per_handover) {
  if (text.empty()) return std::nullopt;
  if (text == "max") return 0;
  std::string_view number = text;
  double factor = 1;
  if (ends_with(text, "hps", number)) {
    factor = per_handover;
  } else {
    ends_with(text, "pps", number);
  }
  double rate = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), rate);
  if (error != std::errc() || end != number.data() + number.size() || !(rate > 0) || rate > 1e9) {
    throw UsageError(fmt::format(
        "--rate {}: expected packets per second (1000 or 1000pps), handovers per second (50hps) or "
        "max",
        text));
  }
  return rate * factor;
}

MacAddress mac_of(const std::string& text) {
  Octets octets;
  MacAddress mac{};
  if (!parse_hex(text, octets) || octets.size() != mac.size()) {
    throw UsageError(
        fmt::format("--to-mac {}: expected an Ethernet address, 02:00:00:00:00:02", text));
  }
  std::ranges::copy(octets, mac.begin());
  return mac;
}

TransmitOptions transmit_options(const SendOptions& options, double per_handover,
                                 const Interruptible& interruptible, const Progress& progress) {
  TransmitOptions transmit;
  transmit.interface = options.interface;
  transmit.rate = rate_of(options.rate, per_handover);
  transmit.burst = options.burst;
  if (options.duration > 0) transmit.duration = options.duration;
  if (!options.to_mac.empty()) transmit.to = mac_of(options.to_mac);
  transmit.backend = options.backend == "pcap" ? SendBackend::pcap : SendBackend::sendmmsg;
  transmit.stop = &interruptible.flag();
  transmit.progress = [&progress](std::uint64_t frames, double seconds) {
    progress.show(fmt::format("{} packets, {:.1f} s, {:.0f} packets/s", frames, seconds,
                              seconds > 0 ? static_cast<double>(frames) / seconds : 0));
  };
  return transmit;
}

std::optional<Address> destination_of(View packet, LinkType link) {
  if (link == LinkType::ethernet) return frame_destination(packet);
  const auto ends = ip_ends(packet);
  if (!ends) return std::nullopt;
  return ends->destination;
}

}  // namespace

void SendOptions::add_to(CLI::App& app) {
  app.add_option("--send", interface, "send on this interface");
  app.add_option("--rate", rate,
                 "with --send: packets per second (1000), handovers per second (50hps) or max; "
                 "without it at the packets' own times");
  app.add_option("--burst", burst, "with --rate: so many packets at once, the rate stays")
      ->check(CLI::Range(1U, 1000000U));
  app.add_option("--duration", duration, "with --send: stop after so many seconds")
      ->check(CLI::Range(0.001, 1e9));
  app.add_flag("--loop", loop, "with --send: again from the start, until --duration or Ctrl-C");
  app.add_option("--to-mac", to_mac, "with --send: the Ethernet destination of every packet");
  app.add_option("--backend", backend, "with --send: sendmmsg or pcap")
      ->check(CLI::IsMember({"sendmmsg", "pcap"}));
  app.add_flag("--i-own-this-network", any_network,
               "with --send: destinations outside documentation, unique-local, link-local and "
               "private ranges too");
}

void SendOptions::check() const {
  if (wanted()) return;
  if (!rate.empty() || burst != 1 || duration > 0 || loop || !to_mac.empty() || any_network) {
    throw UsageError(
        "--rate, --burst, --duration, --loop, --to-mac and --i-own-this-network need --send IFACE");
  }
}

PacketSender::PacketSender(const SendOptions& options, double per_handover, bool resolve)
    : options_(options),
      resolve_(resolve && options.to_mac.empty()),
      transmitter_(transmit_options(options, per_handover, interruptible_, progress_)) {}

// A neighbour's Ethernet address; asked for once.
std::optional<MacAddress> PacketSender::find(const Address& address, const Address& from) {
  if (const auto known = found_.find(address); known != found_.end()) return known->second;
  Port port(options_.interface);
  std::optional<MacAddress> mac;
  NeighborCache neighbors(port.info().mac, [&](const Address& a) { return a == from; });
  neighbors.solicit(address, from, 0);
  for (const auto& frame : neighbors.take()) port.send(frame);
  for (int waited = 0; !mac && waited < resolve_ms && !interruptible_.interrupted(); waited += 10) {
    pollfd ready{port.fd(), POLLIN, 0};
    poll(&ready, 1, 10);
    while (const auto frame = port.receive()) neighbors.receive(frame->octets, 0);
    mac = neighbors.find(address);
  }
  if (!mac) {
    fmt::print(stderr,
               "secct: {} does not answer on {}; its packets go to the Ethernet address of the "
               "document\n",
               to_text(address), options_.interface);
  }
  return found_[address] = mac;
}

// An Ethernet frame; addresses that nobody has given are those of the interface and the neighbour.
Octets PacketSender::addressed(View packet, LinkType link) {
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
    const auto ends = ip_ends(View(frame).subspan(std::min(frame.size(), ethernet_octets)));
    if (ends && !is_multicast(ends->destination) && !is_unspecified(ends->destination)) {
      if (const auto mac = find(ends->destination, ends->source)) {
        std::ranges::copy(*mac, frame.begin());
      }
    }
  }
  return frame;
}

bool PacketSender::send(View packet, std::uint64_t time, LinkType link) {
  const auto destination = destination_of(packet, link);
  if (destination && !options_.any_network && !is_harmless_destination(*destination)) {
    throw UsageError(fmt::format(
        "packet {}: {} is outside documentation, unique-local, link-local and private ranges; "
        "--i-own-this-network sends it all the same",
        number_ + 1, to_text(*destination)));
  }
  ++number_;
  return transmitter_.send(addressed(packet, link), time);
}

void PacketSender::finish() {
  const auto report = transmitter_.finish();
  progress_.wipe();
  fmt::print(stderr, "{}: {} packets, {} octets in {:.3f} s, {:.1f} packets/s, {} refused ({})\n",
             options_.interface, report.frames, report.octets, report.seconds, report.rate(),
             report.refused, report.backend);
}

}  // namespace secct::cli
