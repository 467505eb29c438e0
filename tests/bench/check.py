#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""How fast `secct check` judges a capture, a million messages of reactive handovers, and in how much
memory: against tshark with the plugin judging the same packets (-z expert), and, without a limit,
against tshark only listing them, which looks at no rule.

usage: check.py [PACKETS]    default 1000000"""

import os
import subprocess
import sys
from pathlib import Path

SOURCE = Path(os.environ["SECCT_SOURCE_DIR"])
sys.path.insert(0, str(SOURCE / "tests/dissector"))
import _measure as m
import packets as p

MESSAGES = 5  # of a reactive handover
FASTER = 20
SHOWN = 50  # of so many packets tshark judges one: it is slow
MEGABYTES = 100


def capture(folder, count):
    lab = folder / "lab.yaml"
    handovers = count // MESSAGES
    text = (SOURCE / "generator/description/built_in.yaml").read_text(encoding="utf-8")
    lab.write_text(text.replace("count: 1024", f"count: {handovers}"), encoding="utf-8")
    made = folder / "reactive.pcapng"
    subprocess.run([os.environ["SECCT"], "generate", "reactive", "--handovers", str(handovers),
                    "--no-data", "--dut", lab, "-w", made], check=True)  # fmt: skip
    made.chmod(0o644)
    return made, lab


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    verdict = m.Verdict()
    with p.Workspace() as folder:
        made, lab = capture(folder, count)
        check = [os.environ["SECCT"], "check", made]
        tshark = [*p.tshark_command(True), "-n", "-r", made]
        times = m.by_turns({"check": check, "list": tshark}, 3)
        each = {name: min(seconds) / count * 1e6 for name, seconds in times.items()}
        judged = count // SHOWN
        seconds = m.processor_seconds([*tshark, "-q", "-z", "expert", "-c", judged])
        each["expert"] = seconds / judged * 1e6
        verdict.figure(f"{count} SecCT messages: secct check over tshark -z expert",
                       each["check"] / each["expert"], 1 / FASTER)  # fmt: skip
        verdict.figure("  over tshark listing them", each["check"] / each["list"])
        for name, title in (("check", "secct check"), ("expert", "tshark -z expert"),
                            ("list", "tshark")):  # fmt: skip
            verdict.figure(f"  microseconds a message, {title}", each[name])
        keys = m.processor_seconds([*check, "--dut", lab])
        verdict.figure("  microseconds a message, check with keys", keys / count * 1e6)
        verdict.figure("  memory", m.peak_megabytes(check), MEGABYTES, " MB")
    return verdict.done()


sys.exit(main())
