// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/handover/handover_variables.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "protocol/tables/spt.hpp"

namespace secct::generator {
namespace {

using Values = Variables::Values;

bool is_number(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// The index of number `number`, which counts from 1, in a list of `count` values. `text` is the
// whole variable.
std::size_t index_of(const std::string& text, const std::string& number, std::size_t count) {
  const auto parsed = number.empty() ? std::optional<std::uint64_t>(1) : to_number(number);
  if (!parsed || *parsed == 0 || *parsed > count) {
    throw UsageError(fmt::format("variable '{}': expected a number from 1 to {}", text, count));
  }
  return static_cast<std::size_t>(*parsed - 1);
}

// IPv4 addresses in dotted notation.
std::string address_text(const Address& address) {
  return is_v4_mapped(address) ? v4_text(View(address).subspan(12)) : to_text(address);
}

std::string spi_text(std::uint32_t spi) { return fmt::format("0x{:08x}", spi); }

// A Paddr that no mobile node has, another one for each mobile node.
Address unknown_paddr(const Handover& handover) {
  auto address = handover.mobile_node().paddr;
  address[longest_prefix / 8] = 0xff;
  return address;
}

Address unknown_naddr(const Handover& handover) {
  auto address = handover.mobile_node().naddr;
  address[longest_prefix / 8] ^= 0x80;
  return address;
}

// An address with the same prefix as that of the other router.
Address neighbour(const Handover& handover) {
  auto address = handover.description().peer;
  address.back() ^= 0x80;
  return address;
}

Values transferable_spis(const Handover& handover) {
  Values spis;
  for (const auto& context : handover.mobile_node().transferable()) {
    spis.push_back(spi_text(context.spi));
  }
  return spis;
}

struct HandoverVariable {
  const char* name;
  Values (*values)(const Handover& handover);
};
constexpr HandoverVariable handover_values[] = {
    {"$naddr", [](const Handover& h) { return Values{to_text(h.mobile_node().naddr)}; }},
    {"$paddr", [](const Handover& h) { return Values{to_text(h.mobile_node().paddr)}; }},
    {"$link-local", [](const Handover& h) { return Values{to_text(h.link_local())}; }},
    {"$nr", [](const Handover& h) { return Values{to_text(h.nr())}; }},
    {"$pr", [](const Handover& h) { return Values{to_text(h.pr())}; }},
    {"$nr-for-mn", [](const Handover& h) { return Values{address_text(h.nr_for_mn())}; }},
    {"$nr-v4", [](const Handover& h) { return Values{address_text(h.nr_v4())}; }},
    {"$pr-v4", [](const Handover& h) { return Values{address_text(h.pr_v4())}; }},
    {"$pr-v4-mapped", [](const Handover& h) { return Values{to_text(h.pr_v4())}; }},
    {"$coa", [](const Handover& h) { return Values{to_text(h.nr_v4())}; }},
    {"$old-coa",
     [](const Handover& h) {
       return Values{to_text(RouterDescription::v4_of(h.mobile_node().number))};
     }},
    {"$stranger",
     [](const Handover& h) {
       const auto& description = h.description();
       return Values{to_text(description.paddr_of(description.last_mobile_node() + 1))};
     }},
    {"$neighbour", [](const Handover& h) { return Values{address_text(neighbour(h))}; }},
    {"$unknown-paddr", [](const Handover& h) { return Values{to_text(unknown_paddr(h))}; }},
    {"$other-naddr", [](const Handover& h) { return Values{to_text(unknown_naddr(h))}; }},
    {"$other-paddr",
     [](const Handover& h) {
       const auto& description = h.description();
       return Values{to_text(description.paddr_of(description.mobile_node_count))};
     }},
    {"$other-identifier",
     [](const Handover& h) {
       return Values{std::to_string(static_cast<std::uint16_t>(~h.identifier()))};
     }},
    {"$spis", transferable_spis},
    {"$ncoa-in-use",
     [](const Handover& h) {
       const auto& list = h.description().ncoa_in_use;
       return list.empty() ? Values{} : Values{to_text(list.front())};
     }},
    {"$spi-in-use",
     [](const Handover& h) {
       const auto& list = h.description().spi_in_use;
       return list.empty() ? Values{} : Values{spi_text(list.front())};
     }},
    // Another one for each mobile node: an earlier one may still have an SA with it.
    {"$spi-half-in-use",
     [](const Handover& h) {
       const auto& list = h.description().spi_in_use;
       if (list.empty()) return Values{};
       constexpr std::uint32_t lower_half = 0xffff;
       auto upper = h.mobile_node().number & lower_half;
       if (upper == 0 || upper == list.front() >> 16) upper ^= 0x8000U;
       return Values{spi_text(upper << 16 | (list.front() & lower_half))};
     }},
};

// A value of an SA, "" if the SA has none. $spi1 is that of the first transferable SA, $kept-spi1
// that of the first SA that is not transferable.
struct SaVariable {
  const char* name;
  const char* kept_name;
  std::string (*value)(const Context& context);
};

std::string id_text(const std::optional<std::uint32_t>& id) {
  return id ? std::to_string(*id) : std::string();
}

// The first port from 9 (discard, RFC 863) on that the SA does not have.
std::string other_port(const Context& context) {
  std::uint16_t port = 9;
  while (port == context.source_port || port == context.destination_port) ++port;
  return std::to_string(port);
}

// The first private ID from 1 on that the SA does not have.
std::string other_id(const Context& context) {
  std::uint32_t id = 1;
  while (id == context.source_private_id || id == context.destination_private_id) ++id;
  return std::to_string(id);
}

constexpr SaVariable sa_values[] = {
    {"$spi", "$kept-spi", [](const Context& c) { return spi_text(c.spi); }},
    {"$protocol", "$kept-protocol",
     [](const Context& c) {
       const auto spt = find_spt(c.spt);
       return std::string(spt && spt->protocol == SptProtocol::esp ? "1" : "0");
     }},
    {"$spt", "$kept-spt", [](const Context& c) { return std::to_string(c.spt); }},
    {"$source", "$kept-source", [](const Context& c) { return address_text(c.source); }},
    {"$destination", "$kept-destination",
     [](const Context& c) { return address_text(c.destination); }},
    {"$source-mapped", "$kept-source-mapped", [](const Context& c) { return to_text(c.source); }},
    {"$destination-mapped", "$kept-destination-mapped",
     [](const Context& c) { return to_text(c.destination); }},
    {"$source-id", "$kept-source-id",
     [](const Context& c) { return id_text(c.source_private_id); }},
    {"$destination-id", "$kept-destination-id",
     [](const Context& c) { return id_text(c.destination_private_id); }},
    {"$source-port", "$kept-source-port",
     [](const Context& c) { return std::to_string(c.source_port); }},
    {"$destination-port", "$kept-destination-port",
     [](const Context& c) { return std::to_string(c.destination_port); }},
    {"$other-port", "$kept-other-port", other_port},
    {"$other-id", "$kept-other-id", other_id},
};

Values of_sas(const Handover& handover, const SaVariable& variable, bool transferable) {
  Values values;
  for (const auto i : handover.numbered_sas()) {
    const auto& sa = handover.mobile_node().sas[i];
    if ((sa.type >= 3) == transferable) values.push_back(variable.value(sa.context));
  }
  return values;
}

Values recomputed_spis(const Handover& handover) {
  Values values;
  const auto& sas = handover.mobile_node().sas;
  for (std::size_t i = 0; i < sas.size(); ++i) {
    if (sas[i].type >= 3) values.push_back(spi_text(handover.recomputed_spi(i)));
  }
  return values;
}

// $statuses:2=102: one status per transferable SA, 102 for the second and 200 for the others.
Values statuses(const Handover& handover, const std::string& argument) {
  const auto [number, status] = split_assignment(argument);
  Values values(handover.mobile_node().transferable().size(), std::to_string(status::ok));
  values[index_of("$statuses:" + argument, number, values.size())] = status;
  return values;
}

}  // namespace

void Variables::add(std::string name, std::function<Values()> values) {
  variables_.push_back({std::move(name), Suffix::none,
                        [values = std::move(values)](const std::string&) { return values(); }});
}

void Variables::add_numbered(std::string name, std::function<Values()> values) {
  variables_.push_back({std::move(name), Suffix::number,
                        [values = std::move(values)](const std::string&) { return values(); }});
}

void Variables::add_with_argument(std::string name,
                                  std::function<Values(const std::string&)> values) {
  variables_.push_back({std::move(name), Suffix::argument, std::move(values)});
}

Values Variables::operator()(const std::string& text) const {
  if (!text.starts_with('$')) return {text};
  for (const auto& variable : variables_) {
    if (!text.starts_with(variable.name)) continue;
    auto suffix = text.substr(variable.name.size());
    const bool has_argument = suffix.starts_with(':');
    const bool fits = variable.suffix == Suffix::none     ? suffix.empty()
                      : variable.suffix == Suffix::number ? is_number(suffix)
                                                          : has_argument;
    if (!fits) continue;
    auto values = variable.values(has_argument ? suffix.substr(1) : std::string());
    if (variable.suffix == Suffix::number && !values.empty()) {
      values = {std::move(values[index_of(text, suffix, values.size())])};
    }
    if (values.empty() || values.front().empty()) {
      throw UsageError(fmt::format("variable '{}' has no value in this handover", text));
    }
    return values;
  }
  std::vector<std::string_view> names;
  for (const auto& variable : variables_) names.push_back(variable.name);
  throw UsageError(fmt::format("unknown variable '{}'{}", text, suggestion(text, names)));
}

Variables handover_variables(const Handover& handover) {
  Variables variables;
  for (const auto& variable : handover_values) {
    variables.add(variable.name, [&] { return variable.values(handover); });
  }
  for (const auto& variable : sa_values) {
    variables.add_numbered(variable.name, [&] { return of_sas(handover, variable, true); });
    variables.add_numbered(variable.kept_name, [&] { return of_sas(handover, variable, false); });
  }
  variables.add_numbered("$recomputed-spi", [&handover] { return recomputed_spis(handover); });
  variables.add_with_argument("$statuses", [&handover](const std::string& argument) {
    return statuses(handover, argument);
  });
  return variables;
}

}  // namespace secct::generator
