# SPDX-License-Identifier: GPL-2.0-or-later
"""With secct.show_keys off, the plugin shows no key in any output of tshark except the octets of the frame."""

import struct

import _pcapng as pcapng
from _table import Entry, generate, message, records, v6
from redact import KEY

FRAGMENT, ICMPV6 = 44, 58
HIDDEN = "fields.md: keys"
COLUMN = "-o 'gui.column.format:\"No.\",\"%m\",\"Data\",\"%Cus:{}:0:R\"'"


def fragments(octets, size=96, first=100):
    """The `first` fragments of an IPv6 datagram, `size` octets each."""
    payload, following = octets[40:], octets[6]
    parts = [payload[at:at + size] for at in range(0, len(payload), size)]
    for number, part in enumerate(parts[:first]):
        more = 0 if number == len(parts) - 1 else 1
        fragment = struct.pack("!BBHI", following, 0, number * size | more, 9) + part
        yield octets[:4] + struct.pack("!HB", len(fragment), FRAGMENT) + octets[7:40] + fragment


def v4(payload, protocol, flags=0):
    ends = bytes([192, 0, 2, 1, 192, 0, 2, 2])
    return struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), 7, flags, 64, protocol, 0) + ends + payload


def v4_fragments(octets, size=96, first=100):
    parts = [octets[at:at + size] for at in range(0, len(octets), size)]
    for number, part in enumerate(parts[:first]):
        more = 0 if number == len(parts) - 1 else 0x2000
        yield v4(part, 41, number * size // 8 | more)


def capture(*datagrams):
    return [pcapng.section(), pcapng.interface(pcapng.RAW),
            *(pcapng.packet(octets, number) for number, octets in enumerate(datagrams))]


def made(make, **options):
    return lambda folder: pcapng.write(folder / "input.pcapng", *capture(*make(message("shrep"), **options)))


INPUTS = {
    "IPv6 fragments": made(fragments),
    "incomplete IPv6 fragments": made(fragments, first=2),
    # Columns show the beginning of the data only.
    "small IPv6 fragments": made(fragments, size=24, first=10),
    "small IPv4 fragments of a tunnel": made(v4_fragments, size=24, first=10),
    "IPv4 fragments of a tunnel": made(v4_fragments),
    "incomplete IPv4 fragments of a tunnel": made(v4_fragments, first=2),
    "a SHREP": made(lambda octets: [octets]),
    "a tunnel in a tunnel": made(lambda octets: [v6(v6(octets, 41), 41)]),
    "a truncated SHREP": lambda folder: pcapng.write(
        folder / "input.pcapng", pcapng.section(), pcapng.interface(pcapng.RAW),
        *(pcapng.packet(message("shrep")[:length], wire=len(message("shrep"))) for length in range(60, 340, 20))),
}
OUTPUTS = {
    "fields": "-T fields -e data.data -e ipv6.reassembled.data -e ip.reassembled.data -e secct.sa.key -e secct.raw",
    "a column data.data": COLUMN.format("data.data"),
    "a column secct.sa.key": COLUMN.format("secct.sa.key"),
    "JSON": "-T json",
    "PDML": "-T pdml",
    "text": "-V",
    "elastic": "-T ek",
}


def part_of_key():
    """Matches four octets of the key in a row, with or without colons."""
    return "|".join(":?".join(f"{octet:02x}" for octet in KEY[at:at + 4]) for at in range(len(KEY) - 3))


ENTRIES = [
    Entry(f"{title}: {output}{passes}", HIDDEN, make,
          [f"tshark -r {{input}} {passes} -o secct.show_keys:FALSE {OUTPUTS[output]}"], hides=[f"(?i){part_of_key()}"],
          shows=["."])
    for title, make in INPUTS.items() for output in OUTPUTS for passes in ("", " -2")
]
ENTRIES += [
    Entry(f"{title}: {output} with keys", "fields.md", INPUTS[title],
          [f"tshark -r {{input}} -o secct.show_keys:TRUE {OUTPUTS[output]}"], shows=[f"(?i){part_of_key()}"])
    for title, output in (("incomplete IPv6 fragments", "fields"),
                          ("incomplete IPv4 fragments of a tunnel", "fields"), ("a SHREP", "a column secct.sa.key"),
                          ("small IPv6 fragments", "a column data.data"),
                          ("small IPv4 fragments of a tunnel", "a column data.data"))
]
