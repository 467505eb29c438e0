// SPDX-License-Identifier: GPL-2.0-or-later
#include "network/frame_walker.hpp"

#include "network/walk.hpp"

namespace secct::network {

std::string_view text(Stop::Reason reason) {
  using R = Stop::Reason;
  switch (reason) {
    case R::unknown_link_type: return "unknown link-layer type";
    case R::unknown_ethertype: return "unknown EtherType";
    case R::unknown_llc: return "unknown LLC or SNAP protocol";
    case R::unknown_ppp: return "unknown PPP protocol";
    case R::unknown_family: return "unknown address family";
    case R::unknown_version: return "unknown IP version";
    case R::unknown_ip_protocol: return "unknown IP protocol";
    case R::unsupported_format: return "unsupported header format";
    case R::truncated: return "truncated";
    case R::bad_length: return "bad length";
    case R::encrypted: return "encrypted";
    case R::fragment: return "fragment";
    case R::nesting: return "too many nested datagrams";
    case R::too_many_headers: return "too many headers";
  }
  return "";
}

FrameWalker::FrameWalker() : memory_(std::make_unique<WalkMemory>()) {}
FrameWalker::~FrameWalker() = default;

void FrameWalker::walk(const Frame& frame, FrameVisitor& visitor) {
  const bool truncated = frame.original_length > frame.octets.size();
  const Part part{frame.octets, truncated ? frame.original_length - frame.octets.size() : 0,
                  truncated ? Stop::Reason::truncated : Stop::Reason::bad_length};
  Walk(frame, visitor, *memory_).run(frame.link, part);
}

}  // namespace secct::network
