// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/document/edit.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "generator/document/yaml.hpp"
#include "network/write_number.hpp"
#include "protocol/encode/encode.hpp"

namespace secct::generator {
namespace {

using F = Field;

struct Path {
  std::string name;
  std::size_t number = 1;  // 0 = all
};

Path parse_path(const std::string& text) {
  const auto hash = text.find('#');
  Path path{text.substr(0, hash), 1};
  if (hash == std::string::npos) return path;
  const auto which = text.substr(hash + 1);
  if (which == "*") {
    path.number = 0;
  } else {
    const auto number = to_number(which);
    if (!number || *number == 0) {
      throw UsageError(fmt::format("{}: expected a number from 1, or *, after '#'", text));
    }
    path.number = *number;
  }
  return path;
}

bool is_field(F candidate, F wanted) {
  return candidate == wanted || (wanted == F::reserved && candidate == F::reserved32);
}

// Every place where `field` stands, in the order of the document: the parent and the index.
struct Spot {
  Node* parent;
  std::size_t index;
};
void find_spots(Node& node, F field, std::vector<Spot>& spots) {
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    if (is_field(node.children[i].field, field)) spots.push_back({&node, i});
    find_spots(node.children[i], field, spots);
  }
}

std::vector<Spot> spots_of(PacketDocument& packet, F field) {
  std::vector<Spot> spots;
  for (auto& layer : packet.layers) {
    for (auto& element : layer.elements) {
      if (element.message) find_spots(*element.message, field, spots);
    }
  }
  return spots;
}

Carrier carrier_of(LayerKind kind) {
  switch (kind) {
    case LayerKind::icmpv6: return Carrier::icmpv6;
    case LayerKind::mip_request: return Carrier::mip4_request;
    case LayerKind::mip_reply: return Carrier::mip4_reply;
    default: return Carrier::dstopt;
  }
}

// What a field holds after `wanted` is said of it: a shift of something written moves that.
template <class Value>
Value edited(const Value& old, const Value& wanted, std::uint64_t most) {
  const auto* shift = std::get_if<Shift>(&wanted);
  if (shift == nullptr) return wanted;
  if (const auto* number = std::get_if<std::uint64_t>(&old)) {
    return (*number + static_cast<std::uint64_t>(shift->by)) & most;
  }
  if (const auto* octets = std::get_if<Octets>(&old)) {
    auto moved = *octets;
    add_to(moved, shift->by);
    return moved;
  }
  if (const auto* before = std::get_if<Shift>(&old)) return Shift{before->by + shift->by};
  return wanted;
}

std::uint64_t most_of(FieldType type) {
  return type == FieldType::u8 ? 0xff : type == FieldType::u16 ? 0xffff : 0xffffffff;
}

// Whether the number of a type field says which fields its entry has; nothing for other fields.
std::optional<bool> is_known(const CodePoints& codepoints, F field, std::uint64_t number) {
  const auto octet = static_cast<std::uint8_t>(number);
  switch (field) {
    case F::opt_type: return codepoints.find(CodePointGroup::icmpopt, octet).has_value();
    case F::subopt_type: return codepoints.find(CodePointGroup::subopt, octet).has_value();
    case F::spt: return find_spt(static_cast<std::uint16_t>(number)).has_value();
    case F::data_type: return find_data(octet) != nullptr;
    case F::req_spt: return req_traits(octet).has_value();
    default: return std::nullopt;
  }
}

// A type that becomes an unknown number leaves the entry with the fields that it had.
void keep_layout(const CodePoints& codepoints, Node& parent, F field, std::uint64_t before,
                 std::uint64_t after) {
  const auto known = is_known(codepoints, field, after);
  if (!known) return;
  if (*known) {
    parent.layout.reset();
  } else if (is_known(codepoints, field, before).value_or(false)) {
    parent.layout = static_cast<std::uint32_t>(before);
  }
}

// Walks the groups of a message in the order of the octets and counts the places where a field
// stands or, computed so far, has its place; sets it at the wanted one (0 = at all).
class Setter {
 public:
  // Several values replace all those of one entry.
  Setter(const CodePoints& codepoints, std::vector<Node> values, std::size_t wanted)
      : codepoints_(codepoints),
        value_(values.front()),
        values_(std::move(values)),
        wanted_(wanted) {}

