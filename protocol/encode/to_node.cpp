// SPDX-License-Identifier: GPL-2.0-or-later
// Converts a decoded message to a tree. For each group it tries a tree without the fields that the
// encoder computes, then with these fields, then raw octets, and uses the first one that encodes to
// the same octets.
#include <algorithm>

#include "protocol/encode/encode.hpp"

namespace secct {
namespace {

using F = Field;

bool has_number(F field) { return row(field).type <= FieldType::boolean; }

class Builder {
 public:
  Builder(const CodePoints& codepoints, const DecodedMessage& decoded)
      : codepoints_(codepoints), decoded_(decoded) {}

  Node message() {
    const auto build = [&](bool lean) {
      Node tree(F::message);
      fields(tree, 0, decoded_.fields.size(), lean);
      return tree;
    };
    for (bool lean : {true, false}) {
      auto tree = build(lean);
      const auto encoded = encode(codepoints_, decoded_.message, tree);
      if (encoded.faults.empty() && same_message(encoded.octets)) return tree;
    }
    Node tree(F::message);
    tree.children.emplace_back(F::message, std::uint64_t{message_info(decoded_.message).number});
    tree.children.emplace_back(F::raw, Octets(decoded_.octets.begin(), decoded_.octets.end()));
    return tree;
  }

 private:
  // Compares all octets except those of the carrier (checksum, option data length).
  bool same_message(const Octets& octets) const {
    if (octets.size() != decoded_.octets.size()) return false;
    std::size_t begin = 0;
    std::size_t end = 0;
    for (const auto& step : message_info(decoded_.message).steps) {
      if (step.extent == Extent::of_carrier) {
        end = begin + step.octets;
        break;
      }
      begin += step.octets;
    }
    if (end == 0) return std::ranges::equal(octets, decoded_.octets);
    return std::ranges::equal(View(octets).first(begin), decoded_.octets.first(begin)) &&
           std::ranges::equal(View(octets).subspan(end), decoded_.octets.subspan(end));
  }

  // Adds the fields [from, to) to `node` as children, without parts of numbers and without
  // generated fields. `lean`: also without the fields that the encoder computes.
  void fields(Node& node, std::size_t from, std::size_t to, bool lean) {
    for (auto i = from; i < to;) {
      const auto& field = decoded_.fields[i];
      if (row(field.field).type == FieldType::group) {
        node.children.push_back(group(i));
        i = field.end;
      } else if (field.generated) {
        ++i;
      } else if (field.field == F::req_flags || field.field == F::data_value) {
        divided_field(node, i, lean);
        i = field.end;
      } else {
        if (!lean || !computed(field)) node.children.push_back(leaf(field));
        i = field.end;
      }
    }
  }

  // Adds a field whose parts are fields too: the parts if they are sufficient, otherwise its
  // octets.
  void divided_field(Node& node, std::size_t index, bool lean) {
    const auto& field = decoded_.fields[index];
    const bool has_parts = field.end > index + 1;
    if (field.field == F::req_flags) {
      for (auto i = index + 1; i < field.end; ++i)
        node.children.push_back(leaf(decoded_.fields[i]));
      if (!lean) node.children.push_back(leaf(field));
    } else if (has_parts && lean) {
      for (auto i = index + 1; i < field.end; ++i)
        node.children.push_back(leaf(decoded_.fields[i]));
    } else {
      node.children.push_back(leaf(field));
    }
  }

  Node leaf(const DecodedField& field) const {
    if (has_number(field.field)) return {field.field, field.number};
    const auto octets = decoded_.octets_of(field);
    return {field.field, Octets(octets.begin(), octets.end())};
  }

  // True if the encoder computes this field; encoding the group shows whether to the same number.
  static bool computed(const DecodedField& field) {
    switch (field.field) {
      case F::opt_length:
      case F::subopt_length:
      case F::sa_length:
      case F::data_length:
      case F::preference_length:
      case F::mip4_length:
      case F::sa_key_length:
      case F::sa_block_size:
      case F::sa_key_rounds:
      case F::ack_changed_v4:
      case F::req_ports: return true;
      case F::sa_window_size:
      case F::ack_window_size: return field.number % 8 == 0;
      case F::opt_prefix_length: return field.number == 128;
      case F::code:
      case F::reserved:
      case F::reserved32:
      case F::flag_s:
      case F::flag_u:
      case F::all_received: return field.number == 0;
      default: return false;
    }
  }

  Node group(std::size_t index) {
    const auto& field = decoded_.fields[index];
    const auto original = decoded_.octets_of(field);
    const auto outer_spt = spt_;
    if (field.field == F::contexts && index + 1 < field.end) {
      spt_ =
          find_spt(static_cast<std::uint16_t>(decoded_.fields[index + 1].number)).value_or(Spt{});
    }
    Node best(field.field);
    bool found = false;
    for (bool lean : {true, false}) {
      Node tree(field.field);
      fields(tree, index + 1, field.end, lean);
      if (lean && field.field == F::options) drop_padding(tree);
      const auto encoded = encode_group(codepoints_, decoded_.message, tree, spt_);
      if (encoded.faults.empty() && std::ranges::equal(encoded.octets, original)) {
        best = std::move(tree);
        found = true;
        break;
      }
    }
    if (!found) best.children.emplace_back(F::raw, Octets(original.begin(), original.end()));
    spt_ = outer_spt;
    return best;
  }

  // The encoder computes the Pad1 at the end of an option.
  static void drop_padding(Node& option) {
    const auto is_pad1 = [](const Node& n) {
      return n.field == F::sub_options && n.children.size() == 1 &&
             n.children[0].field == F::subopt_type && n.children[0].number() == 0U;
    };
    while (!option.children.empty() && is_pad1(option.children.back())) option.children.pop_back();
  }

  const CodePoints& codepoints_;
  const DecodedMessage& decoded_;
  Spt spt_;
};

}  // namespace

Node to_node(const CodePoints& codepoints, const DecodedMessage& decoded) {
  return Builder(codepoints, decoded).message();
}

}  // namespace secct
