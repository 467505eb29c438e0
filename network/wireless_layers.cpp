// SPDX-License-Identifier: GPL-2.0-or-later
#include "network/capture_layers.hpp"

namespace secct::network {
namespace {

using R = Stop::Reason;

}  // namespace

Step radiotap(const Part& part) {
  constexpr std::size_t head = 8;  // up to the first word of bits
  constexpr std::uint32_t has_time = 1;
  constexpr std::uint32_t has_flags = 2;
  constexpr std::uint32_t has_next_word = 0x80000000;
  constexpr std::uint32_t padded = 0x20;
  if (!part.has(head)) return too_short(part);
  if (part.number(0, 1) != 0) return stop(R::unsupported_format, part);
  const std::size_t length = part.little_endian(2, 2);
  if (length < head) return stop(R::bad_length, part);
  if (!part.has(length)) return too_short(part);
  const auto present = part.little_endian(4, 4);
  auto at = head;
  for (auto word = present; (word & has_next_word) != 0; at += 4) {
    if (length - at < 4) return stop(R::bad_length, part);
    word = part.little_endian(at, 4);
  }
  bool is_padded = false;
  if ((present & has_flags) != 0) {
    if ((present & has_time) != 0) at = (at + 7) / 8 * 8 + 8;  // the time is aligned
    if (at >= length) return stop(R::bad_length, part);
    is_padded = (part.number(at, 1) & padded) != 0;
  }
  return wireless(part.after(length), is_padded);
}

// IEEE 802.11-2020 section 9.2.
Step wireless(const Part& part, bool is_padded) {
  constexpr std::uint32_t data = 2;
  constexpr std::uint32_t no_data = 4;  // bits of the subtype
  constexpr std::uint32_t qos = 8;
  constexpr std::uint32_t both_systems = 0x03;  // bits of the second octet
  constexpr std::uint32_t more_fragments = 0x04;
  constexpr std::uint32_t is_protected = 0x40;
  constexpr std::uint32_t order = 0x80;
  constexpr std::uint32_t aggregate = 0x80;  // A-MSDU, in the QoS control
  constexpr std::size_t sequence_at = 22;
  if (!part.has(2)) return too_short(part);
  const auto control = part.number(0, 1);
  const auto flags = part.number(1, 1);
  const auto subtype = control >> 4;
  if ((control & 3) != 0) return stop(R::unsupported_format, part);
  if ((control >> 2 & 3) != data || (subtype & no_data) != 0) return {Layer::none, part};
  std::size_t head = (flags & both_systems) == both_systems ? 30 : 24;
  const auto qos_at = head;
  if ((subtype & qos) != 0) head += (flags & order) != 0 ? 6 : 2;  // HT control
  if (is_padded) head = (head + 3) / 4 * 4;
  if (!part.has(head)) return too_short(part);
  const auto content = part.after(head);
  if ((flags & is_protected) != 0) return stop(R::encrypted, content);
  const bool is_fragment =
      (flags & more_fragments) != 0 || (part.number(sequence_at, 1) & 0x0f) != 0;
  if (is_fragment) return stop(R::fragment, content);
  if ((subtype & qos) != 0 && (part.number(qos_at, 1) & aggregate) != 0) {
    return stop(R::unsupported_format, content);
  }
  return {Layer::llc, content};
}

}  // namespace secct::network
