// SPDX-License-Identifier: GPL-2.0-or-later
#include "files/yaml_reader.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <memory>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "files/yaml_limits.hpp"
#include "protocol/tables/fields.hpp"

namespace secct::files {
namespace {

[[noreturn]] void syntax_error(const std::string& name, const YAML::Mark& mark,
                               std::string_view message) {
  throw UsageError(fmt::format("{}:{}: {}", name, mark.is_null() ? 1 : mark.line + 1, message));
}

constexpr const char* quoted_tag = "!";  // yaml-cpp marks quoted scalars with it

// Octets in hexadecimal that an ordinary reader would take for a number that is too large for it.
bool is_long_hex(const std::string& text) {
  constexpr std::size_t longest_number = 18;  // 0x and 64 bits
  return text.size() > longest_number && text.starts_with("0x");
}

void emit(YAML::Emitter& out, const YAML::Node& node) {
  const bool is_flow = node.Style() == YAML::EmitterStyle::Flow || node.size() == 0;
  if (node.IsMap()) {
    if (is_flow) out << YAML::Flow;
    out << YAML::BeginMap;
    for (const auto& pair : node) {
      out << YAML::Key;
      emit(out, pair.first);
      out << YAML::Value;
      emit(out, pair.second);
    }
    out << YAML::EndMap;
  } else if (node.IsSequence()) {
    if (is_flow) out << YAML::Flow;
    out << YAML::BeginSeq;
    for (const auto& item : node) emit(out, item);
    out << YAML::EndSeq;
  } else if (node.IsScalar()) {
    if (node.Tag() == quoted_tag || is_long_hex(node.Scalar())) out << YAML::DoubleQuoted;
    out << node.Scalar();
  } else {
    out << YAML::Null;
  }
}

}  // namespace

std::string dump_yaml(const YAML::Node& node) {
  YAML::Emitter out;
  emit(out, node);
  return std::string(out.c_str()) + "\n";
}

YAML::Node quoted(const std::string& text) {
  YAML::Node node(text);
  node.SetTag(quoted_tag);
  return node;
}

void yaml_error(const YamlPlace& place, const YAML::Node& node, std::string_view message) {
  const auto mark = node.IsDefined() ? node.Mark() : YAML::Mark::null_mark();
  // yaml-cpp gives a node that was created in memory the position 0.
  const bool generated = mark.is_null() || (place.line != 0 && mark.pos == 0);
  const auto number = generated ? place.line : mark.line + 1;
  const auto line = number == 0 ? std::string() : fmt::format("{}:", number);
  throw UsageError(fmt::format("{}:{} {}{}{}", place.file, line, place.path,
                               place.path.empty() ? "" : ": ", message));
}

std::string read_text(const std::string& file, std::size_t limit) {
  const bool standard = file == "-";
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> stream(
      standard ? stdin : std::fopen(file.c_str(), "rb"),
      standard ? +[](std::FILE*) { return 0; } : &std::fclose);
  if (!stream) throw UsageError(fmt::format("{}: {}", file, std::strerror(errno)));
  std::string text;
  char buffer[65536];
  while (const auto got = std::fread(buffer, 1, sizeof buffer, stream.get())) {
    text.append(buffer, got);
    if (text.size() > limit) {
      throw UsageError(fmt::format("{}: the file is larger than {} MiB", file, limit >> 20));
    }
  }
  if (std::ferror(stream.get()) != 0) {
    throw UsageError(fmt::format("{}: {}", file, std::strerror(errno)));
  }
  return text;
}

YAML::Node parse_yaml(const std::string& text, const std::string& name) {
  try {
    check_yaml_text(text, name);
    const auto document = YAML::Load(text);
    // Without aliases, a text has fewer nodes than octets.
    check_yaml_nodes(document, name, 1000 + 4 * text.size());
    return document;
  } catch (const YAML::Exception& error) {
    syntax_error(name, error.mark, "invalid YAML: " + error.msg);
  }
}

YAML::Node load_yaml(const std::string& file) {
  return parse_yaml(read_text(file), file == "-" ? "standard input" : file);
}

std::string place_in(const std::string& file, const std::string& path) {
  if (file.empty() || file == "-") return path;
  auto node = load_yaml(file);
  int line = 1;
  for (std::size_t begin = 0; begin < path.size();) {
    const bool in_list = path[begin] == '[';
    const auto end = std::min(path.find_first_of(in_list ? "]" : ".[", begin), path.size());
    const auto part = path.substr(begin + (in_list ? 1 : 0), end - begin - (in_list ? 1 : 0));
    begin = end < path.size() && path[end] != '[' ? end + 1 : end;
    if (part.empty()) continue;  // "]."
    const auto& parent = node;   // the operator of a constant node adds no key
    const auto child = in_list ? parent[to_number(part).value_or(0)] : parent[part];
    if (!child.IsDefined()) break;
    node.reset(child);
    if (!child.Mark().is_null()) line = child.Mark().line + 1;
  }
  return fmt::format("{}:{}: {}", file, line, path);
}

std::optional<std::uint64_t> to_number(std::string_view text) {
  int base = 10;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    base = 16;
    text.remove_prefix(2);
  }
  std::uint64_t number = 0;
  const auto* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, number, base);
  if (text.empty() || result.ec != std::errc{} || result.ptr != end) return std::nullopt;
  return number;
}

