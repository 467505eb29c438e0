// SPDX-License-Identifier: GPL-2.0-or-later
// Capture files: what is written is read, and a failure leaves no half file.
#include "generator/capture/capture.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/generator/support.hpp"

namespace secct::generator::test {
namespace {

namespace fs = std::filesystem;

class Capture : public testing::Test {
 protected:
  Capture() {
    std::string name = (fs::temp_directory_path() / "secct-capture-XXXXXX").string();
    folder_ = mkdtemp(name.data());
  }
  ~Capture() override { fs::remove_all(folder_); }

  std::string file(const char* name) const { return (folder_ / name).string(); }
  std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }
  static std::string text_of(const std::string& name) {
    std::ifstream stream(name, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  fs::path folder_;
};

std::vector<CapturedPacket> read_all(const std::string& file, std::string* trouble = nullptr) {
  std::vector<CapturedPacket> packets;
  const auto text = read_capture(file, [&](const CapturedPacket& packet) {
    packets.push_back(packet);
    return true;
  });
  if (trouble != nullptr) *trouble = text;
  return packets;
}

TEST_F(Capture, WhatIsWrittenIsRead) {
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
    EXPECT_EQ(packets[0].comment, "first, \xc3\xa4");
    EXPECT_EQ(packets[0].octets, octets("6000000000003b40"));
    EXPECT_EQ(packets[1].comment, "");
    EXPECT_TRUE(packets[1].octets.empty());
    EXPECT_EQ(packets[2].time, 1767225600123456790U);
    EXPECT_EQ(packets[2].octets.size(), 70000U);
    EXPECT_EQ(packets[2].original_length, 70000U);
    EXPECT_EQ(packets[2].comment.size(), 5000U);
  }
}

TEST_F(Capture, TheSameAgainIsTheSameFile) {
  for (const auto* name : {"a.pcapng", "b.pcapng"}) {
    CaptureWriter writer(file(name), LinkType::ethernet);
    writer.write(5, octets("0102"), "x");
    writer.close();
  }
  EXPECT_EQ(text_of(file("a.pcapng")), text_of(file("b.pcapng")));
}

// Until close() nothing is there, and what was there stays.
TEST_F(Capture, NothingIsLeftOfAWriterThatWasNotClosed) {
  {
    CaptureWriter writer(file("new.pcapng"), LinkType::ethernet);
    writer.write(5, octets("0102"), "x");
    EXPECT_FALSE(fs::exists(file("new.pcapng")));
  }
  EXPECT_EQ(files(), 0U);
  std::ofstream(file("old.pcapng")) << "precious";
  {
    CaptureWriter writer(file("old.pcapng"), LinkType::ethernet);
    writer.write(5, octets("0102"), "x");
  }
  EXPECT_EQ(text_of(file("old.pcapng")), "precious");
  EXPECT_EQ(files(), 1U);
}

TEST_F(Capture, AnExistingFileIsReplacedWithItsRightsAndLinks) {
  std::ofstream(file("old.pcapng")) << "precious";
  fs::permissions(file("old.pcapng"), fs::perms{0640});
  fs::create_symlink("old.pcapng", file("link.pcapng"));
  CaptureWriter writer(file("link.pcapng"), LinkType::ethernet);
  writer.write(5, octets("0102"), "x");
  writer.close();
  EXPECT_TRUE(fs::is_symlink(file("link.pcapng")));
  EXPECT_EQ(fs::status(file("old.pcapng")).permissions(), fs::perms{0640});
  EXPECT_EQ(read_all(file("old.pcapng")).size(), 1U);
  EXPECT_EQ(files(), 2U);
}

// A file may be read while another of that name is written.
TEST_F(Capture, OntoItself) {
  CaptureWriter first(file("a.pcapng"), LinkType::ethernet);
  for (std::uint64_t i = 0; i < 100; ++i) first.write(i, Octets(100, 1), "");
  first.close();
  CaptureWriter second(file("a.pcapng"), LinkType::ethernet);
  read_capture(file("a.pcapng"), [&](const CapturedPacket& packet) {
    second.write(packet.time, packet.octets, packet.comment);
    return true;
  });
  second.close();
  EXPECT_EQ(read_all(file("a.pcapng")).size(), 100U);
}

TEST_F(Capture, WhatCannotBeWritten) {
  const auto wrong = file("no/such/folder.pcapng");
  EXPECT_EQ(error_of([&] { CaptureWriter(wrong, LinkType::ethernet); }),
            wrong + ": No such file or directory");
  EXPECT_THAT(error_of([&] { CaptureWriter(folder_.string(), LinkType::ethernet); }),
              testing::StartsWith(folder_.string() + ": "));
  EXPECT_THAT(error_of([&] {
                CaptureWriter writer("/dev/full", LinkType::ethernet);
                for (int i = 0; i < 1000; ++i) writer.write(1, Octets(1000), "");
                writer.close();
              }),
              testing::StartsWith("/dev/full: No space left"));
  EXPECT_EQ(files(), 0U);
}

TEST_F(Capture, Devices) {
  CaptureWriter writer("/dev/null", LinkType::ethernet);
  writer.write(1, Octets(10), "");
  writer.close();
  struct stat info {};
  EXPECT_EQ(stat("/dev/null", &info), 0);
  EXPECT_TRUE(S_ISCHR(info.st_mode));
}

TEST_F(Capture, WhatCannotBeRead) {
  EXPECT_EQ(error_of([&] { read_all(file("missing")); }),
            file("missing") + ": No such file or directory");
  EXPECT_EQ(error_of([] { read_all("/etc/passwd"); }),
            "/etc/passwd: The file isn't a capture file in a known format");
  EXPECT_THAT(error_of([&] { read_all(folder_.string()); }),
              testing::StartsWith(folder_.string() + ": "));
  std::ofstream(file("empty")) << "";
  EXPECT_EQ(error_of([&] { read_all(file("empty")); }), file("empty") + ": the file is empty");
}

// A file that breaks off: the packets before that, and a word about it.
TEST_F(Capture, ATruncatedFile) {
  {
    CaptureWriter writer(file("a.pcapng"), LinkType::ethernet);
    for (std::uint64_t i = 0; i < 3; ++i) writer.write(i, Octets(100, 1), "");
    writer.close();
  }
  fs::resize_file(file("a.pcapng"), fs::file_size(file("a.pcapng")) - 50);
  std::string trouble;
  EXPECT_EQ(read_all(file("a.pcapng"), &trouble).size(), 2U);
  EXPECT_EQ(trouble, file("a.pcapng") + ": the capture is cut short");
}

TEST_F(Capture, StoppingAndThrowing) {
  {
    CaptureWriter writer(file("a.pcapng"), LinkType::ethernet);
    for (std::uint64_t i = 0; i < 3; ++i) writer.write(i, Octets(100, 1), "comment");
    writer.close();
  }
  int seen = 0;
  EXPECT_EQ(read_capture(file("a.pcapng"), [&](const CapturedPacket&) { return ++seen < 2; }), "");
  EXPECT_EQ(seen, 2);
  // Nothing leaks then: the sanitizer would tell.
  EXPECT_THROW(read_capture(file("a.pcapng"),
                            [](const CapturedPacket&) -> bool { throw UsageError("stop"); }),
               UsageError);
}

}  // namespace
}  // namespace secct::generator::test
