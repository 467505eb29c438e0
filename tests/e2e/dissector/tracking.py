# SPDX-License-Identifier: GPL-2.0-or-later
"""The plugin tracks requests and responses, handovers and retransmissions, in one pass and in two."""

import hashlib
import hmac
import ipaddress
import os
import re
import struct
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(os.environ["SECCT_SOURCE_DIR"]) / "tests/dissector"))
import documents as d
import packets as p
from stock import A, B, DSTOPTS, ICMPV6, icmpv6, v6

FIELDS = ["secct.handover", "secct.response_in", "secct.response_to", "secct.time",
          "secct.handover_time", "secct.retransmission_of"]  # fmt: skip
PR_OTHER = "2001:db8:99::1"
LATE = 1  # index of response_in, which needs a second pass


def findings():
    """The filter names of the rules, each once."""
    text = (p.SOURCE / "conversation/rules.def").read_text(encoding="utf-8")
    return list(dict.fromkeys(re.findall(r'^CONVERSATION_RULE\(\w+, "(\w+)"', text, re.M)))


FINDINGS = findings()


def read(path, extra=()):
    experts = [f"secct.expert.{name}" for name in FINDINGS]
    rows = p.fields(path, [*FIELDS, *experts], extra)
    for row in rows:
        found = [name for name, mark in zip(FINDINGS, row[len(FIELDS) :]) if mark]
        times = [short(text) for text in row[3:5]]
        yield [*row[:3], *times, row[5], ",".join(found)]


def short(seconds):
    """Rounds to microseconds."""
    return f"{float(seconds):.6f}" if seconds != "" else ""


def check(report, folder, title, capture, expected):
    """`expected` has for each frame: handover, response_in, response_to, time, handover_time,
    retransmission_of, findings."""
    path = folder / "capture.pcapng"
    capture.write(path)
    two = list(read(path, ["-2"]))
    one = list(read(path))
    report.equal(f"{title}: frames", len(expected), len(two))
    for number, (row, want) in enumerate(zip(two, expected), 1):
        want = [str(want[0]), str(want[1]), str(want[2]), short(want[3]), short(want[4]), str(want[5]), want[6]]
        report.equal(f"{title}: frame {number}", want, row)
    # One pass gives the same, except for what later frames determine.
    for number, (first, second) in enumerate(zip(one, two), 1):
        later = [*second[:LATE], "", *second[LATE + 1 : -1]]
        later.append(",".join(name for name in second[-1].split(",") if name != "reply_missing"))
        report.equal(f"{title}: frame {number} in one pass", later, first)


def reactive(report, folder):
    c = d.Capture()
    c.shin(0, 1)
    c.shreq(0.1, 1, 7)
    c.shrep(0.2, 1, 7, [d.rep(1, [0x1000])])
    c.shrep_ack(0.3, 1, 7)
    c.shak(0.5, 1)
    check(report, folder, "reactive", c, [
        (1, 5, "", "", "", "", ""),
        (1, 3, "", "", "", "", ""),
        (1, 4, 2, 0.1, "", "", ""),
        (1, "", 3, 0.1, "", "", ""),
        (1, "", 1, 0.5, 0.5, "", "shak_unprotected"),
    ])  # fmt: skip


def predictive(report, folder):
    c = d.Capture()
    offered = [d.auth(0), d.rep(1, [0x1000])]
    c.pshin(0, 1)
    c.hi(0.25, 1, 9, offered)
    c.hack(0.5, 1, 9)
    c.shin(0.75, 1, [d.auth(0), d.R1])
    c.shak(1, 1)
    # The mobile node returns and moves again: another handover with the same Identifier.
    c.hi(2, 1, 9, [*offered, d.stat(200)])
    c.hack(2.25, 1, 9)
    c.shin(2.5, 1, [d.auth(3), d.R1])
    c.shak(3, 1)
    check(report, folder, "predictive", c, [
        (1, "", "", "", "", "", ""),
        (1, 3, "", "", "", "", ""),
        (1, "", 2, 0.25, 0.5, "", ""),
        (1, 5, "", "", "", "", ""),
        (1, "", 4, 0.25, 1.0, "", "shak_unprotected"),
        (2, 7, "", "", "", "", ""),
        (2, "", 6, 0.25, 0.25, "", ""),
        (2, 9, "", "", "", "", "token_differs"),
        (2, "", 8, 0.5, 1.0, "", "token_ignored,shak_unprotected"),
    ])  # fmt: skip


