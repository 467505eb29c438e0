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

// The tree item of each decoded field, to which expert infos are attached. Reused for each message.
std::vector<proto_item*> tree_items;

// --- labels. epan copies them, so one buffer is enough.
std::string label_text;

template <class... Parts>
const char* label(const Parts&... parts) {
  label_text.clear();
  (label_text.append(parts), ...);
  return label_text.c_str();
}

// ".10. .... .... .... = Protocol: ESP (1)": the label of a number that is a part
// of wider octets.
const char* bit_label(const FieldRow& row, const DecodedField& field, const std::string& value) {
  const auto number = field.number << std::countr_zero(row.mask);
  std::array<char, 40> bits;  // 32 digits and the spaces between groups of four
  auto* at = bits.data();
  for (unsigned i = std::min(field.length, 4U) * 8; i-- > 0;) {
    const bool in_mask = (row.mask >> i & 1U) != 0;
    *at++ = !in_mask ? '.' : (number >> i & 1U) != 0 ? '1' : '0';
    if (i % 4 == 0 && i != 0) *at++ = ' ';
  }
  return label(std::string_view(bits.data(), at), " = ", row.label, ": ", value);
}

// The label of a field that Wireshark cannot format from the registration alone; nullptr for other
// fields.
const char* field_label(const DecodedField& field, const DecodedMessage& decoded) {
  const auto& info = row(field.field);
  switch (field.field) {
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
      return label(info.label, ": hidden");
    default: return nullptr;
  }
  const auto value = value_text(codepoints(), field, decoded);
  if (info.mask != 0 && !field.generated) return bit_label(info, field, value);
  return label(info.label, ": ", value);
}

// "Context 2: ESP-TRANSPORT-AES-CBC-V6, SPI 0x10000040"; for a sub-option, its own name.
const char* group_label(const DecodedField& field, unsigned number, const DecodedMessage& decoded) {
  const auto text = value_text(codepoints(), field, decoded);
  if (field.field == F::sub_options) return label(text);
  const auto* name = row(field.field).label;
  if (field.field == F::contexts) return label(name, " ", std::to_string(number), ": ", text);
  return label(name, ": ", text);
}

const char* problem_label(const Problem& problem, const packet_info* pinfo) {
  return pool_copy(pinfo, problem_detail(problem));
}

class TreeBuilder {
 public:
  TreeBuilder(const DecodedMessage& decoded, tvbuff_t* tvb) : decoded_(decoded), tvb_(tvb) {}

  // Adds the fields [from, to) of the message below `tree`.
  void add_fields(proto_tree* tree, std::uint32_t from, std::uint32_t to) {
    for (auto i = from; i < to; i = decoded_.fields[i].end) {
      const auto& field = decoded_.fields[i];
      proto_item* item = nullptr;
      proto_tree* below = nullptr;
      if (row(field.field).type == FieldType::group) {
        below = add_group(tree, field, &item);
      } else {
        item = add_field(tree, field);
        if (field.end > i + 1) below = proto_item_add_subtree(item, registry().ett(field.field));
      }
      tree_items[i] = item;
      add_fields(below, i + 1, field.end);
    }
  }

 private:
  bool is_visible(const proto_tree* tree) const {
    return tree != nullptr && PTREE_DATA(tree)->visible != FALSE;
  }

  proto_tree* add_group(proto_tree* tree, const DecodedField& field, proto_item** item) {
    if (field.field == F::contexts) ++contexts_;
    const char* text = is_visible(tree) ? group_label(field, contexts_, decoded_) : "";
    *item = proto_tree_add_none_format(tree, registry().hf(field.field), tvb_,
                                       static_cast<gint>(field.offset),
                                       static_cast<gint>(field.length), "%s", text);
    return proto_item_add_subtree(*item, registry().ett(field.field));
  }

