# SPDX-License-Identifier: GPL-2.0-or-later
"""craft --send and generate --send on a veth pair: octets, rates, Ctrl-C, destinations; and load against
the reference router."""
import _netns  # first: restarts the script in its namespaces
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time

from _checks import DESCRIPTION, SECCT, check, finish

_netns.require_programs("ip", "nsenter")


def secct(*arguments, space=None, **options):
    command = [SECCT, *map(str, arguments)]
    return subprocess.run(space.command(*command) if space else command, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)


SUMMARY = re.compile(r"(\d+) packets, (\d+) octets in ([\d.]+) s, ([\d.]+) packets/s, (\d+) refused")


def summary(done):
    found = SUMMARY.search(done.stderr)
    check("standard error has a summary", found is not None, done.stderr)
    return [float(number) for number in found.groups()] if found else [0.0] * 5


here = _netns.Namespace()
there = _netns.Namespace()
_netns.join(here, "veth-a", there, "veth-b")


class Listener(threading.Thread):
    """Collects the frames that arrive at the other end, until none arrives for `quiet` seconds."""
    CODE = """
import socket, sys
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
s.bind((sys.argv[1], 3))
s.settimeout(float(sys.argv[2]))
print("ready", flush=True)
try:
    while True: print(s.recv(65536).hex(), flush=True)
except TimeoutError: pass
"""

    def __init__(self, quiet=1.5):
        super().__init__()
        self.process = there.start(sys.executable, "-c", self.CODE, "veth-b", str(quiet),
                                   stdout=subprocess.PIPE, text=True)
        self.process.stdout.readline()
        self.frames = []
        self.start()

    def run(self):
        self.frames = [bytes.fromhex(line) for line in self.process.stdout]

    def ended(self):
        self.join()
        return self.frames


