// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/conversation/observer.hpp"

#include <algorithm>

#include "conversation/known_sas.hpp"
#include "conversation/sequence_numbers.hpp"
#include "ipsec/ah.hpp"
#include "ipsec/crypto.hpp"
#include "ipsec/decapsulated.hpp"
#include "ipsec/esp.hpp"
#include "network/frame_walker.hpp"
#include "protocol/decode/mip4.hpp"
#include "protocol/decode/partial.hpp"

namespace secct::conversation {
namespace {

using State = IpsecHeader::State;

Options engine_options(const generator::RouterDescription& description,
                       const ObserverOptions& options) {
  Options engine;
  engine.codepoints = description.codepoints;
  engine.confidential = options.confidential;
  engine.max_handovers = options.max_handovers;
  if (!options.token_keys) return engine;
  engine.token_key = [&description](const Address& paddr) -> std::optional<Octets> {
    const auto number = description.number_of(paddr);
    if (!number) return std::nullopt;
    return description.token_key_of(*number);
  };
  return engine;
}

class Observer : public network::FrameVisitor, public Events {
 public:
  Observer(const generator::RouterDescription& description, const ObserverOptions& options)
      : description_(description),
        options_(options),
        conversation_(engine_options(description, options), this) {
    if (options.router_keys) sas_.reset(description.keyring().sas);
  }

  Observed run(const std::vector<CapturedFrame>& frames) {
    result_.frames.resize(frames.size());
    for (const auto& frame : frames) {
      ++number_;
      time_ = frame.time;
      innermost_.reset();
      copy_of_ = 0;
      if (number_ <= 64 && (options_.hidden >> (number_ - 1) & 1) != 0) {
        hide(frame);
      } else {
        walker_.walk({network::LinkType::ethernet, frame.octets, frame.original_length}, *this);
      }
      result_.most_open = std::max(result_.most_open, conversation_.open());
    }
    conversation_.finish();
    return std::move(result_);
  }

 private:
  void hide(const CapturedFrame& frame) {
    const auto datagram = View(frame.octets).subspan(network::ethernet_octets);
    const auto ends = network::ip_addresses(datagram);
    ASSERT_TRUE(ends.has_value());
    conversation_.hidden(ends->source, ends->destination);
  }

  ObservedFrame& current() { return result_.frames[number_ - 1]; }

  // --- network::FrameVisitor
  void on_ah(const network::FrameDatagram& in, const network::Header& header) override {
    const auto octets = in.datagram.octets_of(header);
    IpsecHeader fields;
    fields.icv = octets.last(std::min(octets.size(), ipsec::icv_octets));
    const auto* known = begin(in, header, fields);
    if (known != nullptr && in.missing == 0) {
      fields.state = state_of(ipsec::verify_ah(in.datagram.octets, header.offset, known->sa));
    }
    judge(fields, known);
  }

  std::optional<std::uint8_t> on_esp(const network::FrameDatagram& in,
                                     const network::Header& header, Octets& payload) override {
    const auto octets = in.datagram.octets_of(header);
    IpsecHeader fields;
    fields.icv = octets.last(std::min(octets.size(), ipsec::icv_octets));
    const auto* known = begin(in, header, fields);
    if (known == nullptr || in.missing > 0) {
      conversation_.hidden(in.datagram.source, in.datagram.destination);
      return std::nullopt;
    }
    const auto esp = ipsec::decrypt_esp(octets, known->sa);
    fields.iv = esp.iv;
    fields.state = state_of(esp, known->sa);
    judge(fields, known);
    if (!is_decrypted(esp, known->sa)) return std::nullopt;
    append(payload, esp.payload());
    return esp.next;
  }

  // Reads SPI and sequence number, and finds the SA.
  const KnownSa* begin(const network::FrameDatagram& in, const network::Header& header,
                       IpsecHeader& fields) {
    const auto head = ipsec::ipsec_head(in.datagram, header);
    fields.source = in.datagram.source;
    fields.destination = in.datagram.destination;
    if (!head) {
      fields.state = State::malformed;
      return nullptr;
    }
    fields.protocol = head->protocol;
    fields.spi = head->spi;
    fields.sequence = head->sequence;
    return sas_.find(head->protocol, head->spi, fields.source, fields.destination);
  }

