// SPDX-License-Identifier: GPL-2.0-or-later
// Reads tests/vectors/*.txt: messages worked out by hand, a readable dump beside the octets.
//
//   === title                        a vector; `#` comments and `;` at the end of a line are
//   ignored carrier: icmpv6|dstopt|mip4-request|mip4-reply source: / destination: / hop_limit: /
//   protection: none|ah|esp    the envelope, when there is one row: 5                           the
//   row of docs/behaviour.md section 4 that applies, 0 = none 0004  00 07  secct.identifier = 7
//   offset, octets, field; bytes fields have no value 0002  00 00  -                         octets
//   without a field; octets alone go on from above 0008  options 48                       a group,
//   or a field with parts, and how long it is
//         ^ secct.req.form = 1 [@47+1]     a part of the octets above
//         + secct.naddr = 2001:db8::1      not in the octets: implied or from the envelope
//   ! rule  field  @offset+length  expected N|-  actual N|-      every problem, in any order
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
  std::string value;  // as written, empty for groups and bytes
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

  bool malformed() const;  // a rule of severity error is listed
};

// The root of the source tree.
std::filesystem::path source_dir();

// The names of the files in tests/vectors, without .txt.
std::vector<std::string> vector_files();

// Throws std::runtime_error that names file and line when a vector does not add up.
std::vector<Vector> read_vectors(const std::filesystem::path& file);
// Those of every file in tests/vectors, read once.
const std::vector<Vector>& all_vectors();
// The one with this title.
const Vector& find_vector(std::string_view title);

}  // namespace secct::test
