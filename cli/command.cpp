// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/command.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <sstream>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/help.hpp"
#include "cli/strict_values.hpp"
#include "files/diagnostics.hpp"
#include "files/escape.hpp"
#include "files/yaml_reader.hpp"
#include "generator/transmit/port.hpp"

namespace secct::cli {
namespace {

struct CommandRow {
  const char* name;
  const char* description;
  const char* examples;
  Command (*add)(CLI::App& app, const GlobalOptions& global);
};

constexpr CommandRow commands[] = {
    {"craft", "make packets from a packet document or from the name of a message",
     "  $ secct craft --message shrep --set secct.sa.spi=0x1234 --hex\n"
     "  $ secct craft packets.yaml -w packets.pcapng\n"
     "  $ secct decode a.pcapng | secct craft - -w b.pcapng",
     craft_command},
    {"decode", "print a capture file as packet documents",
     "  $ secct decode captures/reactive/reactive.pcapng\n"
     "  $ secct decode - --json < a.pcapng",
     decode_command},
    {"redact", "remove keys, tokens and ICVs from a capture file",
     "  $ secct redact a.pcapng public.pcapng\n"
     "  $ secct redact a.pcapng public.pcapng --dut dut.yaml",
     redact_command},
    {"generate", "generate complete handovers, to a file or to an interface",
     "  $ secct generate reactive -w r.pcapng\n"
     "  $ secct generate predictive --handovers 100 --seed 7 -w p.pcapng",
     generate_command},
    {"run", "run the conformance suite against a router",
     "  $ secct run\n"
     "  $ secct run --select 'RELOC-5.2-*' --report-dir out\n"
     "  $ secct run --dut dut.yaml --interface eth1",
     run_command},
    {"router", "run the reference router on a network interface",
     "  $ secct router --dut dut.yaml --interface veth0 --role nr\n"
     "  $ secct router --dut dut.yaml --interface eth1 --mn-interface eth2 --role nr --role pr",
     router_command},
    {"load", "measure handovers per second, losses and latency of a router",
     "  $ secct load --dut dut.yaml --interface veth0 --rate 500 --duration 30\n"
     "  $ secct load --dut dut.yaml --interface veth0 --scenario predictive --json load.json",
     load_command},
    {"selftest", "test the suite: run it against each fault of the reference router",
     "  $ secct selftest\n"
     "  $ secct selftest --json matrix.json\n"
     "  $ secct selftest --dut router.yaml\n"
     "  $ secct selftest --verbose --select 'RELOC-5.2-*'",
     selftest_command},
    {"check", "check existing captures against the rules of the suite",
     "  $ secct check captures/*/*.pcapng\n"
     "  $ secct check trace.pcapng --dut dut.yaml --report-dir out",
     check_command},
    {"list", "list cases, faults, fields and other names, or print a JSON schema",
     "  $ secct list spts\n"
     "  $ secct list cases\n"
     "  $ secct list schema > packet-document.schema.json",
     list_command},
    {"show", "show a case: its clauses, its steps and the packets of its last run",
     "  $ secct show RELOC-5.2-2/all-sas\n"
     "  $ secct show RELOC-5.2-2/all-sas --report-dir out",
     show_command},
};
// For the build: packaging/generate-files.
constexpr CommandRow hidden_command{"completion", "print a completion script for a shell",
                                    "  $ secct completion bash", completion_command};

// Reports a write error, such as a full disk, that has not been noticed yet.
void flush_output() {
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    throw UsageError(fmt::format("standard output: {}", std::strerror(errno)));
  }
}

// Returns the exit status for a CLI11 parse error; --help and --version are such errors, too.
int handle_parse_error(const CLI::App& app, const CLI::ParseError& error,
                       const std::vector<std::string>& arguments) {
  const auto name = std::ranges::find_if(arguments, [](const auto& a) { return a[0] != '-'; });
  const bool is_command =
      name != arguments.end() &&
      std::ranges::any_of(commands, [&](const auto& row) { return *name == row.name; });
  if (!is_command && name != arguments.end() && error.get_name() == "RequiredError") {
    std::vector<std::string_view> names;
    for (const auto& row : commands) names.emplace_back(row.name);
    throw UsageError(fmt::format("unknown subcommand '{}'; expected one of {}{}", *name,
                                 fmt::join(names, ", "), suggestion(*name, names)));
  }
  std::ostringstream help;
  std::ostringstream message;
  const int code = app.exit(error, help, message);
  fmt::print("{}", help.str());
  write_diagnostic(escape_control_characters(message.str(), true));
  flush_output();
  return code == 0 ? 0 : static_cast<int>(ExitStatus::usage);
}

int run(const std::vector<std::string>& arguments) {
  CLI::App app("make and check packets of IPsec security context transfer (SecCT), test routers",
               "secct");
  app.formatter(std::make_shared<HelpFormatter>());
  app.set_help_flag("-h,--help", "print this help and exit");
  app.set_version_flag("--version", "secct " SECCT_VERSION "\nbuilt with " SECCT_LIBRARIES,
                       "print the version and exit");
  app.require_subcommand(1);
  app.fallthrough();
  GlobalOptions global;
  global.add_to(app);
  std::vector<std::pair<CLI::App*, Command>> added;
  const auto add = [&](const CommandRow& row) {
    auto* sub = app.add_subcommand(row.name, row.description);
    sub->footer(fmt::format("Examples:\n{}", row.examples));
    added.emplace_back(sub, row.add(*sub, global));
    return sub;
  };
  for (const auto& row : commands) add(row);
  add(hidden_command)->group("");  // hidden from --help
  require_strict_values(app);
  try {
    // CLI11 expects the arguments in reverse order.
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ParseError& error) {
    return handle_parse_error(app, error, arguments);
  }
  for (const auto& [sub, command] : added) {
    if (!sub->parsed()) continue;
    const auto status = command();
    flush_output();
    return static_cast<int>(status);
  }
  return static_cast<int>(ExitStatus::usage);
}

int failure(const std::exception& error, ExitStatus status) {
  print_diagnostic("secct: {}{}\n", status == ExitStatus::internal_error ? "internal error: " : "",
                   error.what());
  return static_cast<int>(status);
}

}  // namespace

int main(const std::vector<std::string>& arguments) {
  try {
    return run(arguments);
  } catch (const UsageError& error) {
    return failure(error, ExitStatus::usage);
  } catch (const SetupError& error) {
    return failure(error, ExitStatus::setup);
  } catch (const std::system_error& error) {  // fmt::print cannot write
    return failure(error, ExitStatus::usage);
  } catch (const std::exception& error) {
    return failure(error, ExitStatus::internal_error);
  }
}

}  // namespace secct::cli
