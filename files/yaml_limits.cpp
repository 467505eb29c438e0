// SPDX-License-Identifier: GPL-2.0-or-later
#include "files/yaml_limits.hpp"

#include <istream>
#include <set>
#include <sstream>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>

#include "files/yaml_reader.hpp"

namespace secct::files {
namespace {

// Reads a text and counts the octets that the parser has taken since reset().
class CountingBuffer : public std::stringbuf {
 public:
  CountingBuffer(const std::string& text, const std::string& name, std::size_t most)
      : std::stringbuf(text, std::ios::in), name_(name), most_(most) {}

  void reset() { since_value_ = 0; }

 protected:
  // The parser of yaml-cpp calls sgetn().
  std::streamsize xsgetn(char* to, std::streamsize count) override {
    const auto got = std::stringbuf::xsgetn(to, count);
    since_value_ += static_cast<std::size_t>(got);
    if (since_value_ > most_) {
      throw UsageError(
          fmt::format("{}: a value is longer than {} MiB; write long lists and mappings in lines "
                      "that begin with '- ' or 'key:'",
                      name_, most_ >> 20));
    }
    return got;
  }

 private:
  const std::string& name_;
  std::size_t most_;
  std::size_t since_value_ = 0;
};

class LimitCounter : public YAML::EventHandler {
 public:
  LimitCounter(const std::string& name, const YamlLimits& limits, CountingBuffer& buffer)
      : name_(name), limits_(limits), buffer_(buffer) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    start_ = mark;
    buffer_.reset();
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override { count(mark); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { count(mark); }
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                const std::string&) override {
    count(mark);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    enter(mark);
  }
  void OnSequenceEnd() override { --depth_; }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {
    enter(mark);
  }
  void OnMapEnd() override { --depth_; }

  const YAML::Mark& start() const { return start_; }  // of the latest document

  [[noreturn]] void refuse(const YAML::Mark& mark, std::string_view message) const {
    throw UsageError(fmt::format("{}:{}: {}", name_, mark.is_null() ? 1 : mark.line + 1, message));
  }

 private:
  void count(const YAML::Mark& mark) {
    buffer_.reset();
    if (++values_ > limits_.values) {
      refuse(mark, fmt::format("the document has more than {} values", limits_.values));
    }
  }
  void enter(const YAML::Mark& mark) {
    count(mark);
    if (++depth_ > limits_.depth) {
      refuse(mark,
             fmt::format("lists and mappings are nested deeper than {} levels", limits_.depth));
    }
  }

  const std::string& name_;
  const YamlLimits& limits_;
  CountingBuffer& buffer_;
  YAML::Mark start_;
  std::size_t values_ = 0;
  int depth_ = 0;
};

class NodeValidator {
 public:
  NodeValidator(const std::string& name, std::size_t most_values, const YamlLimits& limits)
      : name_(name), left_(most_values), limits_(limits) {}

  void validate(const YAML::Node& node, int depth = 0) {
    if (depth > limits_.depth) {
      throw UsageError(name_ + ": an alias (*name) refers to a list around it");
    }
    if (left_-- == 0) throw UsageError(name_ + ": the aliases (*name) expand to too many values");
    if (node.IsMap()) {
      std::set<std::string> keys;
      for (const auto& pair : node) {
        if (pair.first.IsScalar() && !keys.insert(pair.first.Scalar()).second) {
          yaml_error({name_, ""}, pair.first,
                     fmt::format("duplicate key '{}'", pair.first.Scalar()));
        }
        validate(pair.second, depth + 1);
      }
    } else if (node.IsSequence()) {
      for (const auto& item : node) validate(item, depth + 1);
    }
  }

 private:
  const std::string& name_;
  std::size_t left_;
  const YamlLimits& limits_;
};

}  // namespace

// YAML::LoadAll() is not used: of text after a document that cannot begin another one, such as ",",
// it makes empty documents without end.
void check_yaml_text(const std::string& text, const std::string& name, const YamlLimits& limits) {
  CountingBuffer buffer(text, name, limits.flow_octets);
  std::istream stream(&buffer);
  YAML::Parser parser(stream);
  LimitCounter counter(name, limits, buffer);
  if (parser.HandleNextDocument(counter) && parser.HandleNextDocument(counter)) {
    counter.refuse(counter.start(), "expected one YAML document, found a second one");
  }
}

void check_yaml_nodes(const YAML::Node& root, const std::string& name, std::size_t most_values,
                      const YamlLimits& limits) {
  NodeValidator(name, most_values, limits).validate(root);
}

}  // namespace secct::files
