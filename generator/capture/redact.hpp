// SPDX-License-Identifier: GPL-2.0-or-later
// Removes secrets from captures: keys, IVs, tokens and ICVs are replaced by other octets of the
// same length. Equal secrets have equal replacements, so that a redacted capture can still be
// analysed.
#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "generator/capture/secrets.hpp"

namespace secct::generator {

// Frames that could not be read to their end, for one reason.
struct UnreadFrames {
  UnreadPart first;          // of the first of these frames
  std::size_t first_number;  // of this frame, beginning with 1
  std::size_t frames;        // number of frames
};

// Needs two passes: learn() all frames, then redact() each of them. A key may occur in a frame
// before the message that transfers it.
class Redactor {
 public:
  // `keys` are secrets too, and decrypt ESP, so that the secrets inside are found in other frames.
  Redactor(const CodePoints& codepoints, const Keyring& keys);

  // Finds the keys, IVs and tokens in a frame, and in the datagram that it completes if it contains
  // a fragment. `time` in nanoseconds.
  void learn(const Frame& frame, std::uint64_t time);

  // Redacts a frame in place; `original_length` as in Frame. Replaces
  // - keys, IVs and tokens of SecCT messages, and octets that no field describes,
  // - ICVs of AH and authenticators of Mobile IPv4,
  // - all octets of ESP after the sequence number, and of fragments after the Fragment header,
  // - all octets from the first one that FrameWalker cannot read to the end of what contains it,
  //   and octets after a datagram that are more than padding and a frame check sequence,
  // - learned secrets and keys at any other position.
  // Correct checksums stay correct, and wrong ones stay wrong by the same difference.
  void redact(LinkType link, Octets& octets, std::size_t original_length);

  // Redacts a text, in which secrets are hexadecimal; returns the new text.
  std::string redact(const std::string& text) const;

  std::size_t secrets() const { return replacements_.size(); }  // number of different secrets
  // The frames of redact() that could not be read, one row for each reason.
  const std::vector<UnreadFrames>& unread() const { return unread_; }

 private:
  Octets replacement(View secret) const;
  void add_secret(View secret);
  void count(const std::vector<UnreadPart>& parts);
  // The length of the longest secret at offset `at` with at least `shortest` octets, or 0.
  std::size_t secret_at(View octets, std::size_t at, std::size_t shortest) const;

  SecretFinder finder_;
  Octets salt_;  // random and never written, so that replacements cannot be reversed
  std::map<Octets, Octets> replacements_;
  // The lengths of the secrets that begin with these four octets, longest first.
  std::unordered_map<std::uint32_t, std::vector<std::size_t>> lengths_;
  std::size_t redacted_ = 0;  // number of frames
  std::vector<UnreadFrames> unread_;
};

}  // namespace secct::generator
