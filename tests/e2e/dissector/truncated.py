# SPDX-License-Identifier: GPL-2.0-or-later
"""Truncated packets. If the capture truncates a packet, the plugin shows the captured fields as in the
complete packet and reports no violation, and Wireshark reports the truncation. If the packet is truncated
on the wire, there is no dissector bug."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(os.environ["SECCT_SOURCE_DIR"]) / "tests/dissector"))
import packets as p

# Fields that a truncation may change.
SUMMARIES = {"_ws.col.Info", "secct.expert"}
# Fields that depend on other frames: in the conversation, each truncated packet is another message.
CONVERSATION = {"secct.handover", "secct.response_in", "secct.response_to", "secct.time",
                "secct.handover_time", "secct.retransmission_of"}  # fmt: skip


def names():
    rows = [line.split("\t") for line in p.tshark(["-G", "fields"]).splitlines()]
    found = {row[2] for row in rows if row[0] == "F" and row[2].startswith("secct.")}
    experts = {name for name in found if name.startswith("secct.expert.")}
    return sorted(found - SUMMARIES - CONVERSATION - (experts - p.octet_rules()))


def is_beginning(part, whole):
    return part == "" or whole == part or whole.startswith(part + ",")


def compare(report, packet, fields, length, whole, cut):
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
                compare(report, packet, fields, len(cut), rows[0], row[:-2])
                report.equal(f"{packet.name} cut to {len(cut)}: Wireshark reports the truncation", True, row[-2] != "")
                report.equal(f"{packet.name} cut to {len(cut)}: malformed", "", row[-1])
            # Truncated on the wire: the lengths in the headers are wrong.
            p.write_pcap(capture, cuts)
            p.tshark(["-r", capture, "-V"])
            p.tshark(["-r", capture, "-V", "-2"])
    report.done()


main()
