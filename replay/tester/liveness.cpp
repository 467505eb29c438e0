// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/tester/liveness.hpp"

#include <algorithm>

#include "generator/packet/build.hpp"

namespace secct::replay {
namespace {

constexpr std::uint16_t probe_identifier = 0xfffe;
constexpr std::size_t echo_header_octets = 8;

bool contains(const std::vector<Job*>& jobs, const Job* job) {
  return std::ranges::find(jobs, job) != jobs.end();
}

}  // namespace

LivenessProbe::LivenessProbe(const RouterDescription& description) : tester_(description.peer) {
  Layer icmpv6{.kind = LayerKind::icmpv6, .fields = {}, .elements = {}};
  icmpv6.set(HeaderField::icmpv6_type, std::uint64_t{icmpv6_type::echo_request});
  Layer data{.kind = LayerKind::data, .fields = {}, .elements = {}};
  Octets body;
  append_number(body, probe_identifier, 2);
  append_number(body, 0, 2);
  data.set(HeaderField::data_octets, std::move(body));
  const auto built =
      build(description.codepoints, {},
            ip_packet(description.peer, description.address, {std::move(icmpv6), std::move(data)}));
  request_.assign(built.octets.begin() + ethernet_octets, built.octets.end());
}

bool LivenessProbe::is_reply(const Datagram& datagram) const {
  const auto* header = datagram.find(ip_proto::icmpv6);
  if (header == nullptr || header->length < echo_header_octets || datagram.destination != tester_) {
    return false;
  }
  const auto octets = datagram.octets_of(*header);
  return octets[0] == icmpv6_type::echo_reply &&
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
