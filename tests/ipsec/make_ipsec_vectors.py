#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes tests/vectors/ipsec.list: packets protected with AH and ESP by scapy.

Needs the Debian packages python3-scapy and python3-cryptography. The output is committed, so that the
tests do not need them. Keys, IVs and sequence numbers are fixed, so the output is always the same."""

import logging
import sys
import warnings
from pathlib import Path

warnings.simplefilter("ignore")
logging.getLogger("scapy.runtime").setLevel(logging.ERROR)

# pylint: disable=wrong-import-position
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.inet6 import (HBHOptUnknown, ICMPv6EchoRequest, IPv6, IPv6ExtHdrDestOpt,
                                IPv6ExtHdrHopByHop, RouterAlert)
from scapy.layers.ipsec import AH, ESP, SecurityAssociation
from scapy.packet import raw

HEAD = """# SPDX-License-Identifier: GPL-2.0-or-later
# Packets protected with AH and ESP by scapy (tests/ipsec/make_ipsec_vectors.py). `-`: empty.
# NAME PROTOCOL MODE SPI SEQUENCE TUNNEL-SOURCE TUNNEL-DESTINATION CIPHER CIPHER-KEY ALGORITHM KEY
# PLAIN PROTECTED (whole IP datagrams)
"""

MN, ROUTER = "2001:db8:20::1:1", "2001:db8:2::1"
V4_MN, V4_ROUTER = "10.1.0.1", "192.0.2.1"


def octets(first, count):
    return bytes((first + i) & 0xFF for i in range(count))


CIPHERS = {
    "null": ("NULL", b"", b""),
    "des-cbc": ("DES", octets(0x10, 8), octets(0xD0, 8)),
    "3des-cbc": ("3DES", octets(0x10, 24), octets(0xD8, 8)),
    "aes-cbc": ("AES-CBC", octets(0x40, 16), octets(0xE0, 16)),
    "aes-cbc-192": ("AES-CBC", octets(0x40, 24), octets(0xE1, 16)),
    "aes-cbc-256": ("AES-CBC", octets(0x40, 32), octets(0xE2, 16)),
}
ALGORITHMS = {
    "none": ("NULL", b""),
    "hmac-md5": ("HMAC-MD5-96", octets(0x70, 16)),
    "hmac-sha1": ("HMAC-SHA1-96", octets(0x90, 20)),
}


def plain_packets():
    """Datagrams with all kinds of headers before AH or ESP, and with odd lengths."""
    echo = ICMPv6EchoRequest(id=7, seq=1, data=octets(0, 21))
    # 0x3e: skip if unknown, data may change en route (chg), so that AH counts it as zeros.
    changing = HBHOptUnknown(otype=0x3E, optlen=6, optdata=octets(0xA1, 6))
    fixed = HBHOptUnknown(otype=0x1E, optlen=4, optdata=octets(0xB1, 4))
    return {
        "v6": IPv6(src=MN, dst=ROUTER, hlim=64, tc=0x28, fl=0x12345) / echo,
        "v6-dstopts-chg": IPv6(src=MN, dst=ROUTER, hlim=64)
        / IPv6ExtHdrDestOpt(options=[changing, fixed]) / echo,
        "v6-hopopts": IPv6(src=MN, dst=ROUTER, hlim=64)
        / IPv6ExtHdrHopByHop(options=[RouterAlert()]) / IPv6ExtHdrDestOpt(options=[changing])
        / UDP(sport=4000, dport=7) / octets(1, 9),
        "v4": IP(src=V4_MN, dst=V4_ROUTER, id=0x1234, tos=0x10, flags="DF", ttl=17)
        / UDP(sport=4000, dport=7) / octets(1, 10),
        "v4-icmp": IP(src=V4_MN, dst=V4_ROUTER, id=1) / ICMP(id=3, seq=4) / octets(0, 33),
    }


def text(data):
    return data.hex() if data else "-"


def row(name, protocol, tunnel, spi, sequence, cipher, algorithm, packet):
    cipher_name, cipher_key, iv = CIPHERS[cipher]
    auth_name, auth_key = ALGORITHMS[algorithm]
    ends = dict(src=ROUTER, dst=MN) if tunnel else {}
    sa = SecurityAssociation(
        ESP if protocol == "esp" else AH, spi=spi,
        crypt_algo=cipher_name if protocol == "esp" else None,
        crypt_key=cipher_key if protocol == "esp" else None,
        auth_algo=auth_name, auth_key=auth_key,
        tunnel_header=IPv6(hlim=64, **ends) if tunnel else None)
    plain = packet.__class__(raw(packet))
    if protocol == "esp":
        secure = sa.encrypt(plain.copy(), seq_num=sequence, iv=iv)
    else:
        secure = sa.encrypt(plain.copy(), seq_num=sequence)
    return " ".join([
        name, protocol, "tunnel" if tunnel else "transport", f"0x{spi:08x}", str(sequence),
        ends.get("src", "-"), ends.get("dst", "-"),
        cipher.removesuffix("-192").removesuffix("-256") if protocol == "esp" else "none",
        text(cipher_key) if protocol == "esp" else "-", algorithm, text(auth_key),
        raw(packet).hex(), raw(secure).hex()])


def rows():
    spi = 0x1000
    packets = plain_packets()
    for packet_name, packet in packets.items():
        for algorithm in ("hmac-md5", "hmac-sha1"):
            for tunnel in (False, True):
                spi += 1
                mode = "tunnel" if tunnel else "transport"
                yield row(f"ah-{mode}-{algorithm}-{packet_name}", "ah", tunnel, spi, spi - 0xFFF,
                          "null", algorithm, packet)
    for cipher in CIPHERS:
        for algorithm in ALGORITHMS:
            for packet_name in ("v6", "v6-dstopts-chg", "v4"):
                tunnel = packet_name == "v6-dstopts-chg"
                for mode in ((True,) if tunnel else (False, True)):
                    spi += 1
                    mode_name = "tunnel" if mode else "transport"
                    yield row(f"esp-{mode_name}-{cipher}-{algorithm}-{packet_name}", "esp", mode,
                              spi, 0xFFFFFFFF - spi, cipher, algorithm, packets[packet_name])


def main():
    target = Path(__file__).resolve().parents[1] / "vectors" / "ipsec.list"
    lines = list(rows())
    target.write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")
    print(f"{target}: {len(lines)} packets", file=sys.stderr)


if __name__ == "__main__":
    main()
