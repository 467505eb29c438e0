// SPDX-License-Identifier: GPL-2.0-or-later
// The frames of a scenario: its packets, and instead of a packet whose datagram is larger than the
// MTU of the router description its fragments, with the timestamp of the packet.
#pragma once

#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "generator/namespace.hpp"
#include "generator/packet/fragmenter.hpp"
#include "generator/packet/parse.hpp"
#include "generator/scenario/scenario.hpp"

namespace secct::generator {

// `Run` is ScenarioRun, ScenarioPrefetch or MalformedScenario. The frames are Ethernet.
template <class Run>
class FragmentedRun {
 public:
  // The arguments are those of the constructor of Run. `description` must outlive this.
  template <class... Arguments>
  FragmentedRun(const ScenarioRow& row, const RouterDescription& description,
                Arguments&&... arguments)
      : codepoints_(description.codepoints),
        run_(row, description, std::forward<Arguments>(arguments)...),
        fragmenter_(LinkType::ethernet, description.mtu) {}

  // Advances to the next frame; false after the last one. UsageError if a packet cannot be built.
  bool next() {
    if (current_ + 1 < fragments_.size()) {
      ++current_;
      set_comment();
      return true;
    }
    current_ = 0;
    fragments_.clear();
    if (!run_.next()) return false;
    packet_ = run_.octets();
    fragments_ = fragmenter_.split(packet_);
    if (!fragments_.empty()) set_comment();
    return true;
  }

  // The current frame, after next() returned true. Octets are valid until next().
  std::uint64_t time() const { return run_.time(); }
  View octets() const { return fragments_.empty() ? View(packet_) : View(fragments_[current_]); }
  const std::string& comment() const { return fragments_.empty() ? run_.comment() : comment_; }
  PacketDocument document() const {
    if (fragments_.empty()) return run_.document();
    auto fragment = parse_to_document(codepoints_, {}, LinkType::ethernet, octets());
    fragment.time = time();
    fragment.set_comment(comment());
    return fragment;
  }

 private:
  void set_comment() {
    comment_ = run_.comment() + ", fragment " + std::to_string(current_ + 1) + " of " +
               std::to_string(fragments_.size());
  }

  using Packet = decltype(std::declval<Run&>().octets());

  const CodePoints& codepoints_;
  Run run_;
  Fragmenter fragmenter_;
  std::conditional_t<std::is_same_v<Packet, Octets>, Octets, View> packet_;
  std::vector<Octets> fragments_;  // of packet_; empty if it is not fragmented
  std::size_t current_ = 0;        // in fragments_
  std::string comment_;            // of the fragment
};

}  // namespace secct::generator
