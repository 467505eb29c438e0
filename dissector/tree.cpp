// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/tree.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <string>
#include <vector>

#include "dissector/epan/registry.hpp"
#include "dissector/keys/keys.hpp"
#include "dissector/keys/preferences.hpp"
#include "protocol/explain/explain.hpp"

namespace secct::dissector {
namespace {

using F = Field;

// The tree items of the tape's items, for the expert infos; used again for each message.
std::vector<proto_item*> nodes;

// --- labels: epan copies them, so one text serves them all
std::string label_text;

template <class... Parts>
const char* label(const Parts&... parts) {
  label_text.clear();
  (label_text.append(parts), ...);
  return label_text.c_str();
}

// ".10. .... .... .... = Protocol: ESP (1)": a number that is a part of wider octets.
const char* bit_label(const FieldRow& row, const DecodedField& item, const std::string& value) {
  const auto number = item.number << std::countr_zero(row.mask);
  std::array<char, 40> bits;  // 32 and the blanks between them
  auto* at = bits.data();
  for (unsigned i = std::min(item.length, 4U) * 8; i-- > 0;) {
    const bool ours = (row.mask >> i & 1U) != 0;
    *at++ = !ours ? '.' : (number >> i & 1U) != 0 ? '1' : '0';
    if (i % 4 == 0 && i != 0) *at++ = ' ';
  }
  return label(std::string_view(bits.data(), at), " = ", row.label, ": ", value);
}

// The label of a field whose text Wireshark cannot find out by itself, else nullptr.
const char* field_label(const DecodedField& item, const DecodedMessage& decoded) {
  const auto& field = row(item.field);
  switch (item.field) {
    case F::message:
    case F::code:
    case F::reserved:
    case F::opt_subtype:
    case F::opt_length:
    case F::req_form:
    case F::spt:
    case F::spt_protocol:
    case F::spt_mode:
    case F::spt_algorithm:
    case F::sa_lifetime:
    case F::sa_window:
    case F::ack_window:
    case F::preference_value: break;
    case F::sa_key:
    case F::sa_iv:
    case F::data_auth_key:
      if (show_keys()) return nullptr;
      return label(field.label, ": hidden");
    default: return nullptr;
  }
  const auto value = value_text(codepoints(), item, decoded);
  if (field.mask != 0 && !item.generated) return bit_label(field, item, value);
  return label(field.label, ": ", value);
}

// "Context 2: ESP-TRANSPORT-AES-CBC-V6, SPI 0x10000040"; sub-options go by their own name.
const char* group_label(const DecodedField& item, unsigned number, const DecodedMessage& decoded) {
  const auto text = value_text(codepoints(), item, decoded);
  if (item.field == F::sub_options) return label(text);
  const auto* name = row(item.field).label;
  if (item.field == F::contexts) return label(name, " ", std::to_string(number), ": ", text);
  return label(name, ": ", text);
}

const char* problem_label(const Problem& problem, const packet_info* pinfo) {
  return pooled(pinfo, problem_detail(problem));
}

class Painter {
 public:
  Painter(const DecodedMessage& decoded, tvbuff_t* tvb) : decoded_(decoded), tvb_(tvb) {}

  // The items [from, to) below `tree`.
  void items(proto_tree* tree, std::uint32_t from, std::uint32_t to) {
    for (auto i = from; i < to; i = decoded_.fields[i].end) {
      const auto& item = decoded_.fields[i];
      proto_item* node = nullptr;
      proto_tree* below = nullptr;
      if (row(item.field).type == FieldType::group) {
        below = group(tree, item, &node);
      } else {
        node = field(tree, item);
        if (item.end > i + 1) below = proto_item_add_subtree(node, registry().ett(item.field));
      }
      nodes[i] = node;
      items(below, i + 1, item.end);
    }
  }

 private:
  bool is_visible(const proto_tree* tree) const {
    return tree != nullptr && PTREE_DATA(tree)->visible != FALSE;
  }

