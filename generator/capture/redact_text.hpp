// SPDX-License-Identifier: GPL-2.0-or-later
// Removes secrets from texts, such as the comments of a capture.
#pragma once

#include <string>

#include "generator/capture/secret_map.hpp"

namespace secct::generator {

// Replaces the secrets in `text` and parts of them with at least 8 octets, whether they are written
// - in hexadecimal of either case, with any punctuation and space between digits, with 0x or \x
//   before octets, or as a hex dump with offsets and characters,
// - in base64 of either alphabet (RFC 4648), also within longer data and with line breaks,
// - or as they are.
// The result is as long as `text`, and the same elsewhere.
std::string redact_text(const std::string& text, SecretMap& secrets);

}  // namespace secct::generator
