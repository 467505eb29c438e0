// SPDX-License-Identifier: GPL-2.0-or-later
// Pseudo-random messages, the same in every run: well-formed documents, and octets with faults.
#pragma once

#include <cstdint>
#include <random>

#include "protocol/encode/node.hpp"
#include "protocol/tables/layout.hpp"

namespace secct::test {

class Generator {
 public:
  explicit Generator(std::uint32_t seed) : engine_(seed) {}

  // A number in [0, limit). The distributions of the standard library differ between
  // implementations.
  std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(engine_()) % limit; }
  bool chance(std::uint32_t percent) { return below(100) < percent; }
  std::uint32_t between(std::uint32_t low, std::uint32_t high) {
    return low + below(high - low + 1);
  }
  Octets octets(std::size_t count);

  // A well-formed message, without the fields that the encoder computes.
  Node message(Message id);
  Node context(std::uint16_t number);  // with this SPT, at most 253 octets
  std::uint16_t spt();                 // assigned or structured

  // Changes, inserts, removes or doubles octets at one to four places.
  void mutate(Octets& octets);

 private:
  Address global();
  Octets v4();
  void identity(Node& node, Field v6, Field v4_field, Field private_id, bool is_v4,
                bool is_private);
  Node sub_option(CodePoint type, std::vector<Node> fields = {});
  Node auth();
  Node request(std::size_t space);
  Node ack();
  Node stat(bool good);
  Node unknown_sub_option();
  Node rep(std::size_t space);
  std::vector<Node> additional();
  std::vector<Node> static_profile();
  Node option(CodePoint type, std::vector<Node> fields);
  Node address_option(unsigned subtype);
  void context_option(Node& tree, CodePoint type, std::vector<Node> sub_options);
  std::vector<Node> request_chain(bool with_auth, std::size_t space);
  std::vector<Node> reply_chain();
  std::vector<Node> padded(std::vector<Node> chain);

  std::mt19937 engine_;
  CodePoints codepoints_;
};

}  // namespace secct::test
