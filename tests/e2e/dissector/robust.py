# SPDX-License-Identifier: GPL-2.0-or-later
"""Damaged captures do no harm, in one pass and in two; and time grows no faster than what is read."""

import os
import struct
import subprocess
import sys
from pathlib import Path

SOURCE = Path(os.environ["SECCT_SOURCE_DIR"])
sys.path[:0] = [str(SOURCE / "tests/dissector"), str(SOURCE / "tests/bench")]
import _measure as m
import malformed
import packets as p
import stock

# With everything that looks at octets switched on.
PREFERENCES = [
    ["-o", f"secct.key_file:{SOURCE / 'generator/description/built_in.yaml'}", "-o", "secct.learn_sas:TRUE"],
    ["-o", "secct.show_keys:FALSE", "-o", "ipv6.defragment:FALSE"],
]


# --- damage
def sound(folder):
    """Captures that are damaged then: all packets of the tests, and whole handovers."""
    packets = [packet.octets() for packet in p.read_all().values()]
    packets += [packet.octets() for _, packet, _ in malformed.cases()]
    packets += list(stock.packets())
    p.write_pcap(folder / "packets.pcap", packets)
    lab = (SOURCE / "generator/description/built_in.yaml").read_text(encoding="utf-8")
    for name, text in (("ah", lab), ("esp", lab.replace("confidential: false", "confidential: true"))):
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
        for scenario in ("predictive", "reactive"):
            command = [os.environ["SECCT"], "generate", scenario, "--handovers", "5",
                       "--dut", folder / f"{name}.yaml", "-w", folder / f"{scenario}-{name}.pcapng"]  # fmt: skip
            subprocess.run(command, check=True)
    return [*sorted((SOURCE / "captures").glob("*/*.pcapng")), *sorted(folder.glob("*.pcap*"))]


def check_damage(report, folder):
    """editcap changes octets at random, everywhere; or cuts all packets short."""
    whole = folder / "whole.pcapng"
    subprocess.run(["mergecap", "-a", "-w", whole, *sound(folder)], check=True)
    ways = ["-E 0.003 --seed 1", "-E 0.02 --seed 2", "-E 0.1 --seed 3", "-s 150"]
    for number, way in enumerate(ways):
        damaged = folder / "damaged.pcapng"
        subprocess.run(["editcap", *way.split(), whole, damaged], check=True)
        os.chmod(damaged, 0o644)
        for passes in ([], ["-2"]):
            # A dissector bug aborts, and p.tshark() fails where anything is written to stderr.
            extra = PREFERENCES[(number + len(passes)) % 2]
            shown = p.tshark(["-r", damaged, "-V", *passes, *extra])
            report.equal(f"{way} {passes}: it is still there", True, "IPsec Security Context Transfer" in shown)
            report.equal(f"{way} {passes}: bugs", 0, shown.count("Dissector bug"))


# --- time
def seconds(capture, *arguments):
    return min(m.processor_seconds([*p.tshark_command(), "-r", capture, *arguments]) for _ in range(3))


def check_growth(report, folder, title, make, size, *arguments):
    """Four times as much takes four times as long, and not sixteen times."""
    times = []
    for number in (0, size, 4 * size):
        capture = folder / "growth.pcap"
        p.write_pcap(capture, make(number))
        times.append(seconds(capture, *arguments))
    start, once, four_times = times
    slack = 0.1  # seconds that the machine may take at will
    grown = (four_times - start) / (once - start + slack)
    print(f"{title}: {start:.2f} s, {once:.2f} s, {four_times:.2f} s")
    report.equal(f"{title}: four times as much takes {grown:.1f} times as long", True, grown < 9)
    # It must be able to fail: what is measured must be worth measuring.
    report.equal(f"{title}: takes {four_times - start:.2f} s", True, four_times - start > 2 * slack)


HEAD = [0xCD, 0, p.CHECKSUM, p.CHECKSUM, 0, 1, 0, 0]
ADDRESSES = b"\x20\x01" + bytes(13) + b"\1" + b"\x20\x01" + bytes(13) + b"\2"
OPTION = 2040 - 36  # octets that the largest option has for sub-options


def message(octets):
    return stock.v6(58, p.fill_checksum([*HEAD, *octets], stock.A, stock.B), 255)


def shrep(octets):
    """A SHREP with sub-options of `octets`, which are multiples of 4."""
    octets += bytes((4 - len(octets)) % 8)
    return message(b"\xf3" + bytes([(36 + len(octets)) // 8]) + b"\0\0" + ADDRESSES + octets)


def pads(number):
    return [shrep(bytes(4 * number))] * 1500


def look_alikes(number):
    """Each octet might begin a SecCT-rep, a context, a profile."""
    return [shrep(b"\x02\x04\x80\x02" * number)] * 500


def shin(next_header):
    octets = bytes(p.read_all()["shin"].payload())
    return bytes([next_header]) + octets[1 : (octets[1] + 1) * 8]


def chained(number):
    """Destination options headers one after another, each with a SHIN."""
    return [stock.v6(60, shin(60) * number + shin(59))] * 300


def nested(number):
    """Tunnels in tunnels, each with a SHIN."""
    packet = stock.v6(60, shin(59))
    for _ in range(number):
        packet = stock.v6(60, shin(41) + packet)
    return [packet] * 300


def one_identifier(number):
    """SHREQs that differ, with one Identifier and one pair of addresses, and an answer to each tenth."""
    known = p.read_all()
    packets = []
    for i in range(number):
        token = list(struct.pack("!I", i))
        packets.append(known["shreq"].with_part("token", token).octets())
        if i % 10 == 9:
            packets.append(known["shrep"].octets())
    return packets


def one_handover(number):
    """Contexts upon contexts, and changes of them, in a handover that never ends."""
    known = p.read_all()
    packets = [known["shin"].octets()]
    for i in range(number):
        packets.append(known["shrep"].with_part("spi", list(struct.pack("!I", 0x10000 + i))).octets())
        packets.append(known["shak"].octets())
    return packets


def main():
    report = p.Report()
    with p.Workspace() as folder:
        check_damage(report, folder)
        check_growth(report, folder, "one-octet pads", pads, 500 // 4, "-V")
        check_growth(report, folder, "look-alikes", look_alikes, 500 // 4, "-V")
        check_growth(report, folder, "chained headers", chained, 50, "-V")
        check_growth(report, folder, "nested tunnels", nested, 30, "-V")
        check_growth(report, folder, "one Identifier", one_identifier, 20_000, "-2")
        check_growth(report, folder, "one handover", one_handover, 10_000, "-2")
    report.done()


main()
