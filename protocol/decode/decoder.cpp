// SPDX-License-Identifier: GPL-2.0-or-later
// The steps of one structure after the other, and the rules that concern one field alone.
#include "protocol/decode/decoder.hpp"

#include "protocol/tables/status.hpp"

namespace secct {

using F = Field;

void Decoder::message(Message id, Carrier carrier) {
  id_ = id;
  set_ = carrier == Carrier::mip4_reply ? in_mip4_reply : in(id);
  run(message_steps(id, carrier), 0);
  check_message(carrier);
  check_envelope(carrier);
}

// then on the tape as raw octets.
bool Decoder::run(Steps steps, std::uint16_t traits) {
  for (const auto& step : steps) {
    if (!step.applies(traits)) continue;
    if (!decode_step(step, traits)) {
      short_field_ = step.field;
      rest();
      return false;
    }
    if (done_) {
      done_ = false;
      break;
    }
  }
  return true;
}

bool Decoder::decode_step(const Step& step, std::uint16_t& traits) {
  switch (step.extent) {
    case Extent::foreign:
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
  const auto item = add_field(step.field, at_, octets, number);
  at_ += octets;
  last_ = item;
  record_value(step.field, item, number, traits);
  return true;
}

// What later steps or checks need to know of a field, and rules that concern it alone.
void Decoder::record_value(F field, std::uint32_t item, std::uint64_t number,
                           std::uint16_t& traits) {
  switch (field) {
    case F::message:
      decoded_.fields[item].number = static_cast<unsigned>(id_);
      envelope_addresses();
      break;
    case F::reserved:
    case F::reserved32:
      if (number != 0) broken(Rule::reserved_not_zero, item, 0);
      break;
    case F::sa_window_size:
    case F::ack_window_size: window_size_ = static_cast<std::uint8_t>(number); break;
    case F::sa_key_length:
      key_length_ = static_cast<std::uint8_t>(number);
      if (!spt_.key_length_fits(key_length_)) broken(Rule::key_length, item, spt_.key_length());
      break;
    case F::sa_block_size:
      if (number != aes_block_size) broken(Rule::block_size, item, aes_block_size);
      break;
    case F::sa_key_rounds:
      // For a key of wrong length no number of rounds is right.
      if (spt_.key_length_fits(key_length_) && number != aes_rounds(key_length_)) {
        broken(Rule::key_rounds, item, aes_rounds(key_length_));
      }
      break;
    case F::sa_spi:
      if (number < 256 && spt_.protocol != SptProtocol::ipcomp) broken(Rule::spi_reserved, item);
      break;
    case F::sa_lifetime:
      if (number == 0) broken(Rule::lifetime_zero, item);
      break;
    case F::sa_source:
    case F::sa_source_v4: check_address(Rule::source_invalid, item, true); break;
    case F::sa_destination:
    case F::sa_destination_v4: check_address(Rule::destination_invalid, item, false); break;
    case F::naddr:
      if (id_ == Message::shreq || id_ == Message::shrep || id_ == Message::pshin) {
        check_address(Rule::naddr_invalid, item, true);
      }
      break;
    case F::req_spt:
      if ((number & req_reserved) != 0) broken(Rule::reserved_not_zero, item, number & 0x7f);
      if (const auto found = req_traits(static_cast<std::uint8_t>(number))) {
        traits = *found;
      } else {
        broken(Rule::req_spt_unknown, item);
        req_unknown_ = true;
      }
      break;
    case F::ack_changed: traits = static_cast<std::uint16_t>(number); break;
    case F::status:
      ++statuses_;
      if (find_value(Values::status, number) == nullptr) {
        broken(Rule::status_unknown, item);
      } else if (number != status::ok) {
        broken(Rule::status_failure, item);
      }
      failed_ = failed_ || number != status::ok;
      break;
    case F::reason: check_utf8(Rule::reason_not_utf8, item); break;
    case F::data_name: check_utf8(Rule::name_not_utf8, item); break;
    default: break;
  }
}

void Decoder::check_address(Rule rule, std::uint32_t item, bool link_local_too) {
  const auto address = decoded_.address(decoded_.fields[item]);
  if (is_unspecified(address) || is_multicast(address) ||
      (link_local_too && is_link_local(address))) {
    broken(rule, item);
  }
}

void Decoder::check_utf8(Rule rule, std::uint32_t item) {
  if (!is_utf8(decoded_.octets_of(decoded_.fields[item]))) broken(rule, item);
}

void Decoder::decode_subfield(const Step& step) {
  const auto outer = decoded_.fields[last_];
  add_field(step.field, outer.offset, outer.length, bits_of(outer.number, mask_of(step)));
  close(last_);
}

// wire-format 7.2: one bit per packet, zero-padded to octets; the first bit is the highest.
bool Decoder::decode_window(const Step& step) {
  const std::uint32_t octets = (window_size_ + 7U) / 8;
  if (left() < octets) return false;
  if (octets == 0) return true;
  const auto item = add_field(step.field, at_, octets);
  const unsigned padding = octets * 8 - window_size_;
  const unsigned tail = octets_[at_ + octets - 1] & ((1U << padding) - 1);
  at_ += octets;
  if (tail != 0) {
    broken(Rule::window_padding, step.field, item, at_ - 1, 1, 0, tail);
  }
  return true;
}

void Decoder::decode_values(const Step& step) {
  const auto before = last_;  // of a SecCT-req: the Ports octet
  std::uint64_t count = 0;
  for (; left() >= step.octets; ++count) {
    add_field(step.field, at_, step.octets, peek(step.octets));
    at_ += step.octets;
  }
  if (step.field == F::req_port) check_ports(before, count);
}

}  // namespace secct
