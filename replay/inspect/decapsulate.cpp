// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/inspect/decapsulate.hpp"

#include <algorithm>

#include "ipsec/ah.hpp"
#include "ipsec/crypto.hpp"
#include "ipsec/esp.hpp"

namespace secct::replay {
namespace {

bool is_ip(std::uint8_t type) { return type == ip_proto::ipv6 || type == ip_proto::ipv4; }

}  // namespace

bool DecapsulatedPacket::open(View octets, const SaFinder& find) {
  layers_.clear();
  buffers_ = 0;
  closed_ = false;
  auto parsed = parse_datagram(octets);
  if (!parsed) return false;
  datagram_ = std::move(*parsed);
  processed_ = 0;
  for (std::size_t i = 0; i < max_nesting && enter_next_datagram(find); ++i) {
  }
  return true;
}

// Processes the AH and ESP headers of datagram_. True if datagram_ is now another datagram that it
// contained.
bool DecapsulatedPacket::enter_next_datagram(const SaFinder& find) {
  for (; processed_ < datagram_.chain.size(); ++processed_) {
    const auto& header = datagram_.chain[processed_];
    if (header.type != ip_proto::ah && header.type != ip_proto::esp) continue;
    if (process_header(header, find)) return true;
  }
  if (datagram_.chain.empty() || !is_ip(datagram_.chain.back().type)) return false;
  auto inner = parse_datagram(datagram_.octets_of(datagram_.chain.back()));
  if (!inner) return false;
  datagram_ = std::move(*inner);
  processed_ = 0;
  return true;
}

// Processes one AH or ESP header of the chain. True if ESP was decrypted and datagram_ is now the
// datagram without it.
bool DecapsulatedPacket::process_header(const Header& header, const SaFinder& find) {
  const auto octets = datagram_.octets_of(header);
  auto& layer = layers_.emplace_back();
  const bool esp = header.type == ip_proto::esp;
  layer.protocol = esp ? IpsecProtocol::esp : IpsecProtocol::ah;
  layer.source = datagram_.source;
  layer.destination = datagram_.destination;
  closed_ = esp;
  const auto head = ipsec_head(datagram_, header);
  if (!head) {
    layer.state = IpsecLayer::State::malformed;
    return false;
  }
  layer.spi = head->spi;
  layer.sequence = head->sequence;
  layer.icv = octets.last(std::min(octets.size(), icv_octets));
  const auto* sa = find(head->protocol, head->spi, datagram_.source, datagram_.destination);
  if (sa == nullptr) return false;
  if (!esp) {
    if (octets.size() != ah_fixed_octets + icv_octets) {
      layer.state = IpsecLayer::State::malformed;
      return false;
    }
    const bool good = std::ranges::equal(ah_icv(datagram_.octets, header.offset, *sa), layer.icv);
    layer.state = good ? IpsecLayer::State::good : IpsecLayer::State::bad_icv;
    return false;
  }
  auto opened = decapsulate_esp(datagram_, header, *sa);
  if (opened.error != IpsecError::none || buffers_ == max_nesting) {
    layer.state =
        opened.error == IpsecError::icv ? IpsecLayer::State::bad_icv : IpsecLayer::State::malformed;
    return false;
  }
  layer.state = IpsecLayer::State::good;
  layer.iv = octets.subspan(esp_fixed_octets, iv_octets(sa->cipher));
  auto& buffer = buffer_[buffers_++];
  buffer = std::move(opened.datagram);
  auto parsed = parse_datagram(buffer);
  if (!parsed) {
    layer.state = IpsecLayer::State::malformed;
    return false;
  }
  closed_ = false;
  const auto offset = header.offset;
  datagram_ = std::move(*parsed);
  // In transport mode, the headers before ESP are still in the chain and already processed.
  processed_ = 0;
  while (processed_ < datagram_.chain.size() && datagram_.chain[processed_].offset < offset &&
         !opened.tunnel()) {
    ++processed_;
  }
  return true;
}

Protection DecapsulatedPacket::protection() const {
  if (layers_.empty()) return Protection::none;
  const bool esp = std::ranges::any_of(
      layers_, [](const IpsecLayer& layer) { return layer.protocol == IpsecProtocol::esp; });
  return esp ? Protection::esp : Protection::ah;
}

}  // namespace secct::replay
