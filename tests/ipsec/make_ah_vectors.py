#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes tests/vectors/ah.list: IP packets with an AH, and whether their ICV is right.

Each header is written twice, as it is sent and as RFC 2402 sections 3.3.3.1.1 and 3.3.3.1.2 and appendix A
say that the ICV covers it, so that no algorithm derives one form from the other. hmac of Python computes the
ICV. Where scapy can, its zero_mutable_fields() confirms the second form. It cannot where it differs from the
RFC: it moves all addresses of a Routing header, whatever Segments Left is, leaves a Fragment header and an
earlier AH in place, does not cover options after the AH as zeros, does not exchange addresses for a Home
Address option or an IPv4 source route, and reads the octets after End of Option List as options.

Needs the Debian package python3-scapy. The output is committed, so that the tests do not need it."""

import hashlib
import hmac
import ipaddress
import itertools
import logging
import struct
import sys
import warnings
from pathlib import Path

warnings.simplefilter("ignore")
logging.getLogger("scapy.runtime").setLevel(logging.ERROR)

# pylint: disable=wrong-import-position
from scapy.layers.inet import IP
from scapy.layers.inet6 import IPv6
from scapy.layers.ipsec import zero_mutable_fields
from scapy.packet import raw

HEAD = """# SPDX-License-Identifier: GPL-2.0-or-later
# IP packets with an AH (tests/ipsec/make_ah_vectors.py). STATE of the ICV:
#   good        as RFC 2402 requires
#   accepted    wrong by RFC 2402 or by our reading of it, but right for another implementation
#   bad         wrong
#   unverified  wrong, but implementations differ on the octets that it covers
#   malformed   the AH has a wrong length
# In NAME, "sequence-zero" means that the sequence number is 0; all others increase.
# MTU: tests send the packet in fragments of at most so many octets; `-`: whole.
# NAME STATE SPI ALGORITHM KEY AH-OFFSET MTU PACKET (whole IP datagrams)
"""

PEER, DUT = "2001:db8:1::1", "2001:db8:2::1"
V4_PEER, V4_DUT = "192.0.2.2", "192.0.2.1"
CARE_OF = "2001:db8:20::1:1"
ROUTERS = ["2001:db8:a::1", "2001:db8:b::1", "2001:db8:c::1"]
V4_ROUTERS = ["198.51.100.1", "198.51.100.2"]
HOP, ROUTING, FRAGMENT, AH, DEST, NO_NEXT = 0, 43, 44, 51, 60, 59
ESP, UDP, IN_IPV6 = 50, 17, 41
ICV_OCTETS = 12
ALGORITHMS = {"hmac-md5": (0x1003, bytes(range(0x70, 0x80)), hashlib.md5),
              "hmac-sha1": (0x1001, bytes(range(20)), hashlib.sha1)}
PAYLOAD = bytes.fromhex("0fa00007") + struct.pack("!HH", 20, 0) + bytes(range(1, 13))  # UDP


def address(text):
    return ipaddress.ip_address(text).packed


class Header:
    """A header after the IP header: its octets after Next Header, as sent and as covered. `covered` is None
    for a header that the receiver removes before it verifies the ICV."""

    def __init__(self, number, sent, covered="same", source=None, destination=None, scapy=True):
        self.number, self.sent = number, sent
        self.covered = sent if covered == "same" else covered
        self.source, self.destination = source, destination  # in the IP header: sent, covered
        self.scapy = scapy  # zero_mutable_fields() agrees


def options(number, *items):
    """A header of options (type, data). Data of a type with the chg bit is covered as zeros."""
    forms = []
    for covered in (False, True):
        octets = b""
        for kind, data in items:
            zeros = covered and kind & 0x20
            octets += bytes([kind, len(data)]) + (bytes(len(data)) if zeros else data)
        pad = -(len(octets) + 2) % 8
        octets += b"" if pad == 0 else b"\0" if pad == 1 else bytes([1, pad - 2]) + bytes(pad - 2)
        forms.append(bytes([(len(octets) + 2) // 8 - 1]) + octets)
    return Header(number, *forms)


def along(path, final, left):
    """The destination and the list of addresses of a packet to `final` that has `left` nodes before it."""
    visited = path[:len(path) - left]
    rest = path[len(path) - left:] + [final]
    return rest[0], visited + rest[1:]


def routing(kind, path, left, final=DUT):
    forms, ends = [], []
    for segments in (left, 0):
        destination, addresses = along(path, final, segments)
        body = b"".join(address(each) for each in addresses)
        forms.append(bytes([len(body) // 8, kind, segments]) + bytes(4) + body)
        ends.append(destination)
    return Header(ROUTING, *forms, destination=tuple(ends), scapy=left in (0, len(path)))


def other_routing(kind, left):
    return Header(ROUTING, bytes([2, kind, left]) + bytes(4) + address(ROUTERS[0]))


def home_address():
    """RFC 6275 section 11.3.2: covered as if the source were the home address."""
    sent = options(DEST, (0xC9, address(PEER))).sent
    covered = options(DEST, (0xC9, address(CARE_OF))).sent
    return Header(DEST, sent, covered, source=(CARE_OF, PEER), scapy=False)


def atomic():
    return Header(FRAGMENT, bytes.fromhex("00000012345678"), None, scapy=False)


def ipv6(headers, payload, number, as_covered):
    """The IP header and the chain; `headers` are (number, octets after Next Header)."""
    chain = b""
    numbers = [each[0] for each in headers] + [number]
    for (_, octets), following in zip(headers, numbers[1:]):
        chain += bytes([following]) + octets
    body = chain + payload
    first = 0x60000000 if as_covered else 0x62812345
    return struct.pack("!IHBB", first, len(body), numbers[0], 0 if as_covered else 61), body


class Packet:
    """An IPv6 packet with `before`, an AH, `after` and a payload."""

    def __init__(self, before=(), after=(), payload=PAYLOAD, number=UDP, zero_after=True):
        self.before, self.after = list(before), list(after)
        self.payload, self.number, self.zero_after = payload, number, zero_after

    def octets(self, ah, as_covered, keep_fragment=False):
        form = 1 if as_covered else 0
        sources = [header.source[form] for header in self.before if header.source]
        destinations = [header.destination[form] for header in self.before if header.destination]
        # The first Routing header is processed first.
        destination = destinations[-form] if destinations else DUT
        headers = []
        for header in self.before:
            octets = header.covered if as_covered else header.sent
            if octets is None and keep_fragment:
                octets = header.sent
            if octets is not None:
                headers.append((header.number, octets))
        self.offset = 40 + sum(len(octets) + 1 for _, octets in headers)
        headers.append((AH, ah))
        for header in self.after:
            zeros = as_covered and self.zero_after
            headers.append((header.number, header.covered if zeros else header.sent))
        fixed, body = ipv6(headers, self.payload, self.number, as_covered)
        return fixed + address(sources[0] if sources else PEER) + address(destination) + body

    def scapy_can(self):
        return all(header.scapy for header in self.before) and not (self.zero_after and any(
            header.covered != header.sent for header in self.after))


class Packet4:
    """An IPv4 packet. `items` are options: octets as sent and as covered. `ends`: destination as sent."""

    def __init__(self, *items, destination=V4_DUT, scapy=True):
        self.items, self.destination, self.scapy = items, destination, scapy

    def octets(self, ah, as_covered, keep_fragment=False):
        del keep_fragment
        choice = b"".join(item[1 if as_covered else 0] for item in self.items)
        choice += bytes(-len(choice) % 4)
        self.offset = 20 + len(choice)
        body = bytes([UDP]) + ah + PAYLOAD
        fields = [0x40 | self.offset // 4, 0 if as_covered else 0x28, self.offset + len(body), 0x1234,
                  0 if as_covered else 0x4000, 0 if as_covered else 61, AH, 0]
        head = bytearray(struct.pack("!BBHHHBBH", *fields) + address(V4_PEER) +
                         address(V4_DUT if as_covered else self.destination) + choice)
        if not as_covered:
            total = sum(struct.unpack(f"!{len(head) // 2}H", bytes(head)))
            while total > 0xFFFF:
                total = (total & 0xFFFF) + (total >> 16)
            head[10:12] = struct.pack("!H", 0xFFFF - total)
        return bytes(head) + body

    def scapy_can(self):
        return self.scapy


def plain(octets):
    return octets, octets


def zeroed(octets):
    return octets, bytes(len(octets))


def source_route(kind, left):
    destination, addresses = along(V4_ROUTERS, V4_DUT, left)
    pointer = 4 + 4 * (len(V4_ROUTERS) - left)
    body = bytes([kind, 3 + 4 * len(addresses), pointer]) + b"".join(map(address, addresses))
    return zeroed(body), destination


CHANGING = (0x3E, bytes.fromhex("a1a2a3a4a5a6"))
FIXED = (0x12, bytes.fromhex("b1b2b3b4"))
ALERT = (0x05, bytes(2))


def ipv6_packets():
    yield "v6", Packet()
    pool = {"hop": options(HOP, ALERT, CHANGING), "dest": options(DEST, FIXED, CHANGING),
            "rh0": routing(0, ROUTERS[:2], 2), "atomic": atomic()}
    for count in range(1, len(pool) + 1):
        for names in itertools.permutations(pool, count):
            yield "v6-" + "-".join(names), Packet([pool[name] for name in names])
    for left in range(4):
        yield f"v6-rh0-left{left}of3", Packet([routing(0, ROUTERS, left)])
    for left in (0, 1):
        yield f"v6-rh2-left{left}", Packet([routing(2, [CARE_OF], left)])
    yield "v6-home-address", Packet([home_address()])
    yield "v6-rh2-home-address", Packet([routing(2, ROUTERS[:1], 1), home_address()])
    yield "v6-rh0-rh0", Packet([routing(0, ROUTERS[:1], 1, ROUTERS[1]), options(DEST, FIXED),
                                routing(0, ROUTERS[1:2], 1)])
    yield "v6-padn", Packet([options(HOP, (1, b"\x11\x22"), (0x21, b"\x33\x44"))])
    yield "v6-dest-after", Packet(after=[options(DEST, FIXED)])
    yield "v6-changing-after", Packet(after=[options(DEST, CHANGING)])
    yield "v6-changing-before-and-after", Packet([options(DEST, CHANGING)],
                                                 [options(DEST, CHANGING, FIXED)])
    head, body = ipv6([(HOP, options(HOP, CHANGING).sent)], PAYLOAD, UDP, False)
    inner = head + address(CARE_OF) + address(ROUTERS[0]) + body
    yield "v6-tunnel", Packet(payload=inner, number=IN_IPV6)
    yield "v6-tunnel-hop-rh0", Packet([options(HOP, CHANGING), routing(0, ROUTERS, 2)],
                                      payload=inner, number=IN_IPV6)
    yield "v6-esp-inside", Packet(payload=struct.pack("!II", 0x99, 7) + bytes(24), number=ESP)
    yield "v6-no-next", Packet(payload=b"", number=NO_NEXT)


def ipv4_packets():
    yield "v4", Packet4()
    yield "v4-router-alert", Packet4(plain(bytes.fromhex("94040000")))
    yield "v4-security", Packet4(plain(bytes.fromhex("820bf135000000000000ab")), plain(b"\x01"))
    yield "v4-record-route", Packet4(zeroed(bytes.fromhex("070b08c633640100000000")), plain(b"\0"))
    yield "v4-timestamp", Packet4(zeroed(bytes.fromhex("440809000001234500")[:8]))
    yield "v4-mixed", Packet4(plain(b"\x01\x01"), plain(bytes.fromhex("94040000")),
                              zeroed(bytes.fromhex("0707080a0b0c0d")), plain(bytes.fromhex("86060000002a")),
                              plain(b"\x01"))
    # The octets after End of Option List are not options.
    yield "v4-after-end", Packet4(plain(bytes.fromhex("0007030405060708")), scapy=False)
    for kind, name in ((131, "loose"), (137, "strict")):
        for left in range(3):
            route, destination = source_route(kind, left)
            yield f"v4-{name}-source-route-left{left}", Packet4(route, plain(b"\0"),
                                                                destination=destination, scapy=False)


def ah_octets(spi, sequence, icv, length=4):
    return struct.pack("!BHII", length, 0, spi, sequence) + icv


def confirm(name, packet, sent, covered):
    """Compares the covered form with that of scapy."""
    parsed = (IPv6 if sent[0] >> 4 == 6 else IP)(sent)
    sending = any(header.destination and header.destination[0] != header.destination[1]
                  for header in getattr(packet, "before", ()))
    found = raw(zero_mutable_fields(parsed, sending=sending))
    if found != covered:
        sys.exit(f"{name}: scapy covers other octets:\n  {found.hex()}\n  {covered.hex()}")


class Rows:
    def __init__(self):
        self.lines, self.sequence, self.confirmed = [], 0, 0

    def seal(self, name, packet, algorithm, keep_fragment=False, sequence=None):
        """The packet with its ICV."""
        spi, key, digest = ALGORITHMS[algorithm]
        self.sequence += 1
        sequence = self.sequence if sequence is None else sequence
        covered = packet.octets(ah_octets(spi, sequence, bytes(ICV_OCTETS)), True, keep_fragment)
        icv = hmac.new(key, covered, digest).digest()[:ICV_OCTETS]
        sent = packet.octets(ah_octets(spi, sequence, icv), False)
        if packet.scapy_can():
            confirm(name, packet, sent, covered)
            self.confirmed += 1
        return sent

    def add(self, name, state, algorithm, offset, packet, mtu="-"):
        spi, key, _ = ALGORITHMS[algorithm]
        self.lines.append(f"{name} {state} 0x{spi:08x} {algorithm} {key.hex()} {offset} {mtu} {packet.hex()}")

    def pair(self, name, packet, wrong="bad", mtu="-", right="good", keep_fragment=False):
        """A packet with the right ICV, and one whose last octet was changed."""
        algorithm = list(ALGORITHMS)[self.sequence // 2 % 2]
        right_octets = self.seal(name, packet, algorithm, keep_fragment)
        self.add(name, right, algorithm, packet.offset, right_octets, mtu)
        sent = bytearray(self.seal(name, packet, algorithm, keep_fragment))
        if len(sent) == packet.offset + 24:
            sent[-1] ^= 1  # the ICV
        else:
            sent[-1] ^= 0x80
        self.add(name + "-changed", wrong, algorithm, packet.offset, bytes(sent), mtu)


def changed(octets, at, to):
    return octets[:at] + bytes([to]) + octets[at + 1:]


def main():
    rows = Rows()
    for name, packet in ipv6_packets():
        fragmented = "atomic" in name
        rows.pair(name, packet, wrong="unverified" if fragmented else "bad")
    for name, packet in ipv4_packets():
        rows.pair(name, packet)

    # The readings of other implementations.
    rows.pair("v6-linux-atomic", Packet([atomic()]), "unverified", right="accepted", keep_fragment=True)
    rows.pair("v6-linux-hop-atomic-dest",
              Packet([options(HOP, CHANGING), atomic(), options(DEST, CHANGING)]), "unverified",
              right="accepted", keep_fragment=True)
    rows.pair("v6-linux-changing-after",
              Packet([options(HOP, CHANGING)], [options(DEST, CHANGING, FIXED)], zero_after=False),
              right="accepted")
    for kind, left in ((3, 1), (4, 1), (4, 0), (1, 0)):
        rows.pair(f"v6-rh{kind}-left{left}", Packet([other_routing(kind, left)]), "unverified")

    # An AH in another AH: the inner one covers the packet without the outer one.
    inner, outer = Packet(), Packet()
    sent = rows.seal("inner", inner, "hmac-sha1")
    outer.payload, outer.number = sent[40:], AH
    outer.scapy_can = lambda: False
    both = rows.seal("outer", outer, "hmac-sha1")
    rows.add("v6-ah-ah-outer", "good", "hmac-sha1", 40, both)
    rows.add("v6-ah-ah-inner", "good", "hmac-sha1", 64, both)
    both = changed(both, 64 + 12, both[64 + 12] ^ 1)
    rows.add("v6-ah-ah-outer-changed", "bad", "hmac-sha1", 40, both)
    rows.add("v6-ah-ah-inner-changed", "bad", "hmac-sha1", 64, both)

    # Fields that change en route, and fields that do not.
    v4 = Packet4(plain(bytes.fromhex("94040000")))
    for name, at, state in (("tos", 1, "good"), ("flags", 6, "good"), ("ttl", 8, "good"), ("checksum", 10, "good"),
                            ("identification", 4, "bad"),
                            ("router-alert", 23, "bad")):
        sent = rows.seal("v4", v4, "hmac-sha1")
        flipped = sent[at] ^ (0x40 if at == 6 else 1)
        rows.add(f"v4-{name}", state, "hmac-sha1", v4.offset, changed(sent, at, flipped))
    after_end = Packet4(plain(bytes.fromhex("0007030405060708")), scapy=False)
    sent = rows.seal("v4", after_end, "hmac-sha1")
    rows.add("v4-after-end-option-octet", "bad", "hmac-sha1", after_end.offset, changed(sent, 25, 0xEE))
    v6 = Packet([options(HOP, CHANGING)])
    for name, at, state in (("traffic-class", 0, "good"), ("flow-label", 2, "good"), ("hop-limit", 7, "good"),
                            ("changing-option", 44, "good"), ("option-type", 42, "bad")):
        sent = rows.seal("v6", v6, "hmac-sha1")
        rows.add(f"v6-{name}", state, "hmac-sha1", v6.offset, changed(sent, at, sent[at] ^ 1))

    rows.add("v6-sequence-zero", "good", "hmac-sha1", 40,
             rows.seal("v6", Packet(), "hmac-sha1", sequence=0))

    # Lengths of the AH.
    for length in (3, 5):
        packet = Packet()
        sent = rows.seal("v6", packet, "hmac-sha1")
        rows.add(f"v6-length{length}", "malformed", "hmac-sha1", 40, changed(sent, 41, length))

    # Fragments.
    long = bytes(range(256)) * 3
    for name, packet in (("v6", Packet(payload=long, number=253)),
                         ("v6-hop", Packet([options(HOP, ALERT, CHANGING)], payload=long, number=253)),
                         ("v6-hop-rh0", Packet([options(HOP, ALERT), routing(0, ROUTERS, 2)], payload=long,
                                               number=253)),
                         ("v6-dest", Packet([options(DEST, CHANGING)], payload=long, number=253)),
                         ("v6-hop-dest", Packet([options(HOP, CHANGING), options(DEST, CHANGING, FIXED)],
                                                payload=long, number=253)),
                         ("v6-dest-after", Packet(after=[options(DEST, CHANGING, FIXED)], payload=long,
                                                  number=253))):
        rows.pair(name + "-fragments", packet, mtu=296)
    global PAYLOAD
    PAYLOAD = long
    rows.pair("v4-fragments", Packet4(), mtu=296)
    rows.pair("v4-router-alert-fragments", Packet4(plain(bytes.fromhex("94040000"))), mtu=296)

    target = Path(__file__).resolve().parents[1] / "vectors" / "ah.list"
    target.write_text(HEAD + "\n".join(rows.lines) + "\n", encoding="utf-8")
    print(f"{target}: {len(rows.lines)} packets; scapy confirmed {rows.confirmed} ICVs", file=sys.stderr)


if __name__ == "__main__":
    main()
