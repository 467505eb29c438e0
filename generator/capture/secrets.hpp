// SPDX-License-Identifier: GPL-2.0-or-later
// Finds the octets of a frame that are secret, for the Redactor.
#pragma once

#include <string_view>
#include <vector>

#include "generator/document/document.hpp"
#include "generator/namespace.hpp"
#include "network/fragment.hpp"
#include "network/frame_walker.hpp"
#include "protocol/decode/decoded_message.hpp"

namespace secct::generator {

// Offsets and sizes are octets of the frame.
struct SecretRange {
  enum class Kind : std::uint8_t {
    value,      // a key, an IV, a token, or octets that may be one
    icv,        // begins with an ICV of 12 octets
    encrypted,  // ends with an ICV of 12 octets
    unread
  };
  std::size_t at;
  std::size_t octets;
  Kind kind;
};

// A checksum of ICMP, ICMPv6, UDP or GRE.
struct CoveringChecksum {
  std::size_t at;
  std::size_t from;    // first covered octet
  std::size_t octets;  // number of covered octets
  bool is_udp;
};

// Octets from `at` on that are secret because they cannot be read.
struct UnreadPart {
  std::string_view reason;  // such as "unknown EtherType"; a literal
  std::uint32_t number;     // such as the EtherType; 0 if the reason has none
  std::size_t at;
};

struct Secrets {
  std::vector<SecretRange> ranges;
  std::vector<CoveringChecksum> checksums;  // a checksum comes after those that cover it
  std::vector<UnreadPart> unread;           // also in `ranges`; the first one of each reason
};

// What a frame contains, its decrypted and reassembled datagrams included.
struct FrameValues {
  // Keys, IVs and tokens of the SecCT messages, and the token keys of the mobile nodes that send or
  // receive its datagrams.
  std::vector<Octets> secrets;
  // Sources and destinations of its datagrams, and addresses in its SecCT messages.
  std::vector<Address> addresses;
};

class SecretFinder {
 public:
  // `keys` decrypt ESP.
  SecretFinder(const CodePoints& codepoints, Keyring keys)
      : codepoints_(codepoints), keys_(std::move(keys)) {}

  // The values of a frame, which may occur elsewhere too. Decrypts ESP and reassembles fragments.
  // `time` in nanoseconds.
  FrameValues values(const Frame& frame, std::uint64_t time);
  // The secrets at their position in the frame, see Redactor::redact().
  Secrets find(const Frame& frame);

 private:
  CodePoints codepoints_;
  Keyring keys_;
  FrameWalker walker_;
  Reassembler reassembler_;
  DecodedMessage decoded_;
};

}  // namespace secct::generator
