// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/document/document_writer.hpp"

#include <algorithm>
#include <utility>

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

void DocumentWriter::set_header(Document header) {
  header_ = std::move(header);
  has_header_ = true;
}

void DocumentWriter::begin() {
  has_begun_ = true;
  const auto header = header_json(codepoints_, header_.link);
  if (format_ == DocumentFormat::yaml) {
    print_(to_yaml(header));
    return;
  }
  auto text = header.dump(json_indent);
  text.resize(text.rfind('\n'));  // without the closing brace
  print_(text + ",\n  \"packets\": [");
}

void DocumentWriter::write(const PacketDocument& packet) {
  if (!has_header_ && !has_begun_) header_.link = packet.link.value_or(LinkType::ethernet);
  if (!has_begun_) begin();
  const auto json = packet_json(codepoints_, header_, packet);
  if (format_ == DocumentFormat::yaml) {
    print_((has_packets_ ? "" : "packets:\n") +
           indented(to_yaml(nlohmann::ordered_json::array({json})), 2));
  } else {
    print_((has_packets_ ? ",\n" : "\n") + indented(json.dump(json_indent), 4));
  }
  has_packets_ = true;
}

void DocumentWriter::finish() {
  if (!has_begun_) begin();
  const auto footer = footer_json(header_);
  if (format_ == DocumentFormat::yaml) {
    if (!has_packets_) print_("packets: []\n");
    if (!footer.empty()) print_(to_yaml(footer));
    return;
  }
  print_(has_packets_ ? "\n  ]" : "]");
  // Without the opening brace, or the closing brace only.
  print_(footer.empty() ? "\n}\n" : "," + footer.dump(json_indent).substr(1) + "\n");
}

}  // namespace secct::generator