  void judge(const IpsecHeader& fields, const KnownSa* known) {
    const bool is_relocated = known != nullptr && known->is_relocated;
    const auto copy = sequence_numbers_.judge(
        fields, number_, time_, is_relocated ? &known->window : nullptr, current().violations);
    if (copy != 0) copy_of_ = copy;
    innermost_ = {fields.spi, sequence_numbers_.complete_since(fields)};
  }

  Action on_message(const network::CandidateMessage& candidate) override {
    Envelope envelope;
    envelope.source = candidate.in.datagram.source;
    envelope.destination = candidate.in.datagram.destination;
    envelope.hop_limit = candidate.in.datagram.hop_limit;
    envelope.protection = candidate.in.protection;
    envelope.complete = candidate.missing == 0;
    const auto& codepoints = description_.codepoints;
    const bool is_secct =
        envelope.complete || !options_.uses_beginning
            ? decode(codepoints, candidate.carrier, candidate.octets, envelope, decoded_)
            : decode_beginning(codepoints, candidate.carrier, candidate.octets, candidate.missing,
                               envelope, padded_, decoded_);
    if (!is_secct) return Action::proceed;
    Message message{decoded_, number_, time_};
    message.identification =
        low_identification(registration_payload(candidate.in.datagram.octets_of(candidate.header)));
    if (innermost_) {
      message.spi = innermost_->spi;
      message.complete_since = innermost_->complete_since;
    }
    message.copy_of = copy_of_;
    message.cookie = reinterpret_cast<void*>(static_cast<std::uintptr_t>(number_));
    store(conversation_.observe(message), decoded_.message);
    if (current().relations.copy_of == 0) {
      sas_.learn(decoded_, current().relations.handover, number_);
    }
    return Action::proceed;
  }

  void store(const Relations& found, secct::Message message) {
    auto& frame = current();
    frame.message = message;
    frame.relations = found;
    frame.violations.insert(frame.violations.end(), found.violations.begin(),
                            found.violations.end());
  }

  // --- Events
  static std::size_t frame_of(void* cookie) { return reinterpret_cast<std::uintptr_t>(cookie); }
  void responded(void* request, std::uint64_t frame) override {
    result_.frames.at(frame_of(request) - 1).response_in = frame;
  }
  void violated(void* message, const Violation& violation) override {
    result_.frames.at(frame_of(message) - 1).violations.push_back(violation);
  }
  void ended(const EndedHandover& handover) override { result_.ended.push_back(handover); }

  struct Innermost {
    std::uint32_t spi;
    std::optional<Time> complete_since;
  };

  const generator::RouterDescription& description_;
  const ObserverOptions& options_;
  Conversation conversation_;
  KnownSas sas_;
  SequenceNumbers sequence_numbers_;
  network::FrameWalker walker_;
  Observed result_;
  std::uint64_t number_ = 0;
  Time time_ = 0;
  std::optional<Innermost> innermost_;
  std::uint64_t copy_of_ = 0;
  DecodedMessage decoded_;
  Octets padded_;
};

template <class Wanted>
std::vector<std::string> names(const Observed& observed, const Wanted& is_wanted) {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < observed.frames.size(); ++i) {
    for (const auto& violation : observed.frames[i].violations) {
      const auto& rule = info(violation.rule);
      if (is_wanted(rule)) all.push_back(std::to_string(i + 1) + " " + rule.name);
    }
  }
  return all;
}

}  // namespace

std::vector<std::string> Observed::broken() const {
  return names(*this, [](const RuleInfo&) { return true; });
}

std::vector<std::string> Observed::with_clause() const {
  return names(*this, [](const RuleInfo& rule) { return *rule.clause != '\0'; });
}

Observed observe(const generator::RouterDescription& description,
                 const std::vector<CapturedFrame>& frames, const ObserverOptions& options) {
  return Observer(description, options).run(frames);
}

}  // namespace secct::conversation
