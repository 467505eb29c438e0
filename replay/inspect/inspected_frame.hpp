// SPDX-License-Identifier: GPL-2.0-or-later
// Finds what may be SecCT messages in a captured frame, and verifies AH and decrypts ESP around
// them, as far as there are keys. Reports what it finds; it does not evaluate it.
//
//   InspectedFrame frame(find_sa, &reassembler);  // for all frames: it keeps its memory
//   frame.inspect({packet.link, packet.octets, packet.original_length}, packet.time);
//   for (const auto& message : frame.messages()) {
//     if (frame.decode(codepoints, message, decoded)) fmt::print("{}\n", info(decoded));
//   }
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "conversation/ipsec_header.hpp"
#include "network/fragment.hpp"
#include "network/frame_walker.hpp"
#include "protocol/decode/decoded_message.hpp"
#include "protocol/tables/codepoints.hpp"
#include "protocol/time.hpp"
#include "replay/namespace.hpp"

namespace secct::replay {

// An AH or ESP header. unverified: octets are missing, no key is known, or the ICV cannot be
// verified; AH is then skipped.
struct IpsecLayer : conversation::IpsecHeader {
  const FrameDatagram* in = nullptr;  // the datagram that contains it
  bool has_key = false;
  bool closed = false;  // ESP that was not decrypted
};

struct FoundMessage : CandidateMessage {
  // The outermost datagram around it; if the message was in fragments, the reassembled one.
  const FrameDatagram* outermost;
};

// Whether the type octet is one of SecCT's.
bool is_secct(const CodePoints& codepoints, const CandidateMessage& message);

// Returns the SA of a header, or nullptr if it is unknown; valid until the next call. The addresses
// are those that the final destination sees.
using SaFinder = std::function<const Sa*(IpsecProtocol protocol, std::uint32_t spi,
                                         const Address& source, const Address& destination)>;
inline const Sa* no_keys(IpsecProtocol, std::uint32_t, const Address&, const Address&) {
  return nullptr;
}

// What ICMP errors and Redirects quote is not part of the results.
class InspectedFrame : private FrameVisitor {
 public:
  // Without `reassembler`, fragments remain unread; otherwise it must outlive this object.
  explicit InspectedFrame(SaFinder find, Reassembler* reassembler = nullptr)
      : find_(std::move(find)), reassembler_(reassembler) {}

  // The octets of the frame must outlive the use of the results, which are valid until the next
  // call. `now` is the time for the reassembler.
  void inspect(const Frame& frame, Time now = 0);
  // The same for an IP datagram.
  void inspect(View datagram) { inspect({LinkType::raw_ip, datagram, datagram.size()}); }

  const std::vector<FoundMessage>& messages() const { return messages_; }  // candidates
  const std::vector<IpsecLayer>& ipsec_layers() const { return layers_; }  // outermost first
  const std::vector<Stop>& stops() const { return stops_; }
  std::size_t fragments() const { return fragments_; }  // given to the reassembler

  // The innermost readable datagram and the outermost one around it (as in FoundMessage); nullptr
  // if there is none.
  const FrameDatagram* innermost() const { return innermost_; }
  const FrameDatagram* outermost() const { return outermost_; }
  bool closed() const;  // ESP was not decrypted
  // The Mobile IPv4 registration that `innermost()` contains: the payload of its UDP datagram, as
  // captured. Empty if there is none.
  View registration() const;
  // The innermost AH or ESP header that protects the message, or nullptr.
  const IpsecLayer* layer_around(const FoundMessage& message) const;

  static Envelope envelope_of(const FrameDatagram& in, Carrier carrier);
  // Decodes a message; of one that is truncated, the beginning. Returns as secct::decode().
  bool decode(const CodePoints& codepoints, const FoundMessage& message, DecodedMessage& decoded);

 private:
  Action on_datagram(const FrameDatagram& in) override;
  Action on_message(const CandidateMessage& message) override;
  void on_stop(const Stop& stop) override;
  void on_ah(const FrameDatagram& in, const Header& header) override;
  std::optional<std::uint8_t> on_esp(const FrameDatagram& in, const Header& header,
                                     Octets& payload) override;
  bool on_fragment(const FrameDatagram& in, Octets& whole) override;

  // Adds a header and returns its SA if it is known and no octet is missing.
  const Sa* add_layer(const FrameDatagram& in, const Header& header);

  SaFinder find_;
  Reassembler* reassembler_;
  FrameWalker walker_;
  Time now_ = 0;
  std::vector<FoundMessage> messages_;
  std::vector<IpsecLayer> layers_;
  std::vector<Stop> stops_;
  std::size_t fragments_ = 0;
  const FrameDatagram* innermost_ = nullptr;
  const FrameDatagram* outermost_ = nullptr;
  bool reassembled_ = false;  // the next datagram was
  Octets sized_;              // a datagram with its length
  Octets scratch_;            // of decode_beginning()
};

}  // namespace secct::replay
