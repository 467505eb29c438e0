# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes pcapng files block by block (draft-ietf-opsawg-pcapng), also those that `secct` never writes.

    write(path, section(), interface(ETHERNET), packet(octets, comments=["first", "second"]))"""

import struct

ETHERNET, RAW, MPLS, PPP = 1, 101, 219, 9
SECOND = 10**9


def _padded(octets):
    return octets + bytes(-len(octets) % 4)


def _block(kind, body):
    length = len(body) + 12
    return struct.pack("<II", kind, length) + body + struct.pack("<I", length)


def _options(pairs):
    if not pairs:
        return b""
    text = b"".join(struct.pack("<HH", code, len(value)) + _padded(value) for code, value in pairs)
    return text + bytes(4)


def _comments(texts):
    return [(1, text.encode() if isinstance(text, str) else text) for text in texts]


def section(comments=()):
    return _block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1) + _options(_comments(comments)))


def interface(link=ETHERNET, comments=(), resolution=9):
    options = [(9, bytes([resolution])), *_comments(comments)]
    return _block(1, struct.pack("<HHI", link, 0, 0) + _options(options))


def packet(octets, time=0, comments=(), number=0, wire=None):
    """`time` in units of the interface, `number` is that of the interface."""
    head = struct.pack("<IIIII", number, time >> 32, time & 0xFFFFFFFF, len(octets), wire or len(octets))
    return _block(6, head + _padded(octets) + _options(_comments(comments)))


def journal(text):
    """An entry of the systemd journal: a frame of Wireshark without a packet."""
    return _block(9, _padded(f"__REALTIME_TIMESTAMP=1767225600000000\nMESSAGE={text}\n".encode()))


def custom(data, comments=()):
    """A Custom Block, which may be copied, with the example enterprise number of RFC 5612."""
    return _block(0xBAD, struct.pack("<I", 32473) + _padded(data) + _options(_comments(comments)))


def write(path, *blocks):
    path.write_bytes(b"".join(blocks))
    return path
