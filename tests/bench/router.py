#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the reference router sustains, driven by secct load:

(a) in memory, tester and router in one thread, against making the same packets only
(b) over veth, 10,000 mobile nodes at once and one at a time, against ICMPv6 echoes that the kernel
    answers over the same veth; and its memory

usage: router.py [MOBILE NODES]    default 10000"""

import json
import os
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SOURCE = Path(os.environ["SECCT_SOURCE_DIR"])
sys.path[:0] = [str(SOURCE / "tests/e2e")]
import _measure as m
import _netns

SECCT = os.environ["SECCT"]
SECONDS = 4
MOBILE_NODES = 60_000  # a router has room for 65,536
ECHOES = 20_000
BUILDING = 4  # a handover in memory takes at most so many times what making its packets takes
ECHO = 40  # so many times what an echo over veth takes
LOST = 1  # of a hundred handovers, when all begin at once
MEGABYTES = 200  # for 10,000 mobile nodes


def description(folder, count):
    lab = folder / "lab.yaml"
    text = (SOURCE / "generator/description/built_in.yaml").read_text(encoding="utf-8")
    lab.write_text(text.replace("count: 1024", f"count: {count}"), encoding="utf-8")
    return lab


def load(run, *arguments):
    """The report of secct load."""
    result = run([SECCT, "load", "--json", "-", *map(str, arguments)], stdout=subprocess.PIPE,
                 stderr=subprocess.PIPE, text=True, check=False)  # fmt: skip
    if result.returncode != 0:
        sys.exit(f"secct load: status {result.returncode}\n{result.stdout}{result.stderr}")
    return json.loads(result.stdout)


def show(verdict, title, report):
    whole = report["latency_s"]["handover"]
    verdict.figure(f"{title}: handovers/s", report["handovers_per_s"])
    verdict.figure("  milliseconds a handover, p50", whole["p50"] * 1e3)
    verdict.figure("  p99", whole["p99"] * 1e3)
    verdict.figure("  lost or refused, of a hundred",
                   (report["lost"] + report["refused"]) / report["started"] * 100, LOST)  # fmt: skip


# --- (a)
def in_memory(verdict, folder, count):
    lab = description(folder, MOBILE_NODES)
    made = 20_000
    building = m.processor_seconds([SECCT, "generate", "reactive", "--handovers", made, "--no-data",
                                    "--dut", lab, "-w", folder / "made.pcapng"]) / made  # fmt: skip
    for role, scenario in (("nr", "reactive"), ("nr", "predictive"), ("pr", "reactive")):
        report = load(subprocess.run, "--embedded", "--dut", lab, "--role", role, "--scenario",
                      scenario, "--open", count, "--duration", SECONDS)  # fmt: skip
        show(verdict, f"in memory, role {role}, {scenario}, {count} at once", report)
        if (role, scenario) == ("nr", "reactive"):
            verdict.figure("  over making its packets",
                           report["duration_s"] / report["completed"] / building, BUILDING)  # fmt: skip


# --- (b)
class Router:
    def __init__(self, space, lab, role):
        self.process = space.start(SECCT, "router", "--dut", str(lab), "--interface", "dut",
                                   "--role", role, "--quiet", stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL, text=True)  # fmt: skip
        if self.process.stdout.readline() != "ready\n":
            sys.exit("secct router does not start")

    def megabytes(self):
        """The largest resident set so far."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) / 1024

    def end(self):
        self.process.terminate()
        if self.process.wait(timeout=60) != 0:
            sys.exit("secct router does not end well")


def echo_seconds(tester):
    """Median of what an echo takes that the kernel of the other namespace answers."""
    code = (f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); import router; "
            "router.echoes()")  # fmt: skip
    result = tester.run("/usr/bin/python3", "-c", code, stdout=subprocess.PIPE, text=True, check=True)
    return float(result.stdout)


def echoes():
    """One echo request after another to fd00::2; prints the median time."""
    end = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
    end.settimeout(5)
    end.connect(("fd00::2", 0))
    request = struct.pack("!BBHHH", 128, 0, 0, 1, 1) + bytes(200)
    times = []
    for _ in range(ECHOES):
        start = time.perf_counter()
        end.send(request)
        while end.recv(2048)[0] != 129:
            pass
        times.append(time.perf_counter() - start)
    print(statistics.median(times))


def over_veth(verdict, folder, count):
    tester, dut = _netns.Namespace(), _netns.Namespace()
    subprocess.run(["ip", "link", "add", "k-tester", "netns", str(tester.holder.pid), "type", "veth",
                    "peer", "name", "k-dut", "netns", str(dut.holder.pid)], check=True)  # fmt: skip
    for space, name, address in ((tester, "k-tester", "fd00::1"), (dut, "k-dut", "fd00::2")):
        space.run("ip", "link", "set", name, "up", check=True)
        space.run("ip", "addr", "add", f"{address}/64", "dev", name, "nodad", check=True)
    time.sleep(0.5)
    echo = echo_seconds(tester)
    verdict.figure("over veth, an echo of the kernel: microseconds", echo * 1e6)

    _netns.join(tester, "tester", dut, "dut")
    lab = description(folder, MOBILE_NODES)

    def drive(role, at_once):
        """What secct load says of a fresh router, and the megabytes that it had then."""
        router = Router(dut, lab, role)
        report = load(lambda command, **options: tester.run(*command, **options), "--dut", lab,
                      "--interface", "tester", "--role", role, "--open", at_once,
                      "--duration", SECONDS)  # fmt: skip
        megabytes = router.megabytes()
        router.end()
        return report, megabytes

    for role in ("nr", "pr"):
        many, megabytes = drive(role, count)
        show(verdict, f"over veth, role {role}, {count} at once", many)
        verdict.figure(f"  memory of the router after {many['completed']} handovers, for each 10,000",
                       megabytes * 10_000 / max(many["completed"], 10_000), MEGABYTES, " MB")  # fmt: skip
        one, _ = drive(role, 1)
        show(verdict, f"over veth, role {role}, one at a time", one)
        verdict.figure("  p50 over an echo", one["latency_s"]["handover"]["p50"] / echo, ECHO)


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    verdict = m.Verdict()
    with tempfile.TemporaryDirectory() as name:
        in_memory(verdict, Path(name), count)
        over_veth(verdict, Path(name), count)
    return verdict.done()


if __name__ == "__main__":
    sys.exit(main())
