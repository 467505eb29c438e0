// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/run.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "generator/document_yaml.hpp"
#include "generator/value_names.hpp"
#include "protocol/decode.hpp"
#include "protocol/explain.hpp"
#include "replay/checks.hpp"
#include "replay/ledger.hpp"

namespace secct {
namespace {

using F = Field;

constexpr std::uint8_t echo_request = 128;
constexpr std::size_t ethernet_octets = 14;

bool is_error_status(std::uint64_t number) { return number >= 100 && number <= 106; }

std::string value_as_text(const Observed& seen, const Item& item) {
  const auto& field = row(item.field);
  switch (field.type) {
    case FieldType::ipv6: return to_text(seen.tape.address(item));
    case FieldType::ipv4: return v4_text(seen.tape.octets_of(item));
    case FieldType::bytes: return to_hex(seen.tape.octets_of(item));
    case FieldType::text: {
      const auto octets = seen.tape.octets_of(item);
      return {octets.begin(), octets.end()};
    }
    case FieldType::boolean: return item.number != 0 ? "true" : "false";
    default: break;
  }
  const auto* name = value_name(item, seen.tape);
  const auto number = fmt::format("{0} (0x{0:x})", item.number);
  return name != nullptr ? fmt::format("{} {}", number, name) : number;
}

}  // namespace

std::string Failure::reason() const {
  std::string reason = text;
  if (!field.empty()) {
    reason = fmt::format("{}: {}", field, text);
  }
  if (!expected.empty()) reason += fmt::format(": expected {}", expected);
  if (!actual.empty()) reason += fmt::format("{} found {}", expected.empty() ? ":" : ",", actual);
  return reason;
}

CaseRun::CaseRun(const Case& c, bool mutated, Handover handover, double scale, Send send)
    : case_(c),
      steps_(steps_of(c, mutated)),
      handover_(std::move(handover)),
      keys_(handover_.keyring()),
      scale_(scale),
      send_(std::move(send)) {
  if (mutated) mutated_step_ = c.mutation->step;
  result_.mutated = mutated;
}

Time CaseRun::scaled(double seconds) const { return static_cast<Time>(seconds * scale_ * 1e9); }

void CaseRun::start(Time now) {
  started_ = now;
  proceed(now);
}

CaseResult CaseRun::take() { return std::move(result_); }

// Words that stand for values of this handover.
std::vector<std::string> CaseRun::values_of(const std::string& text) const {
  if (!text.starts_with('$')) return {text};
  if (auto values = handover_values(handover_, text); !values.empty()) return values;
  if (text == "$identifier")
    return {std::to_string(sent_identifier_.value_or(handover_.identifier()))};
  if (text == "$token1" && first_token_) return {fmt::format("0x{:08x}", *first_token_)};
  if (text == "$last-sequence") return {std::to_string(last_sequence_)};
  // One status per context, 200 but for one: $statuses:2=102.
  if (text.starts_with("$statuses:")) {
    const auto [place, status] = split_assignment(text.substr(10));
    std::vector<std::string> statuses(handover_.mobile_node().transferable().size(), "200");
    const auto number = to_number(place);
    if (number && *number >= 1 && *number <= statuses.size()) {
      statuses[*number - 1] = status;
      return statuses;
    }
  }
  throw UsageError(
      fmt::format("{}:{}: {}: unknown value '{}'", case_.file, case_.line, case_.id, text));
}

void CaseRun::edit(const Edit& edit, PacketDocument& packet) const {
  apply(edit, handover_.lab().codepoints, packet,
        [this](const std::string& text) { return values_of(text); });
}

// What later steps may refer to: the SHIN's option, the first token, the last AH number.
void CaseRun::remember(const CaseStep& step, const Octets& datagram) {
  const auto parsed = parse_datagram(datagram);
  if (!parsed) return;
  const auto& points = handover_.lab().codepoints;
  Tape tape;
  for (const auto& header : parsed->chain) {
    const auto octets = parsed->octets_of(header);
    if (header.type == ip_proto::ah) {
      if (const auto head = ipsec_head(*parsed, header)) last_sequence_ = head->sequence;
    } else if (header.type == ip_proto::icmpv6) {
      decode(points, Carrier::icmpv6, octets, {}, tape);
    } else if (header.type == ip_proto::dstopts) {
      const auto options = parse_header_options(octets);
      if (options.empty()) continue;
      const auto option = octets.subspan(options[0].offset, options[0].length);
      if (step.message == "shin") sent_shin_.assign(option.begin(), option.end());
      decode(points, Carrier::dstopt, option, {}, tape);
    }
  }
  if (const auto identifier = tape.number(F::identifier)) sent_identifier_ = *identifier;
  const auto token = tape.number(F::auth_token);
  if (token && !first_token_) first_token_ = static_cast<std::uint32_t>(*token);
}

void CaseRun::send(const CaseStep& step, Time now) {
  auto packet = *handover_.by_name(step.message);
  const auto& points = handover_.lab().codepoints;
  try {
    for (const auto& change : step.edits) edit(change, packet);
  } catch (const UsageError& error) {  // what only shows when the packet is made
    result_.failure = {"", "", "", "", error.what()};
    finish(now, Verdict::tool_error);
    return;
  }
  auto built = build(points, keys_, packet);
  if (!built.faults.empty()) {
    result_.failure = {"", built.faults[0].path, "", "", built.faults[0].text};
    finish(now, Verdict::tool_error);
    return;
  }
  Octets datagram(built.octets.begin() + ethernet_octets, built.octets.end());
  remember(step, datagram);
  const bool mutated = mutated_step_ && &step == &steps_[*mutated_step_];
  result_.packets.push_back({now, false, datagram,
                             mutated ? "tester sends the mutated packet" : "tester sends",
                             number_of(step)});
  send_(std::move(datagram));
}

void CaseRun::send_echo(const CaseStep& step, Time now) {
  const auto& mn = handover_.mobile_node();
  Layer icmpv6{.kind = LayerKind::icmpv6, .fields = {}, .elements = {}};
  icmpv6.set(HeaderField::icmpv6_type, std::uint64_t{echo_request});
  Layer data{.kind = LayerKind::data, .fields = {}, .elements = {}};
  Octets body;
  append_number(body, handover_.identifier(), 2);
  append_number(body, next_, 2);
  for (char c : std::string_view("secct conformance")) body.push_back(static_cast<std::uint8_t>(c));
  data.set(HeaderField::data_octets, body);
  std::vector<Layer> layers;
  if (step.message == "transferred") {
    for (const auto& sa : mn.sas) {
      const auto context =
          moved(sa.context, handover_.pr(), handover_.nr_for_mn(), mn.paddr, mn.naddr);
      const auto live = to_sa(context);
      if (sa.type < 3 || !live || live->destination != handover_.nr_for_mn()) continue;
      layers = envelope_layers(*live, context.sequence + 1 + static_cast<std::uint32_t>(next_),
                               mn.naddr, handover_.nr_for_mn());
      break;
    }
  }
  layers.push_back(std::move(icmpv6));
  layers.push_back(std::move(data));
  const auto built = build(handover_.lab().codepoints, keys_,
                           ip_packet(mn.naddr, handover_.nr_for_mn(), std::move(layers)));
  Octets datagram(built.octets.begin() + ethernet_octets, built.octets.end());
  result_.packets.push_back(
      {now, false, datagram, "tester sends an echo request", number_of(step)});
  send_(std::move(datagram));
}

// Does what can be done now: sends, and opens every expectation up to the next other step.
void CaseRun::proceed(Time now) {
  while (!done_ && open_.empty() && !quiet_until_ && !wait_until_) {
    if (next_ == steps_.size()) {
      finish(now, Verdict::pass);
      return;
    }
    const auto& step = steps_[next_];
    switch (step.kind) {
      case CaseStep::Kind::send: send(step, now); break;
      case CaseStep::Kind::nothing: quiet_until_ = now + scaled(step.seconds); break;
      case CaseStep::Kind::wait: wait_until_ = now + scaled(step.seconds); break;
      case CaseStep::Kind::echo:
        send_echo(step, now);
        open(step, now);
        break;
      case CaseStep::Kind::repeat: open(step, now); break;
      case CaseStep::Kind::expect:  // messages that are expected together may come in any order
        while (next_ < steps_.size() && steps_[next_].kind == CaseStep::Kind::expect) {
          open(steps_[next_++], now);
        }
        continue;
    }
    ++next_;
  }
}

void CaseRun::open(const CaseStep& step, Time now) {
  open_.push_back({&step, now, now + scaled(step.seconds)});
}

bool CaseRun::fits(const Open& open, const Observed& seen, const Octets& message) const {
  switch (open.step->kind) {
    case CaseStep::Kind::echo: return seen.is_echo_reply();
    case CaseStep::Kind::repeat:
      return open.step->message == seen.name() && std::ranges::find(seen_, message) != seen_.end();
    default: return open.step->message == seen.name();
  }
}

void CaseRun::receive(const Observed& seen, Time now) {
  if (done_) return;
  result_.packets.push_back({now, true, seen.original, "router sends"});
  for (const auto& broken : seen.broken) {
    fail(nullptr, broken);
    if (done_) return;
  }
  if (quiet_until_) {
    fail(&steps_[next_ - 1], {"", "", "no answer", seen.name(), "answered what must be discarded"});
    return;
  }
  const Octets message(seen.tape.octets.begin(), seen.tape.octets.end());
  const auto found = std::ranges::find_if(
      open_, [&](const Open& candidate) { return fits(candidate, seen, message); });
  if (found == open_.end()) {
    if (std::ranges::find(seen_, message) != seen_.end()) return;  // a repetition
    const auto* expected = open_.empty() ? nullptr : open_.front().step;
    fail(expected, {"", "", expected != nullptr ? expected->message : "nothing", seen.name(),
                    "an unexpected message"});
    return;
  }
  const auto* step = found->step;
  if (now < found->since + scaled(step->after)) {
    fail(step, {"", "", fmt::format("{} s later", step->after),
                fmt::format("{:.3f} s", static_cast<double>(now - found->since) / 1e9 / scale_),
                "the repetition comes too early"});
    return;
  }
  result_.packets.back().step = number_of(*step);
  open_.erase(found);
  seen_.push_back(message);
  if (seen.tape.message == Message::shreq) {
    handover_.set_reply_identifier(
        static_cast<std::uint16_t>(seen.tape.number(F::identifier).value_or(0)));
  }
  try {
    match(*step, seen);
  } catch (const UsageError& error) {  // a value that the case expects cannot be read
    result_.failure = {"", "", "", "", error.what()};
    finish(now, Verdict::tool_error);
  }
  // Optional messages that have not come do not hold up what follows a required one.
  const bool only_optional =
      std::ranges::all_of(open_, [](const Open& waiting) { return waiting.step->optional; });
  if (!done_ && (open_.empty() || !only_optional)) proceed(now);
}

void CaseRun::match(const CaseStep& step, const Observed& seen) {
  if (!match_under(step, seen)) return;
  for (const auto& check : step.fields) {
    if (!match_field(step, check, seen)) return;
  }
  for (const auto& absent : step.absent) {
    const auto field = find_field(absent);
    const auto* item = field ? seen.tape.find(*field) : nullptr;
    compared(step, absent, "none", item != nullptr ? value_as_text(seen, *item) : "none",
             item == nullptr);
    if (item != nullptr) {
      fail(&step, {"", absent, "none", value_as_text(seen, *item), "must not be there"});
      return;
    }
  }
  for (const auto& name : step.checks) {
    auto failure = run_check(name, seen, {handover_, sent_shin_});
    compared(step, name, failure ? failure->expected : "kept", failure ? failure->actual : "kept",
             !failure);
    if (failure) {
      fail(&step, std::move(*failure));
      return;
    }
  }
}

bool CaseRun::match_under(const CaseStep& step, const Observed& seen) {
  const auto is = [&](std::string_view wanted) {
    if (wanted == "none") return seen.under.empty();
    if (seen.under.empty()) return false;
    if (wanted == "transferred") {
      const auto& lab = handover_.lab();
      return std::ranges::none_of(
          lab.router_sas, [&](const auto& sa) { return sa.sa.spi == seen.under.front().spi; });
    }
    return (seen.under.front().protocol == IpsecProtocol::ah) == (wanted == "ah");
  };
  if (step.under.empty()) return true;
  const auto found =
      seen.under.empty()
          ? std::string("no IPsec")
          : fmt::format("{} SPI 0x{:08x}",
                        seen.under.front().protocol == IpsecProtocol::ah ? "AH" : "ESP",
                        seen.under.front().spi);
  const bool good = is(step.under);
  compared(step, "under", step.under, found, good);
  if (good) return true;
  fail(&step, {"", "", step.under, found, "the protection is not as it must be"});
  return false;
}

bool CaseRun::match_field(const CaseStep& step, const FieldCheck& check, const Observed& seen) {
  const auto field = find_field(check.name);
  std::vector<const Item*> items;
  for (const auto& item : seen.tape.items) {
    if (field && item.field == *field) items.push_back(&item);
  }
  std::vector<std::string> wanted;
  for (const auto& value : check.values) {
    for (auto& text : values_of(value)) wanted.push_back(std::move(text));
  }
  const auto& points = handover_.lab().codepoints;
  for (std::size_t i = 0; i < std::max(items.size(), wanted.size()); ++i) {
    if (i >= items.size() || i >= wanted.size()) {
      compared(step, check.name, i < wanted.size() ? wanted[i] : "no more",
               i < items.size() ? value_as_text(seen, *items[i]) : "none", false);
      fail(&step, {"", check.name, fmt::format("{} of them", wanted.size()),
                   fmt::format("{}", items.size()), "not as many fields as there must be"});
      return false;
    }
    const auto node = read_field(points, *field, wanted[i], {case_.id, check.name}, YAML::Node());
    const auto& item = *items[i];
    const bool same = node.number() ? *node.number() == item.number
                      : row(*field).type == FieldType::ipv6
                          ? seen.tape.address(item) == address_from(*node.octets())
                          : std::ranges::equal(*node.octets(), seen.tape.octets_of(item));
    compared(step, check.name, wanted[i], value_as_text(seen, item), same);
    if (same) continue;
    fail(&step, {"", check.name, wanted[i], value_as_text(seen, item), "wrong value"});
    // Which error status is sent rests on this project's table alone.
    if (*field == F::status && is_error_status(*node.number()) && is_error_status(item.number) &&
        result_.verdict == Verdict::fail) {
      result_.verdict = Verdict::non_strict;
    }
    return false;
  }
  return true;
}

std::size_t CaseRun::number_of(const CaseStep& step) const {
  return static_cast<std::size_t>(&step - steps_.data());
}

void CaseRun::compared(const CaseStep& step, std::string_view what, std::string expected,
                       std::string actual, bool good) {
  result_.compared.push_back(
      {number_of(step), std::string(what), std::move(expected), std::move(actual), good});
}

void CaseRun::fail(const CaseStep* step, Failure failure) {
  if (failure.clause.empty()) {
    failure.clause =
        step != nullptr && !step->clause.empty() ? step->clause : case_.clauses.front();
  }
  if (step != nullptr) result_.failed_step = number_of(*step);
  const auto* clause = find_clause(failure.clause);
  const bool binding = clause == nullptr || clause->binding();
  result_.failure = std::move(failure);
  finish(result_.packets.empty() ? started_ : result_.packets.back().time,
         binding ? Verdict::fail : Verdict::non_strict);
}

void CaseRun::finish(Time now, Verdict verdict) {
  done_ = true;
  result_.verdict = verdict;
  result_.duration = now - started_;
}

std::optional<Time> CaseRun::deadline() const {
  if (done_) return std::nullopt;
  std::optional<Time> first;
  const auto consider = [&](Time time) {
    if (!first || time < *first) first = time;
  };
  for (const auto& waiting : open_) consider(waiting.until);
  if (quiet_until_) consider(*quiet_until_);
  if (wait_until_) consider(*wait_until_);
  return first;
}

void CaseRun::advance(Time now) {
  if (done_) return;
  if (quiet_until_ && *quiet_until_ <= now) quiet_until_.reset();
  if (wait_until_ && *wait_until_ <= now) wait_until_.reset();
  for (const auto& waiting : open_) {
    const auto& step = *waiting.step;
    if (waiting.until > now || step.optional) continue;
    fail(&step, {"", "", step.kind == CaseStep::Kind::echo ? "echo reply" : step.message, "nothing",
                 "no answer"});
    result_.duration = now - started_;
    return;
  }
  std::erase_if(open_, [&](const Open& waiting) { return waiting.until <= now; });
  proceed(now);
}

}  // namespace secct
