// SPDX-License-Identifier: GPL-2.0-or-later
// Calls the program as a function: exit status and messages of every subcommand (docs/cli.md).
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/command.hpp"
#include "generator/capture/read.hpp"
#include "generator/scenario/scenario.hpp"

namespace secct::cli::test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

struct Result {
  int status = 0;
  std::string out;
  std::string err;
};

class Cli : public testing::Test {
 protected:
  Cli() {
    std::string name = (fs::temp_directory_path() / "secct-cli-XXXXXX").string();
    folder_ = mkdtemp(name.data());
  }
  ~Cli() override { fs::remove_all(folder_); }

  std::string file(const std::string& name) const { return (folder_ / name).string(); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(file(name)) << text;
    return file(name);
  }
  std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }

  static Result run(const std::vector<std::string>& arguments) {
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    Result result;
    result.status = cli::main(arguments);
    result.out = testing::internal::GetCapturedStdout();
    result.err = testing::internal::GetCapturedStderr();
    return result;
  }

  // Expects exit status 2, no standard output, and a standard error that begins with `message`.
  static void expect_usage_error(const std::vector<std::string>& arguments,
                                 const std::string& message) {
    SCOPED_TRACE(fmt::format("{}", fmt::join(arguments, " ")));
    const auto result = run(arguments);
    EXPECT_EQ(result.status, 2);
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.err, StartsWith(message));
  }

  fs::path folder_;
};

// Offset of the first context: Ethernet, IPv6, AH, ICMPv6 header, option header with both
// addresses, SecCT-rep header.
constexpr std::size_t first_context = 14 + 40 + 24 + 8 + 36 + 2;
// Offset of the SPI in a context: SPT, Length, Reserved, Protocol, Window Size, two IPv6 addresses.
constexpr std::size_t spi_in_context = 2 + 4 + 32;

TEST_F(Cli, CraftSetsOneField) {
  const auto plain = run({"craft", "--message", "shrep", "--hex"});
  const auto set = run({"craft", "--message", "shrep", "--set", "secct.sa.spi=0x1234", "--hex"});
  EXPECT_EQ(set.status, 0);
  EXPECT_EQ(set.err, "");
  ASSERT_EQ(set.out.size(), plain.out.size());
  EXPECT_EQ(set.out.back(), '\n');
  const auto at = 2 * (first_context + spi_in_context);
  EXPECT_EQ(plain.out.substr(at, 8), "10000040");
  EXPECT_EQ(set.out.substr(at, 8), "00001234");
  // Only the checksum and the ICV differ, too.
  auto rest = set.out;
  rest.replace(at, 8, "10000040");
  rest.replace(2 * (14 + 40 + 12), 24, plain.out, 2 * (14 + 40 + 12), 24);
  rest.replace(2 * (14 + 40 + 24 + 2), 4, plain.out, 2 * (14 + 40 + 24 + 2), 4);
  EXPECT_EQ(rest, plain.out);
}

TEST_F(Cli, CraftPrintsADocumentThatBuildsTheSamePacket) {
  for (const auto* message : {"hi", "hack", "shreq", "shrep", "shrep-ack", "shin", "p-shin",
                              "mip4-request", "mip4-reply"}) {
    SCOPED_TRACE(message);
    const auto document = run({"craft", "--message", message, "--set", "eth.type=0x1234"});
    EXPECT_EQ(document.status, 0);
    const auto hex = run({"craft", "--message", message, "--set", "eth.type=0x1234", "--hex"});
    // The P-SHIN is under an SA of the mobile node, which the document does not contain.
    if (message == std::string("p-shin")) continue;
    EXPECT_EQ(run({"craft", write("d.yaml", document.out), "--hex"}).out, hex.out);
  }
}

TEST_F(Cli, CraftAppliesSeveralEdits) {
  const auto result = run({"craft", "--message", "shrep", "--set", "secct.sa.spi#2=5", "--set",
                           "secct.status=102", "--remove", "contexts#1"});
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.out, AllOf(HasSubstr("secct.sa.spi: 0x00000005"),
                                HasSubstr("secct.status: 102"), Not(HasSubstr("0x10000040"))));
}

