#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Time and memory of `secct check` for a capture of reactive handovers. Compared with tshark and the plugin:
with -z expert, which checks the rules (limit), and listing the packets only (no limit).

usage: check.py [PACKETS]    default: 1000000"""

import os
import subprocess
import sys
from pathlib import Path

SOURCE = Path(os.environ["SECCT_SOURCE_DIR"])
sys.path.insert(0, str(SOURCE / "tests/dissector"))
import _measure as m
import packets as p

MESSAGES = 5  # of a reactive handover
SPEEDUP = 20  # over tshark -z expert
SAMPLE = 50  # tshark -z expert is slow: it gets one of so many packets
MEGABYTES = 100


def capture(folder, count):
    dut = folder / "dut.yaml"
    handovers = count // MESSAGES
    text = (SOURCE / "generator/description/built_in.yaml").read_text(encoding="utf-8")
    dut.write_text(text.replace("count: 1024", f"count: {handovers}"), encoding="utf-8")
    made = folder / "reactive.pcapng"
    subprocess.run([os.environ["SECCT"], "generate", "reactive", "--handovers", str(handovers),
                    "--no-data", "--dut", dut, "-w", made], check=True)  # fmt: skip
    made.chmod(0o644)
    return made, dut


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    results = m.Results()
    with p.Workspace() as folder:
        made, dut = capture(folder, count)
        check = [os.environ["SECCT"], "check", made]
        tshark = [*p.tshark_command(True), "-n", "-r", made]
        times = m.run_in_turns({"check": check, "list": tshark}, 3)
        each = {name: min(seconds) / count * 1e6 for name, seconds in times.items()}
        checked = count // SAMPLE
        seconds = m.processor_seconds([*tshark, "-q", "-z", "expert", "-c", checked])
        each["expert"] = seconds / checked * 1e6
        results.add(f"{count} SecCT messages: time of secct check over tshark -z expert",
                    each["check"] / each["expert"], 1 / SPEEDUP)  # fmt: skip
        results.add("  over tshark without rules", each["check"] / each["list"])
        for name, title in (("check", "secct check"), ("expert", "tshark -z expert"),
                            ("list", "tshark")):  # fmt: skip
            results.add(f"  microseconds per message, {title}", each[name])
        keys = m.processor_seconds([*check, "--dut", dut])
        results.add("  microseconds per message, check with keys", keys / count * 1e6)
        results.add("  memory", m.peak_megabytes(check), MEGABYTES, " MB")
    return results.exit_status()


sys.exit(main())
