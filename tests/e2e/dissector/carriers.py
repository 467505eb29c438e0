# SPDX-License-Identifier: GPL-2.0-or-later
"""The plugin finds SecCT on every path: link types, tunnels, extension headers, fragments, ICMP errors that
quote it. It also dissects what follows a Destination Options header with SecCT."""

import ipaddress
import os
import struct
import sys
from pathlib import Path
from xml.etree import ElementTree

sys.path.insert(0, str(Path(os.environ["SECCT_SOURCE_DIR"]) / "tests/dissector"))
import packets as p
from stock import A, B, DSTOPTS, ICMPV6, NO_NEXT, UDP, dstopts, icmpv6, v6

AH = 51
LINKTYPE_LINUX_SLL = 113
PACKETS = p.read_all()
# Fields that do not depend on the path.
CONTENT = ["secct.message", "secct.identifier", "secct.paddr", "secct.sa.spi", "secct.req.spi",
           "secct.status", "secct.auth.token"]  # fmt: skip


def message(name):
    """Returns an ICMPv6 message without lower headers; the checksum is for addresses A and B."""
    return p.fill_checksum(PACKETS[name].payload(), A, B)


def header(name, next_header, payload=b""):
    """Returns the Destination Options header of a packet, with another next header and payload."""
    octets = bytes(PACKETS[name].payload())
    length = (octets[1] + 1) * 8
    return bytes([next_header]) + octets[1:length] + payload


def paths():
    """Yields a title, the name of the packet, its octets on this path, and the protocols in the frame."""
    shrep = message("shrep")
    shin = header("shin", NO_NEXT)
    pad = b"\x01\x04\0\0\0\0"
    yield "plain", "shrep", v6(ICMPV6, shrep, 255), "ipv6:icmpv6:secct"
    yield "AH", "shrep", v6(AH, p.ah(ICMPV6, 1, 1, shrep), 255), "ipv6:ah:icmpv6:secct"
    yield "hop-by-hop", "shrep", v6(0, dstopts(ICMPV6, pad, shrep), 255), (
        "ipv6:ipv6.hopopts:icmpv6:secct"
    )
    yield "destination options without SecCT", "shrep", v6(DSTOPTS, dstopts(ICMPV6, pad, shrep), 255), (
        "ipv6:ipv6.dstopts:icmpv6:secct"
    )
    yield "IPv4", "shrep", p.ipv4("192.0.2.1", "192.0.2.2", ICMPV6, 255, shrep), (
        "ip:icmpv6:secct"
    )
    yield "AH over IPv4", "shrep", p.ipv4("192.0.2.1", "192.0.2.2", AH, 255, p.ah(ICMPV6, 1, 1, shrep)), (
        "ip:ah:icmpv6:secct"
    )
    yield "tunnel", "shrep", v6(41, v6(ICMPV6, shrep, 255)), "ipv6:ipv6:icmpv6:secct"
    yield "AH tunnel", "shin", v6(AH, p.ah(41, 1, 1, v6(DSTOPTS, shin))), (
        "ipv6:ah:ipv6:ipv6.dstopts:secct"
    )
    yield "tunnel in IPv4", "shin", p.ipv4("192.0.2.1", "192.0.2.2", 41, 64, v6(DSTOPTS, shin)), (
        "ip:ipv6:ipv6.dstopts:secct"
    )
    yield "hop-by-hop and SHIN", "shin", v6(0, dstopts(DSTOPTS, pad, shin)), (
        "ipv6:ipv6.hopopts:ipv6.dstopts:secct"
    )
    yield "two destination options", "shin", v6(DSTOPTS, dstopts(DSTOPTS, pad, shin)), (
        "ipv6:ipv6.dstopts:ipv6.dstopts:secct"
    )
    two = v6(DSTOPTS, header("shin", DSTOPTS, dstopts(NO_NEXT, pad)))
    yield "SHIN, then destination options", "shin", two, "ipv6:ipv6.dstopts:secct:ipv6.dstopts"


def check_paths(report, folder):
    rows = list(paths())
    capture = folder / "paths.pcap"
    p.write_pcap(capture, [octets for _, _, octets, _ in rows])
    names = ["frame.protocols", "_ws.col.Protocol", *CONTENT]
    for (name, packet, _, protocols), found in zip(rows, p.fields(capture, names)):
        expected = [PACKETS[packet].expect.get(field, "") for field in CONTENT]
        report.equal(f"{name}: protocols", f"raw:{protocols}", found[0])
        report.equal(f"{name}: column", "SecCT", found[1])
        report.equal(f"{name}: content", expected, found[2:])


