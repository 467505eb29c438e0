# SPDX-License-Identifier: GPL-2.0-or-later
"""Each display filter of docs/wireshark.md finds the frames that its question asks for."""

import os
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(os.environ["SECCT_SOURCE_DIR"]) / "tests/dissector"))
import documents as d
import packets as p

# The beginning of the question, the capture and the frames. REPLAY is made below.
ANSWERS = [
    ("Which handovers took", "predictive", "8"),
    ("Which handovers took", "reactive", ""),
    ("Which requests were answered", "no-answer", "10"),
    ("Which requests were answered", "retransmissions", "13"),
    ("Which requests have no reply", "no-answer", "6,7,8,9"),
    ("What was sent more than once", "retransmissions", "7,8,10,11,14,15"),
    ("Which SAs were moved", "interleaved", "23,30,35,40,43"),
    ("Which transfers failed", "status-105", "7,8"),
    ("Which transfers failed", "reactive", ""),
    ("Which SPIs did", "spi-conflict-recompute", "9"),
    ("What belongs to the second", "interleaved", "31,33,40,41,42"),
    ("Who reused", "REPLAY", "4"),
    ("Which packets break", "no-answer", "6,7,8,9,10"),
    ("Which packets break", "reactive", ""),
]


def replay(path):
    """A second request with the Replay value of a request that was answered with 200."""
    c = d.Capture()
    c.shreq(0, 1, 1)
    c.shrep(0.1, 1, 1, [d.rep(1, [0x1000])])
    c.shreq(10, 2, 2, [d.auth(2), d.R1])
    c.shreq(20, 1, 3, [d.auth(1), {"secct.subopt.type": "req", "secct.req.spt": 9}])
    c.write(path)


def main():
    report = p.Report()
    text = (p.SOURCE / "docs/wireshark.md").read_text(encoding="utf-8")
    filters = dict(re.findall(r"^\| ([^|]*\?) \| `(.*)` \|$", text, re.M))
    report.equal("questions", 10, len(filters))
    with p.Workspace() as folder:
        replay(folder / "replay.pcapng")
        for begin, name, wanted in ANSWERS:
            path = folder / "replay.pcapng" if name == "REPLAY" else p.SOURCE / f"captures/{name}/{name}.pcapng"
            question = next((q for q in filters if q.startswith(begin)), None)
            if question is None:
                report.equal(f"{begin}: is a question of docs/wireshark.md", True, False)
                continue
            wanted_filter = filters[question].replace(r"\|", "|")
            frames = p.fields(path, ["frame.number"], ["-2", "-Y", wanted_filter])
            report.equal(f"{question} ({name})", wanted, ",".join(row[0] for row in frames))
        asked = {q for q in filters if any(q.startswith(begin) for begin, _, _ in ANSWERS)}
        report.equal("questions with an answer", sorted(filters), sorted(asked))
    report.done()


main()
