// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/tracking/track.hpp"

#include <optional>

#include "dissector/epan/ipsec_header.hpp"
#include "dissector/epan/registry.hpp"
#include "dissector/keys/keys.hpp"
#include "dissector/keys/preferences.hpp"
#include "protocol/decode/mip4.hpp"

namespace secct::dissector {
namespace {

const char* file_copy(const std::string& text) {
  return text.empty() ? nullptr : wmem_strdup(wmem_file_scope(), text.c_str());
}

RuleEntry entry_of(const conversation::Violation& violation) {
  return {violation.rule, file_copy(violation.expected), file_copy(violation.actual)};
}

// Completes the results of earlier messages; a cookie is their TrackingResult.
class LaterNews : public conversation::Events {
 public:
  void responded(void* request, std::uint64_t frame) override {
    if (request == nullptr) return;
    static_cast<TrackingResult*>(request)->response_in = static_cast<std::uint32_t>(frame);
  }
  void violated(void* message, const conversation::Violation& violation) override {
    if (message != nullptr) static_cast<TrackingResult*>(message)->add(entry_of(violation));
  }
};

LaterNews later_news;
std::optional<conversation::Conversation> engine;
std::optional<conversation::KnownSas> sas;
conversation::SequenceNumbers sequences;

void clear_tracking() {
  engine.reset();
  sas.reset();
  sequences.clear();
}

conversation::Conversation& conversation_of_file() {
  if (!engine) {
    conversation::Options options;
    options.codepoints = codepoints();
    options.token_key = token_key;
    options.max_handovers = max_handovers();
    engine.emplace(std::move(options), &later_news);
  }
  return *engine;
}

nstime_t relative(Time time) {
  nstime_t result;
  result.secs = static_cast<time_t>(time / seconds(1));
  result.nsecs = static_cast<int>(time % seconds(1));
  return result;
}

void store(const conversation::Relations& found, TrackingResult& result) {
  result.handover = found.handover;
  result.response_to = static_cast<std::uint32_t>(found.response_to);
  result.retransmission_of = static_cast<std::uint32_t>(found.retransmission_of);
  result.copy_of = static_cast<std::uint32_t>(found.copy_of);
  result.time = relative(found.response_time);
  result.answers = found.answers;
  result.wants_reply = found.wants_reply;
  result.begins = found.begins;
  result.has_hidden_packets = found.has_hidden_packets;
  result.outcome = found.outcome;
  if (found.handover_time) {
    result.has_handover_time = true;
    result.handover_time = relative(*found.handover_time);
  }
  if (found.token != conversation::TokenStatus::none) {
    result.auth_status = static_cast<std::uint8_t>(found.token);
  }
  for (const auto& violation : found.violations) result.add(entry_of(violation));
}

bool is_tracked(const Envelope& envelope, const packet_info* pinfo) {
  return pinfo->flags.in_error_pkt == 0 && envelope.source && envelope.destination;
}

// A frame may have several messages. Each is a separate layer.
guint32 key_of(const packet_info* pinfo) { return static_cast<guint32>(pinfo->curr_layer_num); }

const TrackingResult* stored_result(packet_info* pinfo) {
  return static_cast<const TrackingResult*>(
      p_get_proto_data(wmem_file_scope(), pinfo, registry().protocol, key_of(pinfo)));
}

TrackingResult& new_result(packet_info* pinfo) {
  auto* result = new (wmem_alloc(wmem_file_scope(), sizeof(TrackingResult))) TrackingResult;
  p_add_proto_data(wmem_file_scope(), pinfo, registry().protocol, key_of(pinfo), result);
  return *result;
}

// If the dissector has the keys, the hook of AH or ESP has judged the header (dissector/ipsec.cpp).
std::uint64_t judge_header(const DecodedMessage& decoded, const packet_info* pinfo,
                           TrackingResult& result) {
  const auto* header = ipsec_header(pinfo);
  if (header == nullptr || decoded.envelope.protection == Protection::none) return 0;
  if (header->has_keys) return header->copy_of;
  std::vector<conversation::Violation> broken;
  const auto copy_of = sequences.judge(header->fields, pinfo->num, time_of(pinfo), nullptr, broken);
  for (const auto& violation : broken) result.add(entry_of(violation));
  return copy_of;
}

}  // namespace

conversation::KnownSas& known_sas() {
  if (!sas) sas.emplace(max_handovers()).reset(router_sas());
  return *sas;
}

conversation::SequenceNumbers& sequence_numbers() { return sequences; }

Time time_of(const packet_info* pinfo) {
  return static_cast<Time>(pinfo->abs_ts.secs) * seconds(1) +
         static_cast<Time>(pinfo->abs_ts.nsecs);
}

RuleId missing_reply(const TrackingResult& result, const packet_info* pinfo) {
  if (!result.wants_reply || result.response_in != 0 || PINFO_FD_VISITED(pinfo) == 0) {
    return RuleId::count;
  }
  return result.has_hidden_packets ? RuleId::reply_hidden : RuleId::reply_missing;
}

std::uint32_t handover_of(const packet_info* pinfo) {
  // Results are stored under the number of the layer.
  for (guint key = 0; key <= wmem_list_count(pinfo->layers); ++key) {
    const auto* result = static_cast<const TrackingResult*>(p_get_proto_data(
        wmem_file_scope(), const_cast<packet_info*>(pinfo), registry().protocol, key));
    if (result != nullptr && result->handover != 0) return result->handover;
  }
  return 0;
}

void register_tracking() {
  register_init_routine(clear_tracking);
  register_cleanup_routine(clear_tracking);
}

void track_hidden(const Address& source, const Address& destination) {
  conversation_of_file().hidden(source, destination);
}

const TrackingResult* track_message(const DecodedMessage& decoded, packet_info* pinfo,
                                    View registration) {
  if (decoded.message == Message::none || !is_tracked(decoded.envelope, pinfo)) return nullptr;
  if (const auto* stored = stored_result(pinfo)) return stored;
  if (PINFO_FD_VISITED(pinfo) != 0) return nullptr;
  auto& result = new_result(pinfo);
  conversation::Message message{decoded, pinfo->num, time_of(pinfo)};
  message.identification = low_identification(registration);
  if (!decoded.octets.empty()) {
    message.authentication_follows = authentication_follows(registration, decoded.octets[0]);
  }
  message.copy_of = judge_header(decoded, pinfo, result);
  message.cookie = &result;
  if (const auto* header = ipsec_header(pinfo)) {
    message.spi = header->fields.spi;
    message.complete_since = sequences.complete_since(header->fields);
  }
  const auto& found = conversation_of_file().observe(message);
  store(found, result);
  if (found.copy_of == 0) known_sas().learn(decoded, found.handover, pinfo->num);
  return &result;
}

const TrackingResult* track_bare_reply(const Envelope& envelope, packet_info* pinfo,
                                       std::uint32_t identification, bool accepted) {
  if (!is_tracked(envelope, pinfo)) return nullptr;
  if (const auto* stored = stored_result(pinfo)) return stored;
  if (PINFO_FD_VISITED(pinfo) != 0) return nullptr;
  const auto* found = conversation_of_file().observe_reply_without_secct(
      envelope, identification, pinfo->num, time_of(pinfo), accepted);
  if (found == nullptr) return nullptr;
  auto& result = new_result(pinfo);
  store(*found, result);
  return &result;
}

}  // namespace secct::dissector
