// SPDX-License-Identifier: GPL-2.0-or-later
// The keys that the user configures: two tables (UATs) in the preferences of SecCT, and a router
// description (key file).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ipsec/sa.hpp"

namespace secct::dissector {

// The keys in a router description (YAML).
struct KeyFile {
  std::vector<ipsec::Sa> sas;               // an unspecified source: any
  Octets token_key;                         // the key of mobile node i is HMAC-MD5(token_key, i)
  std::uint32_t mobile_nodes = UINT32_MAX;  // their number
  Address old_prefix{};                     // of the Paddrs: mobile node i has ::1:i in it
};

// Reads the keys of the file at `path` into `out`. Returns an empty string, or what is wrong with
// the file and where; then `out` is unchanged.
std::string read_key_file(const char* path, KeyFile& out);

// Reads an IPv6 address, or an IPv4 address as an IPv4-mapped one.
std::optional<Address> parse_address(std::string_view text);

void register_keys(struct pref_module* module);  // registers the preferences; module_t of epan
void apply_key_preferences();                    // to be called after a change of preferences

// The key that the mobile node with the previous address `paddr` shares with its previous router;
// std::nullopt if it is not configured.
std::optional<Octets> token_key(const Address& paddr);

// The SAs between the routers, from the table and from the key file; an unspecified source means
// any.
std::vector<ipsec::Sa> router_sas();

bool learn_sas();  // preference secct.learn_sas
inline constexpr char learn_sas_title[] = "Decrypt with handed-over SAs";  // in the dialog
bool show_keys();  // preference secct.show_keys

}  // namespace secct::dissector
