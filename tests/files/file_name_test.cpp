// SPDX-License-Identifier: GPL-2.0-or-later
#include "files/file_name.hpp"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace secct::files {
namespace {

TEST(FileName, ReplacesTheSlashAndEncodesOtherOctets) {
  EXPECT_EQ(file_name("RELOC-5.2-2/all-sas"), "RELOC-5.2-2_all-sas");
  EXPECT_EQ(file_name("javascript:a b"), "javascript=3Aa=20b");
  EXPECT_EQ(file_name(".."), "=2E.");
  EXPECT_EQ(file_name("\xc3\xa4\x1b"), "=C3=A4=1B");
}

TEST(FileName, DiffersForDifferentIds) {
  std::set<std::string> names;
  const char* const ids[] = {"a/b", "a_b", "a=5Fb", "a=2Fb", "a/_b", "a_/b", "A/b", "", ".", "=2E"};
  for (const auto* id : ids) EXPECT_TRUE(names.insert(file_name(id)).second) << id;
}

TEST(FileName, EndsWithAHashIfItIsTooLong) {
  const std::string text(300, 'a');
  EXPECT_TRUE(has_full_file_name(std::string(longest_file_name, 'a')));
  EXPECT_FALSE(has_full_file_name(text));
  EXPECT_EQ(file_name(text).size(), longest_file_name);
  EXPECT_NE(file_name(text), file_name(text + "a"));
}

}  // namespace
}  // namespace secct::files