TEST_F(Cli, CraftEditsThePacketsThatHaveTheField) {
  const auto document = write("d.yaml", run({"generate", "reactive"}).out);
  const auto result =
      run({"craft", document, "--set", "secct.sa.lifetime#*=77", "--set", "ipv6.hlim=9"});
  EXPECT_EQ(result.status, 0);
  std::size_t lifetimes = 0;
  for (auto at = result.out.find("lifetime: 77"); at != std::string::npos;
       at = result.out.find("lifetime: 77", at + 1)) {
    ++lifetimes;
  }
  EXPECT_EQ(lifetimes, 4U);
  expect_usage_error({"craft", document, "--set", "secct.sa.lifetime#9=1"},
                     "secct: secct.sa.lifetime: this packet cannot contain the field");
}

TEST_F(Cli, CraftReportsUsageErrors) {
  expect_usage_error({"craft"}, "secct: craft: expected either FILE or at least one of");
  expect_usage_error({"craft", "a.yaml", "--message", "hi"},
                     "secct: craft: expected either FILE or");
  expect_usage_error({"craft", "missing.yaml"}, "secct: missing.yaml: No such file or directory");
  expect_usage_error({"craft", "--message", "shrepp"},
                     "secct: unknown message 'shrepp'; expected one of");
  const std::vector<std::string> shrep{"craft", "--message", "shrep", "--set"};
  const auto with = [&](const std::string& set) {
    auto arguments = shrep;
    arguments.push_back(set);
    return arguments;
  };
  expect_usage_error(with("secct.sa.spi"), "secct: 'secct.sa.spi': expected PATH=VALUE");
  expect_usage_error(with("secct.sa.spy=1"),
                     "secct: secct.sa.spy: no such field in this packet; did you mean "
                     "secct.sa.spi?");
  expect_usage_error(with("secct.sa.spi=x"), "secct: secct.sa.spi: expected a number, found 'x'");
  expect_usage_error(with("secct.sa.spi="), "secct: secct.sa.spi: expected a number, found ''");
  expect_usage_error(with("secct.sa.spi=0x100000000"), "secct: secct.sa.spi: expected at most");
  expect_usage_error(with("secct.spt=AH-TRANSPORT-SHA3"), "secct: secct.spt: expected an SPT name");
  expect_usage_error(with("ipv6.src=10.0.0.1"), "secct: ipv6.src: expected an IPv6 address");
  expect_usage_error(with("esp.spi=1"), "secct: esp.spi: no such field in this packet");
  expect_usage_error(shrep, "--set: ");
  expect_usage_error({"craft", "--message", "shrep", "--hex", "-w", "-"},
                     "secct: -w - and --hex would both go to standard output");
  expect_usage_error({"craft", write("d.yaml", "layers: [{ah: {ah.spi: 9}}]"), "--hex"},
                     "secct: packets[0].layers[0].ah.icv: cannot be computed inside this layer");
}

TEST_F(Cli, CraftNamesThePlaceThatCannotBeBuilt) {
  const auto document = write("d.yaml",
                              "packets:\n- layers: [{ipv6: {}}]\n- layers: [{ipv6: {}}, {esp: "
                              "{esp.spi: 0x77}}, {ipv6: {}}]");
  expect_usage_error({"craft", document, "--hex"},
                     "secct: packets[1].layers[1].esp.spi: no key for ESP SPI 0x00000077");
  expect_usage_error({"craft", document, "-w", file("out.pcapng")}, "secct: packets[1].");
  EXPECT_EQ(files(), 1U);
}

TEST_F(Cli, ReportsFilesThatCannotBeWritten) {
  for (const std::vector<std::string>& maker :
       {std::vector<std::string>{"craft", "--message", "shin"}, {"generate", "reactive"}}) {
    auto arguments = maker;
    arguments.insert(arguments.end(), {"-w", file("missing/folder/x.pcapng")});
    expect_usage_error(arguments,
                       "secct: " + file("missing/folder/x.pcapng") + ": No such file or directory");
    arguments.back() = "/dev/full";
    expect_usage_error(arguments, "secct: /dev/full: No space left on device");
    arguments.back() = folder_.string();
    expect_usage_error(arguments, "secct: " + folder_.string() + ": Is a directory");
  }
  EXPECT_EQ(files(), 0U);
}

