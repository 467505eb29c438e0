// SPDX-License-Identifier: GPL-2.0-or-later
// Helpers of the tests of files, network, ipsec and generator: octets and addresses from text, the
// built-in router description, documents from YAML text, expected errors.
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
// The lines of a file in the source tree without comments, each split at blanks. Throw
// std::runtime_error if the file cannot be read, or a cell is neither hexadecimal nor "-" (empty).
std::vector<std::vector<std::string>> read_table(const std::string& name);
Octets table_octets(const std::string& cell);

const RouterDescription& description();                       // the built-in one
const Keyring& router_keys();                                 // its routers' SAs and token keys
RouterDescription description_from(const std::string& yaml);  // "router.yaml" in messages

// The first packet of a document, and its octets. built() throws std::runtime_error for a fault.
PacketDocument packet(const std::string& yaml);
Octets built(const PacketDocument& packet, const Keyring& keys = router_keys());
Octets built(const std::string& yaml, const Keyring& keys = router_keys());
// The faults of a packet, each a line "PATH: TEXT".
std::string faults(const PacketDocument& packet, const Keyring& keys = router_keys());

// The message of the UsageError that `call` throws, or "nothing thrown".
template <class Call>
std::string error_of(Call call) {
  try {
    call();
  } catch (const UsageError& error) {
    return error.what();
  }
  return "nothing thrown";
}

// All messages of one handover of mobile node 1 by name. Sets `keys` to the keys of that handover.
std::vector<std::pair<std::string, PacketDocument>> all_messages(
    const RouterDescription& description, Keyring& keys);

// Changes, inserts or erases octets at one to four positions, or truncates.
void mutate(Octets& octets, std::mt19937& random);

// The numbers of std::mt19937 are the same on all platforms, those of the distributions are not.
inline std::uint32_t below(std::mt19937& random, std::size_t limit) {
  return static_cast<std::uint32_t>(random() % limit);
}

}  // namespace secct::generator::test