def retransmissions(report, folder):
    c = d.Capture()
    contexts = [d.rep(1, [0x1000])]
    shin = c.shin(0, 1)
    first = c.shreq(0.5, 1, 7)
    c.again(1.5, first)
    reply = c.shrep(1.75, 1, 7, contexts)
    c.again(2, first)
    c.again(2.25, reply)
    c.shrep(2.5, 1, 7, [d.rep(1, [0x2000])])  # a continuation
    c.shrep_ack(3, 1, 7)
    c.shrep_ack(3.125, 1, 7)  # the same octets, but of the continuation
    shak = c.shak(3.25, 1)
    c.again(3.5, shak)  # also of the continuation
    c.again(4, shin)
    c.again(4.5, shak)
    c.again(60, shin)  # too late: another handover
    check(report, folder, "retransmissions", c, [
        (1, 10, "", "", "", "", ""),
        (1, 4, "", "", "", "", ""),
        (1, 4, "", "", "", 2, "retransmission"),
        (1, 8, 3, 0.25, "", "", ""),
        (1, 6, "", "", "", 2, "retransmission"),
        (1, 8, 5, 0.25, "", 4, "retransmission"),
        (1, 9, 5, 0.5, "", "", ""),
        (1, "", 6, 0.75, "", "", ""),
        (1, "", 7, 0.625, "", "", ""),
        (1, "", 1, 3.25, 3.25, "", "shak_unprotected"),
        (1, "", 1, 3.5, 3.5, "", ""),
        (1, 13, "", "", "", 1, "retransmission"),
        (1, "", 12, 0.5, 4.5, 11, "retransmission"),
        (2, "", "", "", "", "", "reply_missing"),
    ])  # fmt: skip


def interleaved(report, folder):
    """Two handovers at the same time, with the same Identifier."""
    c = d.Capture()
    c.shreq(0, 1, 7)
    c.shreq(0.25, 2, 7)
    c.shrep(0.5, 1, 7, [d.rep(1, [0x1000])])
    c.shrep(0.75, 2, 7, [d.rep(2, [0x1000, 0x2000])])
    c.shrep_ack(1, 2, 7, [d.stat(200)], 0)  # one of two
    c.shrep_ack(1.25, 1, 7, [d.stat(106)], 0)
    check(report, folder, "interleaved", c, [
        (1, 3, "", "", "", "", ""),
        (2, 4, "", "", "", "", ""),
        (1, 6, 1, 0.5, "", "", ""),
        (2, 5, 2, 0.5, "", "", ""),
        (2, "", 4, 0.25, "", "", "ack_count"),
        (1, "", 3, 0.75, "", "", ""),
    ])  # fmt: skip


def unpaired(report, folder):
    """Requests without response, responses without request."""
    c = d.Capture()
    c.hack(0, 1, 1)
    c.shrep(1, 1, 2, [d.stat(106)])
    c.shrep_ack(2, 2, 3)
    c.shak(3, 1)
    c.hi(4, 1, 4)
    c.shreq(5, 2, 5)
    c.shin(6, 3)
    none = ("", "", "", "", "", "", "request_missing")
    # A SHREP belongs to a handover even if its SHREQ was not captured, and the SHAK to Naddr ends it.
    check(report, folder, "unpaired", c, [none, (1, *none[1:]), none, (1, *none[1:4], "2.000000", *none[5:])] + [
        (2, "", "", "", "", "", "reply_missing"),
        (3, "", "", "", "", "", "reply_missing"),
        (4, "", "", "", "", "", "reply_missing"),
    ])  # fmt: skip