TEST_F(Cli, DecodeReportsInvalidCaptures) {
  expect_usage_error({"decode", "/etc/passwd"},
                     "secct: /etc/passwd: The file isn't a capture file in a known format");
  expect_usage_error({"decode", "missing"}, "secct: missing: No such file or directory");
  expect_usage_error({"decode", folder_.string()}, "secct: " + folder_.string() + ": ");
  expect_usage_error({"decode", write("empty", "")},
                     "secct: " + file("empty") + ": the file is empty");
  expect_usage_error({"decode"}, "FILE is required");
}

TEST_F(Cli, DecodePrintsThePacketsBeforeATruncation) {
  ASSERT_EQ(run({"generate", "reactive", "-w", file("r.pcapng")}).status, 0);
  fs::resize_file(file("r.pcapng"), fs::file_size(file("r.pcapng")) - 30);
  const auto result = run({"decode", file("r.pcapng")});
  EXPECT_EQ(result.status, 2);
  EXPECT_EQ(result.err, "secct: " + file("r.pcapng") + ": the capture is cut short\n");
  EXPECT_THAT(result.out, AllOf(HasSubstr("step 12 of 13"), Not(HasSubstr("step 13 of 13"))));
}

// With and without keys, as YAML and as JSON.
TEST_F(Cli, DecodeThenCraftGivesTheSameFile) {
  const auto contents = [](const std::string& name) {
    std::ifstream stream(name, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(stream), {});
  };
  const auto description =
      write("dut.yaml",
            "address: 2001:db8:2::1\npeer: 2001:db8:1::1\nold_prefix: 2001:db8:10::/64\n"
            "new_prefix: 2001:db8:20::/64\nrouter_sas:\n"
            "- {protocol: ah, spi: 1, from: peer, algorithm: hmac-md5, key: 01}\n"
            "- {protocol: ah, spi: 2, from: dut, algorithm: hmac-md5, key: 02}\n"
            "- {protocol: esp, spi: 3, from: peer, algorithm: hmac-md5, key: 03}\n"
            "policies: {confidential: true}\nmobile_nodes:\n  count: 2\n  sas:\n"
            "  - {type: 5, direction: to-mn, spt: 9, spi_base: 0x100}\n");
  for (const auto* scenario : {"predictive", "reactive"}) {
    ASSERT_EQ(run({"generate", scenario, "--dut", description, "-w", file("a.pcapng")}).status, 0);
    for (const bool json : {false, true}) {
      for (const bool with_keys : {false, true}) {
        std::vector<std::string> decode{"decode", file("a.pcapng")};
        std::vector<std::string> craft{"craft", file("d"), "-w", file("b.pcapng")};
        if (json) decode.emplace_back("--json");
        for (auto* arguments : {&decode, &craft}) {
          if (with_keys) arguments->insert(arguments->end(), {"--dut", description});
        }
        const auto decoded = run(decode);
        EXPECT_EQ(decoded.status, 0) << decoded.err;
        write("d", decoded.out);
        const auto crafted = run(craft);
        // SHAKs are under an SA of the mobile node, so they are never decrypted.
        EXPECT_EQ(crafted.status, 0) << crafted.err;
        EXPECT_TRUE(contents(file("a.pcapng")) == contents(file("b.pcapng")));
      }
    }
  }
}

TEST_F(Cli, GenerateIsDeterministicForASeed) {
  const auto hex = [](const std::string& seed) {
    return run({"generate", "reactive", "--handovers", "3", "--seed", seed, "--hex"}).out;
  };
  EXPECT_EQ(hex("7"), hex("7"));
  EXPECT_NE(hex("7"), hex("8"));
  EXPECT_EQ(std::ranges::count(hex("7"), '\n'), 3 * 13);
}

