# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes pcapng blocks (draft-ietf-opsawg-pcapng) that ordinary programs do not write."""
import struct

END = struct.pack("<HH", 0, 0)
ETHERNET = 1
RAW = 101


def _padded(octets):
    return octets + bytes(-len(octets) % 4)


def option(code, value):
    return struct.pack("<HH", code, len(value)) + _padded(value)


def text(code, value):
    return option(code, value.encode())


def comments(*values):
    return b"".join(text(1, value) for value in values)


def block(kind, body):
    length = struct.pack("<I", 12 + len(body))
    return struct.pack("<I", kind) + length + body + length


def _options(options):
    return options + END if options else b""


def section(options=b""):
    return block(0x0a0d0d0a, struct.pack("<IHHq", 0x1a2b3c4d, 1, 0, -1) + _options(options))


def interface(link=ETHERNET, snapshot=0, resolution=9, options=b""):
    """`resolution` is the octet of if_tsresol; None: without this option, which means microseconds."""
    if resolution is not None:
        options += option(9, bytes([resolution]))
    return block(1, struct.pack("<HHI", link, 0, snapshot) + _options(options))


def packet(octets, time=0, number=0, options=b"", wire=None):
    """`time` in units of interface `number`."""
    head = struct.pack("<IIIII", number, time >> 32, time & 0xffffffff, len(octets),
                       len(octets) if wire is None else wire)
    return block(6, head + _padded(octets) + _options(options))


def simple_packet(octets):
    return block(3, struct.pack("<I", len(octets)) + _padded(octets))


def resolved_name(address, name):
    record = bytes(address) + name.encode() + b"\0"
    return block(4, struct.pack("<HH", 1, len(record)) + _padded(record) + END)


def secrets(octets):
    return block(10, struct.pack("<II", 0x544c534b, len(octets)) + _padded(octets))


def statistics(number=0):
    return block(5, struct.pack("<III", number, 0, 0) + option(4, bytes(8)) + END)


def journal_entry(octets):
    return block(9, _padded(octets))


def custom(octets):
    return block(0xbad, struct.pack("<I", 0x12345678) + _padded(octets))
