// SPDX-License-Identifier: GPL-2.0-or-later
// Octets to documents. A document is tried with as little as possible written out, then with every
// field, then with the innermost layers as plain octets: the first that builds the same again wins.
#include <algorithm>

#include "generator/document.hpp"
#include "generator/ipsec.hpp"
#include "protocol/decode.hpp"
#include "protocol/encode.hpp"

namespace secct {
namespace {

using H = HeaderField;
using K = LayerKind;

constexpr std::uint8_t mip_request_type = 1;
constexpr std::uint8_t mip_reply_type = 3;
constexpr std::uint64_t mip_port = 434;
constexpr std::size_t max_layers = 24;

class Walker {
 public:
  Walker(const CodePoints& codepoints, const Keyring& keys, LinkType link, View octets)
      : codepoints_(codepoints), keys_(keys), link_(link), octets_(octets) {}

  PacketDocument run() {
    walk();
    auto packet = finished(layers_.size(), true);
    if (same(packet)) return packet;
    packet = finished(layers_.size(), false);
    if (same(packet)) return trimmed(std::move(packet));
    for (auto keep = layers_.size(); keep-- > 0;) {
      packet = finished(keep, false);
      if (same(packet)) return trimmed(std::move(packet));
    }
    packet.layers = {plain(octets_)};
    return packet;
  }

 private:
  struct Found {
    Layer layer;
    std::size_t offset;
  };

  static Layer plain(View octets) {
    Layer layer{.kind = K::data, .fields = {}, .elements = {}};
    layer.set(H::data_octets, Octets(octets.begin(), octets.end()));
    return layer;
  }

  bool same(const PacketDocument& packet) const {
    const auto built = build(codepoints_, keys_, packet);
    return built.faults.empty() && std::ranges::equal(built.octets, octets_);
  }

  // Without those computed fields whose absence changes nothing.
  PacketDocument trimmed(PacketDocument packet) const {
    for (auto& layer : packet.layers) {
      for (std::size_t i = layer.fields.size(); i-- > 0;) {
        if (!row(layer.fields[i].field).computed) continue;
        const auto value = layer.fields[i];
        layer.fields.erase(layer.fields.begin() + static_cast<std::ptrdiff_t>(i));
        if (!same(packet)) {
          layer.fields.insert(layer.fields.begin() + static_cast<std::ptrdiff_t>(i), value);
        }
      }
    }
    return packet;
  }

  // The first `keep` layers, the octets after them as they are.
  PacketDocument finished(std::size_t keep, bool lean) const {
    PacketDocument packet;
    for (std::size_t i = 0; i < keep; ++i) {
      auto layer = layers_[i].layer;
      if (lean) {
        std::erase_if(layer.fields, [](const auto& value) {
          // An ICV without its key and a closed ESP cannot be computed.
          return row(value.field).computed && value.field != H::ah_icv;
        });
        if (layer.kind == K::ah && knows(layer)) {
          std::erase_if(layer.fields, [](const auto& v) { return v.field == H::ah_icv; });
        }
      }
      packet.layers.push_back(std::move(layer));
    }
    const auto offset = keep < layers_.size() ? layers_[keep].offset : tail_;
    if (opened_ && keep < layers_.size()) return packet;  // offsets are those of the decrypted text
    if (offset < octets_.size()) packet.layers.push_back(plain(octets_.subspan(offset)));
    return packet;
  }

  bool knows(const Layer& ah) const {
    return keys_.find(IpsecProtocol::ah,
                      static_cast<std::uint32_t>(ah.number(H::ah_spi).value_or(0)),
                      destination_) != nullptr;
  }

  // Every field of a fixed header as it stands.
  static Layer header(K kind, View octets) {
    Layer layer{.kind = kind, .fields = {}, .elements = {}};
    for (const auto& field : header_rows()) {
      if (field.layer != kind || field.bits == 0) continue;
      if (field.is_number()) {
        layer.fields.push_back({field.id, read_bits(octets, field)});
      } else {
        const auto part = octets.subspan(field.bit / 8, field.bits / 8);
        layer.fields.push_back({field.id, Octets(part.begin(), part.end())});
      }
    }
    return layer;
  }

  void add(Layer layer, std::size_t offset) { layers_.push_back({std::move(layer), offset}); }

