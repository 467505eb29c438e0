// SPDX-License-Identifier: GPL-2.0-or-later
// The encoder: walks the same steps as the decoder and asks the tree for each field.
#include "protocol/encode/encode.hpp"

#include <algorithm>
#include <utility>

namespace secct {
namespace {

using F = Field;

constexpr std::size_t option_unit = 8;

struct Scope {
  const Node* node;
  std::uint16_t traits = 0;
  std::uint32_t type = 0;  // for Fill::type
  Spt spt{};
  Field container = Field::raw;  // the fixed field written last
  std::vector<const Node*> used{};
};

class Writer {
 public:
  explicit Writer(const CodePoints& codepoints) : codepoints_(codepoints) {}

  Encoded message(Message id, Carrier carrier, const Node& tree) {
    message_ = id;
    if (is_raw(tree)) {
      raw(tree);
      return std::move(out_);
    }
    Scope scope{.node = &tree, .type = codepoints_[row(id).codepoint]};
    write(message_steps(id, carrier), scope);
    return std::move(out_);
  }

  // One group alone, for to_node().
  Encoded group(Message id, const Node& tree, const Spt& spt) {
    message_ = id;
    spt_ = spt;
    switch (tree.field) {
      case F::options: option(tree); break;
      case F::sub_options: sub_option(tree); break;
      case F::contexts: context(tree); break;
      case F::additional: data(tree); break;
      case F::static_profile: preference(tree); break;
      default: break;
    }
    return std::move(out_);
  }

 private:
  Octets& octets() { return out_.octets; }

  void fault(F field, std::string text) { out_.faults.push_back({field, std::move(text)}); }

  const Node* take(Scope& scope, F field) const {
    const auto* found = scope.node->find(field);
    if (found != nullptr) scope.used.push_back(found);
    return found;
  }

  // What is left of a group: raw octets are written, anything else had no place.
  void finish(Scope& scope) {
    for (const auto& child : scope.node->children) {
      if (child.field == F::raw) {
        if (const auto* raw = child.octets()) append(octets(), *raw);
      } else if (std::ranges::find(scope.used, &child) == scope.used.end()) {
        fault(child.field, std::string(row(child.field).name) + " has no place here");
      }
    }
  }

  // --- one structure: its steps, the raw octets of its node, padding, and then the lengths that
  // count all of that
  void write(Steps steps, Scope& scope, std::size_t unit = 1) {
    const auto start = octets().size();
    std::vector<Patch> patches;
    for_steps(steps, scope, patches);
    finish(scope);
    while ((octets().size() - start) % unit != 0) octets().push_back(0);
    for (const auto& patch : patches) {
      const auto value = length(patch.step->fill, start, patch.at + patch.step->octets);
      if (value > 0xff && patch.shift == 0) {
        fault(patch.step->field, std::string(row(patch.step->field).name) + " would be " +
                                     std::to_string(value) + ", more than its octet holds");
      }
      octets()[patch.at] =
          static_cast<std::uint8_t>(value + static_cast<std::uint64_t>(patch.shift));
    }
  }

  struct Patch {
    const Step* step;
    std::size_t at;
    std::int64_t shift;  // that the document adds
  };

  void for_steps(Steps steps, Scope& scope, std::vector<Patch>& patches) {
    std::uint64_t bits = 0;  // of `bit_of_next` steps, for the fixed field that follows
    std::size_t container = octets().size();
    for (const auto& step : steps) {
      if (!step.applies(scope.traits)) continue;
      switch (step.extent) {
        case Extent::foreign:
        case Extent::fixed:
          container = octets().size();
          if (fixed(step, scope, std::exchange(bits, 0))) {
            const auto* node = scope.node->find(step.field);
            patches.push_back({&step, container, node != nullptr ? node->shift() : 0});
          }
          break;
        case Extent::bit_of_next:
          if (const auto* node = take(scope, step.field); node != nullptr && node->number()) {
            if (*node->number() != 0) bits |= mask_of(step);
          }
          break;
        case Extent::subfield: subfield(step, scope, container); break;
        default: list_or_octets(step, scope); break;
      }
    }
  }

  // The octets a length counts: from `start`, or from `after` the length's own octet.
  std::size_t length(Fill fill, std::size_t start, std::size_t after) const {
    const auto end = out_.octets.size();
    switch (fill) {
      case Fill::units: return (end - start + option_unit - 1) / option_unit;
      case Fill::data_length: return end - after;
      default: return end - start;
    }
  }

