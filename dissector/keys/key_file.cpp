// SPDX-License-Identifier: GPL-2.0-or-later
// Reads the keys of a router description, the YAML file that `secct run --dut` reads.
#include <algorithm>
#include <charconv>

#include "dissector/epan/yaml_file.hpp"
#include "dissector/keys/keys.hpp"
#include "ipsec/algorithms.hpp"

namespace secct::dissector {
namespace {

Octets octets(const YAML::Node& node) {
  Octets result;
  if (node && !parse_hex(node.as<std::string>(), result)) {
    throw YAML::Exception(node.Mark(), "expected hexadecimal octets, two digits each");
  }
  return result;
}

Address address(const YAML::Node& node) {
  const auto text = node.as<std::string>();
  const auto found = parse_address(text);
  if (!found) {
    throw YAML::Exception(node.Mark(), "expected an IPv4 or IPv6 address, found \"" + text + '"');
  }
  return *found;
}

// The address of a prefix such as 2001:db8:10::/64, with zeros after its length.
Address prefix(const YAML::Node& node) {
  const auto text = node.as<std::string>();
  const auto slash = std::min(text.find('/'), text.size());
  auto found = parse_address(std::string_view(text).substr(0, slash));
  unsigned length = 128;
  const auto* const end = text.data() + text.size();
  const bool has_length = slash < text.size();
  const bool is_valid =
      !has_length || std::from_chars(text.data() + slash + 1, end, length).ptr == end;
  if (!found || !is_valid || length > 128) {
    throw YAML::Exception(
        node.Mark(), "expected an IPv6 prefix such as 2001:db8:10::/64, found \"" + text + '"');
  }
  return prefix_of(*found, length);
}

[[noreturn]] void unknown(const YAML::Node& node, const char* expected) {
  throw YAML::Exception(node.Mark(), std::string("expected ") + expected + ", found \"" +
                                         node.as<std::string>() + '"');
}

ipsec::IpsecProtocol protocol(const YAML::Node& node) {
  const auto found = ipsec::find_protocol(node.as<std::string>());
  if (!found) unknown(node, "ah or esp");
  return *found;
}

AuthAlgorithm algorithm(const YAML::Node& node) {
  if (!node) return AuthAlgorithm::none;
  const auto found = ipsec::find_auth_algorithm(node.as<std::string>());
  if (!found) unknown(node, "hmac-md5, hmac-sha1 or none");
  return *found;
}

Cipher cipher(const YAML::Node& node) {
  if (!node) return Cipher::null;
  const auto found = ipsec::find_cipher(node.as<std::string>());
  if (!found) unknown(node, "null, des-cbc, 3des-cbc or aes-cbc");
  return *found;
}

ipsec::Sa security_association(const YAML::Node& node) {
  ipsec::Sa sa;
  sa.protocol = protocol(node["protocol"]);
  sa.spi = node["spi"].as<std::uint32_t>();
  sa.auth = algorithm(node["algorithm"]);
  sa.auth_key = octets(node["key"]);
  sa.cipher = cipher(node["cipher"]);
  sa.cipher_key = octets(node["cipher_key"]);
  return sa;
}

void read(const YAML::Node& root, KeyFile& out) {
  if (!root.IsMap()) throw YAML::Exception(root.Mark(), "expected a mapping (key: value)");
  // The SAs between the routers exist once for each IP version.
  std::vector<std::pair<Address, Address>> addresses;
  if (root["address"] && root["peer"]) {
    addresses.emplace_back(address(root["address"]), address(root["peer"]));
  }
  if (const auto v4 = root["ipv4"]; v4 && v4["address"] && v4["peer"]) {
    addresses.emplace_back(address(v4["address"]), address(v4["peer"]));
  }
  for (const auto& node : root["router_sas"]) {
    auto sa = security_association(node);
    const bool from_peer = node["from"].as<std::string>() == "peer";
    for (const auto& [own, peer] : addresses) {
      sa.source = from_peer ? peer : own;
      sa.destination = from_peer ? own : peer;
      out.sas.push_back(sa);
    }
  }
  if (const auto nodes = root["mobile_nodes"]) {
    out.token_key = octets(nodes["token_key"]);
    if (nodes["count"]) out.mobile_nodes = nodes["count"].as<std::uint32_t>();
  }
  if (root["old_prefix"]) out.old_prefix = prefix(root["old_prefix"]);
}

}  // namespace

std::string read_key_file(const char* path, KeyFile& out) {
  KeyFile keys;
  auto problem = read_yaml_file(path, [&](const YAML::Node& root) { read(root, keys); });
  if (problem.empty()) out = std::move(keys);
  return problem;
}

}  // namespace secct::dissector
