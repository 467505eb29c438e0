// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/router/roles/transfers.hpp"

#include <algorithm>

#include "protocol/tables/status.hpp"

namespace secct::replay {

using F = Field;

Transfer* Transfers::find(const TransferKey& key) {
  const auto found = transfers_.find(key);
  if (found == transfers_.end()) return nullptr;
  auto& transfer = found->second;
  return transfer.request || transfer.installed ? &transfer : nullptr;
}

std::uint16_t Transfers::new_identifier() {
  while (by_identifier_.contains(next_identifier_)) ++next_identifier_;
  return next_identifier_++;
}

Transfer& Transfers::store(Transfer transfer) {
  const auto key = transfer.key;
  forget(key);  // one that failed
  return transfers_.emplace(key, std::move(transfer)).first->second;
}

void Transfers::ask(Transfer transfer, std::vector<Node> features, Time now) {
  transfer.identifier = core_.faulty(Fault::shreq_same_identifier) ? 1 : new_identifier();
  const auto& naddr = core_.faulty(Fault::shreq_own_naddr) ? transfer.to.nr : transfer.key.naddr;
  transfer.request = message_node(
      Message::shreq, {{F::identifier, transfer.identifier},
                       context_option(core_.description.codepoints, CodePoint::icmpopt_shreq, naddr,
                                      transfer.key.paddr, std::move(features))});
  auto& stored = store(std::move(transfer));
  by_identifier_[stored.identifier] = stored.key;
  asking_for_.insert(stored.key.paddr);
  alarms_.set(stored.key, now + core_.timers.shreq_rexmit);
  send_request(stored);
}

void Transfers::send_request(Transfer& transfer) {
  // Under AH always, whatever the policy, unless a fault takes ESP.
  core_.to_peer(transfer.pr, core_.faulty(Fault::shreq_under_esp), *transfer.request);
}

void Transfers::use(Transfer transfer, std::vector<ReceivedContext> contexts, Time now) {
  auto& stored = store(std::move(transfer));
  finish(stored, contexts, now);
  tell(stored);
  answered(stored, now);
}

// Behaviour 2.5: what the whole reply says, before its contexts are looked at.
std::uint8_t Transfers::failure_of(const DecodedMessage& decoded, bool any_context) const {
  if (decoded.has_status_row(2)) return status::invalid_attribute;
  const auto status = first_status(decoded);
  if (status && *status != status::ok && !core_.faulty(Fault::failure_status_ignored)) {
    const bool known = find_value(Values::status, *status) != nullptr;
    if (!known && core_.faulty(Fault::unknown_status_is_good)) return status::ok;
    return known ? *status : status::unusable;
  }
  if (any_context) return status::ok;
  return decoded.has_status_row(5) ? status::invalid_attribute : status::unusable;
}

void Transfers::on_shrep(const Incoming& in) {
  const auto needs = core_.description.policies.confidential ? Needs::esp : Needs::ah_or_esp;
  if (!core_.from_peer(in, needs) && !core_.faulty(Fault::shrep_in_clear_used)) {
    return core_.note(in, Outcome::discarded, "not under the SA between the routers", "RELOC-4-9");
  }
  auto found = by_identifier_.find(in.identifier());
  if (found == by_identifier_.end() && core_.faulty(Fault::shrep_identifier_unchecked)) {
    found = std::ranges::find_if(by_identifier_, [&](const auto& entry) {
      return entry.second.paddr == in.address(F::paddr);
    });
  }
  if (found == by_identifier_.end()) {
    return core_.note(in, Outcome::discarded, "no SHREQ has this Identifier", "ROBUST-4");
  }
  auto& transfer = transfers_.at(found->second);
  const bool any_ends = core_.faulty(Fault::shrep_addresses_unchecked) && in.address(F::paddr);
  const bool same_ends =
      in.address(F::naddr) == transfer.key.naddr && in.address(F::paddr) == transfer.key.paddr;
  if (!same_ends && !any_ends) {
    return core_.note(in, Outcome::discarded, "Naddr or Paddr is not the SHREQ's", "ROBUST-4");
  }
  if (transfer.replies.size() >= core_.limits.replies) {
    core_.statistics.add(Count::replies_full);
    return core_.note(in, Outcome::discarded, "too many replies to one request");
  }
  const bool fresh =
      transfer.replies.emplace(in.decoded.octets.begin(), in.decoded.octets.end()).second;
  if (!fresh && !core_.faulty(Fault::shrep_again)) {
    if (core_.varies(Variation::repeats_answers)) tell(transfer);
    return core_.note(in, Outcome::repeated, "the SHREP came before");
  }
  stop_asking(transfer);
  auto contexts = read_received(core_, in.decoded);
  const auto failure = failure_of(in.decoded, !contexts.empty());
  if (failure != status::ok) contexts.assign(1, {std::nullopt, failure});
  if (core_.faulty(Fault::one_bad_spoils_all)) {
    const auto bad = std::ranges::find_if(
        contexts, [](const auto& offer) { return offer.status != status::ok; });
    const auto code = bad == contexts.end() ? status::ok : bad->status;
    for (auto& offer : contexts) offer.status = code;
  }
  finish(transfer, contexts, in.now);
  // The previous router knows best why it failed: nothing to acknowledge.
  const auto reported = first_status(in.decoded);
  if (!reported || *reported == status::ok || in.decoded.has_status_row(2))
    acknowledge(transfer, contexts);
  tell(transfer);
  answered(transfer, in.now);
  if (transfer.status == status::ok) {
    core_.note(in, Outcome::accepted, "SAs installed");
  } else {
    core_.note_status(in, transfer.status);
  }
}

void Transfers::acknowledge(const Transfer& transfer,
                            const std::vector<ReceivedContext>& contexts) {
  if (core_.varies(Variation::no_shrep_ack)) return;
  core_.to_peer(transfer.pr, false,
                message_node(Message::shrep_ack, {{F::identifier, transfer.identifier},
                                                  shrep_ack_option(core_, transfer.key.naddr,
                                                                   transfer.key.paddr, contexts)}));
}

// Installs what can be installed; what the mobile node is to be told.
void Transfers::finish(Transfer& transfer, std::vector<ReceivedContext>& contexts, Time now) {
  const bool any = std::ranges::any_of(
      contexts, [](const auto& c) { return c.context && c.status == status::ok; });
  std::vector<Node> changes;
  if (any && !transfer.installed) {
    // SAs that this mobile node has from an earlier transfer give way.
    core_.sadb.remove(transfer.to.owner);
    if (const auto old = current_.find(transfer.to.owner);
        old != current_.end() && old->second != transfer.key) {
      forget(TransferKey(old->second));
    }
    if (core_.sadb.owners(transfer.to.owner.role) >= core_.limits.mobile_nodes) {
      core_.statistics.add(Count::mobile_nodes_full);
      for (auto& offer : contexts) offer.status = status::unusable;
    }
  }
  changes = install(core_, transfer.to, contexts, now);
  if (!core_.sadb.of(transfer.to.owner).empty() && any) {
    transfer.installed = true;
    current_[transfer.to.owner] = transfer.key;
    if (!transfer.shak_sa) transfer.shak_sa = shak_sa(core_, transfer.to.owner, transfer.key.naddr);
  }
  transfer.status = contexts.empty() ? status::unusable : status::ok;
  for (const auto& offer : contexts) {
    if (transfer.status == status::ok) transfer.status = offer.status;
  }
  if (core_.faulty(Fault::shak_always_200)) transfer.status = status::ok;
  transfer.sub_options = {core_.stat(transfer.status)};
  for (auto& change : changes) transfer.sub_options.push_back(std::move(change));
}

void Transfers::tell(Transfer& transfer) {
  if (transfer.tell) return transfer.tell(transfer);
  auto message = message_node(Message::shak, transfer.sub_options);
  const auto& live = transfer.shak_sa;
  auto source = transfer.to.nr;
  if (core_.faulty(Fault::shak_source)) source.back() ^= 0x40;
  if (!live) {
    return core_.to_mobile_node(source, transfer.key.naddr, nullptr, std::move(message));
  }
  // The mobile node reads this SHAK to learn that the SPI changed: it bears the old one.
  auto known = *live;
  if (!core_.faulty(Fault::shak_under_new_spi)) known.sa.spi = live->known_spi;
  core_.to_mobile_node(source, transfer.key.naddr, &known, std::move(message));
  live->sequence = known.sequence;
}

// --- time
void Transfers::stop_asking(Transfer& transfer) {
  if (!transfer.request) return;
  transfer.request.reset();
  asking_for_.erase(asking_for_.find(transfer.key.paddr));
}

// A continuation may come for a while; then the transfer lives as long as its SAs do.
void Transfers::answered(Transfer& transfer, Time now) {
  const bool may_continue = transfer.identifier != 0;
  if (may_continue) answered_.set(transfer.key, now);
  alarms_.set(transfer.key,
              may_continue ? now + core_.timers.context_purge : end_of_life(transfer.to.owner));
}

Time Transfers::end_of_life(const Owner& owner) const {
  Time end = 0;
  for (const auto& live : core_.sadb.of(owner)) end = std::max(end, live->expires);
  return end;
}

// It lives on as long as its SAs do, without them no longer.
void Transfers::take_no_more(Transfer& transfer, Time now) {
  if (!transfer.installed) return forget(TransferKey(transfer.key));
  answered_.clear(transfer.key);
  by_identifier_.erase(transfer.identifier);
  transfer.identifier = 0;
  transfer.replies.clear();
  answered(transfer, now);
}

bool Transfers::make_room(Time now) {
  if (by_identifier_.size() < core_.limits.pending_requests) return true;
  const auto oldest = answered_.take_due(UINT64_MAX);
  if (!oldest) return false;
  core_.statistics.add(Count::continuations_full);
  take_no_more(transfers_.at(*oldest), now);
  return true;
}

void Transfers::give_up(Transfer& transfer, Time now) {
  core_.statistics.add(Count::given_up);
  stop_asking(transfer);
  std::vector<ReceivedContext> none;
  if (!core_.faulty(Fault::given_up_silently)) {
    finish(transfer, none, now);
    tell(transfer);
  }
  forget(TransferKey(transfer.key));
}

void Transfers::forget(const TransferKey& key) {
  const auto found = transfers_.find(key);
  if (found == transfers_.end()) return;
  auto& transfer = found->second;
  stop_asking(transfer);
  const auto identifier = by_identifier_.find(transfer.identifier);
  if (identifier != by_identifier_.end() && identifier->second == key) {
    by_identifier_.erase(identifier);
  }
  const auto owner = current_.find(transfer.to.owner);
  if (owner != current_.end() && owner->second == key) current_.erase(owner);
  alarms_.clear(key);
  answered_.clear(key);
  transfers_.erase(found);
}

void Transfers::advance(Time now) {
  while (const auto key = alarms_.take_due(now)) {
    auto& transfer = transfers_.at(*key);
    if (transfer.request && transfer.retries < core_.timers.shreq_retries) {
      ++transfer.retries;
      core_.statistics.add(Count::retransmitted);
      if (core_.faulty(Fault::shreq_new_identifier)) {
        const auto fresh = new_identifier();
        by_identifier_.erase(transfer.identifier);
        by_identifier_[fresh] = *key;
        transfer.identifier = fresh;
        transfer.request->set({F::identifier, std::uint64_t{fresh}});
      }
      alarms_.set(*key, now + core_.timers.shreq_rexmit);
      send_request(transfer);
    } else if (transfer.request) {
      give_up(transfer, now);
    } else if (!transfer.installed || transfer.identifier != 0) {
      take_no_more(transfer, now);
    } else {
      core_.statistics.add(Count::expired);
      core_.sadb.remove(Owner(transfer.to.owner));
      forget(*key);
    }
  }
}

}  // namespace secct::replay
