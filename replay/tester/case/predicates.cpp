// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/tester/case/predicates.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "conversation/compare.hpp"
#include "conversation/compare_text.hpp"
#include "ipsec/crypto.hpp"
#include "protocol/decode/decode.hpp"
#include "protocol/decode/keyed_input.hpp"
#include "protocol/decode/message_content.hpp"
#include "protocol/tables/layout.hpp"
#include "protocol/tables/numbers.hpp"
#include "protocol/tables/spt.hpp"
#include "replay/inspect/message_rules.hpp"

namespace secct::replay {
namespace {

using F = Field;
using conversation::hex;
using Result = std::optional<Failure>;

Result result_of(const std::optional<conversation::Violation>& violation) {
  if (!violation) return std::nullopt;
  return failure_of(*violation);
}

Result verbatim(const ReceivedPacket& packet, const VariableContext& variables) {
  DecodedMessage shin;
  const auto& request = variables.state.request;
  if (!decode(variables.handover.description().codepoints, request.carrier, request.octets, {},
              shin)) {
    return Failure{"FRAME-4.3-1", "", "a SHIN or Mobile IPv4 request", "none",
                   "the tester sent no request that the SHREQ could copy"};
  }
  return result_of(conversation::compare_verbatim(from_auth(shin), packet.decoded));
}

Result swapped_addresses(const ReceivedPacket& packet, const VariableContext& variables) {
  const auto& handover = variables.handover;
  return result_of(conversation::compare_swapped(
      handover.pr(), handover.nr(), packet.datagram->source, packet.datagram->destination));
}

// The token of a U-SHREP must be that of the SHIN that the mobile node will send
// (wire-format.md 6.1). It covers the sub-options of the P-SHIN, or one SecCT-req R1 if the network
// started the handover.
Result ushrep_token(const ReceivedPacket& packet, const VariableContext& variables) {
  const auto& mn = variables.handover.mobile_node();
  Octets ho_features = variables.state.ho_features;
  if (ho_features.empty())
    ho_features = *token_features(variables.handover.description().codepoints, packet.decoded);
  const auto wanted = compute_token(mn.token_key, ho_features, 0, mn.paddr);
  const auto found = packet.decoded.number(F::auth_token);
  if (found == wanted) return std::nullopt;
  return Failure{"FRAME-5.2-2", "secct.auth.token", hex(wanted),
                 found ? hex(static_cast<std::uint32_t>(*found)) : "none",
                 "token does not match the SHIN that will follow"};
}

// A U-SHREP that is sent before Naddr is determined has no Naddr (wire-format.md 4). Otherwise it
// has the one that the HI proposes.
Result naddr_of_hi(const ReceivedPacket& packet, const VariableContext&) {
  const auto wanted = new_care_of(packet.decoded).value_or(Address{});
  const auto* naddr = packet.decoded.find(F::naddr);
  if (naddr == nullptr) return std::nullopt;
  const auto found = packet.decoded.address(*naddr);
  if (is_unspecified(found) || found == wanted) return std::nullopt;
  return Failure{"", "secct.naddr", to_text(wanted), to_text(found),
                 "Naddr is not the nCoA that the HI proposes"};
}

// S asks the new router for an address (behaviour.md 3.4).
Result s_without_ncoa(const ReceivedPacket& packet, const VariableContext&) {
  if (new_care_of(packet.decoded) || packet.decoded.number(F::flag_s) == 1) return std::nullopt;
  return Failure{"FMIP-4.3-6", "secct.flags.s", "true", "false",
                 "the HI proposes no nCoA and does not request one"};
}

// A HAck with code 3 contains the assigned nCoA; with code 4 it needs none.
Result assigned_address(const ReceivedPacket& packet, const VariableContext&) {
  constexpr std::uint64_t assigned = 3;
  if (packet.decoded.number(F::code) != assigned ||
      packet.decoded.find(F::opt_address) != nullptr) {
    return std::nullopt;
  }
  return Failure{"FMIP-4.4-3", "secct.opt.address", "the assigned nCoA", "none",
                 "HAck with code 3 does not contain the assigned nCoA"};
}

// The source of the SHAK or a SecCT-ack 0x40 informs the mobile node of the new router
// (behaviour.md 2.10).
Result gateway(const ReceivedPacket& packet, const VariableContext& variables) {
  const auto& nr = variables.handover.nr_for_mn();
  if (packet.datagram->source == nr) return std::nullopt;
  for (const auto& field : packet.decoded.fields) {
    if (field.field == F::ack_peer && packet.decoded.address(field) == nr) return std::nullopt;
  }
  return Failure{"ISSUES-6.2-1", "ipv6.src", to_text(nr), to_text(packet.datagram->source),
                 "SHAK does not inform the mobile node of its new router"};
}

// Calls `check` for every SecCT-ack with its Changed-SPT and the SA that it refers to, up to the
// first failure.
template <class Check>
Result check_changes(const ReceivedPacket& packet, const VariableContext& variables, Check check) {
  for (const auto& field : packet.decoded.fields) {
    const auto* changed =
        field.field == F::sub_options ? packet.decoded.find_in(field, F::ack_changed) : nullptr;
    const auto* spi = changed != nullptr ? packet.decoded.find_in(field, F::ack_spi) : nullptr;
    if (spi == nullptr) continue;
    const auto& contexts = variables.mobile_node.transferable();
    const auto found = std::ranges::find(contexts, spi->number, &Context::spi);
    if (found == contexts.end()) {
      return Failure{"RELOC-5.3-1", "secct.ack.spi", "the SPI of a transferred SA",
                     hex(static_cast<std::uint32_t>(spi->number)),
                     "no transferred SA has this SPI"};
    }
    if (auto failure = check(field, changed->number, *found)) return failure;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> path_mtu_of(const Context& context) {
  for (const auto& data : context.additional) {
    if (const auto* mtu = data.find(F::data_pmtu)) return mtu->number();
  }
  return std::nullopt;
}

// A router reports a path MTU only if it is smaller than the transferred one (ISSUES 6.3).
Result path_mtu(const ReceivedPacket& packet, const VariableContext& variables) {
  return check_changes(
      packet, variables, [&](const DecodedField& ack, std::uint64_t, const Context& sa) -> Result {
        const auto* reported = packet.decoded.find_in(ack, F::ack_pmtu);
        const auto transferred = path_mtu_of(sa);
        if (reported == nullptr || (transferred && reported->number < *transferred))
          return std::nullopt;
        return Failure{"ISSUES-6.3-1", "secct.ack.pmtu",
                       transferred ? fmt::format("less than {}", *transferred) : "none",
                       std::to_string(reported->number),
                       "path MTU is not smaller than the transferred one"};
      });
}

// A router that requests a new negotiation must not change the SA (ISSUES 7.1). It may report the
// gateway and the path MTU.
Result renegotiate(const ReceivedPacket& packet, const VariableContext& variables) {
  constexpr std::uint64_t bits = trait::changed_spi | trait::changed_lifetime |
                                 trait::changed_sequence | trait::changed_window;
  return check_changes(
      packet, variables, [&](const DecodedField&, std::uint64_t changed, const Context&) -> Result {
        if ((changed & bits) == 0) return std::nullopt;
        return Failure{"ISSUES-7.1-1", "secct.ack.changed", "0x04",
                       fmt::format("0x{:02x}", changed), "change other than a new negotiation"};
      });
}

// Both ends compute the new SPI; it must not be sent (wire-format.md 6.6).
Result no_new_spi(const ReceivedPacket& packet, const VariableContext& variables) {
  const auto& handover = variables.handover;
  for (const auto& sa : variables.mobile_node.transferable()) {
    if (sa.key.empty()) continue;
    Octets spi;
    append_number(spi, compute_spi(sa.key, handover.nr_for_mn(), handover.mobile_node().naddr), 4);
    if (!std::ranges::search(packet.original, spi).empty() ||
        !std::ranges::search(packet.octets, spi).empty()) {
      return Failure{"RELOC-4-16", "secct.ack.spi", "the old SPI only", to_hex(spi),
                     "the recomputed SPI is in the message"};
    }
  }
  return std::nullopt;
}

// D15 selects the SA that protects the SHAK.
Result first_sa(const ReceivedPacket& packet, const VariableContext& variables) {
  const auto wanted = variables.mobile_node.shak_context();
  if (!wanted || packet.sas.empty()) return std::nullopt;
  if (packet.sas.front().spi == wanted->spi) return std::nullopt;
  const bool ah = packet.sas.front().protocol == IpsecProtocol::ah;
  return Failure{"RELOC-4-17", ah ? "ah.spi" : "esp.spi", hex(wanted->spi),
                 hex(packet.sas.front().spi), "SHAK is protected by the wrong SA"};
}

// After each key, the context has an IV of the length that the cipher requires.
Result iv_present(const ReceivedPacket& packet, const VariableContext&) {
  for (const auto& context : read_contexts(packet.decoded)) {
    const auto spt = find_spt(context.spt);
    if (!spt || spt->iv_length() == context.iv.size()) continue;
    return Failure{"RELOC-6-1", "secct.sa.iv", fmt::format("{} octets", spt->iv_length()),
                   fmt::format("{} octets", context.iv.size()),
                   "IV length does not match the cipher"};
  }
  return std::nullopt;
}

Result poorly_formed(const ReceivedPacket& packet, const VariableContext&) {
  constexpr std::uint8_t code = 70;  // RFC 3344 3.4
  if (packet.registration_code == code) return std::nullopt;
  return Failure{"RELOC-5-2", "mip.code", std::to_string(code),
                 packet.registration_code ? std::to_string(*packet.registration_code) : "none",
                 "wrong code in the Registration Reply"};
}

Result over_ipv4(const ReceivedPacket& packet, const VariableContext&) {
  if (packet.datagram->v4) return std::nullopt;
  return Failure{"ISSUES-6.5-1", "", "IPv4", "IPv6", "wrong IP version"};
}

struct PredicateRow {
  std::string_view name;
  Result (*evaluate)(const ReceivedPacket&, const VariableContext&);
};
constexpr PredicateRow rows[] = {
#define PREDICATE(function, name) {name, function},
#include "replay/suite/predicates.def"
#undef PREDICATE
};

}  // namespace

std::optional<Failure> run_predicate(std::string_view name, const ReceivedPacket& packet,
                                     const VariableContext& variables) {
  const auto* found = std::ranges::find(rows, name, &PredicateRow::name);
  return found == std::end(rows) ? std::nullopt : found->evaluate(packet, variables);
}

}  // namespace secct::replay
