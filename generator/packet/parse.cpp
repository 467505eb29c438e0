// SPDX-License-Identifier: GPL-2.0-or-later
// Searches for the shortest document that builds the same octets: first without all computed
// fields, then with those that are needed, then with the innermost layers replaced by octets.
#include "generator/packet/parse.hpp"

#include <algorithm>
#include <list>

#include "generator/packet/build.hpp"
#include "ipsec/esp.hpp"
#include "ipsec/keyed_sa.hpp"
#include "protocol/decode/decode.hpp"
#include "protocol/decode/mip4.hpp"
#include "protocol/encode/encode.hpp"

namespace secct::generator {
namespace {

using H = HeaderField;
using K = LayerKind;

constexpr std::size_t max_layers = 24;

class DocumentParser {
 public:
  DocumentParser(const CodePoints& codepoints, const Keyring& keys, LinkType link, View octets)
      : codepoints_(codepoints), keys_(keys), link_(link), octets_(octets) {}

  PacketDocument run() {
    parse();
    if (auto packet = attempt()) return *packet;
    // Write ESP as octets, beginning with the innermost one, because its layers are lost.
    while (!decrypted_esp_.empty()) {
      layers_.resize(decrypted_esp_.back().index + 1);
      layers_.back().layer = std::move(decrypted_esp_.back().encrypted);
      rest_ = {};
      decrypted_esp_.pop_back();
      if (auto packet = attempt()) return *packet;
    }
    while (!layers_.empty()) {
      rest_ = layers_.back().octets;
      layers_.pop_back();
      if (auto packet = attempt()) return *packet;
    }
    PacketDocument packet;
    packet.layers = {data_layer(octets_)};
    return packet;
  }

 private:
  struct ParsedLayer {
    Layer layer;
    View octets;  // of the layer and all layers inside it
  };
  struct DecryptedEsp {
    std::size_t index;  // in layers_
    Layer encrypted;    // the layer with the octets of the packet
  };

  static Layer data_layer(View octets) {
    Layer layer{.kind = K::data, .fields = {}, .elements = {}};
    layer.set(H::data_octets, Octets(octets.begin(), octets.end()));
    return layer;
  }

  bool builds_same(const PacketDocument& packet) const {
    const auto built = build(codepoints_, keys_, packet);
    return built.faults.empty() && std::ranges::equal(built.octets, octets_);
  }

  std::optional<PacketDocument> attempt() const {
    auto packet = to_document();
    auto minimal = packet;
    for (auto& layer : minimal.layers) {
      std::erase_if(layer.fields, [&](const auto& value) {
        return row(value.field).computed && (value.field != H::ah_icv || has_key(layer));
      });
    }
    if (builds_same(minimal)) return without_token(std::move(minimal));
    if (builds_same(packet)) return without_token(without_redundant_fields(std::move(packet)));
    return std::nullopt;
  }

  // Removes each computed field that the builder computes to the same value.
  PacketDocument without_redundant_fields(PacketDocument packet) const {
    for (auto& layer : packet.layers) {
      for (std::size_t i = layer.fields.size(); i-- > 0;) {
        if (!row(layer.fields[i].field).computed) continue;
        const auto value = layer.fields[i];
        layer.fields.erase(layer.fields.begin() + static_cast<std::ptrdiff_t>(i));
        if (!builds_same(packet)) {
          layer.fields.insert(layer.fields.begin() + static_cast<std::ptrdiff_t>(i), value);
        }
      }
    }
    return packet;
  }

  // Removes tokens that the builder computes to the same value.
  PacketDocument without_token(PacketDocument packet) const {
    auto* message = packet.message();
    if (!keys_.token_key || message == nullptr) return packet;
    const auto with = *message;
    if (!erase_token(*message) || builds_same(packet)) return packet;
    *message = with;
    return packet;
  }

  static bool erase_token(Node& node) {
    bool erased = std::erase_if(node.children, [](const auto& child) {
                    return child.field == Field::auth_token;
                  }) > 0;
    for (auto& child : node.children) erased = erase_token(child) || erased;
    return erased;
  }

