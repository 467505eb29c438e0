# SPDX-License-Identifier: GPL-2.0-or-later
"""1,000 captures with random octets, each made by editcap -E from one of captures/, cause no dissector bug, in one
pass and in two."""

import os
import subprocess
import sys
from pathlib import Path

SOURCE = Path(os.environ["SECCT_SOURCE_DIR"])
sys.path.insert(0, str(SOURCE / "tests/dissector"))
import packets as p

ROUNDS = 1000
BATCH = 100  # captures that one tshark reads
PROBABILITIES = ("0.001", "0.005", "0.02", "0.1")
KEYS = ["-o", f"secct.key_file:{SOURCE / 'generator/description/built_in.yaml'}", "-o", "secct.learn_sas:TRUE"]
# Of the largest capture, each round damages other packets, so that it does not take most of the time.
MALFORMED = "malformed.pcapng"
PART = 100


def damage(captures, number, folder):
    """Returns the capture of a round, which can be made again with the same number."""
    source = captures[number % len(captures)]
    command = ["editcap", "-E", PROBABILITIES[number % len(PROBABILITIES)], "--seed", str(number)]
    if source.name == MALFORMED:
        command.append("-r")
        first = 1 + number * PART % 4000
        command += [source, folder / f"{number}.pcapng", f"{first}-{first + PART - 1}"]
    else:
        command += [source, folder / f"{number}.pcapng"]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    return folder / f"{number}.pcapng"


def main():
    report = p.Report()
    captures = sorted((SOURCE / "captures").glob("*/*.pcapng"))
    dissected = 0
    with p.Workspace() as folder:
        for first in range(0, ROUNDS, BATCH):
            damaged = [damage(captures, number, folder) for number in range(first, first + BATCH)]
            whole = folder / "whole.pcapng"
            subprocess.run(["mergecap", "-a", "-w", whole, *damaged], check=True)
            os.chmod(whole, 0o644)
            for passes in ([], ["-2"]):
                # A dissector bug aborts tshark, and p.tshark() fails if tshark writes to standard error.
                shown = p.tshark(["-r", whole, "-V", *KEYS, *passes])
                report.equal(f"rounds {first} to {first + BATCH - 1} {passes}: bugs", 0, shown.count("Dissector bug"))
                dissected += shown.count("IPsec Security Context Transfer, ")
            for capture in damaged:
                capture.unlink()
    report.equal("SecCT is dissected", True, dissected > 10 * ROUNDS)
    report.done()


main()