  void walk() {
    tail_ = 0;
    std::uint64_t type = 0;
    if (link_ == LinkType::ethernet) {
      if (octets_.size() < row(K::eth).octets) return;
      add(header(K::eth, octets_), 0);
      tail_ = row(K::eth).octets;
      type = layers_.back().layer.number(H::eth_type).value_or(0);
      while (type == static_cast<std::uint64_t>(row(K::vlan).ethertype) &&
             octets_.size() - tail_ >= row(K::vlan).octets && layers_.size() < max_layers) {
        add(header(K::vlan, octets_.subspan(tail_)), tail_);
        tail_ += row(K::vlan).octets;
        type = layers_.back().layer.number(H::vlan_etype).value_or(0);
      }
    } else if (!octets_.empty()) {
      type = static_cast<std::uint64_t>(row(octets_[0] >> 4 == 6 ? K::ipv6 : K::ip).ethertype);
    }
    for (const auto kind : {K::ip, K::ipv6}) {
      if (type == static_cast<std::uint64_t>(row(kind).ethertype)) datagram(octets_.subspan(tail_));
    }
  }

  // `octets` starts at tail_ of the packet, or is what ESP held.
  void datagram(View octets) {
    const auto found = parse_datagram(octets);
    if (!found || layers_.size() >= max_layers) return;
    if (found->v4 && found->header_octets != row(K::ip).octets) return;  // IPv4 options: plain
    const auto kind = found->v4 ? K::ip : K::ipv6;
    const auto start = tail_;
    add(header(kind, octets), start);
    tail_ = start + found->header_octets;
    destination_ = found->destination;
    for (const auto& part : found->chain) {
      tail_ = start + part.offset;
      if (!extension(*found, part)) {
        upper(*found, part);
        break;
      }
      tail_ += part.length;
    }
  }

  bool extension(const Datagram& datagram, const Header& part) {
    const auto octets = datagram.octets_of(part);
    switch (part.type) {
      case ip_proto::hop_by_hop:
      case ip_proto::dstopts: {
        const auto kind = part.type == ip_proto::dstopts ? K::dstopts : K::hopopts;
        auto layer = header(kind, octets);
        layer.elements = elements(datagram, octets);
        if (layer.elements.empty() && octets.size() > 2) return false;
        add(std::move(layer), tail_);
        return true;
      }
      case ip_proto::fragment: add(header(K::fraghdr, octets), tail_); return true;
      case ip_proto::ah: {
        auto layer = header(K::ah, octets);
        const auto icv = octets.subspan(ah_fixed_octets);
        layer.set(H::ah_icv, Octets(icv.begin(), icv.end()));
        add(std::move(layer), tail_);
        return true;
      }
      default: return false;
    }
  }

  std::vector<Element> elements(const Datagram& datagram, View octets) {
    std::vector<Element> elements;
    const auto options = parse_header_options(octets);
    for (const auto& option : options) {
      const auto whole = octets.subspan(option.offset, option.length);
      Element element;
      element.type = whole[0];
      if (auto message = secct(datagram, Carrier::dstopt, whole)) {
        element.message = std::move(message);
      } else if (option.length > 1) {
        element.data.assign(whole.begin() + 2, whole.end());
      }
      elements.push_back(std::move(element));
    }
    // The padding that the builder adds by itself.
    if (elements.size() > 1 && !elements.back().message && elements.back().type == 1 &&
        std::ranges::all_of(elements.back().data, [](auto o) { return o == 0; })) {
      const auto unpadded = options.back().offset;
      const auto missing = (8 - unpadded % 8) % 8;
      if (options.back().length == (missing == 1 ? 9 : missing)) elements.pop_back();
    }
    return elements;
  }

  std::optional<Node> secct(const Datagram& datagram, Carrier carrier, View octets) {
    Envelope envelope;
    envelope.source = datagram.source;
    envelope.destination = datagram.destination;
    envelope.complete = false;
    if (!decode(codepoints_, carrier, octets, envelope, tape_)) return std::nullopt;
    return to_node(codepoints_, tape_);
  }

  void upper(const Datagram& datagram, const Header& part) {
    const auto octets = datagram.octets_of(part);
    if (part.type == ip_proto::icmpv6 && octets.size() >= row(K::icmpv6).octets) {
      auto layer = header(K::icmpv6, octets);
      auto message = secct(datagram, Carrier::icmpv6, octets);
      const bool ours = message.has_value();
      if (ours) {
        layer.elements.emplace_back().message = std::move(message);
        std::erase_if(layer.fields, [](const auto& value) {  // the message has these itself
          return value.field == H::icmpv6_type || value.field == H::icmpv6_code;
        });
      }
      add(std::move(layer), tail_);
      tail_ += ours ? octets.size() : row(K::icmpv6).octets;
    } else if (part.type == ip_proto::udp && octets.size() >= row(K::udp).octets) {
      add(header(K::udp, octets), tail_);
      const auto& layer = layers_.back().layer;
      const bool is_mip =
          layer.number(H::udp_dstport) == mip_port || layer.number(H::udp_srcport) == mip_port;
      tail_ += row(K::udp).octets;
      if (is_mip) mobile_ip(datagram, octets.subspan(row(K::udp).octets));
    } else if (part.type == ip_proto::esp && octets.size() >= esp_fixed_octets) {
      closed_or_open_esp(datagram, part);
    } else if (part.type == ip_proto::ipv6 || part.type == ip_proto::ipv4) {
      this->datagram(octets);
    }
  }

