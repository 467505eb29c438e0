// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/strict_values.hpp"

#include <gmock/gmock.h>

namespace secct::cli {
namespace {

class StrictValues : public testing::Test {
 protected:
  StrictValues() {
    auto* command = app_.add_subcommand("command", "");
    command->add_option("FILE", file_, "")->required();
    command->add_option("--number", number_, "")->type_name("N")->check(CLI::NonNegativeNumber);
    command->add_option("--factor", factor_, "")->type_name("FACTOR");
    command->add_option("--names", names_, "")->type_name("NAME");
    command->add_flag("--flag", flag_, "");
    require_strict_values(app_);
  }

  // The message of CLI11; empty if the arguments are accepted.
  std::string parse(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "command");
    std::ranges::reverse(arguments);
    try {
      app_.parse(std::move(arguments));
      return {};
    } catch (const CLI::ParseError& error) {
      return error.what();
    }
  }

  CLI::App app_;
  std::string file_;
  std::uint64_t number_ = 0;
  double factor_ = 0;
  std::vector<std::string> names_;
  bool flag_ = false;
};

TEST_F(StrictValues, RefusesEmptyValuesOfOptionsAndArguments) {
  EXPECT_EQ(parse({"a", "--flag", "--names", "b"}), "");
  EXPECT_TRUE(flag_);
  EXPECT_EQ(parse({""}), "FILE: expected a value, found an empty one");
  EXPECT_EQ(parse({"a", "--names", "b", "--names", ""}),
            "--names: expected a value, found an empty one");
  EXPECT_NE(parse({"a", "--number="}), "");
}

TEST_F(StrictValues, NumbersAreDecimalOrHexadecimal) {
  const auto number_of = [&](const std::string& text) {
    EXPECT_EQ(parse({"a", "--number", text}), "") << text;
    return number_;
  };
  EXPECT_EQ(number_of("010"), 10U);
  EXPECT_EQ(number_of("0009"), 9U);
  EXPECT_EQ(number_of("0x1F"), 31U);
  EXPECT_EQ(number_of("18446744073709551615"), UINT64_MAX);
  for (const char* wrong : {"18446744073709551616", "1.5", "-1", "0b1", "0o7", " 5", "5 ", "nan"}) {
    EXPECT_NE(parse({"a", "--number", wrong}), "") << wrong;
  }
}

TEST_F(StrictValues, RealNumbersAreFinite) {
  EXPECT_EQ(parse({"a", "--factor", "01.50"}), "");
  EXPECT_EQ(factor_, 1.5);
  EXPECT_EQ(parse({"a", "--factor", "1e-3"}), "");
  for (const char* wrong : {"nan", "inf", "-inf", "1e999", "1,5"}) {
    EXPECT_NE(parse({"a", "--factor", wrong}), "") << wrong;
  }
}

}  // namespace
}  // namespace secct::cli