# Fields that are whole octets and shown as a number, an address or octets.
PLAIN = {f"secct.{name}" for name in (
    "identifier", "opt.type", "opt.length", "paddr", "router", "subopt.type", "subopt.length",
    "auth.replay", "auth.token", "req.spt", "req.spi", "spt", "sa.length", "sa.spi",
    "sa.sequence", "sa.lifetime", "sa.source", "sa.source_v4", "sa.destination", "sa.window", "sa.key",
    "sa.iv", "sa.key_length", "sa.data.type", "sa.data.pmtu", "status")}  # fmt: skip


def octets_of(shown, size):
    """Returns the octets of a value in PDML."""
    if "." in shown or "::" in shown:
        return ipaddress.ip_address(shown).packed
    return bytes.fromhex(shown.replace(":", "")) if size > 4 else int(shown, 0).to_bytes(size, "big")


def check_places(report, folder):
    """Every field highlights exactly its own octets."""
    rows = list(paths())
    capture = folder / "places.pcap"
    p.write_pcap(capture, [octets for _, _, octets, _ in rows])
    packets = ElementTree.fromstring(p.tshark(["-r", capture, "-T", "pdml"]))
    seen = set()
    for (name, _, octets, _), packet in zip(rows, packets.findall("packet")):
        for field in packet.iter("field"):
            if field.get("name") not in PLAIN:
                continue
            seen.add(field.get("name"))
            pos, size = int(field.get("pos")), int(field.get("size"))
            shown = field.get("show")
            # A window is always shown as octets.
            wanted = bytes.fromhex(shown.replace(":", "")) if "window" in field.get("name") else octets_of(shown, size)
            report.equal(f"{name}: {field.get('name')} at {pos}", wanted, octets[pos : pos + size])
    report.equal("fields that no packet has", set(), PLAIN - seen)


def check_decode_as(report, folder):
    """"Decode As" works for other UDP ports and other IP protocols."""
    request = PACKETS["mip4_request"]
    elsewhere = p.build([request.headers[0], ["udp", "5434", "5434"]], request.payload())
    capture = folder / "decode_as.pcap"
    p.write_pcap(capture, [elsewhere, v6(253, message("shrep"), 255)])
    names = ["frame.protocols", "secct.message"]
    report.equal("without Decode As", [["raw:ip:udp:data", ""], ["raw:ipv6:data", ""]], p.fields(capture, names))
    choice = ["-d", "udp.port==5434,secct_mip4", "-d", "ip.proto==253,secct_icmpv6"]
    wanted = [["raw:ip:udp:mip:secct", "9"], ["raw:ipv6:icmpv6:secct", "4"]]
    report.equal("with Decode As", wanted, p.fields(capture, names, choice))
    stock_choice = ["-d", "udp.port==5434,mip", "-d", "ip.proto==253,icmpv6"]
    report.equal("with Decode As, names of Wireshark", wanted, p.fields(capture, names, stock_choice))


def link_layers():
    octets = PACKETS["shrep"].octets()
    mac = bytes.fromhex("02005e10000102005e100002")
    yield "Ethernet", p.LINKTYPE_ETHERNET, mac + b"\x86\xdd" + octets, "eth:ethertype"
    yield "VLAN", p.LINKTYPE_ETHERNET, mac + b"\x81\0\0\x07\x86\xdd" + octets, (
        "eth:ethertype:vlan:ethertype"
    )
    yield "QinQ", p.LINKTYPE_ETHERNET, mac + b"\x88\xa8\0\x07\x81\0\0\x08\x86\xdd" + octets, None
    cooked = struct.pack("!HHH6s2xH", 0, 1, 6, mac[:6], 0x86DD)
    yield "Linux cooked", LINKTYPE_LINUX_SLL, cooked + octets, "sll:ethertype"
    yield "raw", p.LINKTYPE_RAW, octets, "raw"


