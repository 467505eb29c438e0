// SPDX-License-Identifier: GPL-2.0-or-later
// Removes secrets from captures: keys, IVs, tokens and ICVs are replaced by other octets of the
// same length. Equal secrets have equal replacements, so that a redacted capture can still be
// analysed.
#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "generator/document/document.hpp"
#include "generator/namespace.hpp"

namespace secct::generator {

// Needs two passes: learn() all packets, then redact() each of them. A key may occur in a packet
// before the message that transfers it.
class Redactor {
 public:
  // `keys` are secrets too, and decrypt ESP, so that the secrets inside are found in other packets.
  Redactor(const CodePoints& codepoints, Keyring keys);

  // Finds the secrets of a packet, which begins with its link layer.
  void learn(LinkType link, View octets);

  // Redacts a packet in place. Replaces
  // - keys, IVs and tokens of SecCT messages, and octets that no field describes,
  // - ICVs of AH and authenticators of Mobile IPv4,
  // - all octets of ESP after the sequence number, and of fragments after the Fragment header,
  // - learned secrets and keys at any other position.
  // Looks into tunnels and ICMP errors. Correct checksums stay correct.
  void redact(LinkType link, Octets& octets) const;

  // Redacts a text, in which secrets are hexadecimal; returns the new text.
  std::string redact(const std::string& text) const;

  std::size_t secrets() const { return replacements_.size(); }  // number of different secrets

 private:
  Octets replacement(View secret) const;
  void add_secret(View secret);
  // The length of the longest secret at offset `at` with at least `shortest` octets, or 0.
  std::size_t secret_at(View octets, std::size_t at, std::size_t shortest) const;

  CodePoints codepoints_;
  Keyring keys_;
  Octets salt_;  // random and never written, so that replacements cannot be reversed
  std::map<Octets, Octets> replacements_;
  // The lengths of the secrets that begin with these four octets, longest first.
  std::unordered_map<std::uint32_t, std::vector<std::size_t>> lengths_;
};

}  // namespace secct::generator
