// SPDX-License-Identifier: GPL-2.0-or-later
// A fixture with an empty folder that is removed after the test.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

namespace secct::generator::test {

class TemporaryFolder : public testing::Test {
 protected:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "secct-test-XXXXXX").string();
    folder_ = mkdtemp(name.data());
  }
  ~TemporaryFolder() override { std::filesystem::remove_all(folder_); }

  std::string folder() const { return folder_.string(); }
  std::string file(const char* name) const { return (folder_ / name).string(); }
  // The number of files in the folder.
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder_),
                                                  std::filesystem::directory_iterator()));
  }

 private:
  std::filesystem::path folder_;
};

}  // namespace secct::generator::test
