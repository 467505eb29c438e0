// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/router/roles/install.hpp"

#include <algorithm>

#include "generator/handover/handover.hpp"
#include "ipsec/crypto.hpp"
#include "protocol/tables/status.hpp"
#include "replay/router/overrides/apply_override.hpp"

namespace secct::replay {
namespace {

using F = Field;

namespace changed {  // wire-format 6.4
constexpr std::uint8_t spi = trait::changed_spi;
constexpr std::uint8_t renegotiate = trait::changed_renegotiate;
constexpr std::uint8_t peer = trait::changed_peer;
constexpr std::uint8_t pmtu = trait::changed_pmtu;
}  // namespace changed

constexpr std::uint64_t megabyte = 1U << 20U;

// The context with this router's addresses in place of the previous router's, Naddr in place of
// Paddr.
Context with_local_addresses(const RouterCore& core, const Context& context,
                             const InstallTarget& to) {
  const auto& own = core.description;
  Relocation relocation;
  relocation.paddr = to.paddr;
  relocation.naddr = core.faulty(Fault::paddr_not_replaced) ? to.paddr : to.naddr;
  relocation.nr = to.nr;
  relocation.other_nr = is_v4_mapped(to.nr) ? own.mn_address : own.ipv4_address;
  if (!core.faulty(Fault::peer_not_replaced)) {
    relocation.previous_routers = {own.peer, own.mn_peer, own.ipv4_peer};
  }
  return relocated(context, relocation);
}

// The value of `field` in the additional data.
std::optional<std::uint64_t> additional_number(const Context& context, F field) {
  for (const auto& data : context.additional) {
    if (const auto* value = data.find(field)) return value->number();
  }
  return std::nullopt;
}

// True if the SA does not use the most preferred algorithm or mode of its static profile
// (behaviour.md 2.9). This router supports all assigned values.
bool is_second_choice(const RouterCore& core, const Context& context) {
  enum : std::uint8_t { esp_ciphers = 1, authentication, aes_key_lengths, modes };
  const auto spt = find_spt(context.spt).value_or(Spt{});
  const bool esp = spt.protocol == SptProtocol::esp;
  const auto has = [&](std::uint64_t type) -> std::optional<std::uint64_t> {
    switch (type) {
      case esp_ciphers: return esp ? std::optional<std::uint64_t>(spt.algorithm) : std::nullopt;
      case authentication:
        return spt.protocol == SptProtocol::ah ? std::optional<std::uint64_t>(spt.algorithm)
                                               : additional_number(context, F::data_auth_algorithm);
      case aes_key_lengths:
        return esp && spt.cipher() == Cipher::aes_cbc
                   ? std::optional<std::uint64_t>(context.key.size())
                   : std::nullopt;
      case modes: return spt.tunnel ? 1 : 0;
      default: return std::nullopt;
    }
  };
  return std::ranges::any_of(context.static_profile, [&](const auto& preference) {
    const auto* type = preference.find(F::preference_type);
    const auto* best = preference.find(F::preference_value);
    if (type == nullptr || best == nullptr) return false;
    const auto number = type->number().value_or(0);
    if (core.faulty(Fault::preferences_of_authentication_only) && number != authentication) {
      return false;
    }
    const auto actual = has(number);
    return actual && *actual != best->number();
  });
}

LiveSa make_live(const RouterCore& core, const InstallTarget& to, Context context, const Sa& sa,
                 Time now) {
  LiveSa live;
  live.sa = sa;
  live.mobile_node_spi = sa.spi;
  live.owner = to.owner;
  live.sequence = context.sequence;
  live.window = to_window(context);
  const auto spt = find_spt(context.spt).value_or(Spt{});
  if (core.faulty(Fault::lifetime_ignored)) {
    // no lifetime
  } else if ((spt.megabytes && !core.faulty(Fault::megabytes_as_seconds)) ||
             core.faulty(Fault::seconds_as_megabytes)) {
    live.octets_left = context.lifetime * megabyte;
  } else {
    live.expires = now + seconds(context.lifetime);
  }
  live.context = std::move(context);
  return live;
}

class Installation {
 public:
  Installation(RouterCore& core, const InstallTarget& to, Time now)
      : core_(core), target_(to), now_(now) {}

