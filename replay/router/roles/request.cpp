// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/router/roles/request.hpp"

#include <algorithm>

#include "protocol/tables/status.hpp"
#include "replay/router/overrides/apply_override.hpp"

namespace secct::replay {
namespace {

using F = Field;

constexpr unsigned all_sas = 1;             // R1
constexpr int first_transferable_type = 3;  // behaviour.md section 6
constexpr std::size_t flags_in_a_word = 32;

bool has_port(const Context& context, std::uint16_t port) {
  if (context.source_port == 0 && context.destination_port == 0) return true;
  return context.source_port == port || context.destination_port == port;
}

bool is_transferable(int type, const BehaviourOverride& behaviour) {
  if (behaviour.has(Fault::types_1_2)) return true;
  if (behaviour.has(Fault::only_type_5)) return type == 5;
  if (behaviour.has(Fault::type_3_left_out) && type == 3) return false;
  if (behaviour.has(Fault::type_4_left_out) && type == 4) return false;
  return type >= first_transferable_type;
}

// The statuses of rows 7, 8 and 9 of behaviour.md section 4 increase from row to row, and
// status::ok is greater: the status of the first row is the smallest.
std::uint8_t first_of_table(std::uint8_t a, std::uint8_t b) { return std::min(a, b); }

class ContextSearch {
 public:
  ContextSearch(const Request& request, std::span<const MobileNodeSa> sas,
                const BehaviourOverride& behaviour)
      : request_(request), sas_(sas), behaviour_(behaviour) {}

  // Adds the contexts that the request asks for; returns the status that refuses it, or status::ok.
  std::uint8_t add_to(std::vector<Context>& contexts) const {
    return request_.form == all_sas ? add_all(contexts) : add_named(contexts);
  }

 private:
  std::uint8_t add_all(std::vector<Context>& contexts) const {
    bool any = false;
    for (const auto& sa : sas_) {
      if (!is_transferable(sa.type, behaviour_)) continue;
      if (any && behaviour_.has(Fault::r1_first_only)) break;
      any = true;
      add_once(sa.context, contexts);
    }
    return any ? status::ok : status::unusable;
  }

  std::uint8_t add_named(std::vector<Context>& contexts) const {
    if (request_.destination &&
        std::ranges::none_of(sas_, [&](const auto& sa) { return is_destination(sa.context); })) {
      return status::invalid_destination;
    }
    auto status = status::ok;
    for (const auto& wanted : request_.sas) {
      status = first_of_table(status, add(wanted, contexts));
    }
    return status;
  }

  void add_once(const Context& context, std::vector<Context>& contexts) const {
    const bool there = std::ranges::find(contexts, context) != contexts.end();
    if (!there || behaviour_.has(Fault::doubles_answered)) contexts.push_back(context);
  }

  bool same_address(const Address& a, const Address& b) const {
    return are_equal(behaviour_, Fault::request_prefix_compared, Fault::request_suffix_compared, a,
                     b);
  }

  bool is_destination(const Context& context) const {
    if (!request_.destination || behaviour_.has(Fault::r2_destination_ignored)) return true;
    if (request_.source && behaviour_.has(Fault::r4_destination_ignored)) return true;
    const bool same_id = context.destination_private_id == request_.destination_id ||
                         behaviour_.has(Fault::private_id_ignored);
    return same_address(context.destination, *request_.destination) && same_id;
  }

  bool is_source(const Context& context) const {
    if (!request_.source || behaviour_.has(Fault::r4_source_ignored)) return true;
    const bool same_id = context.source_private_id == request_.source_id ||
                         behaviour_.has(Fault::r4_source_id_ignored);
    return same_address(context.source, *request_.source) && same_id;
  }

  bool fits_ports(const Context& context) const {
    const auto fits = [&](auto port) { return has_port(context, port); };
    const auto& ports = request_.ports;
    if (ports.empty() || behaviour_.has(Fault::r4_ports_ignored)) return true;
    if (behaviour_.has(Fault::r4_first_port_only)) return fits(ports.front());
    if (behaviour_.has(Fault::r4_any_port)) return std::ranges::any_of(ports, fits);
    return std::ranges::all_of(ports, fits);
  }

