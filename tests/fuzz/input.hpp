// SPDX-License-Identifier: GPL-2.0-or-later
// What the fuzz targets share: invariants, and the octets of an input.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "protocol/octets.hpp"

namespace secct::test {

// Aborts, which the fuzzer reports as a crash, unless an invariant holds.
inline void require(bool holds, const char* invariant, const std::string& input = {}) {
  if (holds) return;
  std::fprintf(stderr, "%s%s%s\n", invariant, input.empty() ? "" : "\nin ", input.c_str());
  std::abort();
}
inline void require(bool holds, const char* invariant, View input) {
  if (!holds) require(false, invariant, to_hex(input));
}

// The octets of an input, read one after the other. After the end there are zeros.
class FuzzInput {
 public:
  FuzzInput(const std::uint8_t* octets, std::size_t size) : left_(octets, size) {}

  bool empty() const { return left_.empty(); }
  std::uint8_t octet() {
    const auto one = some(1);
    return one.empty() ? 0 : one[0];
  }
  std::uint16_t number() {  // two octets
    const auto high = octet();
    return static_cast<std::uint16_t>(high << 8U | octet());
  }
  // At most `count` octets.
  View some(std::size_t count) {
    const auto part = left_.first(std::min(count, left_.size()));
    left_ = left_.subspan(part.size());
    return part;
  }
  Octets copy(std::size_t count) {
    const auto part = some(count);
    return {part.begin(), part.end()};
  }
  View rest() { return some(left_.size()); }

 private:
  View left_;
};

// A file in memory, for readers that take the name of a file.
class MemoryFile {
 public:
  explicit MemoryFile(View content) : descriptor_(memfd_create("input", MFD_CLOEXEC)) {
    require(descriptor_ >= 0 && write(descriptor_, content.data(), content.size()) ==
                                    static_cast<ssize_t>(content.size()),
            "no file in memory");
    path_ = "/proc/self/fd/" + std::to_string(descriptor_);
  }
  ~MemoryFile() { close(descriptor_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  const std::string& path() const { return path_; }

 private:
  int descriptor_;
  std::string path_;
};

}  // namespace secct::test
