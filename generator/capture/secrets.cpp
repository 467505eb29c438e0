// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/capture/secrets.hpp"

#include <algorithm>

#include "generator/document/decrypting_visitor.hpp"
#include "network/final_addresses.hpp"
#include "protocol/decode/decode.hpp"

namespace secct::generator {
namespace {

// Authentication extensions (RFC 3344 3.5): type, length, SPI, authenticator.
constexpr std::uint8_t first_mip_authentication = 32;
constexpr std::uint8_t last_mip_authentication = 34;
constexpr std::size_t authenticator_at = 6;

using Kind = SecretRange::Kind;

bool is_value(Field field) {
  return field == Field::sa_key || field == Field::sa_iv || field == Field::data_auth_key ||
         field == Field::auth_token;
}

// Whether the octets of the field are a whole IPv6 or IPv4 address.
bool is_address(const DecodedField& field) {
  const auto type = row(field.field).type;
  return (type == FieldType::ipv6 && field.length == sizeof(Address)) ||
         (type == FieldType::ipv4 && field.length == 4);
}

bool is_secret(Field field) {
  return is_value(field) || field == Field::raw || field == Field::data_value;
}

bool decode_message(const CodePoints& codepoints, const CandidateMessage& message,
                    DecodedMessage& decoded) {
  Envelope envelope;
  envelope.source = message.in.datagram.source;
  envelope.destination = message.in.datagram.destination;
  envelope.complete = false;
  return decode(codepoints, message.carrier, message.octets, envelope, decoded);
}

class ValueFinder : public DecryptingVisitor {
 public:
  ValueFinder(const CodePoints& codepoints, const Keyring& keys, DecodedMessage& decoded,
              Reassembler& reassembler, std::uint64_t time)
      : DecryptingVisitor(keys),
        keys_(keys),
        codepoints_(codepoints),
        decoded_(decoded),
        reassembler_(reassembler),
        time_(time) {}

  FrameValues take() { return std::move(values_); }

  Action on_datagram(const FrameDatagram& in) override {
    for (const auto& end : {in.datagram.source, in.datagram.destination}) {
      values_.addresses.push_back(end);
      if (!keys_.token_key) continue;
      if (auto key = keys_.token_key(end)) values_.secrets.push_back(std::move(*key));
    }
    return Action::proceed;
  }

  Action on_message(const CandidateMessage& message) override {
    if (!decode_message(codepoints_, message, decoded_)) return Action::proceed;
    for (const auto& field : decoded_.fields) {
      if (field.generated) continue;
      const auto value = message.octets.subspan(field.offset, field.length);
      if (is_value(field.field)) values_.secrets.emplace_back(value.begin(), value.end());
      if (is_address(field)) values_.addresses.push_back(address_from(value));
    }
    return Action::proceed;
  }

  bool on_fragment(const FrameDatagram& in, Octets& whole) override {
    auto completed = reassembler_.add(in.datagram.octets, time_);
    if (!completed) return false;
    whole = std::move(*completed);
    return true;
  }

 private:
  const Keyring& keys_;
  const CodePoints& codepoints_;
  DecodedMessage& decoded_;
  Reassembler& reassembler_;
  std::uint64_t time_;
  FrameValues values_;
};

// Does not decrypt or reassemble, so that all octets are octets of the frame.
class RangeFinder : public FrameVisitor {
 public:
  RangeFinder(const CodePoints& codepoints, DecodedMessage& decoded, View frame)
      : codepoints_(codepoints), decoded_(decoded), frame_(frame) {}

  Secrets take() { return std::move(found_); }

  Action on_datagram(const FrameDatagram& in) override {
    const auto& chain = in.datagram.chain;
    if (!chain.empty()) last_header(in.datagram, chain.back());
    if (!in.quoted) octets_after(in);  // ICMP extensions may follow a quotation (RFC 4884)
    return Action::proceed;
  }

  Action on_message(const CandidateMessage& message) override {
    const auto octets = message.octets;
    const bool is_extension =
        message.carrier == Carrier::mip4_request || message.carrier == Carrier::mip4_reply;
    if (is_extension && octets[0] >= first_mip_authentication &&
        octets[0] <= last_mip_authentication) {
      hide(octets.subspan(std::min(authenticator_at, octets.size())));
    }
    if (!decode_message(codepoints_, message, decoded_)) {
      other_message(message);
      return Action::proceed;
    }
    const bool is_misread = has_wrong_lengths();
    for (std::size_t i = 0; i < decoded_.fields.size(); ++i) {
      const auto& field = decoded_.fields[i];
      // Additional data of a known type: its fields follow.
      const bool has_fields = field.end > i + 1;
      const bool may_be_key = is_misread && field.field == Field::sa_window;
      if (field.generated || has_fields || (!is_secret(field.field) && !may_be_key)) continue;
      hide(octets.subspan(field.offset, field.length));
    }
    return Action::proceed;
  }

