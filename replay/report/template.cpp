// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/report/template.hpp"

#include <ranges>
#include <stdexcept>
#include <vector>

#include "replay/report/escape.hpp"

namespace secct::replay {
namespace {

using Json = nlohmann::ordered_json;

void escape(std::string_view text, std::string& out) {
  for (char c : text) {
    switch (c) {
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '&': out += "&amp;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
}

std::string text_of(const Json& value) {
  return value.is_string() ? value.get_ref<const std::string&>() : value.dump();
}

bool is_nothing(const Json& value) {
  return value.is_null() || value == false || value == 0 || (value.is_array() && value.empty()) ||
         (value.is_string() && value.get_ref<const std::string&>().empty());
}

class Filler {
 public:
  explicit Filler(std::string_view text) : text_(text) {}

  std::string run(const Json& data) {
    stack_.push_back(&data);
    section({}, true);
    return std::move(out_);
  }

 private:
  [[noreturn]] static void wrong(std::string_view what, std::string_view name) {
    throw std::logic_error("template: " + std::string(what) + " " + std::string(name));
  }

  const Json& look_up(std::string_view name) const {
    if (name == ".") return *stack_.back();
    for (const auto* level : std::views::reverse(stack_)) {
      if (!level->is_object()) continue;
      const auto found = level->find(std::string(name));
      if (found != level->end()) return *found;
    }
    wrong("unknown name", name);
  }

  // From at_ to behind the end of section `name` (nothing: of the text); writes it when `shown`.
  void section(std::string_view name, bool shown) {
    while (true) {
      const auto open = text_.find("{{", at_);
      if (open == std::string_view::npos) {
        if (!name.empty()) wrong("no end of", name);
        if (shown) out_ += text_.substr(at_);
        at_ = text_.size();
        return;
      }
      if (shown) out_ += text_.substr(at_, open - at_);
      const auto close = text_.find("}}", open);
      if (close == std::string_view::npos) wrong("no }} after", text_.substr(open, 20));
      auto tag = text_.substr(open + 2, close - open - 2);
      at_ = close + 2;
      const char kind = tag.empty() ? ' ' : tag[0];
      if (kind == '#' || kind == '^' || kind == '/' || kind == '&') tag.remove_prefix(1);
      if (kind == '/') {
        if (tag != name) wrong("unexpected end of", tag);
        return;
      }
      if (kind == '#' || kind == '^') {
        part(tag, kind == '^', shown);
      } else if (shown && kind == '&') {
        out_ += text_of(look_up(tag));
      } else if (shown) {
        escape(escape_control_characters(text_of(look_up(tag)), true), out_);
      }
    }
  }

  void part(std::string_view name, bool inverted, bool shown) {
    const auto begin = at_;
    if (!shown) {
      section(name, false);
      return;
    }
    const auto& value = look_up(name);
    if (inverted || is_nothing(value)) {
      section(name, inverted && is_nothing(value));
      return;
    }
    if (!value.is_array()) {
      stack_.push_back(&value);
      section(name, true);
      stack_.pop_back();
      return;
    }
    for (const auto& entry : value) {
      at_ = begin;
      stack_.push_back(&entry);
      section(name, true);
      stack_.pop_back();
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string out_;
  std::vector<const Json*> stack_;
};

}  // namespace

std::string fill(std::string_view text, const Json& data) { return Filler(text).run(data); }

}  // namespace secct::replay
