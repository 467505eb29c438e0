// SPDX-License-Identifier: GPL-2.0-or-later
// Names of files for texts from outside, such as ids of cases.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace secct::files {

// The longest file_name(); it leaves space for a suffix in the 255 octets of a file system.
constexpr std::size_t longest_file_name = 240;

// A file name for `id`, without suffix. Different ids have different names: "/" becomes "_", and
// every octet other than a letter, a digit, "-" or a "." after the first octet becomes "=" and its
// number in hexadecimal. The name is a relative URL as well. A name that would be longer than
// `longest_file_name` ends with a hash of the id instead.
std::string file_name(std::string_view id);
// Whether file_name() has no hash.
bool has_full_file_name(std::string_view id);

}  // namespace secct::files
