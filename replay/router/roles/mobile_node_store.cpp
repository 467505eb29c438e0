// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/router/roles/mobile_node_store.hpp"

#include <algorithm>

namespace secct::replay {

void MobileNodeStore::load_by_address(const Address& paddr) {
  const auto number = core_.description.number_of(paddr);
  if (!number) return;
  const auto node = core_.description.mobile_node(*number, Role::pr);
  const auto owner = owner_of(node.paddr);
  if (!core_.sadb.of(owner).empty()) return;
  for (const auto& entry : node.sas) {
    const auto sa = to_sa(entry.context);
    if (!sa) continue;
    LiveSa live;
    live.sa = *sa;
    live.mobile_node_spi = sa->spi;
    live.type = entry.type;
    live.owner = owner;
    live.sequence = entry.context.sequence;
    live.window = to_window(entry.context);
    live.context = entry.context;
    core_.sadb.install(std::move(live), core_.is_mine(sa->destination));
  }
}

std::vector<MobileNodeSa> MobileNodeStore::sas(std::uint32_t number) const {
  auto node = core_.description.mobile_node(number, Role::pr);
  for (const auto& live : core_.sadb.of(owner_of(node.paddr))) {
    const auto same =
        std::ranges::find_if(node.sas, [&](const auto& sa) { return sa.context == live->context; });
    if (same == node.sas.end()) continue;
    auto& context = same->context;
    if (core_.is_mine(live->sa.destination)) {
      context.sequence = live->window.highest();
      if (context.window_size != 0) context.window = live->window.bits();
    } else {
      context.sequence = live->sequence;
    }
  }
  return std::move(node.sas);
}

}  // namespace secct::replay
