// SPDX-License-Identifier: GPL-2.0-or-later
// Link layer, IP and its extension headers. libtins builds the headers that it supports; the fields
// of the document are written over them.
#include "generator/packet/builder.hpp"

#include <algorithm>
#include <ranges>

#include <fmt/format.h>
#include <tins/tins.h>

#include "network/write_number.hpp"

namespace secct::generator {
namespace {

using H = HeaderField;
using K = LayerKind;

constexpr std::uint8_t pad_n = 1;
constexpr std::uint8_t secct_hop_limit = 255;
constexpr std::uint8_t other_hop_limit = 64;
constexpr std::size_t largest_length = 0xffff;
constexpr std::size_t most_layers = 64;
constexpr std::size_t most_ip_options = 40;
constexpr std::uint8_t family_inet = 2;
constexpr std::uint8_t family_inet6 = 30;

Tins::IPv6Address tins_v6(const Address& address) { return {address.data()}; }

Address address_of(const Layer& layer, H field) {
  const auto* octets = layer.octets(field);
  return octets == nullptr ? Address{} : address_from(*octets);
}

// The offset of the address that is at `offset` after the exchanges.
std::size_t offset_before(const std::vector<AddressExchange>& exchanges, std::size_t offset) {
  for (const auto& exchange : std::views::reverse(exchanges)) {
    if (offset == exchange.first) {
      offset = exchange.second;
    } else if (offset == exchange.second) {
      offset = exchange.first;
    }
  }
  return offset;
}

void write_address(Octets& header, H field, const Address& address) {
  std::ranges::copy(View(address).subspan(12), header.begin() + row(field).bit / 8);
}

}  // namespace

UnsealedPacket Builder::run() {
  if (packet_.layers.size() > most_layers) {
    fault(most_layers, "layers",
          fmt::format("the packet has {} layers, at most {} are allowed", packet_.layers.size(),
                      most_layers));
    return std::move(out_);
  }
  auto part = without_open_ah(0, {});
  out_.octets = std::move(part.octets);
  out_.seals = std::move(part.seals);
  return std::move(out_);
}

void Builder::fault(std::size_t layer, std::string_view name, std::string text) {
  out_.faults.push_back({fmt::format("layers[{}].{}", layer, name), std::move(text)});
}

Builder::Part Builder::from(std::size_t i, const Endpoints& ends) {
  if (i == packet_.layers.size()) return {};
  switch (packet_.layers[i].kind) {
    case K::eth: return ethernet(i);
    case K::vlan: return vlan(i);
    case K::sll:
    case K::sll2:
    case K::null: return link_header(i);
    case K::routing: return routing(i, ends);
    case K::ip: return ipv4(i);
    case K::ipv6: return ipv6(i);
    case K::hopopts:
    case K::dstopts: return option_header(i, ends);
    case K::fraghdr: return fragment(i, ends);
    case K::ah: return ah(i, ends);
    case K::esp: return esp(i, ends);
    case K::udp: return udp(i, ends);
    case K::icmpv6: return icmpv6(i, ends);
    case K::mip_request:
    case K::mip_reply: return mip(i, ends);
    default: return data(i, ends);
  }
}

Builder::Part Builder::without_open_ah(std::size_t i, const Endpoints& ends) {
  auto part = from(i, ends);
  std::erase_if(part.seals, [&](const Seal& seal) {
    const bool open = seal.kind == SealKind::ah && !seal.ip;
    if (open) {
      fault(seal.layer, "ah.icv", "cannot be computed inside this layer: write ah.icv");
    }
    return open;
  });
  return part;
}

void Builder::append_part(Part& to, Part part) {
  for (auto& seal : part.seals) {
    seal.move(to.octets.size());
    to.seals.push_back(std::move(seal));
  }
  append(to.octets, part.octets);
}

std::uint8_t Builder::next_protocol(std::size_t i) const {
  if (i + 1 >= packet_.layers.size()) return ip_proto::none;
  const auto number = row(packet_.layers[i + 1].kind).protocol;
  return number < 0 ? ip_proto::none : static_cast<std::uint8_t>(number);
}

std::uint16_t Builder::next_ethertype(std::size_t i) const {
  if (i + 1 >= packet_.layers.size()) return 0;
  const auto type = row(packet_.layers[i + 1].kind).ethertype;
  return type < 0 ? std::uint16_t{0} : static_cast<std::uint16_t>(type);
}

void Builder::write_fields(const Layer& layer, std::span<std::uint8_t> header) {
  for (const auto& value : layer.fields) {
    const auto& field = row(value.field);
    const auto end = (field.bit + field.bits + 7U) / 8U;
    if (!field.is_fixed() || end > header.size()) continue;
    if (const auto* number = std::get_if<std::uint64_t>(&value.value)) {
      write_bits(header, field, *number);
    } else if (const auto* shift = std::get_if<Shift>(&value.value)) {
      write_bits(header, field, read_bits(header, field) + static_cast<std::uint64_t>(shift->by));
    } else {
      const auto& octets = std::get<Octets>(value.value);
      std::ranges::copy(View(octets).first(std::min<std::size_t>(octets.size(), field.bits / 8U)),
                        header.begin() + field.bit / 8);
    }
  }
}

void Builder::add_checksum(std::size_t i, H field, std::uint8_t protocol, std::size_t octets,
                           Part& part) const {
  const auto& layer = packet_.layers[i];
  const auto& place = row(field);
  if (layer.number(field) || octets < (place.bit + place.bits) / 8U) return;
  write_bits(part.octets, place, 0);
  Seal seal;
  seal.layer = i;
  seal.end = octets;
  seal.shift = layer.shift(field).value_or(Shift{}).by;
  seal.place = place.bit / 8U;
  seal.protocol = protocol;
  part.seals.push_back(std::move(seal));
}

Builder::Part Builder::ethernet(std::size_t i) {
  const auto& layer = packet_.layers[i];
  auto part = from(i + 1, {});
  Tins::EthernetII header(Tins::HWAddress<6>(default_destination_mac.data()),
                          Tins::HWAddress<6>(default_source_mac.data()));
  header.payload_type(next_ethertype(i));
  header.inner_pdu(Tins::RawPDU(part.octets));
  auto octets = header.serialize();
  octets.resize(row(K::eth).octets);
  part = prepend(layer, std::move(octets), std::move(part));
  if (const auto* trailer = layer.octets(H::eth_trailer)) append(part.octets, *trailer);
  return part;
}

Builder::Part Builder::vlan(std::size_t i) {
  auto part = from(i + 1, {});
  Tins::Dot1Q header(1);
  header.payload_type(next_ethertype(i));
  header.inner_pdu(Tins::RawPDU(part.octets));
  auto octets = header.serialize();
  octets.resize(row(K::vlan).octets);
  return prepend(packet_.layers[i], std::move(octets), std::move(part));
}

// Linux cooked and loopback headers.
Builder::Part Builder::link_header(std::size_t i) {
  const auto& layer = packet_.layers[i];
  Octets header(row(layer.kind).octets);
  const auto type = next_ethertype(i);
  if (layer.kind == K::sll) write_bits(header, row(H::sll_etype), type);
  if (layer.kind == K::sll2) write_bits(header, row(H::sll2_etype), type);
  if (layer.kind == K::null) {
    // In the byte order of the capturing machine; little-endian here.
    const bool v4 = type == static_cast<std::uint16_t>(row(K::ip).ethertype);
    header[0] = v4 ? family_inet : family_inet6;
  }
  return prepend(layer, std::move(header), from(i + 1, {}));
}

Builder::Part Builder::routing(std::size_t i, const Endpoints& ends) {
  const auto& layer = packet_.layers[i];
  Octets header(row(K::routing).octets);
  header[0] = next_protocol(i);
  if (const auto* data = layer.octets(H::routing_data)) append(header, *data);
  while (header.size() % 8 != 0) header.push_back(0);
  if (header.size() / 8 > 256) {
    fault(i, row(layer.kind).name, "longer than the 2048 octets of an extension header");
    return {};
  }
  header[1] = static_cast<std::uint8_t>(header.size() / 8 - 1);
  return prepend(layer, std::move(header), from(i + 1, ends));
}

Builder::Part Builder::prepend(const Layer& layer, Octets header, Part part) {
  write_fields(layer, header);
  Part whole{std::move(header), {}};
  append_part(whole, std::move(part));
  return whole;
}

Builder::Part Builder::too_long(std::size_t i) {
  fault(i, row(packet_.layers[i].kind).name, "too long for its length field");
  return {};
}

// 255 in all IP headers of a packet with a SecCT message over ICMPv6 (wire-format 3).
std::uint8_t Builder::hop_limit() const {
  return packet_.find(K::icmpv6) != nullptr ? secct_hop_limit : other_hop_limit;
}

// An AH ICV covers the Identification, so that a router cannot assign it when it fragments the
// datagram: it follows the sequence number of the AH, which is unique too.
std::uint16_t Builder::identification(std::size_t i) const {
  constexpr std::uint16_t usual = 1;
  if (i + 1 >= packet_.layers.size() || packet_.layers[i + 1].kind != K::ah) return usual;
  const auto sequence = packet_.layers[i + 1].number(H::ah_sequence).value_or(usual);
  return std::max(static_cast<std::uint16_t>(sequence), usual);
}

Builder::Part Builder::ipv4(std::size_t i) {
  const auto& layer = packet_.layers[i];
  const Endpoints ends{address_of(layer, H::ip_src), address_of(layer, H::ip_dst), true};
  auto part = from(i + 1, ends);
  if (row(K::ip).octets + most_ip_options + part.octets.size() > largest_length) {
    return too_long(i);
  }
  // If the addresses are unspecified, libtins writes an address of this machine.
  const Tins::IPv4Address placeholder("192.0.2.1");
  Tins::IP header(placeholder, placeholder);
  header.ttl(hop_limit());
  header.id(identification(i));
  header.protocol(next_protocol(i));
  header.inner_pdu(Tins::RawPDU(part.octets));
  auto octets = header.serialize();
  octets.resize(octets.size() - part.octets.size());
  write_address(octets, H::ip_src, ends.source);
  write_address(octets, H::ip_dst, ends.destination);
  if (const auto* options = layer.octets(H::ip_options)) {
    if (options->size() > most_ip_options) {
      fault(i, "ip.options",
            fmt::format("{} octets, at most {} fit", options->size(), most_ip_options));
      return {};
    }
    append(octets, *options);
    while (octets.size() % 4 != 0) octets.push_back(0);
    write_bits(octets, row(H::ip_hdr_len), octets.size() / 4);
    write_bits(octets, row(H::ip_len), octets.size() + part.octets.size());
  }
  const auto header_octets = octets.size();
  part = prepend(layer, std::move(octets), std::move(part));
  add_checksum(i, H::ip_checksum, 0, header_octets, part);
  return complete_datagram(std::move(part), ends);
}

Builder::Part Builder::ipv6(std::size_t i) {
  const auto& layer = packet_.layers[i];
  const Endpoints ends{address_of(layer, H::ipv6_src), address_of(layer, H::ipv6_dst), false};
  auto part = from(i + 1, ends);
  if (part.octets.size() > largest_length) return too_long(i);
  Tins::IPv6 header(tins_v6(ends.destination), tins_v6(ends.source));
  header.hop_limit(hop_limit());
  header.next_header(next_protocol(i));
  header.inner_pdu(Tins::RawPDU(part.octets));
  auto octets = header.serialize();
  octets.resize(row(K::ipv6).octets);
  return complete_datagram(prepend(layer, std::move(octets), std::move(part)), ends);
}

Builder::Part Builder::complete_datagram(Part part, const Endpoints& ends) {
  auto parsed = parse_partial_datagram(part.octets);
  if (parsed && parsed->v4 != ends.v4) parsed.reset();  // the document has another version
  const auto exchanges = parsed ? address_exchanges(*parsed) : std::vector<AddressExchange>();
  const auto destination = parsed ? final_addresses(*parsed).destination : ends.destination;
  const auto source_at = row(ends.v4 ? H::ip_src : H::ipv6_src).bit / 8U;
  const auto destination_at = row(ends.v4 ? H::ip_dst : H::ipv6_dst).bit / 8U;
  std::erase_if(part.seals, [&](Seal& seal) {
    if (seal.ip) return false;
    seal.ip = 0;
    seal.v4 = ends.v4;
    seal.source_at = offset_before(exchanges, source_at);
    seal.destination_at = offset_before(exchanges, destination_at);
    if (seal.kind != SealKind::ah) return false;
    const auto spi =
        static_cast<std::uint32_t>(big_endian(View(part.octets).subspan(seal.at + 4, 4)));
    const auto* sa = keys_.find(IpsecProtocol::ah, spi, destination);
    if (sa == nullptr) {
      fault(seal.layer, "ah.icv",
            fmt::format("no key for AH SPI 0x{:08x}: add a key or write ah.icv", spi));
      return true;
    }
    seal.sa = static_cast<std::size_t>(sa - keys_.sas.data());
    seal.end = part.octets.size();
    seal.coverage = ah_coverage(part.octets, seal.at);
    return false;
  });
  return part;
}

Builder::Part Builder::option_header(std::size_t i, const Endpoints& ends) {
  const auto& layer = packet_.layers[i];
  Part whole{{next_protocol(i), 0}, {}};
  auto& header = whole.octets;
  for (const auto& element : layer.elements) {
    if (element.message) {
      auto part = message(i, *element.message, Carrier::dstopt, ends);
      auto& octets = part.octets;
      const auto field = layer.kind == K::dstopts ? H::dstopts_opt_length : H::hopopts_opt_length;
      if (const auto length = layer.number(field)) octets[1] = static_cast<std::uint8_t>(*length);
      if (octets.size() > 1) {
        add_to(std::span(octets).subspan(1, 1), layer.shift(field).value_or(Shift{}).by);
      }
      append_part(whole, std::move(part));
    } else {
      const bool pad1 = element.type == 0 && !element.length && element.data.empty();
      if (pad1) {
        header.push_back(element.type);
      } else {
        type_length_data(i, element, header);
      }
    }
  }
  auto missing = (8 - header.size() % 8) % 8;
  if (missing == 1) missing = 9;  // no Pad1 at the end (wire-format 5)
  if (missing > 0) {
    header.push_back(pad_n);
    header.push_back(static_cast<std::uint8_t>(missing - 2));
    header.resize(header.size() + missing - 2);
  }
  if (header.size() / 8 > 256) {
    fault(i, row(layer.kind).name, "longer than the 2048 octets of an extension header");
    return {};
  }
  header[1] = static_cast<std::uint8_t>(header.size() / 8 - 1);
  write_fields(layer, header);
  append_part(whole, from(i + 1, ends));
  return whole;
}

void Builder::type_length_data(std::size_t i, const Element& element, Octets& to) {
  if (!element.length && element.data.size() > 0xff) {
    fault(i, "options", fmt::format("{} octets of data, at most 255 fit", element.data.size()));
  }
  to.push_back(element.type);
  to.push_back(element.length.value_or(static_cast<std::uint8_t>(element.data.size())));
  append(to, element.data);
}

Builder::Part Builder::fragment(std::size_t i, const Endpoints& ends) {
  Octets header(row(K::fraghdr).octets);
  header[0] = next_protocol(i);
  return prepend(packet_.layers[i], std::move(header), from(i + 1, ends));
}

Builder::Part Builder::data(std::size_t i, const Endpoints& ends) {
  const auto* octets = packet_.layers[i].octets(H::data_octets);
  auto part = octets != nullptr ? Part{*octets, {}} : Part{};
  append_part(part, without_open_ah(i + 1, ends));
  return part;
}

}  // namespace secct::generator