std::optional<double> to_real(std::string_view text) {
  double number = 0;
  const auto* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, number);
  if (text.empty() || result.ec != std::errc{} || result.ptr != end) return std::nullopt;
  if (!std::isfinite(number)) return std::nullopt;
  return number;
}

std::optional<std::uint64_t> to_nanoseconds(std::string_view text) {
  constexpr std::size_t digits = 9;
  constexpr std::uint64_t second = 1'000'000'000;
  const auto point = text.find('.');
  auto fraction = point == std::string_view::npos ? "0" : std::string(text.substr(point + 1));
  const auto whole = text.substr(0, point);
  const auto is_decimal = [](std::string_view part) {
    return !part.empty() && part.find_first_not_of("0123456789") == std::string_view::npos;
  };
  if (!is_decimal(whole) || !is_decimal(fraction) || fraction.size() > digits) return std::nullopt;
  fraction.resize(digits, '0');
  const auto seconds = to_number(whole);
  if (!seconds || *seconds >= UINT64_MAX / second) return std::nullopt;  // the year 2554
  return *seconds * second + *to_number(fraction);
}

std::optional<bool> to_bool(std::string_view text) {
  if (text == "true" || text == "yes" || text == "on" || text == "1") return true;
  if (text == "false" || text == "no" || text == "off" || text == "0") return false;
  return std::nullopt;
}

std::optional<Address> to_ip(std::string_view text) {
  Address address{};
  if (parse_v6(text, address)) return address;
  std::array<std::uint8_t, 4> v4{};
  if (parse_v4(text, v4)) return address_from(v4);
  return std::nullopt;
}

std::string suggestion(std::string_view wrong, std::span<const std::string_view> names) {
  const auto near = nearest_name(wrong, names);
  return near.empty() ? std::string() : fmt::format("; did you mean {}?", near);
}

YamlMap::YamlMap(const YAML::Node& node, YamlPlace place) : node_(node), place_(std::move(place)) {
  if (!node_.IsMap()) yaml_error(place_, node_, "expected a mapping (key: value)");
}

bool YamlMap::has(std::string_view key) const { return node_[std::string(key)].IsDefined(); }

YAML::Node YamlMap::get(const std::string& key) {
  valid_keys_.push_back(key);
  const YAML::Node& constant = node_;  // the non-const operator[] would add the key
  return constant[key];
}

