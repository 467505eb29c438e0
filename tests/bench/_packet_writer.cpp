// SPDX-License-Identifier: GPL-2.0-or-later
// Writes packets with Tins::PacketWriter, as a reference for writers: it does not build the
// packets.
//
// usage: packet_writer IN.pcap OUT.pcap COUNT    reads IN into memory and repeats its packets until
//                                                COUNT are written
#include <cstdlib>
#include <memory>
#include <vector>

#include <tins/tins.h>

namespace {

// Returns a frame as PDUs, with the payload of IPv6 as octets.
std::unique_ptr<Tins::PDU> to_pdu(const Tins::RawPDU::payload_type& frame) {
  constexpr std::size_t ethernet = 14;
  constexpr std::size_t ipv6 = 40;
  Tins::EthernetII header(frame.data(), ethernet);
  header.inner_pdu(nullptr);
  if (header.payload_type() != 0x86dd || frame.size() < ethernet + ipv6) {
    header.inner_pdu(new Tins::RawPDU(frame.begin() + ethernet, frame.end()));
    return std::unique_ptr<Tins::PDU>(header.clone());
  }
  Tins::IPv6 datagram;
  datagram.next_header(frame[ethernet + 6]);
  datagram.hop_limit(frame[ethernet + 7]);
  datagram.inner_pdu(new Tins::RawPDU(frame.begin() + ethernet + ipv6, frame.end()));
  header.inner_pdu(datagram);
  return std::unique_ptr<Tins::PDU>(header.clone());
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 4) return 2;
  std::vector<std::unique_ptr<Tins::PDU>> packets;
  Tins::FileSniffer capture(arguments[1]);
  capture.set_extract_raw_pdus(true);
  while (const Tins::Packet packet = capture.next_packet()) {
    packets.push_back(to_pdu(packet.pdu()->rfind_pdu<Tins::RawPDU>().payload()));
  }
  if (packets.empty()) return 1;
  Tins::PacketWriter writer(arguments[2], Tins::DataLinkType<Tins::EthernetII>());
  const auto wanted = std::strtoull(arguments[3], nullptr, 10);
  for (unsigned long long i = 0; i < wanted; ++i) writer.write(*packets[i % packets.size()]);
  return 0;
}
