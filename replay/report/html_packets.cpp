// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/report/html_packets.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace secct::replay {
namespace {

using Json = nlohmann::ordered_json;

// Rows of 16 octets. Each row consists of parts: marked octets, followed by unmarked ones.
Json hex_rows(const ShownPacket& packet) {
  constexpr std::size_t width = 16;
  auto rows = Json::array();
  for (std::size_t at = 0; at < packet.octets.size(); at += width) {
    auto parts = Json::array();
    std::string ascii;
    bool was_marked = false;
    for (auto i = at; i < at + width; ++i) {
      const bool is_marked = i >= packet.mark_offset && i < packet.octets.size() &&
                             i - packet.mark_offset < packet.mark_length;
      if (parts.empty() || (is_marked && !was_marked)) {
        parts.push_back({{"mark", ""}, {"plain", ""}});
      }
      was_marked = is_marked;
      auto& part = parts.back();
      auto& text = is_marked ? part["mark"] : part["plain"];
      const bool is_key = is_secret(packet, i);
      const auto octet = i >= packet.octets.size() ? "  "
                         : is_key                  ? "**"
                                                   : fmt::format("{:02x}", packet.octets[i]);
      text = text.get<std::string>() + octet;
      // The space before a marked octet is marked if the octet before it is.
      const bool continues =
          is_marked && i + 1 < packet.mark_offset + packet.mark_length && i + 1 < at + width;
      auto& gap = continues ? part["mark"] : part["plain"];
      gap = gap.get<std::string>() + (i % 8 == 7 ? "  " : " ");
      if (i < packet.octets.size()) {
        const auto c = packet.octets[i];
        ascii += is_key ? '*' : c >= 0x20 && c < 0x7f ? static_cast<char>(c) : '.';
      }
    }
    rows.push_back({{"offset", fmt::format("{:04x}", at)}, {"parts", parts}, {"ascii", ascii}});
  }
  return rows;
}

Json fields(const ShownPacket& packet) {
  auto list = Json::array();
  for (const auto& field : packet.fields) {
    list.push_back({{"depth", std::min(field.depth, 5U)},
                    {"label", field.label},
                    {"name", field.name},
                    {"value", field.value},
                    {"class", field.marked ? "marked" : ""}});
  }
  return list;
}

}  // namespace

std::string packet_anchor(std::size_t entry, std::size_t packet) {
  return fmt::format("e{}p{}", entry + 1, packet + 1);
}

bool is_wrong(const ReportEntry& entry, std::size_t packet) {
  return std::ranges::any_of(entry.violations,
                             [&](const auto& violation) { return violation.packet == packet; });
}

Json packets_json(const ReportEntry& entry, const Trace& trace, std::size_t number) {
  auto list = Json::array();
  // The packets of passed entries are in their captures only, to keep the page small.
  if (entry.verdict == Verdict::pass) return list;
  for (std::size_t i = 0; i < entry.packets.size(); ++i) {
    const auto& packet = trace.packets[i];
    const bool wrong = is_wrong(entry, i);
    list.push_back({{"number", i + 1},
                    {"anchor", packet_anchor(number, i)},
                    {"class", wrong ? "wrong" : ""},
                    {"open", wrong},
                    {"time", fmt::format("{:.4f}", packet.seconds)},
                    {"message", packet.message},
                    {"info", packet.info},
                    {"from", packet.from},
                    {"to", packet.to},
                    {"under", protection_text(packet)},
                    {"comment", entry.packets[i].comment},
                    {"octets", packet.octets.size()},
                    {"decrypted", packet.decrypted},
                    {"has_fields", !packet.fields.empty()},
                    {"fields", fields(packet)},
                    {"hex", hex_rows(packet)}});
  }
  return list;
}

}  // namespace secct::replay
