// SPDX-License-Identifier: GPL-2.0-or-later
// Reads the SAs, token keys and code points of packet documents and router descriptions.

#include <fmt/format.h>

#include "generator/document/yaml.hpp"
#include "ipsec/algorithms.hpp"

namespace secct::generator {

namespace {

// The index of the value of `key` among the names of `rows`; the first one if the key is absent.
template <class Rows>
std::size_t choice(YamlMap& map, const std::string& key, const Rows& rows) {
  std::vector<std::string_view> names;
  for (const auto& row : rows) names.push_back(row.name);
  return map.choice(key, names).value_or(0);
}

}  // namespace

Sa read_sa(YamlMap& map) {
  constexpr std::string_view modes[] = {"transport", "tunnel"};
  Sa sa;
  map.require("protocol");
  map.require("spi");
  sa.protocol = ipsec::protocol_names()[choice(map, "protocol", ipsec::protocol_names())].protocol;
  sa.spi = static_cast<std::uint32_t>(map.number("spi", 0, 0xffffffff));
  sa.tunnel = map.choice("mode", modes).value_or(0) == 1;
  sa.source = map.address("source").value_or(Address{});
  sa.destination = map.address("destination").value_or(Address{});
  sa.auth = ipsec::auth_names()[choice(map, "algorithm", ipsec::auth_names())].algorithm;
  sa.auth_key = map.hex("key").value_or(Octets());
  sa.cipher = ipsec::cipher_names()[choice(map, "cipher", ipsec::cipher_names())].cipher;
  sa.cipher_key = map.hex("cipher_key").value_or(Octets());
  if (sa.protocol == IpsecProtocol::ah && sa.auth == AuthAlgorithm::none) {
    yaml_error(map.place(), map.node(), "an AH SA needs an algorithm: hmac-md5 or hmac-sha1");
  }
  if (!ipsec::key_fits(sa.cipher, sa.cipher_key.size())) {
    yaml_error(map.at("cipher_key"), map.get("cipher_key"),
               fmt::format("a key of length {} does not fit the cipher; expected {} octets",
                           sa.cipher_key.size(), ipsec::key_octets(sa.cipher)));
  }
  return sa;
}

void read_keys(const YAML::Node& node, const YamlPlace& place, Keyring& keys) {
  if (!node.IsDefined() || node.IsNull()) return;
  YamlMap map(node, place);
  const auto sas = map.get("sas");
  std::size_t i = 0;
  if (sas.IsDefined() && !sas.IsSequence()) yaml_error(map.at("sas"), sas, "expected a list");
  for (const auto& item : sas) {
    YamlMap entry(item, {place.file, fmt::format("{}[{}]", map.at("sas").path, i++)});
    // In their order, before the keys that the caller provides.
    keys.sas.insert(keys.sas.begin() + static_cast<std::ptrdiff_t>(i - 1), read_sa(entry));
    entry.finish();
  }
  const auto tokens = map.get("tokens");
  if (tokens.IsDefined() && !tokens.IsSequence()) {
    yaml_error(map.at("tokens"), tokens, "expected a list");
  }
  std::vector<std::pair<Address, Octets>> token_keys;
  i = 0;
  for (const auto& item : tokens) {
    YamlMap entry(item, {place.file, fmt::format("{}[{}]", map.at("tokens").path, i++)});
    entry.require("paddr");
    entry.require("key");
    token_keys.emplace_back(entry.address("paddr").value_or(Address{}),
                            entry.hex("key").value_or(Octets()));
    entry.finish();
  }
  map.finish();
  if (token_keys.empty()) return;
  keys.token_key = [token_keys,
                    outer = keys.token_key](const Address& paddr) -> std::optional<Octets> {
    for (const auto& [address, key] : token_keys) {
      if (address == paddr) return key;
    }
    return outer ? outer(paddr) : std::nullopt;
  };
}

void read_codepoints(const YAML::Node& map, const YamlPlace& place, CodePoints& codepoints) {
  if (!map.IsDefined() || map.IsNull()) return;
  YamlMap profile(map, place);
  for (const auto& codepoint : secct::codepoints()) {
    if (!profile.has(codepoint.name)) {
      static_cast<void>(profile.get(codepoint.name));
      continue;
    }
    codepoints.set(codepoint.id, static_cast<std::uint8_t>(profile.number(codepoint.name, 0, 255)));
  }
  profile.finish();
  const auto problem = codepoints.problem();
  if (!problem.empty()) yaml_error(place, map, problem);
}

}  // namespace secct::generator
