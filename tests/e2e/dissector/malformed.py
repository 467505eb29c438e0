# SPDX-License-Identifier: GPL-2.0-or-later
"""Every expert info that one packet's octets can cause, and no other, by changing one thing in a
packet that is valid (tests/dissector/malformed.txt)."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(os.environ["SECCT_SOURCE_DIR"]) / "tests/dissector"))
import malformed
import packets as p


def registered_experts():
    rows = [line.split("\t") for line in p.tshark(["-G", "fields"]).splitlines()]
    return {row[2] for row in rows if row[0] == "F" and row[2].startswith("secct.expert.")}


def main():
    report = p.Report()
    experts = sorted(p.octet_rules())
    report.equal("rules that are not registered", set(), set(experts) - registered_experts())
    everything = list(malformed.cases())
    with p.Workspace() as folder:
        capture = folder / "malformed.pcap"
        p.write_pcap(capture, [packet.octets() for _, packet, _ in everything])
        rows = p.fields(capture, ["secct.message", *experts])
        report.equal("two passes", rows, p.fields(capture, ["secct.message", *experts], ["-2"]))
    report.equal("packets", len(everything), len(rows))
    for (name, _, expected), (message, *marks) in zip(everything, rows):
        report.equal(f"{name}: message", True, message != "")
        found = [expert for expert, mark in zip(experts, marks) if mark]
        report.equal(name, expected, found)
    # What the valid packets show by themselves counts too.
    caused = {expert for _, _, expected in everything for expert in expected}
    for packet in p.read_all().values():
        caused |= set(filter(None, packet.expect.get("expert", "").split(",")))
    report.equal("rules that no packet breaks", set(), set(experts) - caused)
    report.done()


main()
