// SPDX-License-Identifier: GPL-2.0-or-later
// Variables: names such as $paddr and $spi1 that stand for values of one handover. Scenarios, the
// malformed catalogue and cases use them (docs/cases.md, "Variables").
//
//   auto variables = handover_variables(handover);
//   variables.add("$last-sequence", [&] { return std::vector{std::to_string(sequence)}; });
//   variables("$spi1");                           // {"0x10000040"}
//   apply(edit, codepoints, packet, variables);   // also resolves the variables in the edit
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "generator/document/edit_list.hpp"
#include "generator/handover/handover.hpp"
#include "generator/namespace.hpp"

namespace secct::generator {

class Variables {
 public:
  using Values = std::vector<std::string>;

  // Each function adds a variable; `name` includes the '$'. `values` is called whenever the
  // variable is used; if it returns no values, or an empty text for a number, the variable has no
  // value.
  void add(std::string name, std::function<Values()> values);
  // A variable with a number: $token1 is the first one of `values`, and so is $token.
  void add_numbered(std::string name, std::function<Values()> values);
  // A variable with an argument after ':'.
  void add_with_argument(std::string name, std::function<Values(const std::string&)> values);

  // The values of a variable, one or more. A text without '$' at its beginning is its own value.
  // Throws UsageError if the variable is unknown or has no value.
  Values operator()(const std::string& text) const;

 private:
  enum class Suffix : std::uint8_t { none, number, argument };
  struct Variable {
    std::string name;
    Suffix suffix;
    std::function<Values(const std::string& argument)> values;
  };

  std::vector<Variable> variables_;
};

// The variables of a handover, which must outlive the result.
Variables handover_variables(const Handover& handover);

}  // namespace secct::generator
