// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/tables/fields.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <numeric>
#include <vector>

#include "protocol/tables/numbers.hpp"

namespace secct {
namespace {

constexpr FieldRow field_rows[] = {
#define FIELD(id, name, type, base, label, values, mask, section) \
  {Field::id, name, FieldType::type, FieldBase::base, label, Values::values, mask, section},
#include "protocol/tables/fields.def"
#undef FIELD
};

constexpr ValueRow value_rows[] = {
#define VALUE(table, number, key, text) {Values::table, number, key, text},
#include "protocol/tables/values.def"
#undef VALUE
};

constexpr RuleRow rule_rows[] = {
#define RULE(id, severity, group, row, section, clause, text) \
  {Rule::id, #id, Severity::severity, RuleGroup::group, row, section, clause, text},
#define CLAUSE(...)
#include "protocol/tables/rules.def"
#undef RULE
#undef CLAUSE
};

// values() relies on this order of values.def.
constexpr bool tables_are_contiguous() {
  auto last = value_rows[0].table;
  for (const auto& value : value_rows) {
    if (value.table != last && static_cast<int>(value.table) != static_cast<int>(last) + 1) {
      return false;
    }
    last = value.table;
  }
  return true;
}
static_assert(tables_are_contiguous(), "values.def: order of tables is that of enum Values");

// Index of the first row of each table; the table ends where the next one begins.
constexpr auto table_begins = [] {
  std::array<std::size_t, static_cast<std::size_t>(Values::spt) + 2> begins{};
  std::size_t at = 0;
  for (std::size_t table = 0; table < begins.size(); ++table) {
    while (at < std::size(value_rows) && static_cast<std::size_t>(value_rows[at].table) < table)
      ++at;
    begins[table] = at;
  }
  return begins;
}();

bool same_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

constexpr std::size_t longest_name = 80;  // longer than every name

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> previous(b.size() + 1);
  std::iota(previous.begin(), previous.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::vector<std::size_t> current{i + 1};
    for (std::size_t j = 0; j < b.size(); ++j) {
      current.push_back(std::min({previous[j + 1] + 1, current[j] + 1,
                                  previous[j] + static_cast<std::size_t>(a[i] != b[j])}));
    }
    previous = std::move(current);
  }
  return previous.back();
}

}  // namespace

std::span<const FieldRow> fields() { return field_rows; }

const FieldRow& row(Field field) {
  assert(field < Field::count);
  return field_rows[static_cast<std::size_t>(field)];
}

std::optional<Field> find_field(std::string_view name) {
  for (const auto& candidate : field_rows) {
    if (name == candidate.name) return candidate.id;
  }
  return std::nullopt;
}

std::span<const ValueRow> values(Values table) {
  const auto index = static_cast<std::size_t>(table);
  assert(index + 1 < table_begins.size());
  return std::span(value_rows)
      .subspan(table_begins[index], table_begins[index + 1] - table_begins[index]);
}

const ValueRow* find_value(Values table, std::uint64_t number) {
  for (const auto& value : values(table)) {
    if (value.number == number) return &value;
  }
  return nullptr;
}

std::optional<std::uint32_t> find_value(Values table, std::string_view key) {
  for (const auto& value : values(table)) {
    if (same_ignoring_case(key, value.key)) return value.number;
  }
  return std::nullopt;
}

Values preference_values(std::uint64_t type) {
  constexpr Values by_type[] = {Values::cipher, Values::auth_algorithm, Values::none,
                                Values::spt_mode};
  return type >= 1 && type <= std::size(by_type) ? by_type[type - 1] : Values::none;
}

std::span<const RuleRow> rules() { return rule_rows; }

const RuleRow& row(Rule rule) {
  assert(rule < Rule::count);
  return rule_rows[static_cast<std::size_t>(rule)];
}

std::string nearest_name(std::string_view wrong, std::span<const std::string_view> names) {
  wrong = wrong.substr(0, longest_name);
  std::string_view best;
  std::size_t best_distance = std::max<std::size_t>(3, wrong.size() / 3) + 1;
  for (auto name : names) {
    const auto distance = edit_distance(wrong, name);
    if (distance < best_distance) {
      best = name;
      best_distance = distance;
    }
  }
  return std::string(best);
}

}  // namespace secct
