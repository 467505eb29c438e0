// SPDX-License-Identifier: GPL-2.0-or-later
// Strict reading of YAML: unknown keys, duplicate keys and wrong types are errors. Each error names
// the file, the line, the path of the value, what was expected, and the nearest valid name.
//
//   YamlMap map(load_yaml("router.yaml"), {"router.yaml", ""});
//   const auto address = map.address("address");         // std::nullopt if the key is absent
//   const auto mtu = map.number("mtu", 1500, 65535);     // default, largest valid number
//   map.finish();                                        // any other key is an error
//
// "router.yaml:3: mtu: expected a number from 0 to 65535, found '70000'"
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

// The user's input is wrong or cannot be read. Commands exit with status 2.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The position of a value, for error messages: "router.yaml:12: mobile_nodes.count".
struct YamlPlace {
  std::string file;
  std::string path;
  int line = 0;  // of the source of a generated value, which has no line itself; 0: unknown
};

// Throws UsageError "FILE:LINE: PATH: MESSAGE"; the line is that of `node` if it has one.
[[noreturn]] void yaml_error(const YamlPlace& place, const YAML::Node& node,
                             std::string_view message);

// Parse one YAML document from a file ("-" is standard input) or from `text`; `name` is the file
// name in messages. An empty document is a null node. Throw UsageError for invalid YAML, a second
// document, a duplicate key, and what exceeds the limits of files/yaml_limits.hpp.
YAML::Node load_yaml(const std::string& file);
YAML::Node parse_yaml(const std::string& text, const std::string& name);
// A YAML text that every reader understands as this one does: scalars that were quoted stay quoted,
// so that keys ("0x0001...") are not read as numbers.
std::string dump_yaml(const YAML::Node& node);
// A scalar that dump_yaml() quotes.
YAML::Node quoted(const std::string& text);
// Returns the content of a file, "-" is standard input. Throws UsageError if it cannot be read or
// has more than `limit` octets.
std::string read_text(const std::string& file, std::size_t limit = std::size_t{64} << 20);

// Where a document has the value of a path, for messages: "router.yaml:12: router_sas[0].spi". A
// path that the document does not have gets the line of its longest part that the document has.
// Without a file that can be read again ("", "-") it is the path alone. Throws UsageError as
// load_yaml().
std::string place_in(const std::string& file, const std::string& path);

// Conversions of scalars; std::nullopt if `text` is anything else. Numbers are decimal, or
// hexadecimal with 0x; real numbers are finite.
std::optional<std::uint64_t> to_number(std::string_view text);
std::optional<double> to_real(std::string_view text);
// Seconds with at most nine decimals ("1.5") as nanoseconds, without rounding. As times since 1970,
// they end in the year 2554.
std::optional<std::uint64_t> to_nanoseconds(std::string_view text);
std::optional<bool> to_bool(std::string_view text);

// One mapping. Each accessor marks its key as valid; finish() refuses all other keys. Accessors
// throw UsageError if the value has the wrong type or range.
class YamlMap {
 public:
  // Throws UsageError if `node` is not a mapping.
  YamlMap(const YAML::Node& node, YamlPlace place);

  bool has(std::string_view key) const;      // does not mark the key as valid
  YAML::Node get(const std::string& key);    // an undefined node if the key is absent
  YamlPlace at(std::string_view key) const;  // the position of the value of `key`
  const YAML::Node& node() const { return node_; }
  const YamlPlace& place() const { return place_; }

  // `fallback` is the result if the key is absent or its value is empty; `most` the largest valid
  // number.
  std::string text(const std::string& key, std::string fallback);
  std::uint64_t number(const std::string& key, std::uint64_t fallback, std::uint64_t most);
  double real(const std::string& key, double fallback);
  bool flag(const std::string& key, bool fallback);
  // std::nullopt if the key is absent or its value is empty.
  std::optional<Octets> hex(const std::string& key);
  std::optional<Address> address(const std::string& key);  // IPv6, or IPv4 as IPv4-mapped
  // A list of scalars; a single scalar is a list of one.
  std::vector<std::string> texts(const std::string& key);
  // The index in `names` of the value.
  std::optional<std::size_t> choice(const std::string& key,
                                    std::span<const std::string_view> names);
  void require(const std::string& key);  // throws UsageError if the key is absent
  void finish() const;                   // throws UsageError for the first unknown key

 private:
  std::optional<std::string> scalar(const std::string& key);
  YAML::Node node_;
  YamlPlace place_;
  std::vector<std::string> valid_keys_;
};

// An IPv6 address, or an IPv4 address as IPv4-mapped.
std::optional<Address> to_ip(std::string_view text);

// "; did you mean X?" for the nearest of `names`; empty if none is near.
std::string suggestion(std::string_view wrong, std::span<const std::string_view> names);

}  // namespace secct::files
