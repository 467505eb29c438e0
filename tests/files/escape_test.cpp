// SPDX-License-Identifier: GPL-2.0-or-later
#include "files/escape.hpp"

#include <gtest/gtest.h>

namespace secct::files {
namespace {

TEST(EscapeControlCharacters, KeepsPrintableText) {
  EXPECT_EQ(escape_control_characters("plain äöü €"), "plain äöü €");
}

TEST(EscapeControlCharacters, ReplacesControlCharacters) {
  EXPECT_EQ(escape_control_characters("\033[31m\r\n\t\x7f"), "\\x1b[31m\\x0d\\x0a\\x09\\x7f");
  EXPECT_EQ(escape_control_characters("\u0085"), "\\x85");
  EXPECT_EQ(escape_control_characters(std::string_view("\0x", 2)), "\\x00x");
}

TEST(EscapeControlCharacters, KeepsLineFeedsOnRequest) {
  EXPECT_EQ(escape_control_characters("a\nb", true), "a\nb");
}

TEST(EscapeControlCharacters, ReplacesInvalidUtf8) {
  EXPECT_EQ(escape_control_characters("\xff\xc3\xe2\x82"), "\\xff\\xc3\\xe2\\x82");
}

TEST(EscapeControlCharacters, ReplacesDirectionControlsAndNonCharacters) {
  EXPECT_EQ(escape_control_characters("\u202e\u2066\ufeff\uffff\u2028"),
            "\\u202e\\u2066\\ufeff\\uffff\\u2028");
}

TEST(FormatEscaped, EscapesTheTextsButNotTheFormat) {
  const std::string text = "a\x1b[2J";
  EXPECT_EQ(format_escaped("\033[1m{:<10}|{}|{:>4}\n", text, "\r", 7),
            "\033[1ma\\x1b[2J  |\\x0d|   7\n");
}

}  // namespace
}  // namespace secct::files
