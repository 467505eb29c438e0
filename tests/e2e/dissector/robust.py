# SPDX-License-Identifier: GPL-2.0-or-later
"""The time is linear in the size of the input."""

import os
import struct
import sys
from pathlib import Path

SOURCE = Path(os.environ["SECCT_SOURCE_DIR"])
sys.path[:0] = [str(SOURCE / "tests/dissector"), str(SOURCE / "tests/bench")]
import _measure as m
import packets as p
import stock

def seconds(capture, *arguments):
    return min(m.processor_seconds([*p.tshark_command(), "-r", capture, *arguments]) for _ in range(3))


def check_growth(report, folder, title, make, size, *arguments):
    """Four times the input takes about four times as long, not sixteen times."""
    times = []
    for number in (0, size, 4 * size):
        capture = folder / "growth.pcap"
        p.write_pcap(capture, make(number))
        times.append(seconds(capture, *arguments))
    start, once, four_times = times
    slack = 0.1  # measurement error in seconds
    grown = (four_times - start) / (once - start + slack)
    print(f"{title}: {start:.2f} s, {once:.2f} s, {four_times:.2f} s")
    report.equal(f"{title}: four times the input takes {grown:.1f} times as long", True, grown < 9)
    # The input must be large enough to measure.
    report.equal(f"{title}: {four_times - start:.2f} s are more than the measurement error", True, four_times - start > 2 * slack)


HEAD = [0xCD, 0, p.CHECKSUM, p.CHECKSUM, 0, 1, 0, 0]
ADDRESSES = b"\x20\x01" + bytes(13) + b"\1" + b"\x20\x01" + bytes(13) + b"\2"


def message(octets):
    return stock.v6(58, p.fill_checksum([*HEAD, *octets], stock.A, stock.B), 255)


def shrep(octets):
    """Returns a SHREP with sub-options of `octets`, whose number is a multiple of 4."""
    octets += bytes((4 - len(octets)) % 8)
    return message(b"\xf3" + bytes([(36 + len(octets)) // 8]) + b"\0\0" + ADDRESSES + octets)


def pads(number):
    return [shrep(bytes(4 * number))] * 1500


def look_alikes(number):
    """Each octet could begin a SecCT-rep, a context or a profile."""
    return [shrep(b"\x02\x04\x80\x02" * number)] * 500


def shin(next_header):
    octets = bytes(p.read_all()["shin"].payload())
    return bytes([next_header]) + octets[1 : (octets[1] + 1) * 8]


def chained(number):
    """A sequence of destination options headers, each with a SHIN."""
    return [stock.v6(60, shin(60) * number + shin(59))] * 300


def nested(number):
    """Tunnels in tunnels, each with a SHIN."""
    packet = stock.v6(60, shin(59))
    for _ in range(number):
        packet = stock.v6(60, shin(41) + packet)
    return [packet] * 300


def one_identifier(number):
    """Different SHREQs with one Identifier and one pair of addresses, and a response to every tenth."""
    examples = p.read_all()
    packets = []
    for i in range(number):
        token = list(struct.pack("!I", i))
        packets.append(examples["shreq"].with_part("token", token).octets())
        if i % 10 == 9:
            packets.append(examples["shrep"].octets())
    return packets


def one_handover(number):
    """One handover with more and more contexts, and changes of them."""
    examples = p.read_all()
    packets = [examples["shin"].octets()]
    for i in range(number):
        packets.append(examples["shrep"].with_part("spi", list(struct.pack("!I", 0x10000 + i))).octets())
        packets.append(examples["shak"].octets())
    return packets


def main():
    report = p.Report()
    with p.Workspace() as folder:
        check_growth(report, folder, "one-octet pads", pads, 500 // 4, "-V")
        check_growth(report, folder, "look-alikes", look_alikes, 500 // 4, "-V")
        check_growth(report, folder, "chained headers", chained, 50, "-V")
        check_growth(report, folder, "nested tunnels", nested, 30, "-V")
        check_growth(report, folder, "one Identifier", one_identifier, 20_000, "-2")
        check_growth(report, folder, "one handover", one_handover, 10_000, "-2")
    report.done()


main()
