// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/keys/secrets.hpp"

#include <algorithm>
#include <array>

#include "dissector/epan/registry.hpp"
#include "dissector/keys/keys.hpp"
#include "protocol/decode/message_content.hpp"

namespace secct::dissector {
namespace {

using F = Field;

// Writes the message to `octets`, which is a copy of it, with zeros for keys. Only fields that are
// known not to be secret are copied from a context: octets after a malformed field may be a key.
void copy_without_keys(const DecodedMessage& decoded, std::uint8_t* octets) {
  for (std::size_t i = 0; i < decoded.fields.size(); ++i) {
    const auto& context = decoded.fields[i];
    if (context.field != F::contexts) continue;
    std::fill_n(octets + context.offset, context.length, std::uint8_t{0});
    for (auto j = i + 1; j < context.end; ++j) {
      const auto& field = decoded.fields[j];
      if (row(field.field).type == FieldType::group || is_secret(field.field)) continue;
      std::copy_n(decoded.octets.data() + field.offset, field.length, octets + field.offset);
    }
  }
  // The value of an ESP authentication begins with an octet for the algorithm; the key follows it.
  for (const auto& field : decoded.fields) {
    if (field.field != F::data_auth_algorithm) continue;
    octets[field.offset] = decoded.octets[field.offset];
  }
}

bool is_frame_data(const packet_info* pinfo, View octets) {
  auto* frame = get_data_source_tvb(static_cast<const struct data_source*>(pinfo->data_src->data));
  const auto length = tvb_captured_length(frame);
  const auto* start = tvb_get_ptr(frame, 0, static_cast<gint>(length));
  return octets.data() >= start && octets.data() < start + length;
}

// Calls `visit` for each field with the filter name `name` in the tree.
template <class Visit>
void for_each_field(proto_tree* tree, const char* name, Visit visit) {
  auto* found = proto_find_finfo(proto_tree_get_root(tree), proto_registrar_get_id_byname(name));
  for (guint i = 0; i < found->len; ++i) {
    visit(*static_cast<field_info*>(g_ptr_array_index(found, i)));
  }
  g_ptr_array_free(found, TRUE);
}

void zero_field(proto_tree* tree, const char* name) { for_each_field(tree, name, zero_octets); }

// Wireshark also shows reassembled data as fields, which have their own copies of the octets. The
// list of fragments is one of them in some versions.
void zero_reassembled(proto_tree* tree) {
  for (const auto* name :
       {"ipv6.reassembled.data", "ipv6.fragments", "ip.reassembled.data", "ip.fragments"}) {
    zero_field(tree, name);
  }
}

// True if the protocol can carry contexts in clear: IPv4 and IPv6 (tunnels), AH, ICMPv6,
// destination options.
bool may_hold_contexts(guint32 ip_protocol) {
  constexpr std::array<guint32, 5> protocols{4, 41, 51, 58, 60};
  return std::ranges::find(protocols, ip_protocol) != protocols.end();
}

bool may_be_fragment_with_contexts(proto_tree* tree) {
  bool fragment = false;
  bool may_hold = false;
  const auto number = [&](bool& to, auto predicate) {
    return [&to, predicate](field_info& info) {
      to |= predicate(fvalue_get_uinteger(value_of(info)));
    };
  };
  for_each_field(tree, "ipv6.fraghdr.nxt", number(may_hold, may_hold_contexts));
  if (may_hold) return true;
  for_each_field(tree, "ip.frag_offset",
                 number(fragment, [](guint32 offset) { return offset != 0; }));
  for_each_field(tree, "ip.flags.mf", [&](field_info& info) { fragment |= is_set(info); });
  if (fragment) for_each_field(tree, "ip.proto", number(may_hold, may_hold_contexts));
  return fragment && may_hold;
}

// The fields that hide_fragments() reads or overwrites. Wireshark leaves fields out of the tree, or
// gives them no value, unless a filter, a column or a postdissector wants them; a postdissector
// gets them on the first pass only.
constexpr const char* wanted_fields[] = {"data",           "data.data",   "ipv6.fraghdr.nxt",
                                         "ip.frag_offset", "ip.flags.mf", "ip.proto"};

// Whether the frame may be a fragment with contexts on this pass or was one on the first.
bool has_fragment(packet_info* pinfo, proto_tree* tree) {
  constexpr guint32 key =
      0x20000;  // of the data of the frame; other ones of this protocol are less
  auto* scope = wmem_file_scope();
  const int protocol = registry().protocol;
  if (p_get_proto_data(scope, pinfo, protocol, key) != nullptr) return true;
  if (!may_be_fragment_with_contexts(tree)) return false;
  static char mark = 0;
  p_add_proto_data(scope, pinfo, protocol, key, &mark);
  return true;
}

// A postdissector. Until a datagram is reassembled, Wireshark shows its fragments as data.
int hide_fragments(tvbuff_t*, packet_info* pinfo, proto_tree* tree, void*) noexcept {
  if (tree == nullptr || show_keys() || !has_fragment(pinfo, tree)) return 0;
  zero_field(tree, "data.data");
  // PDML prints the octets of the frame that an item covers, whatever its value is.
  for (const auto* name : {"data", "data.data"}) {
    for_each_field(tree, name, [](field_info& info) { info.length = 0; });
  }
  return 0;
}

}  // namespace

bool is_secret(Field field) {
  return field == F::sa_key || field == F::sa_iv || field == F::data_auth_key ||
         field == F::data_value || field == F::raw;
}

void register_fragment_hiding() {
  // A postdissector costs time for each packet, so it is only registered for users who hide keys.
  static bool registered = false;
  if (show_keys() || registered) return;
  auto* handle = create_dissector_handle(hide_fragments, -1);
  register_postdissector(handle);
  auto* wanted = g_array_new(FALSE, FALSE, sizeof(int));  // set_postdissector_wanted_hfids owns it
  for (const auto* name : wanted_fields) {
    const int id = proto_registrar_get_id_byname(name);
    g_array_append_val(wanted, id);
  }
  set_postdissector_wanted_hfids(handle, wanted);
  registered = true;
}

tvbuff_t* without_secrets(DecodedMessage& decoded, tvbuff_t* tvb, packet_info* pinfo,
                          proto_tree* tree) {
  if (show_keys() || context_count(decoded) == 0) return tvb;
  const auto size = decoded.octets.size();
  auto* copy = static_cast<std::uint8_t*>(wmem_memdup(pinfo->pool, decoded.octets.data(), size));
  copy_without_keys(decoded, copy);
  auto* redacted = tvb_new_child_real_data(tvb, copy, static_cast<guint>(size),
                                           static_cast<gint>(tvb_reported_length(tvb)));
  add_new_data_source(pinfo, redacted, "SecCT (keys hidden)");
  // Decrypted or reassembled octets are in their own data source, which Wireshark prints too.
  const auto* captured = tvb_get_ptr(tvb, 0, static_cast<gint>(tvb_captured_length(tvb)));
  const View original(captured, std::min<std::size_t>(size, tvb_captured_length(tvb)));
  if (!is_frame_data(pinfo, original)) {
    std::copy_n(copy, original.size(), const_cast<std::uint8_t*>(original.data()));
    if (tree != nullptr) zero_reassembled(tree);
  }
  decoded.octets = View(copy, size);
  return redacted;
}

}  // namespace secct::dissector
