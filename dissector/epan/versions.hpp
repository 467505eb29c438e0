// SPDX-License-Identifier: GPL-2.0-or-later
// Where the series of Wireshark that the plugin is built with, 4.0 to 4.6, differ. To be included
// by dissector/epan/epan.hpp.
#pragma once

#include <ws_version.h>

#include <cstdint>
#include <cstring>
#include <type_traits>

#define SECCT_WIRESHARK (WIRESHARK_VERSION_MAJOR * 100 + WIRESHARK_VERSION_MINOR)

namespace secct::dissector {

// The octet at `offset`; throws an epan exception after the end. tvb_get_guint8() has another name
// from 4.6 on.
inline std::uint8_t octet_at(tvbuff_t* tvb, guint offset) {
  return *tvb_get_ptr(tvb, static_cast<gint>(offset), 1);
}

// The type of truth values in preferences and in callbacks of epan: gboolean, later bool.
template <class Boolean>
Boolean type_of_preference(void (*)(module_t*, const char*, const char*, const char*, Boolean*));
using Boolean = decltype(type_of_preference(prefs_register_bool_preference));

// Calls the dissector that a table has for `number`. Returns 0 if there is none.
inline int try_dissector(dissector_table_t table, guint32 number, tvbuff_t* tvb, packet_info* pinfo,
                         proto_tree* tree, bool adds_layer, void* data) {
#if SECCT_WIRESHARK >= 406
  return dissector_try_uint_with_data(table, number, tvb, pinfo, tree, adds_layer, data);
#else
  return dissector_try_uint_new(table, number, tvb, pinfo, tree, adds_layer ? TRUE : FALSE, data);
#endif
}

inline value_string_ext* extended(const value_string* rows, guint count, const char* name) {
#if SECCT_WIRESHARK >= 406
  return value_string_ext_new(wmem_epan_scope(), rows, count, name);
#else
  return value_string_ext_new(rows, count, name);
#endif
}

// The value of a field: a member of its field_info, later an object that it points to.
inline fvalue_t* pointer_to(fvalue_t& value) { return &value; }
inline fvalue_t* pointer_to(fvalue_t* value) { return value; }
inline fvalue_t* value_of(field_info& info) { return pointer_to(info.value); }

// The value of a field of type FT_BOOLEAN.
inline bool is_set(field_info& info) {
#if SECCT_WIRESHARK >= 402
  return fvalue_get_uinteger64(value_of(info)) != 0;
#else
  return info.value.value.uinteger64 != 0;
#endif
}

// Overwrites the octets of a field of type FT_BYTES with zeros. They are a copy that belongs to the
// field. No series exports a function that sets them in place.
inline void zero_octets(field_info& info) {
  if (fvalue_type_ftenum(value_of(info)) != FT_BYTES) return;
#if SECCT_WIRESHARK >= 402
  const auto size = fvalue_get_bytes_size(value_of(info));
  const void* octets = fvalue_get_bytes_data(value_of(info));
  if (size > 0) std::memset(const_cast<void*>(octets), 0, size);
#else
  const auto* octets = info.value.value.bytes;
  if (octets != nullptr) std::memset(octets->data, 0, octets->len);
#endif
}

}  // namespace secct::dissector
