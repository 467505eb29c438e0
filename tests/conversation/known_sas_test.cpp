// SPDX-License-Identifier: GPL-2.0-or-later
#include "conversation/known_sas.hpp"

#include <gmock/gmock.h>

#include "network/frame_walker.hpp"
#include "protocol/decode/decode.hpp"
#include "protocol/decode/partial.hpp"
#include "protocol/tables/numbers.hpp"
#include "tests/conversation/capture.hpp"

namespace secct::conversation {
namespace {

using ipsec::IpsecProtocol;

// Decodes the message of a frame without ESP.
class FirstMessage : public network::FrameVisitor {
 public:
  FirstMessage(const CodePoints& codepoints, const CapturedFrame& frame) : codepoints_(codepoints) {
    walker_.walk({network::LinkType::ethernet, frame.octets, frame.original_length}, *this);
  }
  const DecodedMessage& decoded() const { return decoded_; }

 private:
  Action on_message(const network::CandidateMessage& candidate) override {
    Envelope envelope;
    envelope.source = candidate.in.datagram.source;
    envelope.destination = candidate.in.datagram.destination;
    envelope.complete = candidate.missing == 0;
    const bool found = decode_beginning(codepoints_, candidate.carrier, candidate.octets,
                                        candidate.missing, envelope, padded_, decoded_);
    // decode_beginning() is for messages that are cut.
    decoded_.envelope.complete = envelope.complete;
    return found ? Action::stop : Action::proceed;
  }

  const CodePoints& codepoints_;
  network::FrameWalker walker_;
  Octets padded_;
  DecodedMessage decoded_;
};

// AH from the mobile node to the IPv4 address of the previous router.
YAML::Node yaml_of_v4_sa() {
  return files::parse_yaml("{type: 5, direction: from-mn, spt: 1, spi_base: 0x60000000}", "sa");
}

class KnownSasTest : public testing::Test {
 protected:
  // Learns the messages that were added to the capture since the last call.
  void learn(Capture& capture, std::uint32_t handover = 1) {
    for (; learned_ < capture.frames().size(); ++learned_) {
      const FirstMessage message(codepoints_, capture.frames()[learned_]);
      ASSERT_NE(message.decoded().message, secct::Message::none);
      sas_.learn(message.decoded(), handover, learned_ + 1);
    }
  }
  void learn(std::initializer_list<std::string_view> messages) {
    capture_.add(messages);
    learn(capture_);
  }
  const KnownSa* find(IpsecProtocol protocol, std::uint32_t spi, const Address& source,
                      const Address& destination) {
    return sas_.find(protocol, spi, source, destination);
  }
  // SA 0 is AH to the mobile node, 1 AH from it; 2 and 3 are the same in ESP.
  const KnownSa* at_new_router(std::size_t sa, const Address& nr) {
    return sa % 2 == 0 ? find(protocol(sa), spi(sa), nr, naddr_)
                       : find(protocol(sa), spi(sa), naddr_, nr);
  }
  const KnownSa* at_new_router(std::size_t sa) { return at_new_router(sa, nr_); }
  const KnownSa* at_previous_router(std::size_t sa) {
    return sa % 2 == 0 ? find(protocol(sa), spi(sa), pr_, paddr_)
                       : find(protocol(sa), spi(sa), paddr_, pr_);
  }
  static IpsecProtocol protocol(std::size_t sa) {
    return sa < 2 ? IpsecProtocol::ah : IpsecProtocol::esp;
  }
  std::uint32_t spi(std::size_t sa) { return context(sa).spi; }
  const ipsec::Context& context(std::size_t sa) {
    return capture_.handover().mobile_node().sas[sa].context;
  }

