// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/secrets.hpp"

#include <algorithm>
#include <array>

#include "dissector/content.hpp"
#include "dissector/keys.hpp"

namespace secct::dissector {
namespace {

using F = Field;

// The octets of a context that no harmless field describes are taken as secret: what lies behind
// a field that is wrong may be a key.
void mask(const Tape& tape, std::uint8_t* octets) {
  for (std::size_t i = 0; i < tape.items.size(); ++i) {
    const auto& context = tape.items[i];
    if (context.field != F::contexts) continue;
    std::fill_n(octets + context.offset, context.length, std::uint8_t{0});
    for (auto j = i + 1; j < context.end; ++j) {
      const auto& item = tape.items[j];
      if (row(item.field).type == FieldType::group || is_secret(item.field)) continue;
      std::copy_n(tape.octets.data() + item.offset, item.length, octets + item.offset);
    }
  }
  // The first octet of an ESP authentication's value is its algorithm; the key follows.
  for (const auto& item : tape.items) {
    if (item.field != F::data_auth_algorithm) continue;
    octets[item.offset] = tape.octets[item.offset];
  }
}

bool is_of_frame(const packet_info* pinfo, View octets) {
  auto* frame = get_data_source_tvb(static_cast<const struct data_source*>(pinfo->data_src->data));
  const auto length = tvb_captured_length(frame);
  const auto* start = tvb_get_ptr(frame, 0, static_cast<gint>(length));
  return octets.data() >= start && octets.data() < start + length;
}

// What stock Wireshark put together from fragments is a field too, and has a copy of the octets.
void blank_reassembled(proto_tree* tree) {
  constexpr std::array names = {"ipv6.reassembled.data", "ip.reassembled.data"};
  for (const auto* name : names) {
    auto* found = proto_find_finfo(proto_tree_get_root(tree), proto_registrar_get_id_byname(name));
    for (guint i = 0; i < found->len; ++i) {
      auto* info = static_cast<field_info*>(g_ptr_array_index(found, i));
      auto* octets = info->value.value.bytes;
      if (octets != nullptr) std::fill_n(octets->data, octets->len, guint8{0});
    }
    g_ptr_array_free(found, TRUE);
  }
}

}  // namespace

bool is_secret(Field field) {
  return field == F::sa_key || field == F::sa_iv || field == F::data_auth_key ||
         field == F::data_value || field == F::raw;
}

tvbuff_t* without_secrets(Tape& tape, tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree) {
  if (show_keys() || context_count(tape) == 0) return tvb;
  const auto size = tape.octets.size();
  auto* copy = static_cast<std::uint8_t*>(wmem_memdup(pinfo->pool, tape.octets.data(), size));
  mask(tape, copy);
  auto* harmless = tvb_new_child_real_data(tvb, copy, static_cast<guint>(size),
                                           static_cast<gint>(tvb_reported_length(tvb)));
  add_new_data_source(pinfo, harmless, "SecCT without keys");
  // Octets that were decrypted or put together lie in memory that is not the capture's; they are
  // printed too.
  const auto* present = tvb_get_ptr(tvb, 0, static_cast<gint>(tvb_captured_length(tvb)));
  const View real(present, std::min<std::size_t>(size, tvb_captured_length(tvb)));
  if (!is_of_frame(pinfo, real)) {
    std::copy_n(copy, real.size(), const_cast<std::uint8_t*>(real.data()));
    if (tree != nullptr) blank_reassembled(tree);
  }
  tape.octets = View(copy, size);
  return harmless;
}

}  // namespace secct::dissector
