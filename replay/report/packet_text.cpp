// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/report/packet_text.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "conversation/known_sas.hpp"
#include "files/escape.hpp"
#include "ipsec/crypto.hpp"
#include "protocol/explain/explain.hpp"
#include "replay/inspect/inspected_frame.hpp"
#include "replay/wire/described_addresses.hpp"

namespace secct::replay {
namespace {

using F = Field;

// In the order of their lanes.
enum class LaneKind : std::uint8_t { mobile_node, previous_router, new_router, other };

// `other` if the message table does not say which router it is.
LaneKind kind_of(Party party) {
  switch (party) {
    case Party::mobile_node: return LaneKind::mobile_node;
    case Party::previous_router: return LaneKind::previous_router;
    case Party::new_router:
    case Party::foreign_agent: return LaneKind::new_router;
    case Party::any_router: break;
  }
  return LaneKind::other;
}

class Tracer {
 public:
  explicit Tracer(const TraceInput& input) : input_(input) {}

  Trace run() {
    trace_.packets.reserve(input_.packets.size());
    for (std::size_t i = 0; i < input_.packets.size(); ++i) add_packet(i);
    lanes();
    return std::move(trace_);
  }

 private:
  const Sa* find(IpsecProtocol protocol, std::uint32_t spi, const Address& source,
                 const Address& destination) {
    const auto* known = learned_.find(protocol, spi, source, destination);
    if (known != nullptr) return &known->sa;
    return input_.keys.find(protocol, spi, destination);
  }

  void add_packet(std::size_t index) {
    auto& shown = trace_.packets.emplace_back();
    const auto& octets = input_.packets[index].datagram;
    shown.seconds =
        static_cast<double>(input_.packets[index].time - input_.packets.front().time) / 1e9;
    shown.octets = octets;
    frame_.inspect(octets);
    const auto* found = decode_message();
    const auto* in = found != nullptr ? &found->in : frame_.innermost();
    if (in == nullptr) {
      shown.message = "not an IP datagram";
      ends_.emplace_back();
      return;
    }
    const auto& datagram = in->datagram;
    shown.decrypted = !in->frame_offset;
    if (shown.decrypted) shown.octets.assign(datagram.octets.begin(), datagram.octets.end());
    shown.from = text_of(datagram.source);
    shown.to = text_of(datagram.destination);
    ends_.emplace_back(std::pair(datagram.source, datagram.destination));
    protection(shown);
    if (found == nullptr) {
      shown.message = name_of(datagram);
      if (datagram.is_fragment) {
        const auto base = shown.decrypted ? datagram.octets : View(octets);
        const auto* header = datagram.chain.empty() ? nullptr : &datagram.chain.back();
        shown.fragment_offset =
            static_cast<std::size_t>(datagram.octets.data() - base.data()) +
            (header != nullptr ? header->offset + header->length : datagram.header_octets);
      }
      return;
    }
    const auto base = shown.decrypted ? datagram.octets : View(octets);
    message(shown, static_cast<std::size_t>(found->octets.data() - base.data()));
    learned_.learn(decoded_, 1, index + 1);  // the packets are those of one handover
    derive_parties();
  }

  // Decodes the first SecCT message; nullptr if there is none.
  const FoundMessage* decode_message() {
    const auto& messages = frame_.messages();
    const auto found = std::ranges::find_if(messages, [this](const FoundMessage& message) {
      return frame_.decode(input_.codepoints, message, decoded_);
    });
    return found != messages.end() ? &*found : nullptr;
  }

  static std::string text_of(const Address& address) {
    return is_v4_mapped(address) ? v4_text(View(address).subspan(12)) : to_text(address);
  }

  void protection(ShownPacket& shown) const {
    for (const auto& layer : frame_.ipsec_layers()) {
      constexpr const char* notes[] = {"", "", "wrong ICV", "wrong padding", "malformed"};
      const char* note = notes[static_cast<std::size_t>(layer.state)];
      if (layer.closed && *note == '\0') note = layer.in->missing > 0 ? "truncated" : "no key";
      shown.ipsec.push_back({layer.protocol, layer.spi, layer.sequence, note});
    }
  }