  bool same_spi(std::uint32_t a, std::uint32_t b) const {
    const auto compared = compared_bits(behaviour_, Fault::request_spi_high_compared,
                                        Fault::request_spi_low_compared);
    return ((a ^ b) & compared) == 0;
  }

  bool matches(const Request::RequestedSa& wanted, const Context& context) const {
    const auto spt = find_spt(context.spt);
    const auto protocol = wanted.esp ? SptProtocol::esp : SptProtocol::ah;
    return same_spi(context.spi, wanted.spi) && spt &&
           (spt->protocol == protocol || behaviour_.has(Fault::protocol_flag_ignored)) &&
           is_destination(context);
  }

  std::uint8_t add(const Request::RequestedSa& wanted, std::vector<Context>& contexts) const {
    const auto found =
        std::ranges::find_if(sas_, [&](const auto& sa) { return matches(wanted, sa.context); });
    if (found == sas_.end()) return status::unusable;
    const auto& context = found->context;
    if (!is_source(context)) return status::invalid_source_id;
    if (!fits_ports(context)) return status::unusable;
    if (!is_transferable(found->type, behaviour_)) return status::unusable;
    add_once(context, contexts);
    return status::ok;
  }

  const Request& request_;
  std::span<const MobileNodeSa> sas_;
  const BehaviourOverride& behaviour_;
};

// The request in the sub-option `group`, a SecCT-req.
Request read_request(const DecodedMessage& decoded, const DecodedField& group) {
  Request request;
  std::vector<bool> esp;
  std::vector<std::uint32_t> spis;
  // Protocol flags and SPIs are two lists of the same length.
  const auto first = static_cast<std::size_t>(&group - decoded.fields.data()) + 1;
  for (auto i = first; i < group.end; ++i) {
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

// Changes what the faulty router reads.
void misread(const BehaviourOverride& behaviour, Request& request) {
  auto& sas = request.sas;
  if (sas.size() <= flags_in_a_word) return;
  for (std::size_t i = flags_in_a_word; i < sas.size(); ++i) {
    if (behaviour.has(Fault::flags_first_word_only)) sas[i].esp = false;
    if (behaviour.has(Fault::flags_bit_33_for_all)) sas[i].esp = sas[flags_in_a_word].esp;
  }
  if (behaviour.has(Fault::spis_after_32_ignored)) sas.resize(flags_in_a_word);
}

}  // namespace

std::vector<Request> read_requests(const DecodedMessage& decoded) {
  const auto* replay = decoded.find(F::auth_replay);
  const bool pshin = decoded.message == Message::pshin;
  std::vector<Request> requests;
  for (const auto& field : decoded.fields) {
    if (field.field != F::sub_options || decoded.find_in(field, F::req_form) == nullptr) continue;
    if (pshin || (replay != nullptr && field.offset > replay->offset)) {
      requests.push_back(read_request(decoded, field));
    }
  }
  if (pshin && requests.empty()) requests.emplace_back().form = all_sas;
  return requests;
}

FoundContexts find_contexts(std::span<const Request> requests, std::span<const MobileNodeSa> sas,
                            const BehaviourOverride& behaviour) {
  FoundContexts found{status::ok, {}};
  if (behaviour.has(Fault::second_request_ignored)) requests = requests.first(1);
  for (auto request : requests) {
    misread(behaviour, request);
    const bool first = found.contexts.empty();
    const auto status = ContextSearch(request, sas, behaviour).add_to(found.contexts);
    if (!first && behaviour.has(Fault::failing_request_skipped)) continue;
    found.status = first_of_table(found.status, status);
  }
  if (behaviour.has(Fault::partial_answer) && !found.contexts.empty()) found.status = status::ok;
  if (behaviour.has(Fault::configured_order)) {
    std::ranges::sort(found.contexts, {}, &Context::spi);
  }
  return found;
}

}  // namespace secct::replay
