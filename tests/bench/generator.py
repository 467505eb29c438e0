#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Speed of `secct generate`:

(a) writing reactive handovers to a file, and its memory. Compared with Tins::PacketWriter, which writes
    packets of the same sizes without building them, and with scapy, which builds similar packets. The time
    is wall-clock time, because secct generate builds packets in several threads.
(b) sending them on a veth pair at maximum rate. Compared with tcpreplay, which sends the same packets from
    memory, and with a loop of pcap_inject that sends one frame of the same size.

usage: generator.py [HANDOVERS]    default: 1000000"""

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
MIN_OVER_PACKET_WRITER = 0.5
MIN_OVER_SCAPY = 300
SCAPY_PACKETS = 3000
MEGABYTES = 200
MIN_OVER_TCPREPLAY = 1.1
MIN_OVER_INJECT = 0.9
SENT_HANDOVERS = 40_000
ROUNDS = 5


def compile_reference(name, folder, *libraries):
    program = folder / name
    subprocess.run(["g++", "-O2", "-std=c++20", HERE / f"_{name}.cpp", "-o", program, *libraries],
                   check=True)  # fmt: skip
    return program


def seconds(command, file=None):
    """Returns the wall-clock time of a command that writes a new `file`."""
    if file is not None:
        file.unlink(missing_ok=True)
    start = time.monotonic()
    subprocess.run(list(map(str, command)), stdout=subprocess.DEVNULL, check=True)
    return time.monotonic() - start


def packets_in(file):
    """Returns the number of packets and their average length."""
    text = subprocess.run(["capinfos", "-T", "-r", "-c", "-z", "-M", file], check=True, text=True,
                          stdout=subprocess.PIPE).stdout.split("\t")  # fmt: skip
    return int(text[1]), float(text[2])


def writing(results, folder, handovers):
    generate = [SECCT, "generate", "reactive", "--handovers", handovers]
    one = folder / "one.pcap"
    subprocess.run([SECCT, "generate", "reactive", "-w", folder / "one.pcapng"], check=True)
    subprocess.run(["editcap", "-F", "pcap", folder / "one.pcapng", one], check=True)
    each, octets = packets_in(one)
    count = handovers * each
    made, written = folder / "made.pcapng", folder / "written.pcap"
    writer = compile_reference("packet_writer", folder, "-ltins", "-lpcap")
    times = {"generate": [], "writer": []}
    for number in range(ROUNDS):
        turns = [("generate", [*generate, "-w", made], made),
                 ("writer", [writer, one, written, count], written)]  # fmt: skip
        for name, command, file in turns if number % 2 == 0 else reversed(turns):
            times[name].append(seconds(command, file))
            file.unlink()
    rate = count / min(times["generate"])
    results.at_least(f"{count} packets of {octets:.0f} octets: speed over Tins::PacketWriter",
                     m.ratio(times, "writer", "generate"), MIN_OVER_PACKET_WRITER)  # fmt: skip
    scapy = subprocess.run(["/usr/bin/python3", HERE / "_scapy_handover.py", str(SCAPY_PACKETS),
                            str(round(octets))], check=True, text=True, stdout=subprocess.PIPE)
    results.at_least("  speed over scapy", rate / float(scapy.stdout), MIN_OVER_SCAPY)
    results.add("  thousand packets per second", rate / 1000)
    results.add("  memory", m.peak_megabytes(list(map(str, [*generate, "-w", made]))), MEGABYTES,
                " MB")  # fmt: skip
    made.unlink()


def sending(results, folder):
    here, there = _netns.Namespace(), _netns.Namespace()
    _netns.join(here, "bench-a", there, "bench-b")
    made, plain = folder / "sent.pcapng", folder / "sent.pcap"
    generate = [SECCT, "generate", "reactive", "--handovers", str(SENT_HANDOVERS)]
    subprocess.run([*generate, "-w", made], check=True)
    subprocess.run(["editcap", "-F", "pcap", made, plain], check=True)
    count, octets = packets_in(plain)
    inject = compile_reference("inject", folder, "-lpcap")

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
    for name, least in (("tcpreplay", MIN_OVER_TCPREPLAY), ("inject", MIN_OVER_INJECT)):
        ratio = max(rates["generate"]) / max(rates[name])
        results.at_least(f"{count} packets sent: speed over {name}", ratio, least)
    for name, some in rates.items():
        results.add(f"  thousand packets per second, {name}", max(some) / 1000)


def main():
    handovers = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    results = m.Results()
    with p.Workspace() as folder:
        writing(results, folder, handovers)
        sending(results, folder)
    return results.exit_status()


sys.exit(main())