  // `start`: offset of the message in shown.octets.
  void message(ShownPacket& shown, std::size_t start) const {
    const auto line = info(decoded_);
    const auto space = line.find("  ");
    shown.message = line.substr(0, space);
    shown.info =
        space == std::string::npos ? "" : escape_control_characters(line.substr(space + 2));
    fields(shown, start);
  }

  // What a packet without a SecCT message is.
  static std::string name_of(const Datagram& datagram) {
    if (datagram.is_fragment) return fmt::format("fragment, {} octets", datagram.octets.size());
    if (datagram.chain.empty()) return "empty datagram";
    const auto& last = datagram.chain.back();
    const auto octets = datagram.octets_of(last);
    if (last.type == ip_proto::icmpv6 && !octets.empty()) {
      return octets[0] == icmpv6_type::echo_request ? "echo request"
             : octets[0] == icmpv6_type::echo_reply ? "echo reply"
                                                    : fmt::format("ICMPv6 type {}", octets[0]);
    }
    if (last.type == ip_proto::esp) return "encrypted ESP";
    if (last.type == ip_proto::udp) return "UDP";
    return fmt::format("protocol {}", last.type);
  }

  // Whether the octets of the field are a key, or may contain one: the value of ESP authentication,
  // and octets of a context that cannot be decoded.
  bool holds_key(const DecodedField& field) const {
    switch (field.field) {
      case F::sa_key:
      case F::data_auth_key: return true;
      case F::raw: return decoded_.message == Message::hi || decoded_.message == Message::shrep;
      case F::data_value:
        return std::ranges::any_of(decoded_.fields, [&](const DecodedField& other) {
          return other.field == F::data_auth_key && other.offset >= field.offset &&
                 other.offset < field.offset + field.length;
        });
      default: return false;
    }
  }

  void fields(ShownPacket& shown, std::size_t start) const {
    std::vector<std::uint32_t> ends;  // of the groups around the field
    for (std::uint32_t i = 0; i < decoded_.fields.size(); ++i) {
      const auto& field = decoded_.fields[i];
      while (!ends.empty() && ends.back() <= i) ends.pop_back();
      const auto& description = row(field.field);
      const bool is_key = holds_key(field);
      shown.fields.push_back(
          {static_cast<unsigned>(ends.size()), description.label,
           description.type == FieldType::group ? "" : description.name,
           is_key ? masked_key(decoded_.octets_of(field))
                  : escape_control_characters(value_text(input_.codepoints, field, decoded_)),
           start + field.offset, field.generated ? 0 : field.length, false, is_key});
      if (field.end > i + 1) ends.push_back(field.end);
    }
  }

  // Derives the parties of addresses from the direction and the fields of the message.
  void derive_parties() {
    const auto& source = *decoded_.envelope.source;
    const auto& destination = *decoded_.envelope.destination;
    const auto is = [&](const Address& address, LaneKind kind) {
      if (kind != LaneKind::other) kinds_.try_emplace(address, kind);
    };
    const auto field_is = [&](Field field, LaneKind kind) {
      const auto* found = decoded_.find(field);
      if (found != nullptr) is(decoded_.address(*found), kind);
    };
    const auto& info = message_info(decoded_.message);
    is(source, kind_of(info.sender));
    is(destination, kind_of(info.receiver));
    // A SHIN names the previous router, a P-SHIN the new router.
    field_is(F::router,
             decoded_.message == Message::pshin ? LaneKind::new_router : LaneKind::previous_router);
    field_is(F::mip4_router, LaneKind::previous_router);
    field_is(F::naddr, LaneKind::mobile_node);
    field_is(F::paddr, LaneKind::mobile_node);
  }

  LaneKind kind_of_address(const Address& address) const {
    const auto found = kinds_.find(address);
    if (found != kinds_.end()) return found->second;
    return input_.description != nullptr ? described_kind(*input_.description, address)
                                         : LaneKind::other;
  }

  LaneKind described_kind(const RouterDescription& description, const Address& address) const {
    const bool previous_tested = is_under_test(LaneKind::previous_router);
    if (is_router_address(description, address)) {
      return previous_tested ? LaneKind::previous_router : LaneKind::new_router;
    }
    if (is_mobile_address(description, address)) return LaneKind::mobile_node;
    if (!is_tester_address(description, address)) return LaneKind::other;
    return previous_tested ? LaneKind::new_router : LaneKind::previous_router;
  }