  static bool is_length(Fill fill) {
    return fill == Fill::length || fill == Fill::units || fill == Fill::data_length ||
           fill == Fill::profile;
  }

  // True when the value must be patched in once the length is known.
  bool fixed(const Step& step, Scope& scope, std::uint64_t bits) {
    const auto* node = step.extent == Extent::foreign ? nullptr : take(scope, step.field);
    const bool foreign = step.extent == Extent::foreign;  // a number although no field of ours
    if (!foreign && row(step.field).type >= FieldType::ipv6) {
      if (node != nullptr && node->octets() != nullptr) {
        append(octets(), *node->octets());
      } else {
        octets().insert(octets().end(), step.octets, 0);
      }
      return false;
    }
    std::uint64_t number = bits;
    bool patched = false;
    if (step.field == F::message) {
      number = scope.type;
    } else if (node != nullptr && node->number()) {
      number |= *node->number();
      if (step.octets < 8 && number >> 8 * step.octets != 0) {
        fault(step.field, std::string(row(step.field).name) + " is " + std::to_string(number) +
                              ", more than its " + std::to_string(step.octets) + " octets hold");
      }
    } else if (is_length(step.fill)) {
      patched = true;
    } else {
      number |= filled(step, scope);
      if (node != nullptr) number += static_cast<std::uint64_t>(node->shift());
      if (step.octets < 8) number &= (std::uint64_t{1} << 8 * step.octets) - 1;
    }
    append_number(octets(), number, step.octets);
    scope.container = step.field;
    note_number(step.field, number, scope);
    return patched;
  }

  // Numbers that decide which steps follow.
  static void note_number(F field, std::uint64_t number, Scope& scope) {
    const auto octet = static_cast<std::uint8_t>(number & 0xff);
    if (field == F::ack_changed) scope.traits = octet;
    if (field == F::req_spt) {
      const auto layout = static_cast<std::uint8_t>(scope.node->layout.value_or(0) & 0xff);
      scope.traits = req_traits(octet).value_or(req_traits(layout).value_or(0));
    }
  }

  std::uint64_t filled(const Step& step, Scope& scope) const {
    const auto size_of = [&](F field) -> std::size_t {
      const auto* node = scope.node->find(field);
      return node != nullptr && node->octets() != nullptr ? node->octets()->size() : 0;
    };
    switch (step.fill) {
      case Fill::type: return scope.type;
      case Fill::constant: return step.constant;
      case Fill::prefix: return 128;
      case Fill::window_size:
        return 8 * size_of(step.field == F::sa_window_size ? F::sa_window : F::ack_window);
      case Fill::key_length: return key_octets(scope);
      case Fill::block_size: return aes_block_size;
      case Fill::key_rounds: return aes_rounds(static_cast<std::uint8_t>(key_octets(scope)));
      case Fill::port_count:
        return static_cast<std::uint64_t>(
            std::ranges::count(scope.node->children, F::req_port, &Node::field));
      case Fill::changed: return changed(*scope.node);
      default: return 0;
    }
  }

  // Of the key that the document gives, else what its Key Length or the SPT says.
  static std::size_t key_octets(const Scope& scope) {
    if (const auto* key = scope.node->find(F::sa_key); key != nullptr && key->octets() != nullptr) {
      return key->octets()->size();
    }
    const auto* length = scope.node->find(F::sa_key_length);
    if (length != nullptr && length->number()) return *length->number() & 0xff;
    return scope.spt.key_length();
  }

  // Changed-SPT as the fields and the bits that are present say.
  static std::uint64_t changed(const Node& node) {
    constexpr std::pair<F, unsigned> implied[] = {
        {F::ack_peer, trait::changed_peer},
        {F::ack_peer_v4, trait::changed_peer | trait::changed_v4},
        {F::ack_lifetime, trait::changed_lifetime},
        {F::ack_sequence, trait::changed_sequence},
        {F::ack_window_size, trait::changed_window},
        {F::ack_window, trait::changed_window},
        {F::ack_pmtu, trait::changed_pmtu}};
    unsigned bits = 0;
    for (const auto& [field, mask] : implied) {
      if (node.find(field) != nullptr) bits |= mask;
    }
    return bits;
  }

