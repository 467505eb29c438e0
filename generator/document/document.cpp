// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/document/document.hpp"

#include <algorithm>
#include <utility>

namespace secct::generator {

const HeaderValue* Layer::find(HeaderField field) const {
  const auto found = std::ranges::find(fields, field, &HeaderValue::field);
  return found == fields.end() ? nullptr : &*found;
}

std::optional<std::uint64_t> Layer::number(HeaderField field) const {
  const auto* value = find(field);
  if (value == nullptr || !std::holds_alternative<std::uint64_t>(value->value)) return std::nullopt;
  return std::get<std::uint64_t>(value->value);
}

const Octets* Layer::octets(HeaderField field) const {
  const auto* value = find(field);
  return value == nullptr ? nullptr : std::get_if<Octets>(&value->value);
}

std::optional<Shift> Layer::shift(HeaderField field) const {
  const auto* value = find(field);
  if (value == nullptr || !std::holds_alternative<Shift>(value->value)) return std::nullopt;
  return std::get<Shift>(value->value);
}

void Layer::set(HeaderField field, std::variant<std::uint64_t, Octets, Shift> value) {
  for (auto& existing : fields) {
    if (existing.field == field) {
      existing.value = std::move(value);
      return;
    }
  }
  fields.push_back({field, std::move(value)});
}

std::optional<Carrier> carrier_of(LayerKind kind) {
  switch (kind) {
    case LayerKind::icmpv6: return Carrier::icmpv6;
    case LayerKind::hopopts:
    case LayerKind::dstopts: return Carrier::dstopt;
    case LayerKind::mip_request: return Carrier::mip4_request;
    case LayerKind::mip_reply: return Carrier::mip4_reply;
    default: return std::nullopt;
  }
}

bool has_options(LayerKind kind) {
  return kind != LayerKind::icmpv6 && carrier_of(kind).has_value();
}

const std::string& PacketDocument::comment() const {
  static const std::string none;
  return comments.empty() ? none : comments.front();
}

void PacketDocument::set_comment(std::string text) {
  comments.clear();
  if (!text.empty()) comments.push_back(std::move(text));
}

std::vector<CaptureInterface> default_interfaces(const Document& document) {
  std::vector<CaptureInterface> interfaces(1);
  interfaces.front().link = document.link;
  for (const auto& packet : document.packets) {
    const auto link = packet.link.value_or(document.link);
    if (std::ranges::find(interfaces, link, &CaptureInterface::link) != interfaces.end()) continue;
    interfaces.emplace_back().link = link;
  }
  return interfaces;
}

std::uint32_t default_interface(const Document& document, const PacketDocument& packet,
                                const std::vector<CaptureInterface>& interfaces) {
  const auto found =
      std::ranges::find(interfaces, packet.link.value_or(document.link), &CaptureInterface::link);
  return static_cast<std::uint32_t>(found - interfaces.begin());
}

const Layer* PacketDocument::find(LayerKind kind) const {
  const auto found = std::ranges::find(layers, kind, &Layer::kind);
  return found == layers.end() ? nullptr : &*found;
}

Layer* PacketDocument::find(LayerKind kind) {
  return const_cast<Layer*>(static_cast<const PacketDocument*>(this)->find(kind));
}

const Node* PacketDocument::message() const {
  for (const auto& layer : layers) {
    for (const auto& element : layer.elements) {
      if (element.message) return &*element.message;
    }
  }
  return nullptr;
}

Node* PacketDocument::message() {
  return const_cast<Node*>(static_cast<const PacketDocument*>(this)->message());
}

const Sa* Keyring::find(IpsecProtocol protocol, std::uint32_t spi,
                        const Address& destination) const {
  // A SHAK may be protected by an SA with another destination (wire-format D15).
  const Sa* other = nullptr;
  for (const auto& sa : sas) {
    if (sa.protocol != protocol || sa.spi != spi) continue;
    if (is_unspecified(sa.destination) || sa.destination == destination) return &sa;
    if (other == nullptr) other = &sa;
  }
  return other;
}

}  // namespace secct::generator
