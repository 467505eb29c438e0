// SPDX-License-Identifier: GPL-2.0-or-later
// The SAs of the AH and ESP packets of a capture: those that the user gave, and those that messages
// of the capture transfer, at the previous router and at the new one.
#pragma once

#include <algorithm>
#include <deque>
#include <optional>
#include <unordered_map>
#include <vector>

#include "conversation/packed_sa.hpp"
#include "ipsec/relocation.hpp"
#include "ipsec/replay_window.hpp"
#include "ipsec/sa.hpp"
#include "protocol/decode/decoded_message.hpp"

namespace secct::conversation {

struct KnownSa {
  ipsec::Sa sa;
  std::uint64_t learned_in = 0;  // frame of the SHREP or U-SHREP; 0: configured
  bool is_relocated = false;     // it is the SA at the new router
  ipsec::ReplayWindow window;    // if relocated: before the first packet there
};

class KnownSas {
 public:
  // `most`: handovers whose SAs are remembered, at least 1; beyond that the first ones are
  // forgotten.
  static constexpr std::size_t default_most = std::size_t{1} << 16;
  explicit KnownSas(std::size_t most = default_most) : most_(std::max<std::size_t>(most, 1)) {}

  // Forgets all SAs and begins with these; an unspecified source means any.
  void reset(std::vector<ipsec::Sa> configured);
  // Stores the contexts, addresses and routers that a message of handover number `handover` states;
  // without one (0) nothing is stored. Contexts that the capture cuts are left out.
  void learn(const DecodedMessage& decoded, std::uint32_t handover, std::uint64_t frame);
  // The SA of a packet; nullptr if it is unknown. Of several contexts the latest one counts. Valid
  // until the next call of a function that is not const.
  const KnownSa* find(ipsec::IpsecProtocol protocol, std::uint32_t spi, const Address& source,
                      const Address& destination);
  bool empty() const { return configured_.empty() && transfers_.empty(); }

 private:
  struct StoredSa {
    PackedSa original;       // at the previous router
    secct::Message message;  // HI or SHREP
    std::uint64_t frame;
    std::optional<std::uint32_t> computed_spi;  // at the new router, if a packet needed it
  };
  // The SAs that one handover transfers.
  struct Transfer {
    std::uint32_t handover = 0;
    ipsec::Relocation relocation;
    std::optional<ipsec::Relocation> complete;  // with routers that no message states
    bool has_arrived = false;                   // a message of the mobile node named the new router
    bool needs_spis = false;          // by_address_ has too many transfers of one of its addresses
    std::vector<std::uint32_t> spis;  // in by_spi_
    std::vector<StoredSa> sas;
  };
  // What a packet states of its SA.
  struct Wanted {
    ipsec::IpsecProtocol protocol;
    std::uint32_t spi;
    const Address& source;
    const Address& destination;

    // Whether the SA, with these ends, has the protocol and ends of the packet.
    bool fits(const PackedSa& sa, const Address& from, const Address& to, bool any_source) const;
  };
  struct AddressHash {
    std::size_t operator()(const Address& address) const;
  };

  Transfer& transfer(std::uint32_t handover);
  void forget_first();
  void set_paddr(Transfer& transfer, const std::optional<Address>& paddr);
  void set_naddr(Transfer& transfer, const std::optional<Address>& naddr);
  void set_router(Transfer& transfer, const std::optional<Address>& nr);
  void set_other_router(Transfer& transfer, const std::optional<Address>& nr);
  void add_previous(Transfer& transfer, const std::optional<Address>& router);
  void store_contexts(Transfer& transfer, const DecodedMessage& decoded, std::uint64_t frame);
  void store(Transfer& transfer, StoredSa entry);
  void enter_address(const Address& address, Transfer& transfer);
  void enter_spi(std::uint32_t spi, Transfer& transfer);
  template <class Transfers>
  static void remove(Transfers& transfers, const typename Transfers::key_type& key,
                     const Transfer& transfer);
  void relocation_changed(Transfer& transfer);
  static const ipsec::Relocation& with_unstated_router(Transfer& transfer);
  static std::optional<std::uint32_t> computed_spi(Transfer& transfer, StoredSa& sa);
  const KnownSa* unpack(Transfer& transfer, const StoredSa& sa, const Wanted& wanted,
                        bool is_relocated);
  const KnownSa* find_in(const std::vector<Transfer*>& transfers, const Wanted& wanted,
                         bool any_source);
  const KnownSa* find_in(Transfer& transfer, const Wanted& wanted, bool any_source);
  const KnownSa* find_relocated(Transfer& transfer, const Wanted& wanted, bool any_source);

  std::size_t most_;
  std::vector<KnownSa> configured_;
  std::unordered_multimap<std::uint32_t, std::size_t> configured_by_spi_;
  std::deque<Transfer> transfers_;  // in the order of their handovers
  std::unordered_map<std::uint32_t, Transfer*> by_handover_;
  // Paddr and Naddr of each transfer; the latest transfer of an address is the last one.
  std::unordered_map<Address, std::vector<Transfer*>, AddressHash> by_address_;
  // For SAs without an end in by_address_, such as those between a router and a gateway; in the
  // same order.
  std::unordered_map<std::uint32_t, std::vector<Transfer*>> by_spi_;
  KnownSa found_;  // the result of find() that was unpacked from this SA; nullptr: none
  const PackedSa* found_from_ = nullptr;
};

}  // namespace secct::conversation
