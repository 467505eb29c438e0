// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/epan/codepoint_file.hpp"

#include <exception>

#include <yaml-cpp/yaml.h>

namespace secct::dissector {

std::string read_codepoint_file(const char* path, CodePoints& out) {
  try {
    constexpr unsigned highest = 255;
    auto wanted = out;
    for (const auto& entry : YAML::LoadFile(path)) {
      const auto name = entry.first.as<std::string>();
      const auto id = find_codepoint(name);
      const auto number = entry.second.as<unsigned>();
      if (!id) return std::string(path) + ": there is no code point " + name;
      if (number > highest) return std::string(path) + ": " + name + " is more than 255";
      wanted.set(*id, static_cast<std::uint8_t>(number));
    }
    out = wanted;
    return {};
  } catch (const std::exception& problem) {
    return std::string(path) + ": " + problem.what();
  }
}

}  // namespace secct::dissector