  // The layers, and the octets after them as a layer `data`.
  PacketDocument to_document() const {
    PacketDocument packet;
    for (const auto& parsed : layers_) packet.layers.push_back(parsed.layer);
    if (!rest_.empty()) packet.layers.push_back(data_layer(rest_));
    return packet;
  }

  bool has_key(const Layer& ah) const {
    return keys_.find(IpsecProtocol::ah,
                      static_cast<std::uint32_t>(ah.number(H::ah_spi).value_or(0)),
                      destination_) != nullptr;
  }

  // A layer with all fields of its fixed header.
  static Layer header(K kind, View octets) {
    Layer layer{.kind = kind, .fields = {}, .elements = {}};
    for (const auto& field : header_rows()) {
      if (field.layer != kind || !field.is_fixed()) continue;
      if (field.is_number()) {
        layer.fields.push_back({field.id, read_bits(octets, field)});
      } else {
        const auto part = octets.subspan(field.bit / 8, field.bits / 8);
        layer.fields.push_back({field.id, Octets(part.begin(), part.end())});
      }
    }
    return layer;
  }

  // Adds the next layer, which has `length` octets.
  void add(Layer layer, std::size_t length) {
    layers_.push_back({std::move(layer), rest_});
    rest_ = rest_.subspan(length);
  }

  void parse() {
    rest_ = octets_;
    const auto type = link_header();
    for (const auto kind : {K::ip, K::ipv6}) {
      if (type == static_cast<std::uint64_t>(row(kind).ethertype)) datagram();
    }
  }

  // Parses the link layer. Returns the EtherType of the next layer, 0 if it is unknown.
  std::uint64_t link_header() {
    const auto take = [&](K kind, H type) -> std::uint64_t {
      if (rest_.size() < row(kind).octets) return 0;
      add(header(kind, rest_), row(kind).octets);
      return layers_.back().layer.number(type).value_or(0);
    };
    switch (link_) {
      case LinkType::ethernet: return vlan_tags(take(K::eth, H::eth_type));
      case LinkType::sll: return vlan_tags(take(K::sll, H::sll_etype));
      case LinkType::sll2: return vlan_tags(take(K::sll2, H::sll2_etype));
      case LinkType::null:
      case LinkType::loop: take(K::null, H::null_family); break;
      case LinkType::raw_ip:
      case LinkType::raw_ipv4:
      case LinkType::raw_ipv6: break;
      default: return 0;
    }
    if (rest_.empty()) return 0;
    return static_cast<std::uint64_t>(row(rest_[0] >> 4 == 6 ? K::ipv6 : K::ip).ethertype);
  }

  // Parses VLAN tags of customer and provider. Returns the EtherType of the next layer.
  std::uint64_t vlan_tags(std::uint64_t type) {
    constexpr std::uint64_t provider_tag = 0x88a8;
    const auto tag = static_cast<std::uint64_t>(row(K::vlan).ethertype);
    while ((type == tag || type == provider_tag) && rest_.size() >= row(K::vlan).octets &&
           layers_.size() < max_layers) {
      add(header(K::vlan, rest_), row(K::vlan).octets);
      type = layers_.back().layer.number(H::vlan_etype).value_or(0);
    }
    return type;
  }

  // Parses an IP datagram. If it is truncated or has wrong lengths, parses the complete headers.
  void datagram() {
    auto found = parse_datagram(rest_);
    if (!found) found = parse_partial_datagram(rest_);
    if (!found || layers_.size() >= max_layers) return;
    destination_ = found->destination;
    ethernet_trailer(found->octets.size());
    auto layer = header(found->v4 ? K::ip : K::ipv6, rest_);
    const auto fixed = row(layer.kind).octets;
    if (found->header_octets > fixed) {
      const auto options = rest_.subspan(fixed, found->header_octets - fixed);
      layer.set(H::ip_options, Octets(options.begin(), options.end()));
    }
    add(std::move(layer), found->header_octets);
    chain(*found, 0);
  }

  // The octets after a datagram of `length` octets are padding of Ethernet.
  void ethernet_trailer(std::size_t length) {
    if (layers_.empty() || layers_.front().layer.kind != K::eth || length >= rest_.size()) return;
    const bool outermost = std::ranges::all_of(layers_, [](const auto& parsed) {
      return parsed.layer.kind == K::eth || parsed.layer.kind == K::vlan;
    });
    if (!outermost) return;
    const auto padding = rest_.subspan(length);
    layers_.front().layer.set(H::eth_trailer, Octets(padding.begin(), padding.end()));
    rest_ = rest_.first(length);
  }

