// SPDX-License-Identifier: GPL-2.0-or-later
// Writes a file that appears when it is complete: the octets go to a file without a name in the
// same folder, and close() puts it in the place of the old one. A reader never sees half a file, a
// failed command leaves the old file unchanged, and a killed process leaves nothing.
#pragma once

#include <sys/stat.h>

#include <string>
#include <string_view>

#include "protocol/octets.hpp"

namespace secct::files {

class OutputFile {
 public:
  // "-" is standard output. Symbolic links are followed, also to a file that does not exist yet.
  // The new file gets the owner and the permissions of the old one. Pipes, devices, and
  // descriptors of this process (/dev/stdout, /dev/fd/3) are written directly. A file that cannot
  // be replaced (a mount point, a file with several names or of another owner, a folder without
  // write permission) keeps its place: close() overwrites its content. Throws UsageError if the
  // file cannot be created.
  explicit OutputFile(std::string file);
  // Without close(), an existing file stays unchanged.
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  // Both throw UsageError with the name of the file and the error of the system. Further calls of
  // close() do nothing.
  void write(View octets);
  void close();

 private:
  [[noreturn]] void fail(int error) const;
  bool open_own_descriptor(const std::string& path);
  void open_existing(const struct stat& existing);
  void open_unnamed(bool target_exists);
  bool keep_owner_and_mode(const struct stat& existing) const;
  bool replace_target() const;
  void overwrite_target() const;
  bool close_descriptor();

  std::string file_;  // as the user named it, for messages
  // The path with symbolic links resolved, which gets the content of the unnamed file in close();
  // empty if `descriptor_` is the file itself.
  std::string target_;
  int descriptor_ = -1;
  bool replaceable_ = false;  // the unnamed file can get the name of the target
};

// Writes `text` to `file`, as OutputFile does. Throws UsageError.
void write_text(const std::string& file, std::string_view text);

}  // namespace secct::files
