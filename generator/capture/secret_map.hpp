// SPDX-License-Identifier: GPL-2.0-or-later
// Secrets and the octets that replace them, for the Redactor.
#pragma once

#include <cstdint>
#include <map>
#include <unordered_map>
#include <vector>

#include "generator/namespace.hpp"
#include "protocol/octets.hpp"

namespace secct::generator {

// Secrets that are shorter than this occur in texts by chance, ...
constexpr std::size_t shortest_in_text = 4;  // a token
// ... and in packets.
constexpr std::size_t shortest_in_packets = 8;

class SecretMap {
 public:
  SecretMap();

  // Where a secret was found.
  enum class Source : std::uint8_t { description, capture };
  // Ignores secrets of less than 4 octets, and zeros, which occur in all packets.
  void add(View secret, Source source);
  // The number of different secrets of the capture.
  std::size_t in_capture() const { return in_capture_; }

  // The replacement of a secret that was added, or of any other octets; as long as `octets`. Equal
  // octets have equal replacements.
  Octets replacement(View octets) const;

  // The length of the longest secret at offset `at` with at least `shortest` octets, or 0. At the
  // end of the octets, the beginning of a secret counts too, if it has at least 8 octets.
  std::size_t secret_at(View octets, std::size_t at, std::size_t shortest) const;
  // Whether the 8 octets at offset `at` are a part of a secret.
  bool has_part_at(View octets, std::size_t at);

 private:
  bool is_beginning(View octets) const;

  Octets salt_;  // random and never written, so that replacements cannot be reversed
  struct Secret {
    Octets replacement;
    Source source;
  };
  std::map<Octets, Secret> secrets_;
  std::size_t in_capture_ = 0;
  // The lengths of the secrets that begin with these four octets, longest first.
  std::unordered_map<std::uint32_t, std::vector<std::size_t>> lengths_;
  std::uint16_t tokens_ = 0;  // secrets of 4 octets
  // All parts of 8 octets; sorted by has_part_at().
  std::vector<std::uint64_t> parts_;
  bool sorted_ = true;
};

}  // namespace secct::generator
