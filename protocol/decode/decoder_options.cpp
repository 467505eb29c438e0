// SPDX-License-Identifier: GPL-2.0-or-later
// Decodes the options of a message and the sub-options of an option (wire-format 4 to 6.3).
#include <algorithm>

#include "protocol/decode/decoder.hpp"
#include "protocol/tables/numbers.hpp"

namespace secct {

using F = Field;

void Decoder::decode_options() {
  while (left() > 0) {
    if (left() < 8) {
      const auto index = add_field(F::raw, at_, left());
      broken(Rule::opt_trailing, F::raw, index, at_, left(), 0, left());
      at_ = end_;
      return;
    }
    const auto id = codepoints_.find(CodePointGroup::icmpopt, octets_[at_]);
    const OptionRow* found = id ? find_option(*id) : nullptr;
    // IP Address and Link-Layer Address have their length in the third octet.
    const bool in_third = found != nullptr && found->steps[1].field == F::opt_subtype;
    const std::uint32_t units = octets_[at_ + (in_third ? 2U : 1U)];
    const auto group = add_field(F::options, at_, std::min(units * 8, left()));
    if (units == 0 || units * 8 > left()) {
      const auto length_at = at_ + (in_third ? 2U : 1U);
      add_field(F::opt_type, at_, 1, octets_[at_]);
      if (in_third) add_field(F::opt_subtype, at_ + 1, 1, octets_[at_ + 1]);
      const auto length = add_field(F::opt_length, length_at, 1, units);
      if (units == 0) {
        broken(Rule::opt_length_zero, length);
      } else {
        broken(Rule::opt_length_past_end, length, left() / 8);
      }
      decoded_.fields[group].length = left();
      at_ = length_at + 1;
      add_rest();
      close(group);
      return;
    }
    decode_option(found, group, at_ + units * 8);
    close(group);
  }
}

void Decoder::decode_option(const OptionRow* found, std::uint32_t group, std::uint32_t end) {
  const auto outer_end = end_;
  end_ = end;
  if (found == nullptr) {
    add_field(F::opt_type, at_, 1, octets_[at_]);
    add_field(F::opt_length, at_ + 1, 1, octets_[at_ + 1]);
    at_ += 2;
    add_rest();
    broken(Rule::opt_unknown, F::opt_type, group + 1, decoded_.fields[group].offset, 1, {},
           decoded_.fields[group + 1].number);
  } else if (found->is_context() && context_ != nullptr) {
    // Receivers ignore further context options: their content is not decoded.
    add_field(F::opt_type, at_, 1, octets_[at_]);
    add_field(F::opt_length, at_ + 1, 1, octets_[at_ + 1]);
    at_ += 2;
    add_rest();
    broken(Rule::option_repeated, group + 1);
  } else {
    if (found->is_context()) context_ = found;
    if (!found->belongs_to(id_)) {
      broken(Rule::option_misplaced, F::opt_type, group + 1, at_, 1, {}, octets_[at_]);
    }
    if (run(found->steps, 0)) {
      record_option(*found, group);
    } else {
      const auto length = decoded_.find(F::opt_length, group) - decoded_.fields.data();
      broken(Rule::opt_length_short, static_cast<std::uint32_t>(length),
             (found->fixed_octets() + 7U) / 8);
    }
  }
  at_ = end;
  end_ = outer_end;
}

void Decoder::record_option(const OptionRow& found, std::uint32_t group) {
  const auto find = [&](F field) { return decoded_.find(field, group, decoded_.fields.size()); };
  switch (found.id) {
    case CodePoint::icmpopt_ip_address: {
      const auto subtype = find(F::opt_subtype)->number;
      if (subtype == address_subtype::old_care_of)
        old_care_of_ = decoded_.address(*find(F::opt_address));
      if (subtype == address_subtype::new_care_of)
        new_care_of_ = decoded_.address(*find(F::opt_address));
      break;
    }
    case CodePoint::icmpopt_lla: has_lla_ = true; break;
    case CodePoint::icmpopt_shrep_ack: {
      const auto* all = find(F::all_received);
      const auto index = static_cast<std::uint32_t>(all - decoded_.fields.data());
      const auto is_sub_option = [](const DecodedField& field) {  // a Pad1 is allowed
        return field.field == F::subopt_type && field.number != 0;
      };
      const bool any =
          std::any_of(decoded_.fields.begin() + group, decoded_.fields.end(), is_sub_option);
      if (all->number != 0 && any) broken(Rule::all_received_and_status, index);
      if (all->number == 0 && statuses_ == 0 && decoded_.envelope.complete && !chain_is_broken()) {
        broken(Rule::status_missing, index);
      }
      break;
    }
    default: break;
  }
}

void Decoder::decode_sub_options() {
  while (left() > 0) {
    const auto type = octets_[at_];
    if (type == 0) {  // Pad1: a single octet
      const auto group = add_field(F::sub_options, at_, 1);
      add_field(F::subopt_type, at_, 1, 0);
      ++at_;
      close(group);
      continue;
    }
    if (left() < 2) {
      const auto group = add_field(F::sub_options, at_, 1);
      add_field(F::subopt_type, at_, 1, type);
      broken(Rule::subopt_length_past_end, F::subopt_length, group, at_, 1, 2, 1);
      ++at_;
      close(group);
      return;
    }
    const std::uint32_t length = octets_[at_ + 1];
    if (length < 2 || length > left()) {
      const auto group = add_field(F::sub_options, at_, left());
      add_field(F::subopt_type, at_, 1, type);
      const auto index = add_field(F::subopt_length, at_ + 1, 1, length);
      if (length < 2) {
        broken(Rule::subopt_length_short, index, 2);
      } else {
        broken(Rule::subopt_length_past_end, index, left());
      }
      at_ += 2;
      add_rest();
      close(group);
      return;
    }
    decode_sub_option(length);
  }
}

void Decoder::decode_sub_option(std::uint32_t length) {
  const auto outer_end = end_;
  const auto outer_group = group_;
  const auto start = at_;
  group_ = add_field(F::sub_options, at_, length);
  end_ = at_ + length;
  const auto id = codepoints_.find(CodePointGroup::subopt, octets_[at_]);
  const auto* found = id ? find_sub_option(*id) : nullptr;
  if (found == nullptr) {
    add_field(F::subopt_type, at_, 1, octets_[at_]);
    add_field(F::subopt_length, at_ + 1, 1, length);
    at_ += 2;
    add_rest();
    broken(Rule::subopt_unknown, group_ + 1);
  } else {
    decode_sub_option_fields(*found, start, length);
  }
  close(group_);
  at_ = start + length;
  end_ = outer_end;
  group_ = outer_group;
}

void Decoder::decode_sub_option_fields(const SubOptionRow& found, std::uint32_t start,
                                       std::uint32_t length) {
  req_unknown_ = false;
  window_size_ = 0;
  form_ = found.id == CodePoint::subopt_req && length > 3 ? octets_[start + 3] & 0x0f : 0;
  const auto group = group_;
  record_sub_option(found, start);
  const bool is_auth = found.id == CodePoint::subopt_auth_prtr;
  if (is_auth && length != found.fixed_octets()) {
    broken(Rule::auth_length, F::subopt_length, group, start + 1, 1, found.fixed_octets(), length);
  }
  if (!run(found.steps, 0)) {
    if (!is_auth) broken(Rule::subopt_short, truncated_field_, group, start, length, {}, length);
    return;
  }
  if (left() == 0) return;
  const auto extra = left();
  const auto index = static_cast<std::uint32_t>(decoded_.fields.size());
  const auto at = at_;
  add_rest();
  if (found.id == CodePoint::subopt_req) {
    if (form_ == 1 && !req_unknown_)
      broken(Rule::req_r1_trailing, F::raw, index, at, extra, 0, extra);
  } else if (!is_auth) {
    broken(Rule::subopt_trailing, F::raw, index, at, extra, 0, extra);
  }
}

void Decoder::record_sub_option(const SubOptionRow& found, std::uint32_t start) {
  const bool is_auth = found.id == CodePoint::subopt_auth_prtr;
  if (is_auth && id_ == Message::pshin) {
    broken(Rule::auth_in_pshin, F::subopt_type, group_, start, 1);
  } else if (!found.messages.contains(id_)) {
    broken(Rule::subopt_misplaced, F::subopt_type, group_, start, 1, {}, octets_[start]);
  }
  if (found.id == CodePoint::subopt_ack && found.messages.contains(id_)) has_ack_ = true;
  if (is_auth) {
    if (has_auth_) broken(Rule::auth_twice, F::subopt_type, group_, start, 1);
    has_auth_ = true;
  } else if (found.id == CodePoint::subopt_req) {
    if (!has_auth_ && id_ != Message::pshin) {
      // A sub-option before AuthPrtr is for the new router (wire-format 5).
      early_req_ = group_;
    } else {
      has_req_ = true;
    }
  }
}

// The number of SPIs in the octets up to the end of the sub-option, which end with Ports (1 octet)
// and Port IDs; nullopt if no number of SPIs results in this length.
std::optional<std::size_t> Decoder::spi_count() const {
  const std::size_t rest = left();
  if (form_ == 4) {  // exactly one SPI, any number of ports
    return rest > spi_octets(1) ? std::optional<std::size_t>(1) : std::nullopt;
  }
  for (std::size_t n = 1; spi_octets(n) < rest; ++n) {
    if (spi_octets(n) + 1 == rest) return n;
  }
  // The length of an R2 or R3 request with Port IDs, if Ports equals their number.
  for (std::size_t n = 1; spi_octets(n) < rest; ++n) {
    const auto port_octets = rest - spi_octets(n) - 1;
    if (port_octets == 2U * octets_[at_ + spi_octets(n)]) return n;
  }
  return std::nullopt;
}

bool Decoder::decode_spis() {
  const auto count = spi_count();
  if (!count) {
    broken(Rule::req_spi_count, F::subopt_length, group_, at_, left());
    add_rest();
    skip_steps_ = true;
    return true;
  }
  const auto flags_at = at_;
  const auto flags = add_field(F::req_flags, at_, static_cast<std::uint32_t>(flag_octets(*count)));
  at_ += static_cast<std::uint32_t>(flag_octets(*count));
  const auto flag = [&](std::size_t i) {
    return static_cast<unsigned>(octets_[flags_at + i / 8] >> (7 - i % 8) & 1);
  };
  for (std::size_t i = 0; i < *count; ++i) {
    add_field(F::req_protocol, flags_at + static_cast<std::uint32_t>(i / 8), 1, flag(i));
  }
  close(flags);
  for (std::size_t i = *count; i < flag_octets(*count) * 8; ++i) {
    if (flag(i) == 0) continue;
    const auto octet = flags_at + static_cast<std::uint32_t>(i / 8);
    broken(Rule::req_flags_padding, F::req_flags, flags, octet, 1, 0, 1);
    break;
  }
  for (std::size_t i = 0; i < *count; ++i) {
    const auto index = add_field(F::req_spi, at_, 4, peek(4));
    if (peek(4) < first_free_spi) broken(Rule::spi_reserved, index);
    at_ += 4;
  }
  return true;
}

void Decoder::check_ports(std::uint32_t ports, std::uint64_t count) {
  const auto number = decoded_.fields[ports].number;
  if (form_ != 4) {
    if (number != 0) broken(Rule::req_ports_not_zero, ports, 0);
  } else if (number != count || left() != 0) {
    // If the numbers are equal, half a Port ID is left.
    broken(Rule::req_ports_count, ports, number != count ? std::optional(count) : std::nullopt);
    add_rest();
  }
}

}  // namespace secct
