// SPDX-License-Identifier: GPL-2.0-or-later
#include "files/diagnostics.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>

namespace secct::files {

void write_diagnostic(std::string_view text) {
  static_cast<void>(std::fwrite(text.data(), 1, text.size(), stderr));
  std::clearerr(stderr);
}

void open_standard_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    // open() returns the lowest free number.
    if (fcntl(stream, F_GETFD) == -1) static_cast<void>(open("/dev/null", O_RDONLY));
  }
}

}  // namespace secct::files
