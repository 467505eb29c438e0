// SPDX-License-Identifier: GPL-2.0-or-later
// FrameWalker against frames of another implementation (tests/vectors/frames.list, made by scapy).
#include "network/frame_walker.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "network/fragment.hpp"
#include "tests/generator/support.hpp"

namespace secct::network {
namespace {

using generator::test::below;
using generator::test::octets;

struct Sample {
  std::string name;
  Frame frame;
  std::vector<std::string> expected;
  Octets octets;
};

const std::vector<Sample>& samples() {
  static const auto list = [] {
    std::vector<Sample> read;
    for (const auto& row : generator::test::read_table("tests/vectors/frames.list")) {
      auto& sample = read.emplace_back();
      sample.name = row.at(0);
      sample.octets = generator::test::table_octets(row.at(2));
      sample.expected.assign(row.begin() + 3, row.end());
      sample.frame.link = static_cast<LinkType>(std::stoi(row.at(1)));
      sample.frame.original_length = sample.octets.size();
    }
    for (auto& sample : read) sample.frame.octets = sample.octets;
    return read;
  }();
  return list;
}

const Sample& sample(std::string_view name) {
  return *std::ranges::find(samples(), name, &Sample::name);
}

std::string carrier_name(const CandidateMessage& message) {
  switch (message.carrier) {
    case Carrier::icmpv6: return "icmpv6";
    case Carrier::dstopt: return message.header.type == ip_proto::hop_by_hop ? "hopopt" : "dstopt";
    case Carrier::mip4_request: return "mip4-request";
    case Carrier::mip4_reply: return "mip4-reply";
  }
  return "";
}

std::string offset_text(const std::optional<std::size_t>& offset) {
  return offset ? std::to_string(*offset) : "-";
}

// Writes the results as frames.list does, and checks that they are inside the frame.
class Recorder : public FrameVisitor {
 public:
  struct Found {
    Carrier carrier;
    std::optional<std::size_t> at;
    std::size_t size;  // with what is missing
    std::size_t captured;
  };

  explicit Recorder(const Frame& frame, Reassembler* reassembler = nullptr)
      : frame_(frame), reassembler_(reassembler) {}

  Action on_datagram(const FrameDatagram& in) override {
    EXPECT_EQ(in.depth, datagrams++);
    EXPECT_LE(in.depth, max_nesting);
    EXPECT_EQ(in.outer == nullptr, in.depth == 0);
    check(in.frame_offset, in.datagram.octets);
    std::size_t end = in.datagram.header_octets;
    for (const auto& header : in.datagram.chain) {
      EXPECT_EQ(header.offset, end);
      end += header.length;
    }
    EXPECT_LE(end, in.datagram.octets.size());
    last = &in;
    return Action::proceed;
  }

  Action on_message(const CandidateMessage& message) override {
    EXPECT_FALSE(message.octets.empty());
    EXPECT_EQ(&message.in, last);
    check(message.frame_offset, message.octets);
    found.push_back({message.carrier, message.frame_offset, message.octets.size() + message.missing,
                     message.octets.size()});
    add(message.in.quoted, fmt::format("{}@{}+{}", carrier_name(message),
                                       offset_text(message.frame_offset), message.octets.size()));
    if (message.missing > 0) results.back() += fmt::format("-{}", message.missing);
    return stop_at_message ? Action::stop : Action::proceed;
  }

  void on_stop(const Stop& stop) override {
    check(stop.frame_offset, stop.octets);
    EXPECT_FALSE(text(stop.reason).empty());
    stops.push_back(stop);
    std::string reason(text(stop.reason));
    std::ranges::replace(reason, ' ', '-');
    if (stop.number != 0) reason += fmt::format(":0x{:x}", stop.number);
    add(stop.quoted, fmt::format("stop:{}@{}", reason, offset_text(stop.frame_offset)));
  }

  void on_ah(const FrameDatagram& in, const Header& header) override {
    EXPECT_GE(header.length, ah_fixed_octets);
    EXPECT_NE(in.protection, Protection::none);
    ++ah_headers;
  }

