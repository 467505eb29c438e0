// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/command.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

#include <fmt/format.h>

#include "generator/document/yaml.hpp"
#include "generator/transmit/port.hpp"

namespace secct::cli {
namespace {

struct CommandRow {
  const char* name;
  const char* what;
  const char* examples;
  Setup setup;
};

constexpr CommandRow commands[] = {
    {"craft", "packets from a packet document or from a message name",
     "  secct craft --message shrep --set secct.sa.spi=0x1234 --hex\n"
     "  secct craft packets.yaml -w packets.pcapng\n"
     "  secct decode a.pcapng | secct craft - -w b.pcapng",
     craft},
    {"decode", "a capture to packet documents",
     "  secct decode captures/reactive/reactive.pcapng\n"
     "  secct decode - --json < a.pcapng",
     decode},
    {"redact", "a capture that can be shared",
     "  secct redact a.pcapng public.pcapng\n"
     "  secct redact a.pcapng public.pcapng --dut lab.yaml",
     redact},
    {"generate", "whole handovers",
     "  secct generate reactive -w r.pcapng\n"
     "  secct generate predictive --handovers 100 --seed 7 -w p.pcapng",
     generate},
    {"run", "the conformance suite",
     "  secct run\n"
     "  secct run --select 'RELOC-5.2-*' --report-dir out",
     run},
    {"router", "the reference router on a real interface",
     "  secct router --dut lab.yaml --interface veth0 --role nr\n"
     "  secct router --dut lab.yaml --interface eth1 --mn-interface eth2 --role nr --role pr",
     router},
    {"load", "handovers per second against a router, and how long its answers take",
     "  secct load --dut lab.yaml --interface veth0 --rate 500 --duration 30\n"
     "  secct load --dut lab.yaml --interface veth0 --scenario predictive --json load.json",
     load},
    {"selftest", "the suite against the reference router, then against each of its faults",
     "  secct selftest\n"
     "  secct selftest --json matrix.json\n"
     "  secct selftest --verbose --select 'RELOC-5.2-*'",
     selftest},
    {"check", "the same rules applied to captures made elsewhere",
     "  secct check captures/*/*.pcapng\n"
     "  secct check trace.pcapng --dut lab-1.yaml --report-dir out",
     check},
    {"list",
     "cases, clauses, faults, malformed packets, scenarios, messages, fields, SPTs, code points, "
     "schemas",
     "  secct list spts\n  secct list cases", list},
    {"show", "one case: its clauses and its steps", "  secct show RELOC-5.2-2/all-sas", show},
};
// For the build, not for users.
constexpr CommandRow hidden{"manual", "man pages and completions of this program",
                            "  secct manual build/manual", manual};

// What a CLI11 parse error means to the shell: asking for help is no error.
int parse_error(const CLI::App& app, const CLI::ParseError& error,
                const std::vector<std::string>& arguments) {
  const auto name = std::ranges::find_if(arguments, [](const auto& a) { return a[0] != '-'; });
  const bool is_command =
      name != arguments.end() &&
      std::ranges::any_of(commands, [&](const auto& row) { return *name == row.name; });
  if (!is_command && name != arguments.end() && error.get_name() == "RequiredError") {
    std::vector<std::string_view> names;
    for (const auto& row : commands) names.emplace_back(row.name);
    throw UsageError(fmt::format("{}: no such subcommand; there are {}{}", *name,
                                 fmt::join(names, ", "), suggestion(*name, names)));
  }
  const int code = app.exit(error);
  return code == 0 ? 0 : static_cast<int>(Exit::usage);
}

// A full disk is told, not passed over: what was printed may be all that was wanted.
void flush_output() {
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    throw UsageError(fmt::format("standard output: {}", std::strerror(errno)));
  }
}

}  // namespace

CodePoints Common::codepoints() const {
  CodePoints points;
  if (!codepoints_file.empty()) {
    read_codepoints(load_yaml(codepoints_file), {codepoints_file, ""}, points);
  }
  return points;
}

RouterDescription Common::description(const std::string& file) const {
  auto description = file.empty() ? built_in_description() : load_description(file);
  if (!codepoints_file.empty()) description.codepoints = codepoints();
  return description;
}

Common::Known Common::known(const std::string& file) const {
  if (file.empty()) return {codepoints(), {}};
  const auto described = description(file);
  return {described.codepoints, described.keyring()};
}

bool Common::color() const {
  return !no_color && std::getenv("NO_COLOR") == nullptr && isatty(STDOUT_FILENO) == 1;
}

int main(const std::vector<std::string>& arguments) {
  try {
    CLI::App app("IPsec security context transfer (SecCT): packets, handovers, conformance",
                 "secct");
    app.set_version_flag("--version", "secct " SECCT_VERSION);
    app.require_subcommand(1);
    app.fallthrough();
    Common common;
    app.add_option("--codepoints", common.codepoints_file, "code-point profile (YAML)");
    app.add_flag("--no-color", common.no_color, "plain text");
    std::vector<std::pair<CLI::App*, Action>> actions;
    const auto add = [&](const CommandRow& command) {
      auto* sub = app.add_subcommand(command.name, command.what);
      sub->footer(fmt::format("Examples:\n{}", command.examples));
      actions.emplace_back(sub, command.setup(*sub, common));
    };
    for (const auto& command : commands) add(command);
    add(hidden);
    try {
      // CLI11 takes its arguments from the back.
      app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
    } catch (const CLI::ParseError& error) {
      return parse_error(app, error, arguments);
    }
    for (const auto& [sub, action] : actions) {
      if (!sub->parsed()) continue;
      const auto exit = action();
      flush_output();
      return static_cast<int>(exit);
    }
    return static_cast<int>(Exit::usage);
  } catch (const UsageError& error) {
    fmt::print(stderr, "secct: {}\n", error.what());
    return static_cast<int>(Exit::usage);
  } catch (const SetupError& error) {
    fmt::print(stderr, "secct: {}\n", error.what());
    return static_cast<int>(Exit::setup);
  } catch (const std::system_error& error) {  // of printing
    fmt::print(stderr, "secct: {}\n", error.what());
    return static_cast<int>(Exit::usage);
  } catch (const std::exception& error) {
    fmt::print(stderr, "secct: a fault of the tool: {}\n", error.what());
    return static_cast<int>(Exit::fault);
  }
}

}  // namespace secct::cli
