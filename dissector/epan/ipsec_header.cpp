// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/epan/ipsec_header.hpp"

namespace secct::dissector {
namespace {

IpsecHeader innermost;

}  // namespace

const IpsecHeader* ipsec_header(const packet_info* pinfo) {
  return innermost.frame == pinfo->num ? &innermost : nullptr;
}

void set_ipsec_header(const IpsecHeader& header) { innermost = header; }

}  // namespace secct::dissector
