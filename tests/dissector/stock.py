# SPDX-License-Identifier: GPL-2.0-or-later
"""Packets that are not SecCT, in every protocol that the plugin hooks into."""

import struct

import packets as p

A = "2001:db8:1::1"
B = "2001:db8:2::1"
ICMPV6 = 58
DSTOPTS = 60
NO_NEXT = 59
UDP = 17


def icmpv6(kind, code, body, source=A, destination=B):
    return p.fill_checksum([kind, code, p.CHECKSUM, p.CHECKSUM, *body], source, destination)


def dstopts(next_header, options, payload=b""):
    length = 2 + len(options)
    assert length % 8 == 0, length
    return struct.pack("!BB", next_header, length // 8 - 1) + options + payload


def v6(next_header, payload, hop=64, source=A, destination=B):
    return p.ipv6(source, destination, next_header, hop, payload)


def fragments(next_header, payload, at):
    first = struct.pack("!BBHI", next_header, 0, 1, 7) + payload[:at]
    second = struct.pack("!BBHI", next_header, 0, at, 7) + payload[at:]
    return [v6(44, first), v6(44, second)]


def icmpv6_messages():
    link = bytes.fromhex("02005e100001")
    address = bytes.fromhex("20010db8000200000000000000000001")
    yield icmpv6(128, 0, struct.pack("!HH", 1, 1) + b"ping" * 4)
    yield icmpv6(129, 0, struct.pack("!HH", 1, 1) + b"ping" * 4)
    yield icmpv6(133, 0, bytes(4) + b"\x01\x01" + link)
    yield icmpv6(134, 0, b"\x40\x00\x07\x08" + bytes(8) + b"\x01\x01" + link)
    yield icmpv6(135, 0, bytes(4) + address + b"\x01\x01" + link)
    yield icmpv6(136, 0, b"\x60\0\0\0" + address + b"\x02\x01" + link)
    yield icmpv6(136, 0, b"\x60\0\0\0" + address + b"\xf2\x01" + link)  # option 242, not of SecCT
    yield icmpv6(131, 0, bytes(4) + address)
    yield icmpv6(154, 2, b"\0\x07\x80\0" + b"\x02\x01" + link)  # FMIPv6 HI
    yield icmpv6(154, 3, b"\0\x07\x00\0")
    yield icmpv6(200, 0, b"private")
    yield icmpv6(201, 7, b"private")
    yield icmpv6(207, 0, b"unassigned")
    yield icmpv6(255, 0, b"")
    quoted = v6(UDP, p.udp(1000, 2000, b"quoted"))
    yield icmpv6(1, 4, bytes(4) + quoted)
    yield icmpv6(3, 0, bytes(4) + v6(ICMPV6, icmpv6(128, 0, bytes(8))))
    yield icmpv6(4, 2, struct.pack("!I", 40) + v6(DSTOPTS, dstopts(NO_NEXT, b"\x3e\x02ab\x01\0")))
    yield bytes([128, 0, 0, 0, 0, 1, 0, 1])  # wrong checksum
    yield bytes([128, 0])
    yield b""


def destination_options():
    udp = p.udp(1000, 2000, b"payload")
    home = b"\x01\x02\0\0" + b"\xc9\x10" + bytes.fromhex("20010db8001000000000000000000001")
    yield dstopts(NO_NEXT, b"\x01\x04\0\0\0\0")
    yield dstopts(UDP, b"\x01\x04\0\0\0\0", udp)
    yield dstopts(UDP, home, udp)
    yield dstopts(ICMPV6, home, icmpv6(128, 0, bytes(8)))
    yield dstopts(UDP, b"\x3e\x04abcd", udp)  # experimental, not SecCT
    yield dstopts(UDP, b"\x5f\x04abcd", udp)
    yield dstopts(DSTOPTS, b"\x01\x04\0\0\0\0", dstopts(UDP, b"\0" * 6, udp))
    yield dstopts(44, b"\x01\x04\0\0\0\0", struct.pack("!BBHI", UDP, 0, 0, 9) + udp)
    yield dstopts(UDP, b"\x8b\x40abcd", udp)  # runs past the header
    yield dstopts(NO_NEXT, b"\x01\x04\0\0\0\0", b"octets after no next header")
    yield dstopts(51, b"\x01\x04\0\0\0\0", p.ah(UDP, 1, 1, udp))
    yield dstopts(50, b"\x01\x04\0\0\0\0", struct.pack("!II", 1, 1) + bytes(32))
    yield b"\x11\x05\x3e"  # a header that ends early, before an option's length
    yield b"\x11"


def mobile_ipv4():
    request = bytes.fromhex("010000b4c6336401c63364fec00002010000000000000001")
    authentication = b"\x20\x14" + bytes(20)
    yield request
    yield request + authentication
    yield request + authentication + b"\xfb\x04abcd"  # extension 251
    yield request + b"\x24\x01\x00\x08" + bytes(8)  # generalized authentication
    yield request + b"\x26\x00\x00\x08" + bytes(8)  # vendor
    yield request + b"\xfb\xff"  # runs past the end
    yield bytes.fromhex("030000b4c6336401c63364fe0000000000000001")
    yield b"\x01\x00"
    yield b"\x14\x00\x00\x00"
    yield b""


def packets():
    yield from (v6(ICMPV6, message, 255) for message in icmpv6_messages())
    yield from (v6(51, p.ah(ICMPV6, 1, 1, message)) for message in icmpv6_messages())
    yield from (p.ipv4("192.0.2.1", "192.0.2.2", ICMPV6, 64, m) for m in icmpv6_messages())
    yield from (v6(DSTOPTS, header) for header in destination_options())
    yield from (v6(51, p.ah(DSTOPTS, 1, 1, header)) for header in destination_options())
    yield from (v6(0, dstopts(DSTOPTS, b"\x05\x02\0\0\x01\0", h)) for h in destination_options())
    for message in mobile_ipv4():
        yield p.ipv4("192.0.2.1", "192.0.2.2", UDP, 64, p.udp(434, 434, message))
        yield p.ipv4("192.0.2.1", "192.0.2.2", UDP, 64, p.udp(50000, 434, message))
        yield v6(UDP, p.udp(434, 50000, message))
    # Option types of SecCT in a hop-by-hop header, where they have no meaning.
    yield v6(0, dstopts(NO_NEXT, b"\x1e\x04\0\0\0\0"))
    yield from fragments(ICMPV6, icmpv6(128, 0, struct.pack("!HH", 3, 1) + bytes(60)), 40)
    yield from fragments(UDP, p.udp(1, 2, bytes(60)), 24)[:1]
    yield v6(41, v6(ICMPV6, icmpv6(128, 0, bytes(12))))
    yield p.ipv4("192.0.2.1", "192.0.2.2", 41, 64, v6(DSTOPTS, dstopts(UDP, bytes(6), p.udp(1, 2, b""))))
    yield p.ipv4("192.0.2.1", "192.0.2.2", 60, 64, dstopts(UDP, bytes(6), p.udp(1, 2, b"")))
    yield v6(50, struct.pack("!II", 1, 1) + bytes(40))


def capture(path):
    whole = list(packets())
    cut = [(packet[: len(packet) - n], len(packet)) for packet in whole for n in (1, 9)]
    p.write_pcap(path, [*whole, *cut])
    return len(whole) + len(cut)
