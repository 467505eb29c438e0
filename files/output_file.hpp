// SPDX-License-Identifier: GPL-2.0-or-later
// A file that appears, or replaces another one, when it is whole.
#pragma once

#include <string>
#include <string_view>

#include "protocol/octets.hpp"

namespace secct::files {

class OutputFile {
 public:
  // "-" is standard output. What links lead to is replaced, with its permissions; into a pipe or a
  // device the octets go as they come. UsageError when it cannot be written.
  explicit OutputFile(std::string file);
  // Without close() nothing is left, and what was there before stays.
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  void write(View octets);  // UsageError
  void close();             // UsageError; the second time nothing

 private:
  [[noreturn]] void fail(int error) const;
  bool close_descriptor();
  void discard() const;

  std::string file_;    // as the user calls it
  std::string target_;  // where it is, links followed
  std::string beside_;  // what is written until it is whole; empty for pipes and devices
  int descriptor_ = -1;
};

// A whole text file. UsageError when it cannot be written.
void write_text(const std::string& file, std::string_view text);

}  // namespace secct::files
