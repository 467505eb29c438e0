// SPDX-License-Identifier: GPL-2.0-or-later
// The messages of one handover of a mobile node between two routers, as packet documents. They are
// the messages of `craft --message`, of scenarios, and of the tester.
#pragma once

#include <map>
#include <span>
#include <string_view>
#include <utility>

#include "files/yaml_reader.hpp"
#include "generator/description/router_description.hpp"
#include "generator/handover/messages.hpp"
#include "generator/namespace.hpp"
#include "protocol/tables/status.hpp"

namespace secct::generator {

// A sequence number of an SA would be higher than 2^32 - 1: it must not cycle (RFC 2402 3.3.2).
class SequenceExhausted : public UsageError {
 public:
  using UsageError::UsageError;
};

// The sequence numbers of the packets sent, for each protocol and SPI: an AH and an ESP SA may have
// the same SPI (RFC 2401 4.4.3).
class Counters {
 public:
  // Returns the sequence number of the next packet under the SA: `first`, then one more each time.
  // Throws SequenceExhausted after 2^32 - 1.
  std::uint32_t next(IpsecProtocol protocol, std::uint32_t spi, std::uint64_t first = 1);
  // Makes next() return `number` for this SA.
  void set(IpsecProtocol protocol, std::uint32_t spi, std::uint32_t number) {
    next_[{protocol, spi}] = number;
  }
  // Whether next() or set() was called for this SA.
  bool used(IpsecProtocol protocol, std::uint32_t spi) const {
    return next_.contains({protocol, spi});
  }

 private:
  std::map<std::pair<IpsecProtocol, std::uint32_t>, std::uint64_t> next_;
};

// The number after `sequence`, for Counters::next().
constexpr std::uint64_t following(std::uint32_t sequence) { return std::uint64_t{sequence} + 1; }

// A data packet from or to the mobile node; the direction is that of the innermost SA.
struct MnData {
  bool echo = false;               // ICMPv6 echo request or reply; otherwise a UDP datagram
  bool after = false;              // after the handover, at the new router
  std::vector<std::size_t> under;  // SAs of the mobile node, indices from 0, outermost first
  std::optional<Address> remote;   // the other end of a tunneled packet; default: that of the SA
};

// A SecCT-ack of a SHAK: how the NR changed an SA of the mobile node.
struct SaChange {
  std::size_t sa = 0;                 // index in MobileNode::sas
  std::uint8_t changed = 0;           // Changed-SPT
  std::optional<std::uint32_t> pmtu;  // octets; with changed_pmtu only
};

// The SA that protects a SHAK (wire-format.md D15), or nullptr: among `moved_contexts`, the first
// AH or ESP SA whose destination is the MN, otherwise the first AH or ESP SA. Both of its ends have
// the IP version of `naddr`.
const Context* shak_context(const std::vector<Context>& moved_contexts, const Address& naddr);

// The SA that protects a P-SHIN (wire-format.md section 8), as index in MobileNode::sas: the first
// AH SA of type 5 from the mobile node to the PR whose ends are IPv6, as those of the P-SHIN.
std::optional<std::size_t> pshin_sa(const std::vector<MobileNodeSa>& sas);

// One handover. Messages that are made one after another continue the sequence numbers.
class Handover {
 public:
  // `role` is the role of the router under test, `description.address`; the other router is
  // `description.peer`. `description` and `counters` must outlive the handover.
  Handover(const RouterDescription& description, Role role, std::uint32_t mobile_node,
           std::uint16_t identifier, Counters& counters)
      : Handover(description, role, description.mobile_node(mobile_node, role), identifier,
                 counters, counters) {}
  // With separate counters for the SAs between the routers and for those of the mobile node.
  Handover(const RouterDescription& description, Role role, MobileNode mobile_node,
           std::uint16_t identifier, Counters& routers, Counters& own);

  // Replaces the counters of the SAs between the routers.
  void use_routers(Counters& routers) { routers_ = &routers; }
  // Mobile IPv4 (behaviour.md section 5): Paddr is the IPv4 address of the mobile node, Naddr is
  // the care-of address that the foreign agent provides, and the routers have IPv4 addresses.
  void use_ipv4();
  // The SPI' of SA number `sa` if its SPI is already used at the NR (wire-format.md 6.6).
  std::uint32_t recomputed_spi(std::size_t sa) const;
  // Gives the SA this SPI at the NR.
  void set_spi(std::size_t sa, std::uint32_t spi) { recomputed_ = {sa, spi}; }

  const RouterDescription& description() const { return description_; }
  const MobileNode& mobile_node() const { return mn_; }
  // The SAs that variables ($spi1) number from 1, as indices in MobileNode::sas. Default: all, in
  // the order of the mobile node.
  const std::vector<std::size_t>& numbered_sas() const { return numbered_; }
  void number_sas(std::vector<std::size_t> sas) { numbered_ = std::move(sas); }
  const Address& nr() const { return nr_; }
  const Address& pr() const { return pr_; }
  const Address& nr_for_mn() const { return nr_for_mn_; }
  Address link_local() const;  // of the mobile node on the new link
  std::uint16_t identifier() const { return identifier_; }
  // The IPv4 addresses of the routers, IPv4-mapped.
  const Address& nr_v4() const;
  const Address& pr_v4() const;
  // The Identifier of the following HIs and SHREQs; default: identifier().
  std::uint16_t request_identifier() const { return request_identifier_; }
  void set_request_identifier(std::uint16_t identifier) { request_identifier_ = identifier; }
  // The Identifier of replies (HAck, SHREP, SHREP-Ack); default: identifier().
  void set_reply_identifier(std::uint16_t identifier) { reply_identifier_ = identifier; }
  // Makes replies copy the Identifier, Naddr and Paddr of this request.
  void answer(const DecodedMessage& decoded);
  // Replaces the AH or ESP header of a message from the tester to the router under test by one of
  // `protocol`. UsageError if the description has no such SA.
  void put_under(IpsecProtocol protocol, PacketDocument& packet);
  // Overwrites the sequence number of each ESP header with the next number of its SA.
  void number_esp(PacketDocument& packet);
  // The SAs between the routers, and those of the mobile node before and after the handover.
  Keyring keyring() const;

