// SPDX-License-Identifier: GPL-2.0-or-later
// Decodes any octets as a packet. Its document builds the same octets; redaction preserves the
// length and correct checksums. The first octet selects the link layer, the second whether there
// are keys.
#include "generator/capture/redact.hpp"
#include "generator/description/router_description.hpp"
#include "generator/packet/build.hpp"
#include "generator/packet/inspect.hpp"
#include "generator/packet/parse.hpp"
#include "tests/fuzz/input.hpp"

using namespace secct;
using namespace secct::generator;
using test::require;

namespace {

constexpr LinkType links[] = {LinkType::ethernet,       LinkType::raw_ip, LinkType::sll,
                              LinkType::sll2,           LinkType::null,   LinkType::loop,
                              static_cast<LinkType>(20)};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t longest = 2048;
  if (size < 3 || size > longest) return 0;
  static const auto description = built_in_description();
  static const auto all = description.keyring();
  static const Keyring none;
  const auto link = links[data[0] % std::size(links)];
  const auto& keys = (data[1] & 1) != 0 ? all : none;
  const Octets octets(data + 2, data + size);

  const auto built = build(description.codepoints, keys,
                           parse_to_document(description.codepoints, keys, link, octets));
  require(built.faults.empty(), "faults", octets);
  require(built.octets == octets, "other octets", octets);

  const auto before = inspect(description.codepoints, none, link, octets);
  Redactor redactor(description.codepoints, keys);
  redactor.learn({link, octets, octets.size()}, 0);
  CapturedPacket packet;
  packet.number = 1;
  packet.link = link;
  packet.octets = octets;
  packet.original_length = static_cast<std::uint32_t>(octets.size());
  redactor.redact(packet);
  const auto& redacted = packet.octets;
  require(redacted.size() == octets.size(), "length", octets);
  const auto after = inspect(description.codepoints, none, link, redacted);
  const auto bad = [](const Inspected& seen) {
    return std::ranges::find(seen.rules, Rule::checksum_bad) != seen.rules.end();
  };
  require(bad(before) || !bad(after), "checksum", octets);
  return 0;
}
