// SPDX-License-Identifier: GPL-2.0-or-later
// Finds the job to which a packet of the router belongs.
#pragma once

#include <deque>
#include <map>
#include <optional>

#include "replay/namespace.hpp"
#include "replay/tester/job.hpp"

namespace secct::replay {

class PacketOwners {
 public:
  // `others`: describes mobile nodes whose packets belong to no job unless a run uses them, because
  // an earlier run may have used them; nullptr if there was none. Must outlive the object.
  explicit PacketOwners(const RouterDescription* others = nullptr) : others_(others) {}

  // The packets of this handover belong to `job`.
  void add(const Handover& handover, Job& job);
  // Packets to this address, from which the job has sent a packet, belong to `job`.
  void add(const Address& source, Job& job) { by_address_[source] = &job; }
  // Replies with this Identifier belong to `job`.
  void add(std::uint16_t identifier, Job& job) { by_identifier_[identifier] = &job; }
  // The run with this handover has ended. Later packets to its mobile node belong to no job.
  void remove(const Handover& handover);
  void clear();

  // The job with this address. std::nullopt: no run has used the address; nullptr: the run has
  // ended.
  std::optional<Job*> find(const Address& address) const;
  // The job of a packet: by the addresses of its IP header and its message, otherwise by the
  // Identifier that a reply copies, otherwise the only job that waits for such a message. nullptr
  // if there is none.
  Job* find(const ReceivedPacket& packet, std::deque<Job>& jobs) const;

 private:
  bool is_of_another(const ReceivedPacket& packet) const;

  const RouterDescription* others_;
  std::map<Address, Job*> by_address_;
  std::map<std::uint16_t, Job*> by_identifier_;
};

}  // namespace secct::replay
