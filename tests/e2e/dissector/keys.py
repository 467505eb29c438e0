# SPDX-License-Identifier: GPL-2.0-or-later
"""With keys, the plugin verifies tokens, ICVs and sequence numbers, decrypts ESP and learns transferred SAs;
without secct.show_keys, no output contains a key."""

import hashlib
import hmac
import ipaddress
import os
import re
import struct
import subprocess
import sys
import time
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

sys.path.insert(0, str(Path(os.environ["SECCT_SOURCE_DIR"]) / "tests/dissector"))
import documents as d
import packets as p

DESCRIPTION = p.SOURCE / "generator/description/built_in.yaml"
# Keys of the router SAs of the built-in description.
AH = {0x1001: bytes(range(20)).hex(), 0x1002: bytes(range(32, 52)).hex()}
ESP = (bytes(range(64, 80)).hex(), bytes(range(80, 100)).hex())
STATUS = ["secct.message", "secct.auth.status", "secct.icv.status", "secct.sa.learnt_in"]


def token_key(number):
    key = bytes(range(0xA0, 0xB0))
    return hmac.new(key, number.to_bytes(4, "big"), hashlib.md5).hexdigest()


def uat(name, *columns):
    return ["-o", f"uat:{name}:" + ",".join(f'"{column}"' for column in columns)]


def router_sa(source, destination, protocol, spi, key, cipher="", cipher_key=""):
    columns = [source, destination, protocol, f"{spi:#x}", "hmac-sha1", key, cipher, cipher_key]
    return uat("secct_router_sas", *columns)


def generate(folder, scenario, *arguments, confidential=False):
    path = folder / f"{scenario}.pcapng"
    dut = folder / "dut.yaml"
    text = DESCRIPTION.read_text(encoding="utf-8")
    if confidential:
        text = text.replace("confidential: false", "confidential: true")
    dut.write_text(text, encoding="utf-8")
    command = [os.environ["SECCT"], "generate", scenario, "--no-data", *arguments, "--dut", dut, "-w", path,
               "--confidential" if confidential else "--no-confidential"]
    subprocess.run(command, check=True)
    for file in (dut, path):
        os.chmod(file, 0o644)
    return path, ["-o", f"secct.key_file:{dut}"]


def both(report, title, path, names, extra):
    rows = p.fields(path, names, extra)
    report.equal(f"{title}: two passes", rows, p.fields(path, names, ["-2", *extra]))
    return rows


def tokens(report, folder):
    path, _ = generate(folder, "reactive")
    names = ["secct.auth.status", "secct.expert.token_bad"]
    none = p.fields(path, names)
    report.equal("no key", [["2", ""], ["2", ""]], none[:2])
    good = both(report, "token", path, names, uat("secct_keys", d.paddr(1), token_key(1)))
    report.equal("token", [["1", ""], ["1", ""]], good[:2])
    bad = p.fields(path, names, uat("secct_keys", d.paddr(1), "00"))
    report.equal("wrong key", [["0", "1"], ["0", ""]], bad[:2])  # the SHREQ copies the token of the SHIN
    path, _ = generate(folder, "predictive")
    key = uat("secct_keys", d.paddr(1), token_key(1))
    report.equal("token of U-SHREP", "1", p.fields(path, ["secct.auth.status"], key)[0][0])


def icvs(report, folder):
    path, file = generate(folder, "reactive")
    names = ["secct.icv.status", "secct.expert.icv_bad"]
    report.equal("key file", [["", ""], ["1", ""], ["1", ""], ["1", ""], ["", ""]],
                 both(report, "key file", path, names, file))  # fmt: skip
    sa = router_sa(d.NR, d.PR, "ah", 0x1002, AH[0x1002])
    report.equal("table", ["", "1", "", "1", ""], [row[0] for row in p.fields(path, names, sa)])
    sa = router_sa("*", d.PR, "ah", 0x1002, AH[0x1001])
    rows = p.fields(path, names, sa)
    report.equal("wrong key", [["0", "1"], ["0", "1"]], [rows[1], rows[3]])
    capture = d.Capture()
    capture.shreq(0, 1, 7)
    capture.write(folder / "one.pcapng")
    (row,) = p.fields(folder / "one.pcapng", names, file)
    report.equal("crafted", ["1", ""], row)


