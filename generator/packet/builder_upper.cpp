// SPDX-License-Identifier: GPL-2.0-or-later
// AH, ESP, UDP, ICMPv6 and Mobile IPv4, and the SecCT messages in all layers.
#include <algorithm>

#include <fmt/format.h>
#include <tins/tins.h>

#include "generator/packet/builder.hpp"
#include "ipsec/esp.hpp"
#include "protocol/decode/decode.hpp"
#include "protocol/decode/keyed_input.hpp"
#include "protocol/encode/encode.hpp"

namespace secct::generator {
namespace {

using H = HeaderField;
using K = LayerKind;

constexpr std::size_t largest_udp = 0xffff;
constexpr std::uint8_t mip_request_type = 1;
constexpr std::uint8_t mip_reply_type = 3;

}  // namespace

Builder::Part Builder::ah(std::size_t i, const Endpoints& ends) {
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
  Part whole{std::move(header), {}};
  append_part(whole, std::move(part));
  if (written == nullptr) {
    Seal seal;
    seal.kind = SealKind::ah;
    seal.layer = i;
    seal.shift = layer.shift(H::ah_icv).value_or(Shift{}).by;
    whole.seals.push_back(std::move(seal));
  }
  return whole;
}

Builder::Part Builder::esp(std::size_t i, const Endpoints& ends) {
  const auto& layer = packet_.layers[i];
  Octets header(esp_fixed_octets);
  header[7] = 1;
  write_fields(layer, header);
  if (const auto* ciphertext = layer.octets(H::esp_data)) {
    append(header, *ciphertext);
    return {header, {}};
  }
  auto inner = without_open_ah(i + 1, ends);
  const auto spi = static_cast<std::uint32_t>(big_endian(View(header).first(4)));
  const auto sequence = static_cast<std::uint32_t>(big_endian(View(header).subspan(4)));
  const auto* sa = keys_.find(IpsecProtocol::esp, spi, ends.destination);
  if (sa == nullptr) {
    fault(i, "esp.spi",
          fmt::format("no key for ESP SPI 0x{:08x}: add a key or write esp.data", spi));
    return {};
  }
  EspOptions options;
  if (const auto* iv = layer.octets(H::esp_iv)) {
    if (iv->size() != iv_octets(sa->cipher)) {
      fault(i, "esp.iv", fmt::format("{} octets, expected {}", iv->size(), iv_octets(sa->cipher)));
    }
    options.iv = *iv;
  }
  if (const auto pad = layer.number(H::esp_pad_len)) {
    options.pad = static_cast<std::uint8_t>(*pad);
    if ((inner.octets.size() + *pad + 2) % block_octets(sa->cipher) != 0) {
      fault(i, "esp.pad_len",
            fmt::format("{} octets of plaintext with this padding, expected a multiple of {}",
                        inner.octets.size() + *pad + 2, block_octets(sa->cipher)));
    }
  }
  options.pad_length_shift = layer.shift(H::esp_pad_len).value_or(Shift{}).by;
  const auto next =
      static_cast<std::uint8_t>(layer.number(H::esp_protocol).value_or(next_protocol(i)));
  auto packet = unencrypted_esp(*sa, sequence, next, inner.octets, options);
  Seal seal;
  seal.kind = SealKind::esp;
  seal.layer = i;
  seal.end = packet.plaintext_end;
  seal.sa = static_cast<std::size_t>(sa - keys_.sas.data());
  seal.iv_octets = packet.iv_octets;
  seal.iv_given = packet.iv_given;
  seal.shift = layer.shift(H::esp_icv).value_or(Shift{}).by;
  if (const auto* icv = layer.octets(H::esp_icv)) {
    seal.icv_given = true;
    packet.octets.resize(packet.plaintext_end);
    append(packet.octets, *icv);
  }
  Part part{std::move(packet.octets), std::move(inner.seals)};
  for (auto& inner_seal : part.seals) inner_seal.move(esp_fixed_octets + packet.iv_octets);
  part.seals.push_back(std::move(seal));
  return part;
}

Builder::Part Builder::udp(std::size_t i, const Endpoints& ends) {
  const auto& layer = packet_.layers[i];
  auto part = from(i + 1, ends);
  if (row(K::udp).octets + part.octets.size() > largest_udp) return too_long(i);
  Tins::UDP header;
  header.inner_pdu(Tins::RawPDU(part.octets));
  auto octets = header.serialize();
  octets.resize(row(K::udp).octets);
  part = prepend(layer, std::move(octets), std::move(part));
  add_checksum(i, H::udp_checksum, ip_proto::udp, part.octets.size(), part);
  return part;
}

Builder::Part Builder::icmpv6(std::size_t i, const Endpoints& ends) {
  const auto& layer = packet_.layers[i];
  Part part;
  if (!layer.elements.empty() && layer.elements[0].message) {
    part = message(i, *layer.elements[0].message, Carrier::icmpv6, ends);
  } else {
    part.octets.resize(row(K::icmpv6).octets);
  }
  write_fields(layer, part.octets);
  append_part(part, without_open_ah(i + 1, ends));
  add_checksum(i, H::icmpv6_checksum, ip_proto::icmpv6, part.octets.size(), part);
  return part;
}

Builder::Part Builder::mip(std::size_t i, const Endpoints& ends) {
  const auto& layer = packet_.layers[i];
  const bool request = layer.kind == K::mip_request;
  Part part{Octets(row(layer.kind).octets), {}};
  part.octets[0] = request ? mip_request_type : mip_reply_type;
  write_fields(layer, part.octets);
  for (const auto& element : layer.elements) {
    if (element.message) {
      append_part(part, message(i, *element.message,
                                request ? Carrier::mip4_request : Carrier::mip4_reply, ends));
    } else {
      type_length_data(i, element, part.octets);
    }
  }
  append_part(part, without_open_ah(i + 1, ends));
  return part;
}

Builder::Part Builder::message(std::size_t i, const Node& tree, Carrier carrier,
                               const Endpoints& ends) {
  const auto* id = tree.find(Field::message);
  const auto number = id != nullptr ? id->number().value_or(0) : 0;
  if (!message_of_number(number)) {
    fault(i, "secct.message", "expected a message name");
    return {};
  }
  const auto message = message_of_number(number, carrier);
  if (!message) {
    fault(i, "secct.message",
          fmt::format("{} is not allowed in this layer",
                      message_info(*message_of_number(number)).key));
    return {};
  }
  auto encoded = encode(codepoints_, *message, tree);
  for (auto& problem : encoded.faults) {
    fault(i, row(problem.field).name, std::move(problem.text));
  }
  const auto finish = [&](Octets octets) {
    cut(packet_.layers[i], carrier, octets);
    return octets;
  };
  Part part{finish(std::move(encoded.octets)), {}};
  if (!wants_token(tree)) return part;
  // The decoder finds the token only in options of a known type.
  auto known = tree;
  if (with_known_options(known)) {
    add_token(i, tree, finish(encode(codepoints_, *message, known).octets), carrier, ends, part);
  } else {
    add_token(i, tree, part.octets, carrier, ends, part);
  }
  return part;
}

void Builder::cut(const Layer& layer, Carrier carrier, Octets& octets) {
  const auto field = find_header(layer.kind, "cut");
  const auto length = field ? layer.number(*field) : std::nullopt;
  if (!length || *length >= octets.size()) return;
  octets.resize(*length);
  if (carrier != Carrier::icmpv6 && octets.size() > 1) {
    octets[1] = static_cast<std::uint8_t>(octets.size() - 2);  // of the option or extension
  }
}

namespace {

const Node* find_token(const Node& node) {
  for (const auto& child : node.children) {
    if (child.field == Field::auth_token) return &child;
    if (const auto* found = find_token(child)) return found;
  }
  return nullptr;
}

}  // namespace

bool Builder::wants_token(const Node& node) const {
  if (node.field == Field::sub_options) {
    const auto* type = node.find(Field::subopt_type);
    const auto* token = node.find(Field::auth_token);
    return type != nullptr && type->number() == codepoints_[CodePoint::subopt_auth_prtr] &&
           (token == nullptr || token->shift() != 0) && node.find(Field::raw) == nullptr;
  }
  return std::ranges::any_of(node.children, [&](const auto& c) { return wants_token(c); });
}

bool Builder::with_known_options(Node& message) {
  bool changed = false;
  for (auto& child : message.children) {
    if (child.field != Field::options || !child.layout) continue;
    child.set({Field::opt_type, std::uint64_t{*child.layout}});
    changed = true;
  }
  return changed;
}

void Builder::add_token(std::size_t i, const Node& tree, View octets, Carrier carrier,
                        const Endpoints& ends, Part& to) {
  DecodedMessage decoded;
  Envelope envelope;
  envelope.source = ends.source;
  envelope.destination = ends.destination;
  envelope.complete = false;
  if (!decode(codepoints_, carrier, octets, envelope, decoded)) return;
  const auto* token = decoded.find(Field::auth_token);
  const auto* replay = decoded.find(Field::auth_replay);
  const auto features = token_features(codepoints_, decoded);
  if (token == nullptr || replay == nullptr || !features) return;
  if (token->offset + token->length > to.octets.size()) return;
  const auto paddr = token_paddr(decoded);
  if (!paddr) {
    fault(i, "secct.auth.token",
          "the packet has no Paddr to select a token key: write secct.auth.token");
    return;
  }
  Seal seal;
  seal.kind = SealKind::token;
  seal.layer = i;
  seal.at = token->offset;
  seal.input = token_input(*features, static_cast<std::uint8_t>(replay->number), *paddr);
  if (const auto* written = find_token(tree)) seal.shift = written->shift();
  to.seals.push_back(std::move(seal));
}

}  // namespace secct::generator