def violations(report, folder):
    """Each handover has one violation."""
    c = d.Capture()
    c.hi(0, 1, 1)
    c.hack(0.1, 1, 2)  # another Identifier
    c.hi(1, 2, 3)
    c.hack(1.1, 2, 3, source=PR_OTHER)  # another source
    c.shin(2, 3)
    c.shreq(2.1, 3, 5, [d.auth(2), d.R1])  # not the token of the SHIN
    c.shrep(2.2, 3, 5, [d.stat(105)], **{"secct.naddr": d.naddr(99)})
    c.shak(2.3, 3, [d.stat(106)])  # not the status of the SHREP
    c.shin(3, 4)
    c.shreq(3.1, 4, 6, **{"secct.naddr": d.naddr(99)})
    c.shak(3.2, 4)  # the SHREP may have been lost in the capture
    c.shin(4, 5)
    c.shreq(4.1, 5, 7)
    c.shrep(4.2, 5, 7, [d.stat(106)])
    c.shrep_ack(4.3, 5, 7)  # the SHREP has no context
    c.shak(4.4, 5, [d.stat(106)])
    c.shin(5, 6)
    c.shreq(5.1, 6, 8)
    c.shrep(5.2, 6, 8, [d.rep(6, [0x1000])])
    c.shak(5.3, 6, [d.stat(200), d.ack(0x1001)])  # not transferred
    c.shreq(6, 7, 9)
    c.shrep(6.1, 7, 10, [d.stat(106)])  # another Identifier
    c.shin(7, 8)
    options = [c.option("shreq", 8, [d.auth(), d.R1])]
    c.icmp(7.1, d.NR, PR_OTHER, "SHREQ", 11, options)  # the SHIN names PR
    c.icmp(7.2, PR_OTHER, d.NR, "SHREP", 11, [c.option("shrep", 8, [d.stat(106)])])
    c.shak(7.3, 8, [d.stat(106)], source=PR_OTHER)  # the SHIN went to NR
    path = folder / "violations.pcapng"
    c.write(path)
    wanted = {2: "identifier_mismatch", 4: "addresses_not_swapped", 6: "not_verbatim",
              7: "shrep_addresses", 8: "shak_status", 10: "shreq_naddr",
              15: "ack_unexpected", 20: "shak_unprotected,shak_unknown_sa", 22: "identifier_mismatch",
              24: "shreq_router", 26: "shak_source"}  # fmt: skip
    for number, row in enumerate(read(path), 1):
        report.equal(f"violations: frame {number}", wanted.get(number, ""), row[-1])


def early(report, folder):
    """Success that is reported before the SHREP came; the SHREP shows it, so one pass does not."""
    c = d.Capture()
    c.shin(0, 1)
    c.shreq(0.1, 1, 7)
    c.shak(0.2, 1)
    c.shrep(0.3, 1, 7, [d.rep(1, [0x1000])])
    path = folder / "early.pcapng"
    c.write(path)
    for passes, extra, wanted in (("one pass", [], ""), ("two passes", ["-2"], "shak_early")):
        found = list(read(path, extra))[2][-1]
        report.equal(f"early: {passes}", wanted, found)


def answers(report, folder):
    """HAck codes and the S flag, SAs that were not requested, Replay values that were used before."""
    c = d.Capture()
    for number, (flag, code) in enumerate(((1, 0), (0, 3), (1, 3), (0, 0), (1, 128)), 1):
        old = {"secct.opt.type": "ip_address", "secct.opt.subtype": 1, "secct.opt.address": d.paddr(number)}
        c.icmp(number, d.PR, d.NR, "HI", number, [old], **{"secct.flags.s": flag})
        c.icmp(number + 0.1, d.NR, d.PR, "HAck", number, [], **{"secct.code": code})
    r3 = {"secct.subopt.type": "req", "secct.req.spt": 3, "secct.req.protocol": [0], "secct.req.spi": [0x1000]}
    for identifier, spis in ((20, [0x1000]), (21, [0x1000, 0x2000])):
        c.shreq(identifier, identifier, identifier, [d.auth(), r3])
        c.shrep(identifier + 0.1, identifier, identifier, [d.rep(identifier, spis)])
    again = c.shreq(30, 30, 30)
    c.shrep(30.1, 30, 30, [d.rep(30, [0x1000])])
    c.again(40, again)
    c.shreq(41, 30, 31)
    c.shreq(42, 30, 32, [d.auth(2), d.R1])
    path = folder / "answers.pcapng"
    c.write(path)
    wanted = {2: "hack_code", 4: "hack_code,hack_no_ncoa", 6: "hack_no_ncoa", 14: "sa_not_requested", 18: "replay_used"}
    for number, row in enumerate(read(path), 1):
        found = ",".join(name for name in row[-1].split(",") if name not in ("request_missing", "reply_missing"))
        report.equal(f"answers: frame {number}", wanted.get(number, ""), found)


def new_spi(key, mn):
    octets = ipaddress.ip_address(d.NR).packed + ipaddress.ip_address(d.naddr(mn)).packed
    spi = int.from_bytes(hmac.new(bytes.fromhex(key[2:]), octets, hashlib.md5).digest()[-4:], "big")
    return spi + 256 if spi < 256 else spi


def leaks(report, folder):
    """A SHAK with an SPI that both ends compute; keys without protection."""
    c = d.Capture()
    for mn, spi in ((1, 0x1000), (2, new_spi(d.KEYS[1], 2))):
        c.shin(mn, mn)
        c.shreq(mn + 0.1, mn, mn)
        c.shrep(mn + 0.2, mn, mn, [d.rep(mn, [0x1000])])
        c.shak(mn + 0.3, mn, [d.stat(200), d.ack(spi)])
    bare = d.Capture()
    bare.icmp(9, PR_OTHER, d.NR, "SHREP", 9, [bare.option("shrep", 9, [d.rep(9, [0x1000])])])
    c.packets += bare.packets
    path = folder / "leaks.pcapng"
    c.write(path)
    rows = [row[-1] for row in read(path)]
    report.equal("leaks", ["", "spi_leaked"], [rows[3], rows[7]])
    report.equal("keys in clear", "context_in_clear,request_missing", rows[8])


