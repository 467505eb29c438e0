#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Speed of the reference router under `secct load`:

(a) in memory, with tester and router in one thread. Compared with secct generate, which only builds the
    packets.
(b) over a veth pair, with many handovers in progress and with one, and the memory of the router. Compared
    with ICMPv6 echoes that the kernel answers over the same pair.

usage: router.py [MOBILE NODES]    default: 10000"""

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
MOBILE_NODES = 60_000  # the router stores at most 65,536
ECHOES = 20_000
MAX_OVER_BUILDING = 4  # time of a handover in memory over the time to build its packets
MAX_OVER_ECHO = 40  # time of a handover over veth over the time of an echo
MAX_LOST = 1  # percent of the handovers
MEGABYTES = 200  # for 10,000 mobile nodes


def description(folder, count):
    dut = folder / "dut.yaml"
    text = (SOURCE / "generator/description/built_in.yaml").read_text(encoding="utf-8")
    dut.write_text(text.replace("count: 1024", f"count: {count}"), encoding="utf-8")
    return dut


def load(run, *arguments):
    """Returns the report of secct load."""
    result = run([SECCT, "load", "--json", "-", *map(str, arguments)], stdout=subprocess.PIPE,
                 stderr=subprocess.PIPE, text=True, check=False)  # fmt: skip
    if result.returncode != 0:
        sys.exit(f"secct load: status {result.returncode}\n{result.stdout}{result.stderr}")
    return json.loads(result.stdout)


def show(results, title, report):
    handover = report["latency_s"]["handover"]
    results.add(f"{title}: handovers/s", report["handovers_per_s"])
    results.add("  milliseconds per handover, p50", handover["p50"] * 1e3)
    results.add("  p99", handover["p99"] * 1e3)
    results.add("  lost or refused, percent",
                (report["lost"] + report["refused"]) / report["started"] * 100, MAX_LOST)  # fmt: skip


# --- (a)
def in_memory(results, folder, count):
    file = description(folder, MOBILE_NODES)
    made = 20_000
    building = m.processor_seconds([SECCT, "generate", "reactive", "--handovers", made, "--no-data",
                                    "--dut", file, "-w", folder / "made.pcapng"]) / made  # fmt: skip
    for role, scenario in (("nr", "reactive"), ("nr", "predictive"), ("pr", "reactive")):
        report = load(subprocess.run, "--embedded", "--dut", file, "--role", role, "--scenario",
                      scenario, "--open", count, "--duration", SECONDS)  # fmt: skip
        show(results, f"in memory, role {role}, {scenario}, {count} in progress", report)
        if (role, scenario) == ("nr", "reactive"):
            results.add("  time per handover over the time to build its packets",
                        report["duration_s"] / report["completed"] / building, MAX_OVER_BUILDING)  # fmt: skip


# --- (b)
class Router:
    def __init__(self, space, file, role):
        self.process = space.start(SECCT, "router", "--dut", str(file), "--interface", "dut",
                                   "--role", role, "--quiet", stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL, text=True)  # fmt: skip
        if self.process.stdout.readline() != "ready\n":
            sys.exit("secct router does not start")

    def megabytes(self):
        """Returns the largest resident set so far."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) / 1024

    def end(self):
        self.process.terminate()
        if self.process.wait(timeout=60) != 0:
            sys.exit("secct router ends with an error")


def echo_seconds(tester):
    """Returns the median time of an echo that the kernel in the other namespace answers."""
    code = (f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); import router; "
            "router.echoes()")  # fmt: skip
    result = tester.run("/usr/bin/python3", "-c", code, stdout=subprocess.PIPE, text=True, check=True)
    return float(result.stdout)


def echoes():
    """Sends echo requests to fd00::2, one after another, and prints the median time."""
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


def over_veth(results, folder, count):
    tester, dut = _netns.Namespace(), _netns.Namespace()
    subprocess.run(["ip", "link", "add", "k-tester", "netns", str(tester.holder.pid), "type", "veth",
                    "peer", "name", "k-dut", "netns", str(dut.holder.pid)], check=True)  # fmt: skip
    for space, name, address in ((tester, "k-tester", "fd00::1"), (dut, "k-dut", "fd00::2")):
        space.run("ip", "link", "set", name, "up", check=True)
        space.run("ip", "addr", "add", f"{address}/64", "dev", name, "nodad", check=True)
    time.sleep(0.5)
    echo = echo_seconds(tester)
    results.add("over veth, echo of the kernel: microseconds", echo * 1e6)

    _netns.join(tester, "tester", dut, "dut")
    file = description(folder, MOBILE_NODES)

    def measure(role, in_progress):
        """Returns the report of secct load for a new router, and the memory of the router in megabytes."""
        router = Router(dut, file, role)
        report = load(lambda command, **options: tester.run(*command, **options), "--dut", file,
                      "--interface", "tester", "--role", role, "--open", in_progress,
                      "--duration", SECONDS)  # fmt: skip
        megabytes = router.megabytes()
        router.end()
        return report, megabytes

    for role in ("nr", "pr"):
        many, megabytes = measure(role, count)
        show(results, f"over veth, role {role}, {count} in progress", many)
        results.add(f"  memory of the router after {many['completed']} handovers, per 10,000",
                    megabytes * 10_000 / max(many["completed"], 10_000), MEGABYTES, " MB")  # fmt: skip
        one, _ = measure(role, 1)
        show(results, f"over veth, role {role}, one in progress", one)
        results.add("  p50 over an echo", one["latency_s"]["handover"]["p50"] / echo, MAX_OVER_ECHO)


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    results = m.Results()
    with tempfile.TemporaryDirectory() as name:
        in_memory(results, Path(name), count)
        over_veth(results, Path(name), count)
    return results.exit_status()


if __name__ == "__main__":
    sys.exit(main())
