# SPDX-License-Identifier: GPL-2.0-or-later
"""Each code point is a preference: a packet with another number is the same packet to who sets it,
and is left to stock Wireshark, or skipped as unknown, by who does not."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(os.environ["SECCT_SOURCE_DIR"]) / "tests/dissector"))
import packets as p

# Code point, packet, part of which it is the first octet, another number.
CASES = [
    ("icmpv6.hi", "hi", "head", 99),
    ("icmpv6.hack", "hack", "head", 99),
    ("icmpv6.shreq", "shreq", "head", 99),
    ("icmpv6.shrep", "shrep", "type", 99),
    ("icmpv6.shrep_ack", "shrep_ack", "head", 99),
    ("dstopt.shin", "shin", "shin", 0x3D),
    ("dstopt.shak", "shak", "opt", 0x7D),
    ("dstopt.pshin", "pshin", "opt", 0xBD),
    ("icmpopt.ip_address", "hi", "ocoa", 77),
    ("icmpopt.lla", "hi", "lla", 77),
    ("icmpopt.shreq", "shreq", "opt", 77),
    ("icmpopt.shrep", "shrep", "opt", 77),
    ("icmpopt.ushrep", "hi", "ushrep", 77),
    ("icmpopt.shrep_ack", "hack", "ack", 77),
    ("subopt.auth_prtr", "shreq", "auth", 77),
    ("subopt.rep", "hi", "rep", 77),
    ("subopt.req", "shreq", "req", 77),
    ("subopt.ack", "shak", "ack", 77),
    ("subopt.stat", "shak_failed", "stat", 77),
    ("mip4ext.secct", "mip4_request", "ext", 251),
]
SHOWN = ["secct.message", "secct.status", "secct.naddr", "secct.opt.address", "secct.opt.lla",
         "secct.auth.token", "secct.sa.spi", "secct.req.form", "secct.ack.spi",
         "secct.shrep_ack.all_received", "secct.mip4.router"]  # fmt: skip


# Where a packet has two of them.
TWINS = {"ocoa": "ncoa", "ack": "ack2"}


def renumbered(packet, part, number):
    for label in filter(None, (part, TWINS.get(part))):
        octets = next((octets for name, octets in packet.parts if name == label), None)
        if octets:
            packet = packet.with_part(label, [number, *octets[1:]])
    return packet


def registered():
    lines = p.tshark(["-G", "defaultprefs"]).splitlines()
    names = [line.lstrip("#").split(":")[0] for line in lines if line.startswith("#secct.")]
    return {name.removeprefix("secct.") for name in names}


def main():
    report = p.Report()
    known = p.read_all()
    report.equal("code points", set(), {case[0] for case in CASES} - registered())
    with p.Workspace() as folder:
        # All packets, then all with other numbers: what they show by default is read once.
        others = [renumbered(known[packet], part, number) for _, packet, part, number in CASES]
        before = [known[packet] for _, packet, _, _ in CASES]
        capture = folder / "numbers.pcap"
        p.write_pcap(capture, [packet.octets() for packet in [*before, *others]])
        rows = p.fields(capture, SHOWN)
        for index, (name, _, _, number) in enumerate(CASES):
            normal, unknown = rows[index], rows[index + len(CASES)]
            # Decimal and hexadecimal in turn.
            text = number if index % 2 else f"{number:#x}"
            chosen = p.fields(capture, SHOWN, ["-o", f"secct.{name}:{text}"])
            was_stock, is_ours = chosen[index], chosen[index + len(CASES)]
            report.equal(f"{name}: with the preference", normal, is_ours)
            report.equal(f"{name}: without it", True, unknown != normal)
            report.equal(f"{name}: the old number", True, was_stock != normal)
            if not name.startswith(("icmpopt.", "subopt.")):
                report.equal(f"{name}: is stock", "", unknown[0])
                report.equal(f"{name}: becomes stock", "", was_stock[0])
        one, other = (p.fields(capture, SHOWN, ["-o", f"secct.icmpv6.hi:{n}"]) for n in ("99", "0x63"))
        report.equal("both notations", one, other)
        check_profile(report, known, folder)
        check_names(report, known, folder)
        check_complaints(report, known, folder)
    report.done()


def check_profile(report, known, folder):
    """The profile that the tools read too; a preference goes before it."""
    profile = folder / "profile.yaml"
    profile.write_text("icmpv6.shreq: 99\nsubopt.req: 0x4d\n", encoding="utf-8")
    profile.chmod(0o644)
    packet = renumbered(renumbered(known["shreq"], "head", 99), "req", 77)
    capture = folder / "profile.pcap"
    p.write_pcap(capture, [packet.octets()])
    option = ["-o", f"secct.codepoint_file:{profile}"]
    names = ["secct.message", "secct.req.form"]
    normal = [known["shreq"].expect[name] for name in names]
    report.equal("profile", [normal], p.fields(capture, names, option))
    found = p.fields(capture, names, [*option, "-o", "secct.icmpv6.shreq:98"])
    report.equal("a preference before the profile", [["", ""]], found)
    told = p.tshark_stderr(["-r", capture, "-o", f"secct.codepoint_file:{folder / 'none.yaml'}"])
    report.equal("no such profile", True, "none.yaml" in told)


def check_names(report, known, folder):
    capture = folder / "names.pcap"
    p.write_pcap(capture, [known["shreq"].octets()])
    text = p.tshark(["-r", capture, "-V", "-o", "secct.subopt.req:9", "-o", "secct.subopt.rep:3"])
    report.equal("a number that moved to another name", True, "SecCT Type: SecCT-rep (3)" in text)


def check_complaints(report, known, folder):
    """Numbers that cannot be are told, and do no harm."""
    capture = folder / "complaints.pcap"
    p.write_pcap(capture, [known["hack"].octets()])
    for option, complaint in (
        ("secct.icmpv6.hi:203", "icmpv6.hi and icmpv6.hack are both 203"),
        ("secct.icmpv6.hi:300", 'icmpv6.hi is "300", which is no number from 0 to 255; 202 is used'),
        ("secct.dstopt.shin:x", 'dstopt.shin is "x", which is no number from 0 to 255; 0x1e is'),
        ("secct.subopt.req:0", "subopt.req is 0, which is Pad1"),
    ):
        told = p.tshark_stderr(["-r", capture, "-o", option])
        report.equal(f"{option} is told once", 1, told.count(complaint))


main()