def quotes(report, folder):
    """A message that an ICMPv6 error quotes is dissected but not tracked."""
    packets = p.read_all()
    inner = packets["shreq"].octets()
    capture = folder / "quotes.pcap"
    p.write_pcap(capture, [inner, v6(ICMPV6, icmpv6(1, 4, bytes(4) + inner, B, A), 255, B, A)])
    rows = p.fields(capture, ["secct.message", "secct.handover", "secct.retransmission_of"], ["-2"])
    report.equal("quotes", [["3", "1", ""], ["3", "", ""]], rows)


def two_in_one(report, folder):
    """Two messages in one frame are tracked separately."""
    packets = p.read_all()
    shin = bytes(packets["shin"].payload())
    length = (shin[1] + 1) * 8
    shreq = p.fill_checksum(packets["shreq"].payload(), A, B)
    capture = folder / "two.pcap"
    p.write_pcap(capture, [v6(DSTOPTS, bytes([ICMPV6]) + shin[1:length] + shreq, 255)] * 2)
    rows = p.fields(capture, ["secct.message", "secct.handover", "secct.retransmission_of"], ["-2"])
    report.equal("two messages", [["6,3", "1,2", ""], ["6,3", "1,2", "1,1"]], rows)


def registrations(report, folder):
    examples = p.read_all()
    packets = [examples["mip4_request"].octets(), examples["mip4_reply"].octets()]
    capture = folder / "mip4.pcap"
    p.write_pcap(capture, packets)
    names = ["secct.handover", "secct.response_in", "secct.response_to", "secct.handover_time"]
    rows = p.fields(capture, names, ["-2"])
    report.equal("registration", [["1", "2", "", ""], ["1", "", "1", "1.000000000"]], rows)
    # Replies without SecCT: accepted, refused, and a reply to another request.
    reply = packets[1]
    code = 28 + 1  # after the headers of IPv4 and UDP
    bare = reply[:code + 19]

    def changed(octets, at, value):
        octets = octets[:at] + bytes([value]) + octets[at + 1 :]
        udp = struct.pack("!H", len(octets) - 20) + b"\0\0"
        return octets[:2] + struct.pack("!H", len(octets)) + octets[4:24] + udp + octets[28:]

    other = changed(bare, code + 18, bare[code + 18] ^ 1)
    replies = [changed(bare, code, 0), changed(bare, code, 70), other]
    p.write_pcap(capture, [packets[0], replies[0], packets[0], replies[1], replies[2]])
    names = ["secct.handover", "secct.response_to", "mip.code", "secct.expert.reply_without_secct"]
    for extra in ([], ["-2"]):
        rows = p.fields(capture, names, extra)[1::2] + p.fields(capture, names, extra)[4:]
        report.equal(f"replies without SecCT {extra}", [["1", "1", "0", "1"], ["1", "3", "70", ""],
                     ["", "", "0", ""]], rows)  # fmt: skip


def many(report, folder):
    """Many handovers at the same time, and many messages with one Identifier, in linear time."""
    path = folder / "many.pcapng"
    p.subprocess.run([os.environ["SECCT"], "generate", "reactive", "--no-data", "--handovers", "1000", "-w", path], check=True)
    os.chmod(path, 0o644)
    rows = p.fields(path, ["secct.handover", "secct.message"], ["-2"])
    count = {}
    for handover, _ in rows:
        count[handover] = count.get(handover, 0) + 1
    report.equal("handovers", 1000, len(count))
    report.equal("messages of each", {5}, set(count.values()))
    octets = p.read_all()["shreq"].octets()
    times = []
    for number in (20_000, 80_000):
        capture = folder / "long.pcap"
        p.write_pcap(capture, [octets] * number)
        start = time.monotonic()
        p.tshark(["-r", capture, "-2", "-Y", "frame.number == 1"])
        times.append(time.monotonic() - start)
    report.equal("the time is linear", True, times[1] < 8 * times[0] + 1)


def main():
    report = p.Report()
    with p.Workspace() as folder:
        for part in (reactive, predictive, retransmissions, interleaved, unpaired, violations, early, answers, leaks,
                     quotes, two_in_one, registrations, many):  # fmt: skip
            part(report, folder)
    report.done()


main()
