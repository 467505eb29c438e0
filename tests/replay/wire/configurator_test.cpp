// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/wire/configurator.hpp"

#include <csignal>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "generator/transmit/port.hpp"
#include "tests/generator/temporary_folder.hpp"

namespace secct::replay {
namespace {

class ConfiguratorTest : public generator::test::TemporaryFolder {
 protected:
  ConfiguratorTest() { std::ofstream(description_) << YAML::Dump(built_in_yaml()) << '\n'; }

  std::string description_ = file("router.yaml");
  std::string copy_ = file("copy.yaml");
};

TEST_F(ConfiguratorTest, GivesTheHookACompleteDescriptionThatOtherUsersCannotRead) {
  auto description = built_in_description();
  description.hooks.configure = "cp \"$DUT\" " + copy_ + "; echo \"$DUT\" >" + file("name") +
                                "; test $(stat -c %a $(dirname \"$DUT\")) = 700";
  std::string name;
  {
    Configurator configurator(description, description_);
    description.policies.confidential = true;
    description.timing_scale = 0.5;
    description.codepoints.set(CodePoint::icmpv6_hi, 150);
    description.more_nodes.push_back({2, {description.sas[0]}});
    configurator.configure(description);
    std::ifstream(file("name")) >> name;
    EXPECT_FALSE(std::filesystem::exists(name)) << "after the hook";
    const auto copy = load_description(copy_);
    EXPECT_TRUE(copy.policies.confidential);
    EXPECT_EQ(copy.timing_scale, 0.5);
    EXPECT_EQ(copy.codepoints[CodePoint::icmpv6_hi], 150);
    EXPECT_EQ(copy.last_mobile_node(), description.mobile_node_count + 2);
    EXPECT_EQ(copy.capabilities, description.capabilities);

    std::filesystem::remove(copy_);
    configurator.repeat();
    EXPECT_TRUE(load_description(copy_).policies.confidential);
    configurator.configure(built_in_description());
    EXPECT_EQ(load_description(copy_).last_mobile_node(), description.mobile_node_count);
  }
  EXPECT_FALSE(std::filesystem::exists(std::filesystem::path(name).parent_path()));
}

// The hook sends a signal to its parent, the tester.
TEST_F(ConfiguratorTest, ASignalThatEndsTheTesterRemovesTheDescription) {
  auto description = built_in_description();
  for (const auto& [name, number] :
       {std::pair("TERM", SIGTERM), {"INT", SIGINT}, {"HUP", SIGHUP}}) {
    description.hooks.configure =
        fmt::format("echo \"$DUT\" >{}; kill -{} $PPID; sleep 1", file("name"), name);
    EXPECT_EXIT(Configurator(description, description_).configure(description),
                testing::KilledBySignal(number), "");
    std::string path;
    std::ifstream(file("name")) >> path;
    EXPECT_TRUE(path.ends_with("/router.yaml")) << path;
    EXPECT_FALSE(std::filesystem::exists(std::filesystem::path(path).parent_path())) << name;
  }
}

TEST_F(ConfiguratorTest, ReportsAHookThatFailsOrDoesNotExist) {
  auto description = built_in_description();
  const auto error = [&](const std::string& command) -> std::string {
    description.hooks.configure = command;
    Configurator configurator(description, description_);
    try {
      configurator.configure(description);
    } catch (const SetupError& thrown) {
      return thrown.what();
    }
    return "";
  };
  EXPECT_EQ(error("exit 7"), "hooks.configure: 'exit 7' failed with exit status 7");
  EXPECT_EQ(error("/nowhere/at/all 2>/dev/null"),
            "hooks.configure: '/nowhere/at/all 2>/dev/null' failed with exit status 127");
  EXPECT_EQ(error("kill -9 $$"), "hooks.configure: 'kill -9 $$' was killed by signal 9");
}

}  // namespace
}  // namespace secct::replay