  void chain(const Datagram& datagram, std::size_t from) {
    for (auto i = from; i < datagram.chain.size(); ++i) {
      const auto& part = datagram.chain[i];
      if (!extension(datagram, part)) {
        upper(datagram, part);
        return;
      }
    }
  }

  // The layer of an extension header.
  static std::optional<K> kind_of(std::uint8_t type) {
    switch (type) {
      case ip_proto::hop_by_hop: return K::hopopts;
      case ip_proto::dstopts: return K::dstopts;
      case ip_proto::routing: return K::routing;
      case ip_proto::fragment: return K::fraghdr;
      case ip_proto::ah: return K::ah;
      default: return std::nullopt;
    }
  }

  // Returns false if the header cannot be a layer, because it is truncated or malformed.
  bool extension(const Datagram& datagram, const Header& part) {
    const auto octets = datagram.octets_of(part);
    const auto kind = kind_of(part.type);
    if (!kind || octets.size() < row(*kind).octets) return false;
    switch (part.type) {
      case ip_proto::hop_by_hop:
      case ip_proto::dstopts: {
        auto layer = header(*kind, octets);
        layer.elements = elements(datagram, octets);
        if (layer.elements.empty()) return false;
        add(std::move(layer), part.length);
        return true;
      }
      case ip_proto::fragment: add(header(*kind, octets), part.length); return true;
      case ip_proto::routing: {
        auto layer = header(*kind, octets);
        const auto data = octets.subspan(row(K::routing).octets);
        layer.set(H::routing_data, Octets(data.begin(), data.end()));
        add(std::move(layer), part.length);
        return true;
      }
      case ip_proto::ah: {
        auto layer = header(*kind, octets);
        const auto icv = octets.subspan(ah_fixed_octets);
        layer.set(H::ah_icv, Octets(icv.begin(), icv.end()));
        add(std::move(layer), part.length);
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
      if (auto message = message_in(datagram, Carrier::dstopt, whole)) {
        element.message = std::move(message);
      } else if (option.length > 1) {
        element.data.assign(whole.begin() + 2, whole.end());
      }
      elements.push_back(std::move(element));
    }
    // The builder adds this padding itself.
    if (elements.size() > 1 && !elements.back().message && elements.back().type == 1 &&
        std::ranges::all_of(elements.back().data, [](auto o) { return o == 0; })) {
      const auto unpadded = options.back().offset;
      const auto missing = (8 - unpadded % 8) % 8;
      if (options.back().length == (missing == 1 ? 9 : missing)) elements.pop_back();
    }
    return elements;
  }

  std::optional<Node> message_in(const Datagram& datagram, Carrier carrier, View octets) {
    Envelope envelope;
    envelope.source = datagram.source;
    envelope.destination = datagram.destination;
    envelope.complete = false;
    if (!decode(codepoints_, carrier, octets, envelope, decoded_)) return std::nullopt;
    return to_node(codepoints_, decoded_);
  }

  void upper(const Datagram& datagram, const Header& part) {
    const auto octets = datagram.octets_of(part);
    if (part.type == ip_proto::icmpv6 && octets.size() >= row(K::icmpv6).octets) {
      auto layer = header(K::icmpv6, octets);
      auto message = message_in(datagram, Carrier::icmpv6, octets);
      const bool is_secct = message.has_value();
      if (is_secct) {
        layer.elements.emplace_back().message = std::move(message);
        std::erase_if(layer.fields, [](const auto& value) {  // part of the message
          return value.field == H::icmpv6_type || value.field == H::icmpv6_code;
        });
      }
      add(std::move(layer), is_secct ? octets.size() : row(K::icmpv6).octets);
    } else if (part.type == ip_proto::udp && octets.size() >= row(K::udp).octets) {
      auto layer = header(K::udp, octets);
      const bool is_mip =
          layer.number(H::udp_dstport) == mip4::port || layer.number(H::udp_srcport) == mip4::port;
      add(std::move(layer), row(K::udp).octets);
      if (is_mip) mobile_ip(datagram, octets.subspan(row(K::udp).octets));
    } else if (part.type == ip_proto::esp && octets.size() >= esp_fixed_octets) {
      esp(datagram, part);
    } else if (part.type == ip_proto::ipv6 || part.type == ip_proto::ipv4) {
      this->datagram();
    }
  }

  void mobile_ip(const Datagram& datagram, View octets) {
    const auto* registration = find_registration(octets);
    if (registration == nullptr) return;
    const auto kind =
        registration->carrier == Carrier::mip4_request ? K::mip_request : K::mip_reply;
    auto layer = header(kind, octets);
    // Documents write all extensions as type, length and data, including those of other formats.
    std::size_t at = registration->fixed_octets;
    while (octets.size() - at >= 2 && octets[at + 1] + 2U <= octets.size() - at) {
      const auto whole = octets.subspan(at, octets[at + 1] + 2U);
      Element element;
      element.type = whole[0];
      if (auto message = message_in(datagram, registration->carrier, whole)) {
        element.message = std::move(message);
      } else {
        element.data.assign(whole.begin() + 2, whole.end());
      }
      layer.elements.push_back(std::move(element));
      at += whole.size();
    }
    add(std::move(layer), at);
  }

  void esp(const Datagram& datagram, const Header& part) {
    const auto octets = datagram.octets_of(part);
    const auto head = ipsec_head(datagram, part);
    auto layer = header(K::esp, octets);
    auto encrypted = layer;
    const auto data = octets.subspan(esp_fixed_octets);
    encrypted.set(H::esp_data, Octets(data.begin(), data.end()));
    const auto* sa = keys_.find(IpsecProtocol::esp, head->spi, datagram.destination);
    auto inner = sa != nullptr ? decapsulate_esp(datagram, part, *sa) : Decapsulated();
    if (sa == nullptr || inner.error != IpsecError::none || layers_.size() >= max_layers ||
        rest_.size() != octets.size()) {  // the octets after the datagram would be lost
      add(std::move(encrypted), octets.size());
      return;
    }
    const auto iv = make_iv(*sa, head->sequence);
    if (!std::ranges::equal(data.first(iv.size()), iv)) {
      layer.set(H::esp_iv,
                Octets(data.begin(), data.begin() + static_cast<std::ptrdiff_t>(iv.size())));
    }
    const auto icv = octets.last(sa->auth == AuthAlgorithm::none ? 0 : icv_octets);
    layer.set(H::esp_icv, Octets(icv.begin(), icv.end()));
    layer.set(H::esp_pad_len, std::uint64_t{inner.pad});
    layer.set(H::esp_protocol, std::uint64_t{inner.next});
    decrypted_esp_.push_back({layers_.size(), std::move(encrypted)});
    add(std::move(layer), octets.size());
    decrypted_.push_back(std::move(inner.datagram));
    esp_payload(datagram, part, decrypted_.back(), inner.tunnel());
  }

  // In transport mode, the decrypted datagram begins with the outer headers, which are layers
  // already.
  void esp_payload(const Datagram& outer, const Header& part, View decrypted, bool tunnel) {
    if (tunnel) {
      rest_ = decrypted;
      datagram();
      return;
    }
    rest_ = decrypted.subspan(part.offset);
    const auto inner = parse_datagram(decrypted);
    if (inner) chain(*inner, static_cast<std::size_t>(&part - outer.chain.data()));
  }

  const CodePoints& codepoints_;
  const Keyring& keys_;
  LinkType link_;
  View octets_;
  std::vector<ParsedLayer> layers_;
  View rest_;  // the octets after the layers
  Address destination_{};
  std::vector<DecryptedEsp> decrypted_esp_;
  std::list<Octets> decrypted_;  // datagrams; a list, so that views of them stay valid
  DecodedMessage decoded_;
};

}  // namespace

PacketDocument parse_to_document(const CodePoints& codepoints, const Keyring& keys, LinkType link,
                                 View octets) {
  return DocumentParser(codepoints, keys, link, octets).run();
}

}  // namespace secct::generator