  proto_item* add_field(proto_tree* tree, const DecodedField& field) {
    const auto& info = row(field.field);
    const int hf = registry().hf(field.field);
    const auto offset = static_cast<gint>(field.offset);
    const auto length = static_cast<gint>(field.length);
    proto_item* item = nullptr;
    switch (info.type) {
      case FieldType::u8:
      case FieldType::u16:
      case FieldType::u32:
        item = is_name(field.field) ? add_name(tree, hf, field)
                                    : proto_tree_add_uint(tree, hf, tvb_, offset, length,
                                                          static_cast<guint32>(field.number));
        break;
      case FieldType::boolean: {
        const auto bits = field.number != 0 ? info.mask : 0U;
        item = proto_tree_add_boolean(tree, hf, tvb_, offset, length, bits);
        break;
      }
      case FieldType::ipv6: item = add_address(tree, hf, field); break;
      case FieldType::ipv4:
        item = proto_tree_add_item(tree, hf, tvb_, offset, length, ENC_BIG_ENDIAN);
        break;
      case FieldType::bytes:
        if (length > 0) item = proto_tree_add_item(tree, hf, tvb_, offset, length, ENC_NA);
        break;
      case FieldType::text:
        item = proto_tree_add_item(tree, hf, tvb_, offset, length, ENC_UTF_8);
        break;
      case FieldType::frame:
      case FieldType::time:
      case FieldType::group: break;
    }
    if (field.generated) proto_item_set_generated(item);
    if (is_visible(tree)) {
      if (const char* text = field_label(field, decoded_)) proto_item_set_text(item, "%s", text);
    }
    return item;
  }

  proto_item* add_name(proto_tree* tree, int hf, const DecodedField& field) {
    const auto* name = value_name(field, decoded_);
    return proto_tree_add_string(tree, hf, tvb_, static_cast<gint>(field.offset),
                                 static_cast<gint>(field.length),
                                 name != nullptr ? name : label(std::to_string(field.number)));
  }

  proto_item* add_address(proto_tree* tree, int hf, const DecodedField& field) {
    const auto octets = decoded_.address(field);
    ws_in6_addr value;
    std::copy(octets.begin(), octets.end(), value.bytes);
    return proto_tree_add_ipv6(tree, hf, tvb_, static_cast<gint>(field.offset),
                               static_cast<gint>(field.length), &value);
  }

  const DecodedMessage& decoded_;
  tvbuff_t* tvb_;
  unsigned contexts_ = 0;  // so far in this message
};

void show_problem(const Problem& problem, const DecodedMessage& decoded, tvbuff_t* tvb,
                  packet_info* pinfo, proto_tree* tree) {
  // epan takes a pointer to non-const, but does not modify it.
  static auto experts = registry().experts;
  auto* expert = &experts[static_cast<std::size_t>(problem.rule)];
  if (tree == nullptr) {
    expert_add_info(pinfo, nullptr, expert);
    return;
  }
  const char* label = problem_label(problem, pinfo);
  const auto& field = decoded.fields[problem.index];
  const bool inside =
      problem.length == 0 || (problem.offset >= field.offset &&
                              problem.offset + problem.length <= field.offset + field.length);
  if (inside && tree_items[problem.index] != nullptr) {
    mark_finding(tree);
    expert_add_info_format(pinfo, tree_items[problem.index], expert, "%s", label);
  } else {
    // Like proto_tree_add_expert_format(), but with a name for scripts.
    auto* item =
        proto_tree_add_none_format(tree, registry().finding, tvb, static_cast<gint>(problem.offset),
                                   static_cast<gint>(problem.length), "%s", label);
    expert_add_info_format(pinfo, item, expert, "%s", label);
  }
}

}  // namespace

const char* pool_copy(const packet_info* pinfo, std::string_view text) {
  return wmem_strndup(pinfo->pool, text.data(), text.size());
}

void show_message(const DecodedMessage& decoded, tvbuff_t* tvb, packet_info* pinfo,
                  proto_tree* tree) {
  const auto count = static_cast<std::uint32_t>(decoded.fields.size());
  tree_items.assign(count, nullptr);
  if (tree != nullptr) TreeBuilder(decoded, tvb).add_fields(tree, 0, count);
  for (const auto& problem : decoded.problems) show_problem(problem, decoded, tvb, pinfo, tree);
}

void mark_finding(proto_tree* tree) {
  const int hf = registry().finding;
  if (!proto_field_is_referenced(tree, hf)) return;
  proto_item_set_hidden(proto_tree_add_none_format(tree, hf, nullptr, 0, 0, "Finding"));
}

proto_item* tree_item_of(const DecodedMessage& decoded, Field field) {
  const auto* found = decoded.find(field);
  const auto index = found != nullptr ? static_cast<std::size_t>(found - decoded.fields.data()) : 0;
  return found != nullptr && index < tree_items.size() ? tree_items[index] : nullptr;
}

}  // namespace secct::dissector