  void mobile_ip(const Datagram& datagram, View octets) {
    if (octets.empty()) return;
    const bool request = octets[0] == mip_request_type;
    if (!request && octets[0] != mip_reply_type) return;
    const auto kind = request ? K::mip_request : K::mip_reply;
    std::size_t at = row(kind).octets;
    if (octets.size() < at) return;
    auto layer = header(kind, octets);
    while (octets.size() - at >= 2 && octets[at + 1] + 2U <= octets.size() - at) {
      const auto whole = octets.subspan(at, octets[at + 1] + 2U);
      Element element;
      element.type = whole[0];
      const auto carrier = request ? Carrier::mip4_request : Carrier::mip4_reply;
      if (auto message = secct(datagram, carrier, whole)) {
        element.message = std::move(message);
      } else {
        element.data.assign(whole.begin() + 2, whole.end());
      }
      layer.elements.push_back(std::move(element));
      at += whole.size();
    }
    add(std::move(layer), tail_);
    tail_ += at;
  }

  void closed_or_open_esp(const Datagram& datagram, const Header& part) {
    const auto octets = datagram.octets_of(part);
    auto layer = header(K::esp, octets);
    const auto head = ipsec_head(datagram, part);
    const auto* sa = keys_.find(IpsecProtocol::esp, head->spi, datagram.destination);
    if (sa != nullptr) {
      const auto opened = open_esp(datagram, part, *sa);
      const auto inner = opened.refusal == Refusal::none ? parse_datagram(opened.datagram)
                                                         : std::optional<Datagram>();
      if (inner) {
        const auto iv = octets.subspan(esp_fixed_octets, inner_iv(*sa));
        if (!std::ranges::equal(iv, make_iv(*sa, head->sequence))) {
          layer.fields.push_back({H::esp_iv, Octets(iv.begin(), iv.end())});
        }
        open_layers(datagram, std::move(layer), opened.datagram, *inner, *sa);
        return;
      }
    }
    const auto rest = octets.subspan(esp_fixed_octets);
    layer.set(H::esp_data, Octets(rest.begin(), rest.end()));
    add(std::move(layer), tail_);
    tail_ += octets.size();
  }

  static std::size_t inner_iv(const Sa& sa) { return make_iv(sa, 0).size(); }

  // In transport mode what was decrypted has the outer IP header again: that one is not repeated.
  void open_layers(const Datagram& outer, Layer layer, const Octets& text, const Datagram& inner,
                   const Sa& sa) {
    const auto before = layers_;
    const auto before_tail = tail_;
    const auto before_destination = destination_;
    add(std::move(layer), tail_);
    opened_ = true;
    const bool tunnel =
        sa.tunnel || inner.source != outer.source || inner.destination != outer.destination;
    const auto base = layers_.size();
    decrypted_.push_back(text);
    datagram(decrypted_.back());
    if (!tunnel && layers_.size() > base) {
      layers_.erase(layers_.begin() + static_cast<std::ptrdiff_t>(base));
    }
    // What the walk did not understand inside stays closed.
    tail_ = octets_.size();
    if (same(finished(layers_.size(), true))) return;
    layers_ = before;
    tail_ = before_tail;
    destination_ = before_destination;
    opened_ = false;
    Layer closed = header(K::esp, octets_.subspan(tail_));
    const auto rest = octets_.subspan(tail_ + esp_fixed_octets);
    closed.set(H::esp_data, Octets(rest.begin(), rest.end()));
    add(std::move(closed), tail_);
    tail_ = octets_.size();
  }

  const CodePoints& codepoints_;
  const Keyring& keys_;
  LinkType link_;
  View octets_;
  std::vector<Found> layers_;
  std::size_t tail_ = 0;  // what no layer covers begins here
  Address destination_{};
  bool opened_ = false;  // an ESP was decrypted: offsets behind it mean nothing
  std::vector<Octets> decrypted_;
  Tape tape_;
};

}  // namespace

PacketDocument dissolve(const CodePoints& codepoints, const Keyring& keys, LinkType link,
                        View octets) {
  return Walker(codepoints, keys, link, octets).run();
}

}  // namespace secct
