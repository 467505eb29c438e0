// SPDX-License-Identifier: GPL-2.0-or-later
// Error messages for the YAML files that preferences name.
#pragma once

#include <string>

#include <yaml-cpp/yaml.h>

namespace secct::dissector {

// "FILE:LINE: MESSAGE", or "FILE: MESSAGE" if the problem has no line.
inline std::string yaml_error(const char* path, const YAML::Exception& problem) {
  if (dynamic_cast<const YAML::BadFile*>(&problem) != nullptr) {
    return std::string(path) + ": cannot read the file";
  }
  const auto line = problem.mark.is_null() ? "" : ':' + std::to_string(problem.mark.line + 1);
  const bool wrong_type = dynamic_cast<const YAML::BadConversion*>(&problem) != nullptr;
  return path + line + ": " + (wrong_type ? "the value has the wrong type" : problem.msg);
}

}  // namespace secct::dissector
