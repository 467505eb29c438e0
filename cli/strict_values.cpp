// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/strict_values.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "cli/namespace.hpp"
#include "files/yaml_reader.hpp"

namespace secct::cli {
namespace {

// Validators of CLI11 return an error message, or an empty string.
std::string refuse_empty(const std::string& value) {
  return value.empty() ? "expected a value, found an empty one" : "";
}

std::string make_decimal(std::string& value) {
  if (const auto number = to_number(value)) {
    value = std::to_string(*number);
    return {};
  }
  const bool is_large = value.find_first_not_of("0123456789") == std::string::npos;
  if (!is_large && to_real(value)) return {};
  return fmt::format("expected a number below 2^64, decimal or 0x..., found '{}'", value);
}

bool is_number(const CLI::Option& option) {
  constexpr std::string_view names[] = {"N", "FACTOR", "SECONDS"};
  const auto with_checks = option.get_type_name();  // "N:INT in [1 - 256]"
  const auto name = std::string_view(with_checks).substr(0, with_checks.find(':'));
  return std::ranges::find(names, name) != std::end(names);
}

}  // namespace

void require_strict_values(CLI::App& app) {
  for (auto* option : app.get_options()) {
    if (option->get_items_expected_max() == 0) continue;
    if (is_number(*option)) option->transform(CLI::Validator(make_decimal, ""));
    option->transform(CLI::Validator([](std::string& value) { return refuse_empty(value); }, ""));
  }
  for (auto* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    require_strict_values(*sub);
  }
}

}  // namespace secct::cli
