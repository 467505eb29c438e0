// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/scenario/fragmented_run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "generator/packet/build.hpp"
#include "generator/scenario/prefetch.hpp"
#include "network/datagram.hpp"
#include "network/fragment.hpp"
#include "tests/generator/descriptions.hpp"
#include "tests/generator/support.hpp"

namespace secct::generator::test {
namespace {

constexpr std::uint32_t handovers = 5;

// A SHREP with 20 SAs has more than 1,280 octets.
RouterDescription router(std::uint32_t mtu, bool confidential = false) {
  auto description = description_from(description_yaml(
      "    - {type: 5, direction: to-mn, spt: AH-TRANSPORT-HMACSHA1-V6-V6, spi_base: 0x100000, "
      "repeat: 10}\n"
      "    - {type: 5, direction: from-mn, spt: 9, spi_base: 0x5000000, repeat: 10}\n",
      confidential));
  description.mtu = mtu;
  return description;
}

// The datagrams of a run, and the number of its frames.
template <class Run>
std::vector<Octets> datagrams(Run& run, std::size_t mtu, std::size_t& frames) {
  std::vector<Octets> whole;
  Reassembler reassembler;
  while (run.next()) {
    ++frames;
    EXPECT_LE(run.octets().size(), ethernet_octets + mtu);
    if (auto datagram = reassembler.add(run.octets().subspan(ethernet_octets), run.time())) {
      whole.push_back(std::move(*datagram));
    }
  }
  EXPECT_EQ(reassembler.incomplete(), 0U);
  return whole;
}

TEST(FragmentedRun, FragmentsPacketsThatExceedTheMtu) {
  for (const auto* name : {"reactive", "predictive"}) {
    for (const bool confidential : {false, true}) {
      SCOPED_TRACE(name);
      const auto& row = find_scenario(name);
      const auto description = router(1280, confidential);
      ScenarioRun run(row, description, handovers, 1);
      std::vector<Octets> expected;
      bool exceeds = false;
      while (run.next()) {
        const auto octets = View(run.octets()).subspan(ethernet_octets);
        exceeds |= octets.size() > description.mtu;
        expected.emplace_back(octets.begin(), octets.end());
      }
      EXPECT_TRUE(exceeds);
      FragmentedRun<ScenarioRun> slow(row, description, handovers, std::uint64_t{1});
      FragmentedRun<ScenarioPrefetch> fast(row, description, handovers, std::uint64_t{1});
      std::size_t slow_frames = 0;
      std::size_t fast_frames = 0;
      EXPECT_EQ(datagrams(slow, description.mtu, slow_frames), expected);
      EXPECT_EQ(datagrams(fast, description.mtu, fast_frames), expected);
      EXPECT_EQ(slow_frames, fast_frames);
      EXPECT_GE(slow_frames, expected.size() + handovers);
    }
  }
}

TEST(FragmentedRun, DocumentsBuildTheSameFrames) {
  const auto description = router(1280);
  const auto& row = find_scenario("reactive");
  FragmentedRun<ScenarioRun> run(row, description, handovers, std::uint64_t{1});
  std::size_t fragments = 0;
  while (run.next()) {
    const auto document = run.document();
    EXPECT_EQ(document.time, run.time());
    EXPECT_EQ(document.comment(), run.comment());
    if (run.comment().find(", fragment ") == std::string::npos) continue;
    ++fragments;
    EXPECT_NE(document.find(LayerKind::fraghdr), nullptr);
    EXPECT_EQ(to_hex(build({}, {}, document).octets), to_hex(run.octets()));
  }
  EXPECT_EQ(fragments, 2 * handovers);
}

TEST(FragmentedRun, CommentsCountTheFragments) {
  const auto description = router(1280);
  FragmentedRun<ScenarioRun> run(find_scenario("reactive"), description, 1, std::uint64_t{1});
  std::vector<std::string> comments;
  std::vector<std::uint64_t> times;
  while (run.next()) {
    if (run.comment().find(", fragment ") == std::string::npos) continue;
    comments.push_back(run.comment());
    times.push_back(run.time());
  }
  ASSERT_EQ(comments.size(), 2U);
  EXPECT_THAT(comments[0], testing::EndsWith(", fragment 1 of 2"));
  EXPECT_THAT(comments[1], testing::EndsWith(", fragment 2 of 2"));
  EXPECT_EQ(times[0], times[1]);
}

TEST(FragmentedRun, LeavesPacketsThatFit) {
  const auto description = router(65535);
  const auto& row = find_scenario("reactive");
  FragmentedRun<ScenarioRun> run(row, description, handovers, std::uint64_t{1});
  ScenarioRun whole(row, description, handovers, 1);
  while (whole.next()) {
    ASSERT_TRUE(run.next());
    EXPECT_TRUE(std::ranges::equal(run.octets(), whole.octets()));
    EXPECT_EQ(run.comment(), whole.comment());
  }
  EXPECT_FALSE(run.next());
}

}  // namespace
}  // namespace secct::generator::test
