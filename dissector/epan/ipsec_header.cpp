// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/epan/ipsec_header.hpp"

namespace secct::dissector {
namespace {

IpsecHeader innermost_header;

}  // namespace

const IpsecHeader* ipsec_header(const packet_info* pinfo) {
  return innermost_header.frame == pinfo->num ? &innermost_header : nullptr;
}

void set_ipsec_header(const IpsecHeader& header) { innermost_header = header; }

}  // namespace secct::dissector
