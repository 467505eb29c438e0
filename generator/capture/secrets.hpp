// SPDX-License-Identifier: GPL-2.0-or-later
// Where secrets stand in a packet.
#pragma once

#include <vector>

#include "generator/document/document.hpp"
#include "generator/namespace.hpp"

namespace secct::generator {

struct SecretSpot {
  std::size_t at;
  std::size_t octets;
  // A key, an IV or a token, which may stand elsewhere too; else octets that hide or prove
  // something in this place only.
  bool is_value;
};

// A checksum over octets that hold secrets.
struct SumSpot {
  std::size_t at;
  std::size_t from;  // of what it covers
  std::size_t octets;
  std::uint8_t protocol;
  Address source;
  Address destination;
  bool v4;
};

struct Secrets {
  std::vector<SecretSpot> spots;
  std::vector<SumSpot> sums;
};

Secrets find_secrets(const CodePoints& codepoints, LinkType link, View octets);

// The checksum that should stand at `sum`.
std::uint16_t right_sum(const SumSpot& sum, View octets);

}  // namespace secct::generator
