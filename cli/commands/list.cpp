// SPDX-License-Identifier: GPL-2.0-or-later
// secct list: lists cases, faults, fields and other names; prints the JSON schemas.
#include <algorithm>
#include <memory>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/command.hpp"
#include "files/yaml_reader.hpp"
#include "generator/document/schema.hpp"
#include "generator/document/yaml.hpp"
#include "generator/handover/handover.hpp"
#include "generator/malformed/catalogue.hpp"
#include "generator/scenario/scenario.hpp"
#include "protocol/tables/spt.hpp"
#include "replay/router/overrides/behaviour_override.hpp"
#include "replay/suite/clauses.hpp"
#include "replay/suite/suite.hpp"
#include "replay/suite/suite_schema.hpp"

namespace secct::cli {
namespace {

void list_cases(const GlobalOptions&) {
  for (const auto& c : built_in_cases()) {
    fmt::print("{:<44} {}  {}\n", c.id, role_name(c.role), c.title);
  }
}

void list_suite_schema(const GlobalOptions&) { fmt::print("{}", suite_schema()); }

void list_clauses(const GlobalOptions&) {
  for (const auto& clause : clauses()) {
    fmt::print("{:<14} {:<9} {:<4} {:<5} {}\n", clause.id, clause.level, clause.role, clause.test,
               clause.text);
    if (!clause.quote.empty()) fmt::print("{:36}\"{}\"\n", "", clause.quote);
  }
}

void list_faults(const GlobalOptions&) {
  fmt::print("Faults: secct run --fault NAME\n\n");
  for (const auto& fault : faults()) {
    fmt::print("{:<34} {:<9} {}\n{:44} {}\n", fault.name, name(fault.level), fault.what, "",
               fault.clauses);
  }
  fmt::print("\nVariations that the drafts allow: secct run --variation NAME\n\n");
  for (const auto& variation : variations()) {
    fmt::print("{:<44} {}{}{}\n", variation.name, variation.what,
               variation.clauses.empty() ? "" : "; ", variation.clauses);
  }
}

void list_scenarios(const GlobalOptions&) {
  for (const auto& scenario : scenarios()) fmt::print("{:<26}{}\n", scenario.name, scenario.what);
}

void list_malformed(const GlobalOptions&) {
  for (const auto& entry : malformed()) {
    fmt::print("{:<38} {:<4} {:<24} {:<22} {:<12} {}\n", entry.name,
               entry.role ? role_name(*entry.role) : "mn", reaction_text(entry.reaction),
               entry.rule ? row(*entry.rule).name : "-", fmt::join(entry.clauses, ","), entry.why);
  }
  fmt::print("cut-MESSAGE-N: the message cut after N octets; MESSAGE is one of {}\n",
             fmt::join(Handover::names(), ", "));
}

// The malformed catalogue for scripts.
nlohmann::ordered_json malformed_json() {
  auto list = nlohmann::ordered_json::array();
  for (const auto& entry : malformed()) {
    auto also = nlohmann::ordered_json::array();
    for (const auto rule : entry.also) also.push_back(row(rule).name);
    list.push_back({{"name", entry.name},
                    {"message", entry.message},
                    {"fault", fault_text(entry)},
                    {"role", entry.role ? role_name(*entry.role) : "mn"},
                    {"expect", reaction_text(entry.reaction)},
                    {"rule", entry.rule ? nlohmann::ordered_json(row(*entry.rule).name) : nullptr},
                    {"also", also},
                    {"clauses", entry.clauses},
                    {"why", entry.why}});
  }
  return list;
}

void list_schema(const GlobalOptions&) { fmt::print("{}\n", packet_document_schema().dump(2)); }

void list_spts(const GlobalOptions&) {
  for (const auto& spt : assigned_spts())
    fmt::print("{:<8} {}\n", spt.number, spt_name(spt.number));
  fmt::print("0x8000 + structured: PROTO-MODE-ALG-Vs[P]-Vd[P][-MB][-SP][-ASD], for example\n");
  for (unsigned base : {0x8200U, 0xb300U, 0xb3c0U, 0xa330U, 0xb308U, 0xc100U, 0xb307U}) {
    const auto number = static_cast<std::uint16_t>(base);
    fmt::print("0x{:04x}   {}\n", number, spt_name(number));
  }
}

void list_codepoints(const GlobalOptions& global) {
  const auto points = global.codepoints();
  for (const auto& codepoint : codepoints()) {
    fmt::print("{:<20} {:>3}  0x{:02x}  {}\n", codepoint.name, points[codepoint.id],
               points[codepoint.id], codepoint.what);
  }
}

void list_messages(const GlobalOptions&) {
  for (const auto& name : Handover::names()) fmt::print("{}\n", name);
}

void list_fields(const GlobalOptions&) {
  for (const auto& field : fields()) {
    if (field.type == FieldType::group) continue;
    fmt::print("{:<34} {} [{}]\n", field.name, field.label, field.section);
  }
}

// The names in a table, for --names.
template <typename Table, typename Name>
std::vector<std::string> names_in(const Table& table, Name name) {
  std::vector<std::string> names;
  for (const auto& row : table) names.emplace_back(name(row));
  return names;
}
constexpr auto by_name = [](const auto& row) { return row.name; };
constexpr auto by_id = [](const auto& row) { return row.id; };

std::vector<std::string> field_names() {
  auto names = names_in(fields(), by_name);
  std::erase_if(names, [](const std::string& name) { return name.find('.') == std::string::npos; });
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::vector<std::string> override_names() {
  auto names = names_in(faults(), by_name);
  for (const auto& variation : variations()) names.emplace_back(variation.name);
  return names;
}

struct ListRow {
  std::string_view name;
  void (*print)(const GlobalOptions&);
  std::vector<std::string> (*names)();
};
// A schema has no names.
std::vector<std::string> no_names() { return {}; }

constexpr ListRow lists[] = {
    {"cases", list_cases, [] { return names_in(built_in_cases(), by_id); }},
    {"clauses", list_clauses, [] { return names_in(clauses(), by_id); }},
    {"faults", list_faults, override_names},
    {"malformed", list_malformed, [] { return names_in(malformed(), by_name); }},
    {"scenarios", list_scenarios, [] { return names_in(scenarios(), by_name); }},
    {"messages", list_messages,
     [] { return names_in(Handover::names(), [](auto name) { return name; }); }},
    {"fields", list_fields, field_names},
    {"spts", list_spts,
     [] {
       return names_in(assigned_spts(), [](const auto& spt) { return spt_name(spt.number); });
     }},
    {"codepoints", list_codepoints, [] { return names_in(codepoints(), by_name); }},
    {"schema", list_schema, no_names},
    {"suite-schema", list_suite_schema, no_names}};

std::string joined_names() { return fmt::format("{}", fmt::join(names_in(lists, by_name), ", ")); }

}  // namespace

Command list_command(CLI::App& app, const GlobalOptions& global) {
  auto what = std::make_shared<std::string>();
  auto names_only = std::make_shared<bool>(false);
  auto json = std::make_shared<bool>(false);
  app.add_option("WHAT", *what, "what to list: " + joined_names())->required();
  app.add_flag("--names", *names_only, "print only the names, one per line");
  app.add_flag("--json", *json, "print JSON (only for 'malformed')");
  return [what, names_only, json, &global] {
    if (*json && *what != "malformed") throw UsageError("--json works only with 'malformed'");
    if (*json) {
      fmt::print("{}\n", malformed_json().dump(2));
      return ExitStatus::ok;
    }
    const auto* found = std::ranges::find(lists, *what, &ListRow::name);
    if (found == std::end(lists)) {
      std::vector<std::string_view> names;
      for (const auto& row : lists) names.push_back(row.name);
      throw UsageError(fmt::format("unknown list '{}'; expected one of {}{}", *what, joined_names(),
                                   suggestion(*what, names)));
    }
    if (*names_only) {
      for (const auto& name : found->names()) fmt::print("{}\n", name);
    } else {
      found->print(global);
    }
    return ExitStatus::ok;
  };
}

std::vector<std::string> list_names() { return names_in(lists, by_name); }

}  // namespace secct::cli
