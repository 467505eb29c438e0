// SPDX-License-Identifier: GPL-2.0-or-later
// Reads tests/vectors/*.txt: messages that were encoded by hand, each with a readable dump of its
// octets.
// clang-format off
//
//   === title                        begins a vector; `#` comments and `;` to the end of a line are ignored
//   carrier: icmpv6|dstopt|mip4-request|mip4-reply
//   source:, destination:, hop_limit:, protection: none|ah|esp       the envelope, if there is one
//   row: 5                           the row of docs/behaviour.md section 4 that applies, 0: none
//   0004  00 07  secct.identifier = 7   offset, octets, field; a field of type bytes has no value
//   0002  00 00  -                   octets without a field; a line with octets only continues the last one
//   0008  options 48                 a group, or a field with parts, and its length
//         ^ secct.req.form = 1 [@47+1]     a part of the octets above
//         + secct.naddr = 2001:db8::1      not in the octets: implied or from the envelope
//   ! rule  field  @offset+length  expected N|-  actual N|-      every problem, in any order
// clang-format on
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "protocol/decode/decoded_message.hpp"
#include "protocol/octets.hpp"
#include "protocol/tables/layout.hpp"

namespace secct::test {

struct Entry {
  enum class Kind : std::uint8_t { field, group, part, implied };
  Kind kind = Kind::field;
  std::string name;
  std::string value;  // as in the file; empty for groups and bytes
  std::uint32_t offset = 0;
  std::uint32_t length = 0;
  std::vector<Entry> children;  // of groups
};

struct ListedProblem {
  std::string rule;
  std::string field;
  std::uint32_t offset = 0;
  std::uint32_t length = 0;
  std::optional<std::uint64_t> expected;
  std::optional<std::uint64_t> actual;
};

struct Vector {
  std::string title;
  std::string place;  // "req.txt:12"
  Carrier carrier = Carrier::icmpv6;
  Envelope envelope;
  unsigned row = 0;
  Octets octets;
  std::vector<Entry> entries;
  std::vector<ListedProblem> problems;

  bool malformed() const;  // true if it lists a problem of severity error
};

// The root of the source tree.
std::filesystem::path source_dir();

// The names of the files in tests/vectors, without .txt.
std::vector<std::string> vector_files();

// Throws std::runtime_error with file and line if the offsets or lengths of a vector are wrong.
std::vector<Vector> read_vectors(const std::filesystem::path& file);
// The vectors of all files in tests/vectors; they are read once.
const std::vector<Vector>& all_vectors();
// The vector with this title; fails the test if there is none.
const Vector& find_vector(std::string_view title);

}  // namespace secct::test
