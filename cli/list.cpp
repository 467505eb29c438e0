// SPDX-License-Identifier: GPL-2.0-or-later
// secct list: what there is.
#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "generator/document_yaml.hpp"
#include "generator/handover.hpp"
#include "generator/malformed.hpp"
#include "generator/scenario.hpp"
#include "generator/schema.hpp"
#include "generator/yaml_reader.hpp"
#include "protocol/spt.hpp"
#include "replay/ledger.hpp"
#include "replay/router/deviation.hpp"
#include "replay/schema.hpp"
#include "replay/suite.hpp"

namespace secct::cli {
namespace {

void list_cases(const Common&) {
  for (const auto& c : built_in_cases()) {
    fmt::print("{:<44} {}  {}\n", c.id, role_name(c.role), c.title);
  }
}

void list_suite_schema(const Common&) { fmt::print("{}", suite_schema()); }

void list_clauses(const Common&) {
  for (const auto& clause : clauses()) {
    fmt::print("{:<14} {:<9} {:<4} {:<5} {}\n", clause.id, clause.level, clause.role, clause.test,
               clause.text);
  }
}

void list_faults(const Common&) {
  fmt::print("Faults: secct run --fault NAME\n\n");
  for (const auto& fault : faults()) {
    fmt::print("{:<34} {:<9} {}\n{:44} {}\n", fault.name, name(fault.level), fault.what, "",
               fault.clauses);
  }
  fmt::print("\nVariations, which nobody may be failed for: secct run --variation NAME\n\n");
  for (const auto& variation : variations()) {
    fmt::print("{:<44} {}{}{}\n", variation.name, variation.what,
               variation.clauses.empty() ? "" : "; ", variation.clauses);
  }
}

void list_scenarios(const Common&) {
  for (const auto& scenario : scenarios()) fmt::print("{:<26}{}\n", scenario.name, scenario.what);
}

void list_malformed(const Common&) {
  for (const auto& entry : malformed()) {
    fmt::print("{:<38} {:<4} {:<24} {:<22} {:<12} {}\n", entry.name,
               entry.role ? role_name(*entry.role) : "mn", to_text(entry.reaction),
               entry.rule ? row(*entry.rule).name : "-", fmt::join(entry.clauses, ","), entry.why);
  }
  fmt::print("cut-MESSAGE-N: the message cut behind N octets, for each of {}\n",
             fmt::join(Handover::names(), ", "));
}

// For scripts: everything about each entry.
nlohmann::ordered_json malformed_json() {
  auto list = nlohmann::ordered_json::array();
  for (const auto& entry : malformed()) {
    auto also = nlohmann::ordered_json::array();
    for (const auto rule : entry.also) also.push_back(row(rule).name);
    list.push_back({{"name", entry.name},
                    {"message", entry.message},
                    {"fault", fault_text(entry)},
                    {"role", entry.role ? role_name(*entry.role) : "mn"},
                    {"expect", to_text(entry.reaction)},
                    {"rule", entry.rule ? nlohmann::ordered_json(row(*entry.rule).name) : nullptr},
                    {"also", also},
                    {"clauses", entry.clauses},
                    {"why", entry.why}});
  }
  return list;
}

void list_schema(const Common&) { fmt::print("{}\n", packet_document_schema().dump(2)); }

void list_spts(const Common&) {
  for (const auto& spt : assigned_spts())
    fmt::print("{:<8} {}\n", spt.number, spt_name(spt.number));
  fmt::print("0x8000 + structured: PROTO-MODE-ALG-Vs[P]-Vd[P][-MB][-SP][-ASD], for example\n");
  for (unsigned base : {0x8200U, 0xb300U, 0xb3c0U, 0xa330U, 0xb308U, 0xc100U, 0xb307U}) {
    const auto number = static_cast<std::uint16_t>(base);
    fmt::print("0x{:04x}   {}\n", number, spt_name(number));
  }
}

void list_codepoints(const Common& common) {
  const auto points = common.codepoints();
  for (const auto& codepoint : codepoints()) {
    fmt::print("{:<20} {:>3}  0x{:02x}  {}\n", codepoint.name, points[codepoint.id],
               points[codepoint.id], codepoint.what);
  }
}

struct ListRow {
  std::string_view name;
  void (*print)(const Common&);
};
constexpr ListRow lists[] = {{"cases", list_cases},           {"clauses", list_clauses},
                             {"faults", list_faults},         {"malformed", list_malformed},
                             {"scenarios", list_scenarios},   {"spts", list_spts},
                             {"codepoints", list_codepoints}, {"schema", list_schema},
                             {"suite-schema", list_suite_schema}};

}  // namespace

Action list(CLI::App& app, const Common& common) {
  auto what = std::make_shared<std::string>();
  app.add_option("WHAT", *what,
                 "cases, clauses, faults, malformed, scenarios, spts, codepoints, schema, suite-schema")
      ->required();
  auto json = std::make_shared<bool>(false);
  app.add_flag("--json", *json, "JSON, of 'malformed'");
  return [what, json, &common] {
    if (*json && *what != "malformed") throw UsageError("--json: only of 'malformed'");
    if (*json) {
      fmt::print("{}\n", malformed_json().dump(2));
      return Exit::ok;
    }
    const auto* found = std::ranges::find(lists, *what, &ListRow::name);
    if (found == std::end(lists)) {
      std::vector<std::string_view> names;
      for (const auto& row : lists) names.push_back(row.name);
      throw UsageError(fmt::format("{}: no such list; there are {}{}", *what,
                                   fmt::join(names, ", "), suggestion(*what, names)));
    }
    found->print(common);
    return Exit::ok;
  };
}

}  // namespace secct::cli
