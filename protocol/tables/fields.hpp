// SPDX-License-Identifier: GPL-2.0-or-later
// The vocabulary: fields, enumerations and rules as tables (fields.def, values.def, rules.def).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace secct {

enum class FieldType : std::uint8_t {
  u8,
  u16,
  u32,
  boolean,
  ipv6,
  ipv4,
  bytes,
  text,
  frame,  // number of a frame in the capture
  time,   // relative time
  group   // a list of packet documents, a subtree in Wireshark
};

enum class FieldBase : std::uint8_t { dec, hex, both, bits8, bits16 };

// Which enumeration names a field's numbers. The first ones are tables of values.def, the rest
// depend on code points or on a rule of their own (spt).
enum class Values : std::uint8_t {
  message,
  hack_code,
  address_subtype,
  lla_subtype,
  auth_status,
  req_form,
  req_protocol,
  spt_protocol,
  spt_mode,
  auth_algorithm,
  cipher,
  compression,
  data_type,
  iv_mode,
  preference_type,
  status,
  ip_protocol,
  none,
  icmpopt,
  subopt,
  spt
};

// One enumerator per row of fields.def; Field::message is secct.message, and so on.
enum class Field : std::uint8_t {
#define FIELD(id, name, type, base, label, values, mask, section) id,
#include "protocol/tables/fields.def"
#undef FIELD
  count
};

struct FieldRow {
  Field id;
  const char* name;
  FieldType type;
  FieldBase base;
  const char* label;
  Values values;
  std::uint32_t mask;
  const char* section;
};

struct ValueRow {
  Values table;
  std::uint32_t number;
  const char* key;   // in documents and on the command line
  const char* text;  // for a person
};

enum class Severity : std::uint8_t { note, warning, error };

enum class Rule : std::uint8_t {
#define RULE(id, severity, row, section, text) id,
#include "protocol/tables/rules.def"
#undef RULE
  count
};

struct RuleRow {
  Rule id;
  const char* name;
  Severity severity;
  std::uint8_t row;     // of docs/behaviour.md section 4, 0 = none
  const char* section;  // "wire-format 7.2"
  const char* text;
};

std::span<const FieldRow> fields();
const FieldRow& row(Field field);
std::optional<Field> find_field(std::string_view name);  // reserved finds the 16-bit one

std::span<const ValueRow> values(Values table);  // empty for none, icmpopt, subopt, spt
const ValueRow* find_value(Values table, std::uint64_t number);
std::optional<std::uint32_t> find_value(Values table, std::string_view key);

std::span<const RuleRow> rules();
const RuleRow& row(Rule rule);

// The name among `names` that is nearest to `wrong` (edit distance), empty when none is near.
std::string nearest_name(std::string_view wrong, std::span<const std::string_view> names);

}  // namespace secct
