// SPDX-License-Identifier: GPL-2.0-or-later
// Names and pcap numbers of link-layer types, from wiretap.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "generator/namespace.hpp"
#include "network/link_type.hpp"

namespace secct::generator {

// Must precede any other call of wiretap. Does not load plugins; silences the log of wiretap.
// Further calls do nothing.
void initialise_wiretap();

// "ethernet", "raw-ip", and wiretap's names for all other types ("linux-sll"); the number if
// wiretap does not know the type. find_link() also accepts wiretap's names for the first two.
std::string link_name(LinkType link);
std::optional<LinkType> find_link(const std::string& name);

// The LINKTYPE_ number in pcap and pcapng files; std::nullopt if the type does not have one, or if
// its packets have a pseudo-header that documents do not contain.
std::optional<std::uint16_t> link_number(LinkType link);

}  // namespace secct::generator
