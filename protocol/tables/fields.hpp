// SPDX-License-Identifier: GPL-2.0-or-later
// Fields, enumerations and rules of SecCT as tables (fields.def, values.def, rules.def). Other
// parts of the project take names, numbers and texts from here.
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
  time,   // a relative time
  group   // a list of packet documents, a subtree in Wireshark
};

enum class FieldBase : std::uint8_t { dec, hex, both, bits8, bits16 };

// Which enumeration names the numbers of a field. Those before `none` are tables of values.def, in
// the same order; icmpopt and subopt depend on code points, and spt on the grammar of wire-format
// 7.1.
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

// A row of fields.def.
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

// A row of values.def.
struct ValueRow {
  Values table;
  std::uint32_t number;
  const char* key;   // in packet documents and on the command line
  const char* text;  // in reports and in Wireshark
};

enum class Severity : std::uint8_t { note, warning, error };

enum class Rule : std::uint8_t {
#define RULE(id, ...) id,
#define CLAUSE(...)
#include "protocol/tables/rules.def"
#undef RULE
#undef CLAUSE
  count
};

// Groups of Wireshark's expert infos.
enum class RuleGroup : std::uint8_t {
  malformed,
  checksum,
  protocol,
  response_code,
  security,
  undecoded
};

// A row of rules.def.
struct RuleRow {
  Rule id;
  const char* name;
  Severity severity;
  RuleGroup group;
  std::uint8_t status_row;  // row of docs/behaviour.md section 4; 0: none
  const char* section;      // "wire-format 7.2"
  const char* clause;       // that the sender violates; "" if it did nothing wrong
  const char* text;
};

std::span<const FieldRow> fields();
const FieldRow& row(Field field);
// The field with this name, "secct.sa.spi"; of the two with the name secct.reserved the 16-bit one.
std::optional<Field> find_field(std::string_view name);

// The rows of an enumeration; empty for none, icmpopt, subopt and spt.
std::span<const ValueRow> values(Values table);
// The row of a number; nullptr if it has no name.
const ValueRow* find_value(Values table, std::uint64_t number);
// The number with this key, in upper or lower case.
std::optional<std::uint32_t> find_value(Values table, std::string_view key);
// The enumeration of the values of a preference of this type; none if they have no names.
Values preference_values(std::uint64_t type);

std::span<const RuleRow> rules();
const RuleRow& row(Rule rule);

// The name with the smallest edit distance to `wrong`; empty if no name is similar.
std::string nearest_name(std::string_view wrong, std::span<const std::string_view> names);

}  // namespace secct
