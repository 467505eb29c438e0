# SPDX-License-Identifier: GPL-2.0-or-later
"""With the plugin, tshark prints the same as without it for packets that are not SecCT, and for SecCT
packets when the protocol is disabled."""

import functools
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(os.environ["SECCT_SOURCE_DIR"]) / "tests/dissector"))
import packets as p
import stock

OUTPUTS = {
    "-V": ["-V"],
    "list": [],
    "-x": ["-x"],
    "pdml": ["-T", "pdml"],
    "json": ["-T", "json"],
    "expert": ["-q", "-z", "expert"],
    "hierarchy": ["-q", "-z", "io,phs"],
    "extension headers at the root": ["-V", "-o", "ipv6.exthdr_under_root_protocol_tree:TRUE"],
    "heuristics first": ["-V", "-o", "ip.try_heuristic_first:TRUE"],
    "fields only": ["-T", "fields", "-e", "frame.protocols", "-e", "_ws.malformed"],
}
OFF = ["--disable-protocol", "secct"]


def normal(text):
    """Removes the lines of PDML with the path and the time."""
    lines = text.splitlines()
    return [line for line in lines if not line.startswith(("<pdml", "<!--", "<?xml"))]


@functools.cache
def stock_output(capture, *arguments):
    return normal(p.tshark(["-r", capture, *arguments], plugin=False))


def compare(report, what, capture, arguments, extra=()):
    """tshark without and with the plugin prints the same; `extra` are arguments for the latter."""
    plain = stock_output(capture, *arguments)
    with_plugin = normal(p.tshark(["-r", capture, *arguments, *extra]))
    report.equal(f"{what}: lines", len(plain), len(with_plugin))
    for number, (one, other) in enumerate(zip(plain, with_plugin)):
        if one != other:
            report.equal(f"{what}: line {number}", one, other)
            break


def compare_all(report, what, capture, extra=()):
    for name, arguments in OUTPUTS.items():
        compare(report, f"{what}, {name}", capture, arguments, extra)
    for name in ("-V", "list"):
        compare(report, f"{what}, {name}, two passes", capture, ["-2", *OUTPUTS[name]], extra)


def main():
    report = p.Report()
    with p.Workspace() as folder:
        capture = folder / "stock.pcap"
        count = stock.capture(capture)
        names = p.fields(capture, ["frame.protocols"])
        report.equal("packets", count, len(names))
        report.equal("SecCT in stock traffic", [], [row for row in names if "secct" in row[0]])
        compare_all(report, "stock traffic", capture)
        compare_all(report, "stock traffic, SecCT disabled", capture, OFF)
        # The plugin does not enable stock protocols that the user disables.
        for name in ("icmpv6", "ipv6.dstopts", "mip"):
            compare(report, f"{name} disabled", capture, ["-V", "--disable-protocol", name])
        capture = folder / "secct.pcap"
        p.write_pcap(capture, [packet.octets() for packet in p.read_all().values()])
        compare_all(report, "SecCT disabled", capture, OFF)
    report.done()


main()
