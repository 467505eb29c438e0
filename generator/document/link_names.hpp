// SPDX-License-Identifier: GPL-2.0-or-later
// Names and pcap numbers of link-layer types, as wiretap gives them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "generator/namespace.hpp"
#include "network/link_type.hpp"

namespace secct::generator {

// Must be called before any other function of wiretap; loads no wiretap plugins and silences its
// log. Further calls do nothing.
void initialise_wiretap();

// "ethernet", "raw-ip", and wiretap's own names for all others ("linux-sll").
std::string link_name(LinkType link);
std::optional<LinkType> find_link(const std::string& name);

// The LINKTYPE_ number in pcap and pcapng files; nothing for a type that has none.
std::optional<std::uint16_t> link_number(LinkType link);

}  // namespace secct::generator
