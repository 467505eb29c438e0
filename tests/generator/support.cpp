// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/generator/support.hpp"

#include <fstream>
#include <sstream>
#include <stdexcept>

#include <fmt/format.h>

#include "generator/packet/build.hpp"

namespace secct::generator::test {

Octets octets(std::string_view hex) {
  Octets result;
  if (!hex.empty() && !parse_hex(hex, result)) {
    throw std::runtime_error(fmt::format("not hexadecimal: {}", hex));
  }
  return result;
}

Octets text_octets(std::string_view text) { return {text.begin(), text.end()}; }

Address address(std::string_view text) {
  const auto found = to_ip(text);
  if (!found) throw std::runtime_error(fmt::format("not an address: {}", text));
  return *found;
}

std::string source_file(const std::string& name) { return SECCT_SOURCE_DIR "/" + name; }

std::vector<std::vector<std::string>> read_table(const std::string& name) {
  std::ifstream file(source_file(name));
  if (!file) throw std::runtime_error("cannot read " + name);
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    std::istringstream stream(line);
    std::vector<std::string> row;
    for (std::string cell; stream >> cell;) row.push_back(cell);
    if (!row.empty()) rows.push_back(std::move(row));
  }
  return rows;
}

Octets table_octets(const std::string& cell) { return cell == "-" ? Octets() : octets(cell); }

const RouterDescription& description() {
  static const RouterDescription built_in = built_in_description();
  return built_in;
}

const Keyring& router_keys() {
  static const Keyring keys = description().keyring();
  return keys;
}

RouterDescription description_from(const std::string& yaml) {
  return read_description(parse_yaml(yaml, "router.yaml"), "router.yaml");
}

PacketDocument packet(const std::string& yaml) {
  const auto file = read_document(parse_yaml(yaml, "test.yaml"), "test.yaml", {}, {});
  return file.document.packets.at(0);
}

Octets built(const PacketDocument& packet, const Keyring& keys) {
  auto result = build({}, keys, packet);
  if (!result.faults.empty()) {
    throw std::runtime_error(result.faults[0].path + ": " + result.faults[0].text);
  }
  return result.octets;
}

Octets built(const std::string& yaml, const Keyring& keys) { return built(packet(yaml), keys); }

std::string faults(const PacketDocument& packet, const Keyring& keys) {
  std::string text;
  for (const auto& fault : build({}, keys, packet).faults) {
    text += fault.path + ": " + fault.text + "\n";
  }
  return text;
}

std::vector<std::pair<std::string, PacketDocument>> all_messages(
    const RouterDescription& description, Keyring& keys) {
  Counters counters;
  Handover handover(description, Role::nr, 1, 7, counters);
  keys = handover.keyring();
  std::vector<std::pair<std::string, PacketDocument>> all;
  for (const auto name : Handover::names()) {
    all.emplace_back(std::string(name), *handover.by_name(name));
  }
  return all;
}

void mutate(Octets& octets, std::mt19937& random) {
  const auto times = 1 + below(random, 4);
  for (std::uint32_t i = 0; i < times && !octets.empty(); ++i) {
    const auto at = octets.begin() + below(random, octets.size());
    switch (below(random, 5)) {
      case 0: *at = static_cast<std::uint8_t>(random()); break;
      case 1: *at ^= static_cast<std::uint8_t>(1U << below(random, 8)); break;
      case 2: octets.insert(at, static_cast<std::uint8_t>(random())); break;
      case 3: octets.erase(at); break;
      default: octets.resize(static_cast<std::size_t>(at - octets.begin())); break;
    }
  }
}

}  // namespace secct::generator::test
