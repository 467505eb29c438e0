// SPDX-License-Identifier: GPL-2.0-or-later
// The SecCT extension of Mobile IPv4 Registration Requests and Replies (RFC 3344).
#include <algorithm>

#include "dissector/carriers.hpp"
#include "dissector/envelope.hpp"
#include "dissector/message.hpp"
#include "dissector/preferences.hpp"
#include "dissector/registry.hpp"
#include "dissector/stock.hpp"

namespace secct::dissector {
namespace {

constexpr guint32 port = 434;

Stock stock;

struct Kind {
  std::uint8_t type;
  guint extensions;  // where they begin
  Carrier carrier;
};
// The Identification is the last fixed field of both.
constexpr Kind kinds[] = {{1, 24, Carrier::mip4_request}, {3, 20, Carrier::mip4_reply}};

struct Found {
  guint offset;
  guint length;
  Carrier carrier;
  std::uint32_t identification;  // its low half, which a reply repeats (RFC 3344 3.4)
};

// Extensions that have a two-octet length after a sub-type or reserved octet.
bool has_long_header(std::uint8_t type) {
  constexpr std::uint8_t generalized_authentication = 36;  // RFC 3012
  constexpr std::uint8_t vendor = 38;                      // RFC 3115
  constexpr std::uint8_t vendor_old = 37;
  constexpr std::uint8_t proxy = 47;  // RFC 5563
  return type == generalized_authentication || type == vendor || type == vendor_old ||
         type == proxy;
}

std::optional<Found> find(tvbuff_t* tvb) {
  const guint present = tvb_captured_length(tvb);
  if (!enabled() || present == 0) return std::nullopt;
  const auto* kind = std::ranges::find(kinds, tvb_get_guint8(tvb, 0), &Kind::type);
  if (kind == std::end(kinds)) return std::nullopt;
  guint at = kind->extensions;
  const auto octet = [&](guint offset) { return tvb_get_guint8(tvb, static_cast<gint>(offset)); };
  while (at + 2 <= present) {
    const auto type = octet(at);
    guint length = octet(at + 1) + 2U;
    if (find_message(codepoints(), kind->carrier, type)) {
      return Found{at, std::min(length, tvb_reported_length(tvb) - at), kind->carrier,
                   tvb_get_ntohl(tvb, static_cast<gint>(kind->extensions - 4))};
    }
    if (has_long_header(type)) {
      if (at + 4 > present) return std::nullopt;
      length = (octet(at + 2) << 8 | octet(at + 3)) + 4U;
    }
    at += length;
  }
  return std::nullopt;
}

void show(const Found& found, tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree) {
  Delivery delivery;
  delivery.carrier = found.carrier;
  delivery.identification = found.identification;
  delivery.envelope.source = address_from(pinfo->net_src);
  delivery.envelope.destination = address_from(pinfo->net_dst);
  auto* extension =
      tvb_new_subset_length(tvb, static_cast<gint>(found.offset), static_cast<gint>(found.length));
  dissect_message(extension, pinfo, tree, delivery);
  col_append_sep_str(pinfo->cinfo, COL_INFO, "  ", delivery.summary);
}

// A reply that says nothing of SecCT may answer a request that does.
int show_reply(tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree, void* data) {
  constexpr guint length = kinds[1].extensions;
  const int done = stock.call(tvb, pinfo, tree, data);
  if (!enabled() || tvb_captured_length(tvb) < length || tvb_get_guint8(tvb, 0) != kinds[1].type ||
      pinfo->flags.in_error_pkt != 0) {
    return done;
  }
  constexpr std::uint8_t last_accepting = 1;  // RFC 3344 3.4: 0 and 1 accept
  Delivery delivery;
  delivery.carrier = Carrier::mip4_reply;
  delivery.identification = tvb_get_ntohl(tvb, static_cast<gint>(length) - 4);
  delivery.envelope.source = address_from(pinfo->net_src);
  delivery.envelope.destination = address_from(pinfo->net_dst);
  dissect_bare_reply(tvb, pinfo, tree, delivery, tvb_get_guint8(tvb, 1) <= last_accepting);
  return done;
}

int hook(tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree, void* data) noexcept {
  const auto found = find(tvb);
  if (!found) return show_reply(tvb, pinfo, tree, data);
  volatile int length = 0;
  TRY { length = stock.call(tvb, pinfo, tree, data); }
  FINALLY { show(*found, tvb, pinfo, tree); }
  ENDTRY;
  return length;
}

}  // namespace

void announce_mip4() {
  stock.announce("mip", "Mobile IP with SecCT", "Mobile IP with SecCT", "secct_mip4");
}

void hook_mip4() { stock.replace("udp.port", port, hook); }

}  // namespace secct::dissector
