// SPDX-License-Identifier: GPL-2.0-or-later
// The keys that the user gives: two tables in the preferences of SecCT, and a router description.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "protocol/octets.hpp"
#include "protocol/tables/spt.hpp"

namespace secct::dissector {

// A security association with its keys, from whatever source.
struct SaKeys {
  bool esp = false;
  std::uint32_t spi = 0;
  std::optional<Address> source;  // nothing: any
  Address destination{};
  AuthAlgorithm auth = AuthAlgorithm::none;
  Octets auth_key;
  Cipher cipher = Cipher::null;
  Octets cipher_key;
};

// What a router description (YAML) holds of keys.
struct KeyFile {
  std::vector<SaKeys> sas;
  Octets token_key;  // of mobile node i: HMAC-MD5(token_key, i)
  Address old_prefix{};
};

// Empty text: read. Otherwise what is wrong with the file.
std::string read_key_file(const char* path, KeyFile& out);

std::optional<Address> parse_address(std::string_view text);

void register_keys(struct pref_module* module);  // module_t of epan
void apply_key_preferences();                    // after a change of preferences

// The key that the mobile node which had `paddr` shares with its previous router.
std::optional<Octets> token_key(const Address& paddr);

std::vector<SaKeys> router_sas();

bool learn_sas();
bool show_keys();

}  // namespace secct::dissector
