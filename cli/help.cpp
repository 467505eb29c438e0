// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/help.hpp"

#include <cctype>
#include <sstream>

#include <fmt/format.h>

namespace secct::cli {
namespace {

// An option or a subcommand: `name` in the left column, `description` wrapped in the right one.
std::string entry(const std::string& name, const std::string& description) {
  constexpr std::size_t left_width = 28;
  constexpr std::size_t width = 80;
  std::string out = "  " + name;
  std::size_t column = out.size();
  const auto indent = [&] {
    out.append(left_width - column, ' ');
    column = left_width;
  };
  const auto new_line = [&] {
    out += '\n';
    column = 0;
    indent();
  };
  // help2man separates the columns at two spaces.
  if (column + 2 > left_width) {
    new_line();
  } else {
    indent();
  }
  std::istringstream text(description);
  for (std::string word; text >> word;) {
    if (column > left_width && column + 1 + word.size() > width) new_line();
    if (column > left_width) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
  }
  return out + "\n";
}

std::string option_text(const CLI::Option& option) {
  std::string flags;
  for (const auto& name : option.get_snames()) flags += (flags.empty() ? "-" : ", -") + name;
  for (const auto& name : option.get_lnames()) flags += (flags.empty() ? "--" : ", --") + name;
  return flags;
}

}  // namespace

std::string value_name(const CLI::Option& option) {
  if (option.get_positional()) return option.get_name(true);
  if (option.get_items_expected_max() == 0) return "";
  // CLI11 appends the permitted values: "N:INT in [0 - 100]".
  const auto type = option.get_type_name();
  return type.substr(0, type.find(':'));
}

HelpFormatter::HelpFormatter() { label("Positionals", "Arguments"); }

std::string HelpFormatter::make_help(const CLI::App* app, std::string name,
                                     CLI::AppFormatMode mode) const {
  std::string options;
  const auto add_group = [&](const CLI::App& owner, const std::string& group,
                             const std::string& title) {
    const auto members = owner.get_options([&](const CLI::Option* option) {
      const bool root_only = option == owner.get_help_ptr() || option->check_lname("version");
      return option->get_group() == group && option->nonpositional() &&
             !(&owner != app && root_only);
    });
    if (!group.empty() && !members.empty()) options += make_group(title, false, members);
  };
  for (const auto& group : app->get_groups()) add_group(*app, group, group);
  if (const auto* parent = app->get_parent()) add_group(*parent, "Options", "Global options");
  return make_description(app) + "\n" + make_usage(app, std::move(name)) + make_positionals(app) +
         options + make_subcommands(app, mode) + "\n" + make_footer(app);
}

std::string HelpFormatter::make_description(const CLI::App* app) const {
  auto text = app->get_description();
  text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return text + ".\n";
}

std::string HelpFormatter::make_option(const CLI::Option* option, bool positional) const {
  auto description = option->get_description();
  if (!option->get_default_str().empty()) {
    description += fmt::format(" (default: {})", option->get_default_str());
  }
  if (positional) return entry(option->get_name(true), description);
  if (option->get_required()) description += " (required)";
  const auto value = value_name(*option);
  return entry(option_text(*option) + (value.empty() ? "" : " " + value), description);
}

std::string HelpFormatter::make_subcommand(const CLI::App* sub) const {
  return entry(sub->get_name(), sub->get_description());
}

}  // namespace secct::cli
