// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/router/roles/foreign_agent.hpp"

#include <algorithm>

#include "protocol/decode/decode.hpp"
#include "protocol/decode/mip4.hpp"
#include "protocol/tables/status.hpp"
#include "replay/router/overrides/apply_override.hpp"
#include "replay/router/roles/new_router.hpp"

namespace secct::replay {
namespace {

using F = Field;

constexpr std::uint8_t flag_co_located = 0x20;  // D
constexpr std::uint8_t accepted = 0;
constexpr std::uint8_t poorly_formed = 70;

struct Extensions {
  bool malformed = false;
  View secct;  // the SecCT extension; empty: none
};

Extensions read_extensions(const CodePoints& codepoints, View octets) {
  Extensions found;
  MipExtensions extensions(octets);
  while (const auto extension = extensions.next()) {
    found.malformed = !extension->whole();
    if (found.malformed) return found;
    if (extension->octets[0] == codepoints[CodePoint::mip4ext_secct] && found.secct.empty()) {
      found.secct = extension->octets;
    }
  }
  return found;
}

Octets part(const Octets& fixed, std::size_t from, std::size_t count) {
  return {fixed.begin() + static_cast<std::ptrdiff_t>(from),
          fixed.begin() + static_cast<std::ptrdiff_t>(from + count)};
}

}  // namespace

Address ForeignAgent::naddr_of(const Registration& registration) const {
  const bool co_located = (registration.fixed[1] & flag_co_located) != 0;
  if (co_located && !core_.faulty(Fault::co_located_ignored)) return registration.source;
  const std::size_t care_of_at = core_.faulty(Fault::naddr_from_home_address) ? 4 : 12;
  return address_from(part(registration.fixed, care_of_at, 4));
}

void ForeignAgent::reply(const Registration& registration, std::uint8_t code,
                         std::vector<Node> sub_options) {
  using H = HeaderField;
  const auto& fixed = registration.fixed;
  Layer udp{.kind = LayerKind::udp, .fields = {}, .elements = {}};
  udp.set(H::udp_srcport, std::uint64_t{mip4::port});
  udp.set(H::udp_dstport, std::uint64_t{registration.port});
  Layer mip{.kind = LayerKind::mip_reply, .fields = {}, .elements = {}};
  mip.set(H::mip_code, std::uint64_t{code});
  mip.set(H::mip_reply_life, code == accepted ? big_endian(part(fixed, 2, 2)) : 0);
  mip.set(H::mip_reply_homeaddr, part(fixed, 4, 4));
  mip.set(H::mip_reply_haaddr, part(fixed, 8, 4));
  mip.set(H::mip_reply_ident, part(fixed, 16, 8));
  if (core_.faulty(Fault::reply_without_stat)) sub_options.clear();
  if (!sub_options.empty()) {
    mip.elements.emplace_back().message = message_node(Message::mip4_reply, std::move(sub_options));
  }
  core_.send(registration.agent, registration.source, {}, {std::move(udp), std::move(mip)});
}

bool ForeignAgent::is_registration(View udp) {
  const auto* registration = find_registration(registration_payload(udp));
  return registration != nullptr && registration->carrier == Carrier::mip4_request &&
         big_endian(udp.subspan(2, 2)) == mip4::port;
}

void ForeignAgent::on_udp(const Datagram& datagram, View udp, Time now) {
  const auto request = registration_payload(udp);
  const auto fixed = registration_row(Carrier::mip4_request).fixed_octets;
  Registration registration{datagram.source, datagram.destination,
                            static_cast<std::uint16_t>(big_endian(udp.first(2))),
                            Octets(request.begin(), request.begin() + fixed)};
  const auto extensions = read_extensions(core_.description.codepoints, request.subspan(fixed));
  if (extensions.malformed) {
    if (core_.faulty(Fault::broken_extension_passed)) return reply(registration, accepted, {});
    return reply(registration, poorly_formed, {});
  }
  if (extensions.secct.empty() || core_.faulty(Fault::extension_ignored)) {
    return reply(registration, accepted, {});
  }
  DecodedMessage decoded;
  Envelope envelope;
  envelope.source = datagram.source;
  envelope.destination = datagram.destination;
  if (!decode(core_.description.codepoints, Carrier::mip4_request, extensions.secct, envelope,
              decoded)) {
    return;
  }
  skip_check(core_.behaviour, decoded);
  const std::vector<LivePtr> under;
  const IncomingMessage in{decoded, datagram, under, now};
  const auto row = decoded.worst_status_row();
  if (row == 1 || row == 2) {
    core_.record(in, Outcome::refused, "malformed SecCT extension", "RELOC-5-2", poorly_formed);
    const auto code = core_.faulty(Fault::broken_extension_passed) ? accepted : poorly_formed;
    return reply(registration, code, {});
  }
  transfer(registration, in);
}

void ForeignAgent::transfer(const Registration& registration, const IncomingMessage& in) {
  const auto refuse = [&](std::uint8_t code) {
    core_.record_refusal(in, code);
    reply(registration, accepted, {core_.stat(code)});
  };
  const auto token = in.decoded.number(F::auth_token);
  const auto paddr = in.address(F::mip4_old_coa);
  const auto pr = in.address(F::mip4_router);
  if (!token && !core_.faulty(Fault::extension_without_auth_served)) {
    return refuse(status::invalid_authentication);
  }
  const auto naddr = naddr_of(registration);
  if (is_unspecified(naddr) || is_multicast(naddr)) return refuse(status::invalid_source);
  if (!core_.is_peer(*pr) && !core_.faulty(Fault::extension_of_any_pr)) {
    return refuse(status::unusable);
  }
  Transfer transfer;
  transfer.key = {naddr, *paddr, static_cast<std::uint32_t>(token.value_or(0))};
  // Mobile nodes can share a care-of address: the home address identifies them.
  transfer.target = {
      {Role::fa, address_from(part(registration.fixed, 4, 4))}, registration.agent, naddr, *paddr};
  transfer.pr = *pr;
  transfer.report = [this, registration](const Transfer& done) {
    reply(registration, accepted, {done.sub_options.front()});  // SecCT-Stat only (wire-format 9)
  };
  if (auto* earlier = transfers_.find(transfer.key)) {
    if (!earlier->request) {
      earlier->report = transfer.report;  // the reply carries the Identification of this request
      transfers_.report(*earlier);
    }
    return core_.record(in, Outcome::repeated, "repeated Registration Request");
  }
  if (!transfers_.make_room(in.now)) {
    core_.statistics.add(Count::pending_full);
    return refuse(status::unusable);
  }
  transfers_.start_request(std::move(transfer), {verbatim_features(in.decoded)}, in.now);
  core_.record(in, Outcome::accepted, "SHREQ sent");
}

}  // namespace secct::replay
