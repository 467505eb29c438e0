// SPDX-License-Identifier: GPL-2.0-or-later
// The options that every subcommand accepts.
#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include "cli/namespace.hpp"
#include "generator/description/router_description.hpp"

namespace secct::cli {

// What a subcommand needs to decode packets.
struct DecodeSettings {
  CodePoints codepoints;
  Keyring keys;
};

struct GlobalOptions {
  std::string codepoints_file;  // --codepoints; empty: default code points
  bool no_color = false;        // --no-color

  void add_to(CLI::App& app);

  // Throw UsageError if the code-point profile or the router description `file` is invalid.
  CodePoints codepoints() const;
  // The built-in description if `file` is empty. --codepoints overrides the code points of `file`.
  RouterDescription description(const std::string& file) const;
  // The code points and keys of description(file); no keys if `file` is empty.
  DecodeSettings decode_settings(const std::string& file) const;

  // Whether to print colours: standard output is a terminal, and neither --no-color nor the
  // environment variable NO_COLOR is set.
  bool color() const;
};

}  // namespace secct::cli
