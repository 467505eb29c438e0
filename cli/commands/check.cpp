// SPDX-License-Identifier: GPL-2.0-or-later
// secct check: checks existing captures against the rules of the suite.
#include "replay/check/check.hpp"

#include <ctime>
#include <filesystem>
#include <map>
#include <memory>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "cli/command.hpp"
#include "cli/progress.hpp"
#include "files/diagnostics.hpp"
#include "files/escape.hpp"
#include "files/yaml_reader.hpp"
#include "generator/capture/read.hpp"
#include "generator/description/router_description.hpp"
#include "replay/suite/clauses.hpp"

namespace secct::cli {
namespace {

struct CheckArguments {
  std::vector<std::string> files;
  std::string dut;
  std::string report_dir;
  double timing_scale = 0;
  std::size_t max_handovers = CheckOptions{}.max_handovers;
  std::size_t limit = 0;
  bool strict = false;
  bool messages = false;
};

// The report has at most so many handovers; those with violations take precedence.
constexpr std::size_t reported_handovers = 1000;

// A line of JSON.
void print_message(const MessageFindings& findings) {
  nlohmann::ordered_json line{{"frame", findings.frame}};
  const auto add = [&](const char* name, std::uint64_t number) {
    if (number != 0) line[name] = number;
  };
  if (!findings.message.empty()) line["message"] = findings.message;
  add("handover", findings.handover);
  add("response_to", findings.response_to);
  add("retransmission_of", findings.retransmission_of);
  add("copy_of", findings.copy_of);
  line["rules"] = findings.rules;
  fmt::print("{}\n", line.dump());
}

// "truncated" or "not readable: unknown EtherType 0x6003, 0x1234".
std::string unread_text(const UnreadCount& unread) {
  if (unread.reason == Stop::Reason::truncated) return "truncated";
  constexpr std::size_t max_shown = 3;
  auto result = fmt::format("not readable: {}", text(unread.reason));
  const auto& numbers = unread.numbers;
  if (numbers.front() == 0) return result;
  for (std::size_t i = 0; i < std::min(numbers.size(), max_shown); ++i) {
    result += fmt::format("{}0x{:x}", i == 0 ? " " : ", ", numbers[i]);
  }
  return numbers.size() > max_shown ? result + ", ..." : result;
}

// Checks one capture after another, prints violations and collects the report.
class CheckRun {
 public:
  CheckRun(const CheckArguments& options, const GlobalOptions& global)
      : options_(options), color_(global.color()), progress_("packets") {
    if (!options.dut.empty()) description_ = global.description(options.dut);
    codepoints_ = description_ ? description_->codepoints : global.codepoints();
    report_.unit = "handover";
    report_.dut = fmt::format("{}", fmt::join(options.files, ", "));
    report_.started = static_cast<std::uint64_t>(std::time(nullptr));
    report_.strict = options.strict;
    report_.codepoints = codepoints_;
    if (description_) report_.keys = description_->keyring();
    report_.always_judged = checked_clauses();
  }

  void check_file(const std::string& name) {
    printed_ = 0;
    auto checker = Checker(options_for(name));
    const auto error = read_capture(name, [&](const CapturedPacket& packet) {
      checker.packet(packet);
      if (checker.counts().frames % 4096 == 0) progress_(checker.counts().frames, 0);
      return true;
    });
    checker.finish();
    progress_.clear();
    if (!options_.messages) print_summary(name, checker.counts());
    if (!error.empty()) {
      print_diagnostic("secct: {}\n", error);
      unreadable_ = true;
    }
    messages_ += checker.counts().messages;
    failures_ += checker.counts().failures;
    non_strict_ += checker.counts().non_strict;
  }

  ExitStatus finish() {
    if (!options_.messages) print_clauses();
    if (!options_.report_dir.empty()) write_reports(report_, options_.report_dir);
    if (failures_ > 0 || (options_.strict && non_strict_ > 0)) return ExitStatus::differs;
    if (unreadable_) return ExitStatus::usage;
    if (messages_ == 0) {
      throw UsageError(fmt::format("{}: no SecCT message", fmt::join(options_.files, ", ")));
    }
    return ExitStatus::ok;
  }

 private:
  CheckOptions options_for(const std::string& name) {
    CheckOptions check;
    check.codepoints = codepoints_;
    check.description = description_ ? &*description_ : nullptr;
    check.timing_scale = options_.timing_scale > 0 ? options_.timing_scale
                         : description_            ? description_->timing_scale
                                                   : 1;
    check.max_handovers = options_.max_handovers;
    check.group = name;
    if (options_.messages) {
      check.on_message = print_message;
    } else {
      check.on_violation = [this, name](const RuleViolation& violation) { print(name, violation); };
    }
    if (!options_.report_dir.empty()) {
      const auto prefix = prefix_of(name);
      check.on_handover = [this, prefix](ReportEntry&& entry) {
        add_entry(prefix, std::move(entry));
      };
    }
    return check;
  }

