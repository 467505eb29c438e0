// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/report/packet_text.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "protocol/decode/decode.hpp"
#include "protocol/explain/explain.hpp"
#include "replay/inspect/decapsulate.hpp"
#include "replay/inspect/learned_sas.hpp"
#include "replay/report/escape.hpp"

namespace secct::replay {
namespace {

using F = Field;

// In the order of their lanes in a ladder diagram.
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
  Tracer(const Report& report, const ReportEntry& entry) : report_(report), entry_(entry) {}

  Trace run() {
    trace_.packets.reserve(entry_.packets.size());
    for (std::size_t i = 0; i < entry_.packets.size(); ++i) add_packet(i);
    lanes();
    return std::move(trace_);
  }

 private:
  const Sa* find(IpsecProtocol protocol, std::uint32_t spi, const Address& destination) {
    if (const auto* sa = learned_.find(protocol, spi, destination)) return sa;
    return report_.keys.find(protocol, spi, destination);
  }

  void add_packet(std::size_t index) {
    auto& shown = trace_.packets.emplace_back();
    const auto& datagram = entry_.packets[index].datagram;
    shown.octets = datagram;
    const bool is_ip = packet_.open(
        datagram, [this](IpsecProtocol protocol, std::uint32_t spi, const Address&,
                         const Address& destination) { return find(protocol, spi, destination); });
    if (!is_ip) {
      shown.message = "not an IP datagram";
      ends_.emplace_back();
      return;
    }
    const auto& inner = packet_.datagram();
    shown.decrypted = packet_.decrypted();
    if (shown.decrypted) shown.octets.assign(inner.octets.begin(), inner.octets.end());
    shown.from = text_of(inner.source);
    shown.to = text_of(inner.destination);
    ends_.emplace_back(std::pair(inner.source, inner.destination));
    protection(shown);
    message(shown, index);
  }

  static std::string text_of(const Address& address) {
    return is_v4_mapped(address) ? v4_text(View(address).subspan(12)) : to_text(address);
  }

  void protection(ShownPacket& shown) const {
    for (const auto& layer : packet_.ipsec_layers()) {
      if (!shown.under.empty()) shown.under += ", ";
      constexpr const char* states[] = {"", "", ", wrong ICV", ", malformed"};
      shown.under +=
          fmt::format("{} 0x{:08x}{}", layer.protocol == IpsecProtocol::ah ? "AH" : "ESP",
                      layer.spi, states[static_cast<std::size_t>(layer.state)]);
    }
    if (packet_.closed() && packet_.ipsec_layers().back().state == IpsecLayer::State::unverified)
      shown.under += ", no key";
  }

  void message(ShownPacket& shown, std::size_t index) {
    const auto& inner = packet_.datagram();
    Envelope envelope;
    envelope.source = inner.source;
    envelope.destination = inner.destination;
    envelope.hop_limit = inner.hop_limit;
    envelope.protection = packet_.protection();
    const bool found = [&] {
      bool decoded = false;
      packet_.each_message([&](Carrier carrier, View octets) {
        decoded = decode(report_.codepoints, carrier, octets, envelope, decoded_);
        return decoded;
      });
      return decoded;
    }();
    if (!found) {
      const auto& chain = inner.chain;
      shown.message = chain.empty() ? "empty datagram" : name_of(chain.back());
      return;
    }
    const auto line = info(decoded_);
    const auto space = line.find("  ");
    shown.message = line.substr(0, space);
    shown.info =
        space == std::string::npos ? "" : escape_control_characters(line.substr(space + 2));
    const auto start =
        static_cast<std::size_t>(decoded_.octets.data() - inner.octets.data()) +
        (shown.decrypted ? 0
                         : static_cast<std::size_t>(inner.octets.data() -
                                                    entry_.packets[index].datagram.data()));
    fields(shown, start);
    mark(shown, index);
    learned_.add(decoded_);
    derive_parties();
  }

  std::string name_of(const Header& last) const {
    const auto octets = packet_.datagram().octets_of(last);
    if (last.type == ip_proto::icmpv6 && !octets.empty()) {
      return octets[0] == icmpv6_type::echo_request ? "echo request"
             : octets[0] == icmpv6_type::echo_reply ? "echo reply"
                                                    : fmt::format("ICMPv6 type {}", octets[0]);
    }
    if (last.type == ip_proto::esp) return "encrypted ESP";
    if (last.type == ip_proto::udp) return "UDP";
    return fmt::format("protocol {}", last.type);
  }

  void fields(ShownPacket& shown, std::size_t start) const {
    std::vector<std::uint32_t> ends;  // of the groups around the field
    for (std::uint32_t i = 0; i < decoded_.fields.size(); ++i) {
      const auto& field = decoded_.fields[i];
      while (!ends.empty() && ends.back() <= i) ends.pop_back();
      const auto& description = row(field.field);
      shown.fields.push_back(
          {static_cast<unsigned>(ends.size()), description.label,
           description.type == FieldType::group ? "" : description.name,
           escape_control_characters(value_text(report_.codepoints, field, decoded_)),
           start + field.offset, field.generated ? 0 : field.length, false});
      if (field.end > i + 1) ends.push_back(field.end);
    }
  }

  // Marks the field of each violation. If the message has several such fields, the one with the
  // found value.
  void mark(ShownPacket& shown, std::size_t index) const {
    for (const auto& violation : entry_.violations) {
      if (violation.packet != index || violation.failure.field.empty()) continue;
      ShownField* marked = nullptr;
      for (auto& field : shown.fields) {
        if (field.name != violation.failure.field) continue;
        const bool same = violation.failure.actual == field.value ||
                          escape_control_characters(violation.failure.actual)
                              .starts_with(first_word(field.value));
        if (marked == nullptr || same) marked = &field;
        if (same) break;
      }
      if (marked == nullptr) continue;
      marked->marked = true;
      if (shown.mark_length == 0) {
        shown.mark_offset = marked->offset;
        shown.mark_length = marked->length;
      }
    }
  }

  static std::string first_word(const std::string& text) { return text.substr(0, text.find(' ')); }

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
    return found == kinds_.end() ? LaneKind::other : found->second;
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
    return (kind == LaneKind::previous_router && entry_.role == role_name(Role::pr)) ||
           (kind == LaneKind::new_router &&
            (entry_.role == role_name(Role::nr) || entry_.role == role_name(Role::fa)));
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
      if (is_under_test(key.first)) lane.label += " (under test)";
      trace_.lanes.push_back(std::move(lane));
    }
    for (std::size_t i = 0; i < trace_.packets.size(); ++i) {
      if (!ends_[i]) continue;
      trace_.packets[i].from_lane = lane_of(ends_[i]->first);
      trace_.packets[i].to_lane = lane_of(ends_[i]->second);
    }
  }

  const Report& report_;
  const ReportEntry& entry_;
  Trace trace_;
  DecapsulatedPacket packet_;
  DecodedMessage decoded_;
  LearnedSas learned_;
  std::vector<std::optional<std::pair<Address, Address>>> ends_;
  std::map<Address, LaneKind> kinds_;
  std::map<std::pair<LaneKind, Address>, std::size_t> lane_numbers_;
  std::map<std::pair<LaneKind, Address>, Lane> lane_by_key_;
};

}  // namespace

Trace trace_of(const Report& report, const ReportEntry& entry) {
  return Tracer(report, entry).run();
}

}  // namespace secct::replay
