// SPDX-License-Identifier: GPL-2.0-or-later
// What only the whole message shows, and what the layers below it say.
#include <algorithm>

#include "protocol/decode/decode.hpp"
#include "protocol/decode/decoder.hpp"
#include "protocol/tables/numbers.hpp"

namespace secct {

using F = Field;

namespace {

constexpr std::uint8_t sent_hop_limit = 255;

}  // namespace

// Addresses that a message leaves to its IPv6 header (fields.md: naddr, paddr).
void Decoder::envelope_addresses() {
  const auto generated = [&](F field, bool destination) {
    const auto& address = destination ? decoded_.envelope.destination : decoded_.envelope.source;
    if (!address) return;
    const auto item = add_field(field, 0, 0, destination ? 1U : 0U, true);
    if (field == F::naddr && id_ == Message::shin) {
      check_address(Rule::naddr_invalid, item, true);
    }
  };
  if (id_ == Message::shin) generated(F::naddr, false);
  if (id_ == Message::shak) generated(F::naddr, true);
  if (id_ == Message::pshin) generated(F::paddr, false);
}

void Decoder::check_envelope(Carrier carrier) {
  const auto& envelope = decoded_.envelope;
  const auto head = decoded_.find(F::message);
  if (head == nullptr) return;
  const auto item = static_cast<std::uint32_t>(head - decoded_.fields.data());
  if (carrier == Carrier::icmpv6) {
    if (envelope.hop_limit && *envelope.hop_limit != sent_hop_limit) {
      broken(Rule::hop_limit, F::message, item, 0, 1, sent_hop_limit, *envelope.hop_limit);
    }
    if (envelope.complete && envelope.source && envelope.destination && octets_.size() >= 4) {
      const auto sent = big_endian(octets_.subspan(checksum_offset, 2));
      const auto right = icmpv6_checksum(*envelope.source, *envelope.destination, octets_);
      if (sent != right) {
        broken(Rule::checksum_bad, F::message, item, checksum_offset, 2, right, sent);
      }
    }
  }
  // A SHAK that reports a failure has nothing to protect it; where it is cut off nobody knows.
  const bool is_success = !failed_ && (envelope.complete || statuses_ > 0);
  const bool wants_protection =
      carrier == Carrier::icmpv6 || id_ == Message::pshin || (id_ == Message::shak && is_success);
  if (wants_protection && envelope.protection == Protection::none) {
    broken(Rule::unprotected, F::message, item, 0, 1);
  }
}

void Decoder::check_message(Carrier carrier) {
  if (decoded_.fields.empty()) return;
  const auto* first = decoded_.find(F::message);
  const auto item =
      first == nullptr ? 0U : static_cast<std::uint32_t>(first - decoded_.fields.data());
  const auto missing = [&](Rule rule, F field) {
    broken(rule, field, item, 0, std::min<std::uint32_t>(1, end_));
  };
  const auto fixed = carrier == Carrier::icmpv6   ? 8U
                     : carrier == Carrier::dstopt ? (id_ == Message::shak ? 2U : 34U)
                     : set_ == in_mip4_reply      ? 2U
                                                  : 22U;
  if (octets_.size() < fixed) {
    const auto rule = carrier == Carrier::icmpv6   ? Rule::message_short
                      : carrier == Carrier::dstopt ? Rule::dstopt_short
                                                   : Rule::mip4_short;
    broken(rule, short_field_, item, 0, end_, fixed, octets_.size());
    return;
  }
  if (carrier != Carrier::icmpv6 && octets_[1] + 2U > octets_.size()) {
    broken(Rule::opt_length_past_end, carrier == Carrier::dstopt ? F::raw : F::mip4_length, item, 1,
           1, octets_.size() - 2, octets_[1]);
  }
  check_code();
  if (!decoded_.envelope.complete) return;  // what seems to be missing may have been cut off
  const auto& layout = row(id_);
  if (chain_is_broken()) return;
  if (layout.context_required && (context_ == nullptr || (context_->messages & set_) == 0)) {
    missing(Rule::option_missing, F::options);
  }
  if (id_ == Message::hi) check_hi(item);
  // A handover that is refused has none (behaviour 2.2).
  if (id_ == Message::hack && context_ == nullptr && !decoded_.broken(Rule::code_refused)) {
    missing(Rule::hack_no_shrep_ack, F::options);
  }
  const bool asks = id_ == Message::shin || id_ == Message::pshin || id_ == Message::shreq ||
                    set_ == in(Message::mip4);
  const bool gives = id_ == Message::shrep || (id_ == Message::hi && context_ != nullptr);
  const bool has_chain = context_ != nullptr || !layout.context_option;
  if (asks && has_chain) {
    if (early_req_ && has_auth_) broken(Rule::auth_order, *early_req_ + 1);
    if (!has_auth_ && id_ != Message::pshin) missing(Rule::auth_missing, F::sub_options);
    // Without AuthPrtr nothing is "after" it: the request then counts wherever it stands.
    if (!has_req_ && (has_auth_ || !early_req_)) missing(Rule::req_missing, F::sub_options);
  }
  if (gives && has_chain) {
    if (contexts_ == 0 && statuses_ == 0) missing(Rule::shrep_empty, F::sub_options);
    if (contexts_ > 0 && failed_) missing(Rule::status_and_contexts, F::status);
    if (id_ == Message::hi && !has_auth_) missing(Rule::auth_missing, F::sub_options);
  }
  if (id_ == Message::shak || set_ == in_mip4_reply) {
    if (statuses_ == 0) missing(Rule::status_missing, F::status);
  }
  if (statuses_ > 1 && (id_ == Message::shak || id_ == Message::shrep)) {
    missing(Rule::status_repeated, F::status);
  }
}

// Where options or sub-options cannot be followed, nobody knows what would have come.
bool Decoder::chain_is_broken() const {
  return std::ranges::any_of(decoded_.problems, [](const Problem& problem) {
    constexpr Rule options[] = {Rule::opt_length_zero, Rule::opt_length_past_end,
                                Rule::opt_length_short, Rule::opt_trailing};
    return row(problem.rule).row == 2 ||
           std::ranges::find(options, problem.rule) != std::end(options);
  });
}

void Decoder::check_code() {
  const auto* code = decoded_.find(F::code);
  if (code == nullptr) return;
  const auto item = static_cast<std::uint32_t>(code - decoded_.fields.data());
  if (id_ != Message::hack) {
    if (code->number != 0) broken(Rule::code_not_zero, item, 0);
  } else if (find_value(Values::hack_code, code->number) == nullptr) {
    broken(Rule::code_unknown, item);
  } else if (code->number >= hack_code::refused) {
    broken(Rule::code_refused, item);
  }
}

void Decoder::check_hi(std::uint32_t item) {
  if (!old_care_of_) broken(Rule::hi_no_old_care_of, F::opt_address, item, 0, 1);
  if (!has_lla_) broken(Rule::hi_no_lla, F::opt_lla, item, 0, 1);
  if (context_ == nullptr) return;
  const auto differs = [&](F field, const std::optional<Address>& announced) {
    const auto* found = decoded_.find(field);
    if (found == nullptr || !announced) return;
    const auto address = decoded_.address(*found);
    if (field == F::naddr && is_unspecified(address)) return;  // not yet known
    if (address != *announced) {
      broken(Rule::naddr_mismatch, static_cast<std::uint32_t>(found - decoded_.fields.data()));
    }
  };
  differs(F::paddr, old_care_of_);
  differs(F::naddr, new_care_of_);
}

}  // namespace secct
