# SPDX-License-Identifier: GPL-2.0-or-later
"""AH and ESP packets of other implementations get the same result from the plugin, in one and in two passes,
and from `secct check`: tests/vectors/ah.list (AH with extension headers and IPv4 options in all orders,
tunnels, fragments) and tests/vectors/ipsec.list (AH and ESP of scapy)."""

import os
import re
import struct
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(os.environ["SECCT_SOURCE_DIR"]) / "tests/dissector"))
import packets as p

DESCRIPTION = """
address: {address}
peer: {peer}
ipv4: {{address: {v4}, peer: {v4_peer}}}
old_prefix: 2001:db8:10::/64
new_prefix: 2001:db8:20::/64
router_sas:
"""
HOP, ROUTING, FRAGMENT = 0, 43, 44
ICV_STATUS = {"good": "1", "accepted": "1", "bad": "0", "unverified": "2", "malformed": "2",
              "undissected": ""}
# Each fragment of an IPv4 datagram has its own options, and the plugin sees the header of the last fragment
# only: the first one may have had more options.
UNVERIFIED = {"v4-fragments-changed", "v4-router-alert-fragments-changed"}


def split_v6(packet, mtu):
    """RFC 8200 section 4.5: Hop-by-Hop Options and Routing headers precede the Fragment header."""
    next_at, head, kind = 6, 40, packet[6]
    while kind in (HOP, ROUTING):
        next_at, kind, head = head, packet[head], head + (packet[head + 1] + 1) * 8
    body, step = packet[head:], (mtu - head - 8) // 8 * 8
    for at in range(0, len(body), step):
        part = body[at:at + step]
        more = 1 if at + step < len(body) else 0
        first = bytearray(packet[:head])
        first[next_at] = FRAGMENT
        first[4:6] = struct.pack("!H", head - 40 + 8 + len(part))
        yield bytes(first) + struct.pack("!BBHI", kind, 0, at | more, 0x1234) + part


def split_v4(packet, mtu):
    head = (packet[0] & 15) * 4
    body, step = packet[head:], (mtu - head) // 8 * 8
    for at in range(0, len(body), step):
        part = body[at:at + step]
        more = 0x2000 if at + step < len(body) else 0
        first = bytearray(packet[:head])
        first[2:4] = struct.pack("!H", head + len(part))
        first[6:8] = struct.pack("!H", at // 8 | more)
        yield bytes(first) + part


def table(name):
    for line in (p.SOURCE / "tests/vectors" / name).read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            yield line.split()


class Capture:
    """Frames, and for each datagram its last frame, its name, its protocol and the states of its headers."""

    def __init__(self, **addresses):
        self.frames, self.expected, self.sas = [], [], {}
        self.description = DESCRIPTION.format(**addresses)

    def add(self, name, state, packet, protocol="ah", mtu="-"):
        if self.expected and packet == self.frames[-1]:  # with another AH
            self.expected[-1][3].append(state)
            return
        if mtu == "-":
            self.frames.append(packet)
        else:
            self.frames += (split_v6 if packet[0] >> 4 == 6 else split_v4)(packet, int(mtu))
        self.expected.append((len(self.frames), name, protocol, [state]))

    def add_sa(self, spi, **values):
        self.sas[spi] = f"  - {{spi: {spi}, {', '.join(f'{key}: {value}' for key, value in values.items())}}}\n"

    def compare(self, report, folder):
        capture, dut = folder / "packets.pcap", folder / "dut.yaml"
        p.write_pcap(capture, self.frames)
        dut.write_text(self.description + "".join(self.sas.values()), encoding="utf-8")
        os.chmod(dut, 0o644)
        extra = ["-o", f"secct.key_file:{dut}"]
        names = ["secct.icv.status", "secct.expert.icv_bad", "secct.expert.ipsec_malformed",
                 "secct.expert.sequence_zero"]
        once = p.fields(capture, names, extra)
        twice = p.fields(capture, names, ["-2", *extra])
        wrong = checked(capture, dut)
        for frame, name, protocol, states in self.expected:
            status = ["2" if name in UNVERIFIED else ICV_STATUS[state] for state in states]
            zero = "sequence-zero" in name
            row = [",".join(status), ",".join("1" * status.count("0")),
                   ",".join("1" * states.count("malformed")), "1" if zero else ""]
            report.equal(f"{name}: plugin", row, once[frame - 1])
            report.equal(f"{name}: plugin, two passes", row, twice[frame - 1])
            fields = [f"{protocol}.{ {'bad': 'icv', 'malformed': 'length'}[state] }"
                      for state in states if state in ("bad", "malformed")]
            report.equal(f"{name}: check", fields + ([f"{protocol}.sequence"] if zero else []),
                         wrong.pop(frame, []))
        report.equal("other frames that check finds wrong", {}, wrong)


def checked(capture, description):
    """The fields of AH and ESP that `secct check` finds wrong, by frame."""
    result = subprocess.run([os.environ["SECCT"], "check", "--dut", description, capture],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, timeout=120)
    found, frame = {}, 0
    for line in result.stdout.decode().splitlines():
        if start := re.match(r"  \S.* frame (\d+) ", line):
            frame = int(start[1])
        for field in re.findall(r"\b(?:ah|esp)\.\w+", line):
            found.setdefault(frame, []).append(field)
    return found


def ah_packets():
    capture = Capture(address="2001:db8:2::1", peer="2001:db8:1::1", v4="192.0.2.1", v4_peer="192.0.2.2")
    for name, state, spi, algorithm, key, _, mtu, octets in table("ah.list"):
        capture.add_sa(spi, protocol="ah", **{"from": "peer"}, algorithm=algorithm, key=f"'0x{key}'")
        capture.add(name, state, bytes.fromhex(octets), mtu=mtu)
        if name in ("v4", "v6"):  # as offload leaves it
            at = 2 if name == "v4" else 4
            packet = bytes.fromhex(octets)
            # Wireshark does not dissect an IPv6 datagram with length 0.
            capture.add(f"{name}-length-zero", "good" if name == "v4" else "undissected",
                        packet[:at] + bytes(2) + packet[at + 2:])
    return capture


def scapy_packets():
    capture = Capture(address="2001:db8:2::1", peer="2001:db8:20::1:1", v4="192.0.2.1", v4_peer="10.1.0.1")
    for row in table("ipsec.list"):
        name, protocol, mode, spi, _, _, _, cipher, cipher_key, algorithm, key, _, octets = row
        capture.add_sa(spi, protocol=protocol, **{"from": "dut" if mode == "tunnel" else "peer"},
                       algorithm=algorithm, key=f"'{key.strip('-')}'", cipher=f"'{cipher}'",
                       cipher_key=f"'{cipher_key.strip('-')}'")
        packet = bytes.fromhex(octets)
        capture.add(name, "unverified" if algorithm == "none" else "good", packet, protocol)
        if algorithm != "none":
            capture.add(name + "-changed", "bad", packet[:-1] + bytes([packet[-1] ^ 1]), protocol)
    return capture


def main():
    report = p.Report()
    with p.Workspace() as folder:
        for capture in (ah_packets(), scapy_packets()):
            report.equal("at least 100 datagrams", True, len(capture.expected) >= 100)
            capture.compare(report, folder)
    report.done()


if __name__ == "__main__":
    main()
