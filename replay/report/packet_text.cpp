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

// In the order in which they stand in a ladder.
enum class Party : std::uint8_t { mobile_node, previous_router, new_router, other };

class Tracer {
 public:
  Tracer(const Report& report, const ReportEntry& entry) : report_(report), entry_(entry) {}

  Trace run() {
    trace_.packets.reserve(entry_.packets.size());
    for (std::size_t i = 0; i < entry_.packets.size(); ++i) packet(i);
    lanes();
    return std::move(trace_);
  }

 private:
  const Sa* find(IpsecProtocol protocol, std::uint32_t spi, const Address& destination) {
    if (const auto* sa = learnt_.find(protocol, spi, destination)) return sa;
    return report_.keys.find(protocol, spi, destination);
  }

  void packet(std::size_t index) {
    auto& shown = trace_.packets.emplace_back();
    const auto& datagram = entry_.packets[index].datagram;
    shown.octets = datagram;
    const bool is_ip = unwrapped_.open(
        datagram, [this](IpsecProtocol protocol, std::uint32_t spi, const Address&,
                         const Address& destination) { return find(protocol, spi, destination); });
    if (!is_ip) {
      shown.message = "no IP datagram";
      ends_.emplace_back();
      return;
    }
    const auto& inner = unwrapped_.datagram();
    shown.decrypted = unwrapped_.decrypted();
    if (shown.decrypted) shown.octets.assign(inner.octets.begin(), inner.octets.end());
    shown.from = text_of(inner.source);
    shown.to = text_of(inner.destination);
    ends_.emplace_back(std::pair(inner.source, inner.destination));
    under(shown);
    message(shown, index);
  }

  static std::string text_of(const Address& address) {
    return is_v4_mapped(address) ? v4_text(View(address).subspan(12)) : to_text(address);
  }

  void under(ShownPacket& shown) const {
    for (const auto& layer : unwrapped_.ipsec_layers()) {
      if (!shown.under.empty()) shown.under += ", ";
      constexpr const char* states[] = {"", "", ", wrong ICV", ", malformed"};
      shown.under +=
          fmt::format("{} 0x{:08x}{}", layer.protocol == IpsecProtocol::ah ? "AH" : "ESP",
                      layer.spi, states[static_cast<std::size_t>(layer.state)]);
    }
    if (unwrapped_.closed() &&
        unwrapped_.ipsec_layers().back().state == IpsecLayer::State::unverified)
      shown.under += ", no key";
  }

  void message(ShownPacket& shown, std::size_t index) {
    const auto& inner = unwrapped_.datagram();
    Envelope envelope;
    envelope.source = inner.source;
    envelope.destination = inner.destination;
    envelope.hop_limit = inner.hop_limit;
    envelope.protection = unwrapped_.protection();
    const bool found = [&] {
      bool decoded = false;
      unwrapped_.each_message([&](Carrier carrier, View octets) {
        decoded = decode(report_.codepoints, carrier, octets, envelope, decoded_);
        return decoded;
      });
      return decoded;
    }();
    if (!found) {
      const auto& chain = inner.chain;
      shown.message = chain.empty() ? "an empty datagram" : name_of(chain.back());
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
    learnt_.take(decoded_);
    guess_parties();
  }

  std::string name_of(const Header& last) const {
    const auto octets = unwrapped_.datagram().octets_of(last);
    if (last.type == ip_proto::icmpv6 && !octets.empty()) {
      return octets[0] == icmpv6_type::echo_request ? "echo request"
             : octets[0] == icmpv6_type::echo_reply ? "echo reply"
                                                    : fmt::format("ICMPv6 type {}", octets[0]);
    }
    if (last.type == ip_proto::esp) return "closed ESP";
    if (last.type == ip_proto::udp) return "UDP";
    return fmt::format("protocol {}", last.type);
  }

  void fields(ShownPacket& shown, std::size_t start) const {
    std::vector<std::uint32_t> open;
    for (std::uint32_t i = 0; i < decoded_.fields.size(); ++i) {
      const auto& item = decoded_.fields[i];
      while (!open.empty() && open.back() <= i) open.pop_back();
      const auto& field = row(item.field);
      shown.fields.push_back(
          {static_cast<unsigned>(open.size()), field.label,
           field.type == FieldType::group ? "" : field.name,
           escape_control_characters(value_text(report_.codepoints, item, decoded_)),
           start + item.offset, item.generated ? 0 : item.length, false});
      if (item.end > i + 1) open.push_back(item.end);
    }
  }

  // The octets of the field that a violation names; of several the one whose value is the found
  // one.
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

  // Which party an address is, as the messages tell.
  void guess_parties() {
    const auto& source = *decoded_.envelope.source;
    const auto& destination = *decoded_.envelope.destination;
    const auto is = [&](const Address& address, Party party) {
      parties_.try_emplace(address, party);
    };
    const auto field_is = [&](Field field, Party party) {
      const auto* item = decoded_.find(field);
      if (item != nullptr) is(decoded_.address(*item), party);
    };
    switch (decoded_.message) {
      case Message::hi:
      case Message::shrep:
        is(source, Party::previous_router);
        is(destination, Party::new_router);
        break;
      case Message::hack:
      case Message::shreq:
      case Message::shrep_ack:
        is(source, Party::new_router);
        is(destination, Party::previous_router);
        break;
      case Message::shin:
        is(source, Party::mobile_node);
        is(destination, Party::new_router);
        field_is(F::router, Party::previous_router);
        break;
      case Message::pshin:
        is(source, Party::mobile_node);
        is(destination, Party::previous_router);
        field_is(F::router, Party::new_router);
        break;
      case Message::shak: is(destination, Party::mobile_node); break;
      case Message::mip4: {
        const bool request = decoded_.carrier == Carrier::mip4_request;
        is(request ? source : destination, Party::mobile_node);
        is(request ? destination : source, Party::new_router);
        field_is(F::mip4_router, Party::previous_router);
        break;
      }
      case Message::none: break;
    }
    field_is(F::naddr, Party::mobile_node);
    field_is(F::paddr, Party::mobile_node);
  }

  Party party_of(const Address& address) const {
    const auto found = parties_.find(address);
    return found == parties_.end() ? Party::other : found->second;
  }

  std::size_t lane_of(const Address& address) {
    const auto party = party_of(address);
    const auto key =
        party == Party::other ? std::pair(party, address) : std::pair(party, Address{});
    const auto [found, is_new] = lane_numbers_.try_emplace(key, 0);
    static_cast<void>(is_new);
    auto& lane = lane_by_key_[key];
    const auto text = text_of(address);
    if (std::ranges::find(lane.addresses, text) == lane.addresses.end())
      lane.addresses.push_back(text);
    return found->second;
  }

  bool is_under_test(Party party) const {
    return (party == Party::previous_router && entry_.role == role_name(Role::pr)) ||
           (party == Party::new_router &&
            (entry_.role == role_name(Role::nr) || entry_.role == role_name(Role::fa)));
  }

  // Lanes in the order of the parties; each address belongs to one.
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
      lane.label = key.first == Party::other ? lane.addresses.front()
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
  DecapsulatedPacket unwrapped_;
  DecodedMessage decoded_;
  LearnedSas learnt_;
  std::vector<std::optional<std::pair<Address, Address>>> ends_;
  std::map<Address, Party> parties_;
  std::map<std::pair<Party, Address>, std::size_t> lane_numbers_;
  std::map<std::pair<Party, Address>, Lane> lane_by_key_;
};

}  // namespace

Trace trace_of(const Report& report, const ReportEntry& entry) {
  return Tracer(report, entry).run();
}

}  // namespace secct::replay