  void message(Node& tree, Carrier carrier) {
    if (tree.find(F::message) == nullptr) return;
    message_ = &tree;
    carrier_ = carrier;
    group(tree);
  }

  std::size_t places() const { return places_; }
  bool done() const { return done_; }

 private:
  bool here() {
    ++places_;
    const bool hit = wanted_ == 0 || places_ == wanted_;
    done_ = done_ || hit;
    return hit;
  }

  void group(Node& node) {
    if (values_.size() > 1) {
      several(node);
    } else {
      one(node);
    }
    for (auto& child : node.children) {
      if (row(child.field).type == FieldType::group) group(child);
    }
  }

  void several(Node& node) {
    if ((node.find(value_.field) == nullptr && !has_place(node)) || !here()) return;
    std::erase_if(node.children, [&](const auto& child) { return child.field == value_.field; });
    node.children.insert(node.children.end(), values_.begin(), values_.end());
  }

  void one(Node& node) {
    bool stands = false;
    for (auto& child : node.children) {
      if (!is_field(child.field, value_.field)) continue;
      stands = true;
      if (!here()) continue;
      const auto before = child.number();
      child.value = edited(child.value, value_.value, most_of(row(value_.field).type));
      if (before && child.number()) {
        keep_layout(codepoints_, node, value_.field, *before, *child.number());
      }
    }
    if (stands || !has_place(node) || !here()) return;
    // The parts of an SPT choose a layout as the whole does.
    const auto* spt = node.find(F::spt);
    if (spt != nullptr && spt->number() && row(value_.field).mask != 0) {
      const auto number = static_cast<std::uint16_t>(*spt->number());
      if (find_spt(number)) node.layout = number;
    }
    node.children.push_back(placed(node));
  }

  // Reserved has four octets in the IP Address option.
  Node placed(const Node& node) const {
    auto value = value_;
    if (value.field == F::reserved && node.find(F::opt_address) != nullptr) {
      value.field = F::reserved32;
    }
    return value;
  }

  // Whether the value fits there shows when the packet is built: #2 is the same place for each.
  bool has_place(Node& node) {
    const auto before = faults();
    node.children.push_back(placed(node));
    if (value_.number()) node.children.back().value = std::uint64_t{0};
    const auto after = faults();
    node.children.pop_back();
    return after <= before;
  }

  std::size_t faults() const {
    const auto number = message_->find(F::message)->number().value_or(0);
    return encode(codepoints_, static_cast<Message>(number), carrier_, *message_).faults.size();
  }

  const CodePoints& codepoints_;
  Node value_;
  std::vector<Node> values_;
  std::size_t wanted_;
  const Node* message_ = nullptr;
  Carrier carrier_ = Carrier::icmpv6;
  std::size_t places_ = 0;
  bool done_ = false;
};

std::vector<std::string_view> all_names(const PacketDocument& packet) {
  std::vector<std::string_view> names;
  for (const auto& field : fields()) names.emplace_back(field.name);
  for (const auto& layer : packet.layers) {
    for (const auto& header : header_rows()) {
      if (header.layer == layer.kind) names.emplace_back(header.name);
    }
  }
  return names;
}

[[noreturn]] void no_such_field(const PacketDocument& packet, const std::string& name) {
  throw NoSuchField(
      fmt::format("{}: no such field in this packet{}", name, suggestion(name, all_names(packet))));
}

// Calls `each` for the header fields that `path` names; false when the packet has no header with
// such a field.
template <class Each>
bool each_header(PacketDocument& packet, const Path& path, const std::string& text, Each each) {
  std::size_t seen = 0;
  for (auto& layer : packet.layers) {
    const auto field = find_header(layer.kind, path.name);
    if (field && (++seen == path.number || path.number == 0)) each(layer, *field);
  }
  if (seen > 0 && path.number > seen) {
    throw NoSuchField(fmt::format("{}: the packet has {} of them", text, seen));
  }
  return seen > 0;
}

}  // namespace