  std::optional<std::uint8_t> on_esp(const FrameDatagram& in, const Header& header,
                                     Octets& payload) override {
    EXPECT_EQ(payload.size(), header.offset);
    constexpr std::uint64_t readable_spi = 0x1000;
    constexpr std::size_t trailer = 2;
    const auto esp = in.datagram.octets_of(header);
    if (in.missing > 0 || esp.size() < esp_fixed_octets + trailer) return std::nullopt;
    if (big_endian(esp.first(4)) != readable_spi) return std::nullopt;
    const auto plaintext = esp.subspan(esp_fixed_octets);
    const std::size_t pad = plaintext[plaintext.size() - 2];
    if (pad + trailer > plaintext.size()) return std::nullopt;
    append(payload, plaintext.first(plaintext.size() - trailer - pad));
    return plaintext.back();
  }

  bool on_fragment(const FrameDatagram& in, Octets& whole) override {
    EXPECT_EQ(in.missing, 0U);
    auto completed =
        reassembler_ != nullptr ? reassembler_->add(in.datagram.octets, 0) : std::nullopt;
    if (completed) whole = std::move(*completed);
    return completed.has_value();
  }

  std::vector<std::string> results;
  std::vector<Found> found;
  std::vector<Stop> stops;
  std::size_t datagrams = 0;
  std::size_t ah_headers = 0;
  const FrameDatagram* last = nullptr;
  bool stop_at_message = false;

 private:
  void add(bool quoted, std::string text) {
    results.push_back((quoted ? "quoted:" : "") + std::move(text));
  }
  void check(const std::optional<std::size_t>& at, View part) const {
    if (!at) return;
    EXPECT_EQ(part.data(), frame_.octets.data() + *at);
    EXPECT_LE(*at + part.size(), frame_.octets.size());
  }

