// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/report/template.hpp"

#include <gtest/gtest.h>

namespace secct::replay {
namespace {

using Json = nlohmann::ordered_json;

TEST(Template, EscapesForHtmlUnlessAmpersand) {
  EXPECT_EQ(fill("a {{x}} b {{&x}} {{n}}", {{"x", "<\"'&>"}, {"n", 7}}),
            "a &lt;&quot;&#39;&amp;&gt; b <\"'&> 7");
}

TEST(Template, EscapesControlCharacters) {
  EXPECT_EQ(fill("{{x}}", {{"x", "a\x1b[2J\nb\xff"}}), "a\\x1b[2J\nb\\xff");
}

TEST(Template, LooksUpNamesFromTheInnermostSection) {
  const Json data{{"y", "outer"}, {"list", {{{"x", 1}}, {{"x", 2}, {"y", "inner"}}}}};
  EXPECT_EQ(fill("{{#list}}[{{x}} {{y}}]{{/list}}", data), "[1 outer][2 inner]");
  EXPECT_EQ(fill("{{#l}}{{.}},{{/l}}", {{"l", {"a", "b"}}}), "a,b,");
}

TEST(Template, LeavesOutSectionsOfEmptyValues) {
  const Json data{{"no", false}, {"empty", Json::array()},  {"text", ""}, {"null", nullptr},
                  {"yes", true}, {"object", {{"in", "x"}}}, {"zero", 0}};
  EXPECT_EQ(
      fill("{{#no}}1{{/no}}{{#empty}}2{{/empty}}{{#text}}3{{/text}}{{#null}}4{{/null}}", data), "");
  EXPECT_EQ(fill("{{^no}}1{{/no}}{{^empty}}2{{/empty}}{{^yes}}3{{/yes}}", data), "12");
  EXPECT_EQ(fill("{{#yes}}1{{/yes}}{{#object}}{{in}}{{/object}}", data), "1x");
  EXPECT_EQ(fill("{{zero}}{{#zero}}z{{/zero}}{{text}}{{null}}", data), "0z");
}

TEST(Template, IgnoresNamesInSectionsThatAreLeftOut) {
  EXPECT_EQ(fill("{{#no}}{{x}}{{#y}}{{/y}}{{/no}}.", {{"no", false}}), ".");
}

TEST(Template, RejectsUnknownNamesAndUnbalancedSections) {
  for (const auto* text : {"{{unknown}}", "{{#unknown}}{{/unknown}}", "{{^unknown}}{{/unknown}}",
                           "{{#a}}", "{{/a}}", "{{#a}}{{#b}}{{/a}}{{/b}}", "{{a"}) {
    EXPECT_THROW(fill(text, {{"a", true}, {"b", true}}), std::logic_error) << text;
  }
}

}  // namespace
}  // namespace secct::replay
