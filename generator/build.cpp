// SPDX-License-Identifier: GPL-2.0-or-later
// Documents to octets. Headers that libtins knows are made by libtins; fields that the document
// writes are put over them. Layers are built from the innermost one outwards.
#include <algorithm>

#include <fmt/format.h>
#include <tins/tins.h>

#include "generator/crypto.hpp"
#include "generator/document.hpp"
#include "generator/ipsec.hpp"
#include "protocol/decode.hpp"
#include "protocol/derive.hpp"
#include "protocol/encode.hpp"

namespace secct {
namespace {

using H = HeaderField;
using K = LayerKind;

constexpr std::uint8_t pad_n = 1;
constexpr std::uint8_t secct_hop_limit = 255;
constexpr std::uint8_t other_hop_limit = 64;
constexpr std::size_t largest_length = 0xffff;  // of what an IP or UDP length field counts
constexpr std::uint8_t mip_request_type = 1;
constexpr std::uint8_t mip_reply_type = 3;

struct Ends {
  Address source{};
  Address destination{};
  bool v4 = false;
};

struct Part {
  Octets octets;
  std::vector<std::size_t> ah;  // offsets of AHs whose ICV is still open, innermost first
};

Octets to_octets(Tins::PDU& pdu) { return pdu.serialize(); }

Tins::IPv6Address tins_v6(const Address& address) { return {address.data()}; }

std::uint16_t internet_checksum(std::uint64_t sum) {
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

std::uint64_t sum_of(View octets) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < octets.size(); ++i) {
    sum += static_cast<std::uint64_t>(octets[i]) << (i % 2 == 0 ? 8 : 0);
  }
  return sum;
}

class Builder {
 public:
  Builder(const CodePoints& codepoints, const Keyring& keys, const PacketDocument& packet)
      : codepoints_(codepoints), keys_(keys), packet_(packet) {}

  Built run() {
    out_.octets = from(0, {}).octets;
    return std::move(out_);
  }

 private:
  void fault(std::size_t layer, std::string_view name, std::string text) {
    out_.faults.push_back({fmt::format("layers[{}].{}", layer, name), std::move(text)});
  }

