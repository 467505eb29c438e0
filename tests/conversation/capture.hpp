// SPDX-License-Identifier: GPL-2.0-or-later
// Captures of handovers for tests: the messages of mobile nodes, some of them edited.
//
//   Capture capture;
//   capture.add("shin").add("shreq").add("shrep",
//   {"secct.identifier=9"}).wait(1).node(2).add("shin");
#pragma once

#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "generator/document/edit.hpp"
#include "generator/handover/handover.hpp"
#include "generator/packet/build.hpp"
#include "protocol/time.hpp"

namespace secct::conversation {

using Edits = std::vector<std::string>;  // "secct.identifier=9" sets a field, "-NAME" removes it

struct CapturedFrame {
  Time time = 0;
  Octets octets;  // Ethernet
  std::size_t original_length = 0;
};

class Capture {
 public:
  explicit Capture(generator::RouterDescription description = generator::built_in_description())
      : description_(std::make_shared<generator::RouterDescription>(std::move(description))) {
    node(1);
  }

  // The following messages are those of this mobile node.
  Capture& node(std::uint32_t number, std::uint16_t identifier = 7) {
    handover_.emplace(*description_, generator::Role::nr, number, identifier, *counters_);
    return *this;
  }
  Capture& wait(double seconds) {
    now_ += static_cast<Time>(seconds * 1e9);
    return *this;
  }
  Capture& add(std::string_view message, const Edits& edits = {}) {
    return add(*handover_->by_name(message), edits);
  }
  Capture& add(std::initializer_list<std::string_view> messages) {
    for (const auto message : messages) add(message);
    return *this;
  }
  Capture& add(generator::PacketDocument packet, const Edits& edits = {}) {
    for (const auto& text : edits) {
      if (text[0] == '-') {
        generator::remove_field(packet, text.substr(1));
      } else {
        const auto [path, value] = generator::split_assignment(text);
        generator::set_field(description_->codepoints, packet, path, value);
      }
    }
    auto built = generator::build(description_->codepoints, handover_->keyring(), packet);
    EXPECT_TRUE(built.faults.empty()) << built.faults.at(0).text;
    frames_.push_back({now_, built.octets, built.octets.size()});
    return wait(0.001);
  }
  Capture& without_layer(std::string_view message, const std::string& layer) {
    auto packet = *handover_->by_name(message);
    generator::drop_layer(packet, layer);
    return add(std::move(packet));
  }
  // A frame, from 1, is captured again.
  Capture& again(std::size_t frame) {
    auto copy = frames_[frame - 1];
    copy.time = now_;
    frames_.push_back(std::move(copy));
    return wait(0.001);
  }

  generator::Handover& handover() { return *handover_; }
  generator::Counters& counters() { return *counters_; }
  const generator::RouterDescription& description() const { return *description_; }
  const std::vector<CapturedFrame>& frames() const { return frames_; }

 private:
  std::shared_ptr<generator::RouterDescription> description_;
  std::shared_ptr<generator::Counters> counters_ = std::make_shared<generator::Counters>();
  std::optional<generator::Handover> handover_;
  Time now_ = seconds(1000);
  std::vector<CapturedFrame> frames_;
};

// A SHREP-Ack or HAck with S = 0 and these SecCT-Stats.
inline generator::PacketDocument with_statuses(const CodePoints& codepoints,
                                               generator::PacketDocument packet,
                                               const std::vector<std::uint8_t>& statuses) {
  auto& option = packet.message()->children.back();
  option.set({Field::all_received, std::uint64_t{0}});
  for (const auto status : statuses) {
    option.children.push_back(generator::stat_node(codepoints, status));
  }
  return packet;
}

}  // namespace secct::conversation
