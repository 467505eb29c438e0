# SPDX-License-Identifier: GPL-2.0-or-later
"""Each code point has a preference. With it, a packet with another number is dissected in the same way;
without it, the packet is left to stock Wireshark, or the option is unknown."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(os.environ["SECCT_SOURCE_DIR"]) / "tests/dissector"))
import packets as p

# Code point, packet, the part that begins with the code point, another number.
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

# Parts that a packet has twice, and their second names.
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
    packets = p.read_all()
    report.equal("code points", set(), {case[0] for case in CASES} - registered())
    with p.Workspace() as folder:
        others = [renumbered(packets[packet], part, number) for _, packet, part, number in CASES]
        before = [packets[packet] for _, packet, _, _ in CASES]
        capture = folder / "numbers.pcap"
        p.write_pcap(capture, [packet.octets() for packet in [*before, *others]])
        rows = p.fields(capture, SHOWN)
        for index, (name, _, _, number) in enumerate(CASES):
            normal, unknown = rows[index], rows[index + len(CASES)]
            # Decimal and hexadecimal alternate.
            text = number if index % 2 else f"{number:#x}"
            chosen = p.fields(capture, SHOWN, ["-o", f"secct.{name}:{text}"])
            old_number, new_number = chosen[index], chosen[index + len(CASES)]
            report.equal(f"{name}: the new number with the preference", normal, new_number)
            report.equal(f"{name}: the new number without the preference differs", True, unknown != normal)
            report.equal(f"{name}: the old number with the preference differs", True, old_number != normal)
            if not name.startswith(("icmpopt.", "subopt.")):
                report.equal(f"{name}: the new number without the preference is not SecCT", "", unknown[0])
                report.equal(f"{name}: the old number with the preference is not SecCT", "", old_number[0])
        one, other = (p.fields(capture, SHOWN, ["-o", f"secct.icmpv6.hi:{n}"]) for n in ("99", "0x63"))
        report.equal("decimal and hexadecimal", one, other)
        check_profile(report, packets, folder)
        check_names(report, packets, folder)
        check_invalid_numbers(report, packets, folder)
    report.done()


def check_profile(report, packets, folder):
    """A code-point profile works; a preference overrides it."""
    profile = folder / "profile.yaml"
    profile.write_text("icmpv6.shreq: 99\nsubopt.req: 0x4d\n", encoding="utf-8")
    profile.chmod(0o644)
    packet = renumbered(renumbered(packets["shreq"], "head", 99), "req", 77)
    capture = folder / "profile.pcap"
    p.write_pcap(capture, [packet.octets()])
    option = ["-o", f"secct.codepoint_file:{profile}"]
    names = ["secct.message", "secct.req.form"]
    normal = [packets["shreq"].expect[name] for name in names]
    report.equal("profile", [normal], p.fields(capture, names, option))
    found = p.fields(capture, names, [*option, "-o", "secct.icmpv6.shreq:98"])
    report.equal("a preference overrides the profile", [["", ""]], found)
    errors = p.tshark_stderr(["-r", capture, "-o", f"secct.codepoint_file:{folder / 'none.yaml'}"])
    report.equal("a missing profile is reported", True, "none.yaml" in errors)


def check_names(report, packets, folder):
    capture = folder / "names.pcap"
    p.write_pcap(capture, [packets["shreq"].octets()])
    text = p.tshark(["-r", capture, "-V", "-o", "secct.subopt.req:9", "-o", "secct.subopt.rep:3"])
    report.equal("a number that was another code point's default", True, "SecCT Type: SecCT-rep (3)" in text)


def check_invalid_numbers(report, packets, folder):
    """Invalid numbers are reported and ignored."""
    capture = folder / "invalid.pcap"
    p.write_pcap(capture, [packets["hack"].octets()])
    for option, complaint in (
        ("secct.icmpv6.hi:203", "icmpv6.hi and icmpv6.hack are both 203"),
        ("secct.icmpv6.hi:300", 'icmpv6.hi: expected a number from 0 to 255, found "300"; 202 is used'),
        ("secct.dstopt.shin:x", 'dstopt.shin: expected a number from 0 to 255, found "x"; 0x1e is used'),
        ("secct.subopt.req:0", "subopt.req is 0, which is Pad1"),
    ):
        errors = p.tshark_stderr(["-r", capture, "-o", option])
        report.equal(f"{option} is reported once", 1, errors.count(complaint))


main()
