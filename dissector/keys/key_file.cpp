// SPDX-License-Identifier: GPL-2.0-or-later
// Reads the keys of a router description, the YAML file that `secct run --dut` reads.
#include <algorithm>

#include "dissector/epan/yaml_error.hpp"
#include "dissector/keys/keys.hpp"

namespace secct::dissector {
namespace {

Octets octets(const YAML::Node& node) {
  Octets result;
  if (node && !parse_hex(node.as<std::string>(), result)) {
    throw YAML::Exception(node.Mark(),
                          "expected hexadecimal digits, found \"" + node.as<std::string>() + '"');
  }
  return result;
}

Address address(const YAML::Node& node) {
  const auto text = node.as<std::string>();
  // The address of a prefix has a length after the slash.
  const auto found = parse_address(text.substr(0, text.find('/')));
  if (!found) {
    throw YAML::Exception(node.Mark(), "expected an IPv4 or IPv6 address, found \"" + text + '"');
  }
  return *found;
}

AuthAlgorithm algorithm(const YAML::Node& node) {
  const auto name = node ? node.as<std::string>() : "";
  if (name == "hmac-md5") return AuthAlgorithm::hmac_md5;
  return name == "hmac-sha1" ? AuthAlgorithm::hmac_sha1 : AuthAlgorithm::none;
}

Cipher cipher(const YAML::Node& node) {
  const auto name = node ? node.as<std::string>() : "";
  if (name == "des-cbc") return Cipher::des_cbc;
  if (name == "3des-cbc") return Cipher::des3_cbc;
  return name == "aes-cbc" ? Cipher::aes_cbc : Cipher::null;
}

SaKeys security_association(const YAML::Node& node) {
  SaKeys sa;
  sa.esp = node["protocol"].as<std::string>() == "esp";
  sa.spi = node["spi"].as<std::uint32_t>();
  sa.auth = algorithm(node["algorithm"]);
  sa.auth_key = octets(node["key"]);
  sa.cipher = cipher(node["cipher"]);
  sa.cipher_key = octets(node["cipher_key"]);
  return sa;
}

void read(const YAML::Node& root, KeyFile& out) {
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
  if (const auto nodes = root["mobile_nodes"]) out.token_key = octets(nodes["token_key"]);
  if (root["old_prefix"]) out.old_prefix = address(root["old_prefix"]);
}

}  // namespace

std::string read_key_file(const char* path, KeyFile& out) {
  try {
    KeyFile keys;
    read(YAML::LoadFile(path), keys);
    out = std::move(keys);
    return {};
  } catch (const YAML::Exception& problem) {
    return yaml_error(path, problem);
  }
}

}  // namespace secct::dissector