def check_link_layers(report, folder):
    for name, linktype, octets, protocols in link_layers():
        capture = folder / f"{name}.pcap"
        p.write_pcap(capture, [octets], linktype)
        (found,) = p.fields(capture, ["frame.protocols", "secct.message", "secct.sa.spi"])
        if protocols:
            report.equal(f"{name}: protocols", f"{protocols}:ipv6:ah:icmpv6:secct", found[0])
        report.equal(f"{name}: SPIs", ["4", PACKETS["shrep"].expect["secct.sa.spi"]], found[1:])


def fragment(payload, first, last, more):
    return v6(44, struct.pack("!BBHI", AH, 0, first | more, 7) + payload[first:last], 255)


def check_fragments(report, folder):
    payload = p.ah(ICMPV6, 1, 1, message("shrep"))
    ranges = [(0, 160, 1), (160, 320, 1), (320, len(payload), 0)]
    packets = [fragment(payload, *part) for part in ranges]
    capture = folder / "fragments.pcap"
    p.write_pcap(capture, packets)
    rows = p.fields(capture, ["secct.sa.spi", "icmpv6.checksum.status", "secct.expert.checksum_bad"])
    report.equal("the last fragment", [PACKETS["shrep"].expect["secct.sa.spi"], "1", ""], rows[2])
    report.equal("other fragments", [["", "", ""]] * 2, rows[:2])
    # Without reassembly, the first fragment is dissected up to its end.
    names = ["secct.naddr", "secct.sa.spi", "secct.sa.lifetime", "_ws.unreassembled"]
    rows = p.fields(capture, names, ["-o", "ipv6.defragment:FALSE"])
    report.equal(
        "first fragment alone", ["2001:db8:20::1:1", "0x10000040", "3600"], rows[0][:3]
    )
    report.equal("first fragment alone: Wireshark says so", True, rows[0][3] != "")
    experts = p.tshark(["-r", capture, "-o", "ipv6.defragment:FALSE", "-Y", "secct", "-V"])
    # The one expert info is Wireshark's own, about the missing reassembly.
    report.equal("no expert info of the plugin for a fragment", 1, experts.count("Expert Info"))


def check_next_headers(report, folder):
    """SecCT is dissected, and so is the next header, which sets the protocol column."""
    udp = p.udp(50000, 50001, b"abcd")
    echo = icmpv6(128, 0, struct.pack("!HH", 1, 1) + b"ping", A, B)
    followers = [
        ("UDP", UDP, udp, "udp.srcport", "50000"),
        ("ICMPv6", ICMPV6, echo, "icmpv6.type", "128"),
        ("SecCT", ICMPV6, message("shreq"), "icmpv6.type", "204"),
        ("AH", AH, p.ah(NO_NEXT, 0x77, 1, b""), "ah.spi", "0x00000077"),
        ("ESP", 50, struct.pack("!II", 0x78, 1) + bytes(range(32)), "esp.spi", "0x00000078"),
        ("IPv6", 44, struct.pack("!BBHI", UDP, 0, 0, 9) + udp, "udp.srcport", "50000"),
        ("no next header", NO_NEXT, b"", "ipv6.dstopts.nxt", "59"),
        ("octets after no next header", NO_NEXT, b"abcd", "data.data", "61626364"),
    ]
    for name, number, payload, field, value in followers:
        capture = folder / "next.pcap"
        p.write_pcap(capture, [v6(DSTOPTS, header("shin", number, payload))])
        (row,) = p.fields(capture, ["secct.router", field, "_ws.col.Protocol", "_ws.malformed"])
        report.equal(f"{name} after SHIN", ["2001:db8:1::1", value], row[:2])
        report.equal(f"{name} after SHIN: malformed", "", row[3])
        if name == "UDP":
            report.equal("UDP after SHIN: protocol column", "UDP", row[2])


