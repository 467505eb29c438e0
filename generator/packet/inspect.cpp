// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/packet/inspect.hpp"

#include <algorithm>

#include "generator/document/decrypting_visitor.hpp"
#include "protocol/decode/decode.hpp"

namespace secct::generator {
namespace {

class Inspector : public DecryptingVisitor {
 public:
  Inspector(const CodePoints& codepoints, const Keyring& keys)
      : DecryptingVisitor(keys), codepoints_(codepoints) {}

  Inspected take() { return std::move(result_); }

  Action on_message(const CandidateMessage& message) override {
    if (!message.in.quoted) inspect_message(message);
    return Action::proceed;
  }

 private:
  void inspect_message(const CandidateMessage& message) {
    const auto& datagram = message.in.datagram;
    const bool is_ipv6 = message.carrier == Carrier::icmpv6 || message.carrier == Carrier::dstopt;
    Envelope envelope;
    envelope.source = datagram.source;
    envelope.destination = datagram.destination;
    envelope.hop_limit = datagram.hop_limit;
    // Registrations are authenticated by their extensions.
    envelope.protection = is_ipv6 ? message.in.protection : Protection::unknown;
    envelope.complete = message.missing == 0;
    if (!decode(codepoints_, message.carrier, message.octets, envelope, decoded_)) return;
    if (result_.message == Message::none) {
      result_.message = decoded_.message;
      result_.message_octets = message.octets.size();
    }
    for (const auto& problem : decoded_.problems) {
      if (std::ranges::find(result_.rules, problem.rule) == result_.rules.end()) {
        result_.rules.push_back(problem.rule);
      }
    }
  }

  const CodePoints& codepoints_;
  DecodedMessage decoded_;
  Inspected result_;
};

}  // namespace

Inspected inspect(const CodePoints& codepoints, const Keyring& keys, LinkType link, View octets) {
  Inspector inspector(codepoints, keys);
  FrameWalker().walk({link, octets, octets.size()}, inspector);
  return inspector.take();
}

}  // namespace secct::generator
