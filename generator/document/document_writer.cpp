// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/document/document_writer.hpp"

#include <algorithm>

#include "generator/document/yaml.hpp"

namespace secct::generator {
namespace {

constexpr int json_indent = 2;

// `text` with `spaces` before each line. Both formats write line breaks within strings as escapes.
std::string indented(std::string_view text, std::size_t spaces) {
  std::string result;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size() - 1) + 1;
    result.append(spaces, ' ').append(text.substr(0, end));
    text.remove_prefix(end);
  }
  return result;
}

}  // namespace

void DocumentWriter::begin(LinkType link) {
  has_begun_ = true;
  link_ = link;
  const auto header = header_json(codepoints_, link);
  if (format_ == DocumentFormat::yaml) {
    print_(to_yaml(header));
    return;
  }
  auto text = header.dump(json_indent);
  text.resize(text.rfind('\n'));  // without the closing brace
  print_(text + ",\n  \"packets\": [");
}

void DocumentWriter::write(const PacketDocument& packet) {
  if (!has_begun_) begin(packet.link.value_or(LinkType::ethernet));
  const auto json = packet_json(codepoints_, link_, packet);
  if (format_ == DocumentFormat::yaml) {
    print_((has_packets_ ? "" : "packets:\n") +
           indented(to_yaml(nlohmann::ordered_json::array({json})), 2));
  } else {
    print_((has_packets_ ? ",\n" : "\n") + indented(json.dump(json_indent), 4));
  }
  has_packets_ = true;
}

void DocumentWriter::finish() {
  if (!has_begun_) begin(LinkType::ethernet);
  if (format_ == DocumentFormat::json) {
    print_(has_packets_ ? "\n  ]\n}\n" : "]\n}\n");
  } else if (!has_packets_) {
    print_("packets: []\n");
  }
}

}  // namespace secct::generator
