#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""`secct redact` removes the keys of a SHREP under link layers and tunnels, which scapy writes, and
reports the frames that it cannot read.

Needs Debian's python3-scapy."""

import json
import logging
import pathlib
import struct
import subprocess
import sys
import tempfile
import warnings

warnings.simplefilter("ignore")
logging.getLogger("scapy.runtime").setLevel(logging.ERROR)

# pylint: disable=wrong-import-position
from scapy.contrib.gtp import GTP_U_Header
from scapy.contrib.mpls import MPLS
from scapy.layers.dot11 import Dot11, RadioTap
from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import ICMPv6PacketTooBig, IPv6
from scapy.layers.l2 import LLC, SNAP, CookedLinux, CookedLinuxV2, Dot1AD, Dot1Q, Dot3, Ether, GRE
from scapy.layers.ppp import HDLC, PPP, PPPoE
from scapy.layers.vxlan import VXLAN
from scapy.packet import Raw, raw
from scapy.utils import PcapWriter

from _checks import PLUGIN, SECCT, TOP, check, finish

# LINKTYPE_ numbers of tcpdump.org
NULL, ETHERNET, PPP_SERIAL, RAW, CISCO, WIRELESS, LOOP = 0, 1, 9, 101, 104, 105, 108
SLL, RADIOTAP, IPV6, NFLOG, SLL2, BLUETOOTH = 113, 127, 229, 239, 276, 187

SECRETS = {"secct.sa.key", "secct.sa.iv", "secct.sa.data.auth_key", "secct.auth.token"}
FIELDS = ["secct.message", "secct.spt", "secct.sa.spi", "secct.sa.sequence",
          "icmpv6.checksum.status", "udp.checksum.status", "gre.checksum.status"]
OUTER = {"src": "2001:db8:a::1", "dst": "2001:db8:a::2"}
OUTER4 = {"src": "10.0.0.1", "dst": "10.0.0.2"}


def run(*words, **options):
    return subprocess.run(words, check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=120, **options)


