# SPDX-License-Identifier: GPL-2.0-or-later
"""Every field of every message, as tshark -T fields prints it, for the packets in tests/dissector/packets."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(os.environ["SECCT_SOURCE_DIR"]) / "tests/dissector"))
import packets as p

# Fields that depend on other packets or on keys, and groups.
OTHERS = {
    "secct.options",
    "secct.sub_options",
    "secct.contexts",
    "secct.additional",
    "secct.static_profile",
    "secct.auth.status",
    "secct.handover",
    "secct.handover_time",
    "secct.retransmission_of",
    "secct.icv.status",
    "secct.sa.learnt_in",
    "secct.sa.handed_over_in",  # keys.py
    "secct.hint.sa_unused",
    "secct.response_in",
    "secct.response_to",
    "secct.time",
    "secct.raw",
    "secct.expert",  # outputs.py
    "secct.ipsec",
}


def registered(prefix):
    rows = [line.split("\t") for line in p.tshark(["-G", "fields"]).splitlines()]
    return {row[2] for row in rows if row[0] == "F" and row[2].startswith(prefix)}


def main():
    report = p.Report()
    packets = list(p.read_all().values())
    experts = sorted(p.octet_rules())
    wanted = sorted({name for packet in packets for name in packet.expect if name != "expert"})
    with p.Workspace() as folder:
        capture = folder / "packets.pcap"
        p.write_pcap(capture, [packet.octets() for packet in packets])
        rows = p.fields(capture, wanted)
        marks = p.fields(capture, experts)
        again = p.fields(capture, wanted, ["-2"])
        malformed = p.fields(capture, ["_ws.malformed"])
    report.equal("packets", len(packets), len(rows))
    report.equal("two passes", rows, again)
    for packet, row, mark, (bug,) in zip(packets, rows, marks, malformed):
        found = dict(zip(wanted, row))
        for name, value in packet.expect.items():
            if name != "expert":
                report.equal(f"{packet.name}: {name}", value, found[name])
        present = ",".join(name for name, value in zip(experts, mark) if value)
        report.equal(f"{packet.name}: experts", packet.expect.get("expert", ""), present)
        report.equal(f"{packet.name}: malformed", "", bug)
    tested = {name for packet in packets for name in packet.expect}
    untested = registered("secct.") - registered("secct.expert.") - tested - OTHERS
    report.equal("fields that no packet shows", set(), untested)
    report.done()


main()
