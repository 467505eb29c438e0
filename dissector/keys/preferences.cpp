// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/keys/preferences.hpp"

#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include "dissector/epan/codepoint_file.hpp"
#include "dissector/epan/epan.hpp"
#include "dissector/epan/registry.hpp"
#include "dissector/keys/keys.hpp"
#include "dissector/keys/secrets.hpp"
#include "protocol/octets.hpp"

namespace secct::dissector {
namespace {

CodePoints current;
// Text, so that both notations of the documentation can be written: 202 and 0x1e.
std::array<const char*, static_cast<std::size_t>(CodePoint::count)> chosen{};
const char* profile = "";
// What was last complained about: epan applies preferences more often than they change.
std::string reported;

void complain(const std::string& problem) {
  if (problem == reported) return;
  reported = problem;
  if (!problem.empty()) report_failure("SecCT code points: %s", problem.c_str());
}

std::optional<std::uint8_t> number(std::string_view text) {
  const bool is_hex = text.starts_with("0x") || text.starts_with("0X");
  if (is_hex) text.remove_prefix(2);
  std::uint8_t value = 0;
  const auto* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value, is_hex ? 16 : 10);
  if (result.ec != std::errc{} || result.ptr != end) return std::nullopt;
  return value;
}

// As docs/wire-format.md section 1 writes it.
std::string notation(const CodePointRow& row) {
  if (row.group != CodePointGroup::dstopt) return std::to_string(row.value);
  const std::uint8_t octet[] = {row.value};
  return "0x" + to_hex(octet);
}

void apply() {
  CodePoints wanted;
  std::string problem;
  if (profile != nullptr && *profile != '\0') problem = read_codepoint_file(profile, wanted);
  for (const auto& row : secct::codepoints()) {
    const std::string_view text = chosen[static_cast<std::size_t>(row.id)];
    if (const auto value = number(text)) {
      // What is not changed here leaves the profile's number as it is.
      if (*value != row.value) wanted.set(row.id, *value);
    } else {
      problem = std::string(row.name) + " is \"" + std::string(text) +
                "\", which is no number from 0 to 255; " + notation(row) + " is used";
    }
  }
  if (problem.empty()) problem = wanted.problem();
  current = wanted;
  name_code_points(current);
  complain(problem);
  apply_key_preferences();
  prepare_hiding();
}

}  // namespace

const CodePoints& codepoints() { return current; }

void register_preferences() {
  auto* module = prefs_register_protocol(registry().protocol, apply);
  for (const auto& row : secct::codepoints()) {
    auto& text = chosen[static_cast<std::size_t>(row.id)];
    const auto initial = notation(row);
    text = initial.c_str();  // epan makes a copy
    const auto* description = g_strdup_printf("%s; decimal or 0x...", row.what);
    prefs_register_string_preference(module, row.name, row.what, description, &text);
  }
  prefs_register_filename_preference(
      module, "codepoint_file", "Code-point profile",
      "The YAML file that the tools read with --codepoints; numbers changed above go before it",
      &profile, FALSE);
  register_keys(module);
}

}  // namespace secct::dissector