TEST_F(Cli, GenerateReportsUsageErrors) {
  expect_usage_error(
      {"generate", "reactiv"},
      "secct: unknown scenario 'reactiv'; expected one of predictive, predictive-mobile, reactive");
  expect_usage_error({"generate", "reactive", "--handovers", "0"}, "secct: 0 handovers: ");
  expect_usage_error({"generate", "reactive", "--handovers", "2000000"},
                     "secct: 2000000 handovers: ");
  expect_usage_error({"generate", "reactive", "--handovers", "-1"}, "Could not convert");
  expect_usage_error({"generate", "reactive", "--seed", "-1"}, "--seed: ");
  expect_usage_error({"generate", "reactive", "--dut", "missing.yaml"},
                     "secct: missing.yaml: No such file or directory");
  expect_usage_error({"generate", "reactive", "--dut", write("dut.yaml", "addres: ::1\n")},
                     "secct: " + file("dut.yaml") + ":1: 'old_prefix' is missing");
}

TEST_F(Cli, RunReportsUsageErrors) {
  expect_usage_error({"run", "--select", "nothing-like-this"},
                     "secct: no case matches --select nothing-like-this; see 'secct list cases'");
  expect_usage_error({"run", "--dut", "missing.yaml"},
                     "secct: missing.yaml: No such file or directory");
  expect_usage_error({"run", "--role", "sr"}, "secct: unknown role 'sr'; expected nr, pr or fa");
  expect_usage_error({"run", "--suite", file("missing")}, "secct: " + file("missing"));
  expect_usage_error({"run", "--timing-scale", "0"}, "--timing-scale: ");
  expect_usage_error({"run", "--jobs", "-1"}, "--jobs: ");
  expect_usage_error({"run", "--rate", "9"}, "secct: run: --rate needs --interface");
  const auto dut = write("dut.yaml", YAML::Dump(built_in_yaml()) + "\n");
  expect_usage_error(
      {"run", "--dut", dut, "--interface", "none0", "--rate", "fast"},
      "secct: run: --rate: expected packets per second (1 to 1000000) or max, found");
}

TEST_F(Cli, RunWritesReports) {
  const auto cases = run({"list", "cases"}).out;
  const auto id = cases.substr(0, cases.find(' '));
  const auto result = run({"run", "--select", id, "--report-dir", file("report")});
  EXPECT_EQ(result.status, 0) << result.out;
  EXPECT_THAT(result.out, AllOf(HasSubstr(id), HasSubstr("1 PASS")));
  EXPECT_TRUE(fs::exists(file("report/report.json")));
  EXPECT_TRUE(fs::exists(file("report/report.xml")));
  EXPECT_THAT(run({"show", id}).out, StartsWith(id + "\n"));
}

TEST_F(Cli, RunExitsWith3IfNothingWasJudged) {
  auto description = built_in_yaml();
  description["capabilities"] = YAML::Load("[predictive]");
  const auto dut = write("dut.yaml", YAML::Dump(description) + "\n");
  const std::vector<std::string> command{"run", "--dut", dut, "--embedded", "--select"};
  const auto with = [&](const std::string& pattern) {
    auto arguments = command;
    arguments.push_back(pattern);
    return run(arguments);
  };
  const auto none = with("role:fa");
  EXPECT_EQ(none.status, 3);
  EXPECT_THAT(none.out, HasSubstr("\nnothing was judged: every case is UNSUPPORTED"));
  const auto some = with("section:FMIP*");
  EXPECT_EQ(some.status, 0) << some.out;
  EXPECT_THAT(some.out, HasSubstr(" UNSUPPORTED  ("));
  EXPECT_THAT(some.out, HasSubstr(" clauses not judged; longest case "));
}

