// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/epan/registry.hpp"

#include <algorithm>
#include <deque>
#include <string>
#include <vector>

#include <epan/ipproto.h>

#include "protocol/explain/explain.hpp"

namespace secct::dissector {
namespace {

Registry registered;
protocol_t* protocol = nullptr;

// One table of value strings per enumerator of Values; spt is the last one.
constexpr auto value_tables = static_cast<std::size_t>(Values::spt) + 1;

// epan keeps pointers into all of these until the program ends.
std::array<std::vector<value_string>, value_tables> value_strings;
std::deque<std::string> strings;
std::vector<hf_register_info> field_rows;
std::vector<ei_register_info> expert_rows;
std::vector<gint*> subtree_rows;

const char* keep_string(std::string text) {
  strings.push_back(std::move(text));
  return strings.back().c_str();
}

// --- value strings
void add_plain_names(Values table) {
  // Users type value strings in filters. The drafts call messages and request forms by their keys.
  const bool by_key = table == Values::message || table == Values::req_form;
  auto& rows = value_strings[static_cast<std::size_t>(table)];
  for (const auto& value : values(table)) {
    rows.push_back({value.number, by_key ? value.key : value.text});
  }
}

// Our table has only the protocols that packet documents name; Wireshark's table has the others.
void add_ip_protocol_names() {
  constexpr guint32 count = 256;
  auto& rows = value_strings[static_cast<std::size_t>(Values::ip_protocol)];
  for (guint32 number = 0; number < count; ++number) {
    const auto* named = find_value(Values::ip_protocol, number);
    const auto* text =
        named != nullptr ? named->text : try_val_to_str_ext(number, &ipproto_val_ext);
    if (text != nullptr) rows.push_back({number, text});
  }
}

void add_spt_names() {
  constexpr unsigned numbers = 0x10000;
  auto& rows = value_strings[static_cast<std::size_t>(Values::spt)];
  for (unsigned number = 0; number < numbers; ++number) {
    const auto spt = static_cast<std::uint16_t>(number);
    if (find_spt(spt)) rows.push_back({number, keep_string(spt_name(spt))});
  }
}

void add_names() {
  for (int table = 0; table < static_cast<int>(Values::none); ++table) {
    if (static_cast<Values>(table) != Values::ip_protocol) {
      add_plain_names(static_cast<Values>(table));
    }
  }
  add_ip_protocol_names();
  add_spt_names();
  update_codepoint_names(CodePoints());
  for (auto& rows : value_strings) rows.push_back({0, nullptr});
}

// --- fields
// True if the meaning of a value depends on another field: dissector/tree.cpp then adds the name.
bool has_dependent_names(Field field) { return field == Field::opt_subtype; }

ftenum type_of(const FieldRow& row) {
  if (is_name(row.id)) return FT_STRING;
  switch (row.type) {
    case FieldType::u8: return FT_UINT8;
    case FieldType::u16: return FT_UINT16;
    case FieldType::u32: return FT_UINT32;
    case FieldType::boolean: return FT_BOOLEAN;
    case FieldType::ipv6: return FT_IPv6;
    case FieldType::ipv4: return FT_IPv4;
    case FieldType::bytes: return FT_BYTES;
    case FieldType::text: return FT_STRING;
    case FieldType::frame: return FT_FRAMENUM;
    case FieldType::time: return FT_RELATIVE_TIME;
    case FieldType::group: break;
  }
  return FT_NONE;
}

int display_of(const FieldRow& row) {
  if (row.type == FieldType::boolean) return row.base == FieldBase::bits8 ? 8 : 16;
  if (row.type > FieldType::u32 || is_name(row.id)) return BASE_NONE;
  int display = BASE_DEC;
  if (row.base == FieldBase::hex) display = BASE_HEX;
  if (row.base == FieldBase::both) display = BASE_DEC_HEX;
  return row.values == Values::spt ? display | BASE_EXT_STRING : display;
}

const void* strings_of(const FieldRow& row) {
  if (row.type == FieldType::boolean) return TFS(&tfs_set_notset);
  if (row.type == FieldType::frame) {
    const bool is_request = row.id == Field::response_in;
    return FRAMENUM_TYPE(is_request ? FT_FRAMENUM_RESPONSE : FT_FRAMENUM_REQUEST);
  }
  if (row.values == Values::none || has_dependent_names(row.id)) return nullptr;
  const auto& rows = value_strings[static_cast<std::size_t>(row.values)];
  if (row.values != Values::spt) return rows.data();
  return extended(rows.data(), static_cast<guint>(rows.size()), "secct_spt");
}

// Wireshark requires that all names of fields begin with the name of the protocol.
const char* filter_name(const FieldRow& row) {
  constexpr std::string_view prefix = "secct.";
  if (std::string_view(row.name).starts_with(prefix)) return row.name;
  return keep_string(std::string(prefix) + row.name);
}

void register_generated_fields() {
  field_rows.push_back({&registered.finding,
                        {"Finding", "secct.expert", FT_NONE, BASE_NONE, nullptr, 0,
                         "Any finding of this plugin: any expert info secct.expert.*", HFILL}});
  field_rows.push_back({&registered.retransmission_of,
                        {"Retransmission of", "secct.retransmission_of", FT_FRAMENUM, BASE_NONE,
                         FRAMENUM_TYPE(FT_FRAMENUM_RETRANS_PREV), 0,
                         "The frame that this frame retransmits", HFILL}});
  field_rows.push_back({&registered.icv_status,
                        {"ICV status", "secct.icv.status", FT_UINT8, BASE_DEC,
                         VALS(value_strings[static_cast<std::size_t>(Values::auth_status)].data()),
                         0, "Result of the check of the AH or ESP ICV", HFILL}});
  field_rows.push_back({&registered.learnt_in,
                        {"SA transferred in", "secct.sa.learnt_in", FT_FRAMENUM, BASE_NONE, nullptr,
                         0, "The frame that transferred the SA of this header", HFILL}});
  field_rows.push_back(
      {&registered.handed_over_in,
       {"SA handed over in", "secct.sa.handed_over_in", FT_FRAMENUM, BASE_NONE, nullptr, 0,
        "The frame that transferred an SA with which the preference "
        "secct.learn_sas would verify or decrypt this packet",
        HFILL}});
  field_rows.push_back({&registered.ipsec,
                        {"IPsec header with known keys", "secct.ipsec", FT_NONE, BASE_NONE, nullptr,
                         0, "AH or ESP header for which keys are known", HFILL}});
}

void register_fields() {
  for (const auto& row : fields()) {
    const auto index = static_cast<std::size_t>(row.id);
    registered.fields[index] = -1;
    registered.subtrees[index] = -1;
    subtree_rows.push_back(&registered.subtrees[index]);
    // Numbers that are a part of wider octets have no mask: their label shows the bits.
    const guint64 mask = row.type == FieldType::boolean ? row.mask : 0;
    field_rows.push_back({&registered.fields[index],
                          {row.label, filter_name(row), type_of(row), display_of(row),
                           strings_of(row), mask, row.section, HFILL}});
  }
  register_generated_fields();
  proto_register_field_array(registered.protocol, field_rows.data(),
                             static_cast<int>(field_rows.size()));
  proto_register_subtree_array(subtree_rows.data(), static_cast<int>(subtree_rows.size()));
}

// --- expert infos
int severity_of(Severity severity) {
  switch (severity) {
    case Severity::error: return PI_ERROR;
    case Severity::warning: return PI_WARN;
    case Severity::note: break;
  }
  return PI_NOTE;
}

int group_of(RuleGroup group) {
  switch (group) {
    case RuleGroup::malformed: return PI_MALFORMED;
    case RuleGroup::checksum: return PI_CHECKSUM;
    case RuleGroup::protocol: break;
    case RuleGroup::response_code: return PI_RESPONSE_CODE;
    case RuleGroup::security: return PI_SECURITY;
    case RuleGroup::undecoded: return PI_UNDECODED;
  }
  return PI_PROTOCOL;
}

int group_of(conversation::RuleGroup group) {
  using enum conversation::RuleGroup;
  switch (group) {
    case PROTOCOL: break;
    case SECURITY: return PI_SECURITY;
    case SEQUENCE: return PI_SEQUENCE;
  }
  return PI_PROTOCOL;
}

void register_experts() {
  for (const auto& row : rules()) {
    auto& field = registered.experts[static_cast<std::size_t>(row.id)];
    field = EI_INIT;
    expert_rows.push_back(
        {&field,
         {keep_string(std::string("secct.expert.") + row.name), group_of(row.group),
          severity_of(row.severity), keep_string(std::string(row.text) + " [" + row.section + "]"),
          EXPFILL}});
  }
  const auto conversation_rules = conversation::rules();
  for (const auto& rule : conversation_rules) {
    auto& field = registered.conversation[static_cast<std::size_t>(rule.id)];
    field = EI_INIT;
    const auto first = std::ranges::find(conversation_rules, std::string_view(rule.filter),
                                         &conversation::RuleInfo::filter);
    if (first->id != rule.id) continue;
    expert_rows.push_back(
        {&field,
         {keep_string(std::string("secct.expert.") + rule.filter), group_of(rule.group),
          severity_of(rule.severity),
          keep_string(std::string(rule.text) + " [" + rule.section + "]"), EXPFILL}});
  }
  expert_rows.push_back({&registered.sa_unused,
                         {"secct.hint.sa_unused", PI_DECRYPTION, PI_CHAT,
                          "The SA was handed over in this capture, but the preference "
                          "secct.learn_sas is off",
                          EXPFILL}});
  auto* module = expert_register_protocol(registered.protocol);
  expert_register_field_array(module, expert_rows.data(), static_cast<int>(expert_rows.size()));
  for (const auto& rule : conversation_rules) {
    const auto first = std::ranges::find(conversation_rules, std::string_view(rule.filter),
                                         &conversation::RuleInfo::filter);
    registered.conversation[static_cast<std::size_t>(rule.id)] =
        registered.conversation[static_cast<std::size_t>(first->id)];
  }
}

}  // namespace

const Registry& registry() { return registered; }

bool is_name(Field field) { return field == Field::spt_algorithm; }

bool is_protocol_enabled() { return proto_is_protocol_enabled(protocol) != FALSE; }

void update_codepoint_names(const CodePoints& codepoints) {
  // Names are changed in place, since epan has the addresses of these arrays.
  auto& options = value_strings[static_cast<std::size_t>(Values::icmpopt)];
  auto& sub_options = value_strings[static_cast<std::size_t>(Values::subopt)];
  const bool first = options.empty();
  if (first) sub_options.push_back({0, "Pad1"});
  std::size_t option = 0;
  std::size_t sub_option = 1;
  for (const auto& row : secct::codepoints()) {
    const bool is_option = row.group == CodePointGroup::icmpopt;
    if (!is_option && row.group != CodePointGroup::subopt) continue;
    const value_string name{codepoints[row.id], short_name(row.id).data()};
    auto& table = is_option ? options : sub_options;
    if (first) {
      table.push_back(name);
    } else {
      table[is_option ? option++ : sub_option++] = name;
    }
  }
}

void register_protocol() {
  registered.protocol = proto_register_protocol(protocol_name, "SecCT", "secct");
  protocol = find_protocol_by_id(registered.protocol);
  add_names();
  register_fields();
  register_experts();
}

}  // namespace secct::dissector
