// SPDX-License-Identifier: GPL-2.0-or-later
// What epan knows of SecCT: protocol, fields, subtrees and expert infos, all registered from the
// rows of protocol/.
#pragma once

#include <array>

#include "dissector/epan/epan.hpp"
#include "dissector/epan/findings.hpp"
#include "protocol/tables/codepoints.hpp"
#include "protocol/tables/fields.hpp"

namespace secct::dissector {

inline constexpr char protocol_name[] = "IPsec Security Context Transfer";

struct Registry {
  int protocol = -1;
  std::array<int, static_cast<std::size_t>(Field::count)> fields{};
  std::array<int, static_cast<std::size_t>(Field::count)> subtrees{};  // of groups and of bits
  std::array<expert_field, static_cast<std::size_t>(Rule::count)> experts{};
  std::array<expert_field, static_cast<std::size_t>(Finding::count)> findings{};
  int retransmission_of = -1;
  int icv_status = -1;
  int learnt_in = -1;

  int hf(Field field) const { return fields[static_cast<std::size_t>(field)]; }
  int ett(Field field) const { return subtrees[static_cast<std::size_t>(field)]; }
  int ett_protocol() const { return ett(Field::message); }
};

const Registry& registry();
void register_protocol();

// Whether the user left the protocol enabled.
bool enabled();

// The names of option and sub-option types follow the code points.
void name_code_points(const CodePoints& codepoints);

}  // namespace secct::dissector
