// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/router/previous.hpp"

#include <algorithm>

#include "generator/crypto.hpp"
#include "protocol/derive.hpp"
#include "protocol/status.hpp"

namespace secct {
namespace {

using F = Field;

constexpr std::size_t stat_octets = 4;

// What a SecCT-req asks for, as it stands on the tape.
struct Request {
  unsigned form = 0;
  std::optional<Address> source;
  std::optional<Address> destination;
  std::optional<std::uint32_t> source_id;
  std::optional<std::uint32_t> destination_id;
  struct Wanted {
    bool esp;
    std::uint32_t spi;
  };
  std::vector<Wanted> sas;
  std::vector<std::uint16_t> ports;
};

// The first SecCT-req behind AuthPrtr; what stands before AuthPrtr is not for the PR.
const Item* request_group(const Tape& tape) {
  const auto* replay = tape.find(F::auth_replay);
  for (const auto& item : tape.items) {
    if (item.field == F::sub_options && replay != nullptr && item.offset > replay->offset &&
        tape.find_in(item, F::req_form) != nullptr) {
      return &item;
    }
  }
  return nullptr;
}

Request read_request(const Tape& tape, const Item& group) {
  Request request;
  std::vector<bool> esp;
  std::vector<std::uint32_t> spis;
  const auto first = static_cast<std::size_t>(&group - tape.items.data()) + 1;
  for (auto i = first; i < group.end; ++i) {
    const auto& item = tape.items[i];
    switch (item.field) {
      case F::req_form: request.form = static_cast<unsigned>(item.number); break;
      case F::req_source:
      case F::req_source_v4: request.source = tape.address(item); break;
      case F::req_destination:
      case F::req_destination_v4: request.destination = tape.address(item); break;
      case F::req_source_private_id:
        request.source_id = static_cast<std::uint32_t>(item.number);
        break;
      case F::req_destination_private_id:
        request.destination_id = static_cast<std::uint32_t>(item.number);
        break;
      case F::req_protocol: esp.push_back(item.number != 0); break;
      case F::req_spi: spis.push_back(static_cast<std::uint32_t>(item.number)); break;
      case F::req_port: request.ports.push_back(static_cast<std::uint16_t>(item.number)); break;
      default: break;
    }
  }
  for (std::size_t i = 0; i < spis.size() && i < esp.size(); ++i) {
    request.sas.push_back({esp[i], spis[i]});
  }
  return request;
}

bool has_port(const Context& context, std::uint16_t port) {
  if (context.source_port == 0 && context.destination_port == 0) return true;
  return context.source_port == port || context.destination_port == port;
}

bool is_destination(const Context& context, const Request& request) {
  return !request.destination || (context.destination == *request.destination &&
                                  context.destination_private_id == request.destination_id);
}

// What a receiver must skip by its length.
Node unknown_sub_option() {
  constexpr std::uint64_t unassigned = 0x7f;
  Node node(F::sub_options);
  node.children.emplace_back(F::subopt_type, unassigned);
  node.children.emplace_back(F::raw, Octets{1, 2, 3});
  return node;
}

}  // namespace

std::uint8_t PreviousRouter::find_contexts(const Tape& tape, const MobileNode& mn,
                                           std::vector<Context>& contexts) const {
  const auto* group = request_group(tape);
  if (group == nullptr) return status::invalid_attribute;
  const auto request = read_request(tape, *group);
  if (request.form == 1) {
    contexts = mn.transferable();
    if (core_.faulty(Fault::types_1_2)) {
      contexts.clear();
      for (const auto& sa : mn.sas) contexts.push_back(sa.context);
    }
    return contexts.empty() ? status::unusable : status::ok;
  }
  const bool known = std::ranges::any_of(
      mn.sas, [&](const auto& sa) { return is_destination(sa.context, request); });
  if (request.destination && !known) return status::invalid_destination;
  std::uint8_t result = status::ok;
  for (const auto& wanted : request.sas) {
    const auto found = std::ranges::find_if(mn.sas, [&](const auto& sa) {
      const auto spt = find_spt(sa.context.spt);
      const auto protocol = wanted.esp ? SptProtocol::esp : SptProtocol::ah;
      return sa.context.spi == wanted.spi && spt &&
             (spt->protocol == protocol || core_.faulty(Fault::protocol_flag_ignored)) &&
             is_destination(sa.context, request);
    });
    if (found == mn.sas.end()) {
      result = status::unusable;
      continue;
    }
    const auto& context = found->context;
    if (request.source &&
        (context.source != *request.source || context.source_private_id != request.source_id)) {
      return status::invalid_source_id;  // row 8 comes before row 9
    }
    const bool ports_fit =
        std::ranges::all_of(request.ports, [&](auto port) { return has_port(context, port); });
    if (found->type < 3 || !ports_fit) {
      result = status::unusable;
    } else if (std::ranges::find(contexts, context) == contexts.end()) {
      contexts.push_back(context);  // each once, in the order asked
    }
  }
  if (core_.faulty(Fault::configured_order)) {
    std::ranges::sort(contexts, {}, &Context::spi);
  }
  return result;
}

PreviousRouter::Answer PreviousRouter::judge(const Incoming& in) {
  const auto& tape = in.tape;
  const auto fail = [&](std::uint8_t code) {
    return Answer{code, {}, in.now + core_.timers.context_purge};
  };
  if (tape.has_row(2)) return fail(status::invalid_attribute);
  const auto paddr = token_paddr(tape);
  const auto number = paddr ? core_.lab.number_of(*paddr) : std::nullopt;
  if (!number) {
    return fail(core_.faulty(Fault::stranger_as_106) ? status::unusable : status::invalid_identity);
  }
  auto& state = mobile_nodes_[*number];
  if (state.purge && *state.purge <= in.now) return fail(status::invalid_identity);
  const auto mn = core_.lab.mobile_node(*number, Role::pr);
  const auto replay = tape.number(F::auth_replay);
  const auto token = tape.number(F::auth_token);
  const auto features = ho_features(tape);
  if (!replay || !token || !features) return fail(status::invalid_authentication);
  const auto replay_octet = static_cast<std::uint8_t>(*replay);
  const bool good_token = *token == compute_token(mn.token_key, *features, replay_octet, *paddr) ||
                          core_.faulty(Fault::token_not_checked);
  const bool used =
      state.used_replays.contains(replay_octet) && !core_.faulty(Fault::replay_not_remembered);
  if (!good_token || used) {
    return fail(status::invalid_authentication);
  }
  if (tape.has_row(5)) return fail(status::invalid_attribute);
  if (tape.has_row(6)) return fail(status::invalid_source);
  auto result = fail(status::ok);
  result.status = find_contexts(tape, mn, result.contexts);
  if (result.status == status::ok) {
    state.used_replays.insert(replay_octet);
    state.purge = in.now + core_.timers.context_purge;
  } else {
    result.contexts.clear();  // all or nothing
  }
  return result;
}

void PreviousRouter::on_shreq(const Incoming& in) {
  const bool secure = in.from_peer() || core_.faulty(Fault::shreq_without_ah);
  if (!secure || in.datagram.source != core_.lab.peer) return;
  const auto identifier = static_cast<std::uint16_t>(in.tape.number(F::identifier).value_or(0));
  Key key{in.datagram.source, identifier, Octets(in.tape.octets.begin(), in.tape.octets.end())};
  const auto known = answers_.find(key);
  if (known != answers_.end() && known->second.forget > in.now) {
    answer(in, known->second);
    return;
  }
  auto result = judge(in);
  answer(in, result);
  if (answers_.size() < core_.limits.pending_requests) {
    answers_.insert_or_assign(std::move(key), std::move(result));
  }
}

void PreviousRouter::answer(const Incoming& in, const Answer& result) {
  const auto& points = core_.lab.codepoints;
  const auto* naddr = in.tape.find(F::naddr);
  const auto* paddr = in.tape.find(F::paddr);
  if (naddr == nullptr || paddr == nullptr) return;
  auto contexts = result.contexts;
  if (core_.faulty(Fault::failure_with_contexts) && result.status != status::ok) {
    if (const auto number = core_.lab.number_of(in.tape.address(*paddr))) {
      contexts = core_.lab.mobile_node(*number, Role::pr).transferable();
    }
  }
  auto identifier = *in.tape.number(F::identifier);
  if (core_.faulty(Fault::shrep_identifier)) identifier ^= 0xffff;
  const auto parts = split_contexts(points, contexts, stat_octets);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    auto subs = rep_nodes(points, parts[i]);
    if (i + 1 == parts.size()) subs.push_back(core_.stat(result.status));
    if (core_.varies(Variation::unknown_sub_option))
      subs.insert(subs.begin(), unknown_sub_option());
    core_.to_peer(true, message_node(Message::shrep,
                                     {{F::identifier, identifier},
                                      context_option(points, CodePoint::icmpopt_shrep,
                                                     in.tape.address(*naddr),
                                                     in.tape.address(*paddr), std::move(subs))}));
  }
}

void PreviousRouter::advance(Time now) {
  std::erase_if(answers_, [&](const auto& entry) { return entry.second.forget <= now; });
}

std::optional<Time> PreviousRouter::deadline() const {
  std::optional<Time> first;
  for (const auto& [key, entry] : answers_) {
    if (!first || entry.forget < *first) first = entry.forget;
  }
  return first;
}

}  // namespace secct
