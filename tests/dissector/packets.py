# SPDX-License-Identifier: GPL-2.0-or-later
"""Hand-made packets, packets/NAME.txt:

    the first line describes the packet
    ipv6 SOURCE DESTINATION next N hop N         or ipv4 SOURCE DESTINATION protocol N ttl N
    ah next N spi N sequence N                   the ICV is zero
    udp SOURCE DESTINATION                       without checksum
    [label:] octets in hexadecimal ; comment     ".. .." is the ICMPv6 checksum, which is computed
    expect FIELD VALUE                           as tshark -T fields prints it
    expect expert RULE,RULE                      every secct.expert.*, sorted; default: none

The octets of SecCT are independent of the code of secct."""

import ipaddress
import os
import re
import struct
import subprocess
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path

HERE = Path(__file__).resolve().parent
SOURCE = Path(os.environ.get("SECCT_SOURCE_DIR", HERE.parents[1]))
CHECKSUM = None  # placeholder for an octet of the checksum

LINKTYPE_RAW = 101
LINKTYPE_ETHERNET = 1


@dataclass
class Packet:
    name: str
    title: str = ""
    headers: list = field(default_factory=list)
    parts: list = field(default_factory=list)  # (label, [octet or CHECKSUM])
    expect: dict = field(default_factory=dict)

    def payload(self):
        return [octet for _, octets in self.parts for octet in octets]

    def with_part(self, label, octets):
        """Returns a copy with other octets in the part `label`."""
        parts = [(name, octets if name == label else old) for name, old in self.parts]
        if parts == self.parts:
            raise SystemExit(f"{self.name}: no part {label}, or the octets are the same")
        return replace(self, parts=parts)

    def octets(self):
        return build(self.headers, self.payload())


def hex_octets(text):
    return [CHECKSUM if word == ".." else int(word, 16) for word in text.split()]


def read(path):
    packet = Packet(path.stem)
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
        text = line.split(";")[0].strip() if not line.startswith("expect ") else line.strip()
        if number == 0:
            packet.title = line
        elif text.startswith("expect "):
            _, name, value = text.split(" ", 2)
            packet.expect[name] = value
        elif text.split(" ")[0] in ("ipv6", "ipv4", "ah", "udp"):
            packet.headers.append(text.split())
        elif text:
            label, colon, rest = text.partition(":")
            packet.parts.append((label, hex_octets(rest)) if colon else ("", hex_octets(text)))
    return packet


def read_all():
    return {path.stem: read(path) for path in sorted((HERE / "packets").glob("*.txt"))}


def octet_rules():
    """The expert infos that the octets of a single message can cause, without other frames or keys."""
    text = (SOURCE / "protocol/tables/rules.def").read_text(encoding="utf-8")
    return {f"secct.expert.{name}" for name in re.findall(r"^RULE\((\w+)", text, re.MULTILINE)}


# --- lower headers


def ones_complement(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def mapped(text):
    address = ipaddress.ip_address(text)
    return address.packed if address.version == 6 else b"\0" * 10 + b"\xff\xff" + address.packed


def fill_checksum(payload, source, destination):
    places = [i for i, octet in enumerate(payload) if octet is CHECKSUM]
    data = bytearray(octet or 0 for octet in payload)
    if places:
        pseudo = mapped(source) + mapped(destination) + struct.pack("!II", len(data), 58)
        data[places[0] : places[0] + 2] = struct.pack("!H", ones_complement(pseudo + bytes(data)))
    return bytes(data)


def ipv6(source, destination, next_header, hop, payload):
    return (
        struct.pack("!IHBB", 6 << 28, len(payload), next_header, hop)
        + ipaddress.ip_address(source).packed
        + ipaddress.ip_address(destination).packed
        + payload
    )


def ipv4(source, destination, protocol, ttl, payload):
    head = struct.pack("!BBHHHBB", 0x45, 0, 20 + len(payload), 1, 0, ttl, protocol)
    addresses = ipaddress.ip_address(source).packed + ipaddress.ip_address(destination).packed
    checksum = ones_complement(head + b"\0\0" + addresses)
    return head + struct.pack("!H", checksum) + addresses + payload


def ah(next_header, spi, sequence, payload):
    return struct.pack("!BBHII", next_header, 4, 0, spi, sequence) + b"\0" * 12 + payload


def udp(source, destination, payload):
    return struct.pack("!HHHH", source, destination, 8 + len(payload), 0) + payload


def build(headers, payload):
    outer = headers[0]
    data = fill_checksum(payload, outer[1], outer[2])
    for words in reversed(headers):
        number = [int(word, 0) for word in words if word[0].isdigit() and ":" not in word and "." not in word]
        if words[0] == "udp":
            data = udp(*number, data)
        elif words[0] == "ah":
            data = ah(*number, data)
        elif words[0] == "ipv6":
            data = ipv6(words[1], words[2], *number, data)
        else:
            data = ipv4(words[1], words[2], *number, data)
    return data


# --- captures and tshark


def write_pcap(path, packets, linktype=LINKTYPE_RAW):
    """`packets`: octets, or (octets, length on the wire)."""
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, linktype))
        for index, packet in enumerate(packets):
            data, length = packet if isinstance(packet, tuple) else (packet, len(packet))
            file.write(struct.pack("<IIII", 1767225600 + index, 0, len(data), length) + data)
    os.chmod(path, 0o644)


def tshark_command(plugin=True):
    """The command of tshark, with the plugin or without it."""
    return [SOURCE / "tests/e2e/run_tshark", os.environ["SECCT_PLUGIN"] if plugin else "--stock", "--"]


def run(arguments, plugin=True):
    command = [*tshark_command(plugin), *arguments]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{command}\nexit {done.returncode}\n{done.stderr}")
    return done.stdout, done.stderr.strip()


def tshark(arguments, plugin=True):
    """Returns the output of tshark, with the plugin or without it. Standard error must be empty."""
    output, errors = run(arguments, plugin)
    if errors:
        raise SystemExit(f"{arguments}\n{errors}")
    return output


def tshark_stderr(arguments):
    return run(arguments)[1]


def truth_as_number(value):
    """Truth values are 1 and 0 in Wireshark 4.0, True and False later, and differ between forms of output."""
    return {"True": "1", "False": "0"}.get(value, value)


def fields(path, names, extra=()):
    """Returns a list of texts for each packet; commas separate several values of a field."""
    arguments = ["-r", path, *extra, "-T", "fields", "-E", "separator=/t", "-E", "aggregator=,"]
    for name in names:
        arguments += ["-e", name]
    return [[",".join(map(truth_as_number, values.split(","))) for values in line.split("\t")]
            for line in tshark(arguments).splitlines()]  # fmt: skip


class Workspace:
    """A temporary folder that an unprivileged tshark can read."""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="secct-dissector-")
        os.chmod(self.folder.name, 0o755)
        return Path(self.folder.name)

    def __exit__(self, *_):
        self.folder.cleanup()


class Report:
    """Collects the failures of a test; done() prints them."""

    def __init__(self):
        self.failures = []
        self.checks = 0

    def equal(self, what, expected, actual):
        self.checks += 1
        if expected != actual:
            self.failures.append(f"{what}\n  expected {expected!r}\n  found    {actual!r}")

    def done(self):
        for failure in self.failures:
            print(failure)
        print(f"{self.checks} checks, {len(self.failures)} failed")
        raise SystemExit(1 if self.failures or not self.checks else 0)
