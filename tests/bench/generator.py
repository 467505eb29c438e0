#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""How fast `secct generate` is, in one run:

(a) a million reactive handovers into a file, and in how much memory, against libtins' PacketWriter
    writing packets of the same sizes that are ready, and against scapy building such packets. Time is
    what passes: generate builds in several threads.
(b) sending them on a veth pair as fast as it goes, against tcpreplay sending the same file from its
    memory and against a bare loop of pcap_inject with one frame of the same size

usage: generator.py [HANDOVERS]    default 1000000"""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

SOURCE = Path(os.environ["SECCT_SOURCE_DIR"])
sys.path[:0] = [str(SOURCE / "tests/dissector"), str(SOURCE / "tests/e2e")]
import _measure as m
import _netns
import packets as p

SECCT = os.environ["SECCT"]
HERE = Path(__file__).resolve().parent
LINK_OCTETS = 16  # of a pcap's record before the packet
OF_PACKET_WRITER = 0.5
OF_SCAPY = 300
SCAPY_PACKETS = 3000
MEGABYTES = 200
OF_TCPREPLAY = 1.1
OF_INJECT = 0.9
SENT_HANDOVERS = 40_000
ROUNDS = 5


def compiled(name, folder, *libraries):
    program = folder / name
    subprocess.run(["g++", "-O2", "-std=c++20", HERE / f"_{name}.cpp", "-o", program, *libraries],
                   check=True)  # fmt: skip
    return program


def seconds(command, file=None):
    """How long it takes to write `file`, which is not there yet."""
    if file is not None:
        file.unlink(missing_ok=True)
    start = time.monotonic()
    subprocess.run(list(map(str, command)), stdout=subprocess.DEVNULL, check=True)
    return time.monotonic() - start


def packets_in(file):
    text = subprocess.run(["capinfos", "-T", "-r", "-c", "-z", "-M", file], check=True, text=True,
                          stdout=subprocess.PIPE).stdout.split("\t")  # fmt: skip
    return int(text[1]), float(text[2])


def writing(verdict, folder, handovers):
    generate = [SECCT, "generate", "reactive", "--handovers", handovers]
    one = folder / "one.pcap"
    subprocess.run([SECCT, "generate", "reactive", "-w", folder / "one.pcapng"], check=True)
    subprocess.run(["editcap", "-F", "pcap", folder / "one.pcapng", one], check=True)
    each, octets = packets_in(one)
    count = handovers * each
    made, written = folder / "made.pcapng", folder / "written.pcap"
    writer = compiled("packet_writer", folder, "-ltins", "-lpcap")
    times = {"generate": [], "writer": []}
    for number in range(ROUNDS):
        turns = [("generate", [*generate, "-w", made], made),
                 ("writer", [writer, one, written, count], written)]  # fmt: skip
        for name, command, file in turns if number % 2 == 0 else reversed(turns):
            times[name].append(seconds(command, file))
            file.unlink()
    rate = count / min(times["generate"])
    verdict.at_least(f"{count} packets of {octets:.0f} octets, over libtins' PacketWriter",
                     m.ratio(times, "writer", "generate"), OF_PACKET_WRITER)  # fmt: skip
    scapy = subprocess.run(["/usr/bin/python3", HERE / "_scapy_handover.py", str(SCAPY_PACKETS),
                            str(round(octets))], check=True, text=True, stdout=subprocess.PIPE)
    verdict.at_least("  over scapy", rate / float(scapy.stdout), OF_SCAPY)
    verdict.figure("  thousand packets a second", rate / 1000)
    verdict.figure("  memory", m.peak_megabytes(list(map(str, [*generate, "-w", made]))), MEGABYTES,
                   " MB")  # fmt: skip
    made.unlink()


def sending(verdict, folder):
    here, there = _netns.Namespace(), _netns.Namespace()
    _netns.join(here, "bench-a", there, "bench-b")
    made, plain = folder / "sent.pcapng", folder / "sent.pcap"
    generate = [SECCT, "generate", "reactive", "--handovers", str(SENT_HANDOVERS)]
    subprocess.run([*generate, "-w", made], check=True)
    subprocess.run(["editcap", "-F", "pcap", made, plain], check=True)
    count, octets = packets_in(plain)
    inject = compiled("inject", folder, "-lpcap")

    def output(*command):
        done = here.run(*map(str, command), text=True, check=True, stdout=subprocess.PIPE,
                        stderr=subprocess.STDOUT)  # fmt: skip
        return done.stdout

    def rate_of(text, pattern):
        return float(re.search(pattern, text)[1])

    ways = {
        "generate": lambda: rate_of(output(*generate, "--send", "bench-a", "--rate", "max"),
                                    r"([\d.]+) packets/s"),
        "tcpreplay": lambda: rate_of(output("tcpreplay", "--topspeed", "--preload-pcap", "-i",
                                            "bench-a", plain), r"([\d.]+) pps"),
        "inject": lambda: count / float(output(inject, "bench-a", round(octets), count)),
    }  # fmt: skip
    rates = {name: [] for name in ways}
    for number in range(ROUNDS):
        for name in list(ways) if number % 2 == 0 else reversed(list(ways)):
            rates[name].append(ways[name]())
    for name, least in (("tcpreplay", OF_TCPREPLAY), ("inject", OF_INJECT)):
        ratio = max(rates["generate"]) / max(rates[name])
        verdict.at_least(f"{count} packets sent, over {name}", ratio, least)
    for name, some in rates.items():
        verdict.figure(f"  thousand packets a second, {name}", max(some) / 1000)


def main():
    handovers = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    verdict = m.Verdict()
    with p.Workspace() as folder:
        writing(verdict, folder, handovers)
        sending(verdict, folder)
    return verdict.done()


sys.exit(main())
