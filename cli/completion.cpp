// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/completion.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/command.hpp"
#include "cli/help.hpp"
#include "embedded/completion.hpp"
#include "files/yaml_reader.hpp"
#include "replay/report/template.hpp"

namespace secct::cli {
namespace {

using Json = nlohmann::ordered_json;

// How a shell completes the value of an option or of an argument.
enum class ValueKind : std::uint8_t {
  none,
  file,
  folder,
  interface,
  words,       // `words`
  names,       // the output of `secct list WORDS --names`
  assignment,  // the same, each followed by "="
};

struct ValueRow {
  std::string_view name;  // of an option, or of its value (value_name())
  ValueKind kind;
  std::string_view words;
};
constexpr ValueRow values[] = {
    {"FILE", ValueKind::file, ""},
    {"IN", ValueKind::file, ""},
    {"OUT", ValueKind::file, ""},
    {"DIR", ValueKind::folder, ""},
    {"IFACE", ValueKind::interface, ""},
    {"ROLE", ValueKind::words, "nr pr fa"},
    {"SHELL", ValueKind::words, "bash zsh fish"},
    {"WHAT", ValueKind::words, ""},  // list_names()
    {"CASE", ValueKind::names, "cases"},
    {"PATTERN", ValueKind::names, "cases"},
    {"SCENARIO", ValueKind::names, "scenarios"},
    {"PATH", ValueKind::names, "fields"},
    {"PATH=VALUE", ValueKind::assignment, "fields"},
    {"--message", ValueKind::names, "messages"},
    {"--malformed", ValueKind::names, "malformed"},
    {"--mutate", ValueKind::names, "malformed"},
    {"--fault", ValueKind::names, "faults"},
    {"--variation", ValueKind::names, "faults"},
    {"--backend", ValueKind::words, "sendmmsg pcap"},
};

struct Value {
  ValueKind kind = ValueKind::none;
  std::string words;
};

Value value_of(const CLI::Option& option) {
  const auto name = value_name(option);
  for (const auto& row : values) {
    const bool by_option =
        row.name.starts_with("--") && option.check_lname(std::string(row.name.substr(2)));
    if (row.name != name && !by_option) continue;
    if (row.name == "WHAT") return {row.kind, fmt::format("{}", fmt::join(list_names(), " "))};
    return {row.kind, std::string(row.words)};
  }
  return {};
}

// The name of a kind in packaging/completions/secct.bash.
std::string_view bash_kind(ValueKind kind) {
  switch (kind) {
    case ValueKind::none: return "none";
    case ValueKind::file: return "file";
    case ValueKind::folder: return "folder";
    case ValueKind::interface: return "interface";
    case ValueKind::words: return "words";
    case ValueKind::names: return "names";
    case ValueKind::assignment: return "assignment";
  }
  return "none";
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

// For use between single quotes in a shell script.
std::string shell_quoted(const std::string& text) { return replaced(text, "'", "'\\''"); }

// _arguments of zsh interprets brackets and colons.
std::string zsh_text(const std::string& text) {
  auto out = text;
  for (const auto* c : {"\\", "[", "]", ":"}) out = replaced(out, c, std::string("\\") + c);
  return shell_quoted(out);
}

bool takes_value(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

std::vector<std::string> flags_of(const CLI::Option& option) {
  std::vector<std::string> flags;
  for (const auto& name : option.get_snames()) flags.push_back("-" + name);
  for (const auto& name : option.get_lnames()) flags.push_back("--" + name);
  return flags;
}

std::vector<const CLI::Option*> options_of(const CLI::App& app, bool positional) {
  return app.get_options([&](const CLI::Option* option) {
    return option->get_positional() == positional && !option->get_group().empty();
  });
}

std::vector<const CLI::App*> commands_of(const CLI::App& root) {
  return root.get_subcommands([](const CLI::App* sub) { return !sub->get_group().empty(); });
}

Json bash_values(const CLI::App& app) {
  auto list = Json::array();
  for (const auto* option : options_of(app, false)) {
    if (!takes_value(*option)) continue;
    const auto value = value_of(*option);
    list.push_back({{"pattern", fmt::format("{}", fmt::join(flags_of(*option), " | "))},
                    {"kind", bash_kind(value.kind)},
                    {"words", value.words}});
  }
  return list;
}

std::string all_flags(const CLI::App& app) {
  std::vector<std::string> all;
  for (const auto* option : options_of(app, false)) {
    for (auto& flag : flags_of(*option)) all.push_back(std::move(flag));
  }
  return fmt::format("{}", fmt::join(all, " "));
}

std::string zsh_action(const Value& value) {
  switch (value.kind) {
    case ValueKind::none: return " ";
    case ValueKind::file: return "_files";
    case ValueKind::folder: return "_files -/";
    case ValueKind::interface: return "_net_interfaces";
    case ValueKind::words: return fmt::format("({})", value.words);
    case ValueKind::names: return fmt::format("{{_secct_names {}}}", value.words);
    case ValueKind::assignment: return fmt::format("{{_secct_assignments {}}}", value.words);
  }
  return " ";
}

Json zsh_specs(const CLI::App& app) {
  auto list = Json::array();
  for (const auto* option : options_of(app, false)) {
    const auto text = zsh_text(option->get_description());
    const auto argument = takes_value(*option) ? fmt::format(":{}:{}", value_name(*option),
                                                             zsh_action(value_of(*option)))
                                               : std::string();
    for (const auto& flag : flags_of(*option)) {
      list.push_back({{"spec", fmt::format("'*{}[{}]{}'", flag, text, argument)}});
    }
  }
  for (const auto* option : options_of(app, true)) {
    const auto repeat = option->get_items_expected_max() > 1 ? "*" : "";
    list.push_back({{"spec", fmt::format("'{}:{}:{}'", repeat, value_name(*option),
                                         zsh_action(value_of(*option)))}});
  }
  return list;
}

std::string fish_action(const Value& value) {
  switch (value.kind) {
    case ValueKind::none: return " -x";
    case ValueKind::file: return " -r -F";
    case ValueKind::folder: return " -x -a '(__fish_complete_directories)'";
    case ValueKind::interface: return " -x -a '(__fish_print_interfaces)'";
    case ValueKind::words: return fmt::format(" -x -a '{}'", value.words);
    case ValueKind::names: return fmt::format(" -x -a '(__secct_names {})'", value.words);
    case ValueKind::assignment: return fmt::format(" -x -a '(__secct_names {})='", value.words);
  }
  return " -x";
}

void add_fish_lines(const CLI::App& app, const std::string& condition, Json& list) {
  for (const auto* option : options_of(app, false)) {
    std::string line = condition;
    for (const auto& name : option->get_snames()) line += " -s " + name;
    for (const auto& name : option->get_lnames()) line += " -l " + name;
    line += fmt::format(" -d '{}'", shell_quoted(option->get_description()));
    if (takes_value(*option)) line += fish_action(value_of(*option));
    list.push_back({{"line", line}});
  }
  for (const auto* option : options_of(app, true)) {
    const auto value = value_of(*option);
    if (value.kind == ValueKind::none) continue;
    // -x and -r concern the value of an option.
    const auto action = value.kind == ValueKind::file ? std::string(" -F")
                                                      : replaced(fish_action(value), " -x", "");
    list.push_back({{"line", condition + action}});
  }
}

Json command_json(const CLI::App& app) {
  const auto positionals = options_of(app, true);
  const auto value = positionals.empty() ? Value() : value_of(*positionals.front());
  return {{"name", app.get_name()},
          {"zsh_description", zsh_text(app.get_description())},
          {"fish_description", shell_quoted(app.get_description())},
          {"all_options", all_flags(app)},
          {"positional_kind", bash_kind(value.kind)},
          {"positional_words", value.words},
          {"values", bash_values(app)},
          {"specs", zsh_specs(app)}};
}

}  // namespace

std::string completion_script(const CLI::App& root, const std::string& shell) {
  const auto scripts = embedded::completion();
  const auto script =
      std::ranges::find(scripts, "secct." + shell, [](const auto& file) { return file.name; });
  if (script == scripts.end()) {
    throw UsageError(fmt::format("unknown shell '{}'; expected bash, zsh or fish", shell));
  }
  Json commands = Json::array();
  Json fish = Json::array();
  std::vector<std::string> names;
  add_fish_lines(root, "", fish);
  for (const auto* command : commands_of(root)) {
    commands.push_back(command_json(*command));
    names.push_back(command->get_name());
    add_fish_lines(*command,
                   fmt::format("-n '__fish_seen_subcommand_from {}'", command->get_name()), fish);
  }
  return fill(script->contents, {{"commands", commands},
                                 {"fish", fish},
                                 {"global_values", bash_values(root)},
                                 {"global_options", all_flags(root)},
                                 {"global_specs", zsh_specs(root)},
                                 {"command_names", fmt::format("{}", fmt::join(names, " "))}});
}

}  // namespace secct::cli
