// SPDX-License-Identifier: GPL-2.0-or-later
// Reads the YAML files that preferences name, with the limits of files/yaml_reader.hpp.
#pragma once

#include <string>

#include "files/yaml_reader.hpp"

namespace secct::dissector {

// Calls `read` with the root of the file. Returns an empty string, or "FILE:LINE: MESSAGE" if the
// file cannot be read, is not valid YAML, or `read` throws YAML::Exception; without the line if the
// problem has none.
template <class Read>
std::string read_yaml_file(const std::string& path, Read read) {
  try {
    read(files::load_yaml(path));
    return {};
  } catch (const files::UsageError& problem) {
    return problem.what();
  } catch (const YAML::Exception& problem) {
    const auto line = problem.mark.is_null() ? "" : ':' + std::to_string(problem.mark.line + 1);
    const bool wrong_type = dynamic_cast<const YAML::BadConversion*>(&problem) != nullptr;
    return path + line + ": " + (wrong_type ? "the value has the wrong type" : problem.msg);
  }
}

}  // namespace secct::dissector
