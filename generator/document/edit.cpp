// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/document/edit.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "generator/document/value_names.hpp"
#include "generator/document/yaml.hpp"
#include "network/write_number.hpp"
#include "protocol/encode/encode.hpp"

namespace secct::generator {
namespace {

using F = Field;

// NAME, NAME#2 or NAME#*.
struct Path {
  std::string name;
  std::size_t number = 1;  // 0: all
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

// The position of a node in the tree of a message.
struct NodePosition {
  Node* parent;
  std::size_t index;
};

// All nodes of `field`, in the order of the document.
void find_nodes(Node& node, F field, std::vector<NodePosition>& positions) {
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    if (is_field(node.children[i].field, field)) positions.push_back({&node, i});
    find_nodes(node.children[i], field, positions);
  }
}

std::vector<NodePosition> find_nodes(PacketDocument& packet, F field) {
  std::vector<NodePosition> positions;
  for (auto& layer : packet.layers) {
    for (auto& element : layer.elements) {
      if (element.message) find_nodes(*element.message, field, positions);
    }
  }
  return positions;
}

// The value of a field that is `old` after it is set to `wanted`: a shift is added to a number or
// to another shift, everything else replaces the old value. `most` is the largest number.
template <class Value>
Value edited(const Value& old, const Value& wanted, std::uint64_t most) {
  const auto* shift = std::get_if<Shift>(&wanted);
  if (shift == nullptr) return wanted;
  if (const auto* number = std::get_if<std::uint64_t>(&old)) {
    return (*number + static_cast<std::uint64_t>(shift->by)) & most;
  }
  if (const auto* octets = std::get_if<Octets>(&old)) {
    auto shifted = *octets;
    add_to(shifted, shift->by);
    return shifted;
  }
  if (const auto* before = std::get_if<Shift>(&old)) return Shift{before->by + shift->by};
  return wanted;
}

// Whether a field that determines the fields of its entry has a known number; std::nullopt for
// other fields.
std::optional<bool> is_known_type(const CodePoints& codepoints, F field, std::uint64_t number) {
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

// After a type changes to an unknown number, the entry keeps its fields.
void keep_layout(const CodePoints& codepoints, Node& parent, F field, std::uint64_t before,
                 std::uint64_t after) {
  const auto is_known = is_known_type(codepoints, field, after);
  if (!is_known) return;
  if (*is_known) {
    parent.layout.reset();
  } else if (is_known_type(codepoints, field, before).value_or(false)) {
    parent.layout = static_cast<std::uint32_t>(before);
  }
}

// Sets a field in the message at the `wanted`-th position (0: at all positions). Visits the groups
// in the order of the octets; a position is a node of the field, or a group that can contain the
// field and does not write it.
class FieldSetter {
 public:
  // Several values replace all values of the field in a group.
  FieldSetter(const CodePoints& codepoints, std::vector<Node> values, std::size_t wanted)
      : codepoints_(codepoints),
        value_(values.front()),
        values_(std::move(values)),
        wanted_(wanted) {}

  void visit_message(Node& tree, Carrier carrier) {
    if (tree.find(F::message) == nullptr) return;
    message_ = &tree;
    carrier_ = carrier;
    visit_group(tree);
  }

  std::size_t positions() const { return positions_; }  // visited so far
  bool done() const { return done_; }                   // the field has been set

 private:
  // Counts a position; returns whether the field is set there.
  bool is_wanted() {
    ++positions_;
    const bool hit = wanted_ == 0 || positions_ == wanted_;
    done_ = done_ || hit;
    return hit;
  }

  void visit_group(Node& node) {
    if (values_.size() > 1) {
      set_list(node);
    } else {
      set_value(node);
    }
    for (auto& child : node.children) {
      if (row(child.field).type == FieldType::group) visit_group(child);
    }
  }

  void set_list(Node& node) {
    if ((node.find(value_.field) == nullptr && !can_contain(node)) || !is_wanted()) return;
    std::erase_if(node.children, [&](const auto& child) { return child.field == value_.field; });
    node.children.insert(node.children.end(), values_.begin(), values_.end());
  }

  void set_value(Node& node) {
    bool found = false;
    for (auto& child : node.children) {
      if (!is_field(child.field, value_.field)) continue;
      found = true;
      if (!is_wanted()) continue;
      const auto before = child.number();
      child.value = edited(child.value, value_.value, largest_number(row(value_.field).type));
      if (before && child.number()) {
        keep_layout(codepoints_, node, value_.field, *before, *child.number());
      }
    }
    if (found || !can_contain(node) || !is_wanted()) return;
    // Setting a part of an SPT must not change the fields of the context either.
    const auto* spt = node.find(F::spt);
    if (spt != nullptr && spt->number() && row(value_.field).mask != 0) {
      const auto number = static_cast<std::uint16_t>(*spt->number());
      if (find_spt(number)) node.layout = number;
    }
    node.children.push_back(child_of(node));
  }

  // The new node. Reserved has four octets in the IP Address option.
  Node child_of(const Node& node) const {
    auto value = value_;
    if (value.field == F::reserved && node.find(F::opt_address) != nullptr) {
      value.field = F::reserved32;
    }
    return value;
  }

  // Tested with the value 0, so that positions do not depend on the value. A value that does not
  // fit is an error of the builder.
  bool can_contain(Node& node) {
    const auto before = count_faults();
    node.children.push_back(child_of(node));
    if (value_.number()) node.children.back().value = std::uint64_t{0};
    const auto after = count_faults();
    node.children.pop_back();
    return after <= before;
  }

  std::size_t count_faults() const {
    const auto number = message_->find(F::message)->number().value_or(0);
    auto message = message_of_number(number, carrier_);
    if (!message) message = message_of_number(number);
    return message ? encode(codepoints_, *message, *message_).faults.size() : 0;
  }

  const CodePoints& codepoints_;
  Node value_;
  std::vector<Node> values_;
  std::size_t wanted_;
  const Node* message_ = nullptr;
  Carrier carrier_ = Carrier::icmpv6;
  std::size_t positions_ = 0;
  bool done_ = false;
};

// The names of all SecCT fields and of the header fields of the packet.
std::vector<std::string_view> field_names(const PacketDocument& packet) {
  std::vector<std::string_view> names;
  for (const auto& field : fields()) names.emplace_back(field.name);
  for (const auto& layer : packet.layers) {
    for (const auto& header : header_rows()) {
      if (header.layer == layer.kind) names.emplace_back(header.name);
    }
  }
  return names;
}

// `path` has a number larger than `count`, which is at least 1.
[[noreturn]] void too_few(const std::string& path, std::size_t count, std::string_view singular,
                          std::string_view plural) {
  throw NoSuchField(fmt::format("{}: the packet has only {} such {}", path, count,
                                count == 1 ? singular : plural));
}

[[noreturn]] void no_such_field(const PacketDocument& packet, const std::string& name) {
  throw NoSuchField(fmt::format("{}: no such field in this packet{}", name,
                                suggestion(name, field_names(packet))));
}

// Calls `each` for the header fields that `path` selects. Returns false if the packet does not have
// a layer with such a field. `text` is the path for messages.
template <class Each>
bool each_header(PacketDocument& packet, const Path& path, const std::string& text, Each each) {
  std::size_t count = 0;
  for (auto& layer : packet.layers) {
    const auto field = find_header(layer.kind, path.name);
    if (field && (++count == path.number || path.number == 0)) each(layer, *field);
  }
  if (count > 0 && path.number > count) too_few(text, count, "field", "fields");
  return count > 0;
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
    throw UsageError(
        fmt::format("{}: a list cannot be set; set a field of its entries", parsed.name));
  }
  if (*field == F::message) {
    throw UsageError("secct.message: the message cannot be changed; choose another message");
  }
  std::vector<Node> nodes;
  const bool is_text = row(*field).type == FieldType::text;
  for (const auto& part : is_text ? std::vector<std::string>{value} : split_list(value)) {
    // Whether secct.reserved has one, two or four octets depends on its position.
    const auto widest = *field == F::reserved ? F::reserved32 : *field;
    nodes.push_back(read_field(codepoints, widest, part, {parsed.name, ""}, YAML::Node()));
    nodes.back().field = *field;
  }
  FieldSetter setter(codepoints, std::move(nodes), parsed.number);
  for (auto& layer : packet.layers) {
    for (auto& element : layer.elements) {
      const auto carrier = carrier_of(layer.kind);
      if (element.message && carrier) setter.visit_message(*element.message, *carrier);
    }
  }
  if (setter.done()) return;
  if (setter.positions() > 0) too_few(path, setter.positions(), "field", "fields");
  throw NoSuchField(fmt::format("{}: this packet cannot contain the field", parsed.name));
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
    const auto nodes = find_nodes(packet, *field);
    for (auto number = nodes.size(); number > 0; --number) {
      if (parsed.number != 0 && parsed.number != number) continue;
      auto& children = nodes[number - 1].parent->children;
      children.erase(children.begin() + static_cast<std::ptrdiff_t>(nodes[number - 1].index));
      ++removed;
    }
  }
  if (removed == 0) {
    throw NoSuchField(fmt::format("{}: the packet document does not contain the field", path));
  }
}

namespace {

// The list entry that the path `text` selects.
NodePosition find_entry(PacketDocument& packet, const std::string& text) {
  const auto path = parse_path(text);
  const auto field = find_field(path.name);
  if (!field || row(*field).type != FieldType::group) {
    throw UsageError(
        fmt::format("{}: expected a list: options, sub_options, contexts, additional or "
                    "static_profile",
                    path.name));
  }
  const auto entries = find_nodes(packet, *field);
  if (path.number == 0) {
    throw UsageError(fmt::format("{}: expected a single entry, with a number after '#'", text));
  }
  if (entries.empty()) throw NoSuchField(fmt::format("{}: the packet has no such entry", text));
  if (path.number > entries.size()) too_few(text, entries.size(), "entry", "entries");
  return entries[path.number - 1];
}

// A list entry, or the message for the path secct.message.
Node& node_at(PacketDocument& packet, const std::string& text) {
  if (text != row(F::message).name) {
    const auto entry = find_entry(packet, text);
    return entry.parent->children[entry.index];
  }
  auto* message = packet.message();
  if (message == nullptr)
    throw NoSuchField(fmt::format("{}: the packet does not contain a message", text));
  return *message;
}

[[noreturn]] void no_such_layer(const std::string& name) {
  throw NoSuchField(fmt::format("{}: the packet has no such layer", name));
}

YAML::Node parse_entry(const std::string& entry, const std::string& path) {
  auto yaml = parse_yaml(entry, path);
  if (!yaml.IsMap()) throw UsageError(fmt::format("{}: expected a mapping {{name: value}}", path));
  return yaml;
}

}  // namespace

void repeat_entry(PacketDocument& packet, const std::string& path) {
  const auto entry = find_entry(packet, path);
  auto& children = entry.parent->children;
  const auto copy = children[entry.index];
  children.insert(children.begin() + static_cast<std::ptrdiff_t>(entry.index) + 1, copy);
}

void append_octets(PacketDocument& packet, const std::string& path, View octets) {
  node_at(packet, path).children.emplace_back(Field::raw, Octets(octets.begin(), octets.end()));
}

void swap_entries(PacketDocument& packet, const std::string& first, const std::string& second) {
  const auto a = find_entry(packet, first);
  const auto b = find_entry(packet, second);
  if (a.parent != b.parent) {
    throw UsageError(fmt::format("{}, {}: expected two entries of the same list", first, second));
  }
  std::swap(a.parent->children[a.index], a.parent->children[b.index]);
}

void add_fields(const CodePoints& codepoints, PacketDocument& packet, const std::string& path,
                const std::string& fields) {
  read_fields(codepoints, parse_entry(fields, path), {path, ""}, node_at(packet, path));
}

void insert_entry(const CodePoints& codepoints, PacketDocument& packet, const std::string& path,
                  const std::string& entry) {
  const auto position = find_entry(packet, path);
  auto& children = position.parent->children;
  Node node(children[position.index].field);
  read_fields(codepoints, parse_entry(entry, path), {path, ""}, node);
  children.insert(children.begin() + static_cast<std::ptrdiff_t>(position.index), std::move(node));
}

void drop_layer(PacketDocument& packet, const std::string& name) {
  const auto kind = find_layer(name);
  const auto dropped =
      kind ? std::erase_if(packet.layers, [&](const auto& layer) { return layer.kind == *kind; })
           : 0;
  if (dropped == 0) no_such_layer(name);
}

void insert_layer(const CodePoints& codepoints, PacketDocument& packet, const std::string& name,
                  const std::string& layer) {
  const auto kind = find_layer(name);
  const auto found =
      kind ? std::ranges::find(packet.layers, *kind, &Layer::kind) : packet.layers.end();
  if (found == packet.layers.end()) {
    no_such_layer(name);
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
