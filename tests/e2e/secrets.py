#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Keys of a router description, and keys derived from them, are in no log, error, report, --dry-run output or
process argument, and redact --dut removes all of them."""
import hashlib
import hmac
import pathlib
import re
import subprocess
import tempfile

from _checks import DESCRIPTION, SECCT, check, finish

scratch = tempfile.TemporaryDirectory()
FOLDER = pathlib.Path(scratch.name)
TEXT = DESCRIPTION.read_text(encoding="utf-8")
TOKEN_KEY = bytes.fromhex(re.search(r'token_key: "0x([0-9a-f]+)"', TEXT)[1])
NODES = 64  # mobile nodes whose keys are looked for
SAS_PER_NODE = 64


def number(value):
    return (value & 0xFFFFFFFF).to_bytes(4, "big")


def keys():
    """All keys in hexadecimal, with what they are (docs/cli.md, "Keys")."""
    found = {key: "key of the description" for key in re.findall(r'key: "0x([0-9a-f]+)"', TEXT)}
    sa_key = bytes.fromhex(re.search(r'sa_key: "0x([0-9a-f]+)"', TEXT)[1])
    # Mobile nodes of the description, and those of cases with other SAs (docs/cases.md).
    bases = [int(base, 16) for base in re.findall(r"spi_base: (0x[0-9a-f]+)", TEXT)]
    bases += [i * 0x01000000 for i in range(1, 9)] + [0x01000040]
    for node in range(1, NODES + 1):
        found[hmac.new(TOKEN_KEY, number(node), hashlib.md5).hexdigest()] = f"token key of node {node}"
        for base in bases:
            for position in range(6):
                for offset in (0, 0x80000000):
                    spi = base + SAS_PER_NODE * node + position + offset
                    # The shortest key has 8 octets; a longer one begins with more of the same.
                    found[hmac.new(sa_key, number(spi), hashlib.sha1).hexdigest()[:16]] = f"key of SPI {spi:#x}"
    return found


KEYS = keys()


def leaks(octets):
    """Keys that occur in octets, or in hexadecimal digits in them, with or without separators."""
    text = re.sub(rb"[^0-9a-f]|&#[0-9a-z]+;|<[^>]*>", b"", octets.lower()).decode()
    return [what for key, what in KEYS.items() if key in text or bytes.fromhex(key) in octets]


def secct(*words, **options):
    result = subprocess.run([SECCT, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            timeout=600, check=False, **options)
    return result.returncode, result.stdout


def no_leak(name, octets):
    check(f"{name}: no key", not leaks(octets), leaks(octets)[:5])


assert leaks(b"key: " + bytes(list(KEYS)[0], "ascii")) and not leaks(b"nothing")

# Reports of runs in which keys are wrong.
SELECT = ["--select", "section:RELOC 5.1", "--select", "section:RELOC 3", "--first-mobile-node", 1]
for fault in ("key-zeroed", "key-length-not-checked", "icv-not-checked"):
    reports = FOLDER / f"report-{fault}"
    status, output = secct("run", "--embedded", "--fault", fault, "--report-dir", reports, *SELECT)
    check(f"{fault}: the run ends", status in (0, 1, 3), output[-500:])
    no_leak(f"run --fault {fault}", output)
    for file in ("report.json", "report.xml", "report.html"):
        no_leak(f"{fault}: {file}", (reports / file).read_bytes())
check("a fault in a key is reported", b"secct.sa.key" in (FOLDER / "report-key-zeroed/report.json").read_bytes())
no_leak("run --dry-run", secct("run", "--embedded", "--dry-run", *SELECT)[1])

# Errors in keys of a description do not print them.
original = re.search(r'sa_key: "0x([0-9a-f]+)"', TEXT)[1]
for wrong in (original[:-1] + "g", original + "0", original + " x", original + '", extra: "1'):
    file = FOLDER / "wrong.yaml"
    file.write_text(TEXT.replace(f'sa_key: "0x{original}"', f'sa_key: "0x{wrong}"'), encoding="utf-8")
    for words in (["run", "--embedded", "--dut", file, *SELECT], ["check", FOLDER / "none", "--dut", file]):
        status, output = secct(*words)
        check("a wrong key is refused", status == 2, output)
        check("the message does not contain the key", original.encode() not in output, output)

# check reports messages with wrong keys.
capture = FOLDER / "capture.pcapng"
secct("generate", "predictive", "--handovers", 3, "-w", capture)
wrong = FOLDER / "other.yaml"
wrong.write_text(TEXT.replace(f"0x{original}", "0x" + "1" * len(original)), encoding="utf-8")
for options in ([], ["--messages"], ["--dut", DESCRIPTION], ["--dut", wrong]):
    no_leak(f"check {options}", secct("check", capture, *options)[1])

# redact --dut: in messages, in data and in comments, in every notation.
document = FOLDER / "keys.yaml"
samples = [key for key, what in KEYS.items() if what.startswith(("key of the", "token key"))]
samples += [hmac.new(bytes.fromhex(original), number(0x10000000 + 64 * node), hashlib.sha1).hexdigest()
            for node in range(1, NODES + 1)]
packets = []
for key in samples:
    shown = ":".join(re.findall("..", key)) if len(packets) % 2 else key.upper()
    packets.append(f"  - comment: 'key {shown}'\n    layers: [{{data: {{data.data: 0x00{key}00}}}}]\n")
document.write_text("link: ethernet\npackets:\n" + "".join(packets), encoding="utf-8")
plain, redacted = FOLDER / "keys.pcapng", FOLDER / "redacted.pcapng"
status, output = secct("craft", document, "-w", plain)
check("the capture with keys is written", status == 0 and len(leaks(plain.read_bytes())) >= len(samples) - 1, output)
for source in (plain, capture):
    status, output = secct("redact", source, redacted, "--dut", DESCRIPTION)
    check(f"redact {source.name}: exit status 0", status == 0, output)
    no_leak(f"redact {source.name}: messages", output)
    no_leak(f"redact {source.name} --dut", redacted.read_bytes())

# Keys of mobile nodes beyond those whose keys are always derived: their addresses are in the capture.
NODE = 70000
mine = hmac.new(TOKEN_KEY, number(NODE), hashlib.md5).hexdigest()
suffix = f"{1 + (NODE >> 16):x}:{NODE & 0xffff:x}"
document = FOLDER / "late.yaml"
document.write_text(f"link: raw-ip\npackets:\n  - comment: 'key {mine}'\n    layers:\n"
                    f"      - ipv6: {{ipv6.src: '2001:db8:20::{suffix}', ipv6.dst: '2001:db8:2::1'}}\n"
                    "      - data: {data.data: 0x00}\n", encoding="utf-8")
status, output = secct("craft", document, "-w", plain)
check("the capture of a late mobile node is written", status == 0 and mine.encode() in plain.read_bytes(), output)
status, output = secct("redact", plain, redacted, "--dut", DESCRIPTION)
check("late mobile node: its key is removed", status == 0 and mine.encode() not in redacted.read_bytes(), output)
check("late mobile node: the message says which keys are not removed",
      b"after number 16384 whose addresses are not in the capture" in output, output)
secct("redact", capture, redacted)
no_leak("redact without --dut: transferred keys", redacted.read_bytes())

finish()
