// SPDX-License-Identifier: GPL-2.0-or-later
#include "conversation/conversation.hpp"

#include "conversation/tracker.hpp"

namespace secct::conversation {
namespace {

using Id = secct::Message;

// The number by which replies refer to their request: Identifier or Identification.
std::uint32_t identifier_of(const Message& message) {
  const auto id = message.decoded.message;
  if (id == Id::mip4_request || id == Id::mip4_reply) return message.identification;
  return static_cast<std::uint32_t>(message.decoded.number(Field::identifier).value_or(0));
}

}  // namespace

void Relations::clear() {
  auto kept = std::move(violations);
  kept.clear();
  *this = Relations();
  violations = std::move(kept);
}

class Conversation::State {
 public:
  State(Options given, Events* listener)
      : options(std::move(given)),
        events(listener),
        timers(Timers::scaled(options.timing_scale)),
        handovers(options.timing_scale, options.max_handovers, [this](const Handover& handover) {
          if (events == nullptr) return;
          events->ended({handover.number, handover.first_frame, handover.first, handover.last,
                         handover.paddr, handover.naddr, handover.closed});
        }) {}

  Options options;
  Events* events;
  Timers timers;
  Handovers handovers;
  HiddenPairs hidden;
  Time last_cut = 0;  // time of the last message whose end is missing
  Relations relations;
};

Conversation::Conversation(Options options, Events* events)
    : state_(std::make_unique<State>(std::move(options), events)) {}
Conversation::~Conversation() = default;

const Relations& Conversation::observe(const Message& message) {
  auto& state = *state_;
  auto& found = state.relations;
  found.clear();
  found.copy_of = message.copy_of;
  const auto& decoded = message.decoded;
  const auto& envelope = decoded.envelope;
  if (decoded.message == Id::none || !envelope.source || !envelope.destination) return found;
  found.has_hidden_packets = state.hidden.contains(*envelope.source, *envelope.destination);
  state.handovers.forget_old(message.time);
  const Current at{
      message,           decoded, *envelope.source, *envelope.destination, identifier_of(message),
      envelope.complete, found,   state.options,    state.timers,          state.events,
      state.last_cut};
  Tracker(at, state.handovers, state.hidden).run();
  if (!envelope.complete) state.last_cut = message.time;
  state.handovers.forget_excess();
  return found;
}

void Conversation::hidden(const Address& source, const Address& destination) {
  state_->hidden.add(source, destination);
}

const Relations* Conversation::observe_reply_without_secct(const Envelope& envelope,
                                                           std::uint32_t identification,
                                                           std::uint64_t frame, Time time,
                                                           bool accepted, void* cookie) {
  if (!envelope.source || !envelope.destination) return nullptr;
  const auto* request = state_->handovers.answered(
      Pairing::registration, identification, *envelope.destination, *envelope.source, nullptr);
  if (request == nullptr) return nullptr;
  DecodedMessage reply;
  reply.message = Id::mip4_reply;
  reply.envelope = envelope;
  observe({reply, frame, time, identification, std::nullopt, 0, cookie});
  if (accepted) state_->relations.add(RuleId::reply_without_secct);
  return &state_->relations;
}

void Conversation::finish() { state_->handovers.forget_all(); }

std::uint32_t Conversation::begun() const { return state_->handovers.begun(); }
std::size_t Conversation::open() const { return state_->handovers.open(); }

}  // namespace secct::conversation
