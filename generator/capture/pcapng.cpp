// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/capture/pcapng.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

namespace secct::generator::pcapng {
namespace {

constexpr std::uint32_t section_block = 0x0a0d0d0a;
constexpr std::uint32_t interface_block = 1;
constexpr std::uint32_t packet_block = 6;
constexpr std::uint32_t byte_order_magic = 0x1a2b3c4d;
constexpr std::uint16_t major_version = 1;
constexpr std::uint64_t unknown_length = ~std::uint64_t{0};
constexpr std::uint16_t option_end = 0;
constexpr std::uint16_t option_time_resolution = 9;

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
  static std::size_t option_octets(std::size_t count) {
    return 2 * sizeof(option_end) + padded(count);
  }

 private:
  Octets& to_;
  std::size_t at_;
};

// The octets of a value. A capture filter has a code before its text: 0 is the syntax of libpcap.
Octets value_of(const CaptureOption& option, OptionKind kind) {
  Octets octets;
  switch (kind) {
    case OptionKind::filter: octets.push_back(0); [[fallthrough]];
    case OptionKind::text:
      octets.insert(octets.end(), option.text.begin(), option.text.end());
      break;
    case OptionKind::number8: octets.push_back(static_cast<std::uint8_t>(option.number)); break;
    case OptionKind::number64:
      octets.resize(sizeof option.number);
      std::memcpy(octets.data(), &option.number, sizeof option.number);
      break;
  }
  return octets;
}

struct EncodedOption {
  std::uint16_t code;
  Octets value;
};

std::vector<EncodedOption> encode(std::span<const CaptureOption> options,
                                  std::span<const CaptureOptionRow> rows) {
  std::vector<EncodedOption> encoded;
  for (const auto& option : options) {
    const auto row = std::ranges::find(rows, option.code, &CaptureOptionRow::code);
    if (row != rows.end()) encoded.push_back({option.code, value_of(option, row->kind)});
  }
  return encoded;
}

std::size_t octets_of(const std::vector<EncodedOption>& options) {
  std::size_t octets = 0;
  for (const auto& option : options) octets += Block::option_octets(option.value.size());
  return octets;
}

void append(Block& block, const std::vector<EncodedOption>& options) {
  for (const auto& [code, value] : options) block.option(code, value.data(), value.size());
}

}  // namespace

void append_section(Octets& to, std::span<const CaptureOption> options) {
  constexpr std::size_t body = 16;
  const auto encoded = encode(options, section_options());
  Block block(to, section_block, body, octets_of(encoded));
  block.number(byte_order_magic);
  block.number(major_version);
  block.number(std::uint16_t{0});
  block.number(unknown_length);
  append(block, encoded);
}

void append_interface(Octets& to, std::uint16_t link_type, const CaptureInterface& interface) {
  constexpr std::size_t body = 8;
  auto encoded = encode(interface.options, interface_options());
  encoded.push_back(
      {option_time_resolution, {resolution_octet(interface.units_per_second).value_or(0)}});
  Block block(to, interface_block, body, octets_of(encoded));
  block.number(link_type);
  block.number(std::uint16_t{0});
  block.number(interface.snapshot_octets);
  append(block, encoded);
}

void append_packet(Octets& to, const Packet& packet) {
  constexpr std::size_t body = 20;
  const auto captured = packet.octets.size();
  std::size_t options = 0;
  for (const auto& comment : packet.comments) options += Block::option_octets(comment.size());
  Block block(to, packet_block, body + padded(captured), options);
  block.number(packet.interface);
  block.number(static_cast<std::uint32_t>(packet.time >> 32));
  block.number(static_cast<std::uint32_t>(packet.time));
  block.number(static_cast<std::uint32_t>(captured));
  block.number(packet.wire_octets);
  block.octets(packet.octets.data(), captured);
  block.pad(captured);
  for (const auto& comment : packet.comments) {
    block.option(comment_option, comment.data(), comment.size());
  }
}

}  // namespace secct::generator::pcapng
