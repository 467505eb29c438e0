// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/router/new.hpp"

#include <algorithm>

#include "generator/crypto.hpp"
#include "generator/handover.hpp"
#include "protocol/derive.hpp"
#include "protocol/status.hpp"

namespace secct {
namespace {

using F = Field;

constexpr std::uint8_t old_care_of = 1;
constexpr std::uint8_t new_care_of = 2;
constexpr std::uint8_t refused = 128;

std::optional<Address> care_of(const Tape& tape, std::uint8_t subtype) {
  for (const auto& item : tape.items) {
    if (item.field != F::options) continue;
    const auto* found = tape.find_in(item, F::opt_subtype);
    const auto* address = tape.find_in(item, F::opt_address);
    if (found != nullptr && address != nullptr && found->number == subtype) {
      return tape.address(*address);
    }
  }
  return std::nullopt;
}

std::optional<Address> address_of(const Tape& tape, F field) {
  const auto* item = tape.find(field);
  if (item == nullptr) return std::nullopt;
  return tape.address(*item);
}

std::uint8_t first_failure(std::uint8_t so_far, std::uint8_t next) {
  return so_far == status::ok ? next : so_far;
}

// AuthPrtr and all that follows it in the option, as it stands.
Node verbatim(const Tape& tape) {
  const auto* replay = tape.find(F::auth_replay);
  std::size_t from = 0;
  std::size_t to = 0;
  for (const auto& item : tape.items) {
    if (item.field != F::sub_options) continue;
    if (item.offset <= replay->offset) from = item.offset;
    to = std::max<std::size_t>(to, item.offset + item.length);
  }
  const auto octets = tape.octets.subspan(from, to - from);
  Node node(F::sub_options);
  node.children.emplace_back(F::raw, Octets(octets.begin(), octets.end()));
  return node;
}

}  // namespace

// --- HI
std::uint8_t NewRouter::hack_code(const Tape& tape) const {
  if (!care_of(tape, old_care_of)) return refused;
  const bool stateful = tape.number(F::flag_s).value_or(0) != 0;
  if (stateful) return 4;  // this router assigns no addresses
  const auto ncoa = care_of(tape, new_care_of);
  if (!ncoa || is_unspecified(*ncoa) || is_multicast(*ncoa)) return 1;
  return std::ranges::find(core_.lab.ncoa_in_use, *ncoa) != core_.lab.ncoa_in_use.end() ? 2 : 0;
}

void NewRouter::on_hi(const Incoming& in) {
  const bool secure = in.from_peer() || core_.faulty(Fault::hi_without_ah);
  if (!secure || in.datagram.source != core_.lab.peer) return;
  const auto identifier = static_cast<std::uint16_t>(in.tape.number(F::identifier).value_or(0));
  const auto known = answered_.find(identifier);
  if (known != answered_.end() && known->second.until > in.now &&
      std::ranges::equal(known->second.octets, in.tape.octets)) {
    core_.to_peer(false, known->second.hack);
    return;
  }
  const auto code = hack_code(in.tape);
  const auto answered = core_.faulty(Fault::hack_identifier) ? 0U : identifier;
  std::vector<Node> fields{{F::code, code}, {F::identifier, answered}};
  for (auto& option : keep(in, code)) fields.push_back(std::move(option));
  auto hack = message_node(Message::hack, std::move(fields));
  core_.to_peer(false, hack);
  if (answered_.size() < core_.limits.kept_contexts) {
    answered_.insert_or_assign(
        identifier, Answered{Octets(in.tape.octets.begin(), in.tape.octets.end()), std::move(hack),
                             in.now + core_.timers.grat_shrep});
  }
}

// The SHREP-Ack for a U-SHREP that is kept; nothing for one that is not.
std::vector<Node> NewRouter::keep(const Incoming& in, std::uint8_t code) {
  const auto naddr = address_of(in.tape, F::naddr);
  const auto paddr = address_of(in.tape, F::paddr);
  if (!naddr || !paddr || code >= refused) return {};
  if (core_.lab.policies.confidential && !in.from_peer(true)) return {};
  // The MN was faster: its SHREQ is out already.
  const bool asked = std::ranges::any_of(transfers_, [&](const auto& entry) {
    return entry.second.paddr == *paddr && entry.second.request;
  });
  if (asked || kept_.size() >= core_.limits.kept_contexts) return {};
  auto contexts = offered(in.tape);
  if (in.tape.has_row(2) || in.tape.has_row(3)) {
    const auto code_for_all =
        in.tape.has_row(2) ? status::invalid_attribute : status::invalid_identity;
    for (auto& context : contexts) context = {std::nullopt, code_for_all};
    if (contexts.empty()) contexts.push_back({std::nullopt, code_for_all});
  } else if (const auto replay = in.tape.number(F::auth_replay)) {
    kept_[*paddr] = {*naddr, static_cast<std::uint8_t>(*replay),
                     static_cast<std::uint32_t>(in.tape.number(F::auth_token).value_or(0)),
                     contexts, in.now + 2 * core_.timers.grat_shrep};
  }
  auto option = context_option(core_.lab.codepoints, CodePoint::icmpopt_shrep_ack, *naddr, *paddr,
                               shrep_ack(contexts));
  if (shrep_ack(contexts).empty()) option.children.emplace_back(F::all_received, 1);
  return {option};
}

// One SecCT-Stat per context, or none when all were received well.
std::vector<Node> NewRouter::shrep_ack(const std::vector<Offered>& contexts) const {
  const bool all_good = std::ranges::all_of(
      contexts, [](const auto& context) { return context.status == status::ok; });
  if (all_good || core_.faulty(Fault::ack_says_all)) return {};
  std::vector<Node> nodes;
  nodes.reserve(contexts.size());
  for (const auto& context : contexts) {
    nodes.push_back(core_.stat(context.status));
  }
  return nodes;
}

std::vector<NewRouter::Offered> NewRouter::offered(const Tape& tape) const {
  std::vector<Offered> contexts;
  for (const auto& item : tape.items) {
    if (item.field != F::contexts) continue;
    const auto row = tape.worst_row(item.offset, item.offset + item.length);
    auto context = row == 0 ? read_context(tape, item) : std::nullopt;
    auto code = status::of_row(row);
    if (row == 0 && !context) code = status::unusable;
    const auto spt = context ? find_spt(context->spt) : std::nullopt;
    constexpr std::uint8_t lzs = 2;
    if (spt && spt->protocol == SptProtocol::ipcomp && spt->algorithm == lzs) {
      code = status::unusable;
    }
    contexts.push_back({std::move(context), code});
  }
  return contexts;
}

// --- SHIN
void NewRouter::refuse(const Incoming& in, std::uint8_t code) {
  core_.to_mobile_node(in.datagram.destination, in.datagram.source, nullptr,
                       message_node(Message::shak, {core_.stat(code)}));
}

NewRouter::Transfer* NewRouter::find(const Address& naddr, const Address& paddr,
                                     std::uint32_t token) {
  for (auto& [identifier, transfer] : transfers_) {
    if (transfer.naddr == naddr && transfer.paddr == paddr && transfer.token == token) {
      return &transfer;
    }
  }
  return nullptr;
}

void NewRouter::on_shin(const Incoming& in) {
  const auto& naddr = in.datagram.source;
  if (is_unspecified(naddr) || is_multicast(naddr)) return;
  const auto paddr = address_of(in.tape, F::paddr);
  const auto pr = address_of(in.tape, F::router);
  if (!paddr || !pr) return;
  const auto token = in.tape.number(F::auth_token);
  const auto replay = in.tape.number(F::auth_replay);
  if (!token || !replay) {
    refuse(in, in.tape.has_row(2) ? status::invalid_attribute : status::invalid_authentication);
    return;
  }
  const auto token_value = static_cast<std::uint32_t>(*token);
  if (auto* known = find(naddr, *paddr, token_value)) {
    if (!known->request && known->mobile_node) send_shak(*known);
    return;
  }
  Transfer transfer;
  transfer.naddr = naddr;
  transfer.paddr = *paddr;
  transfer.nr = in.datagram.destination;
  transfer.token = token_value;
  transfer.identifier = next_identifier_++;
  const auto kept = kept_.find(*paddr);
  if (kept != kept_.end() && kept->second.until > in.now) {
    const auto& context = kept->second;
    if (!is_unspecified(context.naddr) && context.naddr != naddr) {
      refuse(in, status::invalid_identity);
    } else if ((context.token != token_value || context.replay != *replay) &&
               !core_.faulty(Fault::kept_token_not_compared)) {
      refuse(in, status::invalid_authentication);
    } else {
      const auto contexts = context.offered;
      kept_.erase(kept);
      transfer.next = in.now + core_.timers.context_purge;
      auto& stored = transfers_[transfer.identifier] = std::move(transfer);
      finish(stored, contexts);
    }
    return;
  }
  if (is_link_local(naddr)) return refuse(in, status::invalid_source);
  if (*pr != core_.lab.peer || transfers_.size() >= core_.limits.pending_requests) {
    return refuse(in, status::unusable);
  }
  std::vector<Node> features{verbatim(in.tape)};
  if (core_.faulty(Fault::features_rewritten)) {
    features = {auth_node(core_.lab.codepoints, static_cast<std::uint8_t>(*replay), token_value),
                req_r1_node(core_.lab.codepoints)};
  }
  transfer.request =
      message_node(Message::shreq, {{F::identifier, transfer.identifier},
                                    context_option(core_.lab.codepoints, CodePoint::icmpopt_shreq,
                                                   naddr, *paddr, std::move(features))});
  transfer.next = in.now + core_.timers.shreq_rexmit;
  core_.to_peer(false, *transfer.request);
  transfers_[transfer.identifier] = std::move(transfer);
}

// --- SHREP
void NewRouter::on_shrep(const Incoming& in) {
  if (!in.from_peer(core_.lab.policies.confidential) || in.datagram.source != core_.lab.peer)
    return;
  const auto identifier = static_cast<std::uint16_t>(in.tape.number(F::identifier).value_or(0));
  const auto found = transfers_.find(identifier);
  if (found == transfers_.end()) return;
  auto& transfer = found->second;
  if (address_of(in.tape, F::naddr) != transfer.naddr ||
      address_of(in.tape, F::paddr) != transfer.paddr) {
    return;
  }
  const Octets octets(in.tape.octets.begin(), in.tape.octets.end());
  if (std::ranges::find(transfer.replies, octets) != transfer.replies.end()) return;
  if (!transfer.request && transfer.replies.empty()) return;  // a predictive one asked for nothing
  transfer.replies.push_back(octets);
  transfer.request.reset();
  transfer.next = in.now + core_.timers.context_purge;
  auto contexts = offered(in.tape);
  const auto status = first_status(in.tape);
  const bool known = status && find_value(Values::status, *status) != nullptr;
  std::uint8_t failure = status::ok;
  if (in.tape.has_row(2)) {
    failure = status::invalid_attribute;
  } else if (status && *status != status::ok) {
    failure = known ? *status : status::unusable;
  } else if (in.tape.has_row(6) && contexts.empty()) {
    failure = status::invalid_source;
  } else if (contexts.empty()) {
    failure = in.tape.has_row(5) ? status::invalid_attribute : status::unusable;
  }
  if (failure != status::ok) {
    contexts.assign(1, {std::nullopt, failure});
  }
  finish(transfer, contexts);
  if (status && *status != status::ok && !in.tape.has_row(2)) return;  // nothing to acknowledge
  if (core_.varies(Variation::no_shrep_ack)) return;
  auto subs = shrep_ack(contexts);
  auto option = context_option(core_.lab.codepoints, CodePoint::icmpopt_shrep_ack, transfer.naddr,
                               transfer.paddr, subs);
  if (subs.empty()) option.children.emplace_back(F::all_received, 1);
  core_.to_peer(false, message_node(Message::shrep_ack, {{F::identifier, identifier}, option}));
}

// --- installation (behaviour 2.7) and the SHAK
void NewRouter::finish(Transfer& transfer, const std::vector<Offered>& contexts) {
  auto result = contexts;
  std::vector<Node> changes;
  install(transfer, result, changes);
  std::uint8_t code = contexts.empty() ? status::unusable : status::ok;
  for (const auto& context : result) code = first_failure(code, context.status);
  transfer.shak = {core_.stat(code)};
  for (auto& change : changes) transfer.shak.push_back(std::move(change));
  send_shak(transfer);
}

void NewRouter::install(Transfer& transfer, std::vector<Offered>& contexts,
                        std::vector<Node>& changes) {
  const auto any = std::ranges::any_of(
      contexts, [](const auto& c) { return c.context && c.status == status::ok; });
  if (!any || core_.sadb.mobile_nodes() >= core_.limits.mobile_nodes) return;
  if (!transfer.mobile_node) {
    const auto [entry, fresh] = mobile_nodes_.try_emplace(transfer.naddr, next_mobile_node_);
    if (fresh) ++next_mobile_node_;
    transfer.mobile_node = entry->second;
    core_.sadb.remove_mobile_node(entry->second);
  }
  constexpr std::uint8_t recompute = 0x80;
  constexpr std::uint8_t renegotiate = 0x04;
  for (auto& offer : contexts) {
    if (!offer.context || offer.status != status::ok) continue;
    LiveSa live;
    const auto& nr = core_.faulty(Fault::peer_not_replaced) ? core_.lab.peer : transfer.nr;
    live.context = moved(*offer.context, core_.lab.peer, nr, transfer.paddr, transfer.naddr);
    const auto sa = to_sa(live.context);
    if (!sa) continue;  // IPComp: stored only
    live.sa = *sa;
    const auto old_spi = live.sa.spi;
    const bool towards_us = live.sa.destination == transfer.nr;
    if (towards_us &&
        core_.sadb.spi_in_use(transfer.nr, live.sa.protocol, old_spi, *transfer.mobile_node)) {
      const auto policy = core_.lab.policies.spi_conflict;
      if (policy == SpiConflict::renegotiate) {
        changes.push_back(ack_node(core_.lab.codepoints, old_spi, renegotiate));
        continue;
      }
      const auto& key = live.context.key.empty() ? live.sa.auth_key : live.context.key;
      live.sa.spi = compute_spi(key, transfer.nr, transfer.naddr);
      if (policy == SpiConflict::deny ||
          core_.sadb.spi_in_use(transfer.nr, live.sa.protocol, live.sa.spi, 0)) {
        offer.status = status::unusable;
        continue;
      }
      live.context.spi = live.sa.spi;
      changes.push_back(ack_node(core_.lab.codepoints, old_spi, recompute));
    }
    live.mobile_node = *transfer.mobile_node;
    live.naddr = transfer.naddr;
    live.sequence = live.context.sequence;
    live.window = to_window(live.context);
    core_.sadb.install(std::move(live));
  }
}

void NewRouter::send_shak(Transfer& transfer) {
  LiveSa* chosen = nullptr;
  auto* installed =
      transfer.mobile_node ? core_.sadb.of_mobile_node(*transfer.mobile_node) : nullptr;
  if (installed != nullptr) {
    std::vector<Context> contexts;
    for (const auto& live : *installed) contexts.push_back(live.context);
    if (const auto* context = shak_context(contexts, transfer.naddr)) {
      chosen = &(*installed)[static_cast<std::size_t>(context - contexts.data())];
    }
  }
  const int times = core_.varies(Variation::shak_twice) ? 2 : 1;
  for (int i = 0; i < times; ++i) {
    core_.to_mobile_node(transfer.nr, transfer.naddr, chosen,
                         message_node(Message::shak, transfer.shak));
  }
}

// --- time
void NewRouter::advance(Time now) {
  const auto retries = core_.faulty(Fault::shreq_once) ? 0 : core_.timers.shreq_retries;
  std::erase_if(kept_, [&](const auto& entry) { return entry.second.until <= now; });
  std::erase_if(answered_, [&](const auto& entry) { return entry.second.until <= now; });
  for (auto entry = transfers_.begin(); entry != transfers_.end();) {
    auto& transfer = entry->second;
    if (transfer.next > now) {
      ++entry;
    } else if (transfer.request && transfer.retries < retries) {
      ++transfer.retries;
      transfer.next += core_.timers.shreq_rexmit;
      core_.to_peer(false, *transfer.request);
      ++entry;
    } else if (transfer.request) {
      transfer.request.reset();
      core_.to_mobile_node(transfer.nr, transfer.naddr, nullptr,
                           message_node(Message::shak, {core_.stat(status::unusable)}));
      entry = transfers_.erase(entry);
    } else if (transfer.mobile_node) {
      transfer.next = UINT64_MAX;  // kept: a repeated SHIN brings the SHAK again
      ++entry;
    } else {
      entry = transfers_.erase(entry);
    }
  }
}

std::optional<Time> NewRouter::deadline() const {
  Time first = UINT64_MAX;
  for (const auto& [key, kept] : kept_) first = std::min(first, kept.until);
  for (const auto& [key, answered] : answered_) first = std::min(first, answered.until);
  for (const auto& [key, transfer] : transfers_) first = std::min(first, transfer.next);
  if (first == UINT64_MAX) return std::nullopt;
  return first;
}

}  // namespace secct
