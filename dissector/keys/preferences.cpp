// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/keys/preferences.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include "conversation/conversation.hpp"
#include "dissector/epan/codepoint_file.hpp"
#include "dissector/epan/epan.hpp"
#include "dissector/epan/registry.hpp"
#include "dissector/keys/keys.hpp"
#include "dissector/keys/secrets.hpp"
#include "protocol/octets.hpp"

namespace secct::dissector {
namespace {

CodePoints current_codepoints;
// String preferences: users may write decimal and hexadecimal numbers (202, 0x1e), as the
// documentation does.
std::array<const char*, static_cast<std::size_t>(CodePoint::count)> preference_texts{};
const char* profile_path = "";
guint handover_limit = 0;  // preference; set when it is registered
// epan applies preferences more often than they change; each problem is reported once.
std::string last_problem;

void report_problem(const std::string& problem) {
  if (problem == last_problem) return;
  last_problem = problem;
  if (!problem.empty()) report_failure("SecCT code points: %s", problem.c_str());
}

std::optional<std::uint8_t> parse_number(std::string_view text) {
  const bool is_hex = text.starts_with("0x") || text.starts_with("0X");
  if (is_hex) text.remove_prefix(2);
  std::uint8_t value = 0;
  const auto* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value, is_hex ? 16 : 10);
  if (result.ec != std::errc{} || result.ptr != end) return std::nullopt;
  return value;
}

// In the notation of docs/wire-format.md section 1: option types in hexadecimal.
std::string format_number(const CodePointRow& row, std::uint8_t number) {
  if (row.group != CodePointGroup::dstopt) return std::to_string(number);
  const std::uint8_t octet[] = {number};
  return "0x" + to_hex(octet);
}

void apply() {
  CodePoints wanted;
  std::string problem;
  if (profile_path != nullptr && *profile_path != '\0') {
    problem = read_codepoint_file(profile_path, wanted);
  }
  for (const auto& row : secct::codepoints()) {
    const std::string_view text = preference_texts[static_cast<std::size_t>(row.id)];
    if (const auto value = parse_number(text)) {
      // A preference with the default value does not override the profile.
      if (*value != row.value) wanted.set(row.id, *value);
    } else {
      problem = std::string(row.name) + ": expected a number from 0 to 255, found \"" +
                std::string(text) + "\"; " + format_number(row, wanted[row.id]) + " is used";
    }
  }
  if (problem.empty()) problem = wanted.problem();
  current_codepoints = wanted;
  update_codepoint_names(current_codepoints);
  report_problem(problem);
  apply_key_preferences();
  register_fragment_hiding();
}

}  // namespace

const CodePoints& codepoints() { return current_codepoints; }

std::size_t max_handovers() { return std::max(handover_limit, 1U); }

// The preferences are listed in the order of their registration.
void register_preferences() {
  auto* module = prefs_register_protocol(registry().protocol, apply);
  register_keys(module);
  handover_limit = static_cast<guint>(conversation::Options{}.max_handovers);
  prefs_register_uint_preference(
      module, "max_handovers", "Handovers to remember",
      "How many handovers, and SAs of how many handovers, are remembered at a time. Beyond that "
      "the one that was silent for the longest time is forgotten: a later message of it begins a "
      "new handover.",
      10, &handover_limit);
  prefs_register_static_text_preference(
      module, "codepoints", "Code points",
      "The draft leaves these numbers to IANA. Numbers that differ from those in "
      "docs/wire-format.md section 1 come from the file, or from the single preferences.");
  prefs_register_filename_preference(
      module, "codepoint_file", "Code-point profile",
      "YAML file that secct also reads with --codepoints. Each line sets a code point, for example "
      "icmpv6.hi: 202 (secct list codepoints prints the names). A preference below that differs "
      "from its default overrides the file. Default: no file.",
      &profile_path, FALSE);
  for (const auto& row : secct::codepoints()) {
    auto& text = preference_texts[static_cast<std::size_t>(row.id)];
    const auto initial = format_number(row, row.value);
    text = initial.c_str();  // epan makes a copy
    // epan keeps the pointer to the description.
    const auto* description = g_strdup_printf(
        "%s: a number from 0 to 255, decimal or 0x... Default: %s.", row.what, initial.c_str());
    prefs_register_string_preference(module, row.name, row.what, description, &text);
  }
}

}  // namespace secct::dissector
