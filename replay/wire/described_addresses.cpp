// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/wire/described_addresses.hpp"

#include <fmt/format.h>

#include "files/yaml_reader.hpp"
#include "generator/transmit/destination_guard.hpp"

namespace secct::replay {
namespace {

// The IPv4 addresses of all mobile nodes that the tester can play: 10.1.0.0 + number.
bool is_mobile_v4(const RouterDescription& description, const Address& address) {
  return is_v4_mapped(address) &&
         ((address[12] == 10 && address[13] >= 1) || description.number_of(address).has_value());
}

bool is_peer(const RouterDescription& description, const Address& address) {
  return address == description.peer || address == description.mn_peer ||
         (address == description.ipv4_peer && !is_unspecified(address));
}

// Checks the addresses of one description.
class HarmlessAddresses {
 public:
  explicit HarmlessAddresses(const std::string& file) : file_(file) {}

  void require(const std::string& path, const Address& address) const {
    if (!is_harmless_destination(address)) refuse(path, to_text(address));
  }
  void require(const std::string& path, const Prefix& prefix) const {
    auto last = prefix.address;
    for (unsigned i = prefix.length; i < 128; ++i) {
      last[i / 8] |= static_cast<std::uint8_t>(0x80U >> i % 8);
    }
    if (!is_harmless_destination(prefix.address) || !is_harmless_destination(last)) {
      refuse(path, fmt::format("{}/{}", to_text(prefix.address), prefix.length));
    }
  }
  void require(const std::string& path, const std::vector<SaPattern>& sas) const {
    for (std::size_t i = 0; i < sas.size(); ++i) {
      const auto place = fmt::format("{}[{}]", path, i);
      require(place + ".local", sas[i].local.value_or(Address{}));
      require(place + ".remote", sas[i].remote.value_or(Address{}));
    }
  }

 private:
  [[noreturn]] void refuse(const std::string& path, const std::string& text) const {
    throw UsageError(
        fmt::format("{}: {} is outside the documentation, unique-local, link-local, benchmarking "
                    "and private ranges; use --i-own-this-network to send packets to it",
                    place_in(file_, path), text));
  }

  const std::string& file_;
};

}  // namespace

void require_harmless_addresses(const RouterDescription& description, const std::string& file) {
  const HarmlessAddresses harmless(file);
  harmless.require("address", description.address);
  harmless.require("mn_address", description.mn_address);
  harmless.require("peer", description.peer);
  harmless.require("mn_peer", description.mn_peer);
  harmless.require("ipv4.address", description.ipv4_address);
  harmless.require("ipv4.peer", description.ipv4_peer);
  harmless.require("old_prefix", description.old_prefix);
  harmless.require("new_prefix", description.new_prefix);
  harmless.require("mobile_nodes.sas", description.sas);
  for (std::size_t i = 0; i < description.more_nodes.size(); ++i) {
    harmless.require(fmt::format("mobile_nodes.more[{}].sas", i), description.more_nodes[i].sas);
  }
  for (std::size_t i = 0; i < description.ncoa_in_use.size(); ++i) {
    harmless.require(fmt::format("ncoa_in_use[{}]", i), description.ncoa_in_use[i]);
  }
}

bool is_router_address(const RouterDescription& description, const Address& address) {
  return address == description.address || address == description.mn_address ||
         (address == description.ipv4_address && !is_unspecified(address));
}

bool is_mobile_address(const RouterDescription& description, const Address& address) {
  if (is_router_address(description, address) || is_peer(description, address)) return false;
  return description.old_prefix.contains(address) || description.new_prefix.contains(address) ||
         is_mobile_v4(description, address) || is_link_local(address);
}

bool is_tester_address(const RouterDescription& description, const Address& address) {
  return is_peer(description, address) ||
         (is_mobile_address(description, address) && !is_link_local(address));
}

}  // namespace secct::replay