  Capture capture_;
  const CodePoints& codepoints_ = capture_.description().codepoints;
  const Address nr_ = capture_.handover().nr();
  const Address pr_ = capture_.handover().pr();
  const Address paddr_ = capture_.handover().mobile_node().paddr;
  const Address naddr_ = capture_.handover().mobile_node().naddr;
  KnownSas sas_;
  std::size_t learned_ = 0;
};

TEST_F(KnownSasTest, WithoutShinTheNewRouterIsTheDestinationOfTheShrep) {
  learn({"shrep"});
  for (std::size_t sa = 0; sa < 4; ++sa) {
    const auto* known = at_new_router(sa);
    ASSERT_NE(known, nullptr) << sa;
    EXPECT_TRUE(known->is_relocated);
    EXPECT_EQ(known->learned_in, 1U);
    const bool to_mn = sa % 2 == 0;
    EXPECT_EQ(known->sa.source, to_mn ? nr_ : naddr_) << sa;
    EXPECT_EQ(known->sa.destination, to_mn ? naddr_ : nr_) << sa;
    EXPECT_EQ(known->window.highest(), context(sa).sequence);
    EXPECT_EQ(protocol(sa) == IpsecProtocol::ah ? known->sa.auth_key : known->sa.cipher_key,
              context(sa).key);
  }
}

// wire-format.md D15: a SHAK may be protected by an SA from the mobile node.
TEST_F(KnownSasTest, FindsAnSaFromTheMobileNodeForPacketsToIt) {
  learn({"shin", "shrep"});
  const auto* known = find(protocol(1), spi(1), nr_, naddr_);
  ASSERT_NE(known, nullptr);
  EXPECT_EQ(known->sa.destination, nr_);
  EXPECT_EQ(find(protocol(1), spi(1), pr_, paddr_), nullptr);
}

// wire-format.md D17: no message states the IPv6 address of the previous router.
TEST_F(KnownSasTest, BetweenIpv4RoutersEachEndGetsTheAddressOfItsIpVersion) {
  auto yaml = generator::built_in_yaml();
  yaml["address"] = "192.0.2.1";
  yaml["peer"] = "192.0.2.2";
  yaml["mobile_nodes"]["sas"].push_back(yaml_of_v4_sa());
  const auto description = generator::read_description(yaml, "description");
  const auto nr_v4 = description.address;
  for (const auto& messages : {std::vector{"shin", "shreq", "shrep"}, std::vector{"hi", "shin"}}) {
    Capture capture(description);
    sas_.reset({});
    learned_ = 0;
    for (const auto* message : messages) capture.add(message);
    learn(capture);
    for (std::size_t sa = 0; sa < 4; ++sa) {
      const auto* known = at_new_router(sa, description.mn_address);
      ASSERT_NE(known, nullptr) << sa << ' ' << messages.front();
      EXPECT_TRUE(known->is_relocated);
    }
    const auto v4 = capture.handover().mobile_node().sas.at(5).context;
    const auto* known = find(IpsecProtocol::ah, v4.spi, v4.source, nr_v4);
    ASSERT_NE(known, nullptr) << messages.front();
    EXPECT_TRUE(known->is_relocated);
  }
}

TEST_F(KnownSasTest, UshrepIsLearnedLikeAShrep) {
  learn({"hi"});
  EXPECT_NE(at_new_router(0), nullptr);
  EXPECT_NE(at_new_router(3), nullptr);
}

TEST_F(KnownSasTest, FindsTheSasAtThePreviousRouter) {
  learn({"shrep"});
  for (std::size_t sa = 0; sa < 4; ++sa) {
    const auto* known = at_previous_router(sa);
    ASSERT_NE(known, nullptr) << sa;
    EXPECT_FALSE(known->is_relocated);
  }
}

TEST_F(KnownSasTest, SasOfTypesOneAndTwoAreNotKnown) {
  learn({"shrep"});
  EXPECT_EQ(find(IpsecProtocol::esp, spi(4), paddr_, context(4).destination), nullptr);
}

TEST_F(KnownSasTest, ShinNamesTheAddressOfTheNewRouter) {
  Address other = nr_;
  other.back() = 0x99;
  learn({"shrep"});
  capture_.add("shin", {"ipv6.dst=" + to_text(other)});
  learn(capture_);
  EXPECT_NE(at_new_router(1, other), nullptr);
  EXPECT_EQ(at_new_router(1, nr_), nullptr);
  // A SHREP after it does not replace the address.
  learn({"shrep"});
  EXPECT_NE(at_new_router(1, other), nullptr);
  EXPECT_EQ(at_new_router(1, nr_), nullptr);
}

TEST_F(KnownSasTest, ShinNamesNaddr) {
  Address other = naddr_;
  other.back() = 0x99;
  learn({"shrep"});
  capture_.add("shin", {"ipv6.src=" + to_text(other)});
  learn(capture_);
  EXPECT_EQ(at_new_router(0), nullptr);
  EXPECT_NE(find(IpsecProtocol::ah, spi(0), nr_, other), nullptr);
}

TEST_F(KnownSasTest, NaddrMayComeLater) {
  capture_.add("hi", {"secct.naddr=::", "-options#2"});
  learn(capture_);
  EXPECT_EQ(at_new_router(0), nullptr);
  // Without Naddr, no SA is at the new router.
  ASSERT_NE(at_previous_router(0), nullptr);
  EXPECT_FALSE(at_previous_router(0)->is_relocated);
  // The HAck assigns it.
  auto hack = capture_.handover().hack();
  auto& options = hack.message()->children;
  options.insert(options.end() - 1,
                 generator::address_option(codepoints_, address_subtype::new_care_of, naddr_));
  capture_.add(std::move(hack), {"secct.code=3", "secct.naddr=::"});
  learn(capture_);
  EXPECT_NE(at_new_router(0), nullptr);
}

TEST_F(KnownSasTest, PreviousRouterMayHaveTwoAddresses) {
  const std::string other = "2001:db8:1::99";
  capture_.add("shin", {"secct.router=" + other});
  learn(capture_);
  capture_.add("shrep", {"secct.sa.destination=" + other});  // of the first SA from the node
  learn(capture_);
  EXPECT_NE(at_new_router(1), nullptr);
}

TEST_F(KnownSasTest, FindsTheRecomputedSpi) {
  learn({"shin", "shrep"});
  auto& handover = capture_.handover();
  for (const std::size_t sa : {1, 3}) {
    const auto fresh = handover.recomputed_spi(sa);
    const auto* known = find(protocol(sa), fresh, naddr_, nr_);
    ASSERT_NE(known, nullptr) << sa;
    EXPECT_TRUE(known->is_relocated);
    EXPECT_EQ(known->sa.spi, fresh);
  }
  // The new router does not choose the SPIs of SAs to the mobile node.
  EXPECT_EQ(find(IpsecProtocol::ah, handover.recomputed_spi(0), nr_, naddr_), nullptr);
}

TEST_F(KnownSasTest, LatestContextCounts) {
  learn({"shrep"});
  capture_.add("shrep", {"secct.sa.key=0x000102030405060708090a0b0c0d0e0f10111213"});
  learn(capture_);
  ASSERT_NE(at_new_router(0), nullptr);
  EXPECT_EQ(at_new_router(0)->learned_in, 2U);
  EXPECT_EQ(at_new_router(0)->sa.auth_key.back(), 0x13);
  ASSERT_NE(at_previous_router(0), nullptr);
  EXPECT_EQ(at_previous_router(0)->learned_in, 2U);
}

TEST_F(KnownSasTest, LatestHandoverOfAnAddressCounts) {
  learn({"shrep"});
  capture_.add("shrep", {"secct.sa.key=0x000102030405060708090a0b0c0d0e0f10111213"});
  learn(capture_, 2);
  EXPECT_EQ(at_new_router(0)->learned_in, 2U);
}

// The mobile node moves on: its first Naddr is the Paddr of the second handover.
TEST_F(KnownSasTest, AddressOfTwoHandovers) {
  learn({"shrep"});
  const std::string third = "2001:db8:3::1";
  const auto sent = [&](const char* message) {
    capture_.add(message, {"ipv6.src=" + to_text(naddr_), "ipv6.dst=" + third,
                           "secct.paddr=" + to_text(naddr_), "secct.router=" + to_text(nr_),
                           "secct.auth.token=1"});
    learn(capture_, 2);
  };
  sent("shin");  // the SHREP of the second handover is not captured
  EXPECT_NE(at_new_router(0), nullptr);
  EXPECT_NE(at_new_router(1), nullptr);
}

TEST_F(KnownSasTest, ManyMobileNodesOfOneForeignAgent) {
  constexpr std::uint32_t nodes = 10;
  std::vector<std::uint32_t> spis;
  Address agent{};
  for (std::uint32_t number = 1; number <= nodes; ++number) {
    capture_.node(number, static_cast<std::uint16_t>(number));
    auto& handover = capture_.handover();
    handover.use_ipv4();
    agent = handover.nr();
    auto context = handover.mobile_node().sas[1].context;  // from the mobile node
    context.spt = 0x8000 | 2U << 8 | 0xc0;                 // AH-TRANSPORT-HMACSHA1-V4-V4
    context.source = handover.mobile_node().paddr;
    context.destination = handover.pr();
    spis.push_back(context.spi);
    capture_.add("mip4-request").add(handover.shrep({context}));
    learn(capture_, number);
  }
  for (const auto spi : spis) {
    EXPECT_NE(find(IpsecProtocol::ah, spi, agent, agent), nullptr) << spi;
  }
}

TEST_F(KnownSasTest, ConfiguredSasCountFirst) {
  const auto configured = capture_.description().keyring().sas;
  sas_.reset(configured);
  const auto& first = configured.front();
  const auto* known = find(first.protocol, first.spi, first.source, first.destination);
  ASSERT_NE(known, nullptr);
  EXPECT_EQ(known->learned_in, 0U);
  EXPECT_EQ(find(first.protocol, first.spi, first.destination, first.source), nullptr);
  auto any_source = first;
  any_source.source = {};
  sas_.reset({any_source});
  EXPECT_NE(find(first.protocol, first.spi, paddr_, first.destination), nullptr);
}

TEST_F(KnownSasTest, CutContextsAreNotLearned) {
  const auto whole = capture_.add("shrep").frames().front();
  for (std::size_t length = 60; length < whole.octets.size(); ++length) {
    auto cut = whole;
    cut.octets.resize(length);
    const FirstMessage message(codepoints_, cut);
    sas_.reset({});
    sas_.learn(message.decoded(), 1, 1);
    for (std::size_t sa = 0; sa < 4; ++sa) {
      const auto* known = at_new_router(sa);
      if (known == nullptr) continue;
      const auto& key = sa < 2 ? known->sa.auth_key : known->sa.cipher_key;
      EXPECT_EQ(key, context(sa).key) << length;
    }
  }
}

TEST_F(KnownSasTest, ForgetsTheFirstHandovers) {
  KnownSas few(2);
  const auto learn_node = [&](std::uint32_t number) {
    capture_.node(number).add("shrep");
    const FirstMessage message(codepoints_, capture_.frames().back());
    few.learn(message.decoded(), number, number);
    // A second address, which the handover no longer has afterwards.
    capture_.add("shin", {"ipv6.src=2001:db8:20::ffff"});
    const FirstMessage shin(codepoints_, capture_.frames().back());
    few.learn(shin.decoded(), number, number);
  };
  const auto knows = [&](std::uint32_t number) {
    capture_.node(number);
    const auto& node = capture_.handover().mobile_node();
    return few.find(IpsecProtocol::ah, node.sas[0].context.spi, pr_, node.paddr) != nullptr;
  };
  for (std::uint32_t number = 1; number <= 100; ++number) {
    learn_node(number);
    EXPECT_TRUE(knows(number));
    EXPECT_TRUE(number == 1 || knows(number - 1));
    EXPECT_FALSE(number > 2 && knows(number - 2));
    for (std::uint32_t old = 1; old <= number; ++old) {
      const auto naddr = capture_.description().naddr_of(old);
      static_cast<void>(few.find(IpsecProtocol::ah, 1, naddr, naddr));
    }
  }
}

TEST_F(KnownSasTest, KeepsTheLatestContextsOfALongHandover) {
  for (int i = 0; i < 100; ++i) {
    capture_.add("shrep", {"secct.sa.sequence=" + std::to_string(1000 + i)});
  }
  learn(capture_);
  ASSERT_NE(at_new_router(0), nullptr);
  EXPECT_EQ(at_new_router(0)->window.highest(), 1099U);
}

TEST_F(KnownSasTest, IgnoresMessagesWithoutHandover) {
  capture_.add("shrep");
  learn(capture_, 0);
  EXPECT_TRUE(sas_.empty());
}

}  // namespace
}  // namespace secct::conversation
