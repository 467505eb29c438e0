// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/document/document_writer.hpp"

#include <gtest/gtest.h>

#include "generator/document/yaml.hpp"

namespace secct::generator {
namespace {

std::string written(const CodePoints& codepoints, const Document& document, DocumentFormat format) {
  std::string text;
  DocumentWriter writer(codepoints, format, [&](std::string_view part) { text += part; });
  if (!document.section.empty()) {
    auto header = document;
    header.packets.clear();
    writer.set_header(std::move(header));
  }
  for (const auto& packet : document.packets) writer.write(packet);
  writer.finish();
  return text;
}

void expect_whole_document(const CodePoints& codepoints, const Document& document) {
  const auto json = to_json(codepoints, document);
  EXPECT_EQ(written(codepoints, document, DocumentFormat::yaml), to_yaml(json));
  EXPECT_EQ(written(codepoints, document, DocumentFormat::json), json.dump(2) + "\n");
}

TEST(DocumentWriter, WritesWhatToJsonAndToYamlMakeOfTheWholeDocument) {
  Document document;
  expect_whole_document({}, document);
  auto& first = document.packets.emplace_back();
  first.set_comment("two\nlines: \"quoted\"");
  first.time = 1'500'000'000;
  first.layers.push_back({LayerKind::eth, {}, {}});
  first.layers.push_back({LayerKind::data, {{HeaderField::data_octets, Octets{1, 2, 3}}}, {}});
  expect_whole_document({}, document);
  auto& second = document.packets.emplace_back();
  second.link = LinkType::raw_ip;
  second.wire_octets = 60;
  expect_whole_document({}, document);
  document.section = {{comment_option, "of the section", 0}};
  expect_whole_document({}, document);
  document.interfaces.resize(2);
  document.interfaces[1].link = LinkType::raw_ip;
  second.interface = 1;
  expect_whole_document({}, document);
  document.packets.clear();
  expect_whole_document({}, document);
}

TEST(DocumentWriter, LinkLayerAndCodePointsAreThoseOfTheDocument) {
  Document document{LinkType::raw_ip, {PacketDocument()}, {}, {}};
  document.packets[0].link = LinkType::raw_ip;
  CodePoints codepoints;
  codepoints.set(CodePoint::icmpv6_hi, 200);
  expect_whole_document(codepoints, document);
}

}  // namespace
}  // namespace secct::generator
