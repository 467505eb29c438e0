#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""`decode | craft` and `redact` keep what Wireshark reads of a capture, or report what they leave out:
times, comments, interfaces, link-layer types, resolutions, and blocks that are not packets."""
import pathlib
import struct
import subprocess
import tempfile

import _pcapng as ng
from _checks import SECCT, check, finish

IPV6 = bytes.fromhex("6000000000003b40") + (bytes.fromhex("fd") + bytes(15)) * 2
FRAME = bytes.fromhex("02000000000202000000000186dd") + IPV6
NANO = 10**9
FIELDS = ("frame.time_epoch", "frame.len", "frame.cap_len", "frame.encap_type", "frame.interface_id",
          "frame.interface_name", "frame.interface_description", "frame.comment", "eth.dst", "ipv6.dst")


def one(*packets, header=b""):
    return ng.section() + ng.interface() + header + b"".join(packets)


def pcap(magic, *packets, link=1, snapshot=65535):
    octets = struct.pack("<IHHIIII", magic, 2, 4, 0, 0, snapshot, link)
    for seconds, fraction, wire in packets:
        octets += struct.pack("<IIII", seconds, fraction, len(FRAME), wire) + FRAME
    return octets


ALL_INTERFACES = (
    ng.section(ng.comments("of the file", "second") + ng.text(2, "a card") + ng.text(3, "Linux")
               + ng.text(4, "a program"))
    + ng.interface(options=ng.text(2, "eth0") + ng.text(3, "to the router") + ng.comments("of eth0")
                   + ng.option(8, struct.pack("<Q", NANO)) + ng.option(11, b"\0ip6 and not tcp")
                   + ng.text(12, "Linux 6") + ng.option(13, b"\4") + ng.text(15, "a card"))
    + ng.interface(ng.RAW, 96, 6) + ng.interface(resolution=None) + ng.interface(resolution=0)
    + ng.interface(resolution=0x8a)
    + ng.packet(IPV6, 7, 1) + ng.packet(FRAME, 3 * NANO + 1, 0) + ng.packet(FRAME, 2**34 - 1, 3)
    + ng.packet(FRAME, 1025, 4) + ng.packet(FRAME, 1_000_001, 2))

# name -> (octets of the capture, what standard error reports as left out, or None)
KEPT = {
    "time beyond 2^33 s": (one(ng.packet(FRAME, 11_000_000_000 * NANO + 1)), None),
    "last time of 64 bits": (one(ng.packet(FRAME, 18446744072 * NANO + 999_999_999)), None),
    "several comments": (one(ng.packet(FRAME, options=ng.comments("first", "second", "third"))), None),
    "empty comments": (one(ng.packet(FRAME, options=ng.comments("", "x", "")),
                           ng.packet(FRAME, options=ng.comments(""))), None),
    "comment of 65535 octets": (one(ng.packet(FRAME, options=ng.comments("z" * 65535))), None),
    "many comments": (one(ng.packet(FRAME, options=ng.comments(*map(str, range(500))))), None),
    "comments that look like YAML": (
        one(*(ng.packet(FRAME, options=ng.comments(comment)) for comment in (
            "smiley :-[ here", "[" * 100, "{" * 100, "- a: b", "# no comment", "null", "~", "true",
            "0x10", "1e3", "*alias", "&anchor", "!tag", "%x", "@x", "`x", "'", '"', "a: b", "a\nb",
            "a\n  b\n\nc\n", " spaces ", "tab\tx", "---", "...", "? x", "| x", "> x", "\\n"))), None),
    "comments with control characters": (
        one(*(ng.packet(FRAME, options=ng.comments(comment)) for comment in (
            "\x1b[31mred", "a\rb", "\x07", "\u202eevil", "\u0085", "\u2028", "\ufeffx", "\x7f",
            "\U0001f600", "\u00e4"))), None),
    "interfaces": (ALL_INTERFACES, None),
    "interface without packets": (ng.section() + ng.interface(options=ng.text(2, "eth0"))
                                  + ng.interface(ng.RAW), None),
    "equal interfaces": (ng.section() + ng.interface() * 3
                         + b"".join(ng.packet(FRAME, number, number) for number in (2, 0, 1)), None),
    "no packets": (ng.section() + ng.interface(ng.RAW), None),
    "wire lengths": (one(ng.packet(FRAME, wire=1500), ng.packet(FRAME, wire=10),
                         ng.packet(FRAME, wire=0)), None),
    "pcap in microseconds": (pcap(0xa1b2c3d4, (1, 2, len(FRAME)), (2**32 - 1, 999_999, 1500)), None),
    "pcap in nanoseconds": (pcap(0xa1b23c4d, (1, 999_999_999, len(FRAME))), None),
    "decryption secrets": (one(ng.packet(FRAME), header=ng.secrets(b"CLIENT_RANDOM 00 00") * 2),
                           "2 decryption secrets blocks"),
    "name resolution": (one(ng.packet(FRAME), header=ng.resolved_name((192, 0, 2, 1), "host.example")),
                        "1 resolved name"),
    "statistics": (one(ng.packet(FRAME), ng.statistics()), "1 interface statistics block"),
    "flags of packets": (one(ng.packet(FRAME, options=ng.option(2, bytes([1, 0, 0, 0]))),
                             ng.packet(FRAME, options=ng.option(2, bytes([2, 0, 0, 0])))),
                         "2 packets with options other than comments"),
}
# Wireshark sees other frames: those that are not packets are left out, and packets without a time get one.
LEFT_OUT = {
    "simple packets": (ng.section() + ng.interface() + ng.simple_packet(FRAME),
                       "1 packet without a time, which is 0 now"),
    "journal": (one(ng.packet(FRAME), ng.journal_entry(b"__REALTIME_TIMESTAMP=1\n")),
                "1 systemd journal entry block"),
    "custom blocks": (one(ng.packet(FRAME), ng.custom(b"abcd"), ng.custom(b"abcd")), "2 custom blocks"),
}
SECTIONS = (ng.section() + ng.interface(options=ng.text(2, "a")) + ng.packet(FRAME, 1)
            + ng.section() + ng.interface(ng.RAW, options=ng.text(2, "b")) + ng.packet(IPV6, 2)
            + ng.interface(options=ng.text(2, "c")) + ng.packet(FRAME, 3, 1))
# name -> (octets, command, message): exit status 2
REFUSED = {
    "time beyond 64 bits of nanoseconds":
        (ng.section() + ng.interface(resolution=0) + ng.packet(FRAME, 1) + ng.packet(FRAME, 2**40),
         "frame 2: its time is not between the years 1970 and 2554"),
    "negative time":
        (ng.section() + ng.interface(options=ng.option(14, struct.pack("<q", -1000)))
         + ng.packet(FRAME, 7), "frame 1: its time is not between the years 1970 and 2554"),
}


def run(*words, stdin=None, status=0):
    done = subprocess.run([str(word) for word in words], input=stdin, capture_output=True, timeout=60,
                          check=False)
    check(f"{' '.join(map(str, words[:3]))}: exit status {status}", done.returncode == status,
          f"{done.returncode} {done.stderr.decode(errors='replace')}")
    return done.stdout, done.stderr.decode(errors="replace")


def shown(file):
    """What tshark shows of each frame, and capinfos of the file."""
    fields = [word for field in FIELDS for word in ("-e", field)]
    frames = subprocess.run(["tshark", "-r", str(file), "-T", "fields", *fields], capture_output=True,
                            timeout=60, check=False)
    about = subprocess.run(["capinfos", "-E", "-I", "-k", str(file)], capture_output=True,
                           timeout=60, check=False).stdout.splitlines()[1:]
    skip = (b"Number of stat entries", b"Time resolution")
    return frames.stdout, [line for line in about if not line.strip().startswith(skip)]


def kept(folder, name, octets, left_out, frames_differ=False):
    suffix = "pcap" if octets[:2] in (b"\xd4\xc3", b"\x4d\x3c") else "pcapng"
    before, after, redacted = (folder / f"{part}.{suffix}" for part in ("before", "after", "redacted"))
    before.write_bytes(octets)
    for words in ((), ("--json",)):
        document, err = run(SECCT, "decode", before, *words)
        check(f"{name}: decode reports what it leaves out",
              err == (f"secct: {before}: left out: {left_out}\n" if left_out else ""), err)
        run(SECCT, "craft", "-", "-w", after, stdin=document)
        if not frames_differ:
            check(f"{name}: decode | craft {words}", shown(before) == shown(after),
                  f"{shown(before)}\n{shown(after)}")
    _, err = run(SECCT, "redact", before, redacted)
    check(f"{name}: redact reports what it leaves out",
          (f"left out: {left_out}\n" in err) if left_out else "left out" not in err, err)
    if not frames_differ:
        check(f"{name}: redact", shown(before) == shown(redacted), f"{shown(before)}\n{shown(redacted)}")


def sections(folder):
    before, after = folder / "before.pcapng", folder / "after.pcapng"
    before.write_bytes(SECTIONS)
    document, err = run(SECCT, "decode", before)
    check("sections: the report", "left out: 1 further section header\n" in err, err)
    run(SECCT, "craft", "-", "-w", after, stdin=document)
    names = subprocess.run(["tshark", "-r", str(after), "-T", "fields", "-e", "frame.interface_name",
                            "-e", "frame.encap_type"], capture_output=True, text=True, check=False).stdout
    check("sections: each packet has its interface", names == "a\t1\nb\t7\nc\t1\n", names)


def pcap_files(folder):
    """pcap to pcap, and what pcap cannot hold."""
    before, after = folder / "before.pcap", folder / "after.pcap"
    for magic in (0xa1b2c3d4, 0xa1b23c4d):
        before.write_bytes(pcap(magic, (1, 2, len(FRAME)), (2**32 - 1, 999_999, 1500)))
        document, _ = run(SECCT, "decode", before)
        _, err = run(SECCT, "craft", "-", "-w", after, stdin=document)
        check(f"pcap {magic:x}: the same octets", before.read_bytes() == after.read_bytes() and not err, err)
    _, err = run(SECCT, "generate", "reactive", "-w", after)
    check("generate -w x.pcap: a pcap file, and a message about the comments",
          after.read_bytes()[:4] == struct.pack("<I", 0xa1b23c4d) and "no comments" in err, err)
    (folder / "x.pcapng").write_bytes(ALL_INTERFACES)
    _, err = run(SECCT, "redact", folder / "x.pcapng", folder / "y.PCAP", status=2)
    check("two link-layer types in a pcap file: a message", "one link-layer type" in err, err)
    (folder / "x.pcapng").write_bytes(one(ng.packet(FRAME, 2**32 * NANO)))
    _, err = run(SECCT, "redact", folder / "x.pcapng", folder / "y.pcap", status=2)
    check("a time beyond 32 bits in a pcap file: a message", "packet 1: the time 4294967296 s" in err, err)
    check("a refused file does not appear", not (folder / "y.pcap").exists())


def other_formats(folder):
    """Captures of other programs, and link-layer types that a capture file cannot hold."""
    def frames(file):
        fields = [word for field in FIELDS if "interface" not in field for word in ("-e", field)]
        return subprocess.run(["tshark", "-r", str(file), "-T", "fields", *fields], capture_output=True,
                              timeout=60, check=False).stdout
    run(SECCT, "generate", "reactive", "-w", folder / "made.pcapng")
    for name in ("snoop", "netmon2", "nsecpcap", "modpcap", "k12text", "lanalyzer", "commview-ncf", "5views",
                 "ngwsniffer_2_0", "visual"):
        before, after = folder / "before", folder / "after.pcapng"
        made = subprocess.run(["editcap", "-F", name, folder / "made.pcapng", before], capture_output=True,
                              timeout=60, check=False)
        check(f"{name}: editcap makes it", made.returncode == 0, made.stderr)
        document, _ = run(SECCT, "decode", before)
        run(SECCT, "craft", "-", "-w", after, stdin=document)
        check(f"{name}: decode | craft", frames(before) == frames(after) and frames(after))
    bluetooth = folder / "bluetooth.pcap"
    bluetooth.write_bytes(pcap(0xa1b2c3d4, (1, 2, len(FRAME)), link=201))
    document, _ = run(SECCT, "decode", bluetooth)
    for words in (("craft", "-", "-w", folder / "none"), ("redact", bluetooth, folder / "none")):
        _, err = run(SECCT, *words, stdin=document, status=2)
        check(f"{words[0]} refuses packets without their pseudo-header",
              "cannot hold the link-layer type bluetooth-h4-linux" in err, err)
    check("a refused file does not appear", not (folder / "none").exists())


def documents():
    """What documents may say, and craft refuses."""
    layer = "layers: [{data: {data.data: 0x00}}]"
    for text, message in (
            (f"packets: [{{interface: 1, {layer}}}]\ninterfaces: [{{link: raw-ip}}]",
             "packets[0].interface: expected the index of one of the 1 interfaces"),
            (f"packets: [{{interface: 0, {layer}}}]", "expected the index of one of the 0 interfaces"),
            (f"packets: [{{link: linux-sll, {layer}}}]\ninterfaces: [{{link: raw-ip}}]",
             "packets[0].link: expected the link layer of the interface, raw-ip"),
            (f"packets: [{{{layer}}}]\ninterfaces: [{{units_per_second: 3}}]",
             "interfaces[0].units_per_second: expected a power of 10 or of 2"),
            (f"packets: [{{{layer}}}]\ninterfaces: [{{name: [a, b]}}]", "interfaces[0].name: expected a single"),
            (f"packets: [{{time: '0.0001', {layer}}}]\ninterfaces: [{{units_per_second: 1000}}]",
             "packet 1: the time 0.000100000 does not fit the resolution"),
            (f"packets: [{{time: 18446744074, {layer}}}]", "packets[0].time: expected seconds with at most 9 decimals, below 2^64 ns"),
            (f"packets: [{{comment: {'c' * 65536}, {layer}}}]",
             "packet 1: a comment of 65536 octets is too long; a pcapng file holds at most 65535")):
        _, err = run(SECCT, "craft", "-", "-w", "/dev/null", stdin=text.encode(), status=2)
        check(f"craft refuses {text[:60]}", message in err, err)
    deep = "# " + "[" * 100 + f"\npackets: [{{comment: '{'[' * 100}', {layer}}}]"
    run(SECCT, "craft", "-", "-w", "/dev/null", stdin=deep.encode())
    _, err = run(SECCT, "craft", "-", stdin=("a: " + "[" * 100).encode(), status=2)
    check("lists that are nested too deeply are refused", "nested deeper" in err, err)


def main():
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        for name, (octets, left_out) in KEPT.items():
            kept(folder, name, octets, left_out)
        for name, (octets, left_out) in LEFT_OUT.items():
            kept(folder, name, octets, left_out, frames_differ=True)
        sections(folder)
        pcap_files(folder)
        other_formats(folder)
        for name, (octets, message) in REFUSED.items():
            (folder / "x.pcapng").write_bytes(octets)
            for words in (("decode", folder / "x.pcapng"),
                          ("redact", folder / "x.pcapng", folder / "refused.pcapng")):
                _, err = run(SECCT, *words, status=2)
                check(f"{name}: {words[0]} says which frame", message in err, err)
            check(f"{name}: redact leaves no file", not (folder / "refused.pcapng").exists())
    documents()
    finish()


main()