  // Installs one context and returns its status. Appends a SecCT-ack to `changes` if the mobile
  // node must change the SA.
  std::uint8_t add(const Context& transferred, std::vector<Node>& changes) {
    auto context = with_local_addresses(core_, transferred, target_);
    override_taken_over(core_.behaviour, context);
    const auto sa = to_sa(context);
    if (!sa) return status::ok;  // IPComp has no SA
    auto live = make_live(core_, target_, std::move(context), *sa, now_);
    const auto old_spi = live.sa.spi;
    std::uint8_t bits = 0;
    const bool inbound = core_.is_mine(live.sa.destination);
    if (inbound && in_use(live.sa, old_spi) && !core_.faulty(Fault::conflict_ignored)) {
      switch (core_.description.policies.spi_conflict) {
        case SpiConflict::deny: return status::unusable;
        case SpiConflict::renegotiate:
          changes.push_back(ack_node(core_.description.codepoints, old_spi, changed::renegotiate));
          return status::ok;
        case SpiConflict::recompute:
          live.sa.spi = new_spi(live);
          if (in_use(live.sa, live.sa.spi) && !core_.faulty(Fault::second_conflict_ignored)) {
            return status::unusable;
          }
          live.context.spi = live.sa.spi;
          bits |= changed::spi;
          break;
      }
    }
    const bool prefers = core_.description.policies.prefer_static_profile &&
                         !core_.faulty(Fault::preferences_ignored);
    if (prefers && is_second_choice(core_, live.context)) {
      bits |= changed::renegotiate;
    }
    const auto pmtu = additional_number(live.context, F::data_pmtu);
    if (pmtu && *pmtu > core_.description.mtu && !core_.varies(Variation::pmtu_not_told)) {
      bits |= changed::pmtu;
    }
    // Only an IPv6 address is reported.
    const bool report_peer = core_.varies(Variation::peer_told) && changes.empty();
    if (report_peer && !is_v4_mapped(target_.nr)) bits |= changed::peer;
    if (bits != 0 && !core_.faulty(Fault::changes_not_told)) {
      const auto spi = core_.faulty(Fault::new_spi_told) ? live.sa.spi : old_spi;
      changes.push_back(ack_node(core_.description.codepoints, spi, bits));
      if ((bits & changed::peer) != 0)
        changes.back().children.emplace_back(F::ack_peer, target_.nr);
      if ((bits & changed::pmtu) != 0) {
        changes.back().children.emplace_back(F::ack_pmtu, std::uint64_t{core_.description.mtu});
      }
    }
    core_.sadb.install(std::move(live), inbound);
    core_.statistics.add(Count::installed);
    return status::ok;
  }

 private:
  bool in_use(const Sa& sa, std::uint32_t spi) const {
    return core_.sadb.spi_in_use(sa.destination, sa.protocol, spi);
  }

  std::uint32_t new_spi(const LiveSa& live) const {
    const auto& key = live.context.key.empty() ? live.sa.auth_key : live.context.key;
    if (core_.faulty(Fault::new_spi_swapped)) return compute_spi(key, target_.naddr, target_.nr);
    return compute_spi(key, target_.nr, target_.naddr);
  }

  RouterCore& core_;
  const InstallTarget& target_;
  Time now_;
};

}  // namespace

std::vector<Node> install(RouterCore& core, const InstallTarget& to,
                          std::vector<ReceivedContext>& contexts, Time now) {
  std::vector<Node> changes;
  Installation installation(core, to, now);
  for (auto& received : contexts) {
    if (!received.context || received.status != status::ok) continue;
    received.status = installation.add(*received.context, changes);
  }
  return changes;
}

LivePtr shak_sa(const RouterCore& core, const Owner& owner, const Address& naddr) {
  const auto installed = core.sadb.of(owner);
  std::vector<Context> contexts;
  for (const auto& live : installed) contexts.push_back(live->context);
  if (core.faulty(Fault::shak_under_last) && !installed.empty()) return installed.back();
  const auto* chosen = shak_context(contexts, naddr);
  return chosen == nullptr ? nullptr
                           : installed[static_cast<std::size_t>(chosen - contexts.data())];
}

}  // namespace secct::replay
