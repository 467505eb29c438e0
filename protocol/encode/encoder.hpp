// SPDX-License-Identifier: GPL-2.0-or-later
// Implementation of encode.hpp: follows the steps of each structure and writes each field from the
// tree, or its default (Fill) if the tree does not give it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/encode/encode.hpp"
#include "protocol/tables/layout.hpp"

namespace secct {

class Encoder {
 public:
  explicit Encoder(const CodePoints& codepoints) : codepoints_(codepoints) {}

  // As encode() and encode_group(); to be called once.
  Encoded message(Message id, const Node& tree);
  Encoded group(Message id, const Node& tree, const Spt& spt);

 private:
  // A structure that is being written.
  struct Scope {
    const Node* node;
    std::uint16_t traits = 0;
    std::uint32_t type = 0;  // for Fill::type
    Spt spt{};
    Field last_fixed = Field::raw;          // the fixed field written last
    std::vector<const Node*> written = {};  // children of `node`
  };

  // A length that is written when the structure is complete.
  struct Patch {
    const Step* step;
    std::size_t at;
    std::int64_t shift;  // that the document adds
  };

  Octets& octets() { return out_.octets; }
  void fault(Field field, const std::string& text);

  // --- encoder.cpp: a structure, its fixed fields and its lengths
  void write(Steps steps, Scope& scope, std::size_t unit = 1);
  void write_steps(Steps steps, Scope& scope, std::vector<Patch>& patches);
  bool write_fixed(const Step& step, Scope& scope, std::uint64_t bits);
  void write_subfield(const Step& step, Scope& scope, std::size_t container);
  void write_rest(Scope& scope);
  std::size_t length(Fill fill, std::size_t start, std::size_t after) const;
  static const Node* take(Scope& scope, Field field);
  static void record_number(Field field, std::uint64_t number, Scope& scope);

  // --- encoder_fields.cpp: fields of variable length, and the values of fields that are not given
  void write_variable(const Step& step, Scope& scope);
  void write_window(const Step& step, Scope& scope);
  void write_spis(Scope& scope);
  void write_each(Scope& scope, Field field, void (Encoder::*write_entry)(const Node&));
  static std::uint64_t default_of(const Step& step, const Scope& scope);
  static std::size_t key_octets(const Scope& scope);

  // --- encoder_groups.cpp: entries of lists
  void write_option(const Node& node);
  void write_sub_option(const Node& node);
  void write_context(const Node& node);
  void write_data(const Node& node);
  void write_preference(const Node& node);
  void write_raw(const Node& node);
  static bool is_raw(const Node& node);

  const CodePoints& codepoints_;
  Encoded out_;
  Message message_ = Message::none;
  Spt spt_;  // of the profile that contains the additional data
};

}  // namespace secct
