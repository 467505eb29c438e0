#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes tests/vectors/frames.list: frames that contain SecCT messages, made by scapy.

Run by hand (Debian packages python3-scapy, python3-cryptography); the output is committed, so that
tests need neither. Running it again changes nothing."""

import logging
import struct
import sys
import warnings
from pathlib import Path

warnings.simplefilter("ignore")
logging.getLogger("scapy.runtime").setLevel(logging.ERROR)

# pylint: disable=wrong-import-position
from scapy.contrib.gtp import (GTP_PDCP_PDU_ExtensionHeader, GTP_U_Header, GTPEchoRequest,
                               GTPPDUSessionContainer)
from scapy.contrib.mpls import MPLS
from scapy.layers.dot11 import Dot11, Dot11QoS, RadioTap
from scapy.layers.inet import ICMP, IP, TCP, UDP, IPOption_Router_Alert, fragment
from scapy.layers.inet6 import (HBHOptUnknown, ICMPv6DestUnreach, ICMPv6EchoRequest,
                                ICMPv6NDOptDstLLAddr, ICMPv6NDOptRedirectedHdr, ICMPv6ND_Redirect,
                                ICMPv6PacketTooBig, ICMPv6ParamProblem, ICMPv6TimeExceeded, IPv6,
                                IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop,
                                IPv6ExtHdrRouting, RouterAlert, fragment6, in6_chksum)
from scapy.layers.ipsec import AH, ESP, SecurityAssociation
from scapy.layers.l2 import (ARP, CookedLinux, CookedLinuxV2, Dot1AD, Dot1Q, Dot3, Ether, GRE, LLC,
                             SNAP)
from scapy.layers.mobileip import MobileIP, MobileIPRRP, MobileIPRRQ
from scapy.layers.ppp import HDLC, PPP, PPPoE
from scapy.layers.vxlan import VXLAN
from scapy.packet import Raw, raw

HEAD = """# SPDX-License-Identifier: GPL-2.0-or-later
# Frames that contain SecCT messages, made by scapy: tests/network/make_frames.py.
# NAME LINK-TYPE FRAME RESULT...
# LINK-TYPE: number of wiretap. RESULT in the order of the octets, one of
#   CARRIER@OFFSET+OCTETS[-MISSING]   candidate message; an option of a Hop-by-Hop Options header
#                                     is a "hopopt"; OFFSET "-": decrypted or reassembled
#   stop:REASON[:NUMBER]@OFFSET
# with the prefix "quoted:" if it is quoted by an ICMP message. ESP with SPI 0x1000 is decrypted
# (NULL encryption, no ICV). Fragments are reassembled.
"""

NO_KEYS = {"crypt_algo": "NULL", "crypt_key": b"", "auth_algo": "NULL", "auth_key": b""}  # ESP

# Link types, numbers of wiretap.
ETHERNET, PPP_LINK, RAW, NULL, PPP_DIRECTION, WIRELESS, RADIOTAP, SLL = 1, 4, 7, 15, 19, 20, 23, 25
CISCO, RAW4, RAW6, NFLOG, LOOP, SLL2 = 28, 129, 130, 141, 174, 210

NR, PR, MN = "2001:db8:2::1", "2001:db8:1::1", "2001:db8:20::10"
NR4, FA4, MN4 = "192.0.2.1", "192.0.2.9", "192.0.2.10"
OUTER = {"src": "2001:db8:a::1", "dst": "2001:db8:a::2"}
OUTER4 = {"src": "10.0.0.1", "dst": "10.0.0.2"}

# From tests/vectors/messages.txt and tests/vectors/mip4.txt.
SHREQ = bytes.fromhex("cc00000000070000f206000020010db800200000000000000000001020010db80010000000"
                      "00000000000010010800015cff690b03040001")
SHIN = bytes.fromhex("1e2c20010db800100000000000000000001020010db800100000000000000000000101080001"
                     "5cff690b03040001")
SHAK = bytes.fromhex("5e04050400c8")
REQUEST = bytes.fromhex("fa2000000000000000000000ffffc0000201c000020a010800011d1e797403040001")
REPLY = bytes.fromhex("fa04050400c8")
HOME_AUTHENTICATION = bytes.fromhex("201400000100") + bytes(range(0x60, 0x70))


def with_checksum(source, destination):
    ip = IPv6(src=source, dst=destination)
    return SHREQ[:2] + struct.pack("!H", in6_chksum(58, ip, SHREQ)) + SHREQ[4:]


MESSAGE = with_checksum(NR, PR)


def option(octets):
    return HBHOptUnknown(otype=octets[0], optlen=len(octets) - 2, optdata=octets[2:])


def shreq(*extensions):
    """An IPv6 datagram with extension headers and the SHREQ."""
    ip = IPv6(src=NR, dst=PR, hlim=255)
    if not extensions:
        ip.nh = 58
    for extension in extensions:
        ip = ip / extension
    if extensions:
        ip.lastlayer().nh = 58
    return ip / Raw(MESSAGE)


def shin(*options):
    return IPv6(src=MN, dst=NR) / IPv6ExtHdrDestOpt(
        nh=59, options=[option(octets) for octets in options or [SHIN]])


def registration(kind, *extensions):
    to = {"src": MN4, "dst": FA4} if kind is MobileIPRRQ else {"src": FA4, "dst": MN4}
    ports = (1024, 434) if kind is MobileIPRRQ else (434, 1024)
    fixed = MobileIP() / kind()
    return IP(**to, id=1) / UDP(sport=ports[0], dport=ports[1]) / fixed / Raw(b"".join(extensions))


def request():
    return registration(MobileIPRRQ, REQUEST, HOME_AUTHENTICATION)


def extension(next_header, octets=6):
    """An extension header whose fields scapy does not have."""
    return bytes([next_header, (octets + 2) // 8 - 1]) + bytes(octets)


ROWS = []


def add(name, link, packet, *results):
    """Each result is a string, or (carrier, octets[, captured octets]) to look for."""
    frame = raw(packet)
    columns = []
    for result in results:
        if isinstance(result, str):
            columns.append(result)
            continue
        carrier, octets = result[:2]
        captured = result[2] if len(result) > 2 else len(octets)
        at = frame.find(octets[:captured])
        assert at >= 0 and frame.find(octets[:captured], at + 1) < 0, name
        missing = len(octets) - captured
        columns.append(f"{carrier}@{at}+{captured}" + (f"-{missing}" if missing else ""))
    ROWS.append(" ".join([name, str(link), frame.hex() or "-", *columns]))


FOUND_SHREQ = ("icmpv6", MESSAGE)
FOUND_SHIN = ("dstopt", SHIN)
FOUND_REQUEST = [("mip4-request", REQUEST), ("mip4-request", HOME_AUTHENTICATION)]


def ethernet(packet, **fields):
    return Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02", **fields) / packet


def ieee802(packet):
    """An Ethernet frame with a length and LLC."""
    return Dot3(src="02:00:00:00:00:01", dst="02:00:00:00:00:02") / packet


def carriers():
    add("ethernet", ETHERNET, ethernet(shreq()), FOUND_SHREQ)
    add("ethernet-shin", ETHERNET, ethernet(shin()), FOUND_SHIN)
    add("ethernet-shak-padded", ETHERNET, raw(ethernet(shin(SHAK))) + bytes(6), ("dstopt", SHAK))
    add("ethernet-registration-request", ETHERNET, ethernet(request()), *FOUND_REQUEST)
    add("ethernet-registration-reply", ETHERNET, ethernet(registration(MobileIPRRP, REPLY)),
        ("mip4-reply", REPLY))
    add("two-options", ETHERNET, ethernet(shin(SHIN, SHAK)), FOUND_SHIN, ("dstopt", SHAK))
    add("registration-padding", ETHERNET,
        ethernet(registration(MobileIPRRQ, b"\0", REQUEST, b"\0\0", HOME_AUTHENTICATION)),
        *FOUND_REQUEST)
    add("other-udp", ETHERNET, ethernet(IP(**OUTER4) / UDP(sport=53, dport=1024) / Raw(b"abcd")))
    add("tcp", ETHERNET, ethernet(IP(**OUTER4) / TCP()))
    add("arp", ETHERNET, ethernet(ARP()))


def link_layers():
    add("vlan", ETHERNET, ethernet(Dot1Q(vlan=7) / shreq()), FOUND_SHREQ)
    add("vlan-stacked", ETHERNET, ethernet(Dot1AD(vlan=8) / Dot1Q(vlan=7) / shin()), FOUND_SHIN)
    add("vlan-9100", ETHERNET, ethernet(Dot1Q(vlan=8) / Dot1Q(vlan=7) / request(), type=0x9100),
        *FOUND_REQUEST)
    backbone = raw(Dot1AD(vlan=9, type=0x88e7)) + bytes.fromhex("00012345")
    add("802.1ah", ETHERNET,
        raw(ethernet(b"", type=0x88a8)) + backbone + raw(ethernet(Dot1Q(vlan=7) / shreq())),
        FOUND_SHREQ)
    snap = LLC(dsap=0xaa, ssap=0xaa, ctrl=3) / SNAP()
    add("llc-snap", ETHERNET, ieee802(snap / shreq()), FOUND_SHREQ)
    add("llc-snap-padded", ETHERNET, raw(ieee802(snap / shin(SHAK))) + bytes(4), ("dstopt", SHAK))
    inner = raw(snap / shreq())
    add("vlan-llc-snap", ETHERNET, ethernet(Dot1Q(vlan=7, type=len(inner)) / Raw(inner)),
        FOUND_SHREQ)
    add("llc-ip", ETHERNET, ieee802(LLC(dsap=6, ssap=6, ctrl=3) / request()), *FOUND_REQUEST)
    add("llc-spanning-tree", ETHERNET, ieee802(LLC(dsap=0x42, ssap=0x42, ctrl=3) / Raw(bytes(35))))
    labels = MPLS(label=1000, s=0, ttl=64) / MPLS(label=17, s=1, ttl=64)
    add("mpls-ipv6", ETHERNET, ethernet(labels / shreq(), type=0x8847), FOUND_SHREQ)
    add("mpls-ipv4-multicast", ETHERNET,
        ethernet(MPLS(label=17, s=1, ttl=64) / request(), type=0x8848), *FOUND_REQUEST)
    add("mpls-ethernet-control-word", ETHERNET,
        raw(ethernet(b"", type=0x8847)) + raw(labels) + bytes(4) + raw(ethernet(shin())),
        FOUND_SHIN)
    for first in ("02", "00", "45", "60"):  # may look like a control word or an IP version
        inner = Ether(src="02:00:00:00:00:01", dst=first + ":00:5e:00:01:02") / shreq()
        add("mpls-ethernet-" + first, ETHERNET,
            raw(ethernet(b"", type=0x8847)) + raw(labels) + raw(inner), FOUND_SHREQ)
    add("pppoe", ETHERNET, ethernet(PPPoE(sessionid=7) / PPP(proto=0x57) / shreq(), type=0x8864),
        FOUND_SHREQ)
    add("pppoe-ipv4-padded", ETHERNET,
        raw(ethernet(PPPoE(sessionid=7) / PPP(proto=0x21) / request(), type=0x8864)) + bytes(3),
        *FOUND_REQUEST)
    add("pppoe-mpls", ETHERNET,
        ethernet(PPPoE(sessionid=7) / PPP(proto=0x281) / labels / shreq(), type=0x8864),
        FOUND_SHREQ)
    add("pppoe-lcp", ETHERNET,
        ethernet(PPPoE(sessionid=7) / PPP(proto=0xc021) / Raw(b"\1\1\0\4"), type=0x8864))

    add("sll", SLL, CookedLinux(src=b"\2\0\0\0\0\1", proto=0x86dd) / shreq(), FOUND_SHREQ)
    add("sll-vlan", SLL, CookedLinux(src=b"\2\0\0\0\0\1", proto=0x8100) / Dot1Q(vlan=7) / request(),
        *FOUND_REQUEST)
    add("sll-llc", SLL, CookedLinux(src=b"\2\0\0\0\0\1", proto=4) / snap / shreq(), FOUND_SHREQ)
    add("sll2", SLL2, CookedLinuxV2(src=b"\2\0\0\0\0\1", proto=0x86dd) / shin(), FOUND_SHIN)
    add("sll2-ipv4", SLL2, CookedLinuxV2(src=b"\2\0\0\0\0\1", proto=0x800) / request(),
        *FOUND_REQUEST)
    for family in (10, 23, 24, 28, 30):
        add(f"null-{family}", NULL, struct.pack("<I", family) + raw(shreq()), FOUND_SHREQ)
    add("null-big-endian", NULL, struct.pack(">I", 30) + raw(shin()), FOUND_SHIN)
    add("null-ipv4", NULL, struct.pack("<I", 2) + raw(request()), *FOUND_REQUEST)
    add("loop", LOOP, struct.pack(">I", 24) + raw(shreq()), FOUND_SHREQ)
    add("loop-little-endian", LOOP, struct.pack("<I", 2) + raw(request()), *FOUND_REQUEST)
    add("raw", RAW, shreq(), FOUND_SHREQ)
    add("raw-ipv4", RAW4, request(), *FOUND_REQUEST)
    add("raw-ipv6", RAW6, shin(), FOUND_SHIN)
    add("ppp", PPP_LINK, HDLC() / PPP(proto=0x57) / shreq(), FOUND_SHREQ)
    add("ppp-without-address", PPP_LINK, PPP(proto=0x57) / shin(), FOUND_SHIN)
    add("ppp-long-protocol", PPP_LINK, b"\xff\x03\0\x21" + raw(request()), *FOUND_REQUEST)
    add("ppp-long-without-address", PPP_LINK, b"\0\x57" + raw(shreq()), FOUND_SHREQ)
    add("ppp-cisco-hdlc", PPP_LINK, b"\x0f\0\x86\xdd" + raw(shreq()), FOUND_SHREQ)
    add("ppp-direction", PPP_DIRECTION, HDLC() / PPP(proto=0x21) / request(), *FOUND_REQUEST)
    add("cisco-hdlc", CISCO, b"\x8f\0\x08\0" + raw(request()), *FOUND_REQUEST)
    wireless_layers(snap)
    for order, name in (("<", "nflog"), (">", "nflog-big-endian")):
        payload = raw(shreq())
        octets = b"\x0a\0\0\7"
        octets += struct.pack(order + "HH", 8, 1) + b"\x86\xdd\1\0"
        octets += struct.pack(order + "HH", 5, 10) + bytes(4)  # 1 octet and padding
        octets += struct.pack(order + "HH", 4 + len(payload), 9) + payload
        add(name, NFLOG, octets, FOUND_SHREQ)


def wireless_layers(snap):
    addresses = {f"addr{i}": f"02:00:00:00:00:0{i}" for i in (1, 2, 3)}
    add("802.11", WIRELESS, Dot11(type=2, FCfield="to-DS", **addresses) / snap / shreq(),
        FOUND_SHREQ)
    add("802.11-qos", WIRELESS,
        Dot11(type=2, subtype=8, FCfield="from-DS", **addresses) / Dot11QoS() / snap / shin(),
        FOUND_SHIN)
    four = Dot11(type=2, FCfield="to-DS+from-DS", addr4="02:00:00:00:00:04", **addresses)
    add("802.11-four-addresses", WIRELESS, four / snap / request(), *FOUND_REQUEST)
    head = Dot11(type=2, subtype=8, FCfield="from-DS+order", **addresses) / Dot11QoS()
    add("802.11-ht-control", WIRELESS, raw(head) + bytes(4) + raw(snap / shreq()), FOUND_SHREQ)
    add("radiotap", RADIOTAP, RadioTap(present="Rate", Rate=2) / Dot11(type=2, **addresses) / snap
        / shreq(), FOUND_SHREQ)
    padded = RadioTap(present="TSFT+Flags", mac_timestamp=1, Flags="pad")
    head = Dot11(type=2, subtype=8, FCfield="from-DS", **addresses) / Dot11QoS()
    add("radiotap-padded", RADIOTAP, raw(padded / head) + bytes(2) + raw(snap / shin()), FOUND_SHIN)
    words = bytes.fromhex("00000f00 020000a0 00000000 200000")  # two words of bits, flags: Datapad
    add("radiotap-two-words", RADIOTAP, words + raw(head) + bytes(2) + raw(snap / shin()),
        FOUND_SHIN)
    frame = raw(Dot11(type=2, FCfield="to-DS+protected", **addresses)) + bytes(8) + raw(shreq())
    add("802.11-protected", WIRELESS, frame, "stop:encrypted@24")
    add("802.11-fragment", WIRELESS,
        raw(Dot11(type=2, FCfield="to-DS+MF", **addresses) / snap / shreq()), "stop:fragment@24")
    add("802.11-a-msdu", WIRELESS,
        raw(Dot11(type=2, subtype=8, FCfield="from-DS", **addresses) / Dot11QoS(A_MSDU_Present=1))
        + raw(ethernet(shreq())), "stop:unsupported-header-format@26")
    add("802.11-beacon", WIRELESS, raw(Dot11(type=0, subtype=8, **addresses)) + bytes(12))
    add("802.11-null", WIRELESS, raw(Dot11(type=2, subtype=4, FCfield="to-DS", **addresses)))


def network_layers():
    add("ipv4-options", RAW,
        IP(src=MN4, dst=FA4, options=[IPOption_Router_Alert()]) / request()[UDP], *FOUND_REQUEST)
    hop = IPv6ExtHdrHopByHop(options=[RouterAlert(value=0)])
    add("hop-by-hop", RAW, shreq(hop), ("hopopt", bytes.fromhex("05020000")), FOUND_SHREQ)
    add("routing", RAW, shreq(IPv6ExtHdrRouting(addresses=["2001:db8::3"], segleft=0)), FOUND_SHREQ)
    add("atomic-fragment", RAW, shreq(IPv6ExtHdrFragment(id=5)), FOUND_SHREQ)
    for name, number in (("mobility", 135), ("hip", 139), ("shim6", 140)):
        ip = IPv6(src=NR, dst=PR, nh=number)
        add(name, RAW, ip / Raw(extension(58, 14) + MESSAGE), FOUND_SHREQ)
    everything = (IPv6(src=MN, dst=NR) / hop
                  / IPv6ExtHdrDestOpt(options=[option(b"\x3e\2ab")])
                  / IPv6ExtHdrRouting(addresses=["2001:db8::3"], segleft=0)
                  / IPv6ExtHdrFragment(id=5)
                  / IPv6ExtHdrDestOpt(options=[option(SHIN)], nh=135)
                  / Raw(extension(139) + extension(140) + extension(58) + MESSAGE))
    add("every-extension", RAW, everything, ("hopopt", bytes.fromhex("05020000")),
        ("dstopt", b"\x3e\2ab"), FOUND_SHIN, FOUND_SHREQ)
    many = b"".join(extension(60) for _ in range(99)) + extension(58)
    add("100-extensions", RAW, IPv6(src=NR, dst=PR, nh=60) / Raw(many + MESSAGE), FOUND_SHREQ)
    add("ipv6-offload", ETHERNET, ethernet(IPv6(src=NR, dst=PR, nh=58, plen=0) / Raw(MESSAGE)),
        FOUND_SHREQ)
    add("ipv4-offload", ETHERNET,
        ethernet(IP(src=MN4, dst=FA4, len=0) / UDP(sport=1024, dport=434, len=0) / MobileIP()
                 / MobileIPRRQ() / Raw(REQUEST + HOME_AUTHENTICATION)), *FOUND_REQUEST)
    add("ipv6-no-payload-padded", ETHERNET, raw(ethernet(IPv6(src=NR, dst=PR, nh=59))) + MESSAGE)
    add("option-beyond-header", RAW,
        IPv6(src=MN, dst=NR, nh=60) / Raw(bytes.fromhex("3a00 1e05 01020304") + MESSAGE),
        "dstopt@42+6", "stop:bad-length@42", FOUND_SHREQ)
    add("extension-beyond-registration", RAW,
        registration(MobileIPRRQ, REQUEST, b"\xfa\x09abc"), ("mip4-request", REQUEST),
        "mip4-request@86+5", "stop:bad-length@86")


def tunnels():
    add("6in6", RAW, IPv6(**OUTER) / shreq(), FOUND_SHREQ)
    add("4in6", RAW, IPv6(**OUTER) / request(), *FOUND_REQUEST)
    add("6in4", RAW, IP(**OUTER4) / shin(), FOUND_SHIN)
    add("4in4", RAW, IP(**OUTER4) / request(), *FOUND_REQUEST)
    add("6in4in6", RAW, IPv6(**OUTER) / IP(**OUTER4) / shreq(), FOUND_SHREQ)
    add("gre", RAW, IP(**OUTER4) / GRE() / shreq(), FOUND_SHREQ)
    full = GRE(chksum_present=1, key_present=1, key=7, seqnum_present=1, sequence_number=9)
    add("gre-all-fields", RAW, IPv6(**OUTER) / full / request(), *FOUND_REQUEST)
    add("gre-ethernet", RAW,
        IP(**OUTER4) / GRE(proto=0x6558, key_present=1, key=7) / ethernet(Dot1Q(vlan=3) / shin()),
        FOUND_SHIN)
    add("gre-mpls", RAW, IP(**OUTER4) / GRE(proto=0x8847) / MPLS(label=17, s=1, ttl=64) / shreq(),
        FOUND_SHREQ)
    add("vxlan", RAW,
        IP(**OUTER4) / UDP(sport=9999) / VXLAN(vni=5, flags="Instance") / ethernet(shreq()),
        FOUND_SHREQ)
    add("vxlan-ipv6", ETHERNET,
        ethernet(IPv6(**OUTER) / UDP(sport=9999) / VXLAN(vni=5, flags="Instance")
                 / ethernet(Dot1Q(vlan=4) / request())), *FOUND_REQUEST)
    gtp = IP(**OUTER4) / UDP(sport=2152, dport=2152)
    add("gtp-u", RAW, gtp / GTP_U_Header(teid=1, S=0) / shreq(), FOUND_SHREQ)
    add("gtp-u-sequence", RAW, gtp / GTP_U_Header(teid=1, S=1, seq=4) / request(), *FOUND_REQUEST)
    add("gtp-u-extensions", RAW,
        gtp / GTP_U_Header(teid=1, E=1, S=1, gtp_type=255)
        / GTP_PDCP_PDU_ExtensionHeader(pdcp_pdu=3, next_ex=0x85)
        / GTPPDUSessionContainer(type=1, QFI=3) / shin(), FOUND_SHIN)
    add("gtp-u-echo", RAW, gtp / GTP_U_Header(teid=0, S=1, seq=4) / GTPEchoRequest())
    teredo = IP(**OUTER4) / UDP(sport=3544, dport=5000)
    authentication = bytes.fromhex("00010203 6964 617574") + bytes(9)
    origin = bytes.fromhex("0000 ef12 f5fffffe")
    add("teredo", RAW, teredo / Raw(raw(shreq())), FOUND_SHREQ)
    add("teredo-headers", RAW, teredo / Raw(authentication + origin + raw(shin())), FOUND_SHIN)
    add("deep", ETHERNET,
        ethernet(Dot1Q(vlan=2) / IPv6(**OUTER) / GRE(proto=0x6558)
                 / ethernet(IP(**OUTER4) / UDP(sport=9) / VXLAN(vni=5, flags="Instance")
                            / ethernet(IPv6(**OUTER) / shreq()))), FOUND_SHREQ)
    nested = IPv6(**OUTER)
    for _ in range(7):
        nested = nested / IPv6(**OUTER)
    add("8-nested", RAW, nested / shreq(), FOUND_SHREQ)
    add("9-nested", RAW, nested / IPv6(**OUTER) / shreq(),
        f"stop:too-many-nested-datagrams@{9 * 40}")


def ipsec():
    ah = SecurityAssociation(AH, spi=0x2000, auth_algo="HMAC-SHA1-96", auth_key=bytes(20))
    add("ah", RAW, ah.encrypt(shreq(), seq_num=1), FOUND_SHREQ)
    add("ah-destination-options", RAW,
        raw(ah.encrypt(IPv6(src=MN, dst=NR) / IPv6ExtHdrDestOpt(options=[option(SHIN)], nh=58)
                       / Raw(MESSAGE), seq_num=1)), FOUND_SHIN, FOUND_SHREQ)
    add("ah-ipv4", RAW, ah.encrypt(request(), seq_num=1), *FOUND_REQUEST)
    tunnel = SecurityAssociation(AH, spi=0x2001, auth_algo="HMAC-MD5-96", auth_key=bytes(16),
                                 tunnel_header=IPv6(**OUTER))
    add("ah-tunnel", RAW, tunnel.encrypt(shreq(), seq_num=1), FOUND_SHREQ)

    esp = SecurityAssociation(ESP, spi=0x1000, **NO_KEYS)
    unreadable = SecurityAssociation(ESP, spi=0x1001, **NO_KEYS)
    buffered = f"icmpv6@-+{len(MESSAGE)}"
    add("esp", RAW, esp.encrypt(shreq(), seq_num=1), buffered)
    add("esp-after-options", RAW,
        esp.encrypt(IPv6(src=MN, dst=NR) / IPv6ExtHdrHopByHop(options=[option(SHAK)], nh=58)
                    / Raw(MESSAGE), seq_num=1), ("hopopt", SHAK), buffered)
    add("esp-ipv4", RAW, esp.encrypt(request(), seq_num=1), f"mip4-request@-+{len(REQUEST)}",
        f"mip4-request@-+{len(HOME_AUTHENTICATION)}")
    add("esp-ah", RAW, ah.encrypt(esp.encrypt(shreq(), seq_num=1), seq_num=1), buffered)
    for name, header in (("", IPv6(**OUTER)), ("-ipv4", IP(**OUTER4))):
        tunnel = SecurityAssociation(ESP, spi=0x1000, tunnel_header=header, **NO_KEYS)
        add("esp-tunnel" + name, RAW, tunnel.encrypt(shin(), seq_num=1), f"dstopt@-+{len(SHIN)}")
    add("esp-unreadable", ETHERNET, ethernet(unreadable.encrypt(shreq(), seq_num=1)),
        f"stop:encrypted@{14 + 40 + 8}")
    add("esp-twice", RAW, esp.encrypt(unreadable.encrypt(shreq(), seq_num=1), seq_num=1),
        "stop:encrypted@-")


def fragments():
    plain = shreq(IPv6ExtHdrFragment(id=77))
    first, last = fragment6(plain, 40 + 8 + 48)[:2]
    add("fragment-1", RAW, first, "stop:fragment@48")
    add("fragment-2", RAW, last, f"icmpv6@-+{len(MESSAGE)}")
    hop = (IPv6(src=NR, dst=PR) / IPv6ExtHdrHopByHop(options=[option(SHAK)])
           / IPv6ExtHdrFragment(id=78, nh=58))
    first, last = fragment6(hop / Raw(MESSAGE), 40 + 8 + 48)[:2]
    at = len(raw(first)) - 40
    assert raw(first)[at:] == MESSAGE[:40]
    add("fragment-hop-by-hop-2", RAW, last, ("hopopt", SHAK), f"stop:fragment@{at}")
    add("fragment-hop-by-hop-1", RAW, first, ("hopopt", SHAK), f"icmpv6@-+{len(MESSAGE)}")
    found = [f"mip4-request@-+{len(REQUEST)}", f"mip4-request@-+{len(HOME_AUTHENTICATION)}"]
    datagram = request()
    datagram.id = 79
    first, last = fragment(datagram, 48)
    add("fragment-ipv4-1", RAW, first, "stop:fragment@20")
    add("fragment-ipv4-2", RAW, last, *found)
    datagram.id = 80
    first, last = fragment(datagram, 48)
    tunnel = IP(**OUTER4) / GRE()
    add("fragment-gre-1", RAW, tunnel / first, "stop:fragment@44")
    add("fragment-gre-2", RAW, tunnel / last, *found)
    # A fragmented tunnel that contains a fragmented datagram.
    first, last = fragment6(shreq(IPv6ExtHdrFragment(id=81)), 40 + 8 + 48)[:2]
    outer = IPv6(**OUTER) / IPv6ExtHdrFragment(id=82) / raw(first)
    outer[IPv6ExtHdrFragment].nh = 41
    parts = fragment6(outer, 40 + 8 + 64)[:2]
    add("fragment-outer-1", RAW, parts[0], "stop:fragment@48")
    add("fragment-outer-2", RAW, parts[1], "stop:fragment@-")
    add("fragment-outer-3", RAW, IPv6(**OUTER) / last, f"icmpv6@-+{len(MESSAGE)}")


def quotations():
    """ICMP errors are ICMPv6 messages themselves."""
    def quoting(name, error, quoted, *results):
        ip = IPv6(**OUTER) / error / quoted
        add(name, RAW, ip, f"icmpv6@40+{len(raw(ip)) - 40}", *results)

    found = [f"quoted:icmpv6@88+{len(MESSAGE)}"]
    errors = {"unreachable": ICMPv6DestUnreach(), "too-big": ICMPv6PacketTooBig(),
              "time-exceeded": ICMPv6TimeExceeded(), "parameter": ICMPv6ParamProblem()}
    for name, error in errors.items():
        quoting("quoted-" + name, error, raw(shreq()), *found)
    cut = len(MESSAGE) - 20
    quoting("quoted-cut", ICMPv6DestUnreach(), raw(shreq())[:-20], f"quoted:icmpv6@88+{cut}-20",
            f"quoted:stop:truncated@{88 + cut}")
    quoting("quoted-cut-header", ICMPv6DestUnreach(), raw(shreq())[:30], "quoted:stop:truncated@48")
    quoting("quoted-option-cut", ICMPv6DestUnreach(), raw(shin())[:60], f"quoted:dstopt@90+18-28",
            "quoted:stop:truncated@108")
    padded = raw(shreq()).ljust(128, b"\0")  # RFC 4884: 16 units of 8 octets, then an extension
    quoting("quoted-extensions", ICMPv6DestUnreach(length=16),
            padded + bytes.fromhex("2000000000080101 01020304"), *found)
    quoting("quoted-tunnel", ICMPv6TimeExceeded(), raw(IPv6(**OUTER) / shreq()),
            f"quoted:icmpv6@128+{len(MESSAGE)}")
    quoting("quoted-esp", ICMPv6TimeExceeded(),
            raw(SecurityAssociation(ESP, spi=0x1001, **NO_KEYS).encrypt(shreq(), seq_num=1)),
            "quoted:stop:encrypted@96")
    quoting("quoted-fragment", ICMPv6TimeExceeded(),
            raw(fragment6(shreq(IPv6ExtHdrFragment(id=90)), 96)[0]), "quoted:stop:fragment@96")
    redirect = (ICMPv6ND_Redirect(tgt="fe80::1", dst=PR)
                / ICMPv6NDOptDstLLAddr(lladdr="02:00:00:00:00:01"))
    option_octets = bytes([4, (8 + len(raw(shreq()))) // 8]) + bytes(6) + raw(shreq())
    quoting("quoted-redirect", redirect, option_octets,
            f"quoted:icmpv6@{40 + 40 + 8 + 8 + 40}+{len(MESSAGE)}")
    for name, kind in (("unreachable", 3), ("quench", 4), ("redirect", 5), ("time-exceeded", 11),
                       ("parameter", 12)):
        add("quoted-ipv4-" + name, RAW, IP(**OUTER4) / ICMP(type=kind) / Raw(raw(request())),
            *[("quoted:" + carrier, octets) for carrier, octets in FOUND_REQUEST])
    add("quoted-ipv4-cut", RAW, IP(**OUTER4) / ICMP(type=3) / Raw(raw(request())[:28]),
        "quoted:stop:truncated@56")
    add("icmp-echo", RAW, IP(**OUTER4) / ICMP() / Raw(raw(request())))
    add("icmpv6-echo", RAW, IPv6(**OUTER) / ICMPv6EchoRequest(data=raw(shreq())),
        f"icmpv6@40+{8 + len(raw(shreq()))}")


def stops():
    add("empty", ETHERNET, b"", "stop:bad-length@0")
    add("unknown-link-type", 99, shreq(), "stop:unknown-link-layer-type:0x63@0")
    add("unknown-ethertype", ETHERNET, ethernet(shreq(), type=0x1234),
        "stop:unknown-EtherType:0x1234@14")
    add("unknown-ethertype-vlan", ETHERNET, ethernet(Dot1Q(vlan=1, type=0x1234) / shreq()),
        "stop:unknown-EtherType:0x1234@18")
    add("unknown-llc", ETHERNET, ieee802(LLC(dsap=0x98, ssap=0x98, ctrl=3) / Raw(b"abcd")),
        "stop:unknown-LLC-or-SNAP-protocol:0x9898@14")
    add("unknown-snap", ETHERNET,
        ieee802(LLC(dsap=0xaa, ssap=0xaa, ctrl=3) / SNAP(OUI=0x80c2, code=1) / Raw(b"abcd")),
        "stop:unknown-LLC-or-SNAP-protocol:0x80c2@22")
    add("unknown-ppp", PPP_LINK, HDLC() / PPP(proto=0x3d) / shreq(),
        "stop:unknown-PPP-protocol:0x3d@3")
    add("unknown-family", NULL, struct.pack("<I", 99) + raw(shreq()),
        "stop:unknown-address-family:0x63@4")
    add("unknown-version", ETHERNET, ethernet(Raw(b"\x50abc"), type=0x86dd),
        "stop:unknown-IP-version:0x5@14")
    add("unknown-protocol", RAW, IPv6(nh=253, **OUTER) / shreq(),
        "stop:unknown-IP-protocol:0xfd@40")
    add("gre-version-1", RAW, IP(**OUTER4) / GRE(version=1, proto=0x880b) / shreq(),
        "stop:unsupported-header-format@20")
    add("pppoe-version-2", ETHERNET,
        ethernet(PPPoE(version=2) / PPP(proto=0x57) / shreq(), type=0x8864),
        "stop:unsupported-header-format@14")
    add("vxlan-without-network", RAW,
        IP(**OUTER4) / UDP(dport=4789) / VXLAN(flags=0) / ethernet(shreq()),
        "stop:unsupported-header-format@28")
    add("gtp-version-2", RAW, IP(**OUTER4) / UDP(dport=2152) / Raw(b"\x48" + bytes(11)),
        "stop:unsupported-header-format@28")
    add("gtp-extension-length", RAW,
        IP(**OUTER4) / UDP(dport=2152) / Raw(bytes.fromhex("34ff0008 00000001 00000085 00000000")),
        "stop:bad-length@40")
    add("ipv4-header-length", RAW, IP(ihl=4, **OUTER4) / Raw(bytes(20)), "stop:bad-length@0")
    add("ipv4-total-length", RAW, IP(len=19, **OUTER4) / Raw(bytes(20)), "stop:bad-length@0")
    beyond = shreq()
    beyond.plen = len(MESSAGE) + 4
    add("ipv6-length-beyond-frame", RAW, beyond, f"icmpv6@40+{len(MESSAGE)}-4",
        f"stop:bad-length@{40 + len(MESSAGE)}")
    add("extension-beyond-datagram", RAW,
        IPv6(nh=43, **OUTER) / Raw(b"\x3a\x09" + bytes(14)), "stop:bad-length@40")
    add("ah-length", RAW, IPv6(nh=51, **OUTER) / Raw(b"\x3a\0" + bytes(20)), "stop:bad-length@40")
    add("udp-length-7", RAW, IP(**OUTER4) / UDP(dport=434, len=7) / Raw(bytes(30)),
        "stop:bad-length@20")
    add("many-vlan-tags", ETHERNET,
        raw(ethernet(b"", type=0x8100)) + bytes.fromhex("00018100") * 100 + raw(shreq()),
        f"stop:too-many-headers@{14 + 4 * 63}")


def main():
    for group in (carriers, link_layers, network_layers, tunnels, ipsec, fragments, quotations,
                  stops):
        group()
    names = [row.split()[0] for row in ROWS]
    assert len(set(names)) == len(names)
    path = Path(__file__).resolve().parents[1] / "vectors/frames.list"
    path.write_text(HEAD + "\n".join(ROWS) + "\n", encoding="utf-8")
    print(f"{path}: {len(ROWS)} frames", file=sys.stderr)


if __name__ == "__main__":
    main()
