// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/tester/liveness.hpp"

#include <algorithm>

#include "generator/packet/build.hpp"
#include "network/write_number.hpp"
#include "protocol/checksum.hpp"

namespace secct::replay {
namespace {

constexpr std::size_t echo_header_octets = 8;
constexpr std::uint8_t echo_data = 0x5c;
constexpr std::uint8_t echo_request_v4 = 8;
constexpr std::uint8_t echo_reply_v4 = 0;

bool contains(const std::vector<Job*>& jobs, const Job* job) {
  return std::ranges::find(jobs, job) != jobs.end();
}

Layer data_layer(Octets octets) {
  Layer data{.kind = LayerKind::data, .fields = {}, .elements = {}};
  data.set(HeaderField::data_octets, std::move(octets));
  return data;
}

// Echo requests; `body` follows the checksum.
PacketDocument packet_v6(const RouterDescription& description, Octets body) {
  Layer icmpv6{.kind = LayerKind::icmpv6, .fields = {}, .elements = {}};
  icmpv6.set(HeaderField::icmpv6_type, std::uint64_t{icmpv6_type::echo_request});
  return ip_packet(description.peer, description.address,
                   {std::move(icmpv6), data_layer(std::move(body))});
}

PacketDocument packet_v4(const RouterDescription& description, View body) {
  Octets message{echo_request_v4, 0, 0, 0};
  append(message, body);
  const auto checksum = internet_checksum(sum_of(message));
  write_number(std::span(message).subspan(2, 2), checksum);
  auto packet = ip_packet(description.peer, description.address, {data_layer(std::move(message))});
  packet.find(LayerKind::ip)->set(HeaderField::ip_proto, std::uint64_t{ip_proto::icmp});
  return packet;
}

}  // namespace

EchoProbe::EchoProbe(const RouterDescription& description, std::uint16_t identifier,
                     std::size_t octets)
    : tester_(description.peer) {
  append_number(body_, identifier, 2);
  append_number(body_, octets, 2);  // sequence number
  const bool v4 = is_v4_mapped(description.address);
  const auto headers = (v4 ? ipv4_header_octets : ipv6_header_octets) + 4;
  body_.resize(std::max(body_.size(), octets - std::min(octets, headers)), echo_data);
  const auto packet = v4 ? packet_v4(description, body_) : packet_v6(description, body_);
  const auto built = build(description.codepoints, {}, packet);
  request_.assign(built.octets.begin() + ethernet_octets, built.octets.end());
}

bool EchoProbe::is_reply(const Datagram& datagram) const {
  const auto* header = datagram.find(datagram.v4 ? ip_proto::icmp : ip_proto::icmpv6);
  if (header == nullptr || header->length < echo_header_octets || datagram.destination != tester_) {
    return false;
  }
  const auto octets = datagram.octets_of(*header);
  return octets[0] == (datagram.v4 ? echo_reply_v4 : icmpv6_type::echo_reply) &&
         std::ranges::equal(octets.subspan(4, 4), View(body_).first(4));
}

void UnansweredPackets::remove_answered(const Job& job) {
  const auto last = std::find(jobs_.rbegin(), jobs_.rend(), &job);
  jobs_.erase(jobs_.begin(), last.base());
}

std::vector<Job*> UnansweredPackets::take_suspects(std::deque<Job>& jobs) {
  std::vector<Job*> suspects;
  for (auto* job : jobs_) {
    if (!contains(suspects, job)) suspects.push_back(job);
  }
  jobs_.clear();
  for (auto& job : jobs) {
    if (job.running() && !contains(suspects, &job)) suspects.push_back(&job);
  }
  return suspects;
}

}  // namespace secct::replay
