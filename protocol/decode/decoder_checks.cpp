// SPDX-License-Identifier: GPL-2.0-or-later
// Rules about the whole message and about its envelope.
#include <algorithm>

#include "protocol/decode/decode.hpp"
#include "protocol/decode/decoder.hpp"
#include "protocol/tables/numbers.hpp"

namespace secct {

using F = Field;

namespace {

constexpr std::uint8_t required_hop_limit = 255;

}  // namespace

// Naddr or Paddr of the messages that have it in the IPv6 header only (fields.md: naddr, paddr).
void Decoder::envelope_addresses() {
  const auto generated = [&](F field, bool destination) {
    const auto& address = destination ? decoded_.envelope.destination : decoded_.envelope.source;
    if (!address) return;
    const auto index = add_field(field, 0, 0, destination ? 1U : 0U, true);
    if (field == F::naddr && id_ == Message::shin) {
      check_address(Rule::naddr_invalid, index, true);
    }
  };
  if (id_ == Message::shin) generated(F::naddr, false);
  if (id_ == Message::shak) generated(F::naddr, true);
  if (id_ == Message::pshin) generated(F::paddr, false);
}

void Decoder::check_envelope() {
  const auto& envelope = decoded_.envelope;
  const auto head = decoded_.find(F::message);
  if (head == nullptr) return;
  const auto index = static_cast<std::uint32_t>(head - decoded_.fields.data());
  const auto& info = message_info(id_);
  if (info.carrier == Carrier::icmpv6) {
    if (envelope.hop_limit && *envelope.hop_limit != required_hop_limit) {
      broken(Rule::hop_limit, F::message, index, 0, 1, required_hop_limit, *envelope.hop_limit);
    }
    if (envelope.complete && envelope.source && envelope.destination && octets_.size() >= 4) {
      const auto actual = big_endian(octets_.subspan(checksum_offset, 2));
      const auto expected = icmpv6_checksum(*envelope.source, *envelope.destination, octets_);
      if (actual != expected) {
        broken(Rule::checksum_bad, F::message, index, checksum_offset, 2, expected, actual);
      }
    }
  }
  // No SA protects a SHAK that reports a failure; a truncated SHAK may be one.
  const bool is_success = !failed_ && (envelope.complete || statuses_ > 0);
  const auto required = info.sent_under;
  const bool needs_protection = required == RequiredProtection::transferred_sa
                                    ? is_success
                                    : required != RequiredProtection::none;
  if (needs_protection && envelope.protection == Protection::none) {
    broken(Rule::unprotected, F::message, index, 0, 1);
  }
}

void Decoder::check_message() {
  if (decoded_.fields.empty()) return;
  const auto* first = decoded_.find(F::message);
  const auto index =
      first == nullptr ? 0U : static_cast<std::uint32_t>(first - decoded_.fields.data());
  const auto missing = [&](Rule rule, F field) {
    broken(rule, field, index, 0, std::min<std::uint32_t>(1, end_));
  };
  const auto& info = message_info(id_);
  if (octets_.size() < info.fixed_octets) {
    broken(carrier_info(info.carrier).too_short, truncated_field_, index, 0, end_,
           info.fixed_octets, octets_.size());
    return;
  }
  const auto& second = info.steps[1];  // of destination options and extensions: their length
  if (second.fill == Fill::data_length && octets_[1] + 2U > octets_.size()) {
    broken(Rule::opt_length_past_end, second.field, index, 1, 1, octets_.size() - 2, octets_[1]);
  }
  check_code();
  if (!decoded_.envelope.complete) return;  // the missing octets may contain the missing parts
  if (chain_is_broken()) return;
  if (info.context_required && (context_ == nullptr || !context_->belongs_to(id_))) {
    missing(Rule::option_missing, F::options);
  }
  if (id_ == Message::hi) check_hi(index);
  // A HAck that refuses the handover has no SHREP-Ack (behaviour 2.2).
  if (id_ == Message::hack && context_ == nullptr && !decoded_.broken(Rule::code_refused)) {
    missing(Rule::hack_no_shrep_ack, F::options);
  }
  if (context_ != nullptr || !info.context_option) check_sub_options(index);
}

// Sub-options that the message must contain, given the ones that it may contain.
void Decoder::check_sub_options(std::uint32_t index) {
  const auto missing = [&](Rule rule, F field) {
    broken(rule, field, index, 0, std::min<std::uint32_t>(1, end_));
  };
  const bool needs_auth = may_contain(id_, CodePoint::subopt_auth_prtr);
  if (may_contain(id_, CodePoint::subopt_req)) {
    if (early_req_ && has_auth_) broken(Rule::auth_order, *early_req_ + 1);
    if (!has_auth_ && needs_auth) missing(Rule::auth_missing, F::sub_options);
    // Without AuthPrtr, a SecCT-req counts in every place. A P-SHIN needs none (wire-format D23).
    const bool has_req = has_req_ || (early_req_ && !has_auth_);
    if (needs_auth && !has_req) missing(Rule::req_missing, F::sub_options);
  }
  if (may_contain(id_, CodePoint::subopt_rep)) {
    if (contexts_ == 0 && statuses_ == 0) missing(Rule::shrep_empty, F::sub_options);
    if (contexts_ > 0 && failed_) missing(Rule::status_and_contexts, F::status);
    if (needs_auth && !has_auth_) missing(Rule::auth_missing, F::sub_options);
  }
  if (may_contain(id_, CodePoint::subopt_stat)) {
    // For SHREP-Ack options see record_option().
    // A further SHAK, with SecCT-acks that did not fit into the first, has no status (D24).
    const bool is_required = !message_info(id_).context_option && !has_ack_;
    if (is_required && statuses_ == 0) missing(Rule::status_missing, F::status);
    const bool is_single = id_ == Message::shak || id_ == Message::shrep;
    if (is_single && statuses_ > 1) missing(Rule::status_repeated, F::status);
  }
}

// True if options or sub-options cannot be followed to the end: then parts that seem to be missing
// may be in the rest of the octets.
bool Decoder::chain_is_broken() const {
  return std::ranges::any_of(decoded_.problems, [](const Problem& problem) {
    constexpr Rule options[] = {Rule::opt_length_zero, Rule::opt_length_past_end,
                                Rule::opt_length_short, Rule::opt_trailing};
    return row(problem.rule).status_row == 2 ||
           std::ranges::find(options, problem.rule) != std::end(options);
  });
}

void Decoder::check_code() {
  const auto* code = decoded_.find(F::code);
  if (code == nullptr) return;
  const auto index = static_cast<std::uint32_t>(code - decoded_.fields.data());
  if (id_ != Message::hack) {
    if (code->number != 0) broken(Rule::code_not_zero, index, 0);
  } else if (find_value(Values::hack_code, code->number) == nullptr) {
    broken(Rule::code_unknown, index);
  } else if (code->number >= hack_code::refused) {
    broken(Rule::code_refused, index);
  }
}

void Decoder::check_hi(std::uint32_t index) {
  if (!old_care_of_) broken(Rule::hi_no_old_care_of, F::opt_address, index, 0, 1);
  if (!has_lla_) broken(Rule::hi_no_lla, F::opt_lla, index, 0, 1);
  if (context_ == nullptr) return;
  const auto differs = [&](F field, const std::optional<Address>& announced) {
    const auto* found = decoded_.find(field);
    if (found == nullptr || !announced) return;
    const auto address = decoded_.address(*found);
    if (field == F::naddr && is_unspecified(address)) return;  // not assigned yet
    if (address != *announced) {
      broken(Rule::naddr_mismatch, static_cast<std::uint32_t>(found - decoded_.fields.data()));
    }
  };
  differs(F::paddr, old_care_of_);
  differs(F::naddr, new_care_of_);
}

}  // namespace secct
