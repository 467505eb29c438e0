// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/tester/case/step_packets.hpp"

#include <functional>

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

PacketDocument message_of(const CaseStep& step, Handover& handover,
                          const MobileNodeState& mobile_node) {
  const auto contexts = [&] {
    return mobile_node.select(step.contexts.value_or(ContextChoice{true, {}}));
  };
  const auto message = find_message(step.message);
  if (message == Message::hi) return handover.hi(contexts());
  if (message == Message::shrep) return handover.shrep(contexts());
  return *handover.by_name(step.message);
}

}  // namespace

StepPackets build_message(const CaseStep& step, Handover& handover,
                          const VariableContext& variables) {
  const auto& codepoints = handover.description().codepoints;
  const auto values = case_variables(variables);
  auto packet = message_of(step, handover, variables.mobile_node);
  if (!step.under.empty()) {
    handover.put_under(step.under == "ah" ? IpsecProtocol::ah : IpsecProtocol::esp, packet);
  }
  for (const auto& edit : step.edits) apply(edit, codepoints, packet, std::cref(values));
  if (step.malformed == nullptr) {
    return build_all({packet}, codepoints, variables.mobile_node.keys());
  }
  auto keys = variables.mobile_node.keys();
  std::vector<PacketDocument> packets;
  try {
    make_twin(*step.malformed, codepoints, values, keys, packet);
    handover.number_esp(packet);
    packets = step.faulty ? malform(*step.malformed, codepoints, values, packet, keys)
                          : std::vector<PacketDocument>{packet};
  } catch (const UsageError& error) {  // the mobile node has other SAs or another protection
    StepPackets result;
    result.verdict = Verdict::unsupported;
    result.failure.text = error.what();
    return result;
  }
  return build_all(packets, codepoints, keys);
}

StepPackets build_traffic(const CaseStep& step, std::uint16_t number, const Handover& handover,
                          MobileNodeState& mobile_node) {
  return build_all({mobile_node.traffic(step.traffic, number)}, handover.description().codepoints,
                   mobile_node.keys());
}

}  // namespace secct::replay
