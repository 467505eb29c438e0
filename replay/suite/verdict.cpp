// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/suite/verdict.hpp"

#include <fmt/format.h>

namespace secct::replay {

std::string Failure::reason() const {
  std::string reason = field.empty() ? text : fmt::format("{}: {}", field, text);
  if (!expected.empty()) reason += fmt::format(": expected {}", expected);
  if (!actual.empty()) reason += fmt::format("{} found {}", expected.empty() ? ":" : ",", actual);
  return reason;
}

}  // namespace secct::replay
