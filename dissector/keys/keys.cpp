// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/keys/keys.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>

#include <epan/uat.h>

#include "dissector/epan/epan.hpp"
#include "ipsec/algorithms.hpp"
#include "ipsec/crypto.hpp"

namespace secct::dissector {
namespace {

// --- the rows of the tables, as Wireshark edits them
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

// --- the keys that the dissector uses
std::map<Address, Octets> token_keys;
std::vector<ipsec::Sa> table_sas;
KeyFile key_file;
const char* key_file_name = "";
std::string applied_key_file;  // the name of the file from which key_file was read
Boolean learn_sas_preference = FALSE;
Boolean show_keys_preference = TRUE;

std::string_view text_of(const char* text) { return text != nullptr ? text : ""; }

bool parse_number(std::string_view text, std::uint32_t& out) {
  const std::string copy(text);
  char* end = nullptr;
  const auto value = std::strtoull(copy.c_str(), &end, 0);
  out = static_cast<std::uint32_t>(value);
  return !copy.empty() && *end == '\0' && value <= UINT32_MAX;
}

std::string wrong_length(const char* column, std::size_t octets, const std::string& expected) {
  return std::string(column) + ": " + std::to_string(octets) + " octets; expected " + expected;
}

// Returns an empty string, or which key does not fit its algorithm.
std::string key_problem(const ipsec::Sa& sa) {
  const bool is_ah = sa.protocol == ipsec::IpsecProtocol::ah;
  if (is_ah && sa.auth == AuthAlgorithm::none) {
    return "Algorithm: AH needs hmac-md5 or hmac-sha1";
  }
  if (is_ah && sa.cipher != Cipher::null) return "Cipher: AH has none; expected null";
  const auto auth_octets = ipsec::key_octets(sa.auth);
  if (sa.auth_key.size() != auth_octets) {
    return wrong_length("Key", sa.auth_key.size(), std::to_string(auth_octets));
  }
  if (!ipsec::key_fits(sa.cipher, sa.cipher_key.size())) {
    return wrong_length("Cipher key", sa.cipher_key.size(), ipsec::key_octets(sa.cipher));
  }
  return {};
}

// Returns an empty string, or what is wrong with the row.
std::string parse(const SaRow& row, ipsec::Sa& out) {
  const auto source = text_of(row.source);
  if (!source.empty() && source != "*") {
    const auto address = parse_address(source);
    if (!address) return "Source: expected an IPv6 or IPv4 address, or * for any";
    out.source = *address;
  }
  const auto destination = parse_address(text_of(row.destination));
  if (!destination) return "Destination: expected an IPv6 or IPv4 address";
  out.destination = *destination;
  const auto protocol = ipsec::find_protocol(text_of(row.protocol));
  if (!protocol) return "Protocol: expected ah or esp";
  out.protocol = *protocol;
  if (!parse_number(text_of(row.spi), out.spi)) {
    return "SPI: expected a 32-bit number, decimal or 0x...";
  }
  const auto or_default = [](std::string_view text, std::string_view name) {
    return text.empty() ? name : text;
  };
  const auto auth = ipsec::find_auth_algorithm(or_default(text_of(row.algorithm), "none"));
  if (!auth) return "Algorithm: expected hmac-md5, hmac-sha1 or none";
  out.auth = *auth;
  const auto cipher = ipsec::find_cipher(or_default(text_of(row.cipher), "null"));
  if (!cipher) return "Cipher: expected null, des-cbc, 3des-cbc or aes-cbc";
  out.cipher = *cipher;
  if (!parse_hex(text_of(row.key), out.auth_key)) {
    return "Key: expected hexadecimal digits";
  }
  if (!parse_hex(text_of(row.cipher_key), out.cipher_key)) {
    return "Cipher key: expected hexadecimal digits";
  }
  return key_problem(out);
}

// The result of checks of a row: gboolean, later bool.
using Accepted = std::invoke_result_t<uat_update_cb_t, void*, char**>;

Accepted set_error(char** error, const std::string& problem) {
  *error = problem.empty() ? nullptr : g_strdup(problem.c_str());
  return problem.empty();
}

Accepted check_key(void* record, char** error) noexcept {
  const auto& row = *static_cast<KeyRow*>(record);
  Octets key;
  std::string problem;
  if (!parse_address(text_of(row.paddr))) problem = "Paddr: expected an IPv6 or IPv4 address";
  if (!parse_hex(text_of(row.key), key)) problem = "Key: expected hexadecimal digits";
  return set_error(error, problem);
}

Accepted check_sa(void* record, char** error) noexcept {
  ipsec::Sa sa;
  return set_error(error, parse(*static_cast<SaRow*>(record), sa));
}

void apply_key_rows() noexcept {
  token_keys.clear();
  for (guint i = 0; i < key_count; ++i) {
    const auto paddr = parse_address(text_of(key_rows[i].paddr));
    Octets key;
    if (paddr && parse_hex(text_of(key_rows[i].key), key)) token_keys[*paddr] = key;
  }
}

void apply_sa_rows() noexcept {
  table_sas.clear();
  for (guint i = 0; i < sa_count; ++i) {
    ipsec::Sa sa;
    if (parse(sa_rows[i], sa).empty()) table_sas.push_back(sa);
  }
}

// --- callbacks of epan for each column; all columns are strings
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
  // Newer releases of glib have a macro g_free.
  const auto free = [](char* text) { g_free(text); };
  (free(static_cast<Row*>(record)->*Members), ...);
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

// The names that a column offers; epan keeps the pointer.
template <class Rows>
const value_string* choices(const Rows& rows) {
  auto* names = g_new0(value_string, std::size(rows) + 1);
  guint32 count = 0;
  for (const auto& row : rows) {
    names[count] = {count, row.name.data()};
    ++count;
  }
  return names;
}

// A column with a list to choose from.
template <class Row, char* Row::*Member>
uat_field_t choice(const char* name, const char* title, const char* description,
                   const value_string* names) {
  auto field = column<Row, Member>(name, title, description);
  field.mode = PT_TXTMOD_ENUM;
  field.fld_data = names;
  return field;
}

// `file_name` is also the name in `-o uat:NAME:...`.
template <class Row, char* Row::*... Members>
uat_t* table(const char* title, const char* file_name, Row** rows, guint* count,
             uat_update_cb_t check, uat_post_update_cb_t use, uat_field_t* fields) {
  return uat_new(title, sizeof(Row), file_name, TRUE, rows, count, UAT_AFFECTS_DISSECTION, nullptr,
                 copy<Row, Members...>, check, release<Row, Members...>, use, nullptr, fields);
}

uat_t* key_table() {
  static uat_field_t fields[] = {
      column<KeyRow, &KeyRow::paddr>("paddr", "Paddr",
                                     "Previous address of the mobile node (IPv6 or IPv4)"),
      column<KeyRow, &KeyRow::key>("key", "Key",
                                   "Key that it shares with the previous router, hexadecimal"),
      UAT_END_FIELDS};
  return table<KeyRow, &KeyRow::paddr, &KeyRow::key>("SecCT Token Keys", "secct_keys", &key_rows,
                                                     &key_count, check_key, apply_key_rows, fields);
}

uat_t* sa_table() {
  using R = SaRow;
  static uat_field_t fields[] = {
      column<R, &R::source>("source", "Source",
                            "Source address (IPv6 or IPv4); empty or * for any"),
      column<R, &R::destination>("destination", "Destination",
                                 "Destination address (IPv6 or IPv4)"),
      choice<R, &R::protocol>("protocol", "Protocol", "ah or esp",
                              choices(ipsec::protocol_names())),
      column<R, &R::spi>("spi", "SPI", "Number, decimal or 0x..."),
      choice<R, &R::algorithm>("algorithm", "Algorithm",
                               "ICV algorithm: hmac-md5, hmac-sha1 or none",
                               choices(ipsec::auth_names())),
      column<R, &R::key>("key", "Key",
                         "Key of the ICV algorithm, hexadecimal: 16 octets for hmac-md5, 20 for "
                         "hmac-sha1"),
      choice<R, &R::cipher>("cipher", "Cipher", "Cipher of ESP: null, des-cbc, 3des-cbc or aes-cbc",
                            choices(ipsec::cipher_names())),
      column<R, &R::cipher_key>("cipher_key", "Cipher key",
                                "Key of the cipher, hexadecimal: 8 octets for des-cbc, 24 for "
                                "3des-cbc, 16, 24 or 32 for aes-cbc"),
      UAT_END_FIELDS};
  return table<R, &R::source, &R::destination, &R::protocol, &R::spi, &R::algorithm, &R::key,
               &R::cipher, &R::cipher_key>("SecCT Router SAs", "secct_router_sas", &sa_rows,
                                           &sa_count, check_sa, apply_sa_rows, fields);
}

// The number i of the mobile node with this Paddr in a router description: its Paddr is
// old_prefix::1:i, over IPv4 10.1.0.0 + i.
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
                                             View(key_file.old_prefix).first(prefix_octets))) {
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
  prefs_register_filename_preference(
      module, "key_file", "Key file",
      "Router description: the YAML file that secct reads with --dut. The SAs between the routers "
      "(router_sas) and the key of the authentication tokens (mobile_nodes.token_key) in it are "
      "used in addition to the tables below. docs/cli.md describes it. Default: "
      "no file.",
      &key_file_name, FALSE);
  prefs_register_uat_preference(
      module, "router_sas", "SAs between the routers",
      "Security associations between the routers, with their keys: AH and ESP packets under them "
      "are verified, and ESP is decrypted. Default: no rows.",
      sa_table());
  prefs_register_uat_preference(
      module, "keys", "Token keys of mobile nodes",
      "One row per mobile node: the previous address (Paddr) and the key with which its "
      "authentication tokens are verified. Default: no rows.",
      key_table());
  prefs_register_bool_preference(
      module, "learn_sas", learn_sas_title,
      "Verify and decrypt the traffic of mobile nodes under the security associations that SHREP "
      "and U-SHREP messages hand over. Default: off; the profile SecCT switches it on.",
      &learn_sas_preference);
  prefs_register_bool_preference(
      module, "show_keys", "Show keys",
      "Show the keys and IVs of transferred security associations. If this is off, fields, "
      "decrypted data and reassembled data have zeros instead; the captured frame itself does not "
      "change. Default: on.",
      &show_keys_preference);
}

void apply_key_preferences() {
  const std::string name(text_of(key_file_name));
  if (name == applied_key_file) return;
  applied_key_file = name;
  key_file = {};
  if (name.empty()) return;
  const auto problem = read_key_file(name.c_str(), key_file);
  if (!problem.empty()) report_failure("SecCT key file: %s", problem.c_str());
}

std::optional<Octets> token_key(const Address& paddr) {
  const auto found = token_keys.find(paddr);
  if (found != token_keys.end()) return found->second;
  if (key_file.token_key.empty()) return std::nullopt;
  const auto number = node_number(paddr);
  if (!number || *number > key_file.mobile_nodes) return std::nullopt;
  Octets input;
  append_number(input, *number, 4);
  return ipsec::hmac_md5(key_file.token_key, input);
}

std::vector<ipsec::Sa> router_sas() {
  auto all = table_sas;
  all.insert(all.end(), key_file.sas.begin(), key_file.sas.end());
  return all;
}

bool learn_sas() { return learn_sas_preference != FALSE; }
bool show_keys() { return show_keys_preference != FALSE; }

}  // namespace secct::dissector
