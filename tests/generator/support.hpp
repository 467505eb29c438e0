// SPDX-License-Identifier: GPL-2.0-or-later
// What the tests of this room share: octets and addresses from text, the built-in laboratory,
// documents from YAML text, expected errors.
#pragma once

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "generator/document/yaml.hpp"
#include "generator/handover/handover.hpp"

namespace secct::generator::test {

Octets octets(std::string_view hex);
Octets text_octets(std::string_view text);
Address address(std::string_view text);  // IPv4 becomes IPv4-mapped

std::string source_file(const std::string& name);  // in the source tree
// Lines without comments, each split at blanks; "-" stands for no octets.
std::vector<std::vector<std::string>> read_table(const std::string& name);
Octets table_octets(const std::string& cell);

const RouterDescription& description();  // the built-in one
const Keyring& router_keys();            // its routers' SAs and token keys
RouterDescription lab_from(const std::string& yaml);

// The first packet of a document, and what it is built to.
PacketDocument packet(const std::string& yaml);
Octets built(const PacketDocument& packet, const Keyring& keys = router_keys());
Octets built(const std::string& yaml, const Keyring& keys = router_keys());
// The faults as "path: text", one a line.
std::string faults(const PacketDocument& packet, const Keyring& keys = router_keys());

// The text of the UsageError that `call` throws; "nothing thrown" when it does not.
template <class Call>
std::string error_of(Call call) {
  try {
    call();
  } catch (const UsageError& error) {
    return error.what();
  }
  return "nothing thrown";
}

// Every message by its name, in one handover of mobile node 1.
std::vector<std::pair<std::string, PacketDocument>> all_messages(
    const RouterDescription& description, Keyring& keys);

// Changes, inserts, doubles or leaves out octets in one to four places.
void mutate(Octets& octets, std::mt19937& random);

// The numbers of std::mt19937 are the same everywhere; those of the distributions are not.
inline std::uint32_t below(std::mt19937& random, std::size_t limit) {
  return static_cast<std::uint32_t>(random() % limit);
}

}  // namespace secct::generator::test
