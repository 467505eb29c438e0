// SPDX-License-Identifier: GPL-2.0-or-later
// The SecCT extension of Mobile IPv4 Registration Requests and Replies (RFC 3344).
#include "protocol/decode/mip4.hpp"

#include <algorithm>

#include "dissector/carriers.hpp"
#include "dissector/epan/envelope.hpp"
#include "dissector/epan/registry.hpp"
#include "dissector/epan/stock.hpp"
#include "dissector/keys/preferences.hpp"
#include "dissector/message.hpp"

namespace secct::dissector {
namespace {

Stock stock;

struct Found {
  guint offset;
  guint length;
  Carrier carrier;
  std::uint32_t identification;  // its low half, which a reply repeats (RFC 3344 3.4)
};

std::uint32_t low_identification(View registration, const RegistrationRow& row) {
  return static_cast<std::uint32_t>(big_endian(registration.subspan(row.fixed_octets - 4U, 4)));
}

View octets_of(tvbuff_t* tvb) {
  const auto present = tvb_captured_length(tvb);
  if (present == 0) return {};
  return {tvb_get_ptr(tvb, 0, static_cast<gint>(present)), present};
}

std::optional<Found> find(tvbuff_t* tvb) {
  if (!enabled()) return std::nullopt;
  const auto octets = octets_of(tvb);
  const auto* row = find_registration(octets);
  if (row == nullptr) return std::nullopt;
  MipExtensions extensions(octets.subspan(row->fixed_octets));
  while (const auto extension = extensions.next()) {
    if (!find_message(codepoints(), row->carrier, extension->octets[0])) continue;
    const auto offset = static_cast<guint>(row->fixed_octets + extension->offset);
    const auto length = static_cast<guint>(extension->claimed);
    return Found{offset, std::min(length, tvb_reported_length(tvb) - offset), row->carrier,
                 low_identification(octets, *row)};
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
  const int done = stock.call(tvb, pinfo, tree, data);
  const auto octets = octets_of(tvb);
  const auto* row = find_registration(octets);
  if (!enabled() || row == nullptr || row->carrier != Carrier::mip4_reply ||
      pinfo->flags.in_error_pkt != 0) {
    return done;
  }
  constexpr std::uint8_t last_accepting = 1;  // RFC 3344 3.4: 0 and 1 accept
  Delivery delivery;
  delivery.carrier = row->carrier;
  delivery.identification = low_identification(octets, *row);
  delivery.envelope.source = address_from(pinfo->net_src);
  delivery.envelope.destination = address_from(pinfo->net_dst);
  dissect_bare_reply(tvb, pinfo, tree, delivery, octets[1] <= last_accepting);
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

void hook_mip4() { stock.replace("udp.port", mip4::port, hook); }

}  // namespace secct::dissector
