// SPDX-License-Identifier: GPL-2.0-or-later
// secct list and secct show: what there is.
#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "generator/handover.hpp"
#include "generator/malformed.hpp"
#include "generator/scenario.hpp"
#include "generator/yaml_reader.hpp"
#include "protocol/spt.hpp"
#include "replay/ledger.hpp"
#include "replay/router/deviation.hpp"
#include "replay/suite.hpp"

namespace secct::cli {
namespace {

void list_cases(const Common&) {
  for (const auto& c : built_in_cases()) {
    fmt::print("{:<44} {}  {}\n", c.id, role_name(c.role), c.title);
  }
}

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
  for (const auto& scenario : scenarios()) fmt::print("{:<14} {}\n", scenario.name, scenario.what);
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

void list_messages(const Common&) {
  for (const auto& name : Handover::names()) fmt::print("{}\n", name);
}

void list_fields(const Common&) {
  for (const auto& field : fields()) {
    if (field.type == FieldType::group) continue;
    fmt::print("{:<34} {} [{}]\n", field.name, field.label, field.section);
  }
}

// The names in a table, for completion.
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
  std::erase_if(names, [](const std::string& name) { return name.find('.') == name.npos; });
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::vector<std::string> deviation_names() {
  auto names = names_in(faults(), by_name);
  for (const auto& variation : variations()) names.emplace_back(variation.name);
  return names;
}

struct ListRow {
  std::string_view name;
  void (*print)(const Common&);
  std::vector<std::string> (*names)();
};
constexpr ListRow lists[] = {
    {"cases", list_cases, [] { return names_in(built_in_cases(), by_id); }},
    {"clauses", list_clauses, [] { return names_in(clauses(), by_id); }},
    {"faults", list_faults, deviation_names},
    {"malformed", list_malformed, [] { return names_in(malformed(), by_name); }},
    {"scenarios", list_scenarios, [] { return names_in(scenarios(), by_name); }},
    {"messages", list_messages,
     [] { return names_in(Handover::names(), [](auto name) { return name; }); }},
    {"fields", list_fields, field_names},
    {"spts", list_spts,
     [] {
       return names_in(assigned_spts(), [](const auto& spt) { return spt_name(spt.number); });
     }},
    {"codepoints", list_codepoints, [] { return names_in(codepoints(), by_name); }}};

std::string list_names() { return fmt::format("{}", fmt::join(names_in(lists, by_name), ", ")); }

// A step with its number, the lines below the first one indented.
void print_step(std::size_t number, const CaseStep& step) {
  fmt::print("  {:>2}. {}\n", number, fmt::join(step_lines(step), "\n       "));
}

}  // namespace

Action list(CLI::App& app, const Common& common) {
  auto what = std::make_shared<std::string>();
  auto names_only = std::make_shared<bool>(false);
  app.add_option("WHAT", *what, list_names())->required();
  app.add_flag("--names", *names_only, "only the names, one a line");
  return [what, names_only, &common] {
    const auto* found = std::ranges::find(lists, *what, &ListRow::name);
    if (found == std::end(lists)) {
      std::vector<std::string_view> names;
      for (const auto& row : lists) names.push_back(row.name);
      throw UsageError(fmt::format("{}: no such list; there are {}{}", *what, list_names(),
                                   suggestion(*what, names)));
    }
    if (*names_only) {
      for (const auto& name : found->names()) fmt::print("{}\n", name);
    } else {
      found->print(common);
    }
    return Exit::ok;
  };
}

std::vector<std::string> what_can_be_listed() { return names_in(lists, by_name); }

Action show(CLI::App& app, const Common&) {
  auto id = std::make_shared<std::string>();
  app.add_option("CASE", *id, "its id, see 'secct list cases'")->required();
  return [id] {
    const auto cases = built_in_cases();
    const auto found = std::ranges::find(cases, *id, &Case::id);
    if (found == cases.end()) {
      std::vector<std::string_view> names;
      std::vector<std::string_view> with_it;
      for (const auto& c : cases) {
        names.emplace_back(c.id);
        if (c.id.find(*id) != std::string::npos) with_it.emplace_back(c.id);
      }
      throw UsageError(fmt::format("{}: no such case{}", *id,
                                   with_it.empty()
                                       ? suggestion(*id, names)
                                       : fmt::format("; there are {}", fmt::join(with_it, ", "))));
    }
    fmt::print("{}\n{}\nrole {}, {}:{}\n\n", found->id, found->title, role_name(found->role),
               found->file, found->line);
    for (const auto& clause_id : found->clauses) {
      const auto* clause = find_clause(clause_id);
      fmt::print("  {} ({}): {}\n", clause->id, clause->level, clause->text);
    }
    fmt::print("\n");
    for (std::size_t i = 0; i < found->steps.size(); ++i) {
      print_step(i + 1, found->steps[i]);
    }
    if (found->mutation) {
      fmt::print("\nThen again, with step {} changed:\n\n", found->mutation->step + 1);
      CaseStep changed = found->steps[found->mutation->step];
      changed.edits = found->mutation->edits;
      print_step(found->mutation->step + 1, changed);
      for (std::size_t i = 0; i < found->mutation->then.size(); ++i) {
        print_step(found->mutation->step + i + 2, found->mutation->then[i]);
      }
    }
    return Exit::ok;
  };
}

}  // namespace secct::cli
