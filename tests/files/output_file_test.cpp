// SPDX-License-Identifier: GPL-2.0-or-later
// A file appears when it is complete, and replaces an existing one without losing its properties.
#include "files/output_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/generator/support.hpp"
#include "tests/generator/temporary_folder.hpp"

namespace secct::generator::test {
namespace {

namespace fs = std::filesystem;

class OutputFileTest : public TemporaryFolder {};

TEST_F(OutputFileTest, AppearsWhenClosed) {
  OutputFile output(file("a"));
  output.write(text_octets("one "));
  output.write(text_octets("two"));
  EXPECT_FALSE(fs::exists(file("a")));
  output.close();
  output.close();
  EXPECT_EQ(read_text(file("a")), "one two");
  EXPECT_EQ(files(), 1U);
}

TEST_F(OutputFileTest, LeavesNothingUnlessClosed) {
  write_text(file("old"), "old");
  for (const auto* name : {"new", "old"}) {
    OutputFile output(file(name));
    output.write(text_octets("incomplete"));
  }
  EXPECT_EQ(read_text(file("old")), "old");
  EXPECT_EQ(files(), 1U);
}

TEST_F(OutputFileTest, KeepsPermissionsAndSymbolicLinks) {
  write_text(file("target"), "old");
  fs::permissions(file("target"), fs::perms{0640});
  fs::create_symlink("target", file("link"));
  write_text(file("link"), "new");
  EXPECT_TRUE(fs::is_symlink(file("link")));
  EXPECT_EQ(fs::status(file("target")).permissions(), fs::perms{0640});
  EXPECT_EQ(read_text(file("target")), "new");
  EXPECT_EQ(files(), 2U);
}

TEST_F(OutputFileTest, FollowsASymbolicLinkToAFileThatDoesNotExist) {
  fs::create_symlink("target", file("link"));
  write_text(file("link"), "new");
  EXPECT_TRUE(fs::is_symlink(file("link")));
  EXPECT_EQ(read_text(file("target")), "new");
  const auto wrong = file("wrong");
  const auto loop = file("loop");
  fs::create_symlink("no/such/folder", wrong);
  fs::create_symlink("loop", loop);
  EXPECT_EQ(error_of([&] { write_text(wrong, "x"); }), wrong + ": No such file or directory");
  EXPECT_EQ(error_of([&] { write_text(loop, "x"); }), loop + ": Too many levels of symbolic links");
  EXPECT_EQ(files(), 4U);
}

TEST_F(OutputFileTest, OverwritesAFileThatHasAnotherName) {
  write_text(file("a"), "a long old text");
  fs::create_hard_link(file("a"), file("b"));
  write_text(file("a"), "new");
  EXPECT_EQ(read_text(file("b")), "new");
  EXPECT_EQ(files(), 2U);
}

TEST_F(OutputFileTest, AppendsToADescriptorOfTheProcess) {
  write_text(file("a"), "old ");
  const int descriptor = open(file("a").c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  write_text("/dev/fd/" + std::to_string(descriptor), "new");
  close(descriptor);
  EXPECT_EQ(read_text(file("a")), "old new");
}

TEST_F(OutputFileTest, AcceptsTheLongestFileNames) {
  constexpr std::size_t longest = 255;
  const std::string name(longest, 'a');
  for (int i = 0; i < 2; ++i) write_text(file(name.c_str()), "text");
  EXPECT_EQ(read_text(file(name.c_str())), "text");
  EXPECT_EQ(files(), 1U);
}

TEST_F(OutputFileTest, WritesToDevices) {
  write_text("/dev/null", "text");
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
  EXPECT_EQ(error_of([] { write_text("/dev/full", "text"); }),
            "/dev/full: No space left on device");
}

TEST_F(OutputFileTest, ReportsFilesThatCannotBeCreated) {
  const auto missing = file("no/such/folder");
  EXPECT_EQ(error_of([&] { OutputFile output(missing); }), missing + ": No such file or directory");
  EXPECT_THAT(error_of([&] { OutputFile output(folder()); }), testing::StartsWith(folder() + ": "));
  EXPECT_EQ(files(), 0U);
}

}  // namespace
}  // namespace secct::generator::test
