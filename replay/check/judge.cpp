// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/check/judge.hpp"

#include <algorithm>
#include <functional>
#include <string_view>

#include <fmt/format.h>

#include "ipsec/crypto.hpp"
#include "protocol/decode/keyed_input.hpp"
#include "protocol/tables/numbers.hpp"
#include "protocol/tables/status.hpp"

namespace secct::replay {
namespace {

using F = Field;
using Kind = HandoverKey::Kind;

constexpr std::size_t most_contexts = 4096;  // of one handover
constexpr std::size_t most_messages = 64;

// A capture's clock and a sender's may differ so much.
Time tolerated(Time interval) { return interval - interval / 10; }

std::size_t hash_of(View octets) {
  return std::hash<std::string_view>{}(
      {reinterpret_cast<const char*>(octets.data()), octets.size()});
}

Octets octets_of(View view) { return {view.begin(), view.end()}; }

std::string hex(std::uint32_t number) { return fmt::format("0x{:08x}", number); }

std::string list(const std::vector<std::uint32_t>& numbers) {
  std::string text;
  for (const auto number : numbers) text += (text.empty() ? "" : ", ") + hex(number);
  return text.empty() ? "none" : text;
}

std::vector<std::uint32_t> numbers(const DecodedMessage& decoded, Field field) {
  std::vector<std::uint32_t> all;
  for (const auto& item : decoded.fields) {
    if (item.field == field) all.push_back(static_cast<std::uint32_t>(item.number));
  }
  return all;
}

bool differs(const std::optional<Address>& shown, const Address& wanted) {
  return shown && !is_unspecified(wanted) && *shown != wanted;
}

}  // namespace

struct ConversationJudge::Context {
  const DecodedMessage& decoded;
  const DecapsulatedPacket& packet;
  std::uint64_t frame;
  Time now;
  std::vector<Failure>& found;
  std::size_t hash;
  const Address& source;
  const Address& destination;
  std::uint16_t identifier;

