// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/protocol/vector_tree.hpp"

#include <algorithm>

namespace secct::test {
namespace {

using F = Field;

std::uint64_t number_of(const Entry& entry) { return std::stoull(entry.value, nullptr, 0); }

Field field_of(const Entry& entry) {
  const auto field = *find_field(entry.name);
  return field == F::reserved && entry.length == 4 ? F::reserved32 : field;
}

// Bits that share their octets with a number, but are separate fields of a document.
bool is_separate_bit(Field field) {
  return field == F::flag_s || field == F::flag_u || field == F::all_received ||
         field == F::req_protocol;
}

bool has_parts(const std::vector<Entry>& entries, const Entry& whole) {
  return std::ranges::any_of(entries, [&](const Entry& e) {
    return e.kind == Entry::Kind::part && e.offset == whole.offset && !is_separate_bit(field_of(e));
  });
}

// True if the encoder computes the field.
bool computed(const std::vector<Entry>& siblings, const Entry& entry) {
  switch (field_of(entry)) {
    case F::opt_length:
    case F::subopt_length:
    case F::sa_length:
    case F::data_length:
    case F::preference_length:
    case F::mip4_length:
    case F::sa_key_length:
    case F::sa_block_size:
    case F::sa_key_rounds:
    case F::req_ports: return true;
    case F::code:
    case F::reserved:
    case F::reserved32: return number_of(entry) == 0;
    case F::opt_prefix_length: return number_of(entry) == 128;
    case F::sa_window_size:
    case F::ack_window_size: return number_of(entry) % 8 == 0 && number_of(entry) > 0;
    case F::req_spt: return number_of(entry) <= 4;
    case F::ack_changed:
    case F::spt: return has_parts(siblings, entry) && (number_of(entry) & 0x8001) != 0x8001;
    default: return false;
  }
}

bool is_list_end(const Entry& entry) {
  return entry.kind == Entry::Kind::group && entry.length == 1 && entry.children.size() == 1 &&
         number_of(entry.children[0]) == 0;
}

class Builder {
 public:
  Builder(const Vector& vector, Dump dump) : vector_(vector), dump_(dump) {}

  void fill(Node& node, const std::vector<Entry>& entries) const {
    auto last = entries.end();
    if (dump_ == Dump::lean && node.field == F::options) {
      while (last != entries.begin() && is_list_end(*(last - 1))) --last;  // Pad1
    }
    for (auto entry = entries.begin(); entry != last; ++entry) one(node, entries, *entry);
  }

 private:
  void one(Node& node, const std::vector<Entry>& siblings, const Entry& entry) const {
    const auto field = field_of(entry);
    if (entry.kind == Entry::Kind::implied) return;
    if (entry.kind == Entry::Kind::part) {
      const auto whole = std::ranges::find_if(siblings, [&](const Entry& e) {
        return e.kind == Entry::Kind::field && e.offset == entry.offset;
      });
      const bool wanted =
          is_separate_bit(field) ||
          (dump_ == Dump::lean && whole != siblings.end() && computed(siblings, *whole));
      if (wanted) node.children.emplace_back(field, number_of(entry));
      return;
    }
    if (field == F::req_flags || (field == F::data_value && !entry.children.empty())) {
      return fill(node, entry.children);
    }
    if (row(field).type == FieldType::group) {
      if (dump_ == Dump::lean && field == F::additional && is_list_end(entry)) return;
      Node group(field);
      if (not_looked_into(entry)) {
        group.children.emplace_back(F::raw, octets_of(entry));
      } else {
        fill(group, entry.children);
      }
      node.children.push_back(std::move(group));
    } else if (row(field).type <= FieldType::boolean) {
      if (dump_ == Dump::lean && computed(siblings, entry)) return;
      node.children.emplace_back(field, number_of(entry));
    } else {
      node.children.emplace_back(field, octets_of(entry));
    }
  }

  // The content of a further context option is not decoded.
  bool not_looked_into(const Entry& entry) const {
    return std::ranges::any_of(vector_.problems, [&](const ListedProblem& problem) {
      return problem.rule == "option_repeated" && problem.offset == entry.offset;
    });
  }

  Octets octets_of(const Entry& entry) const {
    const auto octets = View(vector_.octets).subspan(entry.offset, entry.length);
    return {octets.begin(), octets.end()};
  }

  const Vector& vector_;
  Dump dump_;
};

}  // namespace

Node tree_of(const Vector& vector, Dump dump) {
  Node tree(F::message);
  Builder(vector, dump).fill(tree, vector.entries);
  return tree;
}

}  // namespace secct::test
