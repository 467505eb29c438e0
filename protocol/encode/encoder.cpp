// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/encode/encoder.hpp"

#include <algorithm>
#include <utility>

namespace secct {
namespace {

using F = Field;

constexpr std::size_t option_unit = 8;

bool is_length(Fill fill) {
  return fill == Fill::length || fill == Fill::units || fill == Fill::data_length ||
         fill == Fill::profile;
}

}  // namespace

Encoded Encoder::message(Message id, const Node& tree) {
  message_ = id;
  if (is_raw(tree)) {
    write_raw(tree);
    return std::move(out_);
  }
  const auto& info = message_info(id);
  Scope scope{.node = &tree, .type = codepoints_[info.codepoint]};
  write(info.steps, scope);
  return std::move(out_);
}

void Encoder::fault(F field, const std::string& text) {
  out_.faults.push_back({field, std::string(row(field).name) + ' ' + text});
}

const Node* Encoder::take(Scope& scope, F field) {
  const auto* found = scope.node->find(field);
  if (found != nullptr) scope.written.push_back(found);
  return found;
}

// Writes the steps, the raw octets of the node and the padding, then the lengths, which count all
// of that.
void Encoder::write(Steps steps, Scope& scope, std::size_t unit) {
  const auto start = octets().size();
  std::vector<Patch> patches;
  write_steps(steps, scope, patches);
  write_rest(scope);
  while ((octets().size() - start) % unit != 0) octets().push_back(0);
  for (const auto& patch : patches) {
    const auto value = length(patch.step->fill, start, patch.at + patch.step->octets);
    if (value > 0xff && patch.shift == 0) {
      fault(patch.step->field, "would be " + std::to_string(value) + ", more than its octet holds");
    }
    octets()[patch.at] = static_cast<std::uint8_t>(value + static_cast<std::uint64_t>(patch.shift));
  }
}

void Encoder::write_steps(Steps steps, Scope& scope, std::vector<Patch>& patches) {
  std::uint64_t bits = 0;  // of `bit_of_next` steps, for the fixed field that follows
  std::size_t container = octets().size();
  for (const auto& step : steps) {
    if (!step.applies(scope.traits)) continue;
    switch (step.extent) {
      case Extent::of_carrier:
      case Extent::fixed:
        container = octets().size();
        if (write_fixed(step, scope, std::exchange(bits, 0))) {
          const auto* node = scope.node->find(step.field);
          patches.push_back({&step, container, node != nullptr ? node->shift() : 0});
        }
        break;
      case Extent::bit_of_next:
        if (const auto* node = take(scope, step.field); node != nullptr && node->number()) {
          if (*node->number() != 0) bits |= mask_of(step);
        }
        break;
      case Extent::subfield: write_subfield(step, scope, container); break;
      default: write_variable(step, scope); break;
    }
  }
}

// Returns true if the value must be patched once the length is known.
bool Encoder::write_fixed(const Step& step, Scope& scope, std::uint64_t bits) {
  const bool of_carrier = step.extent == Extent::of_carrier;  // a number without a field
  const auto* node = of_carrier ? nullptr : take(scope, step.field);
  if (!of_carrier && row(step.field).type >= FieldType::ipv6) {
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
      fault(step.field, "is " + std::to_string(number) + ", more than its " +
                            std::to_string(step.octets) + " octets hold");
    }
  } else if (is_length(step.fill)) {
    patched = true;
  } else {
    number |= default_of(step, scope);
    if (node != nullptr) number += static_cast<std::uint64_t>(node->shift());
    if (step.octets < 8) number &= (std::uint64_t{1} << 8 * step.octets) - 1;
  }
  append_number(octets(), number, step.octets);
  scope.last_fixed = step.field;
  record_number(step.field, number, scope);
  return patched;
}

// Writes a part of the number that was just written at `container`.
void Encoder::write_subfield(const Step& step, Scope& scope, std::size_t container) {
  const auto* node = take(scope, step.field);
  if (node == nullptr || !node->number()) return;
  const auto width = octets().size() - container;
  const auto mask = mask_of(step);
  const auto shifted = *node->number() << std::countr_zero(mask);
  if ((shifted & ~static_cast<std::uint64_t>(mask)) != 0) {
    fault(step.field, "is " + std::to_string(*node->number()) + ", more than its bits hold");
  }
  const auto before = big_endian(View(octets()).subspan(container));
  const auto after = (before & ~static_cast<std::uint64_t>(mask)) | (shifted & mask);
  octets().resize(container);
  append_number(octets(), after, width);
  record_number(scope.last_fixed, after, scope);
}

// Writes the raw octets of a node. Other children that no step has written have no place in it.
void Encoder::write_rest(Scope& scope) {
  for (const auto& child : scope.node->children) {
    if (child.field == F::raw) {
      if (const auto* raw = child.octets()) append(octets(), *raw);
    } else if (std::ranges::find(scope.written, &child) == scope.written.end()) {
      fault(child.field, "has no place here");
    }
  }
}

// The octets that a length field counts: from `start`, or from `after`, the end of the field.
std::size_t Encoder::length(Fill fill, std::size_t start, std::size_t after) const {
  const auto end = out_.octets.size();
  switch (fill) {
    case Fill::units: return (end - start + option_unit - 1) / option_unit;
    case Fill::data_length: return end - after;
    default: return end - start;
  }
}

// Keeps the numbers that decide which steps follow.
void Encoder::record_number(F field, std::uint64_t number, Scope& scope) {
  const auto octet = static_cast<std::uint8_t>(number & 0xff);
  if (field == F::ack_changed) scope.traits = octet;
  if (field == F::req_spt) {
    const auto layout = static_cast<std::uint8_t>(scope.node->layout.value_or(0) & 0xff);
    scope.traits = req_traits(octet).value_or(req_traits(layout).value_or(0));
  }
}

Encoded encode(const CodePoints& codepoints, Message message, const Node& tree) {
  return Encoder(codepoints).message(message, tree);
}

Encoded encode_group(const CodePoints& codepoints, Message message, const Node& group,
                     const Spt& spt) {
  return Encoder(codepoints).group(message, group, spt);
}

}  // namespace secct
