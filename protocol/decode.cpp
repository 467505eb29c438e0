// SPDX-License-Identifier: GPL-2.0-or-later
// The decoder: walks the steps of layout.hpp over the octets. What a table cannot say (where a
// list ends, which values fit each other) stands in one function per structure.
#include "protocol/decode.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <bitset>

namespace secct {
namespace {

using F = Field;

constexpr std::size_t header_checksum_offset = 2;
constexpr std::uint8_t sent_hop_limit = 255;

class Walk {
 public:
  Walk(const CodePoints& codepoints, Tape& tape)
      : codepoints_(codepoints),
        tape_(tape),
        octets_(tape.octets),
        end_(static_cast<std::uint32_t>(octets_.size())) {}

  void message(Message id, Carrier carrier) {
    id_ = id;
    set_ = carrier == Carrier::mip4_reply ? in_mip4_reply : in(id);
    run(message_steps(id, carrier), 0);
    check_message(carrier);
    check_envelope(carrier);
  }

 private:
  // --- the tape
  std::uint32_t left() const { return end_ - at_; }

  std::uint32_t put(F field, std::uint32_t offset, std::uint32_t length, std::uint64_t number = 0,
                    bool generated = false) {
    const auto index = static_cast<std::uint32_t>(tape_.items.size());
    tape_.items.push_back({field, generated, offset, length, index + 1, number});
    return index;
  }

  // Everything put since `index` is below it.
  void close(std::uint32_t index) {
    tape_.items[index].end = static_cast<std::uint32_t>(tape_.items.size());
  }

  void broken(Rule rule, F field, std::uint32_t item, std::uint32_t offset, std::uint32_t length,
              std::optional<std::uint64_t> expected = {},
              std::optional<std::uint64_t> actual = {}) {
    tape_.problems.push_back({rule, field, item, offset, length, expected, actual});
  }
  void broken(Rule rule, std::uint32_t item, std::optional<std::uint64_t> expected = {}) {
    const auto& at = tape_.items[item];
    const bool is_number = row(at.field).type <= FieldType::boolean;
    broken(rule, at.field, item, at.offset, at.length, expected,
           is_number ? std::optional(at.number) : std::nullopt);
  }

  // The octets from here to the end of the structure, which no field describes.
  void rest() {
    if (left() == 0) return;
    put(F::raw, at_, left());
    at_ = end_;
  }