def values(node):
    """Yields the secrets in a document."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in SECRETS:
                yield from value if isinstance(value, list) else [value]
            else:
                yield from values(value)
    elif isinstance(node, list):
        for child in node:
            yield from values(child)


def ethernet(packet, **fields):
    return Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02", **fields) / packet


def nflog(datagram):
    payload = raw(datagram)
    return b"\x0a\0\0\7" + struct.pack("<HH", 4 + len(payload), 9) + payload


def frames(shrep):
    """Yields the name, the link type and the frame for each link layer and tunnel."""
    ip = IPv6(shrep)
    snap = LLC(dsap=0xaa, ssap=0xaa, ctrl=3) / SNAP(code=0x86dd)
    backbone = raw(Dot1AD(vlan=9, type=0x88e7)) + bytes.fromhex("00012345")
    wireless = Dot11(type=2, FCfield="to-DS", addr1="02:00:00:00:00:01",
                     addr2="02:00:00:00:00:02", addr3="02:00:00:00:00:03")
    udp = IP(**OUTER4) / UDP(sport=9999)
    yield "ethernet", ETHERNET, ethernet(ip)
    yield "vlan", ETHERNET, ethernet(Dot1Q(vlan=7) / ip)
    yield "vlan-88a8", ETHERNET, ethernet(Dot1AD(vlan=8) / Dot1Q(vlan=7) / ip)
    yield "vlan-9100", ETHERNET, ethernet(Dot1Q(vlan=8) / Dot1Q(vlan=7) / ip, type=0x9100)
    yield ("802.1ah", ETHERNET,
           raw(ethernet(b"", type=0x88a8)) + backbone + raw(ethernet(Dot1Q(vlan=7) / ip)))
    yield ("llc-snap", ETHERNET,
           Dot3(src="02:00:00:00:00:01", dst="02:00:00:00:00:02") / snap / ip)
    yield "mpls", ETHERNET, ethernet(MPLS(label=17, s=1, ttl=64) / ip, type=0x8847)
    yield "pppoe", ETHERNET, ethernet(PPPoE(sessionid=7) / PPP(proto=0x57) / ip, type=0x8864)
    yield "sll", SLL, CookedLinux(src=b"\2\0\0\0\0\1", proto=0x86dd) / ip
    yield "sll2", SLL2, CookedLinuxV2(src=b"\2\0\0\0\0\1", proto=0x86dd) / ip
    yield "null", NULL, struct.pack("<I", 30) + shrep
    yield "loop", LOOP, struct.pack(">I", 24) + shrep
    yield "raw", RAW, ip
    yield "raw-ipv6", IPV6, ip
    yield "ppp", PPP_SERIAL, HDLC() / PPP(proto=0x57) / ip
    yield "cisco-hdlc", CISCO, b"\x8f\0\x86\xdd" + shrep
    yield "802.11", WIRELESS, wireless / snap / ip
    yield "radiotap", RADIOTAP, RadioTap(present="Rate", Rate=2) / wireless / snap / ip
    yield "nflog", NFLOG, nflog(ip)
    yield "6in6", RAW, IPv6(**OUTER) / ip
    yield "6in4", RAW, IP(**OUTER4) / ip
    yield "gre", RAW, IP(**OUTER4) / GRE(chksum_present=1) / ip
    yield "vxlan", RAW, udp / VXLAN(vni=5, flags="Instance") / ethernet(ip)
    yield ("gtp-u", RAW,
           IP(**OUTER4) / UDP(sport=2152, dport=2152) / GTP_U_Header(teid=1, S=0) / ip)
    yield "teredo", RAW, IP(**OUTER4) / UDP(sport=3544, dport=5000) / ip
    yield "too-big", RAW, IPv6(**OUTER) / ICMPv6PacketTooBig(mtu=1280) / Raw(shrep)
    yield "shim6", RAW, shim6(shrep)


def shim6(shrep):
    """The SHREP with a Shim6 header before all other headers."""
    payload = bytes([shrep[6], 0]) + bytes(6) + shrep[40:]
    return shrep[:4] + struct.pack(">HB", len(payload), 140) + shrep[7:40] + payload


def write(file, link, packets):
    with PcapWriter(str(file), linktype=link) as writer:
        writer.write_header(None)
        for packet, cut in packets:
            octets = raw(packet)
            writer.write_packet(octets[:cut], wirelen=len(octets))


def redact(before, after):
    return run(SECCT, "redact", str(before), str(after)).stderr.decode()


def shown(capture):
    fields = [word for name in FIELDS for word in ("-e", name)]
    return run(str(TOP / "tests/e2e/run_tshark"), PLUGIN, "--", "-r", str(capture), "-n",
               "-o", "udp.check_checksum:TRUE", "-T", "fields", *fields).stdout.decode()


def has_part(octets, secrets):
    """Whether there are 8 octets of a secret."""
    return any(secret[at:at + 8] in octets for secret in secrets
               for at in range(max(len(secret) - 7, 1)))


def main():
    shrep = bytes.fromhex(run(SECCT, "craft", "--message", "shrep", "--hex").stdout.decode())[14:]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        before, after = folder / "before.pcap", folder / "after.pcapng"
        write(before, RAW, [(shrep, None)])
        document = json.loads(run(SECCT, "decode", str(before), "--json").stdout)
        secrets = {bytes.fromhex(value[2:]) for value in values(document)}
        secrets = {secret for secret in secrets if len(secret) >= 8 and any(secret)}
        check("the SHREP has at least 4 keys", len(secrets) >= 4, secrets)
        for label, link, frame in frames(shrep):
            write(before, link, [(frame, None)])
            check(f"{label}: the keys are in the input",
                  all(secret in before.read_bytes() for secret in secrets))
            warning = redact(before, after)
            check(f"{label}: the keys are removed", not has_part(after.read_bytes(), secrets))
            check(f"{label}: there is no warning", warning == "", warning)
            check(f"{label}: Wireshark shows the message", shown(before).strip() != "")
            check(f"{label}: the other fields are unchanged", shown(before) == shown(after),
                  shown(before) + shown(after))
            write(before, link, [(frame, cut) for cut in range(10, len(raw(frame)), 7)])
            redact(before, after)
            check(f"{label}: the keys are removed from truncated frames",
                  not has_part(after.read_bytes(), secrets))
        write(before, ETHERNET, [(ethernet(IPv6(shrep)), None),
                                 (ethernet(IPv6(shrep), type=0x1234), None),
                                 (ethernet(IPv6(shrep), type=0x4321), None)])
        warning = redact(before, after)
        check("unknown EtherTypes are reported",
              warning == "secct: 2 frames could not be read to their end (unknown EtherType 0x1234; "
              "the first is frame 2, from octet 14): overwritten from there\n", warning)
        check("unknown EtherTypes: the keys are removed",
              not has_part(after.read_bytes(), secrets))
        write(before, BLUETOOTH, [(shrep, None)])
        warning = redact(before, after)
        check("an unknown link layer is reported",
              "1 frame could not be read to its end (unknown link-layer type" in warning, warning)
        check("unknown link layer: the keys are removed",
              not has_part(after.read_bytes(), secrets))
    finish()


if __name__ == "__main__":
    sys.exit(main())
