// SPDX-License-Identifier: GPL-2.0-or-later
// Makes text from outside (packets, captures, suites, file names) harmless for terminals, XML and
// HTML.
//
//   print_escaped("{}  {}\n", case.id, case.title);
#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <fmt/format.h>

namespace secct::files {

// Replaces control characters, octets that are not UTF-8, bidirectional controls and non-characters
// by their codes (\x1b, \u202e), because they could move the cursor, change the writing direction
// or make a document invalid. Returns valid UTF-8. `lines`: keep line feeds.
std::string escape_control_characters(std::string_view text, bool lines = false);

// The value, escaped if it is text.
template <class T>
auto escaped_value(const T& value) {
  if constexpr (std::is_convertible_v<const T&, std::string_view>) {
    return escape_control_characters(std::string_view(value));
  } else {
    return value;
  }
}

// As fmt::format() and fmt::print(), but the texts among the values are escaped; `format` is not.
template <class... T>
std::string format_escaped(fmt::format_string<const T&...> format, const T&... values) {
  const auto filled = [&format](const auto&... escaped) {
    return fmt::vformat(fmt::string_view(format), fmt::make_format_args(escaped...));
  };
  return filled(escaped_value(values)...);
}
template <class... T>
void print_escaped(fmt::format_string<const T&...> format, const T&... values) {
  fmt::print("{}", format_escaped<T...>(format, values...));
}

}  // namespace secct::files
