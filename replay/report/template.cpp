// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/report/template.hpp"

#include <kainjow/mustache.hpp>
#include <stdexcept>

#include "files/escape.hpp"

namespace secct::replay {
namespace {

namespace mustache = kainjow::mustache;
using Json = nlohmann::ordered_json;

std::string escape(const std::string& text) {
  std::string out;
  for (char c : escape_control_characters(text, true)) {
    switch (c) {
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '&': out += "&amp;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}

mustache::data to_data(const Json& value) {
  if (value.is_object()) {
    mustache::data object(mustache::data::type::object);
    for (const auto& [name, member] : value.items()) object[name] = to_data(member);
    return object;
  }
  if (value.is_array()) {
    mustache::data list(mustache::data::type::list);
    // push_back() would copy each entry, with all lists in it: a report has five levels of them.
    auto& entries = const_cast<mustache::list&>(list.list_value());
    entries.reserve(value.size());
    for (const auto& entry : value) entries.push_back(to_data(entry));
    return list;
  }
  if (value.is_null()) return {false};
  if (value.is_boolean()) return {value.get<bool>()};
  if (!value.is_string()) return {value.dump()};
  const auto& text = value.get_ref<const std::string&>();
  if (text.empty()) return {false};
  return {text};
}

// Mustache renders unknown names as nothing, which would hide mistakes in a template.
class StrictContext : public mustache::context<std::string> {
 public:
  using context::context;

  const mustache::data* get(const std::string& name) const override {
    const auto* found = context::get(name);
    if (found == nullptr) throw std::logic_error("template: unknown name " + name);
    return found;
  }
};

}  // namespace

std::string fill(std::string_view text, const Json& data) {
  mustache::mustache parsed{std::string(text)};
  if (!parsed.is_valid()) throw std::logic_error("template: " + parsed.error_message());
  parsed.set_custom_escape(escape);
  const auto root = to_data(data);
  StrictContext context(&root);
  return parsed.render(context);
}

}  // namespace secct::replay