  void on_ah(const FrameDatagram& in, const Header& header) override {
    hide(in.datagram.octets_of(header).subspan(ah_fixed_octets), Kind::icv);
  }

  void on_stop(const Stop& stop) override {
    if (stop.octets.empty()) return;
    hide(stop.octets, stop.reason == Stop::Reason::encrypted ? Kind::encrypted : Kind::unread);
    const auto from = offset_of(stop.octets);
    std::erase_if(found_.checksums, [&](const auto& checksum) {
      return checksum.at + 2 > from && checksum.at < from + stop.octets.size();
    });
    // The content of ESP and fragments is not expected to be readable.
    if (stop.reason == Stop::Reason::encrypted || stop.reason == Stop::Reason::fragment) return;
    unread(text(stop.reason), stop.number, from);
  }

 private:
  std::size_t offset_of(View part) const {
    return static_cast<std::size_t>(part.data() - frame_.data());
  }
  void hide(View part, Kind kind = Kind::value) {
    if (!part.empty()) found_.ranges.push_back({offset_of(part), part.size(), kind});
  }
  void hide_unless_padding(View part) {
    constexpr std::ptrdiff_t frame_check_sequence = 4;
    const auto from = std::ranges::find_if(part, [](auto octet) { return octet != 0; });
    if (part.end() - from > frame_check_sequence) hide({from, part.end()}, Kind::unread);
  }

  void unread(std::string_view reason, std::uint32_t number, std::size_t at) {
    if (std::ranges::find(found_.unread, reason, &UnreadPart::reason) == found_.unread.end()) {
      found_.unread.push_back({reason, number, at});
    }
  }

  // Whether the fields of a context may contain other octets than their own.
  bool has_wrong_lengths() const {
    return std::ranges::any_of(decoded_.problems, [](const auto& problem) {
      return problem.rule == Rule::sa_length_mismatch || problem.rule == Rule::key_length;
    });
  }

  // An ICMPv6 message with a wrong checksum may be a SecCT message after a header with a wrong
  // length, such as AH.
  void other_message(const CandidateMessage& message) {
    constexpr std::size_t head = 4;
    const auto octets = message.octets;
    if (message.carrier != Carrier::icmpv6 || message.in.quoted || message.missing > 0 ||
        octets.size() < head) {
      return;
    }
    const auto ends = final_addresses(message.in.datagram);
    const auto expected = icmpv6_checksum(ends.source, ends.destination, octets);
    if (big_endian(octets.subspan(2, 2)) == expected) return;
    hide(octets.subspan(head), Kind::unread);
    unread("ICMPv6 message with a wrong checksum", 0, offset_of(octets) + head);
  }

  // The octets between the end of the datagram and the end of what contains it. A datagram whose
  // length field is too small leaves octets of its message there.
  void octets_after(const FrameDatagram& in) {
    const auto container = in.outer != nullptr ? in.outer->datagram.octets : frame_;
    const auto end = offset_of(in.datagram.octets) + in.datagram.octets.size();
    const auto container_end = offset_of(container) + container.size();
    hide_unless_padding(frame_.subspan(end, container_end - end));
  }

  void last_header(const Datagram& datagram, const Header& header) {
    constexpr std::size_t icmp_head = 4;
    constexpr std::size_t gre_head = 8;
    constexpr unsigned gre_has_checksum = 0x80;
    const auto octets = datagram.octets_of(header);
    switch (header.type) {
      case ip_proto::none: hide_unless_padding(octets); break;
      case ip_proto::icmp:
      case ip_proto::icmpv6:
        if (octets.size() >= icmp_head) checksum(octets, 2);
        break;
      case ip_proto::gre:
        if (octets.size() >= gre_head && (octets[0] & gre_has_checksum) != 0) checksum(octets, 4);
        break;
      case ip_proto::udp: udp(octets); break;
      default: break;
    }
  }

  void udp(View octets) {
    constexpr std::size_t head = 8;
    constexpr std::size_t checksum_at = 6;
    if (octets.size() < head || big_endian(octets.subspan(checksum_at, 2)) == 0) return;
    const auto length = big_endian(octets.subspan(4, 2));
    const bool is_shorter = length >= head && length < octets.size();
    checksum(is_shorter ? octets.first(length) : octets, checksum_at);
    found_.checksums.back().is_udp = true;
  }

  void checksum(View covered, std::size_t at) {
    const auto from = offset_of(covered);
    found_.checksums.push_back({from + at, from, covered.size(), false});
  }

  const CodePoints& codepoints_;
  DecodedMessage& decoded_;
  View frame_;
  Secrets found_;
};

}  // namespace

FrameValues SecretFinder::values(const Frame& frame, std::uint64_t time) {
  ValueFinder finder(codepoints_, keys_, decoded_, reassembler_, time);
  walker_.walk(frame, finder);
  return finder.take();
}

Secrets SecretFinder::find(const Frame& frame) {
  RangeFinder finder(codepoints_, decoded_, frame.octets);
  walker_.walk(frame, finder);
  return finder.take();
}

}  // namespace secct::generator
