// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/keys/secrets.hpp"

#include <algorithm>
#include <array>

#include "dissector/keys/keys.hpp"
#include "protocol/decode/message_content.hpp"

namespace secct::dissector {
namespace {

using F = Field;

// The octets of a context that no harmless field describes are taken as secret: what lies behind
// a field that is wrong may be a key.
void mask(const DecodedMessage& decoded, std::uint8_t* octets) {
  for (std::size_t i = 0; i < decoded.fields.size(); ++i) {
    const auto& context = decoded.fields[i];
    if (context.field != F::contexts) continue;
    std::fill_n(octets + context.offset, context.length, std::uint8_t{0});
    for (auto j = i + 1; j < context.end; ++j) {
      const auto& item = decoded.fields[j];
      if (row(item.field).type == FieldType::group || is_secret(item.field)) continue;
      std::copy_n(decoded.octets.data() + item.offset, item.length, octets + item.offset);
    }
  }
  // The first octet of an ESP authentication's value is its algorithm; the key follows.
  for (const auto& item : decoded.fields) {
    if (item.field != F::data_auth_algorithm) continue;
    octets[item.offset] = decoded.octets[item.offset];
  }
}

bool is_of_frame(const packet_info* pinfo, View octets) {
  auto* frame = get_data_source_tvb(static_cast<const struct data_source*>(pinfo->data_src->data));
  const auto length = tvb_captured_length(frame);
  const auto* start = tvb_get_ptr(frame, 0, static_cast<gint>(length));
  return octets.data() >= start && octets.data() < start + length;
}

// Every field `name` that stands in the tree.
template <class Visit>
void each(proto_tree* tree, const char* name, Visit visit) {
  auto* found = proto_find_finfo(proto_tree_get_root(tree), proto_registrar_get_id_byname(name));
  for (guint i = 0; i < found->len; ++i) {
    visit(*static_cast<field_info*>(g_ptr_array_index(found, i)));
  }
  g_ptr_array_free(found, TRUE);
}

void blank(proto_tree* tree, const char* name) {
  each(tree, name, [](field_info& info) {
    auto* octets = info.value.value.bytes;
    if (octets != nullptr) std::fill_n(octets->data, octets->len, guint8{0});
  });
}

// What stock Wireshark put together from fragments is a field too, and has a copy of the octets.
void blank_reassembled(proto_tree* tree) {
  blank(tree, "ipv6.reassembled.data");
  blank(tree, "ip.reassembled.data");
}

// Where a message with contexts may be found, in clear: ICMPv6, AH, tunnels.
bool may_hold_contexts(guint32 ip_protocol) {
  constexpr std::array<guint32, 5> protocols{4, 41, 51, 58, 60};
  return std::ranges::find(protocols, ip_protocol) != protocols.end();
}

bool is_fragment_of_ours(proto_tree* tree) {
  bool fragment = false;
  bool ours = false;
  const auto number = [&](bool& to, auto judge) {
    return [&to, judge](field_info& info) { to |= judge(fvalue_get_uinteger(&info.value)); };
  };
  each(tree, "ipv6.fraghdr.nxt", number(ours, may_hold_contexts));
  if (ours) return true;
  each(tree, "ip.frag_offset", number(fragment, [](guint32 offset) { return offset != 0; }));
  each(tree, "ip.flags.mf",
       [&](field_info& info) { fragment |= info.value.value.uinteger64 != 0; });
  if (fragment) each(tree, "ip.proto", number(ours, may_hold_contexts));
  return fragment && ours;
}

// Fragments of which the rest is not there yet are data to stock Wireshark.
int hide_fragments(tvbuff_t*, packet_info*, proto_tree* tree, void*) noexcept {
  if (tree == nullptr || show_keys() || !is_fragment_of_ours(tree)) return 0;
  blank(tree, "data.data");
  // PDML prints the octets of the frame that an item covers, whatever its value.
  for (const auto* name : {"data", "data.data"}) {
    each(tree, name, [](field_info& info) { info.length = 0; });
  }
  return 0;
}

}  // namespace

bool is_secret(Field field) {
  return field == F::sa_key || field == F::sa_iv || field == F::data_auth_key ||
         field == F::data_value || field == F::raw;
}

void prepare_hiding() {
  // Nobody's packets shall take longer who has nothing to hide.
  static bool prepared = false;
  if (show_keys() || prepared) return;
  register_postdissector(create_dissector_handle(hide_fragments, -1));
  prepared = true;
}

tvbuff_t* without_secrets(DecodedMessage& decoded, tvbuff_t* tvb, packet_info* pinfo,
                          proto_tree* tree) {
  if (show_keys() || context_count(decoded) == 0) return tvb;
  const auto size = decoded.octets.size();
  auto* copy = static_cast<std::uint8_t*>(wmem_memdup(pinfo->pool, decoded.octets.data(), size));
  mask(decoded, copy);
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
  decoded.octets = View(copy, size);
  return harmless;
}

}  // namespace secct::dissector
