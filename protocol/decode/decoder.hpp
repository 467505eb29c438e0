// SPDX-License-Identifier: GPL-2.0-or-later
// Implementation of decode.hpp: follows the steps of each structure through the octets. Where a
// list ends and which values match each other is not in the tables, but in a function for each
// structure.
#pragma once

#include <bitset>
#include <optional>

#include "protocol/decode/decoded_message.hpp"
#include "protocol/tables/layout.hpp"

namespace secct {

// The ICMPv6 checksum begins here, RFC 4443 2.1.
inline constexpr std::size_t checksum_offset = 2;

class Decoder {
 public:
  // Decodes decoded.octets with decoded.envelope into `decoded`, which must outlive this object.
  Decoder(const CodePoints& codepoints, DecodedMessage& decoded)
      : codepoints_(codepoints),
        decoded_(decoded),
        octets_(decoded.octets),
        end_(static_cast<std::uint32_t>(octets_.size())) {}

  void message(Message id);

 private:
  std::uint32_t left() const { return end_ - at_; }

  std::uint32_t add_field(Field field, std::uint32_t offset, std::uint32_t length,
                          std::uint64_t number = 0, bool generated = false) {
    const auto index = static_cast<std::uint32_t>(decoded_.fields.size());
    decoded_.fields.push_back({field, generated, offset, length, index + 1, number});
    return index;
  }

  // Makes all fields that were added after `index` members of that group.
  void close(std::uint32_t index) {
    decoded_.fields[index].end = static_cast<std::uint32_t>(decoded_.fields.size());
  }

  void broken(Rule rule, Field field, std::uint32_t index, std::uint32_t offset,
              std::uint32_t length, std::optional<std::uint64_t> expected = {},
              std::optional<std::uint64_t> actual = {}) {
    decoded_.problems.push_back({rule, field, index, offset, length, expected, actual});
  }
  void broken(Rule rule, std::uint32_t index, std::optional<std::uint64_t> expected = {}) {
    const auto& at = decoded_.fields[index];
    const bool is_number = row(at.field).type <= FieldType::boolean;
    broken(rule, at.field, index, at.offset, at.length, expected,
           is_number ? std::optional(at.number) : std::nullopt);
  }

  // Adds the octets up to the end of the structure as raw octets.
  void add_rest() {
    if (left() == 0) return;
    add_field(Field::raw, at_, left());
    at_ = end_;
  }

  std::uint64_t peek(std::uint32_t octets) const {
    return big_endian(octets_.subspan(at_, octets));
  }

  // --- decoder.cpp: steps. These functions return false if the structure ends within the step.
  bool run(Steps steps, std::uint16_t traits);
  bool decode_step(const Step& step, std::uint16_t& traits);
  bool decode_fixed(const Step& step, std::uint32_t octets, std::uint16_t& traits);
  void record_value(Field field, std::uint32_t index, std::uint64_t number, std::uint16_t& traits);
  void check_address(Rule rule, std::uint32_t index, bool link_local_too);
  void check_utf8(Rule rule, std::uint32_t index);
  void decode_subfield(const Step& step);
  bool decode_window(const Step& step);
  void decode_values(const Step& step);

  // --- decoder_options.cpp
  void decode_options();
  void decode_option(const OptionRow* found, std::uint32_t group, std::uint32_t end);
  void record_option(const OptionRow& found, std::uint32_t group);
  void decode_sub_options();
  void decode_sub_option(std::uint32_t length);
  void decode_sub_option_fields(const SubOptionRow& found, std::uint32_t start,
                                std::uint32_t length);
  void record_sub_option(const SubOptionRow& found, std::uint32_t start);
  std::optional<std::size_t> spi_count() const;
  bool decode_spis();
  void check_ports(std::uint32_t ports, std::uint64_t count);

  // --- decoder_contexts.cpp
  void decode_contexts();
  std::uint32_t add_spt(std::uint16_t number);
  void decode_profile(std::uint16_t number, std::uint32_t spt_index, std::uint32_t end);
  bool decode_additional();
  void decode_data_value(std::uint8_t type, std::uint32_t type_index, std::uint32_t length,
                         std::bitset<256>& seen);
  std::optional<std::uint64_t> data_length_expected(const DataRow& found) const;
  bool data_length_fits(const DataRow& found, std::uint32_t length) const;
  void decode_static_profile();
  void report_past_end(Rule rule, Field field, std::uint32_t group, std::uint32_t length);

  // --- decoder_checks.cpp
  void envelope_addresses();
  void check_envelope();
  void check_message();
  void check_sub_options(std::uint32_t index);
  bool chain_is_broken() const;
  void check_code();
  void check_hi(std::uint32_t index);

  const CodePoints& codepoints_;
  DecodedMessage& decoded_;
  View octets_;
  std::uint32_t at_ = 0;
  std::uint32_t end_;

  Message id_ = Message::none;

  // The current structure.
  std::uint32_t group_ = 0;             // index of the sub-option
  std::uint32_t last_fixed_ = 0;        // index of the last fixed field
  Field truncated_field_ = Field::raw;  // in which the structure ended
  Spt spt_;
  std::uint8_t window_size_ = 0;
  std::uint8_t key_length_ = 0;
  unsigned form_ = 0;
  bool req_unknown_ = false;
  bool skip_steps_ = false;  // the remaining steps do not apply

  // The message so far.
  const OptionRow* context_ = nullptr;
  std::optional<Address> old_care_of_;
  std::optional<Address> new_care_of_;
  std::optional<std::uint32_t> early_req_;  // index of a SecCT-req before AuthPrtr
  bool has_lla_ = false;
  bool has_auth_ = false;
  bool has_req_ = false;
  bool has_ack_ = false;  // a SecCT-ack in a message that may contain one
  bool failed_ = false;
  unsigned statuses_ = 0;
  unsigned contexts_ = 0;
};

}  // namespace secct
