// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/inspect/inspected_frame.hpp"

#include <algorithm>
#include <ranges>

#include "ipsec/crypto.hpp"
#include "network/final_addresses.hpp"
#include "protocol/decode/mip4.hpp"
#include "protocol/decode/partial.hpp"

namespace secct::replay {
namespace {

using State = IpsecLayer::State;

bool has_length(View datagram) { return big_endian(datagram.subspan(2, 2)) != 0; }

}  // namespace

bool is_secct(const CodePoints& codepoints, const CandidateMessage& message) {
  return find_message(codepoints, message.carrier, message.octets[0]).has_value();
}

void InspectedFrame::inspect(const Frame& frame, Time now) {
  now_ = now;
  messages_.clear();
  layers_.clear();
  stops_.clear();
  fragments_ = 0;
  innermost_ = outermost_ = nullptr;
  reassembled_ = false;
  walker_.walk(frame, *this);
}

bool InspectedFrame::closed() const {
  return std::ranges::any_of(layers_, [](const IpsecLayer& layer) { return layer.closed; });
}

View InspectedFrame::registration() const {
  if (innermost_ == nullptr) return {};
  const auto* udp = innermost_->datagram.find(ip_proto::udp);
  return udp != nullptr ? registration_payload(innermost_->datagram.octets_of(*udp)) : View();
}

const IpsecLayer* InspectedFrame::layer_around(const FoundMessage& message) const {
  for (const auto& layer : std::views::reverse(layers_)) {
    const auto depth = layer.in->depth;
    // AH also protects the headers before it.
    const bool is_around = depth < message.in.depth || (depth == message.in.depth && !layer.closed);
    if (is_around) return &layer;
  }
  return nullptr;
}

// Naddr is an address of the IP header; the checksum of ICMPv6 covers the final addresses.
Envelope InspectedFrame::envelope_of(const FrameDatagram& in, Carrier carrier) {
  Envelope envelope;
  envelope.source = in.datagram.source;
  envelope.destination = in.datagram.destination;
  envelope.hop_limit = in.datagram.hop_limit;
  envelope.protection = in.protection;
  if (carrier != Carrier::icmpv6) return envelope;
  const auto addresses = final_addresses(in.datagram);
  envelope.source = addresses.source;
  envelope.destination = addresses.destination;
  return envelope;
}

bool InspectedFrame::decode(const CodePoints& codepoints, const FoundMessage& message,
                            DecodedMessage& decoded) {
  decoded.clear();
  if (!is_secct(codepoints, message)) return false;
  const auto envelope = envelope_of(message.in, message.carrier);
  if (message.missing == 0) {
    return secct::decode(codepoints, message.carrier, message.octets, envelope, decoded);
  }
  return decode_beginning(codepoints, message.carrier, message.octets,
                          std::min(message.missing, longest_option), envelope, scratch_, decoded);
}

FrameVisitor::Action InspectedFrame::on_datagram(const FrameDatagram& in) {
  if (in.quoted) return Action::stop;
  innermost_ = &in;
  if (in.outer == nullptr || reassembled_) outermost_ = &in;
  reassembled_ = false;
  return Action::proceed;
}

FrameVisitor::Action InspectedFrame::on_message(const CandidateMessage& message) {
  // SecCT does not use Hop-by-Hop options.
  if (message.header.type != ip_proto::hop_by_hop) messages_.push_back({message, outermost_});
  return Action::proceed;
}

void InspectedFrame::on_stop(const Stop& stop) {
  if (stop.quoted) return;
  stops_.push_back(stop);
  if (stop.reason != Stop::Reason::bad_length || innermost_ == nullptr) return;
  // An AH with a wrong length ends the chain.
  const auto& chain = innermost_->datagram.chain;
  const bool is_ah = !chain.empty() && chain.back().type == ip_proto::ah &&
                     stop.octets.data() == innermost_->datagram.octets_of(chain.back()).data();
  if (is_ah && add_layer(*innermost_, chain.back()) != nullptr) {
    layers_.back().state = State::malformed;
  }
}

const Sa* InspectedFrame::add_layer(const FrameDatagram& in, const Header& header) {
  const auto octets = in.datagram.octets_of(header);
  auto& layer = layers_.emplace_back();
  layer.in = &in;
  layer.protocol = header.type == ip_proto::esp ? IpsecProtocol::esp : IpsecProtocol::ah;
  layer.closed = layer.protocol == IpsecProtocol::esp;
  const auto addresses = final_addresses(in.datagram);
  layer.source = addresses.source;
  layer.destination = addresses.destination;
  layer.icv = octets.last(std::min(octets.size(), icv_octets));
  const auto head = ipsec_head(in.datagram, header);
  if (!head) return nullptr;
  layer.spi = head->spi;
  layer.sequence = head->sequence;
  if (in.missing > 0) return nullptr;
  const auto* sa = find_(layer.protocol, layer.spi, layer.source, layer.destination);
  layer.has_key = sa != nullptr;
  return sa;
}

void InspectedFrame::on_ah(const FrameDatagram& in, const Header& header) {
  const auto* sa = add_layer(in, header);
  if (sa == nullptr) return;
  auto datagram = in.datagram.octets;
  if (in.datagram.v4 && !has_length(datagram)) {
    sized_.assign(datagram.begin(), datagram.end());
    update_ip_length(sized_);
    datagram = sized_;
  }
  layers_.back().state = conversation::state_of(verify_ah(datagram, header.offset, *sa));
}

std::optional<std::uint8_t> InspectedFrame::on_esp(const FrameDatagram& in, const Header& header,
                                                   Octets& payload) {
  const auto* sa = add_layer(in, header);
  if (sa == nullptr) return std::nullopt;
  const auto esp = decrypt_esp(in.datagram.octets_of(header), *sa);
  auto& layer = layers_.back();
  layer.state = conversation::state_of(esp, *sa);
  layer.closed = !conversation::is_decrypted(esp, *sa);
  if (layer.closed) return std::nullopt;
  layer.iv = esp.iv;
  append(payload, esp.payload());
  return esp.next;
}

bool InspectedFrame::on_fragment(const FrameDatagram& in, Octets& whole) {
  if (reassembler_ == nullptr) return false;
  ++fragments_;
  auto completed = reassembler_->add(in.datagram.octets, now_);
  if (!completed) return false;
  whole = std::move(*completed);
  reassembled_ = true;
  return true;
}

}  // namespace secct::replay
