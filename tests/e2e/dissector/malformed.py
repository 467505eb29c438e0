# SPDX-License-Identifier: GPL-2.0-or-later
"""The packets of tests/dissector/malformed.txt, valid packets with one change each, cause exactly the
expected expert infos; together, every expert info that does not need other packets or keys."""

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
    cases = list(malformed.cases())
    with p.Workspace() as folder:
        capture = folder / "malformed.pcap"
        p.write_pcap(capture, [packet.octets() for _, packet, _ in cases])
        rows = p.fields(capture, ["secct.message", *experts])
        report.equal("two passes", rows, p.fields(capture, ["secct.message", *experts], ["-2"]))
    report.equal("packets", len(cases), len(rows))
    for (name, _, expected), (message, *marks) in zip(cases, rows):
        report.equal(f"{name}: is dissected", True, message != "")
        found = [expert for expert, mark in zip(experts, marks) if mark]
        report.equal(name, expected, found)
    # Some packets of packets/ have expert infos, too.
    caused = {expert for _, _, expected in cases for expert in expected}
    for packet in p.read_all().values():
        caused |= set(filter(None, packet.expect.get("expert", "").split(",")))
    report.equal("rules that no packet breaks", set(), set(experts) - caused)
    report.done()


main()
