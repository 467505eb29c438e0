// SPDX-License-Identifier: GPL-2.0-or-later
// AH, ESP, UDP, ICMPv6, Mobile IPv4, and the SecCT messages in them.
#include <algorithm>

#include <fmt/format.h>
#include <tins/tins.h>

#include "generator/builder.hpp"
#include "generator/crypto.hpp"
#include "generator/ipsec.hpp"
#include "protocol/decode.hpp"
#include "protocol/derive.hpp"
#include "protocol/encode.hpp"

namespace secct {
namespace {

using H = HeaderField;
using K = LayerKind;

constexpr std::size_t largest_udp = 0xffff;
constexpr std::uint8_t mip_request_type = 1;
constexpr std::uint8_t mip_reply_type = 3;

}  // namespace

Builder::Part Builder::ah(std::size_t i, const Ends& ends) {
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
  for (auto& open : part.ah) open.offset += header.size();
  if (written == nullptr) part.ah.push_back({i, 0});
  append(header, part.octets);
  part.octets = std::move(header);
  return part;
}

Builder::Part Builder::esp(std::size_t i, const Ends& ends) {
  const auto& layer = packet_.layers[i];
  Octets header(esp_fixed_octets);
  header[7] = 1;
  write_fields(layer, header);
  if (const auto* closed = layer.octets(H::esp_data)) {
    append(header, *closed);
    return {header, {}};
  }
  const auto inner = octets_from(i + 1, ends);
  const auto spi = static_cast<std::uint32_t>(big_endian(View(header).first(4)));
  const auto sequence = static_cast<std::uint32_t>(big_endian(View(header).subspan(4)));
  const auto* sa = keys_.find(IpsecProtocol::esp, spi, ends.destination);
  if (sa == nullptr) {
    fault(i, "esp.spi", fmt::format("no key for ESP SPI 0x{:08x}: give esp.data or a key", spi));
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
    if ((inner.size() + *pad + 2) % block_octets(sa->cipher) != 0) {
      fault(i, "esp.pad_len",
            fmt::format("{} octets with it, no multiple of the cipher's {}",
                        inner.size() + *pad + 2, block_octets(sa->cipher)));
    }
  }
  options.pad_length_shift = layer.shift(H::esp_pad_len).value_or(Shift{}).by;
  const auto next =
      static_cast<std::uint8_t>(layer.number(H::esp_protocol).value_or(next_protocol(i)));
  auto octets = esp_packet(*sa, sequence, next, inner, options);
  const auto sealed = sa->auth == AuthAlgorithm::none ? 0 : icv_octets;
  add_to(std::span(octets).last(sealed), layer.shift(H::esp_icv));
  if (const auto* icv = layer.octets(H::esp_icv)) {
    octets.resize(octets.size() - sealed);
    append(octets, *icv);
  }
  return {std::move(octets), {}};
}

Builder::Part Builder::udp(std::size_t i, const Ends& ends) {
  const auto& layer = packet_.layers[i];
  auto part = from(i + 1, ends);
  if (row(K::udp).octets + part.octets.size() > largest_udp) return too_long(i);
  Tins::UDP header;
  header.inner_pdu(Tins::RawPDU(part.octets));
  auto octets = header.serialize();
  octets.resize(row(K::udp).octets);
  part = prepend(layer, std::move(octets), std::move(part));
  write_checksum(layer, H::udp_checksum, part.octets, [&] {
    const auto sum = udp_checksum(ends.source, ends.destination, ends.v4, part.octets);
    return sum == 0 ? std::uint16_t{0xffff} : sum;
  });
  return part;
}

Builder::Part Builder::icmpv6(std::size_t i, const Ends& ends) {
  const auto& layer = packet_.layers[i];
  Octets octets;
  if (!layer.elements.empty() && layer.elements[0].message) {
    octets = message(i, *layer.elements[0].message, Carrier::icmpv6, ends);
  } else {
    octets.resize(row(K::icmpv6).octets);
  }
  write_fields(layer, octets);
  append(octets, octets_from(i + 1, ends));
  write_checksum(layer, H::icmpv6_checksum, octets,
                 [&] { return icmpv6_checksum(ends.source, ends.destination, octets); });
  return {std::move(octets), {}};
}

Builder::Part Builder::mip(std::size_t i, const Ends& ends) {
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
  append(octets, octets_from(i + 1, ends));
  return {std::move(octets), {}};
}

Octets Builder::message(std::size_t i, const Node& tree, Carrier carrier, const Ends& ends) {
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
  const auto finish = [&](Octets octets) {
    cut(packet_.layers[i], carrier, octets);
    return octets;
  };
  auto octets = finish(std::move(encoded.octets));
  if (!wants_token(tree)) return octets;
  auto known = tree;
  if (with_known_options(known)) {
    write_token(i, tree, finish(encode(codepoints_, message, carrier, known).octets), carrier, ends,
                octets);
  } else {
    write_token(i, tree, octets, carrier, ends, octets);
  }
  return octets;
}

// What is left of a message that is cut; the option or extension around it ends with it.
void Builder::cut(const Layer& layer, Carrier carrier, Octets& octets) {
  const auto field = find_header(layer.kind, "cut");
  const auto length = field ? layer.number(*field) : std::nullopt;
  if (!length || *length >= octets.size()) return;
  octets.resize(*length);
  if (carrier != Carrier::icmpv6 && octets.size() > 1) {
    octets[1] = static_cast<std::uint8_t>(octets.size() - 2);
  }
}

namespace {

const Node* find_token(const Node& node) {
  for (const auto& child : node.children) {
    if (child.field == Field::auth_token) return &child;
    if (const auto* below = find_token(child)) return below;
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

void Builder::write_token(std::size_t i, const Node& tree, View octets, Carrier carrier,
                          const Ends& ends, Octets& to) {
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
    to.at(token->offset + k) = static_cast<std::uint8_t>(value >> (24 - 8 * k));
  }
  if (const auto* written = find_token(tree)) {
    add_to(std::span(to).subspan(token->offset, 4), Shift{written->shift()});
  }
}

}  // namespace secct
