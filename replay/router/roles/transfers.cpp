// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/router/roles/transfers.hpp"

#include <algorithm>

#include "protocol/tables/status.hpp"
#include "replay/router/overrides/apply_override.hpp"

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
  remove(key);  // an earlier one that failed
  return transfers_.emplace(key, std::move(transfer)).first->second;
}

void Transfers::start_request(Transfer transfer, std::vector<Node> features, Time now) {
  transfer.identifier = core_.faulty(Fault::shreq_same_identifier) ? 1 : new_identifier();
  const auto& naddr =
      core_.faulty(Fault::shreq_own_naddr) ? transfer.target.nr : transfer.key.naddr;
  transfer.request = message_node(
      Message::shreq, {{F::identifier, transfer.identifier},
                       context_option(core_.description.codepoints, CodePoint::icmpopt_shreq, naddr,
                                      transfer.key.paddr, std::move(features))});
  auto& stored = store(std::move(transfer));
  by_identifier_[stored.identifier] = stored.key;
  pending_paddrs_.insert(stored.key.paddr);
  alarms_.set(stored.key, now + core_.timers.shreq_rexmit);
  send_request(stored);
}

void Transfers::send_request(Transfer& transfer) {
  // Under AH even if the policy requires confidentiality: a SHREQ carries no keys.
  core_.send_to_peer(transfer.pr, core_.faulty(Fault::shreq_under_esp), *transfer.request);
}

void Transfers::use_contexts(Transfer transfer, std::vector<ReceivedContext> contexts, Time now) {
  auto& stored = store(std::move(transfer));
  finish(stored, contexts, now);
  report(stored);
  schedule_end(stored, now);
}

// The status of the whole SHREP, before its contexts are evaluated (behaviour.md 2.5).
std::uint8_t Transfers::failure_of(const DecodedMessage& decoded, bool any_context) const {
  if (decoded.has_status_row(2)) return status::invalid_attribute;
  const auto status = first_status(decoded);
  if (status && *status != status::ok && !core_.faulty(Fault::failure_status_ignored)) {
    const bool is_assigned = status::find(*status) != nullptr;
    if (!is_assigned && core_.faulty(Fault::unknown_status_is_good)) return status::ok;
    return is_assigned ? *status : status::unusable;
  }
  if (any_context) return status::ok;
  return decoded.has_status_row(5) ? status::invalid_attribute : status::unusable;
}

// The transfer that a faulty router finds for a SHREP with an unknown Identifier.
Transfers::ByIdentifier::iterator Transfers::find_mistaken(const IncomingMessage& in) {
  constexpr unsigned low_octet = 0xff;
  return std::ranges::find_if(by_identifier_, [&](const auto& entry) {
    const auto& [identifier, key] = entry;
    if (key.paddr != in.address(F::paddr)) return false;
    if (core_.faulty(Fault::shrep_identifier_unchecked)) return true;
    if (core_.faulty(Fault::continuation_identifier_unchecked)) {
      return !transfers_.at(key).request.has_value();
    }
    return core_.faulty(Fault::shrep_identifier_low_compared) &&
           ((identifier ^ in.identifier()) & low_octet) == 0;
  });
}

