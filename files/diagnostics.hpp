// SPDX-License-Identifier: GPL-2.0-or-later
// Messages on standard error. A message that cannot be written is lost; unlike fmt::print(), these
// functions do not throw: a router or a test run does not end because its log cannot be written.
#pragma once

#include <string_view>

#include <fmt/format.h>

#include "files/escape.hpp"

namespace secct::files {

void write_diagnostic(std::string_view text);

// The texts among the values are escaped, see format_escaped().
template <class... T>
void print_diagnostic(fmt::format_string<const T&...> format, const T&... values) {
  write_diagnostic(format_escaped<T...>(format, values...));
}

// Replaces each of standard input, output and error that is closed by an empty file that cannot be
// written, so that no file that the program opens later takes its place. At the beginning of a
// program.
void open_standard_streams();

}  // namespace secct::files
