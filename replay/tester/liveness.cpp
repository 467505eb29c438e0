// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/tester/liveness.hpp"

#include <algorithm>

#include "generator/packet/build.hpp"
#include "network/write_number.hpp"
#include "protocol/checksum.hpp"

namespace secct::replay {
namespace {

constexpr std::uint16_t probe_identifier = 0xfffe;
constexpr std::size_t echo_header_octets = 8;
constexpr std::uint8_t icmp_v4 = 1;  // IP protocol
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
  packet.find(LayerKind::ip)->set(HeaderField::ip_proto, std::uint64_t{icmp_v4});
  return packet;
}

}  // namespace

LivenessProbe::LivenessProbe(const RouterDescription& description) : tester_(description.peer) {
  Octets body;
  append_number(body, probe_identifier, 2);
  append_number(body, 0, 2);
  const auto packet = is_v4_mapped(description.address) ? packet_v4(description, body)
                                                        : packet_v6(description, std::move(body));
  const auto built = build(description.codepoints, {}, packet);
  request_.assign(built.octets.begin() + ethernet_octets, built.octets.end());
}

bool LivenessProbe::is_reply(const Datagram& datagram) const {
  const auto* header = datagram.find(datagram.v4 ? icmp_v4 : ip_proto::icmpv6);
  if (header == nullptr || header->length < echo_header_octets || datagram.destination != tester_) {
    return false;
  }
  const auto octets = datagram.octets_of(*header);
  return octets[0] == (datagram.v4 ? echo_reply_v4 : icmpv6_type::echo_reply) &&
         big_endian(octets.subspan(4, 2)) == probe_identifier;
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