  proto_tree* group(proto_tree* tree, const DecodedField& item, proto_item** node) {
    if (item.field == F::contexts) ++contexts_;
    const char* text = is_visible(tree) ? group_label(item, contexts_, decoded_) : "";
    return proto_tree_add_subtree(tree, tvb_, static_cast<gint>(item.offset),
                                  static_cast<gint>(item.length), registry().ett(item.field), node,
                                  text);
  }

  proto_item* field(proto_tree* tree, const DecodedField& item) {
    const auto& field = row(item.field);
    const int hf = registry().hf(item.field);
    const auto offset = static_cast<gint>(item.offset);
    const auto length = static_cast<gint>(item.length);
    proto_item* node = nullptr;
    switch (field.type) {
      case FieldType::u8:
      case FieldType::u16:
      case FieldType::u32:
        node =
            proto_tree_add_uint(tree, hf, tvb_, offset, length, static_cast<guint32>(item.number));
        break;
      case FieldType::boolean: {
        const auto bits = item.number != 0 ? field.mask : 0U;
        node = proto_tree_add_boolean(tree, hf, tvb_, offset, length, bits);
        break;
      }
      case FieldType::ipv6: node = address(tree, hf, item); break;
      case FieldType::ipv4:
        node = proto_tree_add_item(tree, hf, tvb_, offset, length, ENC_BIG_ENDIAN);
        break;
      case FieldType::bytes:
        if (length > 0) node = proto_tree_add_item(tree, hf, tvb_, offset, length, ENC_NA);
        break;
      case FieldType::text:
        node = proto_tree_add_item(tree, hf, tvb_, offset, length, ENC_UTF_8);
        break;
      case FieldType::frame:
      case FieldType::time:
      case FieldType::group: break;
    }
    if (item.generated) proto_item_set_generated(node);
    if (is_visible(tree)) {
      if (const char* text = field_label(item, decoded_)) proto_item_set_text(node, "%s", text);
    }
    return node;
  }

  proto_item* address(proto_tree* tree, int hf, const DecodedField& item) {
    const auto octets = decoded_.address(item);
    ws_in6_addr value;
    std::copy(octets.begin(), octets.end(), value.bytes);
    return proto_tree_add_ipv6(tree, hf, tvb_, static_cast<gint>(item.offset),
                               static_cast<gint>(item.length), &value);
  }

  const DecodedMessage& decoded_;
  tvbuff_t* tvb_;
  unsigned contexts_ = 0;  // so far in this message
};

void show_problem(const Problem& problem, const DecodedMessage& decoded, tvbuff_t* tvb,
                  packet_info* pinfo, proto_tree* tree) {
  // epan wants it writable, but does not write.
  static auto experts = registry().experts;
  auto* expert = &experts[static_cast<std::size_t>(problem.rule)];
  if (tree == nullptr) {
    expert_add_info(pinfo, nullptr, expert);
    return;
  }
  const char* label = problem_label(problem, pinfo);
  const auto& item = decoded.fields[problem.item];
  const bool inside =
      problem.length == 0 || (problem.offset >= item.offset &&
                              problem.offset + problem.length <= item.offset + item.length);
  if (inside && nodes[problem.item] != nullptr) {
    expert_add_info_format(pinfo, nodes[problem.item], expert, "%s", label);
  } else {
    proto_tree_add_expert_format(tree, pinfo, expert, tvb, static_cast<gint>(problem.offset),
                                 static_cast<gint>(problem.length), "%s", label);
  }
}

}  // namespace

const char* pooled(const packet_info* pinfo, std::string_view text) {
  return wmem_strndup(pinfo->pool, text.data(), text.size());
}

void show(const DecodedMessage& decoded, tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree) {
  const auto count = static_cast<std::uint32_t>(decoded.fields.size());
  nodes.assign(count, nullptr);
  if (tree != nullptr) Painter(decoded, tvb).items(tree, 0, count);
  for (const auto& problem : decoded.problems) show_problem(problem, decoded, tvb, pinfo, tree);
}

proto_item* shown(const DecodedMessage& decoded, Field field) {
  const auto* item = decoded.find(field);
  const auto index = item != nullptr ? static_cast<std::size_t>(item - decoded.fields.data()) : 0;
  return item != nullptr && index < nodes.size() ? nodes[index] : nullptr;
}

}  // namespace secct::dissector