with tempfile.TemporaryDirectory() as scratch:
    scratch = pathlib.Path(scratch)

    # The octets are those of --hex, except for the Ethernet addresses, which the document omits.
    crafted = bytes.fromhex(secct("generate", "reactive", "--hex").stdout.split()[0])
    listener = Listener()
    done = secct("generate", "reactive", "--send", "veth-a", "--rate", "max", space=here)
    frames = [frame for frame in listener.ended() if frame[12:14] == b"\x86\xdd"]
    check("generate --send: exit status 0", done.returncode == 0, done.stderr)
    check("generate --send: the first frame is the first packet",
          bool(frames) and frames[0][14:] == crafted[14:])
    check("generate --send: the summary has the number of frames",
          len(frames) == summary(done)[0], len(frames))

    for backend in ("sendmmsg", "pcap"):
        for rate, packets in ((10, 5), (1000, 500), (20000, 5000)):
            done = secct("generate", "reactive", "--handovers", packets // 5, "--send", "veth-a",
                         "--rate", rate, "--backend", backend, space=here)
            sent, _, _, achieved, refused = summary(done)
            check(f"{backend} at {rate} packets/s: the rate is right within 1 %, no packet is refused",
                  abs(achieved - rate) <= 0.01 * rate and refused == 0 and sent >= packets,
                  done.stderr)
    done = secct("generate", "reactive", "--handovers", 20, "--send", "veth-a", "--rate", "100hps",
                 space=here)
    sent, _, seconds, achieved, _ = summary(done)
    check("--rate 100hps: the rate is right within 1 %",
          abs(achieved - 100 * sent / 20) <= 0.01 * 100 * sent / 20, done.stderr)

    begin = time.monotonic()
    done = secct("generate", "reactive", "--send", "veth-a", "--rate", 100, "--loop", "--duration",
                 "1.5", space=here)
    check("--loop --duration ends after the duration", 1.4 < time.monotonic() - begin < 4)
    check("--loop repeats the packets", 145 <= summary(done)[0] <= 151, done.stderr)

    # More packets than are built in advance: the rest is built during sending, in each repetition.
    many = 40000
    each = secct("generate", "reactive", "--hex").stdout.count("\n")
    done = secct("generate", "reactive", "--handovers", many, "--send", "veth-a", "--rate", "max",
                 space=here)
    sent, octets, _, _, refused = summary(done)
    check("--send of many packets: each is sent once",
          sent + refused == many * each and octets > 64 << 20, done.stderr)
    done = secct("generate", "reactive", "--handovers", many, "--send", "veth-a", "--rate", "max",
                 "--loop", "--duration", 6, space=here)
    sent, _, _, _, refused = summary(done)
    check("--send of many packets with --loop: they are repeated", sent + refused > many * each, done.stderr)

    process = here.start(SECCT, "generate", "reactive", "--send", "veth-a", "--rate", "50", "--loop",
                         "-w", scratch / "cut.pcapng", stderr=subprocess.PIPE, text=True)
    time.sleep(1.5)
    process.send_signal(signal.SIGINT)
    _, text = process.communicate(timeout=20)
    check("Ctrl-C: exit status 0 and a summary", process.returncode == 0 and SUMMARY.search(text),
          f"{process.returncode} {text}")
    check("Ctrl-C leaves a valid file", "secct.message" in secct("decode", scratch / "cut.pcapng").stdout)

    done = secct("craft", "--message", "shreq", "--set", "ipv6.dst=2600::1", "--send", "veth-a",
                 space=here)
    check("a public destination is refused",
          done.returncode == 2 and "--i-own-this-network" in done.stderr, done.stderr)
    done = secct("craft", "--message", "shreq", "--set", "ipv6.dst=2600::1", "--send", "veth-a",
                 "--i-own-this-network", "--to-mac", "02:00:00:00:00:77", space=here)
    check("--i-own-this-network: a public destination is accepted", done.returncode == 0, done.stderr)
    # Layers of packets whose outermost destination is harmless, or that have none.
    ip = "{ipv6: {ipv6.src: 'fd00::1', ipv6.dst: 'fd00::2'}}"
    outside = "{ipv6: {ipv6.src: 'fd00::1', ipv6.dst: '2600::1', ipv6.nxt: 59}}"
    unsafe = scratch / "unsafe.yaml"
    for name, layers in {
            "inner IP header": f"{{eth: {{}}}}, {ip}, {outside}",
            "IP header": f"{{eth: {{eth.type: 0x8847}}}}, {{data: {{data.data: 0x00010140}}}}, {outside}",
            "ARP target": "{eth: {eth.type: 0x0806}}, {data: {data.data: 0x0001080006040001"
                          "020000000001c00002010000000000000808080800}}"}.items():
        unsafe.write_text(f"packets: [{{layers: [{layers}]}}]\n", encoding="utf-8")
        done = secct("craft", unsafe, "--send", "veth-a", "--to-mac", "02:00:00:00:00:77", space=here)
        check(f"a public address in the {name} is refused",
              done.returncode == 2 and f"packet 1: {name}: " in done.stderr, done.stderr)
    done = secct("generate", "predictive", "--malformed", "all", "--send", "veth-a", "--rate", "max", space=here)
    check("every malformed packet can be sent", done.returncode == 0, done.stderr)

    # The addresses of a router description.
    public = scratch / "public.yaml"
    for right, wrong, path in (("address: 2001:db8:2::1", "address: 2600::1", "address"),
                               ("old_prefix: 2001:db8:10::/64", "old_prefix: 2600::/64", "old_prefix"),
                               ('remote: "2001:db8:ff::1"', 'remote: "2600::1"', "mobile_nodes.sas[4].remote")):
        text = DESCRIPTION.read_text(encoding="utf-8")
        assert right in text, right
        public.write_text(text.replace(right, wrong, 1), encoding="utf-8")
        for command in (["run"], ["load"], ["router"], ["generate", "predictive"]):
            interface = ["--send" if command[0] == "generate" else "--interface", "veth-a"]
            done = secct(*command, "--dut", public, *interface, space=here)
            check(f"{command[0]}: a public address in {path} is refused, with the line",
                  done.returncode == 2 and f": {path}: 2600::" in done.stderr
                  and re.search(r"public.yaml:\d+: ", done.stderr), done.stderr)

    mixed = scratch / "mixed.yaml"
    ip = "{ipv6: {ipv6.src: 'fd00::1', ipv6.dst: 'fd00::2', ipv6.nxt: 59}}"
    mixed.write_text(f"""link: raw-ip
packets:
  - layers: [{ip}]
  - link: ethernet
    layers: [{{eth: {{}}}}, {ip}]
""", encoding="utf-8")
    listener = Listener()
    done = secct("craft", mixed, "--send", "veth-a", "--to-mac", "02:00:00:00:00:77", space=here)
    frames = [frame for frame in listener.ended() if frame[:6] == bytes.fromhex("020000000077")]
    check("a raw IP packet and an Ethernet frame are sent as equal frames",
          done.returncode == 0 and len(frames) == 2 and frames[0] == frames[1], done.stderr)
    mixed.write_text(mixed.read_text(encoding="utf-8").replace("link: ethernet", "link: sll").replace(
        "{eth: {}}", "{sll: {}}"), encoding="utf-8")
    done = secct("craft", mixed, "--send", "veth-a", space=here)
    check("a link type that cannot be sent: exit status 2, with the packet",
          done.returncode == 2 and "packets[1]" in done.stderr, done.stderr)

    done = secct("generate", "reactive", "--send", "veth-a", "--rate", "fast", space=here)
    check("--rate fast: exit status 2 and the expected values",
          done.returncode == 2 and "handovers per second (50hps), from 0.001 to 1e9, or max" in done.stderr, done.stderr)
    done = secct("generate", "reactive", "--rate", "5")
    check("--rate without --send: exit status 2", done.returncode == 2, done.stderr)

    # The router answers Neighbor Solicitations.
    router = there.start(SECCT, "router", "--dut", DESCRIPTION, "--interface", "veth-b", "--quiet",
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    check("the router is ready", router.stdout.readline() == "ready\n")
    done = secct("craft", "--message", "hi", "--send", "veth-a", space=here)
    check("craft resolves the address of the router", "does not answer" not in done.stderr, done.stderr)

    for scenario, role in (("reactive", "nr"), ("predictive", "nr"), ("reactive", "pr")):
        time.sleep(2)  # the initial sequence numbers of the tester grow by 64 per second
        first = {"reactivenr": 100, "predictivenr": 300, "reactivepr": 500}[scenario + role]
        done = secct("load", "--dut", DESCRIPTION, "--interface", "veth-a", "--scenario", scenario, "--role",
                     role, "--rate", 50, "--duration", 2, "--first-mobile-node", first, "--json", "-",
                     space=here)
        report = json.loads(done.stdout) if done.returncode == 0 else {}
        check(f"load {scenario}, role {role}: all handovers are completed",
              report.get("completed") == report.get("started") == 100, done.stdout + done.stderr)
        latency = report.get("latency_s", {}).get("handover", {})
        check(f"load {scenario}, role {role}: the percentiles are ordered",
              0 < latency.get("p50", 0) <= latency.get("p99", 0) <= latency.get("max", 0) < 5, latency)
    router.send_signal(signal.SIGUSR1)
    time.sleep(0.3)
    router.send_signal(signal.SIGTERM)
    _, log = router.communicate(timeout=20)
    check("SIGUSR1 prints counters, SIGTERM ends the router with exit status 0",
          router.returncode == 0 and log.count("received") >= 2, log)

    if os.geteuid() == 0:
        done = subprocess.run(here.command("setpriv", "--bounding-set=-net_raw", "--inh-caps=-net_raw",
                                           SECCT, "craft", "--message", "shreq", "--send", "veth-a"),
                              text=True, stderr=subprocess.PIPE, stdout=subprocess.PIPE)
        check("without CAP_NET_RAW: exit status 3 and the setcap command",
              done.returncode == 3 and "setcap cap_net_raw+ep" in done.stderr,
              f"{done.returncode} {done.stderr}")

finish()
