// SPDX-License-Identifier: GPL-2.0-or-later
// Writes a file atomically: the octets go to a temporary file in the same folder, and close()
// renames it. A reader never sees half a file, and a failed command leaves the old file unchanged.
#pragma once

#include <string>
#include <string_view>

#include "protocol/octets.hpp"

namespace secct::files {

class OutputFile {
 public:
  // "-" is standard output. If `file` is a symbolic link, its target is replaced; the new file gets
  // the permissions of the old one. Pipes, devices and standard output are written directly.
  // Throws UsageError if the file cannot be created.
  explicit OutputFile(std::string file);
  // Without close(), removes the temporary file; an existing file stays unchanged.
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  // Both throw UsageError with the name of the file and the error of the system. Further calls of
  // close() do nothing.
  void write(View octets);
  void close();

 private:
  [[noreturn]] void fail(int error) const;
  bool close_descriptor();
  void discard() const;

  std::string file_;       // as the user named it, for messages
  std::string target_;     // the path with symbolic links resolved
  std::string temporary_;  // the file that is written until close(); empty for pipes and devices
  int descriptor_ = -1;
};

// Writes `text` to `file`, as OutputFile does. Throws UsageError.
void write_text(const std::string& file, std::string_view text);

}  // namespace secct::files
