// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/epan/codepoint_file.hpp"

#include "dissector/epan/yaml_file.hpp"

namespace secct::dissector {
namespace {

void read(const YAML::Node& root, CodePoints& points) {
  constexpr unsigned highest = 255;
  for (const auto& entry : root) {
    const auto name = entry.first.as<std::string>();
    const auto id = find_codepoint(name);
    const auto number = entry.second.as<unsigned>();
    const auto& mark = entry.first.Mark();
    if (!id) throw YAML::Exception(mark, '"' + name + "\" is not the name of a code point");
    if (number > highest) {
      throw YAML::Exception(
          mark, name + ": expected a number from 0 to 255, found " + std::to_string(number));
    }
    points.set(*id, static_cast<std::uint8_t>(number));
  }
}

}  // namespace

std::string read_codepoint_file(const char* path, CodePoints& out) {
  auto points = out;
  auto problem = read_yaml_file(path, [&](const YAML::Node& root) { read(root, points); });
  if (problem.empty()) out = points;
  return problem;
}

}  // namespace secct::dissector
