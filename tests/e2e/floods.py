# SPDX-License-Identifier: GPL-2.0-or-later
"""A flood does not stop the router or the tester: the router answers other packets, ends on SIGTERM, gets
the same verdicts afterwards, and its memory is bounded."""
import _netns  # first: restarts the script in its namespaces
import json
import pathlib
import re
import signal
import subprocess
import sys
import time

from _checks import SECCT, check, finish

sys.path.insert(0, str(pathlib.Path(__file__).with_name("replay")))
from _live import DUT, TESTER, Pair, different

SECONDS = 5
RATE = 20  # handovers per second

# Sends different frames to an interface at a rate.
FLOOD = r"""
import socket, struct, sys, time
interface, kind, to, rate = sys.argv[1], sys.argv[2], bytes.fromhex(sys.argv[3]), int(sys.argv[4])
out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
out.bind((interface, 0))
me = bytes.fromhex("020000007701")
v6 = lambda text: socket.inet_pton(socket.AF_INET6, text)
router, other = v6("2001:db8:2::1"), v6("2001:db8:1::77")
def ip(next_header, payload, destination=router):
    return struct.pack(">IHBB", 6 << 28, len(payload), next_header, 64) + other + destination + payload
def frame(number):
    n = struct.pack(">I", number & 0xffffffff)
    if kind == "type":
        return to + me + b"\x12\x34" + n + bytes(60)
    if kind == "fragments":
        return to + me + b"\x86\xdd" + ip(44, bytes([58, 0, 0, 1]) + n + bytes(64))
    if kind == "addresses":
        return to + me + b"\x86\xdd" + ip(59, n, v6("2001:db8:99::1"))
    if kind == "broadcast":
        return b"\xff" * 6 + me + b"\x08\x00" + b"\x45\0\0\x1c\0\0\0\0\x40\x11\0\0" + bytes(16)
    if kind == "data":
        return to + me + b"\x86\xdd" + ip(59, n)
    if kind == "sources":
        payload = b"\x3b\0\0\0"
        return to + me + b"\x86\xdd" + struct.pack(">IHBB", 6 << 28, 4, 59, 64) + v6("2001:db8:1::")[:12] + n \
            + router + payload
number = 0
print("ready", flush=True)
begun = time.monotonic()
while True:
    early = begun + number / rate - time.monotonic()
    if early > 0:
        time.sleep(early)
    burst = [frame(number + i) for i in range(64)]
    number += 64
    for octets in burst:
        try:
            out.send(octets)
        except OSError:
            time.sleep(0.0005)
"""
# Frames per second. A router must process the datagrams to its addresses, as slow as it is.
KINDS = {"type": 100_000, "fragments": 100_000, "addresses": 100_000, "broadcast": 100_000, "data": 10_000,
         "sources": 10_000}

pair = Pair()
link = json.loads(pair.dut.run("ip", "-json", "link", "show", DUT, stdout=subprocess.PIPE, text=True,
                               check=True).stdout)[0]["address"].replace(":", "")


def memory(process):
    text = pathlib.Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    return int(re.search(r"VmRSS:\s+(\d+)", text)[1]) / 1024


def flood(kind, space=None, interface=TESTER, to=link):
    process = (space or pair.tester).start(sys.executable, "-c", FLOOD, interface, kind, to, str(KINDS[kind]),
                                           stdout=subprocess.PIPE, text=True)
    process.stdout.readline()
    return process


def stop(process):
    process.kill()
    process.wait()


def load():
    file = pair.folder / "load.json"
    result = pair.run("--rate", str(RATE), "--duration", str(SECONDS), "--json", str(file), command="load")
    return result, json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


FEW = ["--select", "section:RELOC 5.2"]
router = pair.router()
expected = pair.run(*FEW)
check("without a flood: cases have verdicts", len(expected.verdicts) > 5, expected.stdout[-2000:])
router.end()

for kind in KINDS:
    router = pair.router()
    before = memory(router.process)
    process = flood(kind)
    result, report = load()
    completed, started = report.get("completed", 0), report.get("started", 0)
    check(f"{kind}: the router answers at least 90% of {RATE} handovers/s",
          started >= 0.9 * RATE * SECONDS and completed >= 0.9 * started, f"{report}\n{result.stdout[-500:]}")
    after = memory(router.process)
    check(f"{kind}: memory is bounded", after < before + 64, f"{before:.0f} MiB, {after:.0f} MiB")
    begun = time.monotonic()
    router.process.send_signal(signal.SIGTERM)
    try:
        status = router.process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        status = None
        router.process.kill()
    seconds = time.monotonic() - begun
    check(f"{kind}: SIGTERM ends the router within 0.5 s", status == 0 and seconds < 0.5,
          f"status {status}, {seconds:.2f} s")
    stop(process)
    router.log.seek(0)
    counters = router.log.read()
    check(f"{kind}: drops are reported", re.search(r"dropped by the kernel.*fragments dropped", counters),
          counters)
    if kind == "fragments":
        check("fragments: dropped fragments are counted",
              int(re.search(r"(\d+) fragments dropped", counters)[1]) > 1000, counters)

router = pair.router()
result = pair.run(*FEW)
check("after the floods: the same verdicts", result.verdicts == expected.verdicts,
      different(expected.verdicts, result))

# The tester: its own deadlines and SIGTERM during floods to it. On a busy machine the queue of the interface
# overflows before the tester is asked: it repeats what failed, and says that frames were lost.
tester_link = json.loads(pair.tester.run("ip", "-json", "link", "show", TESTER, stdout=subprocess.PIPE,
                                         text=True, check=True).stdout)[0]["address"].replace(":", "")
for kind in ("type", "fragments", "addresses"):
    process = flood(kind, pair.dut, DUT, tester_link)
    result = pair.run(*FEW, "--retries", "2")
    dropped = any("the kernel dropped" in note for note in result.notes)
    wrong = [case for case, verdict in result.verdicts.items() if verdict != expected.verdicts.get(case)]
    check(f"tester, {kind}: the same verdicts, but for missing answers if the kernel dropped frames",
          result.verdicts.keys() == expected.verdicts.keys()
          and (not wrong or dropped and all("no answer" in result.reasons[case] for case in wrong)),
          f"{result.notes}\n{different(expected.verdicts, result) or result.stdout[-1000:]}")
    run = pair.tester.start(SECCT, "run", "--dut", str(pair.file), "--interface", TESTER,
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(2)
    begun = time.monotonic()
    run.send_signal(signal.SIGTERM)
    run.wait(timeout=10)
    check(f"tester, {kind}: SIGTERM ends it within 0.5 s", time.monotonic() - begun < 0.5)
    stop(process)
check("the router ends", router.end()[0] == 0)

finish()
