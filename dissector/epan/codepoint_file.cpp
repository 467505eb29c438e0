// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/epan/codepoint_file.hpp"

#include "dissector/epan/yaml_error.hpp"

namespace secct::dissector {

std::string read_codepoint_file(const char* path, CodePoints& out) {
  try {
    constexpr unsigned highest = 255;
    auto wanted = out;
    for (const auto& entry : YAML::LoadFile(path)) {
      const auto name = entry.first.as<std::string>();
      const auto id = find_codepoint(name);
      const auto number = entry.second.as<unsigned>();
      const auto place =
          std::string(path) + ':' + std::to_string(entry.first.Mark().line + 1) + ": ";
      if (!id) return (place + '"').append(name).append("\" is not the name of a code point");
      if (number > highest) {
        return place + name + ": expected a number from 0 to 255, found " + std::to_string(number);
      }
      wanted.set(*id, static_cast<std::uint8_t>(number));
    }
    out = wanted;
    return {};
  } catch (const YAML::Exception& problem) {
    return yaml_error(path, problem);
  }
}

}  // namespace secct::dissector
