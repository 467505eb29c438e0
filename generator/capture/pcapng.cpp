// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/capture/pcapng.hpp"

#include <algorithm>
#include <cstring>

namespace secct::generator::pcapng {
namespace {

constexpr std::uint32_t section_block = 0x0a0d0d0a;
constexpr std::uint32_t interface_block = 1;
constexpr std::uint32_t packet_block = 6;
constexpr std::uint32_t byte_order_magic = 0x1a2b3c4d;
constexpr std::uint16_t major_version = 1;
constexpr std::uint64_t unknown_length = ~std::uint64_t{0};
constexpr std::uint16_t option_end = 0;
constexpr std::uint16_t option_comment = 1;
constexpr std::uint16_t option_time_resolution = 9;
constexpr std::uint8_t nanoseconds = 9;  // 10^-9
constexpr std::size_t longest_option = 0xffff;

constexpr std::size_t padded(std::size_t octets) { return (octets + 3) / 4 * 4; }

// Writes one block. Its size, which is written before and after it, must be known in advance.
class Block {
 public:
  // `body` is the padded size of the fixed part, `options` that of the options without the end
  // mark.
  Block(Octets& to, std::uint32_t type, std::size_t body, std::size_t options)
      : to_(to), at_(to.size()) {
    constexpr std::size_t frame = 3 * sizeof(std::uint32_t);
    if (options != 0) options += 2 * sizeof(option_end);
    to.resize(at_ + frame + body + options);  // padding and end mark stay zero
    const auto length = static_cast<std::uint32_t>(to.size() - at_);
    number(type);
    number(length);
    std::memcpy(to.data() + to.size() - sizeof length, &length, sizeof length);
  }

  template <class Number>
  void number(Number value) {
    octets(&value, sizeof value);
  }
  void octets(const void* from, std::size_t count) {
    if (count != 0) std::memcpy(to_.data() + at_, from, count);
    at_ += count;
  }
  void pad(std::size_t written) { at_ += padded(written) - written; }
  void option(std::uint16_t code, const void* from, std::size_t count) {
    number(code);
    number(static_cast<std::uint16_t>(count));
    octets(from, count);
    pad(count);
  }
  void comments(Comments texts) {
    for (const auto& text : texts) {
      if (!text.empty()) option(option_comment, text.data(), std::min(text.size(), longest_option));
    }
  }
  static std::size_t option_octets(std::size_t count) {
    return 2 * sizeof(option_end) + padded(count);
  }
  static std::size_t comment_octets(Comments texts) {
    std::size_t octets = 0;
    for (const auto& text : texts) {
      if (!text.empty()) octets += option_octets(std::min(text.size(), longest_option));
    }
    return octets;
  }

 private:
  Octets& to_;
  std::size_t at_;
};

}  // namespace

void append_section(Octets& to, Comments comments) {
  constexpr std::size_t body = 16;
  Block block(to, section_block, body, Block::comment_octets(comments));
  block.number(byte_order_magic);
  block.number(major_version);
  block.number(std::uint16_t{0});
  block.number(unknown_length);
  block.comments(comments);
}

void append_interface(Octets& to, std::uint16_t link_type, Comments comments) {
  constexpr std::size_t body = 8;
  constexpr std::uint32_t no_limit = 0;  // snapshot length
  Block block(to, interface_block, body,
              Block::option_octets(sizeof nanoseconds) + Block::comment_octets(comments));
  block.number(link_type);
  block.number(std::uint16_t{0});
  block.number(no_limit);
  block.option(option_time_resolution, &nanoseconds, sizeof nanoseconds);
  block.comments(comments);
}

void append_packet(Octets& to, const Packet& packet) {
  constexpr std::size_t body = 20;
  const auto captured = packet.octets.size();
  Block block(to, packet_block, body + padded(captured), Block::comment_octets(packet.comments));
  block.number(packet.interface);
  block.number(static_cast<std::uint32_t>(packet.time >> 32));
  block.number(static_cast<std::uint32_t>(packet.time));
  block.number(static_cast<std::uint32_t>(captured));
  block.number(packet.wire_octets);
  block.octets(packet.octets.data(), captured);
  block.pad(captured);
  block.comments(packet.comments);
}

}  // namespace secct::generator::pcapng
