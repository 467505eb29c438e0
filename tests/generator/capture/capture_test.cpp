// SPDX-License-Identifier: GPL-2.0-or-later
// Capture files: CaptureWriter writes what read_capture() reads.
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "files/output_file.hpp"
#include "generator/capture/read.hpp"
#include "generator/capture/write.hpp"
#include "tests/generator/support.hpp"
#include "tests/generator/temporary_folder.hpp"

namespace secct::generator::test {
namespace {

namespace fs = std::filesystem;

class CaptureTest : public TemporaryFolder {};

std::vector<CapturedPacket> read_all(const std::string& file, std::string* error = nullptr) {
  std::vector<CapturedPacket> packets;
  const auto text = read_capture(file, [&](const CapturedPacket& packet) {
    packets.push_back(packet);
    return true;
  });
  if (error != nullptr) *error = text;
  return packets;
}

TEST_F(CaptureTest, ReadsWhatItWrites) {
  for (const auto link : {LinkType::ethernet, LinkType::raw_ip, LinkType::null, LinkType::sll,
                          LinkType::raw_ipv4, LinkType::raw_ipv6, LinkType::loop, LinkType::sll2}) {
    const auto name = file("a.pcapng");
    {
      CaptureWriter writer(name, link);
      writer.write(1767225600123456789, octets("6000000000003b40"), "first, \xc3\xa4");
      writer.write(0, {}, "");
      writer.write(1767225600123456790, Octets(70000, 0x5a), std::string(5000, 'c'));
      writer.close();
    }
    const auto packets = read_all(name);
    ASSERT_EQ(packets.size(), 3U);
    EXPECT_EQ(packets[0].time, 1767225600123456789U);
    EXPECT_EQ(packets[0].link, link);
    EXPECT_EQ(packets[0].first_comment(), "first, \xc3\xa4");
    EXPECT_EQ(packets[0].octets, octets("6000000000003b40"));
    EXPECT_EQ(packets[1].first_comment(), "");
    EXPECT_TRUE(packets[1].octets.empty());
    EXPECT_EQ(packets[2].time, 1767225600123456790U);
    EXPECT_EQ(packets[2].octets.size(), 70000U);
    EXPECT_EQ(packets[2].original_length, 70000U);
    EXPECT_EQ(packets[2].first_comment().size(), 5000U);
  }
}

TEST_F(CaptureTest, WritesReproducibleFiles) {
  for (const auto* name : {"a.pcapng", "b.pcapng"}) {
    CaptureWriter writer(file(name), LinkType::ethernet);
    writer.write(5, octets("0102"), "x");
    writer.close();
  }
  EXPECT_EQ(read_text(file("a.pcapng")), read_text(file("b.pcapng")));
}

TEST_F(CaptureTest, WritesSeveralLinkLayersAndTruncatedPackets) {
  constexpr LinkType links[] = {LinkType::ethernet, LinkType::sll2};
  CaptureWriter writer(file("a.pcapng"), links);
  writer.write(1, octets("0102"), "", LinkType::sll2, 0);
  writer.write(2, octets("0304"), "", LinkType::ethernet, 1500);
  writer.close();
  const auto packets = read_all(file("a.pcapng"));
  ASSERT_EQ(packets.size(), 2U);
  EXPECT_EQ(packets[0].link, LinkType::sll2);
  EXPECT_EQ(packets[0].original_length, 2U);
  EXPECT_EQ(packets[1].link, LinkType::ethernet);
  EXPECT_EQ(packets[1].original_length, 1500U);
}

TEST_F(CaptureTest, WritesAndReadsTheCommentsOfAllBlocks) {
  const std::vector<std::string> comments{"first", "second", std::string(65535, 'x')};
  CaptureHeader header;
  header.comments = {"of the section", "\xc3\xa4"};
  header.interfaces = {{LinkType::ethernet, {"of the interface"}}, {LinkType::sll2, {}}};
  CaptureWriter writer(file("a.pcapng"), header);
  writer.write(1, octets("0102"), comments, LinkType::sll2, 0);
  writer.close();
  CaptureBlocks blocks;
  CapturedPacket read;
  const auto keep = [&](const CapturedPacket& packet) {
    read = packet;
    return true;
  };
  EXPECT_EQ(read_capture(file("a.pcapng"), keep, &blocks), "");
  EXPECT_EQ(read.number, 1U);
  EXPECT_EQ(read.comments, comments);
  EXPECT_EQ(read.first_comment(), "first");
  EXPECT_EQ(blocks.comments, header.comments);
  EXPECT_EQ(blocks.records, 0U);
  ASSERT_EQ(blocks.interfaces.size(), 2U);
  EXPECT_EQ(blocks.interfaces[0].comments, header.interfaces[0].comments);
  EXPECT_EQ(blocks.interfaces[1].link, LinkType::sll2);
}

TEST_F(CaptureTest, LeavesNothingUnlessClosed) {
  {
    CaptureWriter writer(file("new.pcapng"), LinkType::ethernet);
    writer.write(5, octets("0102"), "x");
    EXPECT_FALSE(fs::exists(file("new.pcapng")));
  }
  EXPECT_EQ(files(), 0U);
  write_text(file("old.pcapng"), "old");
  {
    CaptureWriter writer(file("old.pcapng"), LinkType::ethernet);
    writer.write(5, octets("0102"), "x");
  }
  EXPECT_EQ(read_text(file("old.pcapng")), "old");
  EXPECT_EQ(files(), 1U);
}

TEST_F(CaptureTest, CanReplaceTheFileThatItReads) {
  CaptureWriter first(file("a.pcapng"), LinkType::ethernet);
  for (std::uint64_t i = 0; i < 100; ++i) first.write(i, Octets(100, 1), "");
  first.close();
  CaptureWriter second(file("a.pcapng"), LinkType::ethernet);
  read_capture(file("a.pcapng"), [&](const CapturedPacket& packet) {
    second.write(packet.time, packet.octets, packet.first_comment());
    return true;
  });
  second.close();
  EXPECT_EQ(read_all(file("a.pcapng")).size(), 100U);
}

TEST_F(CaptureTest, ReportsFilesThatCannotBeWritten) {
  const auto wrong = file("no/such/folder.pcapng");
  EXPECT_EQ(error_of([&] { CaptureWriter(wrong, LinkType::ethernet); }),
            wrong + ": No such file or directory");
  EXPECT_THAT(error_of([&] { CaptureWriter(folder(), LinkType::ethernet); }),
              testing::StartsWith(folder() + ": "));
  EXPECT_THAT(error_of([&] {
                CaptureWriter writer("/dev/full", LinkType::ethernet);
                for (int i = 0; i < 1000; ++i) writer.write(1, Octets(1000), "");
                writer.close();
              }),
              testing::StartsWith("/dev/full: No space left"));
  constexpr auto without_number = static_cast<LinkType>(9999);
  EXPECT_EQ(error_of([&] { CaptureWriter(file("a.pcapng"), without_number); }),
            file("a.pcapng") + ": pcapng has no number for the link-layer type 9999");
  EXPECT_EQ(files(), 0U);
}

TEST_F(CaptureTest, ReportsFilesThatCannotBeRead) {
  EXPECT_EQ(error_of([&] { read_all(file("missing")); }),
            file("missing") + ": No such file or directory");
  EXPECT_EQ(error_of([] { read_all("/etc/passwd"); }),
            "/etc/passwd: The file isn't a capture file in a known format");
  EXPECT_THAT(error_of([&] { read_all(folder()); }), testing::StartsWith(folder() + ": "));
  write_text(file("empty"), "");
  EXPECT_EQ(error_of([&] { read_all(file("empty")); }), file("empty") + ": the file is empty");
}

TEST_F(CaptureTest, DeliversPacketsBeforeTruncation) {
  {
    CaptureWriter writer(file("a.pcapng"), LinkType::ethernet);
    for (std::uint64_t i = 0; i < 3; ++i) writer.write(i, Octets(100, 1), "");
    writer.close();
  }
  fs::resize_file(file("a.pcapng"), fs::file_size(file("a.pcapng")) - 50);
  std::string error;
  EXPECT_EQ(read_all(file("a.pcapng"), &error).size(), 2U);
  EXPECT_EQ(error, file("a.pcapng") + ": the capture is cut short");
}

TEST_F(CaptureTest, StopsWhenTheCallbackReturnsFalseOrThrows) {
  {
    CaptureWriter writer(file("a.pcapng"), LinkType::ethernet);
    for (std::uint64_t i = 0; i < 3; ++i) writer.write(i, Octets(100, 1), "comment");
    writer.close();
  }
  int count = 0;
  EXPECT_EQ(read_capture(file("a.pcapng"), [&](const CapturedPacket&) { return ++count < 2; }), "");
  EXPECT_EQ(count, 2);
  // The sanitizer detects leaks.
  EXPECT_THROW(read_capture(file("a.pcapng"),
                            [](const CapturedPacket&) -> bool { throw UsageError("stop"); }),
               UsageError);
}

}  // namespace
}  // namespace secct::generator::test
