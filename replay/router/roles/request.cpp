// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/router/roles/request.hpp"

#include <algorithm>

#include "protocol/tables/status.hpp"

namespace secct::replay {
namespace {

using F = Field;

constexpr unsigned all_sas = 1;             // R1
constexpr int first_transferable_type = 3;  // behaviour.md section 6
constexpr std::size_t flags_in_a_word = 32;

const DecodedField* request_group(const DecodedMessage& decoded) {
  const auto* replay = decoded.find(F::auth_replay);
  const bool needs_auth = decoded.message != Message::pshin;
  for (const auto& field : decoded.fields) {
    if (field.field != F::sub_options || decoded.find_in(field, F::req_form) == nullptr) continue;
    if (!needs_auth || (replay != nullptr && field.offset > replay->offset)) return &field;
  }
  return nullptr;
}

bool has_port(const Context& context, std::uint16_t port) {
  if (context.source_port == 0 && context.destination_port == 0) return true;
  return context.source_port == port || context.destination_port == port;
}

bool is_transferable(int type, const BehaviourOverride& behaviour) {
  if (behaviour.has(Fault::types_1_2)) return true;
  if (behaviour.has(Fault::only_type_5)) return type == 5;
  return type >= first_transferable_type;
}

class ContextSearch {
 public:
  ContextSearch(const Request& request, std::span<const MobileNodeSa> sas,
                const BehaviourOverride& behaviour)
      : request_(request), sas_(sas), behaviour_(behaviour) {}

  FoundContexts all() const {
    FoundContexts found{status::ok, {}};
    for (const auto& sa : sas_) {
      if (is_transferable(sa.type, behaviour_)) found.contexts.push_back(sa.context);
    }
    if (behaviour_.has(Fault::r1_first_only) && !found.contexts.empty()) found.contexts.resize(1);
    if (found.contexts.empty()) found.status = status::unusable;
    return found;
  }

  FoundContexts named() const {
    if (request_.destination &&
        std::ranges::none_of(sas_, [&](const auto& sa) { return is_destination(sa.context); })) {
      return {status::invalid_destination, {}};
    }
    FoundContexts found{status::ok, {}};
    for (const auto& wanted : request_.sas) {
      const auto status = add(wanted, found.contexts);
      if (status == status::invalid_source_id) return {status, {}};  // row 8 is before row 9
      if (status != status::ok) found.status = status;
    }
    if (behaviour_.has(Fault::partial_answer) && !found.contexts.empty()) {
      found.status = status::ok;
    }
    if (behaviour_.has(Fault::configured_order)) {
      std::ranges::sort(found.contexts, {}, &Context::spi);
    }
    return found;
  }

 private:
  bool is_destination(const Context& context) const {
    if (!request_.destination || behaviour_.has(Fault::r2_destination_ignored)) return true;
    const bool same_id = context.destination_private_id == request_.destination_id ||
                         behaviour_.has(Fault::private_id_ignored);
    return context.destination == *request_.destination && same_id;
  }

  bool matches(const Request::RequestedSa& wanted, const Context& context) const {
    const auto spt = find_spt(context.spt);
    const auto protocol = wanted.esp ? SptProtocol::esp : SptProtocol::ah;
    return context.spi == wanted.spi && spt &&
           (spt->protocol == protocol || behaviour_.has(Fault::protocol_flag_ignored)) &&
           is_destination(context);
  }

  std::uint8_t add(const Request::RequestedSa& wanted, std::vector<Context>& contexts) const {
    const auto found =
        std::ranges::find_if(sas_, [&](const auto& sa) { return matches(wanted, sa.context); });
    if (found == sas_.end()) return status::unusable;
    const auto& context = found->context;
    const bool same_source = !request_.source || (context.source == *request_.source &&
                                                  context.source_private_id == request_.source_id);
    if (!same_source && !behaviour_.has(Fault::r4_source_ignored)) {
      return status::invalid_source_id;
    }
    const bool ports_fit =
        std::ranges::all_of(request_.ports, [&](auto port) { return has_port(context, port); });
    if (!ports_fit && !behaviour_.has(Fault::r4_ports_ignored)) return status::unusable;
    if (!is_transferable(found->type, behaviour_)) return status::unusable;
    const bool there = std::ranges::find(contexts, context) != contexts.end();
    if (!there || behaviour_.has(Fault::doubles_answered)) contexts.push_back(context);
    return status::ok;
  }

  const Request& request_;
  std::span<const MobileNodeSa> sas_;
  const BehaviourOverride& behaviour_;
};

}  // namespace

std::optional<Request> read_request(const DecodedMessage& decoded) {
  const auto* group = request_group(decoded);
  if (group == nullptr) return std::nullopt;
  Request request;
  std::vector<bool> esp;
  std::vector<std::uint32_t> spis;
  // Protocol flags and SPIs are two lists of the same length.
  const auto first = static_cast<std::size_t>(group - decoded.fields.data()) + 1;
  for (auto i = first; i < group->end; ++i) {
    const auto& field = decoded.fields[i];
    switch (field.field) {
      case F::req_form: request.form = static_cast<unsigned>(field.number); break;
      case F::req_source:
      case F::req_source_v4: request.source = decoded.address(field); break;
      case F::req_destination:
      case F::req_destination_v4: request.destination = decoded.address(field); break;
      case F::req_source_private_id:
        request.source_id = static_cast<std::uint32_t>(field.number);
        break;
      case F::req_destination_private_id:
        request.destination_id = static_cast<std::uint32_t>(field.number);
        break;
      case F::req_protocol: esp.push_back(field.number != 0); break;
      case F::req_spi: spis.push_back(static_cast<std::uint32_t>(field.number)); break;
      case F::req_port: request.ports.push_back(static_cast<std::uint16_t>(field.number)); break;
      default: break;
    }
  }
  for (std::size_t i = 0; i < spis.size() && i < esp.size(); ++i) {
    request.sas.push_back({esp[i], spis[i]});
  }
  return request;
}

FoundContexts find_contexts(const Request& request, std::span<const MobileNodeSa> sas,
                            const BehaviourOverride& behaviour) {
  auto wanted = request;
  if (behaviour.has(Fault::flags_first_word_only)) {
    for (std::size_t i = flags_in_a_word; i < wanted.sas.size(); ++i) wanted.sas[i].esp = false;
  }
  const ContextSearch search(wanted, sas, behaviour);
  return wanted.form == all_sas ? search.all() : search.named();
}

}  // namespace secct::replay
