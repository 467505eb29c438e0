// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/malformed/random.hpp"

#include <map>
#include <random>

#include <fmt/format.h>

#include "generator/packet/build.hpp"
#include "generator/packet/inspect.hpp"

namespace secct::generator {
namespace {

constexpr int most_edits = 3;
constexpr int most_tries = 100;

// Random values that are the same on any machine, unlike those of the standard distributions.
class RandomValues {
 public:
  RandomValues(std::uint64_t seed, std::uint64_t number)
      : random_(seed * 0x9e3779b97f4a7c15U + number) {}

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

// The paths of a packet that edits can change.
struct Paths {
  std::vector<std::string> fields;   // "secct.opt.length#2"
  std::vector<std::string> entries;  // "options#1"
};

void collect(const Node& node, std::map<std::string, int>& count, Paths& paths) {
  for (const auto& child : node.children) {
    const auto& field = row(child.field);
    if (child.field == Field::message) continue;
    auto path = fmt::format("{}#{}", field.name, ++count[field.name]);
    (field.type == FieldType::group ? paths.entries : paths.fields).push_back(std::move(path));
    collect(child, count, paths);
  }
}

Paths paths_of(const PacketDocument& packet) {
  Paths paths;
  std::map<std::string, int> count;
  for (const auto& layer : packet.layers) {
    for (const auto& header : header_rows()) {
      if (header.layer != layer.kind || layer.kind == LayerKind::eth) continue;
      paths.fields.push_back(fmt::format("{}#{}", header.name, ++count[header.name]));
    }
    for (const auto& element : layer.elements) {
      if (element.message) collect(*element.message, count, paths);
    }
  }
  // Computed fields, which the document does not contain: receivers rely on them most.
  for (const auto* name : {"secct.opt.length", "secct.subopt.length", "secct.sa.length",
                           "secct.sa.data.length", "secct.req.ports"}) {
    for (int i = 1; i <= 4; ++i) paths.fields.push_back(fmt::format("{}#{}", name, i));
  }
  return paths;
}

std::string value_for(const std::string& path, RandomValues& random) {
  static constexpr std::string_view numbers[] = {
      "0",  "1",  "2",  "7",    "127", "128",   "255",        "+1",
      "-1", "+8", "-8", "+128", "256", "65535", "4294967295", "0x80000000"};
  static constexpr std::string_view addresses[] = {
      "::", "::1", "ff02::1", "fe80::1", "2001:db8:dead::1", "::ffff:192.0.2.1"};
  const auto field = find_field(path.substr(0, path.find('#')));
  if (field) {
    switch (row(*field).type) {
      case FieldType::ipv6: return std::string(random.one_of(addresses));
      case FieldType::bytes: return random.octets(40);
      case FieldType::boolean: return random.below(2) == 0 ? "false" : "true";
      case FieldType::text: return std::string(random.below(64), 'x');
      default: break;
    }
  } else if (path.find(".src") != std::string::npos || path.find(".dst") != std::string::npos) {
    return std::string(random.one_of(addresses));
  }
  return std::string(random.one_of(numbers));
}

Edit random_edit(const Paths& paths, RandomValues& random) {
  using Kind = Edit::Kind;
  const auto kind = paths.entries.empty() ? 0 : random.below(10);
  switch (kind) {
    case 6: return {Kind::remove, random.one_of(paths.entries), ""};
    case 7: return {Kind::repeat, random.one_of(paths.entries), ""};
    case 8: return {Kind::append, random.one_of(paths.entries), random.octets(16)};
    case 9:
      return {Kind::insert, random.one_of(paths.entries),
              fmt::format("{{raw: {}}}", random.octets(24))};
    default: {
      auto path = random.one_of(paths.fields);
      auto value = value_for(path, random);
      return {Kind::set, std::move(path), std::move(value)};
    }
  }
}

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
  RandomValues random(seed, number);
  const auto wanted = 1 + random.below(most_edits);
  auto changed = packet;
  std::vector<Edit> edits;
  for (int i = 0; i < most_tries && edits.size() < wanted; ++i) {
    auto attempt = changed;
    auto edit = random_edit(paths_of(changed), random);
    auto own_keys = keys;  // malform() adds keys
    try {
      Malformed one;
      one.edit = edit;
      attempt = malform(one, codepoints, {}, changed, own_keys).front();
    } catch (const UsageError&) {  // the packet has no such field, or the field no such value
      continue;
    }
    if (!build(codepoints, own_keys, attempt).faults.empty()) continue;
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
    RandomValues random(~seed, number);
    if (names.empty() || message_name(packet) != random.one_of(names)) return std::nullopt;
    return random_malformed(description.codepoints, keys, packet, seed, number);
  };
}

}  // namespace secct::generator