def crafted(packets):
    """Returns the octets of the packets of a document."""
    document = d.json.dumps({"link": "raw-ip", "packets": packets})
    command = [os.environ["SECCT"], "craft", "-", "--hex"]
    done = subprocess.run(command, input=document, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"secct craft: {done.stderr}")
    return [bytes.fromhex(line) for line in done.stdout.split()]


def fragments(report, folder):
    """The ICV of a reassembled datagram is verified, and its keys are hidden."""
    c = d.Capture()
    c.shrep(0, 1, 7, [d.rep(1, [0x1000, 0x2000])])
    (whole,) = crafted(c.packets)
    payload = whole[40:]
    packets = []
    for first, last in ((0, 96), (96, 192), (192, len(payload))):
        more = 0 if last == len(payload) else 1
        fragment = struct.pack("!BBHI", whole[6], 0, first | more, 9) + payload[first:last]
        packets.append(whole[:4] + struct.pack("!HBB", len(fragment), 44, whole[7]) + whole[8:40] + fragment)
    capture = folder / "fragments.pcap"
    p.write_pcap(capture, packets)
    file = ["-o", f"secct.key_file:{folder / 'dut.yaml'}"]
    names = ["secct.message", "secct.icv.status", "secct.expert.icv_bad"]
    report.equal("fragments", ["4", "1", ""], both(report, "fragments", capture, names, file)[-1])
    # Wireshark shows fragments as data. The last fragment may be missing.
    p.write_pcap(folder / "first.pcap", packets[:2])
    hide = ["-o", "secct.show_keys:FALSE"]
    for path in (capture, folder / "first.pcap"):
        for what in (["-T", "pdml"], ["-T", "json"], ["-V"], ["-T", "fields", "-e", "data.data"]):
            for extra in ([], ["-2"], ["-o", "ipv6.defragment:FALSE"]):
                output = p.tshark(["-r", path, *what, *hide, *extra]).replace(":", "").lower()
                shown = [line for line in output.splitlines() if d.KEYS[1][2:14] in line]
                report.equal(f"keys in {path.name} {what} {extra}", [], [line[:100] for line in shown])
    shown = p.fields(folder / "first.pcap", ["data.data"])
    report.equal("keys with show_keys", True, d.KEYS[1][2:14] in shown[0][0] + shown[1][0])


