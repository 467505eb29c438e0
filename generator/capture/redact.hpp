// SPDX-License-Identifier: GPL-2.0-or-later
// Makes captures fit to be shared: keys, IVs, tokens and ICVs become other octets of the same
// length, the same ones for the same secret everywhere in a file.
#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "generator/document/document.hpp"
#include "generator/namespace.hpp"

namespace secct::generator {

// Two passes: learn() every packet, so that a key is found before the packet that hands it over
// too, then redact() each.
class Redactor {
 public:
  // `keys` are secrets themselves, and open ESP, so that what travels in it is looked for as well.
  Redactor(const CodePoints& codepoints, Keyring keys);

  void learn(LinkType link, View octets);

  // In place; the length stays. Replaced are
  // - of SecCT messages: keys, IVs, tokens, and octets that no field describes,
  // - ICVs of AH, authenticators of Mobile IPv4,
  // - all of ESP behind its sequence number, and all of fragments behind their header,
  // - wherever else they stand, the secrets that were learnt and those of `keys`.
  // A checksum that was right is right again. ICMP errors are looked into.
  void redact(LinkType link, Octets& octets) const;

  // The same for secrets that a text spells in hexadecimal.
  std::string redact(const std::string& text) const;

  std::size_t secrets() const { return secrets_.size(); }  // different ones

 private:
  Octets replacement(View secret) const;
  void add_secret(View secret);
  // The longest secret that begins at `at`, 0 when none does.
  std::size_t secret_at(View octets, std::size_t at, std::size_t shortest) const;

  CodePoints codepoints_;
  Keyring keys_;
  Octets salt_;  // of this object alone: nobody can go back from the replacements
  std::map<Octets, Octets> secrets_;  // and what they become
  // Lengths of the secrets that begin with these four octets.
  std::unordered_map<std::uint32_t, std::vector<std::size_t>> beginnings_;
};

}  // namespace secct::generator