void Transfers::on_shrep(const IncomingMessage& in) {
  const auto needs =
      core_.description.policies.confidential && !core_.faulty(Fault::shrep_under_ah_used)
          ? RequiredProtection::esp
          : message_info(Message::shrep).accepted_under;
  if (!core_.from_peer(in, needs) && !core_.faulty(Fault::shrep_in_clear_used)) {
    return core_.record(in, Outcome::discarded, "not protected by the SA between the routers",
                        "RELOC-4-9");
  }
  auto found = by_identifier_.find(in.identifier());
  if (found == by_identifier_.end()) found = find_mistaken(in);
  if (found == by_identifier_.end()) {
    return core_.record(in, Outcome::discarded, "no SHREQ has this Identifier", "ROBUST-4");
  }
  auto& transfer = transfers_.at(found->second);
  const bool unchecked = core_.faulty(Fault::shrep_addresses_unchecked) && in.address(F::paddr);
  const auto is_same = [&](std::optional<Address> address, const Address& wanted) {
    return address && are_equal(core_.behaviour, Fault::shrep_prefix_compared,
                                Fault::shrep_suffix_compared, *address, wanted);
  };
  const bool same_addresses = is_same(in.address(F::naddr), transfer.key.naddr) &&
                              is_same(in.address(F::paddr), transfer.key.paddr);
  if (!same_addresses && !unchecked) {
    return core_.record(in, Outcome::discarded, "Naddr or Paddr does not match the SHREQ",
                        "ROBUST-4");
  }
  if (transfer.replies.size() >= core_.limits.replies) {
    core_.statistics.add(Count::replies_full);
    return core_.record(in, Outcome::discarded, "too many SHREPs for one SHREQ");
  }
  const bool fresh =
      transfer.replies.emplace(in.decoded.octets.begin(), in.decoded.octets.end()).second;
  if (!fresh && !core_.faulty(Fault::shrep_again)) {
    if (core_.varies(Variation::repeats_answers)) report(transfer);
    return core_.record(in, Outcome::repeated, "repeated SHREP");
  }
  end_request(transfer);
  auto contexts = read_received(core_, in.decoded);
  const auto failure = failure_of(in.decoded, !contexts.empty());
  if (failure != status::ok) contexts.assign(1, {std::nullopt, failure});
  if (core_.faulty(Fault::one_bad_spoils_all)) {
    const auto bad = std::ranges::find_if(
        contexts, [](const auto& context) { return context.status != status::ok; });
    const auto code = bad == contexts.end() ? status::ok : bad->status;
    for (auto& context : contexts) context.status = code;
  }
  finish(transfer, contexts, in.now);
  // A SHREP with an error status of the previous router is not acknowledged.
  const auto reported = first_status(in.decoded);
  if (!reported || *reported == status::ok || in.decoded.has_status_row(2))
    acknowledge(transfer, contexts);
  report(transfer);
  schedule_end(transfer, in.now);
  if (transfer.status == status::ok) {
    core_.record(in, Outcome::accepted, "SAs installed");
  } else {
    core_.record_refusal(in, transfer.status);
  }
}

void Transfers::acknowledge(const Transfer& transfer,
                            const std::vector<ReceivedContext>& contexts) {
  if (core_.varies(Variation::no_shrep_ack)) return;
  core_.send_to_peer(
      transfer.pr, false,
      message_node(Message::shrep_ack,
                   {{F::identifier, transfer.identifier},
                    shrep_ack_option(core_, transfer.key.naddr, transfer.key.paddr, contexts)}));
}

// Installs the usable contexts and sets the report for the mobile node.
void Transfers::finish(Transfer& transfer, std::vector<ReceivedContext>& contexts, Time now) {
  const bool any = std::ranges::any_of(
      contexts, [](const auto& c) { return c.context && c.status == status::ok; });
  std::vector<Node> changes;
  if (any && !transfer.installed) {
    // The SAs replace those of an earlier transfer of this mobile node.
    core_.sadb.remove(transfer.target.owner);
    if (const auto old = current_.find(transfer.target.owner);
        old != current_.end() && old->second != transfer.key) {
      remove(TransferKey(old->second));
    }
    if (core_.sadb.owners(transfer.target.owner.role) >= core_.limits.mobile_nodes) {
      core_.statistics.add(Count::mobile_nodes_full);
      for (auto& context : contexts) context.status = status::unusable;
    }
  }
  changes = install(core_, transfer.target, contexts, now);
  if (!core_.sadb.of(transfer.target.owner).empty() && any) {
    transfer.installed = true;
    current_[transfer.target.owner] = transfer.key;
    if (!transfer.shak_sa)
      transfer.shak_sa = shak_sa(core_, transfer.target.owner, transfer.key.naddr);
  }
  transfer.status = contexts.empty() ? status::unusable : status::ok;
  for (const auto& context : contexts) {
    if (transfer.status == status::ok) transfer.status = context.status;
  }
  if (core_.faulty(Fault::shak_always_200)) transfer.status = status::ok;
  transfer.sub_options = {core_.stat(transfer.status)};
  for (auto& change : changes) transfer.sub_options.push_back(std::move(change));
}