TEST_F(Cli, DryRunPrintsThePacketsOfARunOnAnInterface) {
  const auto description = YAML::Dump(built_in_yaml()) + "\n";
  const auto plain = write("plain.yaml", description);
  const auto hooked =
      write("hooked.yaml", description + "hooks: {configure: \"touch " + file("ran") +
                               "\", trigger: \"touch " + file("ran") + "\"}\n");
  const auto dry_run = [](const std::string& dut, const std::string& name) {
    const auto result = run({"run", "--dut", dut, "--dry-run", "--select", name});
    EXPECT_EQ(result.status, 0) << result.err;
    return result.out;
  };
  EXPECT_THAT(dry_run(plain, "RELOC-4-1/trigger"),
              HasSubstr("  no packets: needs hooks.trigger\n"));
  EXPECT_THAT(dry_run(plain, "RELOC-4-3/shrep"),
              HasSubstr("  no packets: needs policies that the description does not have, or "
                        "hooks.configure\n"));
  for (const auto* name : {"RELOC-4-1/trigger", "RELOC-4-3/shrep"}) {
    const auto out = dry_run(hooked, name);
    EXPECT_THAT(out, HasSubstr(" s  2001:db8:"));
    EXPECT_THAT(out, Not(HasSubstr("no packets")));
  }
  EXPECT_FALSE(fs::exists(file("ran")));
}

TEST_F(Cli, ListPrintsTables) {
  EXPECT_THAT(run({"list", "spts"}).out,
              AllOf(HasSubstr("AH-TRANSPORT-HMACMD5-V4"), HasSubstr("ESP-TUNNEL-AES-CBC-V6")));
  EXPECT_THAT(run({"list", "codepoints"}).out,
              AllOf(HasSubstr("icmpv6.hi"), HasSubstr("mip4ext.secct"), HasSubstr("0xfa")));
  EXPECT_THAT(run({"list", "clauses"}).out, HasSubstr("MUST"));
  const auto listed = run({"list", "scenarios"}).out;
  for (const auto& row : scenarios()) EXPECT_THAT(listed, HasSubstr(row.name));
  for (const auto* what : {"cases", "clauses", "scenarios", "spts", "codepoints"}) {
    const auto result = run({"list", what});
    EXPECT_EQ(result.status, 0);
    EXPECT_FALSE(result.out.empty());
  }
  expect_usage_error({"list", "case"}, "secct: unknown list 'case'; expected one of cases, ");
  expect_usage_error({"show", "nothing"}, "secct: unknown case 'nothing'");
  expect_usage_error({"show", "RELOC-5.2"}, "secct: unknown case 'RELOC-5.2'; ");
}

TEST_F(Cli, CodepointProfilesApplyToEverySubcommand) {
  const auto profile = write("p.yaml", "icmpv6.shrep: 150\nicmpopt.shrep: 151\n");
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"--codepoints", profile, "craft", "--message", "shrep", "--hex"},
        {"craft", "--message", "shrep", "--hex", "--codepoints", profile}}) {
    const auto result = run(arguments);
    EXPECT_EQ(result.status, 0);
    EXPECT_EQ(result.out.substr(2 * (14 + 40 + 24), 2), "96");
    EXPECT_EQ(result.out.substr(2 * (14 + 40 + 24 + 8), 2), "97");
  }
  EXPECT_THAT(run({"list", "codepoints", "--codepoints", profile}).out,
              testing::ContainsRegex("icmpv6\\.shrep +150"));
  // Decoding needs the profile; the document then contains it.
  ASSERT_EQ(run({"generate", "reactive", "--codepoints", profile, "-w", file("a.pcapng")}).status,
            0);
  EXPECT_THAT(run({"decode", file("a.pcapng")}).out, Not(HasSubstr("secct.message: SHREP\n")));
  const auto decoded = run({"decode", file("a.pcapng"), "--codepoints", profile}).out;
  EXPECT_THAT(decoded, HasSubstr("secct.message: SHREP\n"));
  EXPECT_EQ(run({"craft", write("d.yaml", decoded), "-w", file("b.pcapng")}).status, 0);
  EXPECT_EQ(fs::file_size(file("a.pcapng")), fs::file_size(file("b.pcapng")));

  const auto wrong = [&](const std::string& text, const std::string& message) {
    const auto name = write("wrong.yaml", text);
    expect_usage_error({"list", "codepoints", "--codepoints", name}, "secct: " + name + message);
  };
  wrong("icmpv6.hi: 203\n", ":1: ");  // that is icmpv6.hack
  wrong("icmpv6.hy: 150\n", ":1: unknown key 'icmpv6.hy'; did you mean icmpv6.hi?");
  wrong("icmpv6.hi: 256\n", ":1: icmpv6.hi: expected a number from 0 to 255, found '256'");
  wrong("subopt.rep: 0\n", ":1: ");
  wrong("- 1\n", ":1: expected a mapping");
  expect_usage_error({"list", "codepoints", "--codepoints", "missing"},
                     "secct: missing: No such file or directory");
}

