// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/suite/suite_schema.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "generator/document/edit_list.hpp"
#include "generator/handover/handover.hpp"
#include "replay/suite/clauses.hpp"
#include "replay/suite/read_steps.hpp"
#include "replay/suite/sa_demand.hpp"

namespace secct::replay {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* row_name = "^<[a-z0-9-]+>$";  // replaced by the value of a `for` row

// One of `names`, or a text that contains a <name> of a `for` row.
Json name_of(const std::vector<std::string_view>& names) {
  Json list = Json::array();
  for (const auto& each : names) list.push_back(std::string(each));
  return {{"type", "string"},
          {"anyOf", {{{"enum", std::move(list)}}, {{"pattern", "<[a-z0-9-]+>"}}}}};
}

Json one_or_list(const Json& item) {
  return {{"anyOf", {item, {{"type", "array"}, {"items", item}}}}};
}

// FIELD or FIELD#2: value.
Json field_map() {
  return {{"anyOf",
           {{{"type", "object"}, {"propertyNames", {{"$ref", "#/$defs/field"}}}},
            {{"$ref", "#/$defs/row"}}}}};
}

Json value_of(std::string_view key) {
  const Json text{{"type", "string"}};
  Json seconds{{"type", {"number", "string"}}};
  if (key == "send" || key == "expect" || key == "expect-repeat") {
    return name_of(Handover::names());
  }
  if (key == "expect-nothing" || key == "wait" || key == "within" || key == "after") return seconds;
  if (key == "fields" || key == "one-of") return field_map();
  if (key == "absent") return one_or_list({{"$ref", "#/$defs/field"}});
  if (key == "check") return one_or_list(name_of(predicate_names()));
  if (key == "under") return name_of({"ah", "esp", "none", "transferred"});
  if (key == "clause") return {{"$ref", "#/$defs/clause"}};
  if (key == "optional" || key == "alternative" || key == "continues" || key == "answered" ||
      key == "trigger") {
    return {{"type", {"boolean", "string"}}};
  }
  return Json::object();
}

Json steps() {
  return {
      {"anyOf",
       {{{"type", "array"}, {"items", {{"$ref", "#/$defs/step"}}}}, {{"$ref", "#/$defs/row"}}}}};
}

Json with_description(std::string_view text, Json schema) {
  schema["description"] = std::string(text);
  return schema;
}

void add_edits(Json& properties) {
  for (const auto key : edit_names()) properties[std::string(key)] = Json::object();
  properties["set"] = field_map();
}

Json step() {
  Json properties = Json::object();
  Json kinds = Json::array();
  for (const auto& key : step_keys()) {
    properties[std::string(key.name)] = with_description(key.what, value_of(key.name));
    if (key.is_kind) kinds.push_back({{"required", {std::string(key.name)}}});
  }
  add_edits(properties);
  return {{"type", "object"},
          {"properties", std::move(properties)},
          {"patternProperties", {{row_name, Json::object()}}},
          {"additionalProperties", false},
          {"oneOf", std::move(kinds)}};
}

Json mutation() {
  Json properties{{"send", {{"type", "string"}}},
                  {"then", {{"anyOf", {{{"const", "discarded"}}, steps()}}}},
                  {"again", {{"type", "boolean"}}}};
  add_edits(properties);
  return {{"type", "object"},
          {"properties", std::move(properties)},
          {"required", {"send", "then"}},
          {"patternProperties", {{row_name, Json::object()}}},
          {"additionalProperties", false}};
}

Json test_case() {
  const Json text{{"type", "string"}};
  Json properties{
      {"id", text},
      {"title", text},
      {"role", name_of({"nr", "pr", "fa"})},
      {"clauses", {{"type", "array"}, {"items", {{"$ref", "#/$defs/clause"}}}, {"minItems", 1}}},
      {"needs", one_or_list(name_of({capability_names().begin(), capability_names().end()}))},
      {"policies", {{"type", "object"}}},
      {"sas", {{"anyOf", {{{"type", "array"}}, {{"$ref", "#/$defs/row"}}}}}},
      {"no-other-sas", {{"type", "boolean"}}},
      {"same-spi", {{"type", "boolean"}}},
      {"sas-exceed", name_of({exceeded_names.begin(), exceeded_names.end()})},
      {"quiet", {{"type", "boolean"}}},
      {"tags", one_or_list(text)},
      {"for", {{"type", {"array", "object"}}}},
      {"steps", steps()},
      {"mutate", mutation()}};
  return {{"type", "object"},
          {"properties", std::move(properties)},
          {"required", {"id", "title", "role", "clauses", "steps"}},
          {"additionalProperties", false}};
}

}  // namespace

std::string suite_schema() {
  auto fields = field_names();
  std::string pattern;
  for (const auto field : fields) {
    if (!pattern.empty()) pattern += "|";
    for (char c : field) pattern += c == '.' ? std::string("\\.") : std::string(1, c);
  }
  const Json schema{
      {"$schema", "https://json-schema.org/draft/2020-12/schema"},
      {"title", "SecCT conformance cases (docs/cases.md)"},
      {"type", "object"},
      {"properties",
       {{"section", {{"type", "string"}}},
        {"sequences", {{"type", "object"}, {"additionalProperties", steps()}}},
        {"default-sas", {{"type", "object"}}},
        {"cases", {{"type", "array"}, {"items", {{"$ref", "#/$defs/case"}}}}}}},
      {"additionalProperties", false},
      {"anyOf", {{{"required", {"cases"}}}, {{"required", {"sequences"}}}}},
      {"$defs",
       {{"case", test_case()},
        {"step", step()},
        {"clause", name_of(clause_ids())},
        {"field",
         {{"type", "string"}, {"pattern", "^(" + pattern + ")(#([0-9]+|\\*))?$|<[a-z0-9-]+>"}}},
        {"row", {{"type", "string"}, {"pattern", row_name}}}}}};
  return schema.dump(1) + "\n";
}

}  // namespace secct::replay
