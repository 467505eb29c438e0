// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/report/template.hpp"

#include <gtest/gtest.h>

#include "replay/report/escape.hpp"

namespace secct::replay {
namespace {

using Json = nlohmann::ordered_json;

TEST(Template, FillsNamesAndEscapesThem) {
  EXPECT_EQ(fill("a {{x}} b {{&x}} {{n}}", {{"x", "<\"'&>"}, {"n", 7}}),
            "a &lt;&quot;&#39;&amp;&gt; b <\"'&> 7");
}

TEST(Template, RepeatsListsAndLooksUpFromTheInsideOut) {
  const Json data{{"y", "outer"}, {"list", {{{"x", 1}}, {{"x", 2}, {"y", "inner"}}}}};
  EXPECT_EQ(fill("{{#list}}[{{x}} {{y}}]{{/list}}", data), "[1 outer][2 inner]");
  EXPECT_EQ(fill("{{#l}}{{.}},{{/l}}", {{"l", {"a", "b"}}}), "a,b,");
}

TEST(Template, LeavesOutWhatIsNotThere) {
  const Json data{{"no", false}, {"empty", Json::array()}, {"text", ""}, {"null", nullptr},
                  {"yes", true}, {"object", {{"in", "x"}}}};
  EXPECT_EQ(
      fill("{{#no}}1{{/no}}{{#empty}}2{{/empty}}{{#text}}3{{/text}}{{#null}}4{{/null}}", data), "");
  EXPECT_EQ(fill("{{^no}}1{{/no}}{{^empty}}2{{/empty}}{{^yes}}3{{/yes}}", data), "12");
  EXPECT_EQ(fill("{{#yes}}1{{/yes}}{{#object}}{{in}}{{/object}}", data), "1x");
}

TEST(Template, ASectionThatIsNotShownMayHoldUnknownNames) {
  EXPECT_EQ(fill("{{#no}}{{x}}{{#y}}{{/y}}{{/no}}.", {{"no", false}}), ".");
}

TEST(Template, RefusesAWrongTemplate) {
  for (const auto* wrong : {"{{unknown}}", "{{#a}}", "{{/a}}", "{{#a}}{{#b}}{{/a}}{{/b}}", "{{a"}) {
    EXPECT_THROW(fill(wrong, {{"a", true}, {"b", true}}), std::logic_error) << wrong;
  }
}

TEST(Printable, SpellsOutWhatIsNoText) {
  EXPECT_EQ(escape_control_characters("plain äöü €"), "plain äöü €");
  EXPECT_EQ(escape_control_characters("\033[31m\r\n\t\x7f"), "\\x1b[31m\\x0d\\x0a\\x09\\x7f");
  EXPECT_EQ(escape_control_characters("a\nb", true), "a\nb");
  EXPECT_EQ(escape_control_characters("\xff\xc3\xe2\x82"), "\\xff\\xc3\\xe2\\x82");
  EXPECT_EQ(escape_control_characters("\u202e\u2066\ufeff\uffff\u2028"),
            "\\u202e\\u2066\\ufeff\\uffff\\u2028");
  EXPECT_EQ(escape_control_characters("\u0085"), "\\x85");
  EXPECT_EQ(escape_control_characters(std::string_view("\0x", 2)), "\\x00x");
}

}  // namespace
}  // namespace secct::replay
