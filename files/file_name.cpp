// SPDX-License-Identifier: GPL-2.0-or-later
#include "files/file_name.hpp"

#include <cstdint>

#include <fmt/format.h>

namespace secct::files {
namespace {

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
}

std::string encoded(std::string_view id) {
  std::string name;
  for (const char c : id) {
    if (c == '/') {
      name += '_';
    } else if (is_plain(c) || (c == '.' && !name.empty())) {
      name += c;
    } else {
      name += fmt::format("={:02X}", static_cast<unsigned char>(c));
    }
  }
  return name;
}

// FNV-1a. Long ids are refused or made by secct, so that equal hashes are not to be expected.
std::uint64_t hash(std::string_view text) {
  constexpr std::uint64_t offset_basis = 0xcbf29ce484222325;
  constexpr std::uint64_t prime = 0x100000001b3;
  auto value = offset_basis;
  for (const char c : text) value = (value ^ static_cast<unsigned char>(c)) * prime;
  return value;
}

}  // namespace

bool has_full_file_name(std::string_view id) { return encoded(id).size() <= longest_file_name; }

std::string file_name(std::string_view id) {
  auto name = encoded(id);
  if (name.size() <= longest_file_name) return name;
  const auto end = fmt::format("={:016x}", hash(id));
  name.resize(longest_file_name - end.size());
  return name + end;
}

}  // namespace secct::files
