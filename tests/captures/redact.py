# SPDX-License-Identifier: GPL-2.0-or-later
"""`secct redact`: no key is left, and everything else is."""

import base64
import json
import re
import subprocess
import tempfile

import _pcapng as pcapng
from _table import BUILT_IN, Entry, ethernet, generate, message, records, secct



def transferred_key():
    """The first key in the SHREP of the built-in description."""
    with tempfile.NamedTemporaryFile(suffix=".pcapng") as file:
        secct("craft", "--message", "shrep", "-w", file.name)
        document = secct("decode", file.name).decode()
    return bytes.fromhex(re.search("secct.sa.key: 0x([0-9a-f]{40})", document)[1])


KEY = transferred_key()
NO_KEY = "cli.md, redact"


def dump(octets, line, characters=False):
    """As xxd or Wireshark print octets."""
    rows = []
    for at in range(0, len(octets), 16):
        row = octets[at:at + 16]
        text = line(at, row)
        rows.append(text + ("  " + "".join(chr(o) if 32 <= o < 127 else "." for o in row) if characters else ""))
    return "\n".join(rows)


def spellings(key):
    packet = bytes(range(0xE0, 0xF3)) + key + b"end"
    pairs = [f"{octet:02x}" for octet in key]
    groups = [key[at:at + 4].hex() for at in range(0, len(key), 4)]
    yield "plain", key.hex()
    yield "upper case", key.hex().upper()
    yield "spaces", " ".join(pairs)
    yield "dashes", "-".join(pairs).upper()
    yield "colons", ":".join(pairs)
    yield "dots", ".".join(key[at:at + 2].hex() for at in range(0, len(key), 2))
    yield "groups", " ".join(groups)
    yield "groups with underscores", "_".join(groups)
    yield "a line break", key.hex()[:13] + "\n    " + key.hex()[13:]
    yield "an array in C", "{ " + ", ".join(f"0x{pair}" for pair in pairs) + " };"
    yield "a string in C", "".join(f"\\x{pair}" for pair in pairs)
    yield "after a word of hexadecimal digits", "key bad " + key.hex()
    yield "within longer data", packet.hex()
    yield "a part", key.hex()[7:31]
    yield "a hex dump of xxd", dump(packet, lambda at, row: f"{at:08x}: " + re.sub("(....)", r"\1 ", row.hex()), True)
    yield "a hex dump of Wireshark", dump(packet, lambda at, row: f"{at:04x}   {row.hex(' ')}", True)
    yield "a hex dump of tcpdump", dump(packet, lambda at, row: f"\t0x{at:04x}:  " + row.hex(" ", 2))
    yield "base64", base64.b64encode(key).decode()
    yield "base64 for URLs", base64.urlsafe_b64encode(b"\xfb\xff" + key).decode()
    yield "base64 without padding", base64.b64encode(key).decode().rstrip("=")
    for shift in (1, 2):
        yield f"base64 after {shift} octets", base64.b64encode(packet[19 - shift:]).decode()
    yield "base64 in lines", base64.encodebytes(packet * 4).decode()


