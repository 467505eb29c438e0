# SPDX-License-Identifier: GPL-2.0-or-later
"""Packets that end early. Cut by the capture: what is there shows as in the whole packet, nothing is
held against it, and the cut is told. Cut on the wire: no fault of the dissector either."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(os.environ["SECCT_SOURCE_DIR"]) / "tests/dissector"))
import packets as p

# What a cut may change without anybody being at fault.
SUMMARIES = {"_ws.col.Info"}
# What other frames say: to the conversation each cut is a message of its own.
CONVERSATION = {"secct.handover", "secct.response_in", "secct.response_to", "secct.time",
                "secct.handover_time", "secct.retransmission_of"}  # fmt: skip


def names():
    rows = [line.split("\t") for line in p.tshark(["-G", "fields"]).splitlines()]
    found = {row[2] for row in rows if row[0] == "F" and row[2].startswith("secct.")}
    experts = {name for name in found if name.startswith("secct.expert.")}
    return sorted(found - SUMMARIES - CONVERSATION - (experts - p.octet_rules()))


def is_beginning(part, whole):
    return part == "" or whole == part or whole.startswith(part + ",")


def judge(report, packet, fields, length, whole, cut):
    title = f"{packet.name} cut to {length}"
    for name, full, here in zip(fields, whole, cut):
        if name.startswith("secct.expert."):
            report.equal(f"{title}: {name}", "" if not full else here, here)
        elif not is_beginning(here, full):
            report.equal(f"{title}: {name}", full, here)
    report.checks += 1


def main():
    report = p.Report()
    fields = names()
    with p.Workspace() as folder:
        for packet in p.read_all().values():
            whole = packet.octets()
            cuts = [whole[:length] for length in range(1, len(whole))]
            capture = folder / f"{packet.name}.pcap"
            p.write_pcap(capture, [whole, *((cut, len(whole)) for cut in cuts)])
            rows = p.fields(capture, [*fields, "_ws.short", "_ws.malformed"])
            for cut, row in zip(cuts, rows[1:]):
                judge(report, packet, fields, len(cut), rows[0], row[:-2])
                report.equal(f"{packet.name} cut to {len(cut)}: told", True, row[-2] != "")
                report.equal(f"{packet.name} cut to {len(cut)}: malformed", "", row[-1])
            # The same lengths on the wire: the lengths in the headers are wrong then.
            p.write_pcap(capture, cuts)
            p.tshark(["-r", capture, "-V"])
            p.tshark(["-r", capture, "-V", "-2"])
    report.done()


main()