  void tell(Conversation rule, std::string expected, std::string actual) {
    found.push_back(broken(rule, std::move(expected), std::move(actual)));
  }
  void tell_address(Conversation rule, const Address& expected,
                    const std::optional<Address>& shown) {
    if (differs(shown, expected)) tell(rule, to_text(expected), to_text(*shown));
  }
  void tell_identifier(Conversation rule, const Asked& asked) {
    if (identifier == asked.identifier) return;
    tell(rule, std::to_string(asked.identifier), std::to_string(identifier));
  }
  Asked asked() const { return {frame, hash, identifier, source, destination, now, 1, false}; }
};

ConversationJudge::ConversationJudge(const CodePoints& codepoints,
                                     const RouterDescription* description, double timing_scale,
                                     HandoverTable& flows)
    : codepoints_(codepoints),
      description_(description),
      timers_(Timers::scaled(timing_scale)),
      flows_(flows) {}

Flow* ConversationJudge::judge(const DecodedMessage& decoded, const DecapsulatedPacket& packet,
                               std::uint64_t frame, Time now, std::vector<Failure>& found) {
  Context at{decoded,
             packet,
             frame,
             now,
             found,
             hash_of(decoded.octets),
             *decoded.envelope.source,
             *decoded.envelope.destination,
             static_cast<std::uint16_t>(decoded.number(F::identifier).value_or(0))};
  const auto handle = [&]() -> Flow* {
    switch (decoded.message) {
      case Message::pshin: return pshin(at);
      case Message::hi: return hi(at);
      case Message::hack: return hack(at);
      case Message::shin: return shin(at);
      case Message::shreq: return shreq(at);
      case Message::shrep: return shrep(at);
      case Message::shrep_ack: return shrep_ack(at);
      case Message::shak: return shak(at);
      case Message::mip4:
        return decoded.carrier == Carrier::mip4_request ? shin(at) : registration_reply(at);
      case Message::none: break;
    }
    return nullptr;
  };
  auto* flow = handle();
  if (flow == nullptr) return nullptr;
  if (flow->first_frame == 0) flow->first_frame = frame;
  flows_.mark_active(*flow, now);
  return flow;
}

// The handover of `paddr` that is under way; a new one when there is none, or when the last one has
// ended and this message does not just repeat one of its own, whose hash `hash_in` tells.
Flow& ConversationJudge::begin_or_go_on(const Context& at, const Address& paddr,
                                        std::size_t (*hash_in)(const Flow&)) {
  auto* known = flows_.find({Kind::paddr, 0, paddr, {}});
  if (known != nullptr && (!known->closed || hash_in(*known) == at.hash)) return *known;
  auto& fresh = flows_.begin(at.now);
  fresh.paddr = paddr;
  flows_.name(fresh, {Kind::paddr, 0, paddr, {}});
  return fresh;
}

// True when the message repeats `asked`: then its interval and number are judged.
bool ConversationJudge::repeats(Context& at, Asked& asked, Conversation soon, Conversation often,
                                Time interval, unsigned retries) {
  if (asked.frame == 0 || asked.hash != at.hash) return false;
  const auto since = at.now - std::min(at.now, asked.last);
  if (!asked.answered && since < tolerated(interval)) {
    at.tell(soon, fmt::format("{:.3f} s later", static_cast<double>(interval) / 1e9),
            fmt::format("{:.3f} s", static_cast<double>(since) / 1e9));
  }
  if (++asked.sent == retries + 2) {
    at.tell(often, fmt::format("{} repetitions", retries), fmt::format("{}", asked.sent - 1));
  }
  asked.last = at.now;
  return true;
}

Flow* ConversationJudge::pshin(Context& at) {
  auto& flow = begin_or_go_on(at, at.source, [](const Flow& known) { return known.pshin_hash; });
  flow.pshin_hash = at.hash;
  flow.announced = sub_option_octets(at.decoded);
  return &flow;
}

Flow* ConversationJudge::hi(Context& at) {
  const auto paddr = paddr_of(at.decoded);
  if (!paddr) return nullptr;
  auto& flow = begin_or_go_on(at, *paddr, [](const Flow& known) { return known.hi.hash; });
  if (repeats(at, flow.hi, Conversation::hi_soon, Conversation::hi_often, timers_.hi_rexmit,
              timers_.hi_retries)) {
    return &flow;
  }
  flow.hi = at.asked();
  flow.stateful = at.decoded.number(F::flag_s).value_or(0) != 0;
  flow.late = flow.shreq.frame != 0;
  flow.promised = replay_and_token(at.decoded);
  if (const auto naddr = address_in(at.decoded, F::naddr); naddr && !is_unspecified(*naddr)) {
    flow.naddr = *naddr;
    flows_.name(flow, {Kind::naddr, 0, *naddr, {}});
  }
  flows_.name(flow, {Kind::hi, at.identifier, at.source, at.destination});
  flows_.name(flow, {Kind::routers, 0, at.source, at.destination});
  flow.expected_status = 0;
  flow.unacknowledged.clear();
  contexts(at, flow, Conversation::clear_ushrep);
  static_cast<void>(token_is_wrong(at, flow, Conversation::ushrep_token_wrong));
  return &flow;
}

Flow* ConversationJudge::hack(Context& at) {
  auto* flow = flows_.find({Kind::hi, at.identifier, at.destination, at.source});
  if (flow == nullptr) {
    // A reply with a mistake: by the mobile node, or as the only thing that waits between the two.
    if (const auto paddr = address_in(at.decoded, F::paddr)) {
      flow = flows_.find({Kind::paddr, 0, *paddr, {}});
    } else {
      flow = flows_.find({Kind::routers, 0, at.destination, at.source});
    }
    if (flow == nullptr || flow->hi.frame == 0 || flow->hi.answered) return flow;
    at.tell_identifier(Conversation::hack_identifier, flow->hi);
    if (auto failure = compare_swapped(flow->hi.from, flow->hi.to, at.source, at.destination)) {
      at.found.push_back(std::move(*failure));
    }
  }
  const bool first = !flow->hi.answered;
  flow->hi.answered = true;
  const auto code = at.decoded.number(F::code).value_or(0);
  const bool refused = code >= hack_code::refused;
  if (!refused && flow->stateful &&
      (code < hack_code::assigned || code > hack_code::not_assigned)) {
    at.tell(Conversation::hack_stateful, "3 or 4", std::to_string(code));
  } else if (!refused && !flow->stateful && code > hack_code::in_use) {
    at.tell(Conversation::hack_stateless, "0, 1 or 2", std::to_string(code));
  }
  if (code == hack_code::assigned && at.decoded.find(F::opt_address) == nullptr) {
    at.tell(Conversation::hack_no_ncoa, "an IP Address option", "none");
  }
  if (const auto* ncoa = at.decoded.find(F::opt_address);
      code == hack_code::assigned && ncoa != nullptr) {
    flow->naddr = at.decoded.address(*ncoa);
    flows_.name(*flow, {Kind::naddr, 0, flow->naddr, {}});
  }
  const bool acknowledges = at.decoded.find(F::all_received) != nullptr;
  if (acknowledges && refused) at.tell(Conversation::hack_refused_ack, "none", "SHREP-Ack");
  if (acknowledges && flow->late) at.tell(Conversation::hack_late_ack, "none", "SHREP-Ack");
  if (!acknowledges && !refused && !flow->late && !flow->unacknowledged.empty()) {
    at.tell(Conversation::hack_no_ack, "SHREP-Ack", "none");
  }
  if (acknowledges && first) acknowledgment(at, *flow);
  return flow;
}

Flow* ConversationJudge::shin(Context& at) {
  const bool is_mip4 = at.decoded.message == Message::mip4;
  const auto paddr = paddr_of(at.decoded);
  if (!paddr) return nullptr;
  auto& flow = begin_or_go_on(at, *paddr, [](const Flow& known) { return known.shin.hash; });
  if (flow.shin.frame != 0 && flow.shin.hash == at.hash) return &flow;
  flow.shin = at.asked();
  flow.is_mip4 = is_mip4;
  flow.nr = at.destination;
  flow.shown = octets_of(from_auth(at.decoded));
  flows_.name(flow, {Kind::naddr, 0, at.source, {}});
  if (!is_mip4) flow.naddr = at.source;
  flow.token_differs =
      flow.promised && flow.shreq.frame == 0 && replay_and_token(at.decoded) != flow.promised;
  flow.token_wrong = token_is_wrong(at, flow, Conversation::token_wrong);
  return &flow;
}

Flow* ConversationJudge::shreq(Context& at) {
  const auto paddr = address_in(at.decoded, F::paddr);
  const auto naddr = address_in(at.decoded, F::naddr);
  if (!paddr || !naddr) return nullptr;
  // Where nobody knows Paddr the new router may have changed it: the SHIN came from Naddr.
  Flow* mistaken = nullptr;
  if (flows_.find({Kind::paddr, 0, *paddr, {}}) == nullptr) {
    mistaken = flows_.find({Kind::naddr, 0, *naddr, {}});
    const bool waits = mistaken != nullptr && !mistaken->closed && mistaken->shin.frame != 0 &&
                       mistaken->shreq.frame == 0;
    if (!waits) mistaken = nullptr;
  }
  auto& flow = mistaken != nullptr
                   ? *mistaken
                   : begin_or_go_on(at, *paddr, [](const Flow& known) { return known.shreq.hash; });
  if (mistaken != nullptr) at.tell_address(Conversation::shreq_paddr, flow.paddr, paddr);
  if (repeats(at, flow.shreq, Conversation::shreq_soon, Conversation::shreq_often,
              timers_.shreq_rexmit, timers_.shreq_retries)) {
    return &flow;
  }
  flow.shreq = at.asked();
  flow.shreq_naddr = *naddr;
  flow.wanted = numbers(at.decoded, F::req_spi);
  flow.expected_status = 0;
  flow.context_came = false;
  flow.unacknowledged.clear();
  flows_.name(flow, {Kind::naddr, 0, *naddr, {}});
  flows_.name(flow, {Kind::shreq, at.identifier, at.source, at.destination});
  flows_.name(flow, {Kind::routers, 0, at.destination, at.source});
  if (flow.shin.frame != 0) {
    if (auto failure = compare_verbatim(flow.shown, at.decoded)) {
      at.found.push_back(std::move(*failure));
    }
    // A Registration Request has its own rules for Naddr (behaviour 5).
    if (!flow.is_mip4) at.tell_address(Conversation::shreq_naddr, flow.shin.from, naddr);
  } else {
    flow.token_wrong = token_is_wrong(at, flow, Conversation::token_wrong);
  }
  if (is_unspecified(flow.naddr)) flow.naddr = *naddr;
  return &flow;
}

Flow* ConversationJudge::shrep(Context& at) {
  const auto naddr = address_in(at.decoded, F::naddr);
  const auto paddr = address_in(at.decoded, F::paddr);
  auto* flow = flows_.find({Kind::shreq, at.identifier, at.destination, at.source});
  if (flow == nullptr || (paddr && flow->paddr != *paddr)) {
    auto* other = paddr ? flows_.find({Kind::paddr, 0, *paddr, {}}) : nullptr;
    // The mobile node tells more than the Identifier, which another handover may have had.
    if (other != nullptr && other->shreq.frame != 0) flow = other;
    if (flow == nullptr) return other;
    at.tell_identifier(Conversation::shrep_identifier, flow->shreq);
    at.tell_address(Conversation::shrep_paddr, flow->paddr, paddr);
  }
  at.tell_address(Conversation::shrep_naddr, flow->shreq_naddr, naddr);
  flow->shreq.answered = true;
  const bool repeated = flow->shrep.frame != 0 && flow->shrep.hash == at.hash;
  flow->shrep = at.asked();
  if (repeated) return flow;
  flows_.name(*flow, {Kind::routers, 0, at.source, at.destination});
  const auto result = first_error_status(at.decoded);
  if (result && *result != status::ok) {
    flow->expected_status = *result;
  } else if (flow->token_wrong) {
    at.tell(Conversation::token_accepted, std::to_string(status::invalid_authentication),
            std::to_string(status::ok));
  }
  contexts(at, *flow, Conversation::clear_shrep);
  const auto spis = numbers(at.decoded, F::sa_spi);
  const bool succeeded = result.value_or(status::ok) == status::ok;
  if (succeeded && !flow->wanted.empty() && !spis.empty() && spis != flow->wanted) {
    at.tell(Conversation::context_order, list(flow->wanted), list(spis));
  }
  return flow;
}

Flow* ConversationJudge::shrep_ack(Context& at) {
  const auto paddr = address_in(at.decoded, F::paddr);
  auto* flow = paddr ? flows_.find({Kind::paddr, 0, *paddr, {}}) : nullptr;
  if (flow == nullptr) {
    flow = flows_.find({Kind::shreq, at.identifier, at.source, at.destination});
    if (flow == nullptr) return nullptr;
    at.tell_address(Conversation::ack_paddr, flow->paddr, paddr);
  }
  if (flow->shrep.frame == 0) return flow;
  at.tell_identifier(Conversation::ack_identifier, flow->shrep);
  at.tell_address(Conversation::ack_naddr, flow->shreq_naddr, address_in(at.decoded, F::naddr));
  acknowledgment(at, *flow);
  return flow;
}

// A SHREP-Ack option, in a HAck or in a message of its own.
void ConversationJudge::acknowledgment(Context& at, Flow& flow) {
  const auto all = at.decoded.number(F::all_received);
  if (!all) return;
  const bool had_any = !flow.spis.empty();
  if (flow.unacknowledged.empty()) {
    if (!had_any) at.tell(Conversation::ack_unexpected, "none", "SHREP-Ack");
    return;
  }
  const auto result = first_error_status(at.decoded);
  if (*all != 0) {
    if (flow.expected_status == 0) flow.expected_status = status::ok;
    flow.unacknowledged.erase(flow.unacknowledged.begin());
    return;
  }
  const auto stated = static_cast<std::uint32_t>(
      std::ranges::count(at.decoded.fields, F::status, &DecodedField::field));
  // With continuations under way it may answer any of them.
  const auto answered = std::ranges::find(flow.unacknowledged, stated);
  if (answered == flow.unacknowledged.end()) {
    at.tell(Conversation::ack_count, std::to_string(flow.unacknowledged.back()),
            std::to_string(stated));
    flow.unacknowledged.clear();
  } else {
    flow.unacknowledged.erase(answered);
  }
  if (result) flow.expected_status = *result;
}

// What a SHREP or U-SHREP hands over.
void ConversationJudge::contexts(Context& at, Flow& flow, Conversation in_clear) {
  const auto count = context_count(at.decoded);
  if (count == 0) return;
  flow.context_came = true;
  flow.unacknowledged.push_back(static_cast<std::uint32_t>(count));
  for (const auto& item : at.decoded.fields) {
    if (item.field != F::contexts || flow.spis.size() >= most_contexts) continue;
    const auto* spi = at.decoded.find_in(item, F::sa_spi);
    if (spi == nullptr) continue;
    flow.spis.push_back(static_cast<std::uint32_t>(spi->number));
  }
  if (flow.handed_over.size() < most_messages)
    flow.handed_over.push_back(octets_of(at.decoded.octets));
  const auto protection = at.packet.protection();
  if (protection == Protection::none) {
    at.tell(in_clear, "AH or ESP", "none");
  } else if (description_ != nullptr && description_->policies.confidential &&
             protection == Protection::ah) {
    at.tell(Conversation::not_confidential, "ESP", "AH");
  }
}

Flow* ConversationJudge::shak(Context& at) {
  auto* flow = flows_.find({Kind::naddr, 0, at.destination, {}});
  if (flow == nullptr) {
    // What the previous router tells the mobile node.
    return flows_.find({Kind::paddr, 0, at.destination, {}});
  }
  status(at, *flow);
  changes(at, *flow);
  const auto& ipsec_layers = at.packet.ipsec_layers();
  if (!flow->spis.empty() && !ipsec_layers.empty()) {
    const auto spi = ipsec_layers.front().spi;
    if (std::ranges::find(flow->spis, spi) == flow->spis.end()) {
      at.tell(Conversation::shak_other_sa, "a transferred SPI", hex(spi));
    }
  }
  flows_.close(*flow);
  return flow;
}

Flow* ConversationJudge::registration_reply(Context& at) {
  auto* flow = flows_.find({Kind::naddr, 0, at.destination, {}});
  if (flow == nullptr) return nullptr;
  status(at, *flow);
  flows_.close(*flow);
  return flow;
}

void ConversationJudge::status(Context& at, Flow& flow) {
  const auto result = first_error_status(at.decoded);
  if (!result || flow.closed) return;
  if (*result == status::ok && flow.token_differs && flow.shreq.frame == 0) {
    at.tell(Conversation::token_differs, std::to_string(status::invalid_authentication),
            std::to_string(status::ok));
  } else if (*result == status::ok && flow.shreq.frame != 0 && !flow.context_came) {
    at.tell(Conversation::shak_early,
            flow.expected_status != 0 ? std::to_string(flow.expected_status) : "a failure",
            std::to_string(status::ok));
  } else if (!flow.token_differs && flow.expected_status != 0 && *result != flow.expected_status) {
    at.tell(Conversation::shak_status, std::to_string(flow.expected_status),
            std::to_string(*result));
  }
}

// SecCT-ack names SAs by the SPI that the mobile node knows; the new one is never sent.
void ConversationJudge::changes(Context& at, Flow& flow) {
  for (const auto& item : at.decoded.fields) {
    if (item.field != F::ack_spi) continue;
    const auto spi = static_cast<std::uint32_t>(item.number);
    if (flow.spis.empty() || std::ranges::find(flow.spis, spi) != flow.spis.end()) {
      continue;
    }
    const bool leaked = std::ranges::any_of(flow.learned.spi_keys(), [&](View key) {
      return compute_spi(key, at.source, at.destination) == spi;
    });
    if (leaked) {
      at.tell(Conversation::spi_leaked, "the SPI that the mobile node knows", hex(spi));
    } else {
      at.tell(Conversation::shak_unknown_sa, "a transferred SPI", hex(spi));
    }
  }
}

// Judged where the router description tells the key.
bool ConversationJudge::token_is_wrong(Context& at, const Flow& flow, Conversation rule) {
  if (description_ == nullptr) return false;
  const auto replay = at.decoded.number(F::auth_replay);
  const auto shown = at.decoded.number(F::auth_token);
  const auto paddr = token_paddr(at.decoded);
  if (!replay || !shown || !paddr) return false;
  const auto number = description_->number_of(*paddr);
  if (!number) return false;
  auto covered = token_features(codepoints_, at.decoded);
  if (!covered) return false;
  // A U-SHREP that a P-SHIN asked for covers what that one asked for.
  if (at.decoded.message == Message::hi && !flow.announced.empty()) covered = flow.announced;
  const auto right = compute_token(description_->token_key_of(*number), *covered,
                                   static_cast<std::uint8_t>(*replay), *paddr);
  if (right == *shown) return false;
  at.tell(rule, hex(right), hex(static_cast<std::uint32_t>(*shown)));
  return true;
}

}  // namespace secct::replay