  // A named part of the number that was just written at `container`.
  void subfield(const Step& step, Scope& scope, std::size_t container) {
    const auto* node = take(scope, step.field);
    if (node == nullptr || !node->number()) return;
    const auto width = octets().size() - container;
    const auto mask = mask_of(step);
    const auto moved = *node->number() << std::countr_zero(mask);
    if ((moved & ~static_cast<std::uint64_t>(mask)) != 0) {
      fault(step.field, std::string(row(step.field).name) + " is " +
                            std::to_string(*node->number()) + ", more than its bits hold");
    }
    const auto before = big_endian(View(octets()).subspan(container));
    const auto after = (before & ~static_cast<std::uint64_t>(mask)) | (moved & mask);
    octets().resize(container);
    append_number(octets(), after, width);
    note_number(scope.container, after, scope);
  }

  void list_or_octets(const Step& step, Scope& scope) {
    switch (step.extent) {
      case Extent::window: window(step, scope); break;
      case Extent::key:
        if (const auto* key = take(scope, step.field); key != nullptr && key->octets() != nullptr) {
          append(octets(), *key->octets());
        } else {
          octets().insert(octets().end(), key_octets(scope), 0);
        }
        break;
      case Extent::rest:
        if (step.field == F::raw) break;  // written by finish()
        if (const auto* node = take(scope, step.field); node && node->octets() != nullptr) {
          append(octets(), *node->octets());
        }
        break;
      case Extent::spis: spis(scope); break;
      case Extent::values:
        for (const auto& child : scope.node->children) {
          if (child.field != step.field) continue;
          scope.used.push_back(&child);
          append_number(octets(), child.number().value_or(0), step.octets);
        }
        break;
      case Extent::options: each(scope, step.field, [&](const Node& n) { option(n); }); break;
      case Extent::sub_options:
        each(scope, step.field, [&](const Node& n) { sub_option(n); });
        break;
      case Extent::contexts: each(scope, step.field, [&](const Node& n) { context(n); }); break;
      case Extent::additional:
        each(scope, step.field, [&](const Node& n) { data(n); });
        if (scope.spt.static_profile && !ends_list(scope)) octets().push_back(0);
        break;
      case Extent::static_profile:
        each(scope, step.field, [&](const Node& n) { preference(n); });
        break;
      default: break;
    }
  }

  // The list of additional data ends in what the document says is its end, or in broken octets
  // that the document spells out.
  static bool ends_list(const Scope& scope) {
    const Node* last = nullptr;
    for (const auto& child : scope.node->children) {
      if (child.field == F::additional) last = &child;
    }
    if (last == nullptr) return false;
    const auto* type = last->find(F::data_type);
    return type != nullptr && type->number() == 0U;
  }

  template <class Write>
  void each(Scope& scope, F field, Write write) {
    const auto outer_spt = spt_;
    spt_ = scope.spt;
    for (const auto& child : scope.node->children) {
      if (child.field != field) continue;
      scope.used.push_back(&child);
      write(child);
    }
    spt_ = outer_spt;
  }

  void window(const Step& step, Scope& scope) {
    const auto* node = take(scope, step.field);
    if (node != nullptr && node->octets() != nullptr) {
      append(octets(), *node->octets());
      return;
    }
    // Nothing said: every packet of the window was received.
    const auto size_field = step.field == F::sa_window ? F::sa_window_size : F::ack_window_size;
    const auto* size = scope.node->find(size_field);
    auto bits = size == nullptr ? 0 : size->number().value_or(0) & 0xff;
    for (; bits >= 8; bits -= 8) octets().push_back(0xff);
    if (bits > 0) octets().push_back(static_cast<std::uint8_t>(0xff << (8 - bits)));
  }

  void spis(Scope& scope) {
    std::vector<const Node*> protocols;
    std::vector<const Node*> numbers;
    for (const auto& child : scope.node->children) {
      if (child.field == F::req_protocol) protocols.push_back(&child);
      if (child.field == F::req_spi) numbers.push_back(&child);
    }
    scope.used.insert(scope.used.end(), protocols.begin(), protocols.end());
    scope.used.insert(scope.used.end(), numbers.begin(), numbers.end());
    if (const auto* flags = take(scope, F::req_flags); flags && flags->octets() != nullptr) {
      append(octets(), *flags->octets());
    } else {
      Octets words(flag_octets(std::max(numbers.size(), protocols.size())));
      for (std::size_t i = 0; i < protocols.size(); ++i) {
        if (protocols[i]->number().value_or(0) != 0) {
          words[i / 8] |= static_cast<std::uint8_t>(0x80 >> i % 8);
        }
      }
      append(octets(), words);
    }
    for (const auto* spi : numbers) append_number(octets(), spi->number().value_or(0), 4);
  }

