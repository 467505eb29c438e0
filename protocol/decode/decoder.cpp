// SPDX-License-Identifier: GPL-2.0-or-later
// Decodes steps, and checks the rules that concern a single field.
#include "protocol/decode/decoder.hpp"

#include "protocol/tables/numbers.hpp"
#include "protocol/tables/status.hpp"

namespace secct {

using F = Field;

void Decoder::message(Message id) {
  id_ = id;
  run(message_info(id).steps, 0);
  check_message();
  check_envelope();
}

// If the structure ends within a step, the rest of its octets is added as raw octets.
bool Decoder::run(Steps steps, std::uint16_t traits) {
  for (const auto& step : steps) {
    if (!step.applies(traits)) continue;
    if (!decode_step(step, traits)) {
      truncated_field_ = step.field;
      add_rest();
      return false;
    }
    if (skip_steps_) {
      skip_steps_ = false;
      break;
    }
  }
  return true;
}

bool Decoder::decode_step(const Step& step, std::uint16_t& traits) {
  switch (step.extent) {
    case Extent::of_carrier:
      if (left() < step.octets) return false;
      at_ += step.octets;
      return true;
    case Extent::fixed: return decode_fixed(step, step.octets, traits);
    case Extent::bit_of_next:
      if (left() < step.octets) return false;
      add_field(step.field, at_, step.octets, bits_of(peek(step.octets), mask_of(step)));
      return true;
    case Extent::subfield: decode_subfield(step); return true;
    case Extent::window: return decode_window(step);
    case Extent::key: return key_length_ == 0 || decode_fixed(step, key_length_, traits);
    case Extent::rest:
      if (left() > 0) decode_fixed(step, left(), traits);
      return true;
    case Extent::spis: return decode_spis();
    case Extent::values: decode_values(step); return true;
    case Extent::options: decode_options(); return true;
    case Extent::sub_options: decode_sub_options(); return true;
    case Extent::contexts: decode_contexts(); return true;
    case Extent::additional: return decode_additional();
    case Extent::static_profile: decode_static_profile(); return true;
  }
  return false;
}

bool Decoder::decode_fixed(const Step& step, std::uint32_t octets, std::uint16_t& traits) {
  if (left() < octets) return false;
  auto number = octets <= 8 ? peek(octets) : 0;
  if (step.mask != 0) number &= step.mask;
  const auto index = add_field(step.field, at_, octets, number);
  at_ += octets;
  last_fixed_ = index;
  record_value(step.field, index, number, traits);
  return true;
}

// Keeps the values that later steps or checks use, and checks the rules of a single field.
void Decoder::record_value(F field, std::uint32_t index, std::uint64_t number,
                           std::uint16_t& traits) {
  switch (field) {
    case F::message:
      decoded_.fields[index].number = message_info(id_).number;
      envelope_addresses();
      break;
    case F::reserved:
    case F::reserved32:
      if (number != 0) broken(Rule::reserved_not_zero, index, 0);
      break;
    case F::sa_window_size:
    case F::ack_window_size: window_size_ = static_cast<std::uint8_t>(number); break;
    case F::sa_key_length:
      key_length_ = static_cast<std::uint8_t>(number);
      if (!spt_.key_length_fits(key_length_)) broken(Rule::key_length, index, spt_.key_length());
      break;
    case F::sa_block_size:
      if (number != aes_block_size) broken(Rule::block_size, index, aes_block_size);
      break;
    case F::sa_key_rounds:
      // For a key of wrong length there is no correct number of rounds.
      if (spt_.key_length_fits(key_length_) && number != aes_rounds(key_length_)) {
        broken(Rule::key_rounds, index, aes_rounds(key_length_));
      }
      break;
    case F::sa_spi:
      if (spt_.protocol == SptProtocol::ipcomp) break;
      [[fallthrough]];
    case F::ack_spi:
      if (number < first_free_spi) broken(Rule::spi_reserved, index);
      break;
    case F::sa_lifetime:
      if (number == 0) broken(Rule::lifetime_zero, index);
      break;
    case F::sa_source:
    case F::sa_source_v4: check_address(Rule::source_invalid, index, true); break;
    case F::sa_destination:
    case F::sa_destination_v4: check_address(Rule::destination_invalid, index, false); break;
    case F::naddr:
      if (id_ == Message::shreq || id_ == Message::shrep || id_ == Message::pshin) {
        check_address(Rule::naddr_invalid, index, true);
      }
      break;
    case F::req_spt:
      if ((number & req_reserved) != 0) broken(Rule::reserved_not_zero, index, number & 0x7f);
      if (const auto found = req_traits(static_cast<std::uint8_t>(number))) {
        traits = *found;
      } else {
        broken(Rule::req_spt_unknown, index);
        req_unknown_ = true;
      }
      break;
    case F::ack_changed: traits = static_cast<std::uint16_t>(number); break;
    case F::status:
      ++statuses_;
      if (find_value(Values::status, number) == nullptr) {
        broken(Rule::status_unknown, index);
      } else if (number != status::ok) {
        broken(Rule::status_failure, index);
      }
      failed_ = failed_ || number != status::ok;
      break;
    case F::reason: check_utf8(Rule::reason_not_utf8, index); break;
    case F::data_name: check_utf8(Rule::name_not_utf8, index); break;
    default: break;
  }
}

void Decoder::check_address(Rule rule, std::uint32_t index, bool link_local_too) {
  const auto address = decoded_.address(decoded_.fields[index]);
  if (is_unspecified(address) || is_multicast(address) ||
      (link_local_too && is_link_local(address))) {
    broken(rule, index);
  }
}

void Decoder::check_utf8(Rule rule, std::uint32_t index) {
  if (!is_utf8(decoded_.octets_of(decoded_.fields[index]))) broken(rule, index);
}

void Decoder::decode_subfield(const Step& step) {
  const auto outer = decoded_.fields[last_fixed_];
  add_field(step.field, outer.offset, outer.length, bits_of(outer.number, mask_of(step)));
  close(last_fixed_);
}

// wire-format 7.2: one bit per packet, the most significant first, zero-padded to octets.
bool Decoder::decode_window(const Step& step) {
  const std::uint32_t octets = (window_size_ + 7U) / 8;
  if (left() < octets) return false;
  if (octets == 0) return true;
  const auto index = add_field(step.field, at_, octets);
  const unsigned padding = octets * 8 - window_size_;
  const unsigned tail = octets_[at_ + octets - 1] & ((1U << padding) - 1);
  at_ += octets;
  if (tail != 0) {
    broken(Rule::window_padding, step.field, index, at_ - 1, 1, 0, tail);
  }
  return true;
}

void Decoder::decode_values(const Step& step) {
  const auto before = last_fixed_;  // of a SecCT-req: the Ports octet
  std::uint64_t count = 0;
  for (; left() >= step.octets; ++count) {
    add_field(step.field, at_, step.octets, peek(step.octets));
    at_ += step.octets;
  }
  if (step.field == F::req_port) check_ports(before, count);
}

}  // namespace secct
