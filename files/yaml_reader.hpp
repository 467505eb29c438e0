// SPDX-License-Identifier: GPL-2.0-or-later
// Strict reading of YAML: every mistake is told with file, line, path, what was expected, and the
// nearest right name.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <yaml-cpp/yaml.h>

#include "protocol/octets.hpp"

namespace secct::files {

// Wrong usage or unreadable input: exit status 2.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Where a value stands, for messages: "lab.yaml:12: mobile_nodes.count".
struct YamlPlace {
  std::string file;
  std::string path;
  int line = 0;  // for values that were made, not read: the line of what they were made from
};

[[noreturn]] void yaml_error(const YamlPlace& place, const YAML::Node& node,
                             std::string_view message);

// Reads a whole file ("-" is standard input) or a text; errors of the parser become UsageError.
YAML::Node load_yaml(const std::string& file);
YAML::Node parse_yaml(const std::string& text, const std::string& name);
// The octets of a file, "-" standard input. UsageError when unreadable or larger than `limit`.
std::string read_text(const std::string& file, std::size_t limit = std::size_t{64} << 20);

// Scalars. Numbers are decimal or 0x hexadecimal.
std::optional<std::uint64_t> to_number(std::string_view text);
std::optional<double> to_real(std::string_view text);
// Seconds with up to nine decimals, exactly.
std::optional<std::uint64_t> to_nanoseconds(std::string_view text);
std::optional<bool> to_bool(std::string_view text);

// One mapping. Every key must be asked for before finish(), which refuses the others.
class YamlMap {
 public:
  YamlMap(const YAML::Node& node, YamlPlace place);

  bool has(std::string_view key) const;
  YAML::Node get(const std::string& key);  // undefined node when absent
  YamlPlace at(std::string_view key) const;
  const YAML::Node& node() const { return node_; }
  const YamlPlace& place() const { return place_; }

  std::string text(const std::string& key, std::string fallback);
  std::uint64_t number(const std::string& key, std::uint64_t fallback, std::uint64_t most);
  double real(const std::string& key, double fallback);
  bool flag(const std::string& key, bool fallback);
  std::optional<Octets> hex(const std::string& key);
  std::optional<Address> address(const std::string& key);  // IPv6, or IPv4 as IPv4-mapped
  std::vector<std::string> texts(const std::string& key);
  // One of `names`, by its place in the list.
  std::optional<std::size_t> choice(const std::string& key,
                                    std::span<const std::string_view> names);
  void require(const std::string& key);
  void finish() const;

 private:
  std::optional<std::string> scalar(const std::string& key);
  YAML::Node node_;
  YamlPlace place_;
  std::vector<std::string> known_;
};

std::optional<Address> to_ip(std::string_view text);

// "; did you mean X?" or nothing.
std::string suggestion(std::string_view wrong, std::span<const std::string_view> names);

}  // namespace secct::files
