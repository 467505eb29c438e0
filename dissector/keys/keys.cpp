// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/keys/keys.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <string_view>

#include <epan/uat.h>

#include "dissector/epan/epan.hpp"
#include "dissector/keys/crypto.hpp"

namespace secct::dissector {
namespace {

// --- the tables as Wireshark edits them: text
struct KeyRow {
  char* paddr;
  char* key;
};
struct SaRow {
  char* source;
  char* destination;
  char* protocol;
  char* spi;
  char* algorithm;
  char* key;
  char* cipher;
  char* cipher_key;
};

KeyRow* key_rows = nullptr;
guint key_count = 0;
SaRow* sa_rows = nullptr;
guint sa_count = 0;

// --- and as they are used
std::map<Address, Octets> token_keys;
std::vector<SaKeys> table_sas;
KeyFile file;
const char* file_name = "";
std::string read_name;
gboolean learn = FALSE;
gboolean show = TRUE;

std::string_view text_of(const char* text) { return text != nullptr ? text : ""; }

constexpr std::pair<std::string_view, AuthAlgorithm> algorithms[] = {
    {"", AuthAlgorithm::none},
    {"none", AuthAlgorithm::none},
    {"hmac-md5", AuthAlgorithm::hmac_md5},
    {"hmac-sha1", AuthAlgorithm::hmac_sha1}};
constexpr std::pair<std::string_view, Cipher> ciphers[] = {{"", Cipher::null},
                                                           {"null", Cipher::null},
                                                           {"des-cbc", Cipher::des_cbc},
                                                           {"3des-cbc", Cipher::des3_cbc},
                                                           {"aes-cbc", Cipher::aes_cbc}};

template <class Table, class Value>
bool look_up(const Table& table, std::string_view name, Value& out) {
  const auto* found = std::ranges::find(table, name, [](const auto& row) { return row.first; });
  if (found == std::end(table)) return false;
  out = found->second;
  return true;
}

bool number(std::string_view text, std::uint32_t& out) {
  const std::string copy(text);
  char* end = nullptr;
  const auto value = std::strtoull(copy.c_str(), &end, 0);
  out = static_cast<std::uint32_t>(value);
  return !copy.empty() && *end == '\0' && value <= UINT32_MAX;
}

// Empty: fine.
std::string parse(const SaRow& row, SaKeys& out) {
  const auto source = text_of(row.source);
  if (!source.empty() && source != "*") {
    out.source = parse_address(source);
    if (!out.source) return "the source is no address";
  }
  const auto destination = parse_address(text_of(row.destination));
  if (!destination) return "the destination is no address";
  out.destination = *destination;
  const auto protocol = text_of(row.protocol);
  if (protocol != "ah" && protocol != "esp") return "the protocol is ah or esp";
  out.esp = protocol == "esp";
  if (!number(text_of(row.spi), out.spi)) return "the SPI is no number";
  if (!look_up(algorithms, text_of(row.algorithm), out.auth)) {
    return "the algorithm is hmac-md5, hmac-sha1 or none";
  }
  if (!look_up(ciphers, text_of(row.cipher), out.cipher)) {
    return "the cipher is null, des-cbc, 3des-cbc or aes-cbc";
  }
  if (!parse_hex(text_of(row.key), out.auth_key)) return "the key is not hexadecimal";
  if (!parse_hex(text_of(row.cipher_key), out.cipher_key)) {
    return "the cipher's key is not hexadecimal";
  }
  return {};
}

gboolean refuse(char** error, const std::string& problem) {
  *error = problem.empty() ? nullptr : g_strdup(problem.c_str());
  return problem.empty() ? TRUE : FALSE;
}

gboolean check_key(void* record, char** error) noexcept {
  const auto& row = *static_cast<KeyRow*>(record);
  Octets key;
  std::string problem;
  if (!parse_address(text_of(row.paddr))) problem = "Paddr is no address";
  if (!parse_hex(text_of(row.key), key)) problem = "the key is not hexadecimal";
  return refuse(error, problem);
}

gboolean check_sa(void* record, char** error) noexcept {
  SaKeys sa;
  return refuse(error, parse(*static_cast<SaRow*>(record), sa));
}

void use_keys() noexcept {
  token_keys.clear();
  for (guint i = 0; i < key_count; ++i) {
    const auto paddr = parse_address(text_of(key_rows[i].paddr));
    Octets key;
    if (paddr && parse_hex(text_of(key_rows[i].key), key)) token_keys[*paddr] = key;
  }
}

void use_sas() noexcept {
  table_sas.clear();
  for (guint i = 0; i < sa_count; ++i) {
    SaKeys sa;
    if (parse(sa_rows[i], sa).empty()) table_sas.push_back(sa);
  }
}

// --- epan's callbacks for each column; all columns are text
template <class Row, char* Row::*Member>
void set(void* record, const char* text, guint length, const void*, const void*) {
  auto& field = static_cast<Row*>(record)->*Member;
  g_free(field);
  field = g_strndup(text, length);
}

template <class Row, char* Row::*Member>
void get(void* record, char** out, unsigned* length, const void*, const void*) {
  const auto text = text_of(static_cast<Row*>(record)->*Member);
  *out = g_strndup(text.data(), text.size());
  *length = static_cast<unsigned>(text.size());
}

template <class Row, char* Row::*... Members>
void* copy(void* to, const void* from, std::size_t) {
  ((static_cast<Row*>(to)->*Members = g_strdup(static_cast<const Row*>(from)->*Members)), ...);
  return to;
}

template <class Row, char* Row::*... Members>
void release(void* record) {
  (g_free(static_cast<Row*>(record)->*Members), ...);
}

template <class Row, char* Row::*Member>
uat_field_t column(const char* name, const char* title, const char* description) {
  uat_field_t field{};
  field.name = name;
  field.title = title;
  field.mode = PT_TXTMOD_STRING;
  field.cb.chk = uat_fld_chk_str;
  field.cb.set = set<Row, Member>;
  field.cb.tostr = get<Row, Member>;
  field.desc = description;
  return field;
}

template <class Row, char* Row::*... Members>
uat_t* table(const char* name, Row** rows, guint* count, uat_update_cb_t check,
             uat_post_update_cb_t use, uat_field_t* fields) {
  return uat_new(name, sizeof(Row), name, TRUE, rows, count, UAT_AFFECTS_DISSECTION, nullptr,
                 copy<Row, Members...>, check, release<Row, Members...>, use, nullptr, fields);
}

uat_t* key_table() {
  static uat_field_t fields[] = {
      column<KeyRow, &KeyRow::paddr>("paddr", "Paddr", "previous address of the mobile node"),
      column<KeyRow, &KeyRow::key>("key", "Key", "shared with the previous router; hexadecimal"),
      UAT_END_FIELDS};
  return table<KeyRow, &KeyRow::paddr, &KeyRow::key>("secct_keys", &key_rows, &key_count, check_key,
                                                     use_keys, fields);
}

uat_t* sa_table() {
  using R = SaRow;
  static uat_field_t fields[] = {
      column<R, &R::source>("source", "Source", "address; empty or * for any"),
      column<R, &R::destination>("destination", "Destination", "address"),
      column<R, &R::protocol>("protocol", "Protocol", "ah or esp"),
      column<R, &R::spi>("spi", "SPI", "decimal or 0x..."),
      column<R, &R::algorithm>("algorithm", "Algorithm", "hmac-md5, hmac-sha1 or none"),
      column<R, &R::key>("key", "Key", "of the algorithm; hexadecimal"),
      column<R, &R::cipher>("cipher", "Cipher", "of ESP: null, des-cbc, 3des-cbc, aes-cbc"),
      column<R, &R::cipher_key>("cipher_key", "Cipher key", "hexadecimal"),
      UAT_END_FIELDS};
  return table<R, &R::source, &R::destination, &R::protocol, &R::spi, &R::algorithm, &R::key,
               &R::cipher, &R::cipher_key>("secct_router_sas", &sa_rows, &sa_count, check_sa,
                                           use_sas, fields);
}

// Mobile node i of a router description has Paddr old_prefix::1:i, and over IPv4 10.1.0.0 + i.
std::optional<std::uint32_t> node_number(const Address& paddr) {
  constexpr std::size_t prefix_octets = 12;
  const View octets(paddr);
  if (is_v4_mapped(paddr)) {
    const auto address = static_cast<std::uint32_t>(big_endian(octets.last(4)));
    constexpr std::uint32_t first = 10U << 24 | 1U << 16;
    if (address <= first) return std::nullopt;
    return address - first;
  }
  constexpr std::uint32_t first = 0x00010000;  // ::1:0
  const auto suffix = static_cast<std::uint32_t>(big_endian(octets.last(4)));
  if (suffix <= first || !std::ranges::equal(octets.first(prefix_octets),
                                             View(file.old_prefix).first(prefix_octets))) {
    return std::nullopt;
  }
  return suffix - first;
}

}  // namespace

std::optional<Address> parse_address(std::string_view text) {
  Address v6;
  if (parse_v6(text, v6)) return v6;
  std::array<std::uint8_t, 4> v4;
  if (parse_v4(text, v4)) return secct::address_from(v4);
  return std::nullopt;
}

void register_keys(module_t* module) {
  prefs_register_uat_preference(module, "keys", "Keys of mobile nodes",
                                "Keys with which authentication tokens are verified", key_table());
  prefs_register_uat_preference(module, "router_sas", "Security associations of routers",
                                "Keys with which AH and ESP between the routers are read",
                                sa_table());
  prefs_register_filename_preference(
      module, "key_file", "Router description with keys",
      "A router description of the conformance suite (YAML): its router_sas and token_key are used",
      &file_name, FALSE);
  prefs_register_bool_preference(
      module, "learn_sas", "Learn handed-over security associations",
      "Decrypt and verify traffic under security associations that a SHREP or U-SHREP hands over",
      &learn);
  prefs_register_bool_preference(
      module, "show_keys", "Show keys",
      "Show the keys and IVs of handed-over security associations; otherwise zeros", &show);
}

void apply_key_preferences() {
  const std::string name(text_of(file_name));
  if (name == read_name) return;
  read_name = name;
  file = {};
  if (name.empty()) return;
  const auto problem = read_key_file(name.c_str(), file);
  if (!problem.empty()) report_failure("SecCT key file: %s", problem.c_str());
}

std::optional<Octets> token_key(const Address& paddr) {
  const auto found = token_keys.find(paddr);
  if (found != token_keys.end()) return found->second;
  if (file.token_key.empty()) return std::nullopt;
  const auto number = node_number(paddr);
  if (!number) return std::nullopt;
  Octets input;
  append_number(input, *number, 4);
  const auto key = hmac_md5(file.token_key, input);
  return Octets(key.begin(), key.end());
}

std::vector<SaKeys> router_sas() {
  auto all = table_sas;
  all.insert(all.end(), file.sas.begin(), file.sas.end());
  return all;
}

bool learn_sas() { return learn != FALSE; }
bool show_keys() { return show != FALSE; }

}  // namespace secct::dissector