void Transfers::report(Transfer& transfer) {
  if (transfer.report) return transfer.report(transfer);
  auto parts = split_shak(core_.description.codepoints, transfer.sub_options);
  if (core_.faulty(Fault::further_acks_left_out)) parts.resize(1);
  if (core_.varies(Variation::stat_in_each_shak)) {
    for (std::size_t i = 1; i < parts.size(); ++i) {
      parts[i].insert(parts[i].begin(), transfer.sub_options.front());
    }
  }
  for (auto& part : parts) report(transfer, message_node(Message::shak, std::move(part)));
}

void Transfers::report(Transfer& transfer, Node message) {
  const auto& live = transfer.shak_sa;
  auto source = transfer.target.nr;
  if (core_.faulty(Fault::shak_source)) source.back() ^= 0x40;
  if (!live) {
    return core_.send_to_mobile_node(source, transfer.key.naddr, nullptr, std::move(message));
  }
  // This SHAK reports a changed SPI, so that the mobile node still uses the old one.
  auto sa = *live;
  if (!core_.faulty(Fault::shak_under_new_spi)) sa.sa.spi = live->mobile_node_spi;
  core_.send_to_mobile_node(source, transfer.key.naddr, &sa, std::move(message));
  live->sequence = sa.sequence;
}

// --- time
void Transfers::end_request(Transfer& transfer) {
  if (!transfer.request) return;
  transfer.request.reset();
  pending_paddrs_.erase(pending_paddrs_.find(transfer.key.paddr));
}

// Continuations are accepted for CONTEXT_PURGE_TIME; afterwards, without an Identifier, the
// transfer lasts until its SAs expire.
void Transfers::schedule_end(Transfer& transfer, Time now) {
  const bool may_continue = transfer.identifier != 0;
  if (may_continue) continuable_.set(transfer.key, now);
  alarms_.set(transfer.key,
              may_continue ? now + core_.timers.context_purge : last_expiry(transfer.target.owner));
}

Time Transfers::last_expiry(const Owner& owner) const {
  Time end = 0;
  for (const auto& live : core_.sadb.of(owner)) end = std::max(end, live->expires);
  return end;
}

void Transfers::end_continuations(Transfer& transfer, Time now) {
  if (!transfer.installed) return remove(TransferKey(transfer.key));
  continuable_.clear(transfer.key);
  by_identifier_.erase(transfer.identifier);
  transfer.identifier = 0;
  transfer.replies.clear();
  schedule_end(transfer, now);
}

bool Transfers::make_room(Time now) {
  if (by_identifier_.size() < core_.limits.pending_requests) return true;
  const auto oldest = continuable_.take_due(UINT64_MAX);
  if (!oldest) return false;
  core_.statistics.add(Count::continuations_full);
  end_continuations(transfers_.at(*oldest), now);
  return true;
}

void Transfers::give_up(Transfer& transfer, Time now) {
  core_.statistics.add(Count::given_up);
  end_request(transfer);
  std::vector<ReceivedContext> none;
  if (!core_.faulty(Fault::given_up_silently)) {
    finish(transfer, none, now);
    report(transfer);
  }
  remove(TransferKey(transfer.key));
}

void Transfers::remove(const TransferKey& key) {
  const auto found = transfers_.find(key);
  if (found == transfers_.end()) return;
  auto& transfer = found->second;
  end_request(transfer);
  const auto identifier = by_identifier_.find(transfer.identifier);
  if (identifier != by_identifier_.end() && identifier->second == key) {
    by_identifier_.erase(identifier);
  }
  const auto owner = current_.find(transfer.target.owner);
  if (owner != current_.end() && owner->second == key) current_.erase(owner);
  alarms_.clear(key);
  continuable_.clear(key);
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
      end_continuations(transfer, now);
    } else {
      core_.statistics.add(Count::expired);
      core_.sadb.remove(Owner(transfer.target.owner));
      remove(*key);
    }
  }
}

}  // namespace secct::replay