  // Each function makes one message between PR, NR and mobile node. SAs of the description protect
  // messages between the routers: ESP for contexts if the policy `confidential` is set, else AH.
  // `contexts`, the content of U-SHREP or SHREP, defaults to all transferable SAs. Messages under
  // an SA of the mobile node throw SequenceExhausted.
  PacketDocument hi() { return hi(mn_.transferable()); }
  PacketDocument hi(const std::vector<Context>& contexts);
  PacketDocument hack();  // code 0, SHREP-Ack with S
  PacketDocument shin(std::uint8_t replay);
  PacketDocument pshin();  // under the SA of pshin_sa(); without IPsec if there is none
  PacketDocument shreq(std::uint8_t replay = 1);
  PacketDocument shrep() { return shrep(mn_.transferable()); }
  PacketDocument shrep(const std::vector<Context>& contexts);
  PacketDocument shrep_status();  // only SecCT-Stat 200, which the caller may change to a failure
  // With statuses, one SecCT-Stat for each; without, the flag S.
  PacketDocument shrep_ack(std::span<const std::uint8_t> statuses = {});
  // The parts of `contexts` that a HI or SHREP (`message`) each can hold (wire-format.md section
  // 4), in order; one part, which may be empty, if they fit into one message.
  std::vector<std::vector<Context>> parts(Message message,
                                          const std::vector<Context>& contexts) const;
  // `protect`: under the SA of shak_context(), if there is one. The SHAK that follows the first
  // SHREP is protected by an SA of this SHREP, and so are those for its continuations.
  PacketDocument shak(std::uint8_t status, bool protect, const std::vector<SaChange>& changes = {});
  PacketDocument shak(std::uint8_t status = status::ok) {
    return shak(status, status == status::ok);
  }
  PacketDocument mip4_request();
  PacketDocument mip4_reply();
  // A data packet. One before the handover advances sequence number and replay window of its SAs,
  // so that later messages transfer the advanced values. UsageError if `traffic.under` is empty or
  // names an SA that does not exist or is neither AH nor ESP.
  PacketDocument data(const MnData& traffic);

  // The message with this name of `craft --message` (hi, hack, shin, ...); std::nullopt if the name
  // is unknown. A HI or SHREP has the first part of the transferable SAs.
  std::optional<PacketDocument> by_name(std::string_view name);
  static std::vector<std::string_view> names();
  // The name of shrep_status(). The other names are those of messages.def.
  static constexpr std::string_view shrep_status_name = "shrep-status";
  // The message with one of these names; Message::shrep for shrep-status.
  static std::optional<Message> message_of(std::string_view name);
  // The role of the router that receives the message with one of these names; nullopt: a mobile
  // node receives it, or the name is unknown.
  static std::optional<Role> receiver_of(std::string_view name);

  // A context of the mobile node as the new router installs it.
  Context at_new_router(Context context) const;

 private:
  // SA number `sa` after the handover: at the new router if it is transferred, otherwise unchanged.
  Context after_handover(std::size_t sa) const;
  // The next sequence number under an SA. Before the handover this advances the context.
  std::uint32_t next_number(std::size_t sa, bool after);
  std::vector<Layer> payload(const MnData& traffic, const Context& innermost, bool to_mn);
  // The SA that protects the next SHAK.
  std::optional<Context> next_shak_context() const;
  // A message between the routers; `confidential`: under ESP if the policy of this name is set.
  PacketDocument between(bool from_nr, bool confidential, Node message);
  Node reply(Message message, CodePoint option, std::vector<Node> sub_options);

  const RouterDescription& description_;
  Role role_;
  MobileNode mn_;
  std::uint16_t identifier_;
  std::uint16_t request_identifier_;
  std::uint16_t reply_identifier_;
  Address reply_naddr_{};
  Address reply_paddr_{};
  Counters* routers_;
  Counters* own_;                                                    // of the mobile node's SAs
  std::optional<std::pair<std::size_t, std::uint32_t>> recomputed_;  // SA, SPI at the NR
  std::vector<std::vector<Context>> kept_;                           // of each HI
  std::vector<std::vector<Context>> received_;                       // of each SHREP
  std::size_t shaks_ = 0;                                            // since the first SHREP
  std::vector<std::size_t> numbered_;
  bool ipv4_ = false;
  std::uint16_t echo_ = 0;  // sequence number of the last echo request
  Address nr_{};
  Address pr_{};
  Address nr_for_mn_{};
  Address pr_for_mn_{};
};

}  // namespace secct::generator
