// SPDX-License-Identifier: GPL-2.0-or-later
// The messages of one handover between one mobile node and two routers, as packet documents: what
// `craft --message` starts from, what scenarios are made of and what the tester sends.
#pragma once

#include <map>
#include <string_view>
#include <utility>

#include "generator/description/router_description.hpp"
#include "generator/handover/messages.hpp"
#include "generator/namespace.hpp"
#include "protocol/tables/status.hpp"

namespace secct::generator {

// The next sequence number of each SA that somebody sends under.
class Counters {
 public:
  // The number for the next packet under `spi`; the first one is `first`.
  std::uint32_t next(std::uint32_t spi, std::uint32_t first = 1);
  // The next packet under `spi` has this number.
  void set(std::uint32_t spi, std::uint32_t number) { next_[spi] = number; }
  bool used(std::uint32_t spi) const { return next_.contains(spi); }

 private:
  std::map<std::uint32_t, std::uint32_t> next_;
};

// A packet of the mobile node or to it, as the innermost SA leads.
struct MnData {
  bool echo = false;               // ICMPv6 echo, request or reply; otherwise a UDP datagram
  bool after = false;              // at the new router
  std::vector<std::size_t> under;  // SAs by their place in the lab, outermost first
  std::optional<Address> remote;   // whom the MN talks to through a tunnel; else the SA's other end
};

// What the NR tells the MN of one of its SAs: a SecCT-ack.
struct SaChange {
  std::size_t sa = 0;  // place in the lab
  std::uint8_t changed = 0;
  std::optional<std::uint32_t> pmtu;  // octets; the one field that may follow
};

// What the NR makes of a context that it received (behaviour 2.7): its own address for that of the
// PR, Naddr for Paddr; other addresses stay.
Context moved(Context context, const Address& pr, const Address& nr, const Address& paddr,
              const Address& naddr);

// The SA that protects a SHAK (wire-format D15) among moved contexts: the first AH or ESP SA whose
// destination is the MN, else the first AH or ESP SA, both ends of `naddr`'s IP version.
const Context* shak_context(const std::vector<Context>& moved_contexts, const Address& naddr);

// One handover. `role` says which router the lab's `address` is; the other one is `peer`.
class Handover {
 public:
  Handover(const RouterDescription& description, Role role, std::uint32_t mobile_node,
           std::uint16_t identifier, Counters& counters)
      : Handover(description, role, description.mobile_node(mobile_node, role), identifier,
                 counters, counters) {}
  // With numbers of their own for the SAs of the mobile node.
  Handover(const RouterDescription& description, Role role, MobileNode mobile_node,
           std::uint16_t identifier, Counters& routers, Counters& own);

  // From now on the routers' SAs are counted here.
  void use_routers(Counters& routers) { routers_ = &routers; }
  // All over IPv4 (behaviour 5): Paddr is the mobile node's IPv4 address, Naddr the care-of address
  // that the foreign agent gives it, and the routers talk to each other over IPv4.
  void use_ipv4();
  // The SPI' that the NR computes for an SA whose SPI it has taken (wire-format 6.6).
  std::uint32_t recomputed_spi(std::size_t sa) const;
  // From now on the SA has this SPI at the NR.
  void set_spi(std::size_t sa, std::uint32_t spi) { recomputed_ = {sa, spi}; }

  const RouterDescription& description() const { return description_; }
  const MobileNode& mobile_node() const { return mn_; }
  const Address& nr() const { return nr_; }
  const Address& pr() const { return pr_; }
  const Address& nr_for_mn() const { return nr_for_mn_; }
  Address link_local() const;  // of the mobile node on the new link
  std::uint16_t identifier() const { return identifier_; }
  // The routers' IPv4 addresses in their roles, IPv4-mapped.
  const Address& nr_v4() const;
  const Address& pr_v4() const;
  // Replies copy the Identifier of the message that they answer; at first it is the handover's own.
  void set_reply_identifier(std::uint16_t identifier) { reply_identifier_ = identifier; }
  // Replies copy Naddr and Paddr of the SHREQ on `decoded` too.
  void answer(const DecodedMessage& decoded);
  // Takes a message to the other router out of its AH or ESP and puts it under this one of the SAs
  // between the routers. UsageError when there is none.
  void put_under(IpsecProtocol protocol, PacketDocument& packet);
  // Gives the next number of its SA to every ESP header, whatever number it has.
  void number_esp(PacketDocument& packet);
  // Keys of the routers, and of the mobile node's SAs as they are before and after the handover.
  Keyring keyring() const;

  // With a U-SHREP that holds every SA that may be transferred, or these.
  PacketDocument hi() { return hi(mn_.transferable()); }
  PacketDocument hi(const std::vector<Context>& contexts);
  PacketDocument hack();  // code 0, SHREP-Ack with S
  PacketDocument shin(std::uint8_t replay);
  PacketDocument pshin();  // under the MN's first AH SA of type 5 towards the PR
  PacketDocument shreq(std::uint8_t replay = 1);
  PacketDocument shrep() { return shrep(mn_.transferable()); }
  PacketDocument shrep(const std::vector<Context>& contexts);
  PacketDocument shrep_status();  // SecCT-Stat 200 alone: for failures, with another status
  PacketDocument shrep_ack();
  // Under a handed-over SA when `protect`.
  PacketDocument shak(std::uint8_t status, bool protect, const std::vector<SaChange>& changes = {});
  PacketDocument shak(std::uint8_t status = status::ok) {
    return shak(status, status == status::ok);
  }
  PacketDocument mip4_request();
  PacketDocument mip4_reply();
  // Data of the mobile node. Before the handover it moves the SAs on: what is handed over
  // afterwards has the sequence number and window that the PR then has. UsageError for an SA that
  // is not there or cannot protect a packet.
  PacketDocument data(const MnData& traffic);

  // By the name that `craft --message` takes (hi, hack, shin, ...); nothing for an unknown one.
  std::optional<PacketDocument> by_name(std::string_view name);
  static std::vector<std::string_view> names();

  // A context of the mobile node as it is at the new router.
  Context at_new_router(Context context) const;

 private:
  // An SA as it is at the new router, if it was handed over; as it was, if it stays.
  Context arrived(std::size_t sa) const;
  // The next number under an SA; at the previous router it counts for what is handed over.
  std::uint32_t next_number(std::size_t sa, bool after);
  std::vector<Layer> payload(const MnData& traffic, const Context& innermost, bool to_mn);
  // Between the routers, under AH, or ESP where `confidential` asks for it.
  PacketDocument between(bool from_nr, bool confidential, Node message);
  Node reply(Message message, CodePoint option, std::vector<Node> sub_options);

  const RouterDescription& description_;
  Role role_;
  MobileNode mn_;
  std::uint16_t identifier_;
  std::uint16_t reply_identifier_;
  Address reply_naddr_{};
  Address reply_paddr_{};
  Counters* routers_;
  Counters* own_;
  std::optional<std::pair<std::size_t, std::uint32_t>> recomputed_;
  bool ipv4_ = false;
  std::uint16_t echo_ = 0;  // number of the last echo request
  Address nr_{};
  Address pr_{};
  Address nr_for_mn_{};
  Address pr_for_mn_{};
};

}  // namespace secct::generator
