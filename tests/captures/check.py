# SPDX-License-Identifier: GPL-2.0-or-later
"""`secct check` on captures from anywhere."""

import json
import struct

import _pcapng as pcapng
from _table import BUILT_IN, Entry, ethernet, generate, message, records, v6

WIRESHARK = "frame.number of Wireshark"
NOT_VERBATIM = r"FRAME-4\.3-1"
ICMPV6 = 58


def changed_shreq(folder, *before, name="input.pcapng", malformed="shreq-token"):
    """The reactive handover with a malformed SHREQ; `before` precedes its packets."""
    generated = generate(folder, "reactive", "--no-data", "--malformed", malformed, name="generated.pcapng")
    packets = [pcapng.packet(octets, time) for time, octets in records(generated)]
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    return pcapng.write(path, pcapng.section(), pcapng.interface(), *before, *packets)


def with_records(folder):
    return changed_shreq(folder, pcapng.journal("started"), pcapng.custom(b"abc"))


def under_other_links(folder):
    """Two readable frames, three that cannot be read for two reasons, and one link type that is unknown."""
    shreq = message("shreq")
    blocks = [pcapng.section(), pcapng.interface(), pcapng.interface(187)]  # Bluetooth
    for octets in (ethernet(shreq), ethernet(shreq, 0x1234), ethernet(shreq, 0x4321), ethernet(shreq)):
        blocks.append(pcapng.packet(octets))
    return pcapng.write(folder / "input.pcapng", *blocks, pcapng.packet(shreq, number=1))


def two_of_one_name(folder):
    for name in ("a/trace.pcapng", "b/trace.pcapng"):
        changed_shreq(folder, name=name)
    changed_shreq(folder, name="trace.pcap")


def ids_and_captures(path):
    report = json.loads(path.read_text(encoding="utf-8"))
    ids = {case["id"] for case in report["cases"]}
    captures = {case["pcap"] for case in report["cases"]}
    there = len(list(path.parent.glob("*.pcapng")))
    return "" if len(ids) == len(captures) == there == 3 else f"{ids} {captures} {there}"


def quoted(name, octets):
    """An ICMPv6 error that quotes the first octets of a message."""
    def make(folder):
        error = struct.pack("!BBHI", 1, 4, 0, 0) + message(name)[:octets]
        return pcapng.write(folder / "input.pcapng", pcapng.section(), pcapng.interface(pcapng.RAW),
                            pcapng.packet(message("shreq")),
                            pcapng.packet(v6(error, ICMPV6)))
    return make


def ipv4_routers(folder):
    """A SHREQ under ESP between routers with IPv4 addresses, and their description."""
    import subprocess

    from _table import SECCT
    path = folder / "input.pcapng"
    subprocess.run([SECCT, "generate", "mip4", "--confidential", "--no-data", "-w", path, "--write-description",
                    folder / "dut.yaml"], check=True, stdout=subprocess.DEVNULL)
    return path


ENTRIES = [
    Entry("frame numbers count journal and custom blocks", WIRESHARK, with_records,
          ["secct check {input}"], 1, shows=[r"frame 4 +SHREQ", NOT_VERBATIM]),
    Entry("frame numbers of tshark and check agree", WIRESHARK, with_records,
          ["tshark -r {input} -Y secct.expert.not_verbatim -T fields -e frame.number"], shows=[r"^4$"]),
    Entry("frame numbers in --messages", WIRESHARK, with_records,
          ["secct check {input} --messages"], 1, shows=[r'"frame":3,"message":"SHIN"', r'"frame":4']),
    Entry("unreadable frames are counted by reason", "cli.md, check", under_other_links,
          ["secct check {input}"], shows=[r"5 packets, 2 SecCT messages",
                                          r"2 packets not readable: unknown EtherType 0x1234, 0x4321",
                                          r"1 packet not readable: unknown link-layer type"]),
    Entry("inputs of one name keep their evidence", "cli.md, --report-dir", two_of_one_name,
          ["secct check {folder}/a/trace.pcapng {folder}/b/trace.pcapng {folder}/trace.pcap "
           "--report-dir {folder}/report"], 1, files={"report/report.json": ids_and_captures}),
    Entry("an octet after the options of a SHREQ is found", "wire-format.md 4",
          lambda folder: generate(folder, "reactive", "--no-data", "--malformed", "shreq-octet-behind-options"),
          ["secct check {input}"], 1, shows=[r"frame 2 +SHREQ", r"ROBUST-14"]),
    Entry("a wrong sub-option in the copied part of a SHREQ is not the router's", "behaviour.md 2.4",
          lambda folder: generate(folder, "reactive", "--no-data", "--malformed", "shreq-r1-octet-behind"),
          ["secct check {input}"], 1, shows=[NOT_VERBATIM], hides=[r"ROBUST-14"]),
    Entry("a quotation of a cut SHIN is not judged", "RFC 4443 2.4 (c)", quoted("shin", 70),
          ["secct check {input}"], shows=[r"1 SecCT message,", r"0 violations"]),
    Entry("the plugin does not blame a quoted cut SHIN", "decisions.md", quoted("shin", 64),
          ["tshark -r {input} -T fields -e frame.number -e secct.message -e _ws.expert.message"],
          shows=[r"^1\t3", r"^2\t6"], hides=[r"shorter", r"Malformed", r"beyond"]),
    Entry("the plugin does not blame a quoted cut SHAK", "decisions.md", quoted("shak", 64),
          ["tshark -r {input} -T fields -e frame.number -e secct.message -e _ws.expert.message"],
          shows=[r"^2\t8?"], hides=[r"shorter", r"Malformed", r"beyond"]),
    Entry("ESP between IPv4 routers opens with --dut", "cli.md, check", ipv4_routers,
          ["secct check {input} --dut {folder}/dut.yaml"], shows=[r"5 SecCT messages", r"; 0 violations"],
          hides=[r"not decrypted"]),
    Entry("ESP between IPv4 routers stays closed without --dut", "cli.md, check", ipv4_routers,
          ["secct check {input}"], shows=[r"not decrypted; 0 violations"]),
    Entry("the plugin opens the same ESP", "fields.md", ipv4_routers,
          ["tshark -r {input} -o secct.key_file:{folder}/dut.yaml -T fields -e secct.message"],
          shows=[r"^3$", r"^4$", r"^5$"]),
]
