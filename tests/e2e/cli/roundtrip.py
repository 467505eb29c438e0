#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""`decode | craft` restores the octets, times and lengths of captures that scapy made: on every link
layer, in pcap and pcapng, cut by a snap length, on link layers that secct does not decode, and with
several link layers in one file."""
import logging
import pathlib
import random
import struct
import subprocess
import sys
import tempfile
import warnings

warnings.simplefilter("ignore")
logging.getLogger("scapy.runtime").setLevel(logging.ERROR)

# pylint: disable=wrong-import-position
from scapy.layers.dns import DNS, DNSQR
from scapy.layers.inet import ICMP, IP, TCP, UDP, IPOption_Router_Alert, fragment
from scapy.layers.inet6 import (ICMPv6EchoRequest, IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment,
                                IPv6ExtHdrHopByHop, IPv6ExtHdrRouting, PadN, RouterAlert,
                                fragment6)
from scapy.layers.ipsec import AH, ESP, SecurityAssociation
from scapy.layers.l2 import ARP, Dot1Q, Ether
from scapy.packet import Raw, raw

from _checks import SECCT, TOP, check, finish

# Link-layer numbers of pcap, and the octets in front of the datagram.
LINKS = {
    "ethernet": (1, lambda v6: raw(Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02",
                                         type=0x86DD if v6 else 0x800))),
    "raw": (101, lambda v6: b""),
    "sll": (113, lambda v6: struct.pack(">HHH8sH", 0, 1, 6, b"\2\0\0\0\0\1\0\0",
                                        0x86DD if v6 else 0x800)),
    "sll2": (276, lambda v6: struct.pack(">HHIHBB8s", 0x86DD if v6 else 0x800, 0, 3, 1, 0, 6,
                                         b"\2\0\0\0\0\1\0\0")),
    "null": (0, lambda v6: struct.pack("<I", 30 if v6 else 2)),
    "loop": (108, lambda v6: struct.pack(">I", 24 if v6 else 2)),
    "ieee802.11": (105, lambda v6: b"\x08\0\0\0" + bytes(20)),
    "user0": (147, lambda v6: b""),
}


def run(*words, **options):
    result = subprocess.run(words, check=False, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            timeout=200, **options)
    if result.returncode != 0:
        sys.exit(f"{words}: {result.stderr.decode()}")
    return result.stdout


def datagrams(rand):
    """Yields IPv4 and IPv6 datagrams with all kinds of headers."""
    data = Raw(bytes(rand.randrange(256) for _ in range(rand.randrange(64))))
    v6 = IPv6(src="2001:db8::1", dst="2001:db8::2", tc=rand.randrange(256), fl=rand.randrange(9))
    v4 = IP(src="192.0.2.1", dst="192.0.2.2", id=rand.randrange(65536), tos=rand.randrange(256))
    udp = UDP(sport=rand.randrange(65536), dport=rand.choice((7, 53, 434, 4000)))
    yield from (v6 / udp / data, v4 / udp / data, v4 / ICMP() / data, v4 / TCP() / data)
    yield v6 / UDP(dport=53) / DNS(qd=DNSQR(qname="example.com"))
    yield v6 / ICMPv6EchoRequest(data=raw(data))
    yield IP(src="192.0.2.1", dst="192.0.2.2", options=[IPOption_Router_Alert()]) / udp / data
    yield v6 / IPv6ExtHdrHopByHop(options=[RouterAlert(), PadN(optdata=b"\0\0")]) / udp / data
    yield v6 / IPv6ExtHdrDestOpt(options=[PadN(optdata=b"\1\2\3\4")]) / udp
    yield v6 / IPv6ExtHdrRouting(addresses=["2001:db8::3"], type=2) / udp / data
    yield v6 / v4 / udp / data
    yield v4 / v6 / udp
    big = Raw(bytes(1800))
    yield from fragment(v4 / udp / big, fragsize=600)
    yield from fragment6(v6 / IPv6ExtHdrFragment(id=7) / udp / big, 600)
    for number, header in enumerate((None, IPv6(src="2001:db8:1::1", dst="2001:db8:1::2"))):
        ah = SecurityAssociation(AH, spi=0x500 + number, auth_algo="HMAC-SHA1-96",
                                 auth_key=b"k" * 20, tunnel_header=header)
        esp = SecurityAssociation(ESP, spi=0x600 + number, crypt_algo="NULL", crypt_key=b"",
                                  auth_algo="HMAC-MD5-96", auth_key=b"k" * 16,
                                  tunnel_header=header)
        yield ah.encrypt(v6 / udp / data)
        yield esp.encrypt(v6 / udp / data)


def frames(rand):
    for packet in datagrams(rand):
        octets = bytearray(raw(packet))
        yield octets[0] >> 4 == 6, bytes(octets)
        # Change, remove or duplicate a few octets.
        for _ in range(rand.randrange(1, 4)):
            at = rand.randrange(1, len(octets))
            kind = rand.randrange(3)
            if kind == 0:
                octets[at] = rand.choice((0, 1, 255, rand.randrange(256)))
            elif kind == 1 and len(octets) > 30:
                del octets[at:at + rand.randrange(1, 9)]
            else:
                octets[at:at] = octets[at:at + rand.randrange(1, 9)]
        yield octets[0] >> 4 == 6, bytes(octets)


def write_pcap(file, link, packets, snaplen):
    """Writes a pcap file with nanoseconds."""
    with open(file, "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, snaplen, link))
        for i, octets in enumerate(packets):
            captured = octets[:snaplen]
            out.write(struct.pack("<IIII", 1767225600 + i, 999999000 + i % 1000, len(captured),
                                  len(octets)) + captured)


def content(file):
    fields = run(str(TOP / "tests/e2e/run_tshark"), "--stock", "--", "-r", str(file), "-n",
                 "-T", "fields", "-e", "frame.time_epoch", "-e", "frame.len", "-e",
                 "frame.cap_len", "-e", "frame.encap_type", "-e", "frame.comment")
    return fields + run(str(TOP / "tests/e2e/run_tshark"), "--stock", "--", "-r", str(file), "-n",
                        "-x")


def check_restored(file, scratch, title):
    again = scratch / "again.pcapng"
    for form in ([], ["--json"]):
        document = run(SECCT, "decode", str(file), *form)
        run(SECCT, "craft", "-", "-w", str(again), input=document)
        check(f"{title} {' '.join(form)}: decode | craft restores the packets",
              content(file) == content(again))
    return document


def main():
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    rand = random.Random(seed)
    count = 0
    with tempfile.TemporaryDirectory() as name:
        scratch = pathlib.Path(name)
        files = []
        for link, (number, head) in LINKS.items():
            packets = [head(v6) + octets for v6, octets in frames(rand)]
            if link == "ethernet":
                packets += [raw(Ether() / ARP()), raw(Ether(type=0x88A8) / Dot1Q(vlan=5, type=0x8100)
                                                      / Dot1Q(vlan=7) / IPv6() / UDP()),
                            raw(Ether() / IP() / UDP()) + bytes(18), b"", b"\1\2\3"]
            count += len(packets)
            for snaplen in (262144, 60):
                file = scratch / f"{link}-{snaplen}.pcap"
                write_pcap(file, number, packets, snaplen)
                document = check_restored(file, scratch, f"{link}, snap length {snaplen}, seed {seed}")
                if link in ("ethernet", "sll", "null") and snaplen > 60:
                    for layer in (b"ipv6.routing", b"ip.options", b"ipv6.fraghdr", b"\"ah\"",
                                  b"\"esp\""):
                        check(f"{link}: {layer} is decoded", layer in document)
                files.append(file)
        mixed = scratch / "mixed.pcapng"
        run("mergecap", "-a", "-w", str(mixed), *map(str, files))
        check_restored(mixed, scratch, "several link layers in one file")
    finish(f"{count} packets on {len(LINKS)} link layers are restored")


main()
