// SPDX-License-Identifier: GPL-2.0-or-later
// A temporary folder for a file with secrets that another program reads.
#pragma once

#include <string>

namespace secct::files {

// Creates a folder that only this user can enter, in TMPDIR or /tmp. The destructor removes it with
// the file in it, and so does a signal that ends the process (SIGHUP, SIGINT, SIGQUIT, SIGPIPE,
// SIGTERM), unless the program handles or ignores this signal itself. What a process left that
// could not (SIGKILL, power failure) is removed when this user's next folder is created.
class PrivateFolder {
 public:
  // `name` is the name of the file. Throws UsageError if the folder cannot be created, or if there
  // are 8 of them already.
  explicit PrivateFolder(const std::string& name);
  ~PrivateFolder();
  PrivateFolder(const PrivateFolder&) = delete;
  PrivateFolder& operator=(const PrivateFolder&) = delete;

  // The path of the file, which the caller creates.
  const std::string& file() const;

 private:
  struct Slot;
  Slot* slot_ = nullptr;
};

}  // namespace secct::files