std::pair<std::string, std::string> split_assignment(const std::string& text) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw UsageError(fmt::format("'{}': expected PATH=VALUE", text));
  }
  return {text.substr(0, equals), text.substr(equals + 1)};
}

void set_field(const CodePoints& codepoints, PacketDocument& packet, const std::string& path,
               const std::string& value) {
  const auto parsed = parse_path(path);
  if (each_header(packet, parsed, path, [&](Layer& layer, HeaderField field) {
        auto read = read_header(field, value, {parsed.name, ""}, YAML::Node());
        const auto* old = layer.find(field);
        const auto bits = row(field).bits;
        const auto most = bits < 64 ? (std::uint64_t{1} << bits) - 1 : UINT64_MAX;
        layer.set(field, old != nullptr ? edited(old->value, read, most) : read);
      })) {
    return;
  }
  const auto field = find_field(parsed.name);
  if (!field) no_such_field(packet, parsed.name);
  if (row(*field).type == FieldType::group) {
    throw UsageError(fmt::format("{}: is a list, expected one of its fields", parsed.name));
  }
  if (*field == F::message) {
    throw UsageError("secct.message: choose another message instead");
  }
  std::vector<Node> nodes;
  const bool is_text = row(*field).type == FieldType::text;
  for (const auto& part : is_text ? std::vector<std::string>{value} : split_list(value)) {
    // Reserved is told from the wider reserved by its place.
    const auto widest = *field == F::reserved ? F::reserved32 : *field;
    nodes.push_back(read_field(codepoints, widest, part, {parsed.name, ""}, YAML::Node()));
    nodes.back().field = *field;
  }
  Setter setter(codepoints, std::move(nodes), parsed.number);
  for (auto& layer : packet.layers) {
    for (auto& element : layer.elements) {
      if (element.message) setter.message(*element.message, carrier_of(layer.kind));
    }
  }
  if (setter.done()) return;
  throw NoSuchField(setter.places() == 0
                        ? fmt::format("{}: this packet has no place for it", parsed.name)
                        : fmt::format("{}: the packet has {} of them", path, setter.places()));
}

void remove_field(PacketDocument& packet, const std::string& path) {
  const auto parsed = parse_path(path);
  std::size_t removed = 0;
  const bool is_header = each_header(packet, parsed, path, [&](Layer& layer, HeaderField field) {
    removed += std::erase_if(layer.fields, [&](const auto& value) { return value.field == field; });
  });
  if (!is_header) {
    const auto field = find_field(parsed.name);
    if (!field) no_such_field(packet, parsed.name);
    const auto spots = spots_of(packet, *field);
    for (auto number = spots.size(); number > 0; --number) {
      if (parsed.number != 0 && parsed.number != number) continue;
      auto& children = spots[number - 1].parent->children;
      children.erase(children.begin() + static_cast<std::ptrdiff_t>(spots[number - 1].index));
      ++removed;
    }
  }
  if (removed == 0) throw NoSuchField(fmt::format("{}: the packet does not write it", path));
}