  // Makes the ids of the entries of several captures different, also if the names of the captures
  // differ in folder or extension only.
  std::string prefix_of(const std::string& name) {
    if (options_.files.size() == 1) return {};
    const auto stem = std::filesystem::path(name).stem().string();
    auto prefix = stem;
    for (int i = 2; !prefixes_.insert(prefix).second; ++i) prefix = fmt::format("{}-{}", stem, i);
    return prefix + "/";
  }

  void print(const std::string& name, const RuleViolation& violation) {
    ++by_clause_[violation.failure.clause];
    if (options_.limit != 0 && printed_ >= options_.limit) return;
    if (printed_++ == 0) {
      progress_.clear();
      print_escaped("{}\n", name);
    }
    const auto handover =
        violation.handover == 0 ? std::string() : fmt::format(", handover {}", violation.handover);
    fmt::print("  {}", coloured(violation.verdict, color_, 10));
    print_escaped("  frame {}  {}{}\n", violation.frame, violation.message, handover);
    fmt::print("{}", violation_lines(violation.failure, "      "));
  }

  // In a full report, a handover with violations replaces one without.
  void add_entry(const std::string& prefix, ReportEntry&& entry) {
    entry.id = prefix + entry.id;
    if (report_.entries.size() >= reported_handovers) {
      if (entry.verdict == Verdict::pass) return;
      const auto place = std::ranges::find(report_.entries, Verdict::pass, &ReportEntry::verdict);
      if (place == report_.entries.end()) return;
      report_.entries.erase(place);
    }
    report_.entries.push_back(std::move(entry));
  }

  void print_summary(const std::string& name, const CheckCounts& counts) const {
    const auto number = [](std::uint64_t count, std::string_view what) {
      return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
    };
    print_escaped("{}: {}, {}, {}", name, number(counts.frames, "packet"),
                  number(counts.messages, "SecCT message"), number(counts.handovers, "handover"));
    const auto also = [&](std::uint64_t count, std::string_view what, std::string_view state) {
      if (count > 0) fmt::print(", {} {}", number(count, what), state);
    };
    also(counts.incomplete, "handover", "without SHAK");
    also(counts.undecrypted, "packet", "not decrypted");
    also(counts.fragments, "fragment", "not reassembled");
    for (const auto& unread : counts.unread) also(unread.frames, "packet", unread_text(unread));
    also(counts.duplicates, "packet", "duplicated");
    if (options_.limit != 0 && printed_ > 0 && counts.failures + counts.non_strict > printed_) {
      also(counts.failures + counts.non_strict - printed_, "violation", "not shown");
    }
    fmt::print("; {}", number(counts.failures, "violation"));
    if (counts.non_strict > 0) fmt::print(", {} not binding", counts.non_strict);
    fmt::print("\n");
  }

  // How often each clause was violated.
  void print_clauses() const {
    if (by_clause_.empty()) return;
    fmt::print("\n");
    for (const auto& [id, count] : by_clause_) {
      const auto* clause = find_clause(id);
      fmt::print("  {:>7}  {:<14} {:<8} {}\n", count, id, clause != nullptr ? clause->level : "",
                 clause != nullptr ? clause->text : "");
    }
  }

  const CheckArguments& options_;
  bool color_;
  Progress progress_;
  std::optional<RouterDescription> description_;
  CodePoints codepoints_;
  Report report_;
  std::set<std::string> prefixes_;
  std::map<std::string, std::uint64_t> by_clause_;
  std::size_t printed_ = 0;
  std::uint64_t messages_ = 0;
  std::uint64_t failures_ = 0;
  std::uint64_t non_strict_ = 0;
  bool unreadable_ = false;
};

}  // namespace

Command check_command(CLI::App& app, const GlobalOptions& global) {
  auto options = std::make_shared<CheckArguments>();
  app.add_option("FILE", options->files, "capture files to check; - is standard input")->required();
  app.add_option("--dut", options->dut,
                 "verify ICVs and tokens and decrypt ESP with the keys of this router description; "
                 "apply its policies")
      ->type_name("FILE");
  app.add_option(
         "--report-dir", options->report_dir,
         "write report.json, report.xml, report.html and a capture of each handover to this "
         "folder")
      ->type_name("DIR");
  app.add_flag("--strict", options->strict, "count NON-STRICT as a violation");
  app.add_flag("--messages", options->messages,
               "instead of violations, print a line of JSON for each SecCT message: its frame, its "
               "handover, related frames and all broken rules");
  app.add_option("--timing-scale", options->timing_scale,
                 "multiply all timers by this factor (default: that of the description, or 1)")
      ->type_name("FACTOR")
      ->check(CLI::Range(0.001, 1000.0));
  app.add_option("--max-handovers", options->max_handovers,
                 "remember at most N handovers at a time; beyond that forget the one that was "
                 "silent for the longest time")
      ->type_name("N")
      ->capture_default_str()
      ->check(CLI::Range(1U, 1U << 24));
  app.add_option("--limit", options->limit,
                 "print at most N violations of each capture (default: all)")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber);
  return [options, &global] {
    CheckRun check(*options, global);
    for (const auto& file : options->files) check.check_file(file);
    return check.finish();
  };
}

}  // namespace secct::cli