  Frame frame_;
  Reassembler* reassembler_;
};

Recorder walk(const Frame& frame, Reassembler* reassembler = nullptr) {
  static FrameWalker walker;
  Recorder recorder(frame, reassembler);
  walker.walk(frame, recorder);
  return recorder;
}

TEST(FrameWalker, FindsTheMessagesOfEverySample) {
  Reassembler reassembler;
  EXPECT_GE(samples().size(), 60U);
  for (const auto& sample : samples()) {
    EXPECT_EQ(walk(sample.frame, &reassembler).results, sample.expected) << sample.name;
  }
}

// A shorter capture of the same frame has the same messages as far as their octets were captured.
TEST(FrameWalker, FindsTheSameMessagesInTruncatedFrames) {
  constexpr std::size_t most_needed = 4;  // octets of an extension up to its length
  for (const auto& sample : samples()) {
    const auto whole = walk(sample.frame);
    for (std::size_t length = 0; length < sample.octets.size(); ++length) {
      SCOPED_TRACE(fmt::format("{}, {} octets", sample.name, length));
      auto frame = sample.frame;
      frame.octets = View(sample.octets).first(length);
      const auto part = walk(frame);
      ASSERT_LE(part.found.size(), whole.found.size());
      bool is_cut = false;
      for (std::size_t i = 0; i < whole.found.size(); ++i) {
        const auto& expected = whole.found[i];
        if (!expected.at) break;  // decrypted: not without the end of the frame
        is_cut = is_cut || *expected.at + expected.captured > length;
        if (i >= part.found.size()) {
          ASSERT_LT(length, *expected.at + most_needed);
          break;
        }
        ASSERT_EQ(part.found[i].at, expected.at);
        ASSERT_EQ(part.found[i].carrier, expected.carrier);
        ASSERT_EQ(part.found[i].size, expected.size);
        ASSERT_EQ(part.found[i].captured, std::min(expected.captured, length - *expected.at));
      }
      if (is_cut) {
        ASSERT_FALSE(part.stops.empty());
        if (whole.stops.empty()) {
          ASSERT_EQ(part.stops.front().reason, Stop::Reason::truncated);
        }
      }
      // The same octets as a whole frame, whose length fields are wrong.
      frame.original_length = length;
      walk(frame);
    }
  }
}

TEST(FrameWalker, StaysInsideFramesWithWrongOctets) {
  std::mt19937 random(20);
  for (const auto& sample : samples()) {
    for (int i = 0; i < 200; ++i) {
      auto changed = sample.octets;
      generator::test::mutate(changed, random);
      auto frame = sample.frame;
      frame.octets = changed;
      frame.original_length = changed.size() + (random() % 2 == 0 ? 0 : below(random, 100));
      Reassembler reassembler;
      walk(frame, &reassembler);
    }
  }
}

TEST(FrameWalker, EndsAtTheFirstMessageIfTheVisitorStops) {
  FrameWalker walker;
  const auto& two = sample("two-options");
  Recorder recorder(two.frame);
  recorder.stop_at_message = true;
  walker.walk(two.frame, recorder);
  EXPECT_EQ(recorder.results,
            std::vector<std::string>(two.expected.begin(), two.expected.begin() + 1));
}

TEST(FrameWalker, ReportsTheProtectionOfTheContent) {
  EXPECT_EQ(walk(sample("ethernet").frame).last->protection, Protection::none);
  for (const auto* name : {"ah", "ah-ipv4", "ah-tunnel"}) {
    const auto recorder = walk(sample(name).frame);
    EXPECT_EQ(recorder.last->protection, Protection::ah) << name;
    EXPECT_EQ(recorder.ah_headers, 1U) << name;
  }
  for (const auto* name : {"esp", "esp-ipv4", "esp-ah", "esp-tunnel"}) {
    EXPECT_EQ(walk(sample(name).frame).last->protection, Protection::esp) << name;
  }
}

TEST(FrameWalker, ReportsTheHeadersBeforeEspOnce) {
  const auto recorder = walk(sample("esp-after-options").frame);
  ASSERT_EQ(recorder.last->depth, 1U);
  EXPECT_EQ(recorder.last->first_header, 1U);
  EXPECT_EQ(recorder.last->datagram.chain.size(), 2U);
  EXPECT_EQ(recorder.last->datagram.octets.size(), 40U + 8 + 56);
  // The decrypted datagram has the right length and Next Header.
  EXPECT_TRUE(parse_datagram(recorder.last->datagram.octets));
}

TEST(FrameWalker, ReportsOctetsBeyondAnOption) {
  struct : FrameVisitor {
    Action on_message(const CandidateMessage& message) override {
      excess.push_back(message.excess);
      return Action::proceed;
    }
    std::vector<std::size_t> excess;
  } visitor;
  FrameWalker walker;
  walker.walk(sample("option-beyond-header").frame, visitor);
  EXPECT_EQ(visitor.excess, (std::vector<std::size_t>{1, 0}));
}

// The time of a walk does not depend on what the octets claim.
TEST(FrameWalker, LimitsNestingAndHeaders) {
  Octets nested;
  const auto head = octets("60000000ffff29ff");
  while (nested.size() < 60000) {
    append(nested, head);
    nested.resize(nested.size() + 32);
  }
  EXPECT_EQ(walk({LinkType::raw_ip, nested, nested.size()}).datagrams, max_nesting + 1);
  Octets labels(60000);  // MPLS without a bottom of the stack
  labels[12] = 0x88;
  labels[13] = 0x47;
  const auto recorder = walk({LinkType::ethernet, labels, labels.size()});
  EXPECT_EQ(recorder.stops.at(0).reason, Stop::Reason::too_many_headers);
  Octets options = octets("60000000ffff3cff");
  options.resize(60040);
  for (std::size_t at = 40; at < options.size(); at += 8) options[at] = ip_proto::dstopts;
  EXPECT_EQ(walk({LinkType::raw_ip, options, options.size()}).stops.at(0).reason,
            Stop::Reason::too_many_headers);
}

}  // namespace
}  // namespace secct::network