  // --- one step after the other. False when the octets ended inside a fixed part; the rest is
  // then on the tape as raw octets.
  bool run(Steps steps, std::uint16_t traits) {
    for (const auto& step : steps) {
      if (!step.applies(traits)) continue;
      if (!take(step, traits)) {
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

  bool take(const Step& step, std::uint16_t& traits) {
    switch (step.take) {
      case Take::foreign:
        if (left() < step.octets) return false;
        at_ += step.octets;
        return true;
      case Take::fixed: return take_fixed(step, step.octets, traits);
      case Take::ahead:
        if (left() < step.octets) return false;
        put(step.field, at_, step.octets, bits_of(peek(step.octets), mask_of(step)));
        return true;
      case Take::inside: take_inside(step); return true;
      case Take::window: return take_window(step);
      case Take::key: return key_length_ == 0 || take_fixed(step, key_length_, traits);
      case Take::rest:
        if (left() > 0) take_fixed(step, left(), traits);
        return true;
      case Take::spis: return take_spis();
      case Take::values: take_values(step); return true;
      case Take::options: take_options(); return true;
      case Take::sub_options: take_sub_options(); return true;
      case Take::contexts: take_contexts(); return true;
      case Take::additional: return take_additional();
      case Take::static_profile: take_static_profile(); return true;
    }
    return false;
  }

  std::uint64_t peek(std::uint32_t octets) const {
    return big_endian(octets_.subspan(at_, octets));
  }

  bool take_fixed(const Step& step, std::uint32_t octets, std::uint16_t& traits) {
    if (left() < octets) return false;
    auto number = octets <= 8 ? peek(octets) : 0;
    if (step.mask != 0) number &= step.mask;
    const auto item = put(step.field, at_, octets, number);
    at_ += octets;
    last_ = item;
    note_value(step.field, item, number, traits);
    return true;
  }

  // What later steps or checks need to know of a field, and rules that concern it alone.
  void note_value(F field, std::uint32_t item, std::uint64_t number, std::uint16_t& traits) {
    switch (field) {
      case F::message:
        tape_.items[item].number = static_cast<unsigned>(id_);
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
        } else if (number != 200) {
          broken(Rule::status_failure, item);
        }
        failed_ = failed_ || number != 200;
        break;
      case F::reason: check_utf8(Rule::reason_not_utf8, item); break;
      case F::data_name: check_utf8(Rule::name_not_utf8, item); break;
      default: break;
    }
  }

  void check_address(Rule rule, std::uint32_t item, bool link_local_too) {
    const auto address = tape_.address(tape_.items[item]);
    if (is_unspecified(address) || is_multicast(address) ||
        (link_local_too && is_link_local(address))) {
      broken(rule, item);
    }
  }

  void check_utf8(Rule rule, std::uint32_t item) {
    if (!is_utf8(tape_.octets_of(tape_.items[item]))) broken(rule, item);
  }

  void take_inside(const Step& step) {
    const auto outer = tape_.items[last_];
    put(step.field, outer.offset, outer.length, bits_of(outer.number, mask_of(step)));
    close(last_);
  }

  // wire-format 7.2: one bit per packet, zero-padded to octets; the first bit is the highest.
  bool take_window(const Step& step) {
    const std::uint32_t octets = (window_size_ + 7U) / 8;
    if (left() < octets) return false;
    if (octets == 0) return true;
    const auto item = put(step.field, at_, octets);
    const unsigned padding = octets * 8 - window_size_;
    const unsigned tail = octets_[at_ + octets - 1] & ((1U << padding) - 1);
    at_ += octets;
    if (tail != 0) {
      broken(Rule::window_padding, step.field, item, at_ - 1, 1, 0, tail);
    }
    return true;
  }

  // --- section 6.3
  // How many SPIs stand in the octets up to the end of the sub-option; behind them are Ports
  // (1 octet) and Port IDs.
  std::optional<std::size_t> spi_count() const {
    const std::size_t rest = left();
    if (form_ == 4) {  // exactly one SPI, any number of ports
      return rest > spi_octets(1) ? std::optional<std::size_t>(1) : std::nullopt;
    }
    for (std::size_t n = 1; spi_octets(n) < rest; ++n) {
      if (spi_octets(n) + 1 == rest) return n;
    }
    // Not a legal length: forbidden Port IDs, when Ports says as many as there are.
    for (std::size_t n = 1; spi_octets(n) < rest; ++n) {
      const auto port_octets = rest - spi_octets(n) - 1;
      if (port_octets == 2U * octets_[at_ + spi_octets(n)]) return n;
    }
    return std::nullopt;
  }

  bool take_spis() {
    const auto shape = spi_count();
    if (!shape) {
      broken(Rule::req_spi_count, F::subopt_length, group_, at_, left());
      rest();
      done_ = true;
      return true;
    }
    const auto flags_at = at_;
    const auto flags = put(F::req_flags, at_, static_cast<std::uint32_t>(flag_octets(*shape)));
    at_ += static_cast<std::uint32_t>(flag_octets(*shape));
    const auto flag = [&](std::size_t i) {
      return static_cast<unsigned>(octets_[flags_at + i / 8] >> (7 - i % 8) & 1);
    };
    for (std::size_t i = 0; i < *shape; ++i) {
      put(F::req_protocol, flags_at + static_cast<std::uint32_t>(i / 8), 1, flag(i));
    }
    close(flags);
    for (std::size_t i = *shape; i < flag_octets(*shape) * 8; ++i) {
      if (flag(i) == 0) continue;
      const auto octet = flags_at + static_cast<std::uint32_t>(i / 8);
      broken(Rule::req_flags_padding, F::req_flags, flags, octet, 1, 0, 1);
      break;
    }
    for (std::size_t i = 0; i < *shape; ++i) {
      put(F::req_spi, at_, 4, peek(4));
      at_ += 4;
    }
    return true;
  }

  void take_values(const Step& step) {
    const auto before = last_;  // of a SecCT-req: the Ports octet
    std::uint64_t count = 0;
    for (; left() >= step.octets; ++count) {
      put(step.field, at_, step.octets, peek(step.octets));
      at_ += step.octets;
    }
    if (step.field == F::req_port) check_ports(before, count);
  }

  void check_ports(std::uint32_t ports, std::uint64_t count) {
    const auto number = tape_.items[ports].number;
    if (form_ != 4) {
      if (number != 0) broken(Rule::req_ports_not_zero, ports, 0);
    } else if (number != count || left() != 0) {
      // Half a Port ID may be all that is wrong.
      broken(Rule::req_ports_count, ports, number != count ? std::optional(count) : std::nullopt);
      rest();
    }
  }

  // --- section 4
  void take_options() {
    while (left() > 0) {
      if (left() < 8) {
        const auto item = put(F::raw, at_, left());
        broken(Rule::opt_trailing, F::raw, item, at_, left(), 0, left());
        at_ = end_;
        return;
      }
      const auto id = codepoints_.find(CodePointGroup::icmpopt, octets_[at_]);
      const OptionRow* found = id ? find_option(*id) : nullptr;
      // IP Address and Link-Layer Address have their length in the third octet.
      const bool third = found != nullptr && found->steps[1].field == F::opt_subtype;
      const std::uint32_t units = octets_[at_ + (third ? 2U : 1U)];
      const auto group = put(F::options, at_, std::min(units * 8, left()));
      if (units == 0 || units * 8 > left()) {
        const auto length_at = at_ + (third ? 2U : 1U);
        put(F::opt_type, at_, 1, octets_[at_]);
        if (third) put(F::opt_subtype, at_ + 1, 1, octets_[at_ + 1]);
        const auto length = put(F::opt_length, length_at, 1, units);
        if (units == 0) {
          broken(Rule::opt_length_zero, length);
        } else {
          broken(Rule::opt_length_past_end, length, left() / 8);
        }
        tape_.items[group].length = left();
        at_ = length_at + 1;
        rest();
        close(group);
        return;
      }
      option(found, group, at_ + units * 8);
      close(group);
    }
  }

  void option(const OptionRow* found, std::uint32_t group, std::uint32_t end) {
    const auto outer_end = end_;
    end_ = end;
    if (found == nullptr) {
      put(F::opt_type, at_, 1, octets_[at_]);
      put(F::opt_length, at_ + 1, 1, octets_[at_ + 1]);
      at_ += 2;
      rest();
      broken(Rule::opt_unknown, F::opt_type, group + 1, tape_.items[group].offset, 1, {},
             tape_.items[group + 1].number);
    } else if (found->context && context_ != nullptr) {
      // Further context options are ignored: shown, not looked into.
      put(F::opt_type, at_, 1, octets_[at_]);
      put(F::opt_length, at_ + 1, 1, octets_[at_ + 1]);
      at_ += 2;
      rest();
      broken(Rule::option_repeated, group + 1);
    } else {
      if (found->context) context_ = found;
      if ((found->messages & set_) == 0) {
        broken(Rule::option_misplaced, F::opt_type, group + 1, at_, 1, {}, octets_[at_]);
      }
      if (run(found->steps, 0)) {
        note_option(*found, group);
      } else {
        const auto length = tape_.find(F::opt_length, group) - tape_.items.data();
        broken(Rule::opt_length_short, static_cast<std::uint32_t>(length),
               (found->fixed_octets + 7U) / 8);
      }
    }
    at_ = end;
    end_ = outer_end;
  }

  void note_option(const OptionRow& found, std::uint32_t group) {
    const auto find = [&](F field) { return tape_.find(field, group, tape_.items.size()); };
    switch (found.id) {
      case CodePoint::icmpopt_ip_address: {
        const auto subtype = find(F::opt_subtype)->number;
        if (subtype == 1) old_care_of_ = tape_.address(*find(F::opt_address));
        if (subtype == 2) new_care_of_ = tape_.address(*find(F::opt_address));
        break;
      }
      case CodePoint::icmpopt_lla: has_lla_ = true; break;
      case CodePoint::icmpopt_shrep_ack: {
        const auto* all = find(F::all_received);
        const auto index = static_cast<std::uint32_t>(all - tape_.items.data());
        const auto is_sub_option = [](const Item& item) {  // Pad1 must stand there
          return item.field == F::subopt_type && item.number != 0;
        };
        const bool any = std::any_of(tape_.items.begin() + group, tape_.items.end(), is_sub_option);
        if (all->number != 0 && any) broken(Rule::all_received_and_status, index);
        if (all->number == 0 && statuses_ == 0 && tape_.envelope.complete && !chain_is_broken()) {
          broken(Rule::status_missing, index);
        }
        break;
      }
      default: break;
    }
  }

  // --- section 6
  void take_sub_options() {
    while (left() > 0) {
      const auto type = octets_[at_];
      if (type == 0) {  // Pad1: a single octet
        const auto group = put(F::sub_options, at_, 1);
        put(F::subopt_type, at_, 1, 0);
        ++at_;
        close(group);
        continue;
      }
      if (left() < 2) {
        const auto group = put(F::sub_options, at_, 1);
        put(F::subopt_type, at_, 1, type);
        broken(Rule::subopt_length_past_end, F::subopt_length, group, at_, 1, 2, 1);
        ++at_;
        close(group);
        return;
      }
      const std::uint32_t length = octets_[at_ + 1];
      if (length < 2 || length > left()) {
        const auto group = put(F::sub_options, at_, left());
        put(F::subopt_type, at_, 1, type);
        const auto item = put(F::subopt_length, at_ + 1, 1, length);
        if (length < 2) {
          broken(Rule::subopt_length_short, item, 2);
        } else {
          broken(Rule::subopt_length_past_end, item, left());
        }
        at_ += 2;
        rest();
        close(group);
        return;
      }
      sub_option(length);
    }
  }

  void sub_option(std::uint32_t length) {
    const auto outer_end = end_;
    const auto outer_group = group_;
    const auto start = at_;
    group_ = put(F::sub_options, at_, length);
    end_ = at_ + length;
    const auto id = codepoints_.find(CodePointGroup::subopt, octets_[at_]);
    const auto* found = id ? find_sub_option(*id) : nullptr;
    if (found == nullptr) {
      put(F::subopt_type, at_, 1, octets_[at_]);
      put(F::subopt_length, at_ + 1, 1, length);
      at_ += 2;
      rest();
      broken(Rule::subopt_unknown, group_ + 1);
    } else {
      known_sub_option(*found, start, length);
    }
    close(group_);
    at_ = start + length;
    end_ = outer_end;
    group_ = outer_group;
  }

  void known_sub_option(const SubOptionRow& found, std::uint32_t start, std::uint32_t length) {
    req_unknown_ = false;
    window_size_ = 0;
    form_ = found.id == CodePoint::subopt_req && length > 3 ? octets_[start + 3] & 0x0f : 0;
    const auto group = group_;
    note_sub_option(found, start);
    const bool is_auth = found.id == CodePoint::subopt_auth_prtr;
    if (is_auth && length != found.fixed_octets) {
      broken(Rule::auth_length, F::subopt_length, group, start + 1, 1, found.fixed_octets, length);
    }
    if (!run(found.steps, 0)) {
      if (!is_auth) broken(Rule::subopt_short, short_field_, group, start, length, {}, length);
      return;
    }
    if (left() == 0) return;
    const auto extra = left();
    const auto item = static_cast<std::uint32_t>(tape_.items.size());
    const auto at = at_;
    rest();
    if (found.id == CodePoint::subopt_req) {
      if (form_ == 1 && !req_unknown_)
        broken(Rule::req_r1_trailing, F::raw, item, at, extra, 0, extra);
    } else if (!is_auth) {
      broken(Rule::subopt_trailing, F::raw, item, at, extra, 0, extra);
    }
  }

  void note_sub_option(const SubOptionRow& found, std::uint32_t start) {
    const bool is_auth = found.id == CodePoint::subopt_auth_prtr;
    if (is_auth && id_ == Message::pshin) {
      broken(Rule::auth_in_pshin, F::subopt_type, group_, start, 1);
    } else if ((found.messages & set_) == 0) {
      broken(Rule::subopt_misplaced, F::subopt_type, group_, start, 1, {}, octets_[start]);
    }
    if (is_auth) {
      if (has_auth_) broken(Rule::auth_twice, F::subopt_type, group_, start, 1);
      has_auth_ = true;
    } else if (found.id == CodePoint::subopt_req) {
      if (!has_auth_ && id_ != Message::pshin) {
        // Not for the previous router (wire-format 5): does not count as its request.
        early_req_ = group_;
      } else {
        if (has_req_) broken(Rule::req_repeated, F::subopt_type, group_, start, 1);
        has_req_ = true;
      }
    }
  }

  // --- section 6.2: SPT and profile pairs
  void take_contexts() {
    if (left() == 0) broken(Rule::rep_empty, F::contexts, group_, tape_.items[group_].offset, 2);
    while (left() > 0) {
      if (left() < 3) {
        const auto item = put(F::raw, at_, left());
        broken(Rule::subopt_short, F::spt, item, at_, left(), {}, left());
        at_ = end_;
        return;
      }
      ++contexts_;
      const auto number = static_cast<std::uint16_t>(peek(2));
      const std::uint32_t length = octets_[at_ + 2];
      const auto group = put(F::contexts, at_, std::min(length + 2, left()));
      const auto spt_item = put_spt(number);
      at_ += 2;
      if (length == 0 || length > left()) {
        const auto item = put(F::sa_length, at_, 1, length);
        broken(Rule::sa_length_mismatch, item,
               length == 0 ? std::optional<std::uint64_t>() : left());
        at_ += 1;
        tape_.items[group].length = end_ - tape_.items[group].offset;
        rest();
        close(group);
        return;
      }
      profile(number, spt_item, at_ + length);
      close(group);
    }
  }

  std::uint32_t put_spt(std::uint16_t number) {
    const auto item = put(F::spt, at_, 2, number);
    const auto found = find_spt(number);
    for (const auto& step : spt_steps().subspan(1)) {
      if (!found) break;
      if (found->structured()) {
        put(step.field, at_, 2, bits_of(number, mask_of(step)));
      } else if (step.field == F::spt_protocol) {
        put(step.field, at_, 2, static_cast<unsigned>(found->protocol), true);
      } else if (step.field == F::spt_mode) {
        put(step.field, at_, 2, found->tunnel ? 1U : 0U, true);
      } else if (step.field == F::spt_algorithm) {
        put(step.field, at_, 2, found->algorithm, true);
      }
    }
    if (found && found->structured() && (number & 1) != 0) {
      broken(Rule::reserved_not_zero, item, number & 0xfffeU);
    }
    close(item);
    return item;
  }

  void profile(std::uint16_t number, std::uint32_t spt_item, std::uint32_t end) {
    const auto outer_end = end_;
    const auto start = at_;
    end_ = end;
    const auto found = find_spt(number);
    if (!found) {
      put(F::sa_length, at_, 1, octets_[at_]);
      ++at_;
      rest();
      broken(Rule::spt_unknown, spt_item);
    } else {
      spt_ = *found;
      window_size_ = 0;
      key_length_ = 0;
      const auto length_item = static_cast<std::uint32_t>(tape_.items.size());
      if (!run(profile_steps(), profile_traits(spt_))) {
        broken(Rule::sa_length_mismatch, length_item);
      } else if (left() > 0) {
        broken(Rule::sa_length_mismatch, length_item, at_ - start);
        rest();
      }
    }
    at_ = end;
    end_ = outer_end;
  }

  // --- section 7.3. False never: what is wrong here is a rule of its own.
  bool take_additional() {
    std::bitset<256> seen;
    bool selectors = false;
    while (left() > 0) {
      const auto type = octets_[at_];
      if (type == 0) {
        const auto group = put(F::additional, at_, 1);
        const auto item = put(F::data_type, at_, 1, 0);
        close(group);
        ++at_;
        if (spt_.static_profile) return true;
        broken(Rule::data_end, item);
        rest();
        return true;
      }
      const std::uint32_t length = left() < 2 ? 0U : octets_[at_ + 1];
      const auto group = put(F::additional, at_, std::min(length + 2, left()));
      const auto type_item = put(F::data_type, at_, 1, type);
      if (left() < 2 || length + 2 > left()) {
        if (left() >= 2) put(F::data_length, at_ + 1, 1, length);
        past_end(Rule::data_past_end, F::data_length, group, length);
        at_ += std::min(2U, left());
        rest();
        close(group);
        return true;
      }
      put(F::data_length, at_ + 1, 1, length);
      at_ += 2;
      data_value(type, type_item, length, seen);
      if (type < first_selector && selectors) broken(Rule::data_order, type_item);
      selectors = selectors || type >= first_selector;
      close(group);
    }
    if (spt_.static_profile) {
      const auto last = static_cast<std::uint32_t>(tape_.items.size() - 1);
      broken(Rule::data_end, F::data_type, last, end_, 0);
    }
    return true;
  }

  // An entry of a list, its type octet at hand, whose value does not fit or whose length is
  // missing.
  void past_end(Rule rule, F field, std::uint32_t group, std::uint32_t length) {
    if (left() < 2) {
      broken(rule, field, group, at_, left());
    } else {
      broken(rule, field, group, at_, left(), left() - 2, length);
    }
  }

  void data_value(std::uint8_t type, std::uint32_t type_item, std::uint32_t length,
                  std::bitset<256>& seen) {
    const auto outer_end = end_;
    const auto end = at_ + length;
    end_ = end;
    const auto value = length > 0 ? put(F::data_value, at_, length) : type_item;
    const auto* found = find_data(type);
    if (found == nullptr) {
      broken(Rule::data_unknown, type_item);
    } else {
      if (seen[type]) broken(Rule::data_twice, type_item);
      seen.set(type);
      if (!data_length_fits(*found, length)) {
        broken(Rule::data_length, F::data_length, type_item + 1, at_ - 1, 1,
               data_length_expected(*found), length);
      }
      const auto before = tape_.items.size();
      if (!run(found->value, 0)) {
        tape_.items.resize(before);  // shown as the octets of data_value only
      }
    }
    if (value != type_item) close(value);
    at_ = end;
    end_ = outer_end;
  }

  // Octets of the value, nothing when any length will do.
  std::optional<std::uint64_t> data_length_expected(const DataRow& found) const {
    std::uint64_t length = 0;
    for (const auto& step : found.value) {
      length += step.octets;
      if (step.field == F::data_auth_key) {
        const auto algorithm = left() > 0 ? octets_[at_] : 0;
        if (find_value(Values::auth_algorithm, algorithm) == nullptr) return std::nullopt;
        Spt ah;
        ah.algorithm = static_cast<std::uint8_t>(algorithm);
        length += ah.key_length();
      } else if (step.take == Take::rest) {
        return std::nullopt;
      }
    }
    return length;
  }
  bool data_length_fits(const DataRow& found, std::uint32_t length) const {
    const auto expected = data_length_expected(found);
    if (expected) return length == *expected;
    return length >= found.value[0].octets;
  }

  // --- section 7.4
  void take_static_profile() {
    while (left() > 0) {
      const std::uint32_t length = left() < 2 ? 0U : octets_[at_ + 1];
      const auto group = put(F::static_profile, at_, std::min(length + 2, left()));
      const auto type_item = put(F::preference_type, at_, 1, octets_[at_]);
      if (left() >= 2) put(F::preference_length, at_ + 1, 1, length);
      if (left() < 2 || length + 2 > left()) {
        past_end(Rule::preference_length, F::preference_length, group, length);
        at_ += std::min(2U, left());
        rest();
        close(group);
        return;
      }
      if (find_value(Values::preference_type, octets_[at_]) == nullptr) {
        broken(Rule::preference_unknown, type_item);
      }
      const auto outer_end = end_;
      at_ += 2;
      end_ = at_ + length;
      run(preference_steps().subspan(2), 0);
      end_ = outer_end;
      close(group);
    }
  }

  // --- what the layers below say
  // Addresses that a message leaves to its IPv6 header (fields.md: naddr, paddr).
  void envelope_addresses() {
    const auto generated = [&](F field, bool destination) {
      const auto& address = destination ? tape_.envelope.destination : tape_.envelope.source;
      if (!address) return;
      const auto item = put(field, 0, 0, destination ? 1U : 0U, true);
      if (field == F::naddr && id_ == Message::shin) {
        check_address(Rule::naddr_invalid, item, true);
      }
    };
    if (id_ == Message::shin) generated(F::naddr, false);
    if (id_ == Message::shak) generated(F::naddr, true);
    if (id_ == Message::pshin) generated(F::paddr, false);
  }

  void check_envelope(Carrier carrier) {
    const auto& envelope = tape_.envelope;
    const auto head = tape_.find(F::message);
    if (head == nullptr) return;
    const auto item = static_cast<std::uint32_t>(head - tape_.items.data());
    if (carrier == Carrier::icmpv6) {
      if (envelope.hop_limit && *envelope.hop_limit != sent_hop_limit) {
        broken(Rule::hop_limit, F::message, item, 0, 1, sent_hop_limit, *envelope.hop_limit);
      }
      if (envelope.complete && envelope.source && envelope.destination && octets_.size() >= 4) {
        const auto sent = big_endian(octets_.subspan(header_checksum_offset, 2));
        const auto right = icmpv6_checksum(*envelope.source, *envelope.destination, octets_);
        if (sent != right) {
          broken(Rule::checksum_bad, F::message, item, header_checksum_offset, 2, right, sent);
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

  // --- parts that are missing or do not fit each other, once all is read
  void check_message(Carrier carrier) {
    if (tape_.items.empty()) return;
    const auto* first = tape_.find(F::message);
    const auto item =
        first == nullptr ? 0U : static_cast<std::uint32_t>(first - tape_.items.data());
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
      broken(Rule::opt_length_past_end, carrier == Carrier::dstopt ? F::raw : F::mip4_length, item,
             1, 1, octets_.size() - 2, octets_[1]);
    }
    check_code();
    if (!tape_.envelope.complete) return;  // what seems to be missing may have been cut off
    const auto& layout = row(id_);
    if (chain_is_broken()) return;
    if (layout.context_required && (context_ == nullptr || (context_->messages & set_) == 0)) {
      missing(Rule::option_missing, F::options);
    }
    if (id_ == Message::hi) check_hi(item);
    // A handover that is refused has none (behaviour 2.2).
    if (id_ == Message::hack && context_ == nullptr && !tape_.broken(Rule::code_refused)) {
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
  bool chain_is_broken() const {
    return std::ranges::any_of(tape_.problems, [](const Problem& problem) {
      constexpr Rule options[] = {Rule::opt_length_zero, Rule::opt_length_past_end,
                                  Rule::opt_length_short, Rule::opt_trailing};
      return row(problem.rule).row == 2 ||
             std::ranges::find(options, problem.rule) != std::end(options);
    });
  }

  void check_code() {
    const auto* code = tape_.find(F::code);
    if (code == nullptr) return;
    const auto item = static_cast<std::uint32_t>(code - tape_.items.data());
    if (id_ != Message::hack) {
      if (code->number != 0) broken(Rule::code_not_zero, item, 0);
    } else if (find_value(Values::hack_code, code->number) == nullptr) {
      broken(Rule::code_unknown, item);
    } else if (code->number >= 128) {
      broken(Rule::code_refused, item);
    }
  }

  void check_hi(std::uint32_t item) {
    if (!old_care_of_) broken(Rule::hi_no_old_care_of, F::opt_address, item, 0, 1);
    if (!has_lla_) broken(Rule::hi_no_lla, F::opt_lla, item, 0, 1);
    if (context_ == nullptr) return;
    const auto differs = [&](F field, const std::optional<Address>& announced) {
      const auto* found = tape_.find(field);
      if (found == nullptr || !announced) return;
      const auto address = tape_.address(*found);
      if (field == F::naddr && is_unspecified(address)) return;  // not yet known
      if (address != *announced) {
        broken(Rule::naddr_mismatch, static_cast<std::uint32_t>(found - tape_.items.data()));
      }
    };
    differs(F::paddr, old_care_of_);
    differs(F::naddr, new_care_of_);
  }

  const CodePoints& codepoints_;
  Tape& tape_;
  View octets_;
  std::uint32_t at_ = 0;
  std::uint32_t end_;

  Message id_ = Message::none;
  MessageSet set_ = 0;

  // The structure at hand.
  std::uint32_t group_ = 0;  // item of the sub-option
  std::uint32_t last_ = 0;   // item of the last fixed field
  F short_field_ = F::raw;   // where the octets ended
  Spt spt_;
  std::uint8_t window_size_ = 0;
  std::uint8_t key_length_ = 0;
  unsigned form_ = 0;
  bool req_unknown_ = false;
  bool done_ = false;  // the structure ends here although steps are left

  // Seen in this message.
  const OptionRow* context_ = nullptr;
  std::optional<Address> old_care_of_;
  std::optional<Address> new_care_of_;
  std::optional<std::uint32_t> early_req_;
  bool has_lla_ = false;
  bool has_auth_ = false;
  bool has_req_ = false;
  bool failed_ = false;
  unsigned statuses_ = 0;
  unsigned contexts_ = 0;
};

}  // namespace

bool decode(const CodePoints& codepoints, Carrier carrier, View octets, const Envelope& envelope,
            Tape& tape) {
  tape.clear();
  if (octets.empty()) return false;
  const auto message = find_message(codepoints, carrier, octets[0]);
  if (!message) return false;
  tape.message = *message;
  tape.carrier = carrier;
  tape.octets = octets;
  tape.envelope = envelope;
  Walk(codepoints, tape).message(*message, carrier);
  return true;
}

std::uint16_t icmpv6_checksum(const Address& source, const Address& destination, View message) {
  constexpr std::uint32_t icmpv6 = 58;
  // Words of the machine's own octet order, which the sum does not depend on (RFC 1071 2).
  std::uint64_t sum = 0;
  const auto add = [&](View octets) {
    while (!octets.empty()) {
      std::array<std::uint8_t, 4> word{};
      const auto some = octets.first(std::min(octets.size(), word.size()));
      std::ranges::copy(some, word.begin());
      sum += std::bit_cast<std::uint32_t>(word);
      octets = octets.subspan(some.size());
    }
  };
  add(source);
  add(destination);
  add(message.first(std::min(message.size(), header_checksum_offset)));
  if (message.size() > header_checksum_offset + 2) add(message.subspan(header_checksum_offset + 2));
  const auto fold = [&] {
    while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  };
  fold();
  const auto octets = std::bit_cast<std::array<std::uint8_t, 2>>(static_cast<std::uint16_t>(sum));
  sum = big_endian(octets) + message.size() + icmpv6;
  fold();
  return static_cast<std::uint16_t>(~sum);
}

}  // namespace secct
