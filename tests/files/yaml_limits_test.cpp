// SPDX-License-Identifier: GPL-2.0-or-later
#include "files/yaml_limits.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "files/yaml_reader.hpp"

namespace secct::files {
namespace {

using testing::HasSubstr;

constexpr YamlLimits small{.depth = 4, .values = 20, .flow_octets = 4096};

std::string refused(const std::string& text) {
  try {
    check_yaml_text(text, "a.yaml", small);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "accepted";
}

std::string repeated(const std::string& part, int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += part;
  return text;
}

TEST(YamlLimits, TheDepthIsThatOfTheParsedDocument) {
  EXPECT_EQ(refused("a: [[[x]]]\nb: '[[[[[[['\n# {{{{{{{\n"), "accepted");
  EXPECT_EQ(refused("a:\n  - [[[x]]]\n"),
            "a.yaml:2: lists and mappings are nested deeper than 4 levels");
}

TEST(YamlLimits, CountKeysAndValues) {
  EXPECT_EQ(refused(repeated("- x\n", 19)), "accepted");
  EXPECT_EQ(refused(repeated("- x\n", 20)), "a.yaml:20: the document has more than 20 values");
  EXPECT_THAT(refused("a: &a x\n" + repeated("? *a\n", 10)), HasSubstr("more than 20 values"));
  EXPECT_THAT(refused(repeated("?\n", 10)), HasSubstr("more than 20 values"));
}

// The parser keeps the tokens of a flow collection until it is complete.
TEST(YamlLimits, AFlowCollectionIsNotReadWithoutEnd) {
  EXPECT_THAT(refused(repeated("[", 2000)), HasSubstr("nested deeper"));
  EXPECT_EQ(refused(repeated("[", 20000)),
            "a.yaml: a value is longer than 0 MiB; write long lists and mappings in lines that "
            "begin with '- ' or 'key:'");
  EXPECT_THAT(refused("[" + repeated("x,", 10000)), HasSubstr("a value is longer"));
  EXPECT_EQ(refused(repeated("- " + std::string(1000, 'x') + "\n", 15)), "accepted");
}

TEST(YamlLimits, OneDocument) {
  EXPECT_EQ(refused("a: 1\n---\nb: 1\n"),
            "a.yaml:2: expected one YAML document, found a second one");
  EXPECT_EQ(refused(","), "a.yaml:1: expected one YAML document, found a second one");
}

}  // namespace
}  // namespace secct::files