  // --- groups
  // All octets are spelt out, those of type and length too. A message's name may stand beside them.
  static bool is_raw(const Node& node) {
    return node.find(F::raw) != nullptr && std::ranges::all_of(node.children, [](const auto& c) {
             return c.field == F::raw || c.field == F::message;
           });
  }

  template <class Find>
  auto layout_of(const Node& node, F type_field, Find find) {
    const auto* type = node.find(type_field);
    const auto number = type != nullptr ? type->number() : std::nullopt;
    auto found = number && *number <= 0xffff ? find(static_cast<std::uint32_t>(*number))
                                             : decltype(find(0)){};
    if (!found && node.layout) found = find(*node.layout);
    return found;
  }

  void option(const Node& node) {
    if (is_raw(node)) return raw(node);
    const auto* found = layout_of(node, F::opt_type, [&](std::uint32_t number) {
      const auto id = codepoints_.find(CodePointGroup::icmpopt, static_cast<std::uint8_t>(number));
      return id && number <= 0xff ? find_option(*id) : nullptr;
    });
    if (found == nullptr && node.find(F::opt_type) == nullptr && row(message_).context_option) {
      found = find_option(*row(message_).context_option);
    }
    static constexpr Step unknown[] = {{.field = F::opt_type, .octets = 1},
                                       {.field = F::opt_length, .octets = 1, .fill = Fill::units}};
    Scope scope{.node = &node};
    if (found != nullptr) scope.type = codepoints_[found->id];
    // Pad1 octets, or zeros behind a link-layer address, to a multiple of 8.
    write(found != nullptr ? found->steps : Steps(unknown), scope, option_unit);
  }

  void sub_option(const Node& node) {
    if (is_raw(node)) return raw(node);
    const auto* type = node.find(F::subopt_type);
    if (type == nullptr) {
      fault(F::subopt_type, "secct.subopt.type is missing");
      return;
    }
    if (type->number() == 0U && node.children.size() == 1) {
      octets().push_back(0);
      return;
    }
    const auto* found = layout_of(node, F::subopt_type, [&](std::uint32_t number) {
      const auto id = codepoints_.find(CodePointGroup::subopt, static_cast<std::uint8_t>(number));
      return id && number <= 0xff ? find_sub_option(*id) : nullptr;
    });
    static constexpr Step unknown[] = {
        {.field = F::subopt_type, .octets = 1},
        {.field = F::subopt_length, .octets = 1, .fill = Fill::length}};
    Scope scope{.node = &node};
    write(found != nullptr ? found->steps : Steps(unknown), scope);
  }

  void context(const Node& node) {
    if (is_raw(node)) return raw(node);
    Scope scope{.node = &node};
    const auto at = octets().size();
    std::vector<Patch> none;
    for_steps(spt_steps(), scope, none);
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

  void data(const Node& node) {
    if (is_raw(node)) return raw(node);
    const auto* type = node.find(F::data_type);
    if (type != nullptr && type->number() == 0U && node.children.size() == 1) {
      octets().push_back(0);
      return;
    }
    const auto* found = layout_of(node, F::data_type, [](std::uint32_t number) {
      return number <= 0xff ? find_data(static_cast<std::uint8_t>(number)) : nullptr;
    });
    std::vector<Step> steps(data_steps().begin(), data_steps().end());
    if (found != nullptr && node.find(F::data_value) == nullptr) {
      steps.insert(steps.end(), found->value.begin(), found->value.end());
    } else {
      steps.push_back({.field = F::data_value, .extent = Extent::rest});
    }
    Scope scope{.node = &node};
    write(steps, scope);
  }

  void preference(const Node& node) {
    if (is_raw(node)) return raw(node);
    Scope scope{.node = &node};
    write(preference_steps(), scope);
  }

  void raw(const Node& node) {
    for (const auto& child : node.children) {
      if (child.octets() != nullptr) append(octets(), *child.octets());
    }
  }

  const CodePoints& codepoints_;
  Encoded out_;
  Message message_ = Message::none;
  Spt spt_;  // of the profile around additional data
};

}  // namespace

Encoded encode(const CodePoints& codepoints, Message message, Carrier carrier, const Node& tree) {
  return Writer(codepoints).message(message, carrier, tree);
}

Encoded encode_group(const CodePoints& codepoints, Message message, const Node& group,
                     const Spt& spt) {
  return Writer(codepoints).group(message, group, spt);
}

}  // namespace secct
