// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/tester/case/step_packets.hpp"

#include <functional>

#include <fmt/format.h>

#include "generator/packet/build.hpp"
#include "network/datagram.hpp"

namespace secct::replay {
namespace {

StepPackets build_all(const std::vector<PacketDocument>& packets, const CodePoints& codepoints,
                      const Keyring& keys) {
  StepPackets result;
  for (const auto& packet : packets) {
    const auto built = build(codepoints, keys, packet);
    if (!built.faults.empty()) {
      result.verdict = Verdict::tool_error;
      result.failure = {"", built.faults[0].path, "", "", built.faults[0].text};
      return result;
    }
    result.datagrams.emplace_back(built.octets.begin() + ethernet_octets, built.octets.end());
  }
  return result;
}

// The message of a step; a HI or SHREP whose contexts do not fit into one message, and its
// continuations (wire-format.md section 4).
std::vector<PacketDocument> messages_of(const CaseStep& step, Handover& handover,
                                        const MobileNodeState& mobile_node) {
  const auto message = find_message(step.message);
  if (message != Message::hi && message != Message::shrep) {
    return {*handover.by_name(step.message)};
  }
  const auto contexts = mobile_node.select(step.contexts.value_or(ContextChoice{true, {}}));
  std::vector<PacketDocument> packets;
  for (const auto& part : handover.parts(*message, contexts)) {
    packets.push_back(message == Message::hi ? handover.hi(part) : handover.shrep(part));
  }
  return packets;
}

// The edit for a packet that is sent over IPv4 (wire-format.md D17): the hop limit is its TTL.
// std::nullopt: IPv4 has no field for it, or the value is an IPv6 address.
std::optional<Edit> edit_for(Edit edit, const PacketDocument& packet) {
  const bool is_v4 =
      packet.find(LayerKind::ip) != nullptr && packet.find(LayerKind::ipv6) == nullptr;
  if (!is_v4 || !edit.path.starts_with("ipv6.")) return edit;
  if (edit.path != "ipv6.hlim") return std::nullopt;
  edit.path = "ip.ttl";
  return edit;
}

StepPackets unsupported(std::string reason) {
  StepPackets result;
  result.verdict = Verdict::unsupported;
  result.failure.text = std::move(reason);
  return result;
}

// The edit for a message that the policy `confidential` puts under ESP: an edit of the AH applies
// to the ESP header.
Edit for_esp(Edit edit) {
  constexpr std::pair<std::string_view, std::string_view> names[] = {
      {"ah", "esp"},
      {"ah.spi", "esp.spi"},
      {"ah.sequence", "esp.sequence"},
      {"ah.icv", "esp.icv"},
      {"$ah-back", "$esp-back"}};
  for (const auto& [ah, esp] : names) {
    if (edit.path == ah) edit.path = esp;
    if (edit.value == ah) edit.value = esp;
  }
  return edit;
}

bool is_under_esp(const PacketDocument& packet) {
  return packet.find(LayerKind::esp) != nullptr && packet.find(LayerKind::ah) == nullptr;
}

Malformed for_esp(Malformed entry) {
  for (auto& edit : entry.twin) edit = for_esp(std::move(edit));
  if (entry.edit) entry.edit = for_esp(std::move(*entry.edit));
  return entry;
}

}  // namespace

StepPackets build_message(const CaseStep& step, Handover& handover,
                          const VariableContext& variables) {
  const auto& codepoints = handover.description().codepoints;
  const auto values = case_variables(variables);
  auto messages = messages_of(step, handover, variables.mobile_node);
  const bool is_changed = !step.edits.empty() || step.malformed != nullptr;
  if (messages.size() > 1 && is_changed) {
    return unsupported(
        fmt::format("needs SAs whose contexts fit into one {}; those of the mobile "
                    "node need {}",
                    step.message, messages.size()));
  }
  for (auto& message : messages) {
    if (step.under.empty()) continue;
    handover.put_under(step.under == "ah" ? IpsecProtocol::ah : IpsecProtocol::esp, message);
  }
  auto& packet = messages.front();
  const bool under_esp = is_under_esp(packet);
  auto keys = variables.mobile_node.keys();
  const auto unchanged = packet;
  for (const auto& edit : step.edits) {
    const auto fitting = edit_for(under_esp ? for_esp(edit) : edit, packet);
    if (!fitting) {
      return unsupported(
          fmt::format("needs IPv6 addresses of the routers: {} of a message over IPv4", edit.path));
    }
    apply(*fitting, codepoints, packet, std::cref(values));
  }
  add_keys_of_unknown_spis(packet, unchanged, keys);
  if (step.malformed == nullptr) return build_all(messages, codepoints, keys);
  std::vector<PacketDocument> packets;
  try {
    const auto entry = under_esp ? for_esp(*step.malformed) : *step.malformed;
    make_twin(entry, codepoints, values, keys, packet);
    handover.number_esp(packet);
    packets = step.faulty ? malform(entry, codepoints, values, packet, keys)
                          : std::vector<PacketDocument>{packet};
  } catch (const UsageError& error) {  // the mobile node has other SAs or another protection
    const bool over_v4 = packet.find(LayerKind::ipv6) == nullptr;
    return unsupported(over_v4
                           ? fmt::format("needs IPv6 addresses of the routers: {}", error.what())
                           : error.what());
  }
  return build_all(packets, codepoints, keys);
}

StepPackets build_traffic(const CaseStep& step, std::uint16_t number, const Handover& handover,
                          MobileNodeState& mobile_node) {
  return build_all({mobile_node.traffic(step.traffic, number)}, handover.description().codepoints,
                   mobile_node.keys());
}

}  // namespace secct::replay