def routers_v4(report, folder):
    """AH over IPv4, with mutable header fields and options."""
    message = p.fill_checksum(p.read_all()["shreq"].payload(), "192.0.2.1", "192.0.2.2")
    ends = [bytes([192, 0, 2, 1]), bytes([192, 0, 2, 2])]

    def build(icv, tos, ttl, flags, checksum, options=b""):
        payload = struct.pack("!BBHII", 58, 4, 0, 0x1002, 1) + icv + message
        length = 20 + len(options)
        head = struct.pack("!BBHHHBBH", 0x40 | length // 4, tos, length + len(payload), 77, flags, ttl, 51, checksum)
        return head + b"".join(ends) + options + payload

    def icv_of(*arguments):
        key = bytes.fromhex(AH[0x1002])
        return hmac.new(key, build(bytes(12), 0, 0, 0, 0, *arguments), hashlib.sha1).digest()[:12]

    # Router Alert is immutable, Record Route is zero for the ICV (RFC 2402, 3.3.3.1.1.2 and appendix A).
    alert, route = b"\x94\x04\0\0", b"\x01\x07\x07\x04" + bytes([192, 0, 2, 9])
    packets = [build(icv_of(), 16, 255, 0x4000, 0x1234), build(icv_of()[::-1], 0, 255, 0, 0),
               build(icv_of(alert), 0, 9, 0, 1, alert),
               build(icv_of(alert + b"\x01" + bytes(7)), 0, 9, 0, 1, alert + route),
               build(icv_of(alert), 0, 9, 0, 1, b"\x94\x04\0\x01")]  # fmt: skip
    capture = folder / "v4.pcap"
    p.write_pcap(capture, packets)
    file = ["-o", f"secct.key_file:{folder / 'dut.yaml'}"]
    rows = p.fields(capture, ["secct.message", "secct.icv.status"], file)
    report.equal("AH over IPv4", [["3", mark] for mark in "10110"], rows)


def esp(report, folder):
    path, file = generate(folder, "reactive", confidential=True)
    names = ["frame.protocols", "secct.message", "secct.icv.status", "esp.spi", "_ws.malformed"]
    encrypted = p.fields(path, names)[2]
    report.equal("without keys", ["eth:ethertype:ipv6:esp", "", "", "0x00002001", ""], encrypted)
    decrypted = both(report, "ESP", path, names, file)[2]
    wanted = ["eth:ethertype:ipv6:esp:icmpv6:secct", "4", "1", "0x00002001", ""]
    report.equal("with the key file", wanted, decrypted)
    sa = router_sa(d.PR, d.NR, "esp", 0x2001, ESP[1], "aes-cbc", ESP[0])
    report.equal("with the table", wanted, p.fields(path, names, sa)[2])
    wrong = router_sa(d.PR, d.NR, "esp", 0x2001, "00" * 20, "aes-cbc", ESP[0])
    report.equal("with a wrong key", ["", "0"], p.fields(path, names, wrong)[2][1:3])
    other = router_sa(d.PR, d.NR, "esp", 0x2009, ESP[1], "aes-cbc", ESP[0])
    report.equal("with another SPI", encrypted, p.fields(path, names, other)[2])


def learnt(report, folder):
    """A SHAK under an SA that the plugin learns from the SHREP."""
    path, file = generate(folder, "reactive")
    learn = ["-o", "secct.learn_sas:TRUE"]
    rows = both(report, "learnt", path, STATUS, [*file, *learn])
    report.equal("SHAK under a learnt SA", ["8", "", "1", "3"], rows[-1])
    report.equal("SHAK without secct.learn_sas", "", p.fields(path, STATUS, file)[-1][2])
    path, _ = generate(folder, "predictive")
    rows = both(report, "learnt from HI", path, STATUS, learn)
    report.equal("SHAK after U-SHREP", ["8", "", "1", "1"], rows[-1])


def ah_packet(spi, sequence, source, destination, before=b"", options=b""):
    """Returns a UDP datagram under AH (RFC 2402) with the transferred key."""
    udp = p.udp(4000, 4001, b"datagram")
    first, inner = (60 if options else 17), options + udp

    def build(icv, hop, hidden):
        chain = before.replace(b"seen", b"\0\0\0\0") if hidden else before
        header = struct.pack("!BBHII", first, 4, 0, spi, sequence) + icv
        body = inner.replace(b"seen", b"\0\0\0\0") if hidden else inner
        payload = chain + header + body
        addresses = b"".join(ipaddress.ip_address(a).packed for a in (source, destination))
        flow = 0 if hidden else 0x12345
        return struct.pack("!IHBB", 6 << 28 | flow, len(payload), 0 if chain else 51, hop) + addresses + payload

    key = bytes.fromhex(d.KEYS[1][2:])
    icv = hmac.new(key, build(bytes(12), 0, True), hashlib.sha1).digest()[:12]
    return build(icv, 61, False)


def new_spi(mn):
    octets = ipaddress.ip_address(d.NR).packed + ipaddress.ip_address(d.naddr(mn)).packed
    spi = int.from_bytes(hmac.new(bytes.fromhex(d.KEYS[1][2:]), octets, hashlib.md5).digest()[-4:], "big")
    return spi + 256 if spi < 256 else spi


def traffic(report, folder):
    """Packets of the mobile node under its SA: on the old link, on the new link, with SPI'."""
    c = d.Capture()
    c.shin(0, 1)
    c.shreq(1, 1, 7)
    c.shrep(2, 1, 7, [d.rep(1, [0x1000])])
    c.shak(3, 1, [d.stat(200), d.ack(0x1000)])
    path = folder / "signalling.pcapng"
    c.write(path)
    raw = crafted(c.packets)
    old, new = (d.paddr(1), d.PR), (d.naddr(1), d.NR)
    # Option type 0x3e has the chg bit: its data is zero for the ICV, and a router has changed it to "seen".
    pad = b"\x33\x01\x3e\x04seen\x01\x06\0\0\0\0\0\0"
    after = b"\x11\x01\x3e\x04seen\x01\x06\0\0\0\0\0\0"
    packets = [
        ah_packet(0x1000, 90, *old),  # before the transfer
        *raw[:3],
        ah_packet(0x1000, 101, *old),
        ah_packet(0x1000, 102, *new),
        ah_packet(0x1000, 100, *new),  # the previous router received it
        ah_packet(0x1000, 103, *new, before=pad),
        ah_packet(0x1000, 104, *new, options=after),
        ah_packet(new_spi(1), 105, *new),  # before the SHAK
        raw[3],
        ah_packet(new_spi(1), 106, *new),
        ah_packet(new_spi(1), 107, *new)[:-1] + b"?",
        ah_packet(0x1000, 108, d.naddr(2), d.NR),  # another mobile node
    ]
    capture = folder / "traffic.pcap"
    p.write_pcap(capture, packets)
    names = ["secct.icv.status", "secct.sa.learnt_in", "secct.expert.sequence_replayed", "udp.dstport"]
    learn = ["-o", "secct.learn_sas:TRUE"]
    rows = p.fields(capture, names, learn)
    # The second pass knows the SA of the first packet, which the SHREP hands over later.
    report.equal("traffic: two passes", [["1", "4", "", "4001"], *rows[1:]], p.fields(capture, names, ["-2", *learn]))
    wanted = [("", "", ""), *[("", "", "")] * 3, ("1", "4", ""), ("1", "4", ""), ("1", "4", "1"),
              ("1", "4", ""), ("1", "4", ""), ("1", "4", ""), ("", "", ""), ("1", "4", ""), ("0", "4", ""),
              ("", "", "")]  # fmt: skip
    for number, (want, row) in enumerate(zip(wanted, rows), 1):
        report.equal(f"traffic: frame {number}", list(want), row[:3])
    report.equal("traffic: UDP port", "4001", rows[5][3])
    # Learning is off: the plugin says which frame handed over the SA, and does not verify.
    names = ["secct.sa.handed_over_in", "secct.hint.sa_unused", "secct.icv.status", "secct.sa.learnt_in"]
    rows = p.fields(capture, names)
    unused = [number for number, row in enumerate(rows, 1) if row == ["4", "1", "", ""]]
    report.equal("traffic: handed over, not used", [5, 6, 7, 8, 9, 10, 12, 13], unused)
    report.equal("traffic: other frames", {("", "", "", "")},
                 {tuple(row) for number, row in enumerate(rows, 1) if number not in unused})
    rows = p.fields(capture, names, ["-2"])
    report.equal("traffic: two passes, the first frame", ["4", "1", "", ""], rows[0])
    text = p.tshark(["-r", capture, "-V", "-Y", "frame.number == 6"])
    report.equal("traffic: the preference is named", True,
                 "SA handed over in frame 4; enable 'Decrypt with handed-over SAs' (secct.learn_sas)" in text)
    report.equal("traffic: nothing with learning", [], p.fields(capture, names[:1], ["-Y", names[0], *learn]))


def esp_packet(version, source, destination, spi, sequence, key, auth_key, next_header, payload):
    """Returns a packet under ESP (RFC 2406) with AES-CBC (RFC 3602) and HMAC-SHA1-96."""
    iv = bytes(range(16))
    pad = -(len(payload) + 2) % 16
    text = payload + bytes(range(1, pad + 1)) + bytes([pad, next_header])
    encryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    body = struct.pack("!II", spi, sequence) + iv + encryptor.update(text) + encryptor.finalize()
    body += hmac.new(auth_key, body, hashlib.sha1).digest()[:12]
    build = p.ipv6 if version == 6 else p.ipv4
    return build(source, destination, 50, 64, body)


def tunnels(report, folder):
    """ESP in tunnel mode, over IPv6 and IPv4, under SAs that a SHREP transfers."""
    key, auth_key = bytes(range(16)), bytes(range(32, 52))
    gateway, host = "2001:db8:77::1", "2001:db8:99::5"
    v4_gateway, v4_pr = "198.51.100.7", "192.0.2.1"

    def context(spt, spi, **ends):
        return {"secct.spt": spt, **{f"secct.sa.{name}": value for name, value in ends.items()},
                "secct.sa.spi": spi, "secct.sa.sequence": 10, "secct.sa.lifetime": 3600,
                "secct.sa.key": "0x" + key.hex(),
                "additional": [{"secct.sa.data.type": "auth_algorithm", "secct.sa.data.auth_algorithm": 2,
                                "secct.sa.data.auth_key": "0x" + auth_key.hex()}]}  # fmt: skip

    contexts = [context("ESP-TUNNEL-AES-CBC-V6-V6-ASD", 0x7001, source=d.paddr(1), destination=gateway),
                context("ESP-TUNNEL-AES-CBC-V4-V4-ASD", 0x7002, source_v4=v4_gateway, destination_v4=v4_pr),
                context("ESP-TRANSPORT-AES-CBC-V6-V6-ASD", 0x7003, source=d.paddr(1), destination=d.PR)]  # fmt: skip
    c = d.Capture()
    c.shin(0, 1)
    c.shreq(1, 1, 7)
    c.shrep(2, 1, 7, [{"secct.subopt.type": "rep", "contexts": [one]} for one in contexts])
    udp = p.udp(4000, 4001, b"datagram")
    inner = p.ipv6(d.naddr(1), host, 17, 64, udp)
    inner_v4 = p.ipv4("10.0.0.1", "10.0.0.2", 17, 64, udp)
    keys = (key, auth_key)
    packets = [
        *crafted(c.packets),
        esp_packet(6, d.naddr(1), gateway, 0x7001, 11, *keys, 41, inner),
        esp_packet(6, d.naddr(1), gateway, 0x7001, 12, *keys, 4, inner_v4),
        esp_packet(4, v4_gateway, v4_pr, 0x7002, 11, *keys, 4, inner_v4),
        esp_packet(6, d.naddr(1), d.NR, 0x7003, 11, *keys, 17, udp),
        esp_packet(4, v4_gateway, v4_pr, 0x7002, 11, *keys, 4, inner_v4),
        esp_packet(6, d.naddr(1), gateway, 0x7001, 13, key, key, 41, inner),
    ]
    capture = folder / "tunnels.pcap"
    p.write_pcap(capture, packets)
    learn = ["-o", "secct.learn_sas:TRUE"]
    names = ["secct.icv.status", "secct.sa.learnt_in", "udp.dstport", "frame.protocols",
             "secct.expert.sequence_replayed"]  # fmt: skip
    rows = both(report, "tunnels", capture, names, learn)[3:]
    wanted = [
        ["1", "3", "4001", "raw:ipv6:esp:ipv6:udp:data", ""],
        ["1", "3", "4001", "raw:ipv6:esp:ip:udp:data", ""],
        ["1", "3", "4001", "raw:ip:esp:ip:udp:data", ""],
        ["1", "3", "4001", "raw:ipv6:esp:udp:data", ""],
        ["1", "3", "4001", "raw:ip:esp:ip:udp:data", "1"],
        ["0", "3", "", "raw:ipv6:esp", ""],
    ]
    for number, (want, row) in enumerate(zip(wanted, rows), 1):
        report.equal(f"tunnels: packet {number}", want, row)
    counted = p.tshark(["-r", capture, *learn, "-q", "-z", "secct,tree"])
    for text in ("AH or ESP ICV is wrong: wrong key?", "AH or ESP packet is a replay"):
        lines = [line.split() for line in counted.splitlines() if text in line]
        count = len(text.split())
        report.equal(f"statistics: {text}", [["1"]], [line[count : count + 1] for line in lines])


def replays(report, folder):
    capture = d.Capture()
    capture.shreq(0, 1, 7)
    capture.add(1, capture.packets[0]["layers"])  # so much later, it is not the same packet captured twice
    path = folder / "replay.pcapng"
    capture.write(path)
    names = ["secct.expert.sequence_replayed"]
    file = ["-o", f"secct.key_file:{folder / 'dut.yaml'}"]
    for title, extra in (("unknown SA", []), ("known SA", file)):
        rows = both(report, f"replay, {title}", path, names, extra)
        report.equal(f"replay, {title}", [[""], ["1"]], rows)


def many(report, folder):
    """The SAs of thousands of handovers."""
    number = 2600
    path, file = generate(folder, "reactive", "--handovers", str(number))
    start = time.monotonic()
    rows = p.fields(path, STATUS, [*file, "-o", "secct.learn_sas:TRUE", "-Y", "secct.message == 8"])
    report.equal("SHAKs", number, len(rows))
    report.equal("all verified", {"1"}, {row[2] for row in rows})
    report.equal("within 60 s", True, time.monotonic() - start < 60)


def secrets(report, folder):
    for confidential in (False, True):
        path, file = generate(folder, "reactive", confidential=confidential)
        names = ["secct.sa.key", "secct.sa.iv", "secct.sa.data.auth_key"]
        row = p.fields(path, names, file)[2]
        values = {text for column in row for text in column.split(",") if text.strip("0")}
        report.equal("number of keys", 4, len(values))
        hide = [*file, "-o", "secct.show_keys:FALSE"]
        for what in (["-T", "json"], ["-T", "pdml"], ["-V"], ["-T", "ek"], []):
            for extra in ([], ["-2"]):
                output = p.tshark(["-r", path, *extra, *hide, *what])
                output = output.replace(":", "").replace(" ", "").lower()
                seen = [value for value in values if value[:8] in output]
                report.equal(f"keys in {what} {extra}", [], seen)
        hidden = p.fields(path, names, hide)[2]
        report.equal("hidden keys are zeros", "", "".join(hidden).replace("0", "").replace(",", ""))
        # Other fields do not change.
        others = ["secct.message", "secct.sa.spi", "secct.spt", "secct.sa.window", "secct.handover",
                  "icmpv6.checksum.status", "_ws.malformed", "secct.icv.status"]  # fmt: skip
        report.equal("other fields", p.fields(path, others, file), p.fields(path, others, hide))
        # tshark also prints the decrypted octets.
        if confidential:
            dump = p.tshark(["-r", path, *hide, "-x"]).lower()
            report.equal("dump", [], [v for v in values if " ".join(bytes.fromhex(v[:8]).hex(" ").split()) in dump])


def key_file_errors(report, folder):
    path, _ = generate(folder, "reactive")
    broken = folder / "broken.yaml"
    broken.write_text("router_sas: [{protocol: ah, spi: x}]", encoding="utf-8")
    os.chmod(broken, 0o644)
    for file in (broken, folder / "none.yaml"):
        errors = p.tshark_stderr(["-r", path, "-o", f"secct.key_file:{file}"])
        report.equal(f"{file.name}: the error is reported", True, "SecCT key file" in errors)


def tables(report, folder):
    """Rows of the tables are checked: names from the lists, keys of the right length."""
    path, _ = generate(folder, "reactive")
    key, cipher_key = "00" * 20, "00" * 16
    good = [d.PR, d.NR, "esp", "0x2001", "hmac-sha1", key, "aes-cbc", cipher_key]
    wrong = [
        ("Protocol: expected ah or esp", {2: "AH"}),
        ("Algorithm: expected hmac-md5, hmac-sha1 or none", {4: "sha1"}),
        ("Cipher: expected null, des-cbc, 3des-cbc or aes-cbc", {6: "aes"}),
        ("Key: 19 octets; expected 20", {5: key[2:]}),
        ("Key: 20 octets; expected 16", {4: "hmac-md5"}),
        ("Key: 20 octets; expected 0", {4: "none"}),
        ("Cipher key: 17 octets; expected 16, 24 or 32", {7: cipher_key + "00"}),
        ("Cipher key: 16 octets; expected 24", {6: "3des-cbc"}),
        ("Cipher key: 16 octets; expected 0", {6: "null"}),
        ("Algorithm: AH needs hmac-md5 or hmac-sha1", {2: "ah", 4: "none", 5: "", 6: "null", 7: ""}),
        ("Cipher: AH has none; expected null", {2: "ah"}),
    ]  # fmt: skip
    for change in ({}, {6: "aes-cbc", 7: "00" * 32}, {6: "", 7: ""}, {4: "", 5: ""}, {0: "*"}):
        row = [change.get(i, column) for i, column in enumerate(good)]
        report.equal(f"a row with {change}", False, "Invalid" in p.tshark_stderr(["-r", path, *uat("secct_router_sas", *row)]))
    for message, change in wrong:
        row = [change.get(i, column) for i, column in enumerate(good)]
        result = subprocess.run([*p.tshark_command(), "-r", path, *uat("secct_router_sas", *row)],
                                capture_output=True, text=True, check=False)  # fmt: skip
        report.equal(f"the table says: {message}", (True, True),
                     (result.returncode != 0, result.stderr.rstrip().endswith(message)))


def order(report, folder):
    """The keys come first in the preferences, the code points last."""
    names = re.findall(r"^#?secct\.([\w.]+):", p.tshark(["-G", "currentprefs"]), re.M)
    report.equal("preferences: keys, learning and display", ["key_file", "learn_sas", "show_keys", "max_handovers",
                                                             "codepoint_file"], names[:5])
    report.equal("preferences: code points", 20, len(names) - 5)


def main():
    report = p.Report()
    with p.Workspace() as folder:
        for part in (tokens, icvs, fragments, routers_v4, esp, learnt, traffic, tunnels, replays, many, secrets,
                     key_file_errors, tables, order):  # fmt: skip
            part(report, folder)
    report.done()


main()
