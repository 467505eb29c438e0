// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/tester/case/step_packets.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>

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

bool is_over_v4(const PacketDocument& packet) {
  return packet.find(LayerKind::ip) != nullptr && packet.find(LayerKind::ipv6) == nullptr;
}

// The IPv4 address of the same kind as that of an edit; nullptr if there is none.
const char* v4_address_for(const std::string& value) {
  if (value == "$neighbour") return "$neighbour";
  Address address{};
  if (!parse_v6(value, address)) return nullptr;
  return is_multicast(address) ? "224.0.0.1" : "198.51.100.99";
}

// The edit for a packet that is sent over IPv4 (wire-format.md D17): the hop limit is its TTL.
// std::nullopt: IPv4 has no field for it, or no such address.
std::optional<Edit> edit_for(Edit edit, const PacketDocument& packet) {
  if (!is_over_v4(packet) || !edit.path.starts_with("ipv6.")) return edit;
  constexpr std::pair<std::string_view, std::string_view> names[] = {
      {"ipv6.hlim", "ip.ttl"}, {"ipv6.version", "ip.version"}, {"ipv6.src", "ip.src"}};
  const auto* found =
      std::ranges::find(names, edit.path, [](const auto& name) { return name.first; });
  if (found == std::end(names)) return std::nullopt;
  edit.path = found->second;
  if (edit.path != "ip.src") return edit;
  const auto* address = v4_address_for(edit.value);
  if (address == nullptr) return std::nullopt;
  edit.value = address;
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

// A part of the message that it does not have over IPv4.
class NeedsIpv6 : public UsageError {
  using UsageError::UsageError;
};

// The edit for the protection and the IP version of the packet. Throws NeedsIpv6.
Edit fitting_edit(Edit edit, const PacketDocument& packet) {
  if (is_under_esp(packet)) edit = for_esp(std::move(edit));
  auto fitting = edit_for(edit, packet);
  if (!fitting) {
    throw NeedsIpv6(
        fmt::format("needs IPv6 addresses of the routers: {} of a message over IPv4", edit.path));
  }
  return *fitting;
}

Malformed fitting_entry(Malformed entry, const PacketDocument& packet) {
  for (auto& edit : entry.twin) edit = fitting_edit(std::move(edit), packet);
  if (entry.edit) entry.edit = fitting_edit(std::move(*entry.edit), packet);
  return entry;
}

StepPackets build_fitting(const CaseStep& step, Handover& handover,
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
  auto keys = variables.mobile_node.keys();
  const auto unchanged = packet;
  for (const auto& edit : step.edits) {
    apply(fitting_edit(edit, packet), codepoints, packet, std::cref(values));
  }
  add_keys_of_unknown_spis(packet, unchanged, keys);
  if (step.malformed == nullptr) return build_all(messages, codepoints, keys);
  const auto entry = fitting_entry(*step.malformed, packet);
  std::vector<PacketDocument> packets;
  try {
    make_twin(entry, codepoints, values, keys, packet);
    handover.number_esp(packet);
    packets = step.faulty ? malform(entry, codepoints, values, packet, keys)
                          : std::vector<PacketDocument>{packet};
  } catch (const UsageError& error) {  // the mobile node has other SAs or another protection
    return unsupported(is_over_v4(packet)
                           ? fmt::format("needs IPv6 addresses of the routers: {}", error.what())
                           : error.what());
  }
  return build_all(packets, codepoints, keys);
}

}  // namespace

StepPackets build_message(const CaseStep& step, Handover& handover,
                          const VariableContext& variables) {
  try {
    return build_fitting(step, handover, variables);
  } catch (const NeedsIpv6& error) {
    return unsupported(error.what());
  }
}

StepPackets build_traffic(const CaseStep& step, std::uint16_t number, const Handover& handover,
                          MobileNodeState& mobile_node) {
  return build_all({mobile_node.traffic(step.traffic, number)}, handover.description().codepoints,
                   mobile_node.keys());
}

}  // namespace secct::replay
