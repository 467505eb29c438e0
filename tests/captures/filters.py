# SPDX-License-Identifier: GPL-2.0-or-later
"""Display filters, "Decode As" and structured output of the plugin."""

import struct

import _pcapng as pcapng
from _table import Entry, generate, message, records, v6

FIELDS = "fields.md"
UDP = 17


def scenario(name, *options):
    return lambda folder: generate(folder, name, "--no-data", *options)


def registration(port, swapped=False):
    """A Registration Request to another port; `swapped`: its extensions are in the wrong order."""
    def make(folder):
        octets = message("mip4-request")
        header, udp = octets[:20], octets[20:]
        payload = udp[8:]
        if swapped:
            fixed, rest = payload[:24], payload[24:]
            length = rest[1] + 2
            payload = fixed + rest[length:] + rest[:length]
        udp = struct.pack("!HHHH", 5000, port, len(payload) + 8, 0) + payload
        return pcapng.write(folder / "input.pcapng", pcapng.section(), pcapng.interface(pcapng.RAW),
                            pcapng.packet(header + udp))
    return make


def spi(name, *settings):
    """A message with a SecCT-req or SecCT-ack whose SPI is reserved."""
    def make(folder):
        octets = message(name, *(word for setting in settings for word in ("--set", setting)))
        return pcapng.write(folder / "input.pcapng", pcapng.section(), pcapng.interface(pcapng.RAW),
                            pcapng.packet(octets))
    return make


R3 = ("secct.req.spt=3", "secct.req.protocol=0", "secct.req.spi={}")

ENTRIES = [
    Entry("secct.expert finds packets with a finding", FIELDS, scenario("status-106"),
          ["tshark -r {input} -Y secct.expert -T fields -e secct.message -e _ws.expert.severity"],
          shows=["Note|4194304"], hides=["^3"]),
    Entry("secct.expert does not find others", FIELDS, scenario("reactive"),
          ["tshark -r {input} -Y secct.expert"], hides=["SecCT"]),
    Entry("keys of subtrees in JSON are stable", FIELDS, scenario("reactive"), ["tshark -r {input} -T json"],
          shows=[r'"secct\.contexts', r'"secct\.options', r'"secct\.sub_options'],
          hides=[r'"Context 1', r'"ICMP option:', r'"SecCT-rep', r'"AuthPrtr']),
    Entry("keys of subtrees in EK are stable", FIELDS, scenario("reactive"), ["tshark -r {input} -T ek"],
          shows=[r'"secct_secct_contexts'], hides=[r'"Context 1', r'"ICMP option:']),
    Entry("subtrees in PDML have names and labels", FIELDS, scenario("reactive"), ["tshark -r {input} -T pdml"],
          shows=[r'name="secct\.contexts" showname="Context 1: AH-TRANSPORT']),
    Entry("a subtree is a display filter", FIELDS, scenario("reactive"),
          ["tshark -r {input} -Y secct.contexts -T fields -e secct.message"], shows=[r"^4$"], hides=[r"^[35]$"]),
    Entry("-d udp.port==N,mip shows SecCT", "Wireshark User's Guide: Decode As", registration(4340),
          ["tshark -r {input} -d udp.port==4340,mip -T fields -e secct.message -e _ws.col.Protocol"], shows=[r"^9\t"]),
    Entry("another port is not Mobile IP", "RFC 3344", registration(4340),
          ["tshark -r {input} -T fields -e secct.message"], hides=[r"9"]),
    Entry("a SecCT extension before the authentication is misplaced", "wire-format.md 9", registration(434, True),
          ["tshark -r {input} -T fields -e secct.expert.extension_misplaced -e _ws.expert.message"],
          shows=[r"^1\t.*misplaced"]),
    Entry("check reports it in --messages", "wire-format.md 9", registration(434, True),
          ["secct check {input} --messages"], shows=[r'"extension_misplaced"']),
    Entry("a SecCT extension after the authentication is right", "wire-format.md 9", registration(434),
          ["tshark -r {input} -T fields -e secct.message -e secct.expert.extension_misplaced"], shows=[r"^9\t$"]),
    Entry("a reserved SPI in a SecCT-req", "fields.md, secct.expert", spi("shreq", *(w.format(255) for w in R3)),
          ["tshark -r {input} -T fields -e secct.req.spi -e secct.expert.spi_reserved"], shows=[r"^0x000000ff\t1"]),
    Entry("a SPI of 256 in a SecCT-req", "fields.md, secct.expert", spi("shreq", *(w.format(256) for w in R3)),
          ["tshark -r {input} -T fields -e secct.req.spi -e secct.expert.spi_reserved"], shows=[r"^0x00000100\t$"]),
    Entry("a failed status is a note of the group Response", "fields.md, secct.expert", scenario("status-106"),
          ["tshark -r {input} -q -z expert"], shows=[r"Notes", r"Response +SecCT +Transfer failed"],
          hides=[r"Warns"]),
    Entry("the SHREP-Ack of spi-conflict-deny reports 106", "behaviour.md 4, row 9", scenario("spi-conflict-deny"),
          ["tshark -r {input} -T fields -e secct.message -e secct.status -e secct.shrep_ack.all_received"],
          shows=[r"^5\t(200,)*106(,200)*\t(0|False)$", r"^8\t106"]),
    Entry("check agrees with spi-conflict-deny", "behaviour.md 4, row 9", scenario("spi-conflict-deny"),
          ["secct check {input}"], shows=[r"; 0 violations"]),
]
