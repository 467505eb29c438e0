// SPDX-License-Identifier: GPL-2.0-or-later
// Entries of lists: ICMP options, sub-options, contexts, additional data, preferences.
#include <algorithm>

#include "protocol/encode/encoder.hpp"

namespace secct {
namespace {

using F = Field;

// The row of the type that a group gives; of its `layout` if the type is unknown or not given.
template <class Find>
auto row_of(const Node& group, F type_field, Find find) {
  const auto* type = group.find(type_field);
  const auto number = type != nullptr ? type->number() : std::nullopt;
  auto found =
      number && *number <= 0xff ? find(static_cast<std::uint8_t>(*number)) : decltype(find(0)){};
  if (found == nullptr && group.layout && *group.layout <= 0xff) {
    found = find(static_cast<std::uint8_t>(*group.layout));
  }
  return found;
}

// A Pad1, or the end of additional data: a single zero octet.
bool is_single_zero(const Node& group, F type_field) {
  const auto* type = group.find(type_field);
  return type != nullptr && type->number() == 0U && group.children.size() == 1;
}

}  // namespace

Encoded Encoder::group(Message id, const Node& tree, const Spt& spt) {
  message_ = id;
  spt_ = spt;
  switch (tree.field) {
    case F::options: write_option(tree); break;
    case F::sub_options: write_sub_option(tree); break;
    case F::contexts: write_context(tree); break;
    case F::additional: write_data(tree); break;
    case F::static_profile: write_preference(tree); break;
    default: break;
  }
  return std::move(out_);
}

void Encoder::write_option(const Node& node) {
  if (is_raw(node)) return write_raw(node);
  const auto* found = row_of(node, F::opt_type, [&](std::uint8_t number) {
    const auto id = codepoints_.find(CodePointGroup::icmpopt, number);
    return id ? find_option(*id) : nullptr;
  });
  const auto context_option = message_info(message_).context_option;
  if (found == nullptr && node.find(F::opt_type) == nullptr && context_option) {
    found = find_option(*context_option);
  }
  static constexpr Step unknown[] = {{.field = F::opt_type, .octets = 1},
                                     {.field = F::opt_length, .octets = 1, .fill = Fill::units}};
  Scope scope{.node = &node};
  if (found != nullptr) scope.type = codepoints_[found->id];
  // The padding is Pad1 sub-options, or zeros after a link-layer address.
  constexpr std::size_t option_unit = 8;
  write(found != nullptr ? found->steps : Steps(unknown), scope, option_unit);
}

void Encoder::write_sub_option(const Node& node) {
  if (is_raw(node)) return write_raw(node);
  if (node.find(F::subopt_type) == nullptr) return fault(F::subopt_type, "is missing");
  if (is_single_zero(node, F::subopt_type)) return octets().push_back(0);
  const auto* found = row_of(node, F::subopt_type, [&](std::uint8_t number) {
    const auto id = codepoints_.find(CodePointGroup::subopt, number);
    return id ? find_sub_option(*id) : nullptr;
  });
  static constexpr Step unknown[] = {
      {.field = F::subopt_type, .octets = 1},
      {.field = F::subopt_length, .octets = 1, .fill = Fill::length}};
  Scope scope{.node = &node};
  write(found != nullptr ? found->steps : Steps(unknown), scope);
}

void Encoder::write_context(const Node& node) {
  if (is_raw(node)) return write_raw(node);
  Scope scope{.node = &node};
  const auto at = octets().size();
  std::vector<Patch> none;  // an SPT has no length
  write_steps(spt_steps(), scope, none);
  const auto number = static_cast<std::uint16_t>(big_endian(View(octets()).subspan(at, 2)));
  auto found = find_spt(number);
  if (!found && node.layout) found = find_spt(static_cast<std::uint16_t>(*node.layout));
  static constexpr Step unknown[] = {{.field = F::sa_length, .octets = 1, .fill = Fill::profile}};
  if (found) {
    scope.spt = *found;
    scope.traits = profile_traits(*found);
  }
  write(found ? profile_steps() : Steps(unknown), scope);
}

void Encoder::write_data(const Node& node) {
  if (is_raw(node)) return write_raw(node);
  if (is_single_zero(node, F::data_type)) return octets().push_back(0);
  const auto* found =
      row_of(node, F::data_type, [](std::uint8_t number) { return find_data(number); });
  std::vector<Step> steps(data_steps().begin(), data_steps().end());
  if (found != nullptr && node.find(F::data_value) == nullptr) {
    steps.insert(steps.end(), found->value.begin(), found->value.end());
  } else {
    steps.push_back({.field = F::data_value, .extent = Extent::rest});
  }
  Scope scope{.node = &node};
  write(steps, scope);
}

void Encoder::write_preference(const Node& node) {
  if (is_raw(node)) return write_raw(node);
  Scope scope{.node = &node};
  write(preference_steps(), scope);
}

void Encoder::write_raw(const Node& node) {
  for (const auto& child : node.children) {
    if (child.octets() != nullptr) append(octets(), *child.octets());
  }
}

// True if the document gives all octets of a group as raw octets. The node of a message may also
// have its name.
bool Encoder::is_raw(const Node& node) {
  return node.find(F::raw) != nullptr && std::ranges::all_of(node.children, [](const auto& child) {
           return child.field == F::raw || child.field == F::message;
         });
}

}  // namespace secct