TEST_F(Cli, NoColorPrintsNoEscapeSequences) {
  const auto plain = run({"run", "--no-color"});
  EXPECT_THAT(plain.out, Not(HasSubstr("\x1b[")));
  EXPECT_EQ(run({"--no-color", "run"}).out, plain.out);
}

TEST_F(Cli, PrintsHelpAndRefusesUnknownArguments) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"--help"}, {"craft", "--help"}, {"run", "-h"}, {"--version"}}) {
    const auto result = run(arguments);
    EXPECT_EQ(result.status, 0);
    EXPECT_FALSE(result.out.empty());
    EXPECT_EQ(result.err, "");
  }
  for (const auto* command : {"craft", "decode", "generate", "run", "list", "show"}) {
    EXPECT_THAT(run({command, "--help"}).out, HasSubstr("Examples:"));
  }
  expect_usage_error({}, "A subcommand is required");
  expect_usage_error({"frobnicate"},
                     "secct: unknown subcommand 'frobnicate'; expected one of craft, ");
  expect_usage_error({"crafd", "--hex"},
                     "secct: unknown subcommand 'crafd'; expected one of craft, ");
  expect_usage_error({"craft", "--message", "hi", "--bogus"}, "The following argument was not");
  expect_usage_error({"list", "spts", "extra"}, "The following argument was not expected: extra");
}

TEST_F(Cli, HelpNamesEveryValueAndFitsATerminal) {
  const auto names = run({"--help"}).out;
  for (const auto* command : {"check", "craft", "decode", "generate", "list", "load", "redact",
                              "router", "run", "selftest", "show"}) {
    SCOPED_TRACE(command);
    EXPECT_THAT(names, HasSubstr(fmt::format("\n  {} ", command)));
    const auto help = run({command, "--help"}).out;
    EXPECT_THAT(help, HasSubstr("\nGlobal options:\n"));
    for (const auto* type : {" TEXT", " UINT", " INT", " FLOAT"}) {
      EXPECT_THAT(help, Not(HasSubstr(type)));
    }
    std::istringstream lines(help);
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with("  $ ")) continue;  // an example
      EXPECT_LE(line.size(), 80U) << line;
    }
  }
  EXPECT_THAT(run({"generate", "--help"}).out, HasSubstr("(default: sendmmsg)"));
}

TEST_F(Cli, CompletionKnowsEverySubcommandAndOption) {
  for (const auto* shell : {"bash", "zsh", "fish"}) {
    const auto script = run({"completion", shell});
    EXPECT_EQ(script.status, 0);
    EXPECT_THAT(script.out, AllOf(HasSubstr("selftest"), HasSubstr("report-dir")));
  }
  expect_usage_error({"completion", "csh"},
                     "secct: unknown shell 'csh'; expected bash, zsh or fish");
}

TEST_F(Cli, ReportsAFullDisk) {
  const int saved = dup(STDOUT_FILENO);
  ASSERT_NE(std::freopen("/dev/full", "w", stdout), nullptr);
  testing::internal::CaptureStderr();
  const auto status = cli::main({"list", "spts"});
  const auto text = testing::internal::GetCapturedStderr();
  std::fflush(stdout);
  dup2(saved, STDOUT_FILENO);
  close(saved);
  std::clearerr(stdout);
  EXPECT_EQ(status, 2);
  EXPECT_THAT(text, HasSubstr("No space left on device"));
}

}  // namespace
}  // namespace secct::cli::test