YamlPlace YamlMap::at(std::string_view key) const {
  return {place_.file,
          place_.path.empty() ? std::string(key) : fmt::format("{}.{}", place_.path, key),
          place_.line};
}

std::optional<std::string> YamlMap::scalar(const std::string& key) {
  const auto value = get(key);
  if (!value.IsDefined() || value.IsNull()) return std::nullopt;
  if (!value.IsScalar()) yaml_error(at(key), value, "expected a single value");
  return value.Scalar();
}

std::string YamlMap::text(const std::string& key, std::string fallback) {
  return scalar(key).value_or(std::move(fallback));
}

std::uint64_t YamlMap::number(const std::string& key, std::uint64_t fallback, std::uint64_t most) {
  const auto value = scalar(key);
  if (!value) return fallback;
  const auto number = to_number(*value);
  if (!number || *number > most) {
    yaml_error(at(key), get(key),
               fmt::format("expected a number from 0 to {}, found '{}'", most, *value));
  }
  return *number;
}

double YamlMap::real(const std::string& key, double fallback) {
  const auto value = scalar(key);
  if (!value) return fallback;
  const auto number = to_real(*value);
  if (!number) yaml_error(at(key), get(key), fmt::format("expected a number, found '{}'", *value));
  return *number;
}

bool YamlMap::flag(const std::string& key, bool fallback) {
  const auto value = scalar(key);
  if (!value) return fallback;
  const auto flag = to_bool(*value);
  if (!flag) {
    yaml_error(at(key), get(key), fmt::format("expected true or false, found '{}'", *value));
  }
  return *flag;
}

std::optional<Octets> YamlMap::hex(const std::string& key) {
  const auto value = scalar(key);
  if (!value) return std::nullopt;
  Octets octets;
  if (!parse_hex(*value, octets)) {
    // The value may be a key.
    yaml_error(at(key), get(key),
               fmt::format("expected hexadecimal octets, two digits each; found {} characters",
                           value->size()));
  }
  return octets;
}

std::optional<Address> YamlMap::address(const std::string& key) {
  const auto value = scalar(key);
  if (!value) return std::nullopt;
  const auto address = to_ip(*value);
  if (!address) {
    yaml_error(at(key), get(key), fmt::format("expected an IP address, found '{}'", *value));
  }
  return address;
}

std::vector<std::string> YamlMap::texts(const std::string& key) {
  const auto value = get(key);
  std::vector<std::string> texts;
  if (!value.IsDefined() || value.IsNull()) return texts;
  if (value.IsScalar()) return {value.Scalar()};
  if (!value.IsSequence()) yaml_error(at(key), value, "expected a list");
  for (const auto& item : value) {
    if (!item.IsScalar()) yaml_error(at(key), item, "expected a list of single values");
    texts.push_back(item.Scalar());
  }
  return texts;
}

std::optional<std::size_t> YamlMap::choice(const std::string& key,
                                           std::span<const std::string_view> names) {
  const auto value = scalar(key);
  if (!value) return std::nullopt;
  const auto found = std::ranges::find(names, *value);
  if (found == names.end()) {
    yaml_error(at(key), get(key),
               fmt::format("expected one of {}, found '{}'{}", fmt::join(names, ", "), *value,
                           suggestion(*value, names)));
  }
  return static_cast<std::size_t>(found - names.begin());
}

void YamlMap::require(const std::string& key) {
  if (!get(key).IsDefined()) yaml_error(place_, node_, fmt::format("'{}' is missing", key));
}

void YamlMap::finish() const {
  std::vector<std::string_view> names(valid_keys_.begin(), valid_keys_.end());
  for (const auto& pair : node_) {
    const auto key = pair.first.IsScalar() ? pair.first.Scalar() : std::string("?");
    if (std::ranges::find(names, key) == names.end()) {
      yaml_error(place_, pair.first,
                 fmt::format("unknown key '{}'{}", key, suggestion(key, names)));
    }
  }
}

}  // namespace secct::files
