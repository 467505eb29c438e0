// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/document/link_names.hpp"

#include <glib.h>

#include <wiretap/pcap-encap.h>
#include <wiretap/wtap.h>
#include <wsutil/wslog.h>

namespace secct::generator {
namespace {

static_assert(static_cast<int>(LinkType::ethernet) == WTAP_ENCAP_ETHERNET);
static_assert(static_cast<int>(LinkType::raw_ip) == WTAP_ENCAP_RAW_IP);
static_assert(static_cast<int>(LinkType::null) == WTAP_ENCAP_NULL);
static_assert(static_cast<int>(LinkType::sll) == WTAP_ENCAP_SLL);
static_assert(static_cast<int>(LinkType::raw_ipv4) == WTAP_ENCAP_RAW_IP4);
static_assert(static_cast<int>(LinkType::raw_ipv6) == WTAP_ENCAP_RAW_IP6);
static_assert(static_cast<int>(LinkType::loop) == WTAP_ENCAP_LOOP);
static_assert(static_cast<int>(LinkType::sll2) == WTAP_ENCAP_SLL2);

// Documents use these names instead of wiretap's "ether" and "rawip".
constexpr std::pair<LinkType, const char*> short_names[] = {{LinkType::ethernet, "ethernet"},
                                                            {LinkType::raw_ip, "raw-ip"}};

}  // namespace

void initialise_wiretap() {
  static const bool once = [] {
    ws_log_set_level(LOG_LEVEL_CRITICAL);
    wtap_init(FALSE);
    return true;
  }();
  static_cast<void>(once);
}

std::string link_name(LinkType link) {
  for (const auto& [number, name] : short_names) {
    if (number == link) return name;
  }
  initialise_wiretap();
  const auto number = static_cast<int>(link);
  if (number >= wtap_get_num_encap_types()) return std::to_string(number);
  return wtap_encap_name(number);
}

std::optional<std::uint16_t> link_number(LinkType link) {
  // wiretap separates the pseudo-header of some types from the octets of the packet, which are then
  // not what the file contains. It only maps numbers to types. Numbers from 10 to 99 are DLT_
  // values of particular systems; most of these types also have a LINKTYPE_ from 100 on, which is
  // preferred.
  if (wtap_encap_requires_phdr(static_cast<int>(link)) != 0) return std::nullopt;
  constexpr std::pair<int, int> ranges[] = {{0, 10}, {100, 1024}, {10, 100}};
  for (const auto& [first, end] : ranges) {
    for (int number = first; number < end; ++number) {
      if (wtap_pcap_encap_to_wtap_encap(number) == static_cast<int>(link)) {
        return static_cast<std::uint16_t>(number);
      }
    }
  }
  return std::nullopt;
}

std::optional<LinkType> find_link(const std::string& name) {
  for (const auto& [number, short_name] : short_names) {
    if (name == short_name) return number;
  }
  initialise_wiretap();
  const int found = wtap_name_to_encap(name.c_str());
  if (found <= 0) return std::nullopt;  // -1: no such name; 0: WTAP_ENCAP_UNKNOWN
  return static_cast<LinkType>(found);
}

}  // namespace secct::generator