def traces(text, key):
    """The longest run of octets of the key in a text, however it is written."""
    found = 0
    hexadecimal = re.sub(r"(?m)^\s*(0x)?[0-9a-f]{3,8}:?[ \t]+", "", text.lower())
    for digits in (re.sub(r"0x|[^0-9a-f]", "", text.lower()), re.sub(r"0x|[^0-9a-f]", "", hexadecimal)):
        for length in range(4, len(key) + 1):
            if any(key[at:at + length].hex() in digits for at in range(len(key) - length + 1)):
                found = max(found, length)
    letters = re.sub(r"[^A-Za-z0-9+/]", "", text.replace("-", "+").replace("_", "/"))
    for phase in range(4):
        part = letters[phase:]
        octets = base64.b64decode(part[:len(part) // 4 * 4] + "A" * 4)
        for length in range(4, len(key) + 1):
            if any(key[at:at + length] in octets for at in range(len(key) - length + 1)):
                found = max(found, length)
    return found


def commented(*comments, where="packet"):
    """A SHREP whose packet or block has comments."""
    def make(folder):
        rows = {name: list(comments) if name == where else [] for name in ("packet", "section", "interface")}
        return pcapng.write(folder / "input.pcapng", pcapng.section(rows["section"]),
                            pcapng.interface(comments=rows["interface"]),
                            pcapng.packet(ethernet(message("shrep")), comments=rows["packet"]))
    return make


def no_trace_of(key, kept=()):
    def judge(path):
        octets = path.read_bytes()
        if key in octets:
            return "the key itself"
        # The only packet is redacted; the rest of the file is text.
        text = octets.decode("latin-1")
        length = traces(text, key)
        if length >= 8:
            return f"{length} octets of the key"
        missing = [word for word in kept if word not in text]
        return f"not kept: {missing}" if missing else ""
    return judge


def unreadable(folder):
    shrep = message("shrep")
    return pcapng.write(folder / "input.pcapng", pcapng.section(), pcapng.interface(),
                        pcapng.packet(ethernet(shrep), 1), pcapng.packet(ethernet(shrep, 0x1234), 2),
                        pcapng.journal("key " + KEY.hex()), pcapng.packet(ethernet(shrep, 0x4321), 3))


def described(scenario, *options):
    def make(folder):
        path = folder / "input.pcapng"
        secct("generate", scenario, *options, "-w", path, "--write-description", folder / "dut.yaml")
        return path
    return make


def secrets_in(node, name=""):
    """The keys, IVs and tokens in the document of a capture."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from secrets_in(value, key)
    elif isinstance(node, list):
        for value in node:
            yield from secrets_in(value, name)
    elif name in ("secct.sa.key", "secct.sa.iv", "secct.sa.data.auth_key", "secct.auth.token"):
        yield bytes.fromhex(node[2:].zfill(8))


def no_secret(path):
    """Searches for every secret of the messages and of the description, also in hexadecimal."""
    document = json.loads(secct("decode", "--json", "--dut", path.parent / "dut.yaml", path.parent / "input.pcapng"))
    keys = re.findall('key: "?(?:0x)?([0-9a-f]{32,})', (path.parent / "dut.yaml").read_text(encoding="utf-8"))
    secrets = {secret for secret in secrets_in(document) if any(secret)} | {bytes.fromhex(key) for key in keys}
    octets = path.read_bytes()
    text = octets.lower()
    left = [secret.hex() for secret in secrets if secret in octets or secret.hex().encode() in text]
    return f"{left} left of {len(secrets)}" if left or len(secrets) < 4 else ""


def no_description_key(path):
    octets = path.read_bytes()
    left = [key for key in re.findall("0x([0-9a-f]{32,})", BUILT_IN.read_text(encoding="utf-8"))
            if key.encode() in octets]
    return f"{left} left" if left else ""


SNAPLENS = (64, 100, 150, 200, 300, 65535)


def cut(scenario, *options):
    """The scenario with each snapshot length."""
    def make(folder):
        path = described(scenario, *options)(folder)
        for snaplen in SNAPLENS:
            subprocess.run(["editcap", "-s", str(snaplen), path, folder / f"{snaplen}.pcapng"], check=True)
        return path
    return make


SPELLED = [
    Entry(f"a key in a comment: {name}", NO_KEY, commented("before (" + text + ") after", "another comment"),
          ["secct redact {input} {folder}/out.pcapng"],
          files={"out.pcapng": no_trace_of(KEY, ["before (", ") after", "another comment"])})
    for name, text in spellings(KEY)
]
BLOCKS = [
    Entry(f"a key in a comment of the {where}", NO_KEY, commented("key " + KEY.hex(), "other text", where=where),
          ["secct redact {input} {folder}/out.pcapng"],
          files={"out.pcapng": no_trace_of(KEY, ["key ", "other text"])})
    for where in ("packet", "section", "interface")
]
# The result of `check` and what it says about ICVs, padding and tokens, with the keys and without.
SCENARIOS = ["predictive", "reactive", "mip4", "static-profile", "path-mtu", "retransmissions",
             "spi-conflict-recompute", "continued", "mn-sg-data", "multilevel-nested"]
JUDGED = [
    Entry(f"{scenario} {option} is judged as before{', with keys' if keys else ''}", "cli.md, redact",
          described(scenario, option),
          ["secct redact {input} {folder}/out.pcapng", "secct check {folder}/out.pcapng" + keys],
          shows=[r"; 0 violations"])
    for scenario in SCENARIOS for option in ("--confidential", "--no-confidential")
    for keys in ("", " --dut {folder}/dut.yaml")
]
EVERY = [
    Entry(f"no secret of {scenario} {option}{' with --dut' if dut else ''} is left", NO_KEY, cut(scenario, option),
          [f"secct redact {dut} {{folder}}/{snaplen}.pcapng {{folder}}/out-{snaplen}.pcapng" for snaplen in SNAPLENS],
          files={f"out-{snaplen}.pcapng": no_secret for snaplen in SNAPLENS})
    for scenario in secct("list", "scenarios", "--names").decode().split()
    for option, dut in (("--confidential", " --dut {folder}/dut.yaml"), ("--no-confidential", ""))
]
ENTRIES = [
    *EVERY,
    *SPELLED,
    *BLOCKS,
    *JUDGED,
    Entry("the plugin finds no wrong ICV in a redacted capture", "fields.md, secct.icv.status", described("reactive"),
          ["secct redact {input} {folder}/out.pcapng",
           "tshark -r {folder}/out.pcapng -2 -o secct.key_file:{folder}/dut.yaml -o secct.learn_sas:TRUE "
           "-T fields -e secct.message -e secct.icv.status -e secct.auth.status -e _ws.expert.message"],
          shows=[r"^3\t2\t2", r"^4\t2"], hides=["wrong"]),
    Entry("unreadable frames are overwritten and counted", "cli.md, redact", unreadable,
          ["secct redact {input} {folder}/out.pcapng"],
          shows=[r"2 frames could not be read to their end \(unknown EtherType 0x1234; the first is frame 2, "
                 r"from octet 14\): overwritten from there", r"left out: 1 systemd journal entry block",
                 r"3 packets, "], files={"out.pcapng": no_trace_of(KEY)}),
    Entry("unreadable frames are left out with --drop-unknown", "cli.md, redact", unreadable,
          ["secct redact --drop-unknown {input} {folder}/out.pcapng"],
          shows=[r"2 frames could not .*: left out", r"1 packet, "],
          files={"out.pcapng": lambda path: "" if len(list(records(path))) == 1 else "not one packet"}),
    Entry("keys of the description in a comment are removed", NO_KEY,
          commented("keys " + " ".join(bytes(range(first, first + 16)).hex() for first in (0xA0, 0xB0, 0x40, 0x70))),
          ["secct redact {input} {folder}/out.pcapng --dut {top}/generator/description/built_in.yaml"],
          files={"out.pcapng": no_description_key}),
    Entry("several comments of a packet are kept", "pcapng: opt_comment may be repeated",
          commented("first", "second", "third"),
          ["secct redact {input} {folder}/out.pcapng", "tshark -r {folder}/out.pcapng -T fields -e frame.comment"],
          shows=[r"^first,second,third$"]),
    Entry("a comment of 65,535 octets is kept", "pcapng: 16 bits of Option Length", commented("x" * 65535),
          ["secct redact {input} {folder}/out.pcapng"],
          files={"out.pcapng": lambda path: "" if b"x" * 65535 in path.read_bytes() else "shorter"}),
]
