// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/malformed/random.hpp"

#include <map>
#include <random>

#include <fmt/format.h>

#include "generator/packet/inspect.hpp"

namespace secct::generator {
namespace {

constexpr int most_edits = 3;
constexpr int most_tries = 100;

// Draws the same on every machine: the standard distributions do not.
class Draw {
 public:
  Draw(std::uint64_t seed, std::uint64_t number) : random_(seed * 0x9e3779b97f4a7c15U + number) {}

  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
  template <class List>
  auto one_of(const List& list) {
    return list[below(std::size(list))];
  }
  std::string octets(std::size_t most) {
    std::string text = "0x";
    for (auto left = below(most + 1); left > 0; --left) {
      text += fmt::format("{:02x}", below(256));
    }
    return text;
  }

 private:
  std::mt19937_64 random_;
};

// Names with how often each stands in the packet.
struct Places {
  std::vector<std::string> fields;   // NAME#N, headers and leaves
  std::vector<std::string> entries;  // list#N
};

void collect(const Node& node, std::map<std::string, int>& count, Places& places) {
  for (const auto& child : node.children) {
    const auto& field = row(child.field);
    if (child.field == Field::message) continue;
    auto path = fmt::format("{}#{}", field.name, ++count[field.name]);
    (field.type == FieldType::group ? places.entries : places.fields).push_back(std::move(path));
    collect(child, count, places);
  }
}

Places places_of(const PacketDocument& packet) {
  Places places;
  std::map<std::string, int> count;
  for (const auto& layer : packet.layers) {
    for (const auto& header : header_rows()) {
      if (header.layer != layer.kind || layer.kind == LayerKind::eth) continue;
      places.fields.push_back(fmt::format("{}#{}", header.name, ++count[header.name]));
    }
    for (const auto& element : layer.elements) {
      if (element.message) collect(*element.message, count, places);
    }
  }
  // Computed so far, and where most goes wrong.
  for (const auto* name : {"secct.opt.length", "secct.subopt.length", "secct.sa.length",
                           "secct.sa.data.length", "secct.req.ports"}) {
    for (int i = 1; i <= 4; ++i) places.fields.push_back(fmt::format("{}#{}", name, i));
  }
  return places;
}

std::string value_for(const std::string& path, Draw& draw) {
  static constexpr std::string_view numbers[] = {
      "0",  "1",  "2",  "7",    "127", "128",   "255",        "+1",
      "-1", "+8", "-8", "+128", "256", "65535", "4294967295", "0x80000000"};
  static constexpr std::string_view addresses[] = {
      "::", "::1", "ff02::1", "fe80::1", "2001:db8:dead::1", "::ffff:192.0.2.1"};
  const auto field = find_field(path.substr(0, path.find('#')));
  if (field) {
    switch (row(*field).type) {
      case FieldType::ipv6: return std::string(draw.one_of(addresses));
      case FieldType::bytes: return draw.octets(40);
      case FieldType::boolean: return draw.below(2) == 0 ? "false" : "true";
      case FieldType::text: return std::string(draw.below(64), 'x');
      default: break;
    }
  } else if (path.find(".src") != std::string::npos || path.find(".dst") != std::string::npos) {
    return std::string(draw.one_of(addresses));
  }
  return std::string(draw.one_of(numbers));
}

Edit random_edit(const Places& places, Draw& draw) {
  using Kind = Edit::Kind;
  const auto kind = places.entries.empty() ? 0 : draw.below(10);
  switch (kind) {
    case 6: return {Kind::remove, draw.one_of(places.entries), ""};
    case 7: return {Kind::repeat, draw.one_of(places.entries), ""};
    case 8: return {Kind::append, draw.one_of(places.entries), draw.octets(16)};
    case 9:
      return {Kind::insert, draw.one_of(places.entries),
              fmt::format("{{raw: {}}}", draw.octets(24))};
    default: {
      auto path = draw.one_of(places.fields);
      auto value = value_for(path, draw);
      return {Kind::set, std::move(path), std::move(value)};
    }
  }
}

std::vector<std::string> as_it_is(const std::string& text) { return {text}; }

}  // namespace

Malformed random_malformed(const CodePoints& codepoints, const Keyring& keys,
                           const PacketDocument& packet, std::uint64_t seed, std::uint64_t number) {
  Malformed entry;
  entry.name = fmt::format("random:{}:{}", seed, number);
  entry.message = message_name(packet);
  entry.random = true;
  entry.clauses = {"ROBUST-9"};
  entry.reaction = {Reaction::Kind::any, 0};
  entry.why = "Message with random changes";
  Draw draw(seed, number);
  const auto wanted = 1 + draw.below(most_edits);
  auto changed = packet;
  std::vector<Edit> edits;
  for (int i = 0; i < most_tries && edits.size() < wanted; ++i) {
    auto attempt = changed;
    auto edit = random_edit(places_of(changed), draw);
    auto with_strangers = keys;
    try {
      Malformed one;
      one.edit = edit;
      attempt = malform(one, codepoints, as_it_is, changed, with_strangers).front();
    } catch (const UsageError&) {  // no such field, or no such value for it
      continue;
    }
    if (!build(codepoints, with_strangers, attempt).faults.empty()) continue;
    changed = std::move(attempt);
    edits.push_back(std::move(edit));
  }
  if (edits.empty()) edits.push_back({Edit::Kind::set, "cut", "1"});
  entry.edit = edits.back();
  entry.twin.assign(edits.begin(), edits.end() - 1);
  return entry;
}

PickMalformed pick_random(const RouterDescription& description,
                          const std::set<std::string>& messages, std::uint64_t seed,
                          std::uint64_t first) {
  const std::vector<std::string> names(messages.begin(), messages.end());
  return [&description, names, seed, first](std::uint32_t mobile_node, const PacketDocument& packet,
                                            const Keyring& keys) -> std::optional<Malformed> {
    const auto number = first + mobile_node - 1;
    Draw draw(~seed, number);
    if (names.empty() || message_name(packet) != draw.one_of(names)) return std::nullopt;
    return random_malformed(description.codepoints, keys, packet, seed, number);
  };
}

}  // namespace secct::generator
