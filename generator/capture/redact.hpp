// SPDX-License-Identifier: GPL-2.0-or-later
// Removes secrets from captures: keys, IVs, tokens and ICVs are replaced by other octets of the
// same length. Equal secrets have equal replacements, so that a redacted capture can still be
// analysed.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "generator/capture/read.hpp"
#include "generator/capture/secret_map.hpp"
#include "generator/capture/secrets.hpp"

namespace secct::generator {

// Frames that could not be read to their end, for one reason.
struct UnreadFrames {
  UnreadPart first;            // of the first of these frames
  std::uint64_t first_number;  // of this frame
  std::size_t frames;          // number of frames
};

// Needs two passes: learn() all frames, then redact() each of them. A key may occur in a frame
// before the message that transfers it.
class Redactor {
 public:
  // Calls `each` with keys that are secrets if the address occurs in the capture.
  using KeysOfAddress = std::function<void(const Address&, const std::function<void(View)>& each)>;

  // `keys` are secrets too, and decrypt ESP, so that the secrets inside are found in other frames.
  Redactor(const CodePoints& codepoints, const Keyring& keys, KeysOfAddress keys_of_address = {});

  // Adds a key that may occur at any position.
  void add_key(View key) { secrets_.add(key, SecretMap::Source::description); }

  // Finds the keys, IVs and tokens in a frame, and in the datagram that it completes if it contains
  // a fragment. `time` in nanoseconds.
  void learn(const Frame& frame, std::uint64_t time);

  // Redacts a frame and its comments. Replaces
  // - keys, IVs and tokens of SecCT messages, and octets that no field describes,
  // - ICVs of AH and authenticators of Mobile IPv4,
  // - all octets of ESP after the sequence number, and of fragments after the Fragment header,
  // - all octets from the first one that FrameWalker cannot read to the end of what contains it,
  //   and octets after a datagram that are more than padding and a frame check sequence,
  // - learned secrets and keys at any other position.
  // Replaced ICVs and tokens have the marks of ipsec/redacted.hpp; fragments and octets that cannot
  // be read become zeros. Correct checksums stay correct, and wrong ones stay wrong by the same
  // difference. Returns false if the frame could not be read to its end; unread() counts it.
  bool redact(CapturedPacket& packet);

  // Redacts a text (redact_text.hpp).
  std::string redact(const std::string& text);

  // The number of different keys, IVs and tokens in the messages of the capture.
  std::size_t secrets() const { return secrets_.in_capture(); }
  // The frames of redact() that could not be read, one row for each reason.
  const std::vector<UnreadFrames>& unread() const { return unread_; }

 private:
  void count(std::uint64_t frame, const std::vector<UnreadPart>& parts);
  void overwrite(std::span<std::uint8_t> octets, SecretRange::Kind kind) const;

  SecretFinder finder_;
  KeysOfAddress keys_of_address_;
  std::set<Address> addresses_;  // for which it was called
  SecretMap secrets_;
  std::vector<UnreadFrames> unread_;
};

}  // namespace secct::generator
