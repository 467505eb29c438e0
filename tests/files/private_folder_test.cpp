// SPDX-License-Identifier: GPL-2.0-or-later
#include "files/private_folder.hpp"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "tests/generator/temporary_folder.hpp"

namespace secct::files {
namespace {

namespace fs = std::filesystem;

class PrivateFolderTest : public generator::test::TemporaryFolder {
 protected:
  PrivateFolderTest() {
    if (const char* before = std::getenv("TMPDIR")) before_ = before;
    setenv("TMPDIR", folder().c_str(), 1);
  }
  ~PrivateFolderTest() override {
    if (before_.empty()) {
      unsetenv("TMPDIR");
    } else {
      setenv("TMPDIR", before_.c_str(), 1);
    }
  }

 private:
  std::string before_;
};

// Creates a folder with a file in a child process, which then waits. Returns its process ID.
pid_t child_with_folder() {
  std::array<int, 2> ready{};
  EXPECT_EQ(pipe(ready.data()), 0);
  const auto child = fork();
  if (child == 0) {
    const PrivateFolder folder("router.yaml");
    std::ofstream(folder.file()) << "key";
    const char octet = 0;
    if (write(ready[1], &octet, 1) != 1) _exit(1);
    for (;;) pause();
  }
  char octet = 0;
  EXPECT_EQ(read(ready[0], &octet, 1), 1);
  close(ready[0]);
  close(ready[1]);
  return child;
}

void end(pid_t child, int signal_number) {
  kill(child, signal_number);
  waitpid(child, nullptr, 0);
}

TEST_F(PrivateFolderTest, IsForThisUserOnlyAndGoesWithItsFile) {
  {
    const PrivateFolder folder("router.yaml");
    struct stat status {};
    ASSERT_EQ(stat(fs::path(folder.file()).parent_path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0700U);
    std::ofstream(folder.file()) << "key";
    EXPECT_EQ(files(), 1U);
  }
  EXPECT_EQ(files(), 0U);
}

TEST_F(PrivateFolderTest, IsRemovedBySignals) {
  for (const int number : {SIGHUP, SIGINT, SIGTERM}) {
    end(child_with_folder(), number);
    EXPECT_EQ(files(), 0U) << number;
  }
}

TEST_F(PrivateFolderTest, OfAKilledProcessIsRemovedByTheNextOneAndOfARunningProcessIsNot) {
  const auto running = child_with_folder();
  end(child_with_folder(), SIGKILL);
  EXPECT_EQ(files(), 2U);
  {
    const PrivateFolder folder("router.yaml");
    EXPECT_EQ(files(), 2U);
  }
  EXPECT_EQ(files(), 1U);
  end(running, SIGTERM);
  EXPECT_EQ(files(), 0U);
}

}  // namespace
}  // namespace secct::files
