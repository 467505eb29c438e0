// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/tester/predicates.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "ipsec/crypto.hpp"
#include "protocol/decode/decode.hpp"
#include "protocol/decode/keyed_input.hpp"
#include "protocol/tables/layout.hpp"
#include "protocol/tables/numbers.hpp"
#include "protocol/tables/spt.hpp"
#include "replay/inspect/conversation.hpp"

namespace secct::replay {
namespace {

using F = Field;
using Result = std::optional<Failure>;

Result verbatim(const ReceivedPacket& seen, const VariableContext& context) {
  DecodedMessage shin;
  const auto& request = context.memory.request;
  if (!decode(context.handover.description().codepoints, request.carrier, request.octets, {},
              shin)) {
    return Failure{"FRAME-4.3-1", "", "a request before", "none", "no request was sent"};
  }
  return compare_verbatim(from_auth(shin), seen.decoded);
}

// What the SA must be when the tester has sent under it: number and window have moved on.
Context moved_on(Context context, const Mobile& mobile) {
  const auto used = mobile.used(context.spi);
  if (!used || *used <= context.sequence) return context;
  auto window = to_window(context);
  window.accept(*used);
  context.sequence = *used;
  if (context.window_size != 0) context.window = window.bits();
  return context;
}

std::uint64_t type_of(const Node& data) {
  const auto* type = data.find(F::data_type);
  return type != nullptr ? type->number().value_or(0) : 0;
}
bool is_selector(const Node& data) { return type_of(data) >= first_selector; }
bool is_transform(const Node& data) { return !is_selector(data); }
bool is_any(const Node&) { return true; }

// Overflow flag, path MTU and IV mode may be left out, and the SPT then says so; ESP authentication
// may not: without it the SA is another one.
Context without_what_may_lack(Context wanted, const Context& got) {
  constexpr std::uint64_t esp_authentication = 1;
  const auto lacks = [&](const Node& data) {
    const auto type = type_of(data);
    return is_transform(data) && type != esp_authentication &&
           std::ranges::find(got.additional, type, type_of) == got.additional.end();
  };
  const auto spt = find_spt(wanted.spt);
  if (std::erase_if(wanted.additional, lacks) == 0 || !wanted.additional.empty() || !spt) {
    return wanted;
  }
  auto shorter = *spt;
  shorter.additional = false;
  if (spt_number(shorter) == got.spt) wanted.spt = got.spt;
  return wanted;
}

// One thing that a context says, in the ledger and in words.
struct ContextRow {
  Field field;
  const char* clause;
  std::string (*text)(const Context& context);
};

std::string hex32(std::uint32_t number) { return fmt::format("0x{:08x}", number); }
std::string id_text(const std::optional<std::uint32_t>& id) {
  return id ? std::to_string(*id) : "none";
}
// A list of additional data or preferences, one octet string after another.
std::string list_text(const std::vector<Node>& nodes, bool (*counts)(const Node&)) {
  std::string text;
  for (const auto& node : nodes) {
    if (!counts(node)) continue;
    for (const auto& child : node.children) {
      if (child.field == F::data_length || child.field == F::preference_length) continue;
      if (const auto number = child.number()) text += fmt::format("{} ", *number);
      if (child.octets() != nullptr) text += to_hex(*child.octets()) + " ";
    }
    text += "; ";
  }
  return text.empty() ? "none" : text;
}

// What is lost or added stands before the SPT, which says that it is there.
constexpr ContextRow context_rows[] = {
    {F::additional, "ISSUES-7.2-1",
     [](const Context& c) { return list_text(c.additional, is_selector); }},
    {F::additional, "ISSUES-7.3-2",
     [](const Context& c) { return list_text(c.additional, is_transform); }},
    {F::static_profile, "RELOC-3-11",
     [](const Context& c) { return list_text(c.static_profile, is_any); }},
    {F::spt, "RELOC-3-2", [](const Context& c) { return spt_name(c.spt); }},
    {F::sa_source, "RELOC-3-5", [](const Context& c) { return to_text(c.source); }},
    {F::sa_source_private_id, "RELOC-3-5",
     [](const Context& c) { return id_text(c.source_private_id); }},
    {F::sa_destination, "ISSUES-7.2-2", [](const Context& c) { return to_text(c.destination); }},
    {F::sa_destination_private_id, "RELOC-3-5",
     [](const Context& c) { return id_text(c.destination_private_id); }},
    {F::sa_protocol, "ISSUES-7.2-1", [](const Context& c) { return std::to_string(c.protocol); }},
    {F::sa_source_port, "ISSUES-7.2-1",
     [](const Context& c) { return std::to_string(c.source_port); }},
    {F::sa_destination_port, "ISSUES-7.2-1",
     [](const Context& c) { return std::to_string(c.destination_port); }},
    {F::sa_key, "RELOC-3-9", [](const Context& c) { return to_hex(c.key); }},
    {F::sa_sequence, "ISSUES-7.3-1", [](const Context& c) { return std::to_string(c.sequence); }},
    {F::sa_window_size, "RELOC-3-6",
     [](const Context& c) { return std::to_string(c.window_size); }},
    {F::sa_window, "RELOC-3-6", [](const Context& c) { return to_hex(c.window); }},
};

Result swapped_addresses(const ReceivedPacket& seen, const VariableContext& context) {
  const auto& handover = context.handover;
  return compare_swapped(handover.pr(), handover.nr(), seen.datagram->source,
                         seen.datagram->destination);
}

// The token of a U-SHREP is the one that the mobile node's later SHIN shows (wire-format.md 6.1):
// over the sub-options of the P-SHIN, or one SecCT-req R1 when the network began.
Result ushrep_token(const ReceivedPacket& seen, const VariableContext& context) {
  const auto& mn = context.handover.mobile_node();
  Octets features = context.memory.features;
  if (features.empty())
    features = *token_features(context.handover.description().codepoints, seen.decoded);
  const auto wanted = compute_token(mn.token_key, features, 0, mn.paddr);
  const auto found = seen.decoded.number(F::auth_token);
  if (found == wanted) return std::nullopt;
  return Failure{"FRAME-5.2-2", "secct.auth.token", hex32(wanted),
                 found ? hex32(static_cast<std::uint32_t>(*found)) : "none",
                 "not the token of the SHIN that is still to come"};
}

// A U-SHREP that is sent before Naddr is known has none (wire-format.md 4); else the HI proposes
// it.
Result naddr_of_hi(const ReceivedPacket& seen, const VariableContext&) {
  Address wanted{};
  for (const auto& item : seen.decoded.fields) {
    if (item.field != F::options) continue;
    const auto* subtype = seen.decoded.find_in(item, F::opt_subtype);
    const auto* address = seen.decoded.find_in(item, F::opt_address);
    if (subtype == nullptr || subtype->number != address_subtype::new_care_of || address == nullptr)
      continue;
    wanted = seen.decoded.address(*address);
  }
  const auto* naddr = seen.decoded.find(F::naddr);
  if (naddr == nullptr) return std::nullopt;
  const auto found = seen.decoded.address(*naddr);
  if (is_unspecified(found) || found == wanted) return std::nullopt;
  return Failure{"", "secct.naddr", to_text(wanted), to_text(found), "not the nCoA of the HI"};
}

// Code 3 comes with the nCoA that was assigned, code 4 needs none.
Result assigned_address(const ReceivedPacket& seen, const VariableContext&) {
  constexpr std::uint64_t assigned = 3;
  if (seen.decoded.number(F::code) != assigned || seen.decoded.find(F::opt_address) != nullptr) {
    return std::nullopt;
  }
  return Failure{"FMIP-4.4-3", "secct.opt.address", "the assigned nCoA", "none",
                 "code 3 without the address that was assigned"};
}

// By the SHAK's source, or by SecCT-ack 0x40, the mobile node learns the new router
// (behaviour 2.10).
Result gateway(const ReceivedPacket& seen, const VariableContext& context) {
  const auto& nr = context.handover.nr_for_mn();
  if (seen.datagram->source == nr) return std::nullopt;
  for (const auto& item : seen.decoded.fields) {
    if (item.field == F::ack_peer && seen.decoded.address(item) == nr) return std::nullopt;
  }
  return Failure{"ISSUES-6.2-1", "ipv6.src", to_text(nr), to_text(seen.datagram->source),
                 "the mobile node cannot learn its new gateway"};
}

// Calls `each` for every SecCT-ack with its Changed-SPT and the context that it is about.
template <class Each>
Result each_change(const ReceivedPacket& seen, const VariableContext& context, Each each) {
  for (const auto& item : seen.decoded.fields) {
    const auto* changed =
        item.field == F::sub_options ? seen.decoded.find_in(item, F::ack_changed) : nullptr;
    const auto* spi = changed != nullptr ? seen.decoded.find_in(item, F::ack_spi) : nullptr;
    if (spi == nullptr) continue;
    const auto& contexts = context.mobile.contexts();
    const auto found = std::ranges::find(contexts, spi->number, &Context::spi);
    if (found == contexts.end()) {
      return Failure{"RELOC-5.3-1", "secct.ack.spi", "the SPI of an SA that was handed over",
                     hex32(static_cast<std::uint32_t>(spi->number)), "an SA that nobody has"};
    }
    if (auto failure = each(item, changed->number, *found)) return failure;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> path_mtu_of(const Context& context) {
  for (const auto& data : context.additional) {
    if (const auto* mtu = data.find(F::data_pmtu)) return mtu->number();
  }
  return std::nullopt;
}

// A path MTU that is told is smaller than the one that was handed over (ISSUES 6.3).
Result path_mtu(const ReceivedPacket& seen, const VariableContext& context) {
  return each_change(
      seen, context, [&](const DecodedField& ack, std::uint64_t, const Context& sa) -> Result {
        const auto* told = seen.decoded.find_in(ack, F::ack_pmtu);
        const auto handed = path_mtu_of(sa);
        if (told == nullptr || (handed && told->number < *handed)) return std::nullopt;
        return Failure{"ISSUES-6.3-1", "secct.ack.pmtu",
                       handed ? fmt::format("less than {}", *handed) : "none",
                       std::to_string(told->number), "not smaller than what was handed over"};
      });
}

// But for a new negotiation the SA stays as it is (ISSUES 7.1); its gateway and path MTU may be
// told.
Result renegotiate(const ReceivedPacket& seen, const VariableContext& context) {
  constexpr std::uint64_t bits = trait::changed_spi | trait::changed_lifetime |
                                 trait::changed_sequence | trait::changed_window;
  return each_change(
      seen, context, [&](const DecodedField&, std::uint64_t changed, const Context&) -> Result {
        if ((changed & bits) == 0) return std::nullopt;
        return Failure{"ISSUES-7.1-1", "secct.ack.changed", "0x04",
                       fmt::format("0x{:02x}", changed), "another change than a new negotiation"};
      });
}

// The recomputed SPI is for the two ends alone (wire-format.md 6.6).
Result no_new_spi(const ReceivedPacket& seen, const VariableContext& context) {
  const auto& handover = context.handover;
  for (const auto& sa : context.mobile.contexts()) {
    if (sa.key.empty()) continue;
    Octets spi;
    append_number(spi, compute_spi(sa.key, handover.nr_for_mn(), handover.mobile_node().naddr), 4);
    if (!std::ranges::search(seen.original, spi).empty() ||
        !std::ranges::search(seen.octets, spi).empty()) {
      return Failure{"RELOC-4-16", "secct.ack.spi", "only the old SPI", to_hex(spi),
                     "the new SPI is in the message"};
    }
  }
  return std::nullopt;
}

// D15: which of the SAs protects the SHAK.
Result first_sa(const ReceivedPacket& seen, const VariableContext& context) {
  std::vector<Context> moved;
  for (const auto& sa : context.mobile.contexts()) {
    moved.push_back(context.handover.at_new_router(sa));
  }
  const auto* wanted = shak_context(moved, context.handover.mobile_node().naddr);
  if (wanted == nullptr || seen.under.empty()) return std::nullopt;
  if (seen.under.front().spi == wanted->spi) return std::nullopt;
  const bool ah = seen.under.front().protocol == IpsecProtocol::ah;
  return Failure{"RELOC-4-17", ah ? "ah.spi" : "esp.spi", hex32(wanted->spi),
                 hex32(seen.under.front().spi), "another SA than the first one"};
}

// An IV of the cipher's size stands behind the key.
Result iv_present(const ReceivedPacket& seen, const VariableContext&) {
  for (const auto& context : read_contexts(seen.decoded)) {
    const auto spt = find_spt(context.spt);
    if (!spt || spt->iv_length() == context.iv.size()) continue;
    return Failure{"RELOC-6-1", "secct.sa.iv", fmt::format("{} octets", spt->iv_length()),
                   fmt::format("{} octets", context.iv.size()), "no IV of the cipher's size"};
  }
  return std::nullopt;
}

Result poorly_formed(const ReceivedPacket& seen, const VariableContext&) {
  constexpr std::uint8_t code = 70;  // RFC 3344 3.4
  if (seen.registration_code == code) return std::nullopt;
  return Failure{"RELOC-5-2", "mip.code", std::to_string(code),
                 seen.registration_code ? std::to_string(*seen.registration_code) : "none",
                 "not the code of a poorly formed request"};
}

Result over_ipv4(const ReceivedPacket& seen, const VariableContext&) {
  if (seen.datagram->v4) return std::nullopt;
  return Failure{"ISSUES-6.5-1", "", "IPv4", "IPv6", "the wrong version of IP"};
}

struct PredicateRow {
  std::string_view name;
  Result (*check)(const ReceivedPacket&, const VariableContext&);
};
constexpr PredicateRow rows[] = {
#define PREDICATE(function, name) {name, function},
#include "replay/suite/predicates.def"
#undef PREDICATE
};

}  // namespace

std::optional<Failure> compare_contexts(const std::vector<Context>& found,
                                        const VariableContext& context,
                                        const std::vector<Context>& expected) {
  if (found.size() != expected.size()) {
    return Failure{"", "secct.sa.spi", fmt::format("{} contexts", expected.size()),
                   fmt::format("{} contexts", found.size()), "not the SAs that were asked for"};
  }
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const auto& got = found[i];
    const auto wanted = without_what_may_lack(moved_on(expected[i], context.mobile), got);
    if (wanted.spi != got.spi) {
      const bool later = std::ranges::find(found, wanted.spi, &Context::spi) != found.end();
      return Failure{later ? "FRAME-4.4-2" : "ISSUES-7.2-2", "secct.sa.spi", hex32(wanted.spi),
                     hex32(got.spi), later ? "contexts in another order" : "another SA"};
    }
    for (const auto& entry : context_rows) {
      auto wanted_text = entry.text(wanted);
      auto got_text = entry.text(got);
      if (wanted_text == got_text) continue;
      // A port that is sent though the SA has none is another matter than one that is lost.
      const bool is_port =
          entry.field == F::sa_source_port || entry.field == F::sa_destination_port;
      const char* clause = is_port && wanted_text == "0" ? "RELOC-3-7" : entry.clause;
      return Failure{clause, std::string(row(entry.field).name), std::move(wanted_text),
                     std::move(got_text),
                     fmt::format("context {} is not the mobile node's", i + 1)};
    }
    if (got.lifetime == 0 || got.lifetime > wanted.lifetime) {
      return Failure{"RELOC-3-10", "secct.sa.lifetime", fmt::format("1 to {}", wanted.lifetime),
                     std::to_string(got.lifetime), "the lifetime is not what is left of it"};
    }
  }
  return std::nullopt;
}

std::optional<Failure> run_predicate(std::string_view name, const ReceivedPacket& seen,
                                     const VariableContext& context) {
  const auto* found = std::ranges::find(rows, name, &PredicateRow::name);
  return found == std::end(rows) ? std::nullopt : found->check(seen, context);
}

}  // namespace secct::replay
