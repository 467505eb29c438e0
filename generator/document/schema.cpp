// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/document/schema.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "generator/document/document.hpp"
#include "generator/document/value_names.hpp"
#include "ipsec/algorithms.hpp"
#include "network/header_fields.hpp"
#include "protocol/tables/codepoints.hpp"
#include "protocol/tables/layout.hpp"

namespace secct::generator {
namespace {

using Json = nlohmann::ordered_json;
using F = Field;

constexpr const char* number_text = "^(0[xX][0-9a-fA-F]+|[0-9]+)$";
constexpr const char* shift_pattern = "^[+-](0[xX][0-9a-fA-F]+|[0-9]+)$";
constexpr const char* octets_pattern = "^(0[xX])?([0-9a-fA-F][0-9a-fA-F][ :]?)*$";
constexpr const char* mac_text = "^([0-9a-fA-F]{2}[:-]?){5}[0-9a-fA-F]{2}$";

Json reference(const std::string& name) { return {{"$ref", "#/definitions/" + name}}; }
Json text(const char* pattern) { return {{"type", "string"}, {"pattern", pattern}}; }
Json any_of(std::vector<Json> choices) { return {{"anyOf", std::move(choices)}}; }
Json integer(std::uint64_t most) {
  return {{"type", "integer"}, {"minimum", 0}, {"maximum", most}};
}
// An integer too, because YAML and editors read unquoted octets such as 0x0102 as a number.
Json octets() { return any_of({text(octets_pattern), {{"type", "integer"}, {"minimum", 0}}}); }
Json list_of(Json items) { return {{"type", "array"}, {"items", std::move(items)}}; }
Json mapping(Json properties) {
  return {
      {"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
}

Json number(std::uint64_t most, const std::vector<std::string>& names, bool spt) {
  std::vector<Json> choices{integer(most)};
  if (!names.empty()) choices.push_back({{"enum", names}});
  choices.push_back(text(number_text));
  choices.push_back(text(shift_pattern));
  if (spt) choices.push_back(text("^(AH|ESP|IPCOMP)-[A-Z0-9-]+$"));
  return any_of(std::move(choices));
}

Json value_of(const FieldRow& field) {
  switch (field.type) {
    case FieldType::boolean: return {{"type", "boolean"}};
    case FieldType::u8:
    case FieldType::u16:
    case FieldType::u32:
      return number(largest_number(field.type), number_names(field), field.values == Values::spt);
    case FieldType::ipv6: return {{"type", "string"}, {"format", "ipv6"}};
    case FieldType::ipv4: return {{"type", "string"}, {"format", "ipv4"}};
    case FieldType::text: return reference("text");
    default: return octets();
  }
}

Json described(Json value, const FieldRow& field) {
  value["description"] = fmt::format("{} ({})", field.label, field.section);
  return value;
}

// A field that an entry can contain several times takes a value or a list of values.
void add_fields(Steps steps, Json& properties) {
  for (const auto& step : steps) {
    const auto& field = row(step.field);
    if (field.type == FieldType::group) {
      properties[field.name] = list_of(reference(field.name));
      continue;
    }
    const auto wide = step.field == F::reserved ? row(F::reserved32) : field;
    auto value = value_of(wide);
    if (step.extent == Extent::values || step.extent == Extent::spis) {
      value = any_of({value, list_of(value)});
    }
    properties[field.name] = described(std::move(value), field);
  }
}

// Fields that the encoder accepts although the tables have no step for them.
void add_fields(std::initializer_list<F> more, Json& properties) {
  for (const auto id : more) {
    const auto& field = row(id);
    auto value = value_of(field);
    if (id == F::req_protocol || id == F::req_spi || id == F::raw) {
      value = any_of({value, list_of(value)});
    }
    properties[field.name] = described(std::move(value), field);
  }
}

Json message_fields() {
  Json properties = Json::object();
  for (const auto& message : messages()) add_fields(message.steps, properties);
  Json names = Json::array();
  for (const auto& value : values(Values::message)) names.push_back(value.key);
  properties[row(F::message).name] = {{"enum", names}, {"description", "Message (wire-format 2)"}};
  add_fields({F::raw}, properties);
  return properties;
}

Json group_fields(F group) {
  Json properties = Json::object();
  switch (group) {
    case F::options:
      for (const auto& option : options()) add_fields(option.steps, properties);
      break;
    case F::sub_options:
      for (const auto& sub_option : sub_options()) add_fields(sub_option.steps, properties);
      add_fields({F::req_flags, F::req_protocol, F::req_spi}, properties);
      break;
    case F::contexts:
      add_fields(spt_steps(), properties);
      add_fields(profile_steps(), properties);
      break;
    case F::additional:
      add_fields(data_steps(), properties);
      for (const auto& data : data_types()) add_fields(data.value, properties);
      add_fields({F::data_value}, properties);
      break;
    default: add_fields(preference_steps(), properties); break;
  }
  add_fields({F::raw}, properties);
  properties["layout"] = {{"type", Json::array({"integer", "string"})},
                          {"description", "whose fields an entry of unknown type has"}};
  return properties;
}

Json header_value(const HeaderRow& header) {
  if (header.is_number()) {
    const auto most = header.bits < 64 ? (std::uint64_t{1} << header.bits) - 1 : UINT64_MAX;
    return number(most, {}, false);
  }
  switch (header.kind) {
    case HeaderKind::ipv6: return {{"type", "string"}, {"format", "ipv6"}};
    case HeaderKind::ipv4: return {{"type", "string"}, {"format", "ipv4"}};
    case HeaderKind::mac: return text(mac_text);
    default: return any_of({octets(), text(shift_pattern)});
  }
}

Json layer_fields(LayerKind kind) {
  Json properties = carrier_of(kind) ? message_fields() : Json::object();
  for (const auto& header : header_rows()) {
    if (header.layer == kind) properties[header.name] = header_value(header);
  }
  // In ICMPv6, `options` are the ICMP options of the message, which message_fields() contains.
  if (has_options(kind)) properties["options"] = list_of(reference("element"));
  return properties;
}

Json layers() {
  Json properties = Json::object();
  for (const auto& layer : layer_rows()) {
    auto fields = mapping(layer_fields(layer.id));
    fields["type"] = Json::array({"object", "null"});
    properties[layer.name] = std::move(fields);
  }
  auto one = mapping(std::move(properties));
  one["minProperties"] = 1;
  one["maxProperties"] = 1;
  return one;
}

Json element() {
  auto properties = message_fields();
  properties["type"] = number(0xff, {}, false);
  properties["length"] = number(0xff, {}, false);
  properties["data"] = octets();
  return mapping(std::move(properties));
}

Json packet() {
  Json properties = {
      {"comment", reference("texts")},
      {"interface", number(UINT32_MAX, {}, false)},
      {"time", any_of({{{"type", "number"}, {"minimum", 0}}, text("^[0-9]+([.][0-9]{1,9})?$")})},
      {"link", {{"type", "string"}}},
      {"wire_octets", number(0xffffffff, {}, false)},
      {"layers", list_of(layers())}};
  auto all = mapping(std::move(properties));
  all["required"] = Json::array({"layers"});
  return all;
}

template <class Rows>
Json names_of(const Rows& rows) {
  auto names = Json::array();
  for (const auto& row : rows) names.push_back(row.name);
  return names;
}

Json keys() {
  Json sa = {{"protocol", {{"enum", {"ah", "esp"}}}},
             {"spi", number(0xffffffff, {}, false)},
             {"mode", {{"enum", {"transport", "tunnel"}}}},
             {"source", {{"type", "string"}}},
             {"destination", {{"type", "string"}}},
             {"algorithm", {{"enum", names_of(ipsec::auth_names())}}},
             {"key", octets()},
             {"cipher", {{"enum", names_of(ipsec::cipher_names())}}},
             {"cipher_key", octets()}};
  auto sas = mapping(std::move(sa));
  sas["required"] = Json::array({"protocol", "spi"});
  auto token = mapping({{"paddr", {{"type", "string"}}}, {"key", octets()}});
  token["required"] = Json::array({"paddr", "key"});
  return mapping({{"sas", list_of(std::move(sas))}, {"tokens", list_of(std::move(token))}});
}

Json capture_options(std::span<const CaptureOptionRow> rows) {
  Json properties = Json::object();
  for (const auto& row : rows) {
    switch (row.kind) {
      case OptionKind::text:
      case OptionKind::filter:
        properties[row.key] = reference(row.repeatable ? "texts" : "text");
        break;
      case OptionKind::number8: properties[row.key] = number(UINT8_MAX, {}, false); break;
      case OptionKind::number64: properties[row.key] = number(UINT64_MAX, {}, false); break;
    }
  }
  return properties;
}

Json interface() {
  auto properties = capture_options(interface_options());
  properties["link"] = {{"type", "string"}};
  properties["units_per_second"] = number(CaptureInterface::nanoseconds, {}, false);
  properties["snapshot_octets"] = number(UINT32_MAX, {}, false);
  return mapping(std::move(properties));
}

Json document() {
  Json points = Json::object();
  for (const auto& point : codepoints()) points[point.name] = number(0xff, {}, false);
  auto all = mapping({{"link", {{"type", "string"}}},
                      {"codepoints", mapping(std::move(points))},
                      {"keys", reference("keys")},
                      {"packets", list_of(reference("packet"))},
                      {"section", mapping(capture_options(section_options()))},
                      {"interfaces", list_of(interface())}});
  all["required"] = Json::array({"packets"});
  return all;
}

}  // namespace

nlohmann::ordered_json packet_document_schema() {
  Json definitions = {{"text", any_of({{{"type", Json::array({"string", "number", "boolean"})}},
                                       mapping({{"hex", octets()}})})},
                      {"texts", any_of({reference("text"), list_of(reference("text"))})},
                      {"keys", keys()},
                      {"packet", packet()},
                      {"document", document()},
                      {"element", element()}};
  for (const auto group :
       {F::options, F::sub_options, F::contexts, F::additional, F::static_profile}) {
    definitions[row(group).name] = mapping(group_fields(group));
  }
  return {{"$schema", "http://json-schema.org/draft-07/schema#"},
          {"title", "secct packet document"},
          {"description", "Made by 'secct list schema'; see docs/packet-documents.md"},
          {"anyOf", {reference("document"), reference("packet")}},
          {"definitions", std::move(definitions)}};
}

}  // namespace secct::generator