  std::size_t lane_of(const Address& address) {
    const auto kind = kind_of_address(address);
    const auto key =
        kind == LaneKind::other ? std::pair(kind, address) : std::pair(kind, Address{});
    const auto [found, is_new] = lane_numbers_.try_emplace(key, 0);
    static_cast<void>(is_new);
    auto& lane = lane_by_key_[key];
    const auto text = text_of(address);
    if (std::ranges::find(lane.addresses, text) == lane.addresses.end())
      lane.addresses.push_back(text);
    return found->second;
  }

  bool is_under_test(LaneKind kind) const {
    return (kind == LaneKind::previous_router && input_.role == role_name(Role::pr)) ||
           (kind == LaneKind::new_router &&
            (input_.role == role_name(Role::nr) || input_.role == role_name(Role::fa)));
  }

  // Creates the lanes, in the order of the parties.
  void lanes() {
    constexpr const char* labels[] = {"mobile node", "previous router", "new router"};
    for (const auto& ends : ends_) {
      if (!ends) continue;
      lane_of(ends->first);
      lane_of(ends->second);
    }
    for (auto& [key, number] : lane_numbers_) {
      number = trace_.lanes.size();
      auto lane = lane_by_key_[key];
      lane.label = key.first == LaneKind::other ? lane.addresses.front()
                                                : labels[static_cast<std::size_t>(key.first)];
      lane.under_test = is_under_test(key.first);
      trace_.lanes.push_back(std::move(lane));
    }
    for (std::size_t i = 0; i < trace_.packets.size(); ++i) {
      if (!ends_[i]) continue;
      trace_.packets[i].from_lane = lane_of(ends_[i]->first);
      trace_.packets[i].to_lane = lane_of(ends_[i]->second);
    }
  }

  const TraceInput& input_;
  Trace trace_;
  InspectedFrame frame_{[this](const auto&... header) { return find(header...); }};
  DecodedMessage decoded_;
  conversation::KnownSas learned_;
  std::vector<std::optional<std::pair<Address, Address>>> ends_;
  std::map<Address, LaneKind> kinds_;
  std::map<std::pair<LaneKind, Address>, std::size_t> lane_numbers_;
  std::map<std::pair<LaneKind, Address>, Lane> lane_by_key_;
};

std::string first_word(const std::string& text) { return text.substr(0, text.find(' ')); }

// Marks the field of a violation. If the message has several such fields, the one with the found
// value.
void mark(ShownPacket& shown, const Failure& failure) {
  ShownField* marked = nullptr;
  for (auto& field : shown.fields) {
    if (field.name != failure.field) continue;
    const bool same =
        failure.actual == field.value ||
        escape_control_characters(failure.actual).starts_with(first_word(field.value));
    if (marked == nullptr || same) marked = &field;
    if (same) break;
  }
  if (marked == nullptr) return;
  marked->marked = true;
  if (shown.mark_length == 0) {
    shown.mark_offset = marked->offset;
    shown.mark_length = marked->length;
  }
}

}  // namespace

Trace trace_of(const TraceInput& input) { return Tracer(input).run(); }

Trace trace_of(const Report& report, const ReportEntry& entry) {
  auto trace = trace_of({report.codepoints, report.keys, entry.role, entry.packets});
  for (const auto& violation : entry.violations) {
    if (!violation.packet || *violation.packet >= trace.packets.size()) continue;
    if (!violation.failure.field.empty()) {
      mark(trace.packets[*violation.packet], violation.failure);
    }
  }
  return trace;
}

bool is_secret(const ShownPacket& packet, std::size_t offset) {
  if (packet.fragment_offset && offset >= *packet.fragment_offset) return true;
  return std::ranges::any_of(packet.fields, [&](const ShownField& field) {
    return field.secret && offset >= field.offset && offset - field.offset < field.length;
  });
}

std::string protection_text(const ShownPacket& packet) {
  std::string text;
  for (const auto& header : packet.ipsec) {
    text += fmt::format("{}{} 0x{:08x}{}{}", text.empty() ? "" : ", ",
                        header.protocol == IpsecProtocol::ah ? "AH" : "ESP", header.spi,
                        header.note.empty() ? "" : ", ", header.note);
  }
  return text;
}

}  // namespace secct::replay