namespace {

// The list entry that `text` names.
Spot entry_spot(PacketDocument& packet, const std::string& text) {
  const auto path = parse_path(text);
  const auto field = find_field(path.name);
  if (!field || row(*field).type != FieldType::group) {
    throw UsageError(
        fmt::format("{}: expected a list: options, sub_options, contexts, additional, "
                    "static_profile",
                    path.name));
  }
  const auto spots = spots_of(packet, *field);
  if (path.number == 0 || path.number > spots.size()) {
    throw NoSuchField(fmt::format("{}: the packet has {} of them", text, spots.size()));
  }
  return spots[path.number - 1];
}

Node& node_at(PacketDocument& packet, const std::string& text) {
  if (text != row(F::message).name) {
    const auto spot = entry_spot(packet, text);
    return spot.parent->children[spot.index];
  }
  auto* message = packet.message();
  if (message == nullptr) throw NoSuchField(fmt::format("{}: the packet has none", text));
  return *message;
}

YAML::Node parse_entry(const std::string& entry, const std::string& path) {
  auto yaml = parse_yaml(entry, path);
  if (!yaml.IsMap()) throw UsageError(fmt::format("{}: expected an entry {{name: value}}", path));
  return yaml;
}

}  // namespace

void repeat_entry(PacketDocument& packet, const std::string& path) {
  const auto spot = entry_spot(packet, path);
  auto& children = spot.parent->children;
  const auto copy = children[spot.index];
  children.insert(children.begin() + static_cast<std::ptrdiff_t>(spot.index) + 1, copy);
}

void append_octets(PacketDocument& packet, const std::string& path, View octets) {
  node_at(packet, path).children.emplace_back(Field::raw, Octets(octets.begin(), octets.end()));
}

void swap_entries(PacketDocument& packet, const std::string& first, const std::string& second) {
  const auto a = entry_spot(packet, first);
  const auto b = entry_spot(packet, second);
  if (a.parent != b.parent) {
    throw UsageError(fmt::format("{}, {}: not entries of one list", first, second));
  }
  std::swap(a.parent->children[a.index], a.parent->children[b.index]);
}

void add_fields(const CodePoints& codepoints, PacketDocument& packet, const std::string& path,
                const std::string& fields) {
  read_fields(codepoints, parse_entry(fields, path), {path, ""}, node_at(packet, path));
}

void insert_entry(const CodePoints& codepoints, PacketDocument& packet, const std::string& path,
                  const std::string& entry) {
  const auto spot = entry_spot(packet, path);
  auto& children = spot.parent->children;
  Node node(children[spot.index].field);
  read_fields(codepoints, parse_entry(entry, path), {path, ""}, node);
  children.insert(children.begin() + static_cast<std::ptrdiff_t>(spot.index), std::move(node));
}

void drop_layer(PacketDocument& packet, const std::string& name) {
  const auto kind = find_layer(name);
  const auto dropped =
      kind ? std::erase_if(packet.layers, [&](const auto& layer) { return layer.kind == *kind; })
           : 0;
  if (dropped == 0) throw NoSuchField(fmt::format("{}: the packet has no such layer", name));
}

void insert_layer(const CodePoints& codepoints, PacketDocument& packet, const std::string& name,
                  const std::string& layer) {
  const auto kind = find_layer(name);
  const auto found =
      kind ? std::ranges::find(packet.layers, *kind, &Layer::kind) : packet.layers.end();
  if (found == packet.layers.end()) {
    throw NoSuchField(fmt::format("{}: the packet has no such layer", name));
  }
  packet.layers.insert(found, read_layer(codepoints, parse_entry(layer, name), {name, ""}));
}

std::vector<std::string> split_list(const std::string& text) {
  if (text.size() < 2 || text.front() != '[' || text.back() != ']') return {text};
  std::vector<std::string> parts;
  std::size_t from = 1;
  while (from < text.size()) {
    auto to = text.find(',', from);
    if (to == std::string::npos) to = text.size() - 1;
    auto part = text.substr(from, to - from);
    part.erase(0, part.find_first_not_of(' '));
    part.erase(part.find_last_not_of(' ') + 1);
    parts.push_back(std::move(part));
    from = to + 1;
  }
  return parts;
}

}  // namespace secct::generator