  Part from(std::size_t i, const Ends& ends) {
    if (i == packet_.layers.size()) return {};
    switch (packet_.layers[i].kind) {
      case K::eth: return ethernet(i);
      case K::vlan: return vlan(i);
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

  // The number that the layer before names this one by.
  std::uint8_t next_protocol(std::size_t i) const {
    if (i + 1 >= packet_.layers.size()) return ip_proto::none;
    const auto number = row(packet_.layers[i + 1].kind).protocol;
    return number < 0 ? ip_proto::none : static_cast<std::uint8_t>(number);
  }
  std::uint16_t next_ethertype(std::size_t i) const {
    if (i + 1 >= packet_.layers.size()) return 0;
    const auto type = row(packet_.layers[i + 1].kind).ethertype;
    return type < 0 ? std::uint16_t{0} : static_cast<std::uint16_t>(type);
  }

  // What the document says about fields at a fixed place.
  static void write_fields(const Layer& layer, std::span<std::uint8_t> header) {
    for (const auto& value : layer.fields) {
      const auto& field = row(value.field);
      const auto end = (field.bit + field.bits + 7U) / 8U;
      if (field.bits == 0 || end > header.size()) continue;
      if (const auto* number = std::get_if<std::uint64_t>(&value.value)) {
        write_bits(header, field, *number);
      } else {
        const auto& octets = std::get<Octets>(value.value);
        std::ranges::copy(View(octets).first(std::min<std::size_t>(octets.size(), field.bits / 8U)),
                          header.begin() + field.bit / 8);
      }
    }
  }

  static Address address_of(const Layer& layer, H field) {
    const auto* octets = layer.octets(field);
    return octets == nullptr ? Address{} : address_from(*octets);
  }

  // --- link layer
  Part ethernet(std::size_t i) {
    const auto& layer = packet_.layers[i];
    auto part = from(i + 1, {});
    Tins::EthernetII header("02:00:00:00:00:02", "02:00:00:00:00:01");
    header.payload_type(next_ethertype(i));
    header.inner_pdu(Tins::RawPDU(part.octets));
    auto octets = to_octets(header);
    octets.resize(row(K::eth).octets);
    return prepend(layer, std::move(octets), std::move(part));
  }

  Part vlan(std::size_t i) {
    auto part = from(i + 1, {});
    Tins::Dot1Q header(1);
    header.payload_type(next_ethertype(i));
    header.inner_pdu(Tins::RawPDU(part.octets));
    auto octets = to_octets(header);
    octets.resize(row(K::vlan).octets);
    return prepend(packet_.layers[i], std::move(octets), std::move(part));
  }

  static Part prepend(const Layer& layer, Octets header, Part part) {
    write_fields(layer, header);
    for (auto& offset : part.ah) offset += header.size();
    append(header, part.octets);
    part.octets = std::move(header);
    return part;
  }

  // --- IP
  Part too_long(std::size_t i) {
    fault(i, row(packet_.layers[i].kind).name, "longer than its length field can say");
    return {};
  }

  static void write_address(Octets& header, H field, const Address& address) {
    std::ranges::copy(View(address).subspan(12), header.begin() + row(field).bit / 8);
  }

  Part ipv4(std::size_t i) {
    const auto& layer = packet_.layers[i];
    const Ends ends{address_of(layer, H::ip_src), address_of(layer, H::ip_dst), true};
    auto part = from(i + 1, ends);
    if (row(K::ip).octets + part.octets.size() > largest_length) return too_long(i);
    // Without a source libtins would take one of this machine's.
    const Tins::IPv4Address no_matter("192.0.2.1");
    Tins::IP header(no_matter, no_matter);
    header.ttl(other_hop_limit);
    header.protocol(next_protocol(i));
    header.inner_pdu(Tins::RawPDU(part.octets));
    auto octets = to_octets(header);
    octets.resize(octets.size() - part.octets.size());
    write_address(octets, H::ip_src, ends.source);
    write_address(octets, H::ip_dst, ends.destination);
    part = prepend(layer, std::move(octets), std::move(part));
    if (layer.find(H::ip_checksum) == nullptr) {
      write_bits(part.octets, row(H::ip_checksum), 0);
      write_bits(part.octets, row(H::ip_checksum),
                 internet_checksum(sum_of(View(part.octets).first(row(K::ip).octets))));
    }
    return close_ah(i, std::move(part), ends);
  }

  Part ipv6(std::size_t i) {
    const auto& layer = packet_.layers[i];
    const Ends ends{address_of(layer, H::ipv6_src), address_of(layer, H::ipv6_dst), false};
    auto part = from(i + 1, ends);
    if (part.octets.size() > largest_length) return too_long(i);
    Tins::IPv6 header(tins_v6(ends.destination), tins_v6(ends.source));
    const bool icmpv6 = packet_.find(K::icmpv6) != nullptr;
    header.hop_limit(icmpv6 ? secct_hop_limit : other_hop_limit);
    header.next_header(next_protocol(i));
    header.inner_pdu(Tins::RawPDU(part.octets));
    auto octets = to_octets(header);
    octets.resize(row(K::ipv6).octets);
    return close_ah(i, prepend(layer, std::move(octets), std::move(part)), ends);
  }

  // The ICVs of the AHs in this datagram, now that it is complete.
  Part close_ah(std::size_t i, Part part, const Ends& ends) {
    for (const auto offset : part.ah) {
      const auto spi =
          static_cast<std::uint32_t>(big_endian(View(part.octets).subspan(offset + 4, 4)));
      const auto* sa = keys_.find(IpsecProtocol::ah, spi, ends.destination);
      if (sa == nullptr) {
        fault(i, "ah.icv", fmt::format("no key for AH SPI 0x{:08x}: give ah.icv or a key", spi));
        continue;
      }
      const auto icv = ah_icv(part.octets, offset, *sa);
      std::ranges::copy(
          icv, part.octets.begin() + static_cast<std::ptrdiff_t>(offset + ah_fixed_octets));
    }
    part.ah.clear();
    return part;
  }

  // --- extension headers
  Part option_header(std::size_t i, const Ends& ends) {
    const auto& layer = packet_.layers[i];
    Octets header{next_protocol(i), 0};
    for (const auto& element : layer.elements) {
      if (element.message) {
        auto octets = message(i, *element.message, Carrier::dstopt, ends);
        append(header, octets);
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
    if (missing == 1) missing = 9;  // wire-format 5: no Pad1 at the end
    if (missing > 0) {
      header.push_back(pad_n);
      header.push_back(static_cast<std::uint8_t>(missing - 2));
      header.resize(header.size() + missing - 2);
    }
    if (header.size() / 8 > 256) {
      fault(i, row(layer.kind).name, "longer than an extension header can be");
      return {};
    }
    header[1] = static_cast<std::uint8_t>(header.size() / 8 - 1);
    return prepend(layer, std::move(header), from(i + 1, ends));
  }

  void type_length_data(std::size_t i, const Element& element, Octets& to) {
    if (!element.length && element.data.size() > 0xff) {
      fault(i, "options",
            fmt::format("{} octets of data, more than a length octet says", element.data.size()));
    }
    to.push_back(element.type);
    to.push_back(element.length.value_or(static_cast<std::uint8_t>(element.data.size())));
    append(to, element.data);
  }

  Part fragment(std::size_t i, const Ends& ends) {
    Octets header(row(K::fraghdr).octets);
    header[0] = next_protocol(i);
    return prepend(packet_.layers[i], std::move(header), from(i + 1, ends));
  }

  Part ah(std::size_t i, const Ends& ends) {
    const auto& layer = packet_.layers[i];
    auto part = from(i + 1, ends);
    const auto* written = layer.octets(H::ah_icv);
    const auto icv = written != nullptr ? *written : Octets(icv_octets);
    Octets header(ah_fixed_octets);
    header[0] = next_protocol(i);
    header[1] = static_cast<std::uint8_t>((ah_fixed_octets + icv.size()) / 4 - 2);
    header[11] = 1;  // the first sequence number
    write_fields(layer, header);
    append(header, icv);
    for (auto& offset : part.ah) offset += header.size();
    if (written == nullptr) part.ah.push_back(0);
    append(header, part.octets);
    part.octets = std::move(header);
    return part;
  }

  Part esp(std::size_t i, const Ends& ends) {
    const auto& layer = packet_.layers[i];
    Octets header(esp_fixed_octets);
    header[7] = 1;
    write_fields(layer, header);
    if (const auto* closed = layer.octets(H::esp_data)) {
      append(header, *closed);
      return {header, {}};
    }
    const auto inner = from(i + 1, ends);
    const auto spi = static_cast<std::uint32_t>(big_endian(View(header).first(4)));
    const auto sequence = static_cast<std::uint32_t>(big_endian(View(header).subspan(4)));
    const auto* sa = keys_.find(IpsecProtocol::esp, spi, ends.destination);
    if (sa == nullptr) {
      fault(i, "esp.spi", fmt::format("no key for ESP SPI 0x{:08x}: give esp.data or a key", spi));
      return {};
    }
    if (!inner.ah.empty()) {
      fault(i + 1, "ah.icv", "cannot be computed below ESP in transport mode: give ah.icv");
    }
    EspOptions options;
    if (const auto* iv = layer.octets(H::esp_iv)) {
      if (iv->size() != iv_octets(sa->cipher)) {
        fault(i, "esp.iv",
              fmt::format("{} octets, expected {}", iv->size(), iv_octets(sa->cipher)));
      }
      options.iv = *iv;
    }
    if (const auto pad = layer.number(H::esp_pad_len)) {
      options.pad = static_cast<std::uint8_t>(*pad);
      if ((inner.octets.size() + *pad + 2) % block_octets(sa->cipher) != 0) {
        fault(i, "esp.pad_len",
              fmt::format("{} octets with it, no multiple of the cipher's {}",
                          inner.octets.size() + *pad + 2, block_octets(sa->cipher)));
      }
    }
    const auto next =
        static_cast<std::uint8_t>(layer.number(H::esp_protocol).value_or(next_protocol(i)));
    auto octets = esp_packet(*sa, sequence, next, inner.octets, options);
    if (const auto* icv = layer.octets(H::esp_icv)) {
      octets.resize(octets.size() - (sa->auth == AuthAlgorithm::none ? 0 : icv_octets));
      append(octets, *icv);
    }
    return {std::move(octets), {}};
  }

  // --- upper layers
  Part udp(std::size_t i, const Ends& ends) {
    const auto& layer = packet_.layers[i];
    auto part = from(i + 1, ends);
    if (row(K::udp).octets + part.octets.size() > largest_length) return too_long(i);
    Tins::UDP header;
    header.inner_pdu(Tins::RawPDU(part.octets));
    auto octets = to_octets(header);
    octets.resize(row(K::udp).octets);
    part = prepend(layer, std::move(octets), std::move(part));
    if (layer.find(H::udp_checksum) == nullptr) {
      write_bits(part.octets, row(H::udp_checksum), 0);
      const auto sum = upper_checksum(part.octets, ip_proto::udp, ends);
      write_bits(part.octets, row(H::udp_checksum), sum == 0 ? 0xffff : sum);
    }
    return part;
  }

  static std::uint16_t upper_checksum(View octets, std::uint8_t protocol, const Ends& ends) {
    const std::size_t skip = ends.v4 ? 12 : 0;  // of IPv4-mapped addresses
    const auto pseudo = sum_of(View(ends.source).subspan(skip)) +
                        sum_of(View(ends.destination).subspan(skip)) + octets.size() + protocol;
    return internet_checksum(pseudo + sum_of(octets));
  }

  Part icmpv6(std::size_t i, const Ends& ends) {
    const auto& layer = packet_.layers[i];
    Octets octets;
    if (!layer.elements.empty() && layer.elements[0].message) {
      octets = message(i, *layer.elements[0].message, Carrier::icmpv6, ends);
    } else {
      octets.resize(row(K::icmpv6).octets);
    }
    write_fields(layer, octets);
    append(octets, from(i + 1, ends).octets);
    if (layer.find(H::icmpv6_checksum) == nullptr && octets.size() >= row(K::icmpv6).octets) {
      write_bits(octets, row(H::icmpv6_checksum),
                 icmpv6_checksum(ends.source, ends.destination, octets));
    }
    return {std::move(octets), {}};
  }

  Part mip(std::size_t i, const Ends& ends) {
    const auto& layer = packet_.layers[i];
    const bool request = layer.kind == K::mip_request;
    Octets header(row(layer.kind).octets);
    header[0] = request ? mip_request_type : mip_reply_type;
    write_fields(layer, header);
    Octets octets = std::move(header);
    for (const auto& element : layer.elements) {
      if (element.message) {
        append(octets, message(i, *element.message,
                               request ? Carrier::mip4_request : Carrier::mip4_reply, ends));
      } else {
        type_length_data(i, element, octets);
      }
    }
    append(octets, from(i + 1, ends).octets);
    return {std::move(octets), {}};
  }

  Part data(std::size_t i, const Ends& ends) {
    const auto* octets = packet_.layers[i].octets(H::data_octets);
    auto part = octets != nullptr ? Part{*octets, {}} : Part{};
    append(part.octets, from(i + 1, ends).octets);
    return part;
  }

  // --- SecCT
  Octets message(std::size_t i, const Node& tree, Carrier carrier, const Ends& ends) {
    const auto* id = tree.find(Field::message);
    const auto number = id != nullptr ? id->number().value_or(0) : 0;
    if (number == 0 || find_value(Values::message, number) == nullptr) {
      fault(i, "secct.message", "expected a message name");
      return {};
    }
    const auto message = static_cast<Message>(number);
    const auto wanted = row(message).carrier;
    if (wanted != carrier && (wanted != Carrier::mip4_request || carrier != Carrier::mip4_reply)) {
      fault(i, "secct.message",
            fmt::format("{} does not belong into this layer",
                        find_value(Values::message, number)->key));
      return {};
    }
    auto encoded = encode(codepoints_, message, carrier, tree);
    for (auto& problem : encoded.faults) {
      fault(i, row(problem.field).name, std::move(problem.text));
    }
    if (wants_token(tree)) write_token(i, encoded.octets, carrier, ends);
    return std::move(encoded.octets);
  }

  // An AuthPrtr whose token the document leaves out.
  bool wants_token(const Node& node) const {
    if (node.field == Field::sub_options) {
      const auto* type = node.find(Field::subopt_type);
      return type != nullptr && type->number() == codepoints_[CodePoint::subopt_auth_prtr] &&
             node.find(Field::auth_token) == nullptr && node.find(Field::raw) == nullptr;
    }
    return std::ranges::any_of(node.children, [&](const auto& c) { return wants_token(c); });
  }

  void write_token(std::size_t i, Octets& octets, Carrier carrier, const Ends& ends) {
    Tape tape;
    Envelope envelope;
    envelope.source = ends.source;
    envelope.destination = ends.destination;
    envelope.complete = false;
    if (!decode(codepoints_, carrier, octets, envelope, tape)) return;
    const auto* token = tape.find(Field::auth_token);
    const auto* replay = tape.find(Field::auth_replay);
    const auto features = token_features(codepoints_, tape);
    if (token == nullptr || replay == nullptr || !features) return;
    const auto paddr = token_paddr(tape);
    const auto key = paddr && keys_.token_key ? keys_.token_key(*paddr) : std::nullopt;
    if (!key) {
      fault(i, "secct.auth.token",
            fmt::format("no token key for Paddr {}: give secct.auth.token or a key",
                        paddr ? to_text(*paddr) : "(none)"));
      return;
    }
    const auto value =
        compute_token(*key, *features, static_cast<std::uint8_t>(replay->number), *paddr);
    for (std::size_t k = 0; k < 4; ++k) {
      octets[token->offset + k] = static_cast<std::uint8_t>(value >> (24 - 8 * k));
    }
  }

  const CodePoints& codepoints_;
  const Keyring& keys_;
  const PacketDocument& packet_;
  Built out_;
};

}  // namespace

Built build(const CodePoints& codepoints, const Keyring& keys, const PacketDocument& packet) {
  return Builder(codepoints, keys, packet).run();
}

}  // namespace secct
