// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/needs.hpp"

#include <fmt/format.h>

#include "protocol/spt.hpp"
#include "replay/mobile.hpp"

namespace secct {

std::vector<std::string> undeclared(const Needs& needs, const Lab& lab) {
  std::vector<std::string> names;
  for (const auto& name : needs.capabilities) {
    if (!lab.capable(name)) names.push_back(name);
  }
  return names;
}

std::optional<std::string> lacking(const Needs& needs, const Lab& lab, Role role) {
  if (!(needs.policies.over(lab.policies) == lab.policies)) {
    return "needs other policies than the description says";
  }
  if (needs.spi_in_use && lab.spi_in_use.empty()) return "needs an SPI in spi_in_use";
  const SaPattern* pattern = nullptr;
  if (role == Role::pr && !places_of(needs.sas, lab.sas, &pattern)) {
    constexpr std::string_view directions[] = {"to-mn", "from-mn", "out"};
    return fmt::format("needs mobile nodes with an SA of type {}, {}, {}", pattern->type,
                       directions[static_cast<std::size_t>(pattern->direction)],
                       spt_name(pattern->context.spt));
  }
  return std::nullopt;
}

bool chooses_sas(const Needs& needs, Role role) { return role != Role::pr && !needs.sas.empty(); }

bool same_router(const Needs& a, const Needs& b, Role role) {
  return a.policies == b.policies && (role != Role::pr || a.sas == b.sas);
}

Lab router_with(const Needs& needs, const Lab& lab, Role role) {
  auto equipped = lab;
  equipped.policies = needs.policies.over(lab.policies);
  if (role == Role::pr && !needs.sas.empty()) equipped.sas = needs.sas;
  return equipped;
}

}  // namespace secct
