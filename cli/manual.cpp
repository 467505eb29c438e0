// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/manual.hpp"

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <memory>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "cli/command.hpp"
#include "embedded/manual.hpp"
#include "files/output_file.hpp"
#include "files/yaml_reader.hpp"
#include "replay/report/template.hpp"

namespace secct::cli {
namespace {

using Json = nlohmann::ordered_json;

// What may stand as the value of an option or argument of this name, in every subcommand.
struct ValueRow {
  std::string_view name;
  std::string_view kind;   // file, folder, interface, words, list, setting (NAME= of a list)
  std::string_view words;  // of kind words; of kind list and setting what `secct list` is asked for
};
constexpr ValueRow values[] = {
    {"FILE", "file", ""},
    {"IN", "file", ""},
    {"OUT", "file", ""},
    {"CASE", "list", "cases"},
    {"SCENARIO", "list", "scenarios"},
    {"WHAT", "words", ""},  // what_can_be_listed()
    {"--codepoints", "file", ""},
    {"--dut", "file", ""},
    {"--expect", "file", ""},
    {"--failed-from", "file", ""},
    {"--write", "file", ""},
    {"--report-dir", "folder", ""},
    {"--suite", "folder", ""},
    {"--interface", "interface", ""},
    {"--mn-interface", "interface", ""},
    {"--send", "interface", ""},
    {"--role", "words", "nr pr fa"},
    {"--scenario", "list", "scenarios"},
    {"--json", "file", ""},
    {"--message", "list", "messages"},
    {"--malformed", "list", "malformed"},
    {"--mutate", "list", "malformed"},
    {"--fault", "list", "faults"},
    {"--variation", "list", "faults"},
    {"--select", "list", "cases"},
    {"--clause", "list", "clauses"},
    {"--set", "setting", "fields"},
    {"--remove", "list", "fields"},
};

struct StatusRow {
  Exit exit;
  const char* what;
};
constexpr StatusRow statuses[] = {
    {Exit::ok, "Everything is as it should be."},
    {Exit::differs, "At least one case or packet is not."},
    {Exit::usage, "Wrong usage, unreadable input, or nothing selected."},
    {Exit::setup, "The router under test or the set\\-up did not work, and nothing failed."},
    {Exit::fault, "A fault of the tool."},
};

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
  return text;
}

// Text for man(7): hyphens stay hyphens, and no line begins as a request does.
std::string roff(const std::string& text) {
  std::string out;
  bool begins = true;
  for (char c : text) {
    if (begins && (c == '.' || c == '\'')) out += "\\&";
    begins = c == '\n';
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else if (c == '\'') {
      out += "\\(aq";
    } else {
      out += c;
    }
  }
  return out;
}

// Inside single quotes of a shell. In zsh's _arguments brackets and colons have a meaning too.
std::string shell_quoted(const std::string& text) { return replaced(text, "'", "'\\''"); }
std::string zsh_text(const std::string& text) {
  auto out = text;
  for (const auto* c : {"\\", "[", "]", ":"}) out = replaced(out, c, std::string("\\") + c);
  return shell_quoted(out);
}

struct Value {
  std::string kind = "none";
  std::string words;
};

Value value_of(const CLI::Option& option) {
  const auto fits = [&](const ValueRow& row) {
    if (option.get_positional()) return option.get_name(true) == row.name;
    return option.check_lname(
        std::string(row.name.substr(std::min<std::size_t>(2, row.name.size()))));
  };
  for (const auto& row : values) {
    if (!fits(row)) continue;
    const bool what = row.name == "WHAT";
    return {std::string(row.kind), what ? fmt::format("{}", fmt::join(what_can_be_listed(), " "))
                                        : std::string(row.words)};
  }
  return {};
}

bool takes_value(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

std::vector<std::string> flags_of(const CLI::Option& option) {
  std::vector<std::string> flags;
  for (const auto& name : option.get_snames()) flags.push_back("-" + name);
  for (const auto& name : option.get_lnames()) flags.push_back("--" + name);
  return flags;
}

// What stands for the value of an option: --report-dir DIR.
std::string value_word(const CLI::Option& option) {
  const auto kind = value_of(option).kind;
  if (kind == "folder") return "DIR";
  if (kind == "file") return "FILE";
  if (kind == "interface") return "IFACE";
  if (kind == "setting") return "PATH=VALUE";
  if (option.get_type_name() == "TEXT") return "NAME";
  return "N";
}

std::vector<const CLI::Option*> options_of(const CLI::App& app, bool positional) {
  std::vector<const CLI::Option*> list;
  for (const auto* option : app.get_options()) {
    if (option->get_positional() == positional && !option->get_group().empty()) {
      list.push_back(option);
    }
  }
  return list;
}

std::vector<const CLI::App*> commands_of(const CLI::App& root) {
  std::vector<const CLI::App*> list;
  for (const auto* sub : root.get_subcommands([](const CLI::App*) { return true; })) {
    if (!sub->get_group().empty()) list.push_back(sub);
  }
  return list;
}

Json option_json(const CLI::Option& option) {
  const auto flags = flags_of(option);
  const auto argument = takes_value(option) ? value_word(option) : std::string();
  std::string synopsis = "\\fB" + roff(flags.back()) + "\\fR";
  std::string shown;
  for (const auto& flag : flags) {
    shown += (shown.empty() ? "" : ", ") + std::string("\\fB") + roff(flag) + "\\fR";
  }
  if (!argument.empty()) {
    synopsis += " \\fI" + roff(argument) + "\\fR";
    shown += " \\fI" + roff(argument) + "\\fR";
  }
  return {{"synopsis", synopsis}, {"flags", shown}, {"what", roff(option.get_description())}};
}

Json positional_json(const CLI::Option& option) {
  const auto name = roff(option.get_name(true));
  const auto more = option.get_items_expected_max() > 1 ? " ..." : "";
  const bool required = option.get_required();
  return {{"name", name},
          {"what", roff(option.get_description())},
          {"synopsis",
           fmt::format("{}\\fI{}\\fR{}{}", required ? "" : "[", name, more, required ? "" : "]")}};
}

// What completion of bash needs to know of the values of options.
Json bash_values(const CLI::App& app) {
  auto list = Json::array();
  for (const auto* option : options_of(app, false)) {
    if (!takes_value(*option)) continue;
    const auto value = value_of(*option);
    const auto flags = flags_of(*option);
    list.push_back({{"pattern", fmt::format("{}", fmt::join(flags, " | "))},
                    {"kind", value.kind},
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
  if (value.kind == "none") return " ";
  if (value.kind == "file") return "_files";
  if (value.kind == "folder") return "_files -/";
  if (value.kind == "interface") return "_net_interfaces";
  if (value.kind == "words") return fmt::format("({})", value.words);
  if (value.kind == "setting") return fmt::format("{{_secct_settings {}}}", value.words);
  return fmt::format("{{_secct_names {}}}", value.words);
}

Json zsh_specs(const CLI::App& app) {
  auto list = Json::array();
  for (const auto* option : options_of(app, false)) {
    const auto flags = flags_of(*option);
    const auto text = zsh_text(option->get_description());
    const auto argument = takes_value(*option) ? fmt::format(":{}:{}", value_word(*option),
                                                             zsh_action(value_of(*option)))
                                               : std::string();
    for (const auto& flag : flags) {
      list.push_back({{"spec", fmt::format("'*{}[{}]{}'", flag, text, argument)}});
    }
  }
  for (const auto* option : options_of(app, true)) {
    list.push_back(
        {{"spec", fmt::format("'{}:{}:{}'", option->get_items_expected_max() > 1 ? "*" : "",
                              option->get_name(true), zsh_action(value_of(*option)))}});
  }
  return list;
}

void fish_lines(const CLI::App& app, const std::string& condition, Json& list) {
  const auto action = [](const Value& value) -> std::string {
    if (value.kind == "none") return " -x";
    if (value.kind == "file") return " -r -F";
    if (value.kind == "folder") return " -x -a '(__fish_complete_directories)'";
    if (value.kind == "interface") return " -x -a '(__fish_print_interfaces)'";
    if (value.kind == "words") return fmt::format(" -x -a '{}'", value.words);
    if (value.kind == "setting") return fmt::format(" -x -a '(__secct_names {})='", value.words);
    return fmt::format(" -x -a '(__secct_names {})'", value.words);
  };
  for (const auto* option : options_of(app, false)) {
    std::string line = condition;
    for (const auto& name : option->get_snames()) line += " -s " + name;
    for (const auto& name : option->get_lnames()) line += " -l " + name;
    line += fmt::format(" -d '{}'", shell_quoted(option->get_description()));
    if (takes_value(*option)) line += action(value_of(*option));
    list.push_back({{"line", line}});
  }
  for (const auto* option : options_of(app, true)) {
    const auto value = value_of(*option);
    if (value.kind == "none") continue;
    const auto text =
        value.kind == "file" ? std::string(" -F") : replaced(action(value), " -x", "");
    list.push_back({{"line", condition + text}});
  }
}

Json command_json(const CLI::App& app) {
  const auto positionals = options_of(app, true);
  const auto value = positionals.empty() ? Value() : value_of(*positionals.front());
  return {{"name", app.get_name()},
          {"roff_name", roff(app.get_name())},
          {"what", roff(app.get_description())},
          {"zsh_what", zsh_text(app.get_description())},
          {"fish_what", shell_quoted(app.get_description())},
          {"all_options", all_flags(app)},
          {"positional_kind", value.kind},
          {"positional_words", value.words},
          {"values", bash_values(app)},
          {"specs", zsh_specs(app)}};
}

std::string upper(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

// Of the build; SOURCE_DATE_EPOCH makes it the same again (reproducible-builds.org).
std::string page_date() {
  const auto* given = std::getenv("SOURCE_DATE_EPOCH");
  const auto seconds = given != nullptr ? to_number(given) : std::nullopt;
  const auto time = seconds ? static_cast<std::time_t>(*seconds) : std::time(nullptr);
  return fmt::format("{:%Y-%m-%d}", fmt::gmtime(time));
}

// The page of the program (no `command`) or of one subcommand.
Json page_json(const CLI::App& root, const CLI::App* command) {
  const auto& app = command != nullptr ? *command : root;
  const auto page = command != nullptr ? "secct-" + app.get_name() : std::string("secct");
  Json options = Json::array();
  for (const auto* option : options_of(app, false)) options.push_back(option_json(*option));
  if (command != nullptr) {  // those of the program work in subcommands too
    for (const auto* option : options_of(root, false)) {
      const bool known = std::ranges::any_of(
          options, [&](const Json& row) { return row["flags"] == option_json(*option)["flags"]; });
      if (!known && !option->check_lname("version")) options.push_back(option_json(*option));
    }
  }
  Json positionals = Json::array();
  for (const auto* option : options_of(app, true)) positionals.push_back(positional_json(*option));
  Json commands = Json::array();
  Json see = Json::array();
  if (command == nullptr) {
    for (const auto* sub : commands_of(root)) {
      commands.push_back(command_json(*sub));
      see.push_back({{"name", "secct\\-" + roff(sub->get_name())}, {"comma", ","}});
    }
  } else {
    see.push_back({{"name", "secct"}, {"comma", ","}});
  }
  see.push_back({{"name", "wireshark"}, {"comma", ""}});
  // "Examples:\n  secct ..."
  const auto footer = app.get_footer();
  const auto lines = footer.find('\n');
  const auto examples = lines == std::string::npos ? "" : roff(footer.substr(lines + 1));
  Json status = Json::array();
  for (const auto& row : statuses) {
    status.push_back({{"number", std::to_string(static_cast<int>(row.exit))}, {"what", row.what}});
  }
  return {{"title", roff(upper(page))},
          {"version", SECCT_VERSION},
          {"date", page_date()},
          {"page", roff(page)},
          {"full", command != nullptr ? "secct " + roff(app.get_name()) : "secct"},
          {"what", roff(app.get_description())},
          {"description",
           roff(upper(app.get_description().substr(0, 1)) + app.get_description().substr(1) + ".")},
          {"options", options},
          {"has_arguments", !positionals.empty()},
          {"positionals", positionals},
          {"has_commands", !commands.empty()},
          {"commands", commands},
          {"has_examples", !examples.empty()},
          {"examples", examples},
          {"statuses", status},
          {"see", see}};
}

std::string template_of(std::string_view name) {
  for (const auto& file : embedded::manual()) {
    if (file.name == name) return std::string(file.contents);
  }
  throw std::logic_error("no template " + std::string(name));
}

}  // namespace

std::map<std::string, std::string> manual_files(const CLI::App& root) {
  std::map<std::string, std::string> files;
  const auto page = template_of("command.1");
  files["secct.1"] = fill(page, page_json(root, nullptr));
  Json commands = Json::array();
  Json fish = Json::array();
  std::vector<std::string> names;
  fish_lines(root, "", fish);
  for (const auto* command : commands_of(root)) {
    files["secct-" + command->get_name() + ".1"] = fill(page, page_json(root, command));
    commands.push_back(command_json(*command));
    names.push_back(command->get_name());
    fish_lines(*command, fmt::format("-n '__fish_seen_subcommand_from {}'", command->get_name()),
               fish);
  }
  auto global_values = bash_values(root);
  for (auto& row : global_values) row["name"] = row["pattern"];
  const Json view{{"commands", commands},
                  {"fish", fish},
                  {"global_values", global_values},
                  {"global_options", all_flags(root)},
                  {"global_specs", zsh_specs(root)},
                  {"command_names", fmt::format("{}", fmt::join(names, " "))}};
  for (const auto* name : {"secct.bash", "_secct", "secct.fish"}) {
    files[name] = fill(template_of(name), view);
  }
  return files;
}

// secct manual DIR: hidden; the build runs it.
Action manual(CLI::App& app, const Common&) {
  auto folder = std::make_shared<std::string>();
  app.add_option("DIR", *folder, "where man pages and completions are written")->required();
  app.group("");
  return [&app, folder] {
    const std::filesystem::path path(*folder);
    std::error_code error;
    std::filesystem::create_directories(path, error);
    for (const auto& [name, contents] : manual_files(*app.get_parent())) {
      write_text(path / name, contents);
    }
    return Exit::ok;
  };
}

}  // namespace secct::cli
