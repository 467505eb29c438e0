# SPDX-License-Identifier: GPL-2.0-or-later
"""1,000 captures with random octets, each made by editcap -E from a capture, cause no dissector bug, in one pass and
in two."""

import os
import subprocess
import sys
from pathlib import Path

SOURCE = Path(os.environ["SECCT_SOURCE_DIR"])
sys.path.insert(0, str(SOURCE / "tests/dissector"))
import malformed
import packets as p
import stock

ROUNDS = 1000
BATCH = 100  # captures that one tshark reads
PROBABILITIES = ("0.001", "0.005", "0.02", "0.1")
# Of a capture with more packets, each round damages other ones.
MOST_PACKETS = 100
# Preferences that enable code paths.
PREFERENCES = [
    ["-o", f"secct.key_file:{SOURCE / 'generator/description/built_in.yaml'}", "-o", "secct.learn_sas:TRUE"],
    ["-o", "secct.show_keys:FALSE", "-o", "ipv6.defragment:FALSE"],
]


def captures(folder):
    """Pairs of a capture and its number of packets: those of captures/, all packets of the tests, and handovers
    whose routers use AH or ESP."""
    packets = [packet.octets() for packet in p.read_all().values()]
    packets += [packet.octets() for _, packet, _ in malformed.cases()]
    packets += list(stock.packets())
    p.write_pcap(folder / "packets.pcap", packets)
    description = (SOURCE / "generator/description/built_in.yaml").read_text(encoding="utf-8")
    for name, text in (("ah", description), ("esp", description.replace("confidential: false", "confidential: true"))):
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
        for scenario in ("predictive", "reactive"):
            command = [os.environ["SECCT"], "generate", scenario, "--handovers", "5",
                       "--dut", folder / f"{name}.yaml", "-w", folder / f"{scenario}-{name}.pcapng"]  # fmt: skip
            subprocess.run(command, check=True)
    files = [*sorted((SOURCE / "captures").glob("*/*.pcapng")), *sorted(folder.glob("*.pcap*"))]
    listed = subprocess.run(["capinfos", "-TrcM", *files], check=True, capture_output=True, text=True).stdout
    return list(zip(files, [int(line.split("\t")[1]) for line in listed.splitlines()]))


def damage(capture, size, number, to):
    """Writes the capture of a round, which can be made again with the same number."""
    command = ["editcap", "-E", PROBABILITIES[number % len(PROBABILITIES)], "--seed", str(number)]
    if size <= MOST_PACKETS:
        command += [capture, to]
    else:
        first = 1 + number * MOST_PACKETS % (size - MOST_PACKETS)
        command += ["-r", capture, to, f"{first}-{first + MOST_PACKETS - 1}"]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)


def main():
    report = p.Report()
    dissected = 0
    with p.Workspace() as folder:
        sources = captures(folder)
        for first in range(0, ROUNDS, BATCH):
            damaged = []
            for number in range(first, first + BATCH):
                damaged.append(folder / f"round-{number}.pcapng")
                damage(*sources[number % len(sources)], number, damaged[-1])
            whole = folder / "whole.pcapng"
            subprocess.run(["mergecap", "-a", "-w", whole, *damaged], check=True)
            os.chmod(whole, 0o644)
            for passes in ([], ["-2"]):
                # A dissector bug aborts tshark, and p.tshark() fails if tshark writes to standard error.
                extra = PREFERENCES[(first // BATCH + len(passes)) % 2]
                shown = p.tshark(["-r", whole, "-V", *passes, *extra])
                report.equal(f"rounds {first} to {first + BATCH - 1} {passes}: bugs", 0, shown.count("Dissector bug"))
                dissected += shown.count("IPsec Security Context Transfer, ")
            for capture in damaged:
                capture.unlink()
    report.equal("SecCT is dissected", True, dissected > 10 * ROUNDS)
    report.done()


main()
