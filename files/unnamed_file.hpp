// SPDX-License-Identifier: GPL-2.0-or-later
// Files without a name: they disappear with the last process that has them open, however it ends,
// and only this user can read them.
#pragma once

#include <string>

namespace secct::files {

// Opens a new, empty file in the folder for temporary files (TMPDIR, or /tmp) for reading and
// writing. Returns its descriptor, or -1 and errno. The caller closes it.
int open_unnamed_file();

// An input that can be opened and read several times. The content of a pipe or a device ("-" is
// standard input) is copied to an unnamed file.
class RereadableFile {
 public:
  // Throws UsageError if the input cannot be read or copied.
  explicit RereadableFile(std::string file);
  ~RereadableFile();
  RereadableFile(const RereadableFile&) = delete;
  RereadableFile& operator=(const RereadableFile&) = delete;

  // The path to open; valid as long as this object.
  const std::string& path() const { return path_; }
  // The input in messages: its path, or "standard input".
  const std::string& name() const { return name_; }

 private:
  std::string name_;
  std::string path_;
  int copy_ = -1;  // descriptor of the unnamed file
};

}  // namespace secct::files
