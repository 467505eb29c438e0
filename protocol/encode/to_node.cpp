// SPDX-License-Identifier: GPL-2.0-or-later
// A tape back to a tree. Each group is tried without what the encoder computes, then with all of
// it written out, then as raw octets: the first that gives the same octets is taken. So the tree
// always encodes to what was decoded, and says no more than it must.
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
      const auto encoded = encode(codepoints_, decoded_.message, decoded_.carrier, tree);
      if (encoded.faults.empty() && same_message(encoded.octets)) return tree;
    }
    Node tree(F::message);
    tree.children.emplace_back(F::message, static_cast<std::uint64_t>(decoded_.message));
    tree.children.emplace_back(F::raw, Octets(decoded_.octets.begin(), decoded_.octets.end()));
    return tree;
  }

 private:
  // The octets that belong to the carrier (checksum, option length) do not count.
  bool same_message(const Octets& octets) const {
    const std::size_t own = decoded_.carrier == Carrier::icmpv6 ? 2 : 1;
    const std::size_t foreign = decoded_.carrier == Carrier::icmpv6   ? 2
                                : decoded_.carrier == Carrier::dstopt ? 1
                                                                      : 0;
    if (octets.size() != decoded_.octets.size()) return false;
    const auto tail = own + foreign;
    return std::equal(octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(own),
                      decoded_.octets.begin()) &&
           std::ranges::equal(View(octets).subspan(tail), decoded_.octets.subspan(tail));
  }

  // Items [from, to) as children of `node`: groups as nodes of their own, parts of a number and
  // what the envelope says left out.
  void fields(Node& node, std::size_t from, std::size_t to, bool lean) {
    for (auto i = from; i < to;) {
      const auto& item = decoded_.fields[i];
      const auto& field = row(item.field);
      if (field.type == FieldType::group) {
        node.children.push_back(group(i));
        i = item.end;
      } else if (item.generated) {
        ++i;
      } else if (item.field == F::req_flags || item.field == F::data_value) {
        holder(node, i, lean);
        i = item.end;
      } else {
        if (!lean || !computed(item)) node.children.push_back(leaf(item));
        i = item.end;
      }
    }
  }

  // Octets whose parts are fields: the parts where they say it all, else the octets.
  void holder(Node& node, std::size_t index, bool lean) {
    const auto& item = decoded_.fields[index];
    const bool has_parts = item.end > index + 1;
    if (item.field == F::req_flags) {
      for (auto i = index + 1; i < item.end; ++i) node.children.push_back(leaf(decoded_.fields[i]));
      if (!lean) node.children.push_back(leaf(item));
    } else if (has_parts && lean) {
      for (auto i = index + 1; i < item.end; ++i) node.children.push_back(leaf(decoded_.fields[i]));
    } else {
      node.children.push_back(leaf(item));
    }
  }

  Node leaf(const DecodedField& item) const {
    if (has_number(item.field)) return {item.field, item.number};
    const auto octets = decoded_.octets_of(item);
    return {item.field, Octets(octets.begin(), octets.end())};
  }

  // What the encoder writes by itself when the document is silent; whether it would write this
  // very number shows when the group is encoded.
  static bool computed(const DecodedField& item) {
    switch (item.field) {
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
      case F::ack_window_size: return item.number % 8 == 0;
      case F::opt_prefix_length: return item.number == 128;
      case F::code:
      case F::reserved:
      case F::reserved32:
      case F::flag_s:
      case F::flag_u:
      case F::all_received: return item.number == 0;
      default: return false;
    }
  }

  Node group(std::size_t index) {
    const auto& item = decoded_.fields[index];
    const auto original = decoded_.octets_of(item);
    const auto outer_spt = spt_;
    if (item.field == F::contexts && index + 1 < item.end) {
      spt_ =
          find_spt(static_cast<std::uint16_t>(decoded_.fields[index + 1].number)).value_or(Spt{});
    }
    Node best(item.field);
    bool found = false;
    for (bool lean : {true, false}) {
      Node tree(item.field);
      fields(tree, index + 1, item.end, lean);
      if (lean && item.field == F::options) drop_padding(tree);
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

  // Pad1 at the end of an option is computed.
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
