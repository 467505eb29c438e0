# SPDX-License-Identifier: GPL-2.0-or-later
"""The statistics -z secct,tree and -z secct,srt, and the flow graph."""

import os
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(os.environ["SECCT_SOURCE_DIR"]) / "tests/dissector"))
import documents as d
import packets as p


def capture(folder):
    c = d.Capture()
    c.shin(0, 1)
    c.shreq(0.01, 1, 7)
    c.shrep(0.03, 1, 7, [d.rep(1, [0x1000, 0x2000])])
    c.shrep_ack(0.04, 1, 7)
    c.shak(0.1, 1)
    c.shin(1, 2)
    c.shak(1.5, 2, [d.stat(105)])
    c.shreq(2, 3, 9)
    c.shreq(2.01, 3, 9, [d.auth(), {"secct.subopt.type": "req", "secct.req.spt": 9}])
    path = folder / "statistics.pcapng"
    c.write(path)
    return path


def tree(text):
    """Name of a line -> its columns."""
    rows = {}
    for line in text.splitlines():
        columns = re.split(r"\s{2,}", line.strip())
        if len(columns) > 2:
            rows[columns[0]] = columns[1:]
    return rows


def main():
    report = p.Report()
    with p.Workspace() as folder:
        path = capture(folder)
        for extra in ([], ["-2"]):
            rows = tree(p.tshark(["-r", path, *extra, "-q", "-z", "secct,tree"]))
            for name, count in (
                ("Messages", 9), ("SHIN", 2), ("SHREQ", 3), ("SHREP", 1), ("SHREP-Ack", 1),
                ("SHAK", 2), ("200 OK", 1), ("105 Invalid MN authentication", 1),
                ("AH-TRANSPORT-HMACSHA1-V6-V6", 2), ("Handovers", 3), ("Completed", 1),
                ("Failed", 1), ("Open", 1), ("Unknown Req-SPT", 1), ("Transfer failed", 1),
            ):  # fmt: skip
                report.equal(f"{extra} {name}", str(count), rows.get(name, ["none"])[0])
            report.equal("SHREQ - SHREP", ["1", "20.00", "20.000000"], rows["SHREQ - SHREP"][:3])
            # There is no average of times of different kinds.
            report.equal("all times", ("5", True), (rows["Response times (ms)"][0],
                         len(rows["Response times (ms)"]) < len(rows["SHIN - SHAK"])))  # fmt: skip
            unanswered = rows.get("No reply in this capture", ["0"])[0]
            report.equal(f"{extra}: requests without reply", "2" if extra else "0", unanswered)
            report.equal("SHIN - SHAK", ["2", "300.00", "100.000000", "500.000000"],
                         rows["SHIN - SHAK"][:4])  # fmt: skip
            rows = tree(p.tshark(["-r", path, *extra, "-q", "-z", "secct,srt"]))
            report.equal("response times", True, "0.020000" in " ".join(sum(rows.values(), [])))
            calls = {columns[0]: columns[1:] for columns in rows.values() if len(columns) > 4}
            report.equal("SHIN - SHAK", ["2", "0.100000", "0.500000", "0.300000", "0.600000"],
                         calls.get("SHIN - SHAK"))  # fmt: skip
            report.equal("handovers", "1", calls["Completed handover"][0])
        one = p.tshark(["-r", path, "-q", "-z", "secct,tree,secct.handover == 2"])
        report.equal("of one handover", "2", tree(one)["Messages"][0])
        flow = p.tshark(["-r", path, "-q", "-z", "flow,any,network,secct.handover == 1"])
        for label in ("SHIN  R1", "SHREQ  id=7", "SHREP  id=7", "SHREP-Ack  id=7", "SHAK  status=200 OK"):
            report.equal(f"flow: {label}", True, label in flow)
    report.done()


main()