def check_quotes(report, folder):
    """ICMP errors quote SecCT packets, complete or in part; their columns are those of the error."""
    inner = PACKETS["shrep"].octets()
    inner = inner[:7] + b"\xfe" + inner[8:]  # the hop limit at the router that sends the error
    kinds = {
        "unreachable": icmpv6(1, 4, bytes(4) + inner, B, A),
        "parameter problem": icmpv6(4, 2, struct.pack("!I", 40) + PACKETS["shin"].octets(), B, A),
        "too big": icmpv6(2, 0, struct.pack("!I", 1280) + inner[:200], B, A),
        "cut in a field": icmpv6(3, 0, bytes(4) + inner[:137], B, A),
    }
    capture = folder / "quotes.pcap"
    p.write_pcap(capture, [v6(ICMPV6, octets, 255, B, A) for octets in kinds.values()])
    names = ["secct.message", "secct.sa.spi", "_ws.col.Protocol", "_ws.malformed", "_ws.expert.message"]
    rows = dict(zip(kinds, p.fields(capture, names)))
    for row in rows.values():  # Wireshark 4.6 says this of each ICMPv6 error
        row[-1] = row[-1].replace("Type indicates an error", "")
    spis = PACKETS["shrep"].expect["secct.sa.spi"]
    report.equal("complete quote", ["4", spis, "ICMPv6", "", ""], rows["unreachable"])
    report.equal("quoted SHIN", ["6", "", "ICMPv6", "", ""], rows["parameter problem"])
    report.equal("incomplete quote", ["4", spis.split(",")[0], "ICMPv6", "", ""], rows["too big"])
    report.equal("quote cut in a field", ["4", "", "ICMPv6", "", ""], rows["cut in a field"])
    counts = p.fields(capture, ["secct.expert.hop_limit", "secct.expert.checksum_bad"])
    report.equal("a quote with a lower hop limit is valid", [["", ""]] * 4, counts)


def check_filters(report, folder):
    """Display filters on stock fields and on secct fields find SecCT packets, by number and by name."""
    capture = folder / "filters.pcap"
    wrong = PACKETS["shreq"].with_part("head", [0xCC, 0, 0x12, 0x34])
    p.write_pcap(capture, [*(packet.octets() for packet in PACKETS.values()), wrong.octets()])
    for display_filter, count in (
        ("icmpv6.type == 205", 2),
        ("icmpv6.type == 203 && icmpv6.code == 129", 1),
        ("icmpv6.checksum.status == 0", 1),
        ("icmpv6.checksum.status == \"Bad\"", 1),
        ("icmpv6.checksum_bad.expert", 1),
        ("secct.expert.checksum_bad", 1),
        ("ipv6.opt.type == 0x1e && secct", 3),
        ("ipv6.opt.type == 0x9e && secct", 1),
        ("mip && secct", 2),
        ("secct.message == \"SHREP\"", 2),
        ("secct.req.form == \"R4\"", 2),
        ("secct.status == 106", 2),
        ("secct.status == \"Invalid MN authentication\"", 1),
        ("secct.spt == \"ESP-TUNNEL-AES-CBC-V4P-V6P-MB-SP-ASD\"", 1),
        ("secct.sa.spi in {0x10000040}", 2),
        ("secct.naddr == 2001:db8:20::/64", 14),
    ):  # fmt: skip
        found = p.tshark(["-r", capture, "-Y", display_filter]).splitlines()
        report.equal(display_filter, count, len(found))


def check_sizes(report, folder):
    """Messages with the most options, and a message of one octet, are dissected."""
    head = [0xCD, 0, p.CHECKSUM, p.CHECKSUM, 0, 1, 0, 0]
    naddr, paddr = b"\x20\x01" + bytes(13) + b"\1", b"\x20\x01" + bytes(13) + b"\2"
    option = b"\xf3\xff\0\0" + naddr + paddr + bytes(255 * 8 - 36)
    pads = p.fill_checksum([*head, *(option + (b"\xee\xff" + bytes(255 * 8 - 2)) * 31)], A, B)
    shorts = p.fill_checksum([*head, *(b"\xee\x01" + bytes(6)) * 8000], A, B)
    capture = folder / "sizes.pcap"
    p.write_pcap(capture, [v6(ICMPV6, data, 255) for data in (pads, shorts, bytes([0xCD]))])
    rows = p.fields(capture, ["secct.message", "frame.len", "secct.subopt.type"])
    report.equal("message types", ["4", "4", "4"], [row[0] for row in rows])
    report.equal("pads", 255 * 8 - 36, rows[0][2].count("0"))


def main():
    report = p.Report()
    with p.Workspace() as folder:
        check_paths(report, folder)
        check_places(report, folder)
        check_decode_as(report, folder)
        check_link_layers(report, folder)
        check_fragments(report, folder)
        check_next_headers(report, folder)
        check_quotes(report, folder)
        check_filters(report, folder)
        check_sizes(report, folder)
    report.done()


main()
