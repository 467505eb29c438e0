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
    EXPECT_THAT(packets[0].comments, testing::ElementsAre("first, \xc3\xa4"));
    EXPECT_EQ(packets[0].octets, octets("6000000000003b40"));
    EXPECT_TRUE(packets[1].comments.empty());
    EXPECT_TRUE(packets[1].octets.empty());
    EXPECT_EQ(packets[2].time, 1767225600123456790U);
    EXPECT_EQ(packets[2].octets.size(), 70000U);
    EXPECT_EQ(packets[2].original_length, 70000U);
    EXPECT_EQ(packets[2].comments.at(0).size(), 5000U);
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

TEST_F(CaptureTest, WritesSeveralInterfacesAndTruncatedPackets) {
  CaptureHeader header;
  header.section = {{comment_option, "one", 0}, {comment_option, "two", 0}, {4, "secct", 0}};
  header.interfaces.resize(2);
  header.interfaces[0].options = {{2, "eth0", 0}, {8, "", 1000000000}, {11, "ip6", 0}, {13, "", 4}};
  header.interfaces[1].link = LinkType::sll2;
  header.interfaces[1].units_per_second = 1024;
  header.interfaces[1].snapshot_octets = 96;
  const std::vector<std::string> comments{"a", "", "b"};
  CaptureWriter writer(file("a.pcapng"), header);
  writer.write({CaptureInterface::nanoseconds, octets("0102"), comments, 1, std::nullopt});
  writer.write({17179869184000000001U, octets("0304"), {}, 0, 1500});
  writer.write({3, octets("0304"), {}, 0, 1});
  writer.close();

  CaptureContents contents;
  std::vector<CapturedPacket> packets;
  EXPECT_EQ(read_capture(file("a.pcapng"),
                         [&](const CapturedPacket& packet) {
                           packets.push_back(packet);
                           return true;
                         },
                         {"", &contents}),
            "");
  EXPECT_EQ(contents.header.section, header.section);
  EXPECT_EQ(contents.header.interfaces, header.interfaces);
  EXPECT_TRUE(contents.has_interfaces);
  EXPECT_THAT(contents.left_out, testing::IsEmpty());
  ASSERT_EQ(packets.size(), 3U);
  EXPECT_EQ(packets[0].link, LinkType::sll2);
  EXPECT_EQ(packets[0].interface, 1U);
  EXPECT_EQ(packets[0].original_length, 2U);
  EXPECT_EQ(packets[0].comments, comments);
  EXPECT_EQ(packets[1].link, LinkType::ethernet);
  EXPECT_EQ(packets[1].original_length, 1500U);
  EXPECT_EQ(packets[1].time, 17179869184000000001U);
  EXPECT_EQ(packets[2].original_length, 1U);
}

TEST_F(CaptureTest, ReportsWhatTheFormatCannotHold) {
  CaptureHeader header;
  header.interfaces.resize(1);
  header.interfaces[0].units_per_second = 1000;
  const std::vector<std::string> long_comment{std::string(65536, 'c')};
  const auto ng = file("a.pcapng");
  EXPECT_EQ(error_of([&] {
              CaptureWriter(ng, header).write({1, {}, {}, 0, {}});
            }),
            ng + ": packet 1: the time 0.000000001 does not fit the resolution of the interface, "
                 "1/1000 s");
  EXPECT_EQ(error_of([&] {
              CaptureWriter(ng, header).write({0, {}, long_comment, 0, {}});
            }),
            ng + ": packet 1: a comment of 65536 octets is too long; a pcapng file holds at most "
                 "65535");
  const auto old = file("a.PCAP");
  EXPECT_THAT(error_of([&] {
                CaptureWriter(old, header).write({1ULL << 62U, {}, {}, 0, {}});
              }),
              testing::HasSubstr("a.PCAP: packet 1: the time 4611686018 s does not fit"));
  header.interfaces.emplace_back().link = LinkType::raw_ip;
  EXPECT_THAT(error_of([&] { CaptureWriter(old, header); }),
              testing::HasSubstr("a pcap file has one link-layer type"));
  EXPECT_EQ(files(), 0U);
}

TEST_F(CaptureTest, WritesPcapFilesByTheirSuffix) {
  for (const std::uint64_t units : {CaptureInterface::nanoseconds, std::uint64_t{1000000}}) {
    CaptureHeader header;
    header.interfaces.emplace_back().units_per_second = units;
    CaptureWriter writer(file("a.pcap"), header);
    writer.write({1767225600123456000, octets("0102"), {}, 0, 60});
    writer.close();
    EXPECT_EQ(static_cast<unsigned char>(read_text(file("a.pcap")).at(0)),
              units == CaptureInterface::nanoseconds ? 0x4d : 0xd4);
    const auto packets = read_all(file("a.pcap"));
    ASSERT_EQ(packets.size(), 1U);
    EXPECT_EQ(packets[0].time, 1767225600123456000U);
    EXPECT_EQ(packets[0].octets, octets("0102"));
    EXPECT_EQ(packets[0].original_length, 60U);
  }
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
    second.write(packet.time, packet.octets, "");
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
            file("a.pcapng") + ": a capture file cannot hold the link-layer type 9999");
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
