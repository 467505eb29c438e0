// SPDX-License-Identifier: GPL-2.0-or-later
// The conversation engine: which messages belong together, and which rules they break. It has no
// files, no epan and no clock; callers hand it decoded messages in the order of the capture.
//
//   Conversation conversation(options);
//   const Relations& found = conversation.observe({decoded, frame, time});
//   // found.handover, found.response_to, found.violations ...
//
// A capture may lack messages, or their ends. A rule with a clause is reported only if the captured
// messages prove that it is broken.
#pragma once

#include <functional>
#include <memory>

#include "conversation/relations.hpp"
#include "protocol/decode/decoded_message.hpp"

namespace secct::conversation {

struct EndedHandover {
  std::uint32_t number;
  std::uint64_t first_frame;
  Time first;
  Time last;
  Address paddr;
  Address naddr;   // unspecified if no message stated it
  bool has_reply;  // it ended with a SHAK or Registration Reply
};

// Later news of earlier messages. A message is identified by the cookie that came with it.
class Events {
 public:
  virtual ~Events() = default;
  // The reply to a request is in `frame`.
  virtual void responded(void* request, std::uint64_t frame) {
    static_cast<void>(request);
    static_cast<void>(frame);
  }
  // A later message showed that this one breaks a rule.
  virtual void violated(void* message, const Violation& violation) {
    static_cast<void>(message);
    static_cast<void>(violation);
  }
  // The engine forgets a handover: it is over, was silent for long, or made room for others.
  virtual void ended(const EndedHandover& handover) { static_cast<void>(handover); }
};

struct Options {
  CodePoints codepoints;
  double timing_scale = 1;    // multiplies the routers' timers
  bool confidential = false;  // the policy requires ESP for keys
  // The key that the mobile node with this Paddr shares with its previous router, if it is known.
  std::function<std::optional<Octets>(const Address& paddr)> token_key;
  // Handovers that are remembered, at least 1; beyond that the longest silent one is forgotten.
  std::size_t max_handovers = std::size_t{1} << 16;
};

// A captured message. `decoded` has both addresses in its envelope; envelope.complete is false for
// a message whose end is missing, whose missing part breaks no rule.
struct Message {
  const DecodedMessage& decoded;
  std::uint64_t frame;  // number in the capture, from 1
  Time time;
  std::uint32_t identification = 0;  // of a Mobile IPv4 registration
  // SPI of the innermost AH or ESP header around the message.
  std::optional<std::uint32_t> spi = std::nullopt;
  std::uint64_t copy_of = 0;  // frame of which IPsec says that this is a copy, else 0
  void* cookie = nullptr;     // for Events
  // Since then no packet under its SA is missing: SequenceNumbers::complete_since(). Rules that a
  // missing message could explain are only reported if it is known.
  std::optional<Time> complete_since = std::nullopt;
  // Of a Mobile IPv4 registration: authentication_follows() (protocol/decode/mip4.hpp).
  bool authentication_follows = false;
};

class Conversation {
 public:
  // `events` may be nullptr; it must outlive the engine.
  explicit Conversation(Options options, Events* events = nullptr);
  ~Conversation();
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;

  // The next message of the capture. The result is valid until the next call.
  const Relations& observe(const Message& message);

  // A Registration Reply without SecCT extension. nullptr if it does not answer a request with one;
  // else as observe(). `accepted`: its code grants the registration.
  const Relations* observe_reply_without_secct(const Envelope& envelope,
                                               std::uint32_t identification, std::uint64_t frame,
                                               Time time, bool accepted, void* cookie = nullptr);

  // A packet under ESP between two addresses that could not be decrypted: it may have been a
  // message, so messages between the two are not reported as missing.
  void hidden(const Address& source, const Address& destination);

  void finish();  // the capture ends: Events::ended() for all handovers

  std::uint32_t begun() const;  // handovers so far
  std::size_t open() const;     // handovers that are remembered now

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace secct::conversation
