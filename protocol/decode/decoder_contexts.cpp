// SPDX-License-Identifier: GPL-2.0-or-later
// Decodes contexts: SPT and profile pairs, additional security data, static profiles (wire-format
// 6.2 and 7).
#include <algorithm>

#include "protocol/decode/decoder.hpp"

namespace secct {

using F = Field;

void Decoder::decode_contexts() {
  if (left() == 0) broken(Rule::rep_empty, F::contexts, group_, decoded_.fields[group_].offset, 2);
  while (left() > 0) {
    if (left() < 3) {
      const auto index = add_field(F::raw, at_, left());
      broken(Rule::subopt_short, F::spt, index, at_, left(), {}, left());
      at_ = end_;
      return;
    }
    ++contexts_;
    const auto number = static_cast<std::uint16_t>(peek(2));
    const std::uint32_t length = octets_[at_ + 2];
    const auto group = add_field(F::contexts, at_, std::min(length + 2, left()));
    const auto spt_index = add_spt(number);
    at_ += 2;
    if (length == 0 || length > left()) {
      const auto index = add_field(F::sa_length, at_, 1, length);
      broken(Rule::sa_length_mismatch, index,
             length == 0 ? std::optional<std::uint64_t>() : left());
      at_ += 1;
      decoded_.fields[group].length = end_ - decoded_.fields[group].offset;
      add_rest();
      close(group);
      return;
    }
    decode_profile(number, spt_index, at_ + length);
    close(group);
  }
}

std::uint32_t Decoder::add_spt(std::uint16_t number) {
  const auto index = add_field(F::spt, at_, 2, number);
  const auto found = find_spt(number);
  for (const auto& step : spt_steps().subspan(1)) {
    if (!found) break;
    if (found->structured()) {
      add_field(step.field, at_, 2, bits_of(number, mask_of(step)));
    } else if (step.field == F::spt_protocol) {
      add_field(step.field, at_, 2, static_cast<unsigned>(found->protocol), true);
    } else if (step.field == F::spt_mode) {
      add_field(step.field, at_, 2, found->tunnel ? 1U : 0U, true);
    } else if (step.field == F::spt_algorithm) {
      add_field(step.field, at_, 2, found->algorithm, true);
    }
  }
  if (found && found->structured() && (number & 1) != 0) {
    broken(Rule::reserved_not_zero, index, number & 0xfffeU);
  }
  close(index);
  return index;
}

void Decoder::decode_profile(std::uint16_t number, std::uint32_t spt_index, std::uint32_t end) {
  const auto outer_end = end_;
  const auto start = at_;
  end_ = end;
  const auto found = find_spt(number);
  if (!found) {
    add_field(F::sa_length, at_, 1, octets_[at_]);
    ++at_;
    add_rest();
    broken(Rule::spt_unknown, spt_index);
  } else {
    spt_ = *found;
    window_size_ = 0;
    key_length_ = 0;
    const auto length_index = static_cast<std::uint32_t>(decoded_.fields.size());
    if (!run(profile_steps(), profile_traits(spt_))) {
      broken(Rule::sa_length_mismatch, length_index);
    } else if (left() > 0) {
      broken(Rule::sa_length_mismatch, length_index, at_ - start);
      add_rest();
    }
  }
  at_ = end;
  end_ = outer_end;
}

bool Decoder::decode_additional() {
  std::bitset<256> seen;
  bool selectors = false;
  while (left() > 0) {
    const auto type = octets_[at_];
    if (type == 0) {
      const auto group = add_field(F::additional, at_, 1);
      const auto index = add_field(F::data_type, at_, 1, 0);
      close(group);
      ++at_;
      if (spt_.static_profile) return true;
      broken(Rule::data_end, index);
      add_rest();
      return true;
    }
    const std::uint32_t length = left() < 2 ? 0U : octets_[at_ + 1];
    const auto group = add_field(F::additional, at_, std::min(length + 2, left()));
    const auto type_index = add_field(F::data_type, at_, 1, type);
    if (left() < 2 || length + 2 > left()) {
      if (left() >= 2) add_field(F::data_length, at_ + 1, 1, length);
      report_past_end(Rule::data_past_end, F::data_length, group, length);
      at_ += std::min(2U, left());
      add_rest();
      close(group);
      return true;
    }
    add_field(F::data_length, at_ + 1, 1, length);
    at_ += 2;
    decode_data_value(type, type_index, length, seen);
    if (type < first_selector && selectors) broken(Rule::data_order, type_index);
    selectors = selectors || type >= first_selector;
    close(group);
  }
  if (spt_.static_profile) {
    const auto last = static_cast<std::uint32_t>(decoded_.fields.size() - 1);
    broken(Rule::data_end, F::data_type, last, end_, 0);
  }
  return true;
}

void Decoder::decode_data_value(std::uint8_t type, std::uint32_t type_index, std::uint32_t length,
                                std::bitset<256>& seen) {
  const auto outer_end = end_;
  const auto end = at_ + length;
  end_ = end;
  const auto value = length > 0 ? add_field(F::data_value, at_, length) : type_index;
  const auto* found = find_data(type);
  if (found == nullptr) {
    broken(Rule::data_unknown, type_index);
  } else {
    if (seen[type]) broken(Rule::data_twice, type_index);
    seen.set(type);
    if (!data_length_fits(*found, length)) {
      broken(Rule::data_length, F::data_length, type_index + 1, at_ - 1, 1,
             data_length_expected(*found), length);
    }
    const auto before = decoded_.fields.size();
    if (!run(found->value, 0)) {
      decoded_.fields.resize(before);  // keep the octets in data_value only
    }
  }
  if (value != type_index) close(value);
  at_ = end;
  end_ = outer_end;
}

// The required size of the value in octets; nullopt if every length is allowed.
std::optional<std::uint64_t> Decoder::data_length_expected(const DataRow& found) const {
  std::uint64_t length = 0;
  for (const auto& step : found.value) {
    length += step.octets;
    if (step.field == F::data_auth_key) {
      const auto algorithm = left() > 0 ? octets_[at_] : 0;
      if (find_value(Values::auth_algorithm, algorithm) == nullptr) return std::nullopt;
      Spt ah;
      ah.algorithm = static_cast<std::uint8_t>(algorithm);
      length += ah.key_length();
    } else if (step.extent == Extent::rest) {
      return std::nullopt;
    }
  }
  return length;
}

bool Decoder::data_length_fits(const DataRow& found, std::uint32_t length) const {
  const auto expected = data_length_expected(found);
  if (expected) return length == *expected;
  return length >= found.value[0].octets;
}

void Decoder::decode_static_profile() {
  while (left() > 0) {
    const std::uint32_t length = left() < 2 ? 0U : octets_[at_ + 1];
    const auto group = add_field(F::static_profile, at_, std::min(length + 2, left()));
    const auto type_index = add_field(F::preference_type, at_, 1, octets_[at_]);
    if (left() >= 2) add_field(F::preference_length, at_ + 1, 1, length);
    if (left() < 2 || length + 2 > left()) {
      report_past_end(Rule::preference_length, F::preference_length, group, length);
      at_ += std::min(2U, left());
      add_rest();
      close(group);
      return;
    }
    if (find_value(Values::preference_type, octets_[at_]) == nullptr) {
      broken(Rule::preference_unknown, type_index);
    }
    const auto outer_end = end_;
    at_ += 2;
    end_ = at_ + length;
    run(preference_steps().subspan(2), 0);
    end_ = outer_end;
    close(group);
  }
}

// Reports the entry of a list at at_, whose length is missing or extends past the end.
void Decoder::report_past_end(Rule rule, F field, std::uint32_t group, std::uint32_t length) {
  if (left() < 2) {
    broken(rule, field, group, at_, left());
  } else {
    broken(rule, field, group, at_, left(), left() - 2, length);
  }
}

}  // namespace secct
