// SPDX-License-Identifier: GPL-2.0-or-later
// secct check: the rules of the suite applied to captures that were made elsewhere.
#include "replay/check/check.hpp"

#include <ctime>
#include <filesystem>
#include <map>
#include <memory>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/progress.hpp"
#include "files/yaml_reader.hpp"
#include "generator/capture/capture.hpp"
#include "generator/description/router_description.hpp"
#include "replay/report/escape.hpp"
#include "replay/suite/clauses.hpp"

namespace secct::cli {
namespace {

struct Options {
  std::vector<std::string> files;
  std::string dut;
  std::string report_dir;
  double timing_scale = 0;
  std::size_t limit = 0;
  bool strict = false;
};

constexpr std::size_t reported_handovers = 1000;  // in the report, those with violations first

// One capture after the other: what is printed, counted and kept for the report.
class Check {
 public:
  Check(const Options& options, const Common& common)
      : options_(options), color_(common.color()), progress_("packets") {
    if (!options.dut.empty()) description_ = common.description(options.dut);
    codepoints_ = description_ ? description_->codepoints : common.codepoints();
    report_.unit = "handover";
    report_.dut = fmt::format("{}", fmt::join(options.files, ", "));
    report_.started = static_cast<std::uint64_t>(std::time(nullptr));
    report_.strict = options.strict;
    report_.codepoints = codepoints_;
    if (description_) report_.keys = description_->keyring();
    report_.always_judged = checked_clauses();
  }

  void file(const std::string& name) {
    printed_ = 0;
    auto checker = Checker(options_for(name));
    const auto trouble = read_capture(name, [&](const CapturedPacket& packet) {
      checker.packet(packet);
      if (checker.counts().frames % 4096 == 0) progress_(checker.counts().frames, 0);
      return true;
    });
    checker.finish();
    progress_.wipe();
    summary(name, checker.counts());
    if (!trouble.empty()) {
      fmt::print(stderr, "secct: {}\n", trouble);
      unreadable_ = true;
    }
    messages_ += checker.counts().messages;
    failures_ += checker.counts().failures;
    non_strict_ += checker.counts().non_strict;
  }

  Exit finish() {
    clauses();
    if (!options_.report_dir.empty()) write_reports(report_, options_.report_dir);
    if (failures_ > 0 || (options_.strict && non_strict_ > 0)) return Exit::differs;
    if (unreadable_) return Exit::usage;
    if (messages_ == 0) {
      throw UsageError(fmt::format("no SecCT message in {}", fmt::join(options_.files, ", ")));
    }
    return Exit::ok;
  }

 private:
  CheckOptions options_for(const std::string& name) {
    CheckOptions check;
    check.codepoints = codepoints_;
    check.description = description_ ? &*description_ : nullptr;
    check.timing_scale = options_.timing_scale > 0 ? options_.timing_scale
                         : description_            ? description_->timing_scale
                                                   : 1;
    check.group = name;
    check.breach = [this, name](const Breach& breach) { print(name, breach); };
    if (!options_.report_dir.empty()) {
      const auto stem = options_.files.size() > 1
                            ? std::filesystem::path(name).stem().string() + "/"
                            : std::string();
      check.ended = [this, stem](ReportEntry&& entry) { keep(stem, std::move(entry)); };
    }
    return check;
  }

  void print(const std::string& name, const Breach& breach) {
    ++by_clause_[breach.failure.clause];
    if (options_.limit != 0 && printed_ >= options_.limit) return;
    if (printed_++ == 0) {
      progress_.wipe();
      fmt::print("{}\n", escape_control_characters(name));
    }
    const auto handover =
        breach.handover == 0 ? std::string() : fmt::format(", handover {}", breach.handover);
    fmt::print("  {}  frame {}  {}{}\n{}", coloured(breach.verdict, color_, 10), breach.frame,
               breach.message, handover, violation_lines(breach.failure, "      "));
  }

  // Handovers with violations push those without out of a full report.
  void keep(const std::string& stem, ReportEntry&& entry) {
    entry.id = stem + entry.id;
    if (report_.entries.size() >= reported_handovers) {
      if (entry.verdict == Verdict::pass) return;
      const auto place = std::ranges::find(report_.entries, Verdict::pass, &ReportEntry::verdict);
      if (place == report_.entries.end()) return;
      report_.entries.erase(place);
    }
    report_.entries.push_back(std::move(entry));
  }

  void summary(const std::string& name, const CheckCounts& counts) const {
    const auto number = [](std::uint64_t count, std::string_view what) {
      return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
    };
    fmt::print("{}: {}, {}, {}", escape_control_characters(name), number(counts.frames, "packet"),
               number(counts.messages, "SecCT message"), number(counts.handovers, "handover"));
    const auto also = [](std::uint64_t count, std::string_view what) {
      if (count > 0) fmt::print(", {} {}", count, what);
    };
    also(counts.incomplete, "without SHAK");
    also(counts.closed, "packets under ESP without key");
    also(counts.fragments, "fragments not judged");
    also(counts.unread, "packets not readable");
    also(counts.copies, "packets that came twice");
    if (options_.limit != 0 && printed_ > 0 && counts.failures + counts.non_strict > printed_) {
      also(counts.failures + counts.non_strict - printed_, "violations not printed");
    }
    fmt::print("; {}", number(counts.failures, "violation"));
    also(counts.non_strict, "not binding");
    fmt::print("\n");
  }

  void clauses() const {
    if (by_clause_.empty()) return;
    fmt::print("\n");
    for (const auto& [id, count] : by_clause_) {
      const auto* clause = find_clause(id);
      fmt::print("  {:>7}  {:<14} {:<8} {}\n", count, id, clause != nullptr ? clause->level : "",
                 clause != nullptr ? clause->text : "");
    }
  }

  const Options& options_;
  bool color_;
  Progress progress_;
  std::optional<RouterDescription> description_;
  CodePoints codepoints_;
  Report report_;
  std::map<std::string, std::uint64_t> by_clause_;
  std::size_t printed_ = 0;
  std::uint64_t messages_ = 0;
  std::uint64_t failures_ = 0;
  std::uint64_t non_strict_ = 0;
  bool unreadable_ = false;
};

}  // namespace

Action check(CLI::App& app, const Common& common) {
  auto options = std::make_shared<Options>();
  app.add_option("FILE", options->files, "captures, - for standard input")->required();
  app.add_option("--dut", options->dut,
                 "router description: keys for ICVs, ESP and tokens, policies");
  app.add_option("--report-dir", options->report_dir,
                 "report.json, report.xml, report.html, a capture per handover");
  app.add_flag("--strict", options->strict, "NON-STRICT fails the check");
  app.add_option("--timing-scale", options->timing_scale,
                 "the routers' timers are that much longer (default: the description's, or 1)")
      ->check(CLI::Range(0.001, 1000.0));
  app.add_option("--limit", options->limit, "violations printed of each capture (default: all)")
      ->check(CLI::NonNegativeNumber);
  return [options, &common] {
    Check check(*options, common);
    for (const auto& file : options->files) check.file(file);
    return check.finish();
  };
}

}  // namespace secct::cli
