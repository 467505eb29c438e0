#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Time of tshark with the plugin and without it:

(a) the packet list of SecCT messages, which are undecoded ICMPv6 without the plugin; and the time per field
    of -V for HIs, compared with Wireshark's own FMIPv6 HI with options
(b) packets that are not SecCT. The limit, one percent, is less than the variation of the time between two
    runs. So it applies to the number of instructions per packet, which valgrind counts.

usage: dissector.py [PACKETS]    default: 1000000"""

import os
import re
import struct
import subprocess
import sys
from pathlib import Path

SOURCE = Path(os.environ["SECCT_SOURCE_DIR"])
sys.path.insert(0, str(SOURCE / "tests/dissector"))
import _measure as m
import packets as p

LINKTYPE_ETHERNET = 1
ROUND = 10_000  # different packets; the capture repeats them with other addresses
# The interface identifiers of the mobile nodes begin with 32 zero bits. Repetitions replace them by two
# 16-bit words whose one's complement sum is zero, so that every checksum stays correct.
PLAIN = bytes(4)
COUNTED = 10_000  # packets for which instructions are counted
SAMPLE = 20  # -V gets one of so many messages


def variant(number):
    return struct.pack("!HH", number, 0xFFFF - number)


def write_many(path, prefixes, octets, times):
    """Writes a pcap that repeats `octets` (pcap records), with other addresses after `prefixes` each time."""
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, LINKTYPE_ETHERNET))
        for number in range(times):
            block = octets
            for prefix in prefixes:
                block = block.replace(prefix + PLAIN, prefix + variant(number))
            file.write(block)
    os.chmod(path, 0o644)


def records(packets):
    """Returns pcap records, one per millisecond."""
    return b"".join(
        struct.pack("<IIII", 1767225600 + i // 1000, i % 1000 * 1000, len(x), len(x)) + x
        for i, x in enumerate(packets)
    )


def ethernet(packet):
    kind = b"\x86\xdd" if packet[0] >> 4 == 6 else b"\x08\x00"
    return bytes.fromhex("02005e10000202005e100001") + kind + packet


# --- (a)
MOBILE_PREFIXES = [bytes.fromhex(text) for text in ("20010db800100000", "20010db800200000")]


def handovers(folder, scenario, number):
    """Returns the messages of `number` handovers as pcap records."""
    dut = folder / "dut.yaml"
    text = (SOURCE / "generator/description/built_in.yaml").read_text(encoding="utf-8")
    dut.write_text(text.replace("count: 1024", f"count: {ROUND}"), encoding="utf-8")
    made = folder / f"{scenario}.pcap"
    subprocess.run([os.environ["SECCT"], "generate", scenario, "--handovers", str(number),
                    "--no-data", "--dut", dut, "-w", folder / "new.pcapng"], check=True)  # fmt: skip
    subprocess.run(["editcap", "-F", "pcap", folder / "new.pcapng", made], check=True)
    return made.read_bytes()[24:]


def secct_messages(folder, count):
    """Writes secct.pcap: half of the messages are of predictive handovers, half of reactive ones."""
    octets = handovers(folder, "predictive", ROUND // 2 // 4)
    octets += handovers(folder, "reactive", ROUND // 2 // 5)
    write_many(folder / "secct.pcap", MOBILE_PREFIXES, octets, count // ROUND)


def secct_his(folder, count):
    """Writes hi.pcap: HIs with a U-SHREP, which are the longest messages of their handovers."""
    octets = handovers(folder, "predictive", ROUND)
    found, at = [], 0
    while at < len(octets):
        end = at + 16 + struct.unpack_from("<I", octets, at + 8)[0]
        found.append(octets[at:end])
        at = end
    longest = max(map(len, found))
    octets = b"".join(record for record in found if len(record) == longest)
    write_many(folder / "hi.pcap", MOBILE_PREFIXES, octets, count // ROUND)


def fmip_messages(folder, count):
    """Writes fmip.pcap: HIs of type 154 (RFC 5568, 6.2.1.1) with addresses and link-layer address."""
    ends = ("2001:db8:1::1", "2001:db8:2::1")
    packets = []
    for number in range(ROUND):
        address = bytes.fromhex("20010db80010000000000000") + struct.pack("!HH", 1, number)
        body = struct.pack("!BBH", 4, 0, number)
        for kind in (1, 2):
            body += struct.pack("!BBBBI", 17, 3, kind, 128, 0) + address
        body += b"\x13\x02\x02" + bytes.fromhex("02005e100001") + bytes(7)
        message = p.fill_checksum([154, 0, p.CHECKSUM, p.CHECKSUM, *body], *ends)
        packets.append(ethernet(p.ipv6(*ends, 58, 255, message)))
    prefixes = [bytes.fromhex("20010db800100000")]
    write_many(folder / "fmip.pcap", prefixes, records(packets), count // ROUND)


# --- (b)
def tcp(number, payload):
    ports = struct.pack("!HH", 30000 + number // 100 % 1000, 7000)
    return ports + struct.pack("!IIBBHHH", number % 100 * 500, 1, 0x50, 0x18, 8192, 0, 0) + payload


def ordinary_packets(folder, count):
    mn, host = "2001:db8:10::1", "2001:db8:99::1"
    packets = []
    for number in range(ROUND):
        payload = bytes((number + i) % 251 for i in range(200))
        kind = number % 4
        if kind == 0:
            packet = p.ipv6(mn, host, 6, 64, tcp(number, payload))
        elif kind == 1:
            packet = p.ipv6(mn, host, 17, 64, p.udp(40000 + number % 100, 7001, payload))
        elif kind == 2:
            echo = [128, 0, p.CHECKSUM, p.CHECKSUM, *struct.pack("!HH", 1, number), *payload[:56]]
            packet = p.ipv6(mn, host, 58, 64, p.fill_checksum(echo, mn, host))
        else:
            packet = p.ipv6(mn, host, 50, 64, struct.pack("!II", 0x1234, number + 1) + payload)
        packets.append(ethernet(packet))
    prefixes = [bytes.fromhex("20010db800100000")]
    write_many(folder / "ordinary.pcap", prefixes, records(packets), count // ROUND)


# --- measurements
def command(plugin, *arguments):
    return [*p.tshark_command(plugin), "-n", *arguments]


def both(*arguments):
    return {name: command(name == "plugin", *arguments) for name in ("stock", "plugin")}


def instructions(plugin, file, packets):
    """Returns the instructions per packet, for `packets` packets after as many packets of warm-up."""
    runner, which, dashes = p.tshark_command(plugin)
    counted = []
    for number in (packets, 2 * packets):
        done = subprocess.run(
            [runner, "--program", "valgrind", which, dashes, "--tool=callgrind",
             "--callgrind-out-file=/dev/null", "tshark", "-n", "-r", file, "-c", str(number)],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=True)  # fmt: skip
        counted.append(int(re.search(r"Collected : (\d+)", done.stderr)[1]))
    return (counted[1] - counted[0]) / packets


def fields_shown(arguments):
    """Returns the number of lines of -V: fields and headings."""
    shown = subprocess.run(list(map(str, arguments)), capture_output=True, check=True).stdout
    return sum(1 for line in shown.splitlines() if line.strip())


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    results = m.Results()
    with p.Workspace() as folder:
        secct_messages(folder, count)
        times = m.run_in_turns(both("-r", folder / "secct.pcap"))
        results.add(f"{count} SecCT messages: time with the plugin over undecoded",
                    m.ratio(times, "plugin", "stock"), 2.0)  # fmt: skip
        results.add("  microseconds per message with the plugin", min(times["plugin"]) / count * 1e6)

        part = max(ROUND, count // SAMPLE)
        fmip_messages(folder, part)
        secct_his(folder, part)
        shown = {"SecCT HI": command(True, "-V", "-r", folder / "hi.pcap"),
                 "FMIPv6 HI": command(False, "-V", "-r", folder / "fmip.pcap"),
                 # Short messages: tracking takes the same time for few fields as for many.
                 "all SecCT messages": command(True, "-V", "-r", folder / "secct.pcap", "-c", part)}
        fields = {name: fields_shown(arguments) for name, arguments in shown.items()}
        times = m.run_in_turns(shown)
        for name, seconds in times.items():
            times[name] = [one / fields[name] for one in seconds]
        results.add(f"-V of {part} packets: time per field of SecCT HI over FMIPv6 HI",
                    m.ratio(times, "SecCT HI", "FMIPv6 HI"), 1.0)  # fmt: skip
        for name in shown:
            results.add(f"  nanoseconds per field of {name}", min(times[name]) * 1e9)
        (folder / "secct.pcap").unlink()

        ordinary_packets(folder, count)
        times = m.run_in_turns(both("-r", folder / "ordinary.pcap"), 2 * m.REPEATS)
        results.add(f"{count} TCP, UDP, ICMPv6, ESP packets: time with the plugin over without",
                    m.ratio(times, "plugin", "stock"))  # fmt: skip
        each = [instructions(plugin, folder / "ordinary.pcap", COUNTED) for plugin in (True, False)]
        results.add("  instructions per packet with the plugin over without", each[0] / each[1], 1.01)
    return results.exit_status()


sys.exit(main())
