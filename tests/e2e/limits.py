#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""No input costs more than its size: memory and user time of small inputs that are made to be expensive,
compared with a plain input of the same size. Every reader runs with a limit on its memory."""
import os
import pathlib
import resource
import struct
import subprocess
import tempfile

from _checks import PLUGIN, SECCT, TOP, check, finish

MEMORY = 1536 << 20  # the most that a reader may take
SIZE = 256 << 10  # of the texts
MEMORY_RATIO = 25  # yaml-cpp takes up to 500 octets for a value of two octets
TIME_RATIO = 25
SANITIZED = b"__asan_init" in pathlib.Path(SECCT).read_bytes()  # reserves more than any limit

scratch = tempfile.TemporaryDirectory()
FOLDER = pathlib.Path(scratch.name)


class Cost:
    """What a command took: exit status, seconds of user time, MiB of memory, standard error."""

    def __init__(self, words, stdin=b"", limit=MEMORY):
        def restrict():
            if limit and not SANITIZED:
                resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
            resource.setrlimit(resource.RLIMIT_CPU, (120, 120))

        with open(FOLDER / "stdin", "wb") as file:
            file.write(stdin)
        with open(FOLDER / "stdin", "rb") as source, open(FOLDER / "stderr", "wb") as errors:
            process = subprocess.Popen([str(word) for word in words], stdin=source, stderr=errors,
                                       stdout=subprocess.DEVNULL, preexec_fn=restrict)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        self.status = process.returncode
        self.seconds = usage.ru_utime
        self.memory = usage.ru_maxrss / 1024
        self.errors = (FOLDER / "stderr").read_text(encoding="utf-8", errors="replace")

    def __str__(self):
        return f"status {self.status}, {self.seconds:.2f} s, {self.memory:.0f} MiB: {self.errors[-300:]}"


def secct(*words, stdin=b""):
    return Cost([SECCT, *words], stdin)


def write(name, content):
    file = FOLDER / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


# Texts

def fill(part, before="", after=""):
    return before + part * ((SIZE - len(before) - len(after)) // len(part)) + after


def bomb():
    lines = ["a0: &a0 [x, x]"]
    lines += [f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]" for i in range(1, 40)]
    return "\n".join(lines) + "\n"


PACKET = """  - time: 0.000000000
    layers:
      - eth: {}
      - ipv6:
          ipv6.src: 2001:db8::1
          ipv6.dst: 2001:db8::2
      - data:
          data.data: 0x0001020304050607
"""
PLAIN = fill(PACKET, "packets:\n")
EVIL = {
    "a comma": ",",
    "commas": fill(","),
    "nested lists": fill("["),
    "nested mappings": fill("{"),
    "lists in mappings": fill("[{"),
    "nested block lists": fill("- "),
    "nested keys": fill("? "),
    "nested empty keys": fill(":\n"),
    "a list of small values": fill("a,", "[", "]"),
    "an incomplete list": fill("a,", "["),
    "small items": fill("- a\n"),
    "empty keys": fill("?\n"),
    "keys in a list": fill("? a,", "[", "]"),
    "aliases of aliases": bomb(),
    "a list that contains itself": "a: &a [*a]\n",
    "aliases": fill("- *a\n", "- &a [x, x, x, x, x, x, x, x]\n"),
    "merge keys": fill("<<: *a\n", "a: &a {x: 1}\n"),
    "documents": fill("---\n"),
    "directives": fill("%TAG !a! x\n"),
    "tags": fill("!a "),
    "quotes": fill('"a" ', "["),
    "zeros": fill("\0"),
    "line breaks in a string": fill("\n", '"'),
}

SUITE = """section: RELOC 5.2
cases:
  - id: RELOC-5.2-6/a-<n>
    title: t <n>
    role: pr
    clauses: [RELOC-5.2-6]
    for: {rows}
    steps: [{{send: shreq}}, {{expect: shrep}}]
"""


def suite(name, text):
    write(f"{name}/cases.yaml", text)
    return ["run", "--embedded", "--dry-run", "--select", "id:none", "--suite", FOLDER / name]


capture = FOLDER / "plain.pcapng"
one_packet = write("one.yaml", "packets:\n" + PACKET)
assert secct("craft", one_packet, "-w", capture).status == 0

# Each reader of a text: how secct is called with the file.
READERS = {
    "craft": lambda file: ["craft", file, "--hex"],
    "run --dut": lambda file: ["run", "--embedded", "--dut", file, "--select", "id:none"],
    "router --dut": lambda file: ["router", "--dut", file, "--interface", "lo"],
    "generate --dut": lambda file: ["generate", "predictive", "--dut", file, "--hex"],
    "check --dut": lambda file: ["check", capture, "--dut", file],
    "redact --dut": lambda file: ["redact", capture, FOLDER / "out.pcapng", "--dut", file],
    "decode --dut": lambda file: ["decode", capture, "--dut", file],
    "--codepoints": lambda file: ["craft", "--message", "hi", "--hex", "--codepoints", file],
    "run --expect": lambda file: ["run", "--embedded", "--select", "id:none", "--expect", file],
    "run --suite": lambda file: suite("evil", file.read_bytes()),
    "run --failed-from": lambda file: ["run", "--embedded", "--failed-from", file],
}
FEW = ("a comma", "nested lists", "a list of small values", "empty keys", "aliases of aliases")


def within(name, evil, plain, base):
    """Compares costs above those of the program without input; the constants are for small numbers."""
    check(f"{name}: memory", evil.memory - base.memory <= MEMORY_RATIO * (plain.memory - base.memory) + 16,
          f"{evil}\nplain: {plain}")
    check(f"{name}: user time", evil.seconds <= TIME_RATIO * plain.seconds + 1, f"{evil}\nplain: {plain}")


def texts():
    base = secct("craft", one_packet, "--hex")
    plain = secct("craft", write("plain.yaml", PLAIN), "--hex")
    check("a plain document is accepted", plain.status == 0, plain)
    for reader, words in READERS.items():
        for name, text in EVIL.items():
            if reader != "craft" and name not in FEW:
                continue
            cost = secct(*words(write("evil.yaml", text)))
            check(f"{reader}: {name}: refused with a message", cost.status == 2 and cost.errors.strip()
                  and "bad_alloc" not in cost.errors, cost)
            within(f"{reader}: {name}", cost, plain, base)
    # Standard input.
    cost = secct("craft", "-", stdin=b",")
    check("craft -: refused with a message", cost.status == 2 and "standard input:1:" in cost.errors, cost)


def large_texts():
    """Texts for which the parser would need more memory than a machine has."""
    for name, part in (("nested lists", b"["), ("a list of small values", b"a,"), ("empty keys", b"?\n")):
        text = (b"[" if part == b"a," else b"") + part * ((32 << 20) // len(part))
        cost = secct("craft", "-", stdin=text)
        check(f"32 MiB of {name}: refused with a message", cost.status == 2
              and ("longer than" in cost.errors or "more than" in cost.errors), cost)


def rows():
    few, many = 1024, 4096
    for name, make in (("a list of rows", lambda n: "[" + ", ".join(f"{{n: {i}}}" for i in range(n)) + "]"),
                       ("combinations", lambda n: "{n: [" + ", ".join(map(str, range(n))) + "]}")):
        costs = [secct(*suite("rows", SUITE.format(rows=make(n)))) for n in (few, many)]
        check(f"for: {name}: time is linear",
              costs[1].seconds <= 1.5 * many / few * costs[0].seconds + 0.5, f"{costs[0]}\n{costs[1]}")
    copies = SUITE.replace("t <n>", "t " + "<n>" * 200).format(rows="{n: [" + ", ".join(
        [f"'{'x' * 100}{i}'" for i in range(4096)]) + "]}")
    cost = secct(*suite("rows", copies))
    check("for: copies are bounded", cost.status == 2 and "copies of more than" in cost.errors, cost)


def comments():
    document = "packets:\n  - comment: '{}'\n    layers: [{{data: {{data.data: 0x00}}}}]\n"
    costs = {}
    for name, character in (("text", "x"), ("hexadecimal digits", "1"), ("colons and digits", "1:")):
        source, file = write("comment.yaml", document.format((character * 65000)[:65000])), FOLDER / "c.pcapng"
        assert secct("craft", source, "-w", file).status == 0
        costs[name] = secct("redact", file, FOLDER / "out.pcapng")
        check(f"redact: a comment of {name}", costs[name].status == 0
              and costs[name].seconds <= 3 * costs["text"].seconds + 0.3, costs[name])


def many_packets():
    """Streams: the memory does not grow with the number of packets."""
    files = [FOLDER / f"handovers{n}.pcapng" for n in (200, 2000)]
    for number, file in zip((200, 2000), files):
        assert secct("generate", "predictive", "--handovers", number, "-w", file).status == 0
    for name, words in (("decode", ["decode"]), ("decode --json", ["decode", "--json"])):
        few, many = (secct(*words, file) for file in files)
        check(f"{name}: memory", many.status == 0 and many.memory <= few.memory + 8, f"{few}\n{many}")
        check(f"{name}: time", many.seconds <= 15 * few.seconds + 0.5, f"{few}\n{many}")
    few, many = (secct("generate", "predictive", "--handovers", n) for n in (200, 2000))
    check("generate: memory", many.status == 0 and many.memory <= few.memory + 8, f"{few}\n{many}")


# Captures

def pcap(frames):
    file = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)]
    for i, frame in enumerate(frames):
        file += [struct.pack("<IIII", 1700000000 + i // 10000, i % 10000 * 100, len(frame), len(frame)), frame]
    return b"".join(file)


def shins(count, next_header):
    """SHINs of different mobile nodes, whose handovers never end; frames without SecCT if `next_header`
    is that of no next header."""
    text = subprocess.run([SECCT, "craft", "--message", "shin", "--hex"], stdout=subprocess.PIPE, check=True)
    frame = bytearray.fromhex(text.stdout.decode())
    frame[20] = next_header
    for i in range(count):
        frame[34:38] = frame[70:74] = struct.pack(">I", i + 1)  # of source and Paddr
        yield bytes(frame)


def handovers_without_end():
    few, many = 10000, 60000
    files = {}
    for count in (few, many):
        files[count] = write(f"shins{count}.pcap", pcap(shins(count, 60)))
        files[-count] = write(f"none{count}.pcap", pcap(shins(count, 59)))
    costs = [secct("check", "--max-handovers", 1000, files[n]) for n in (few, many)]
    check("check --max-handovers: memory", costs[1].memory <= costs[0].memory + 24, f"{costs[0]}\n{costs[1]}")
    if not pathlib.Path("/usr/bin/tshark").exists():
        return
    run = [TOP / "tests/e2e/run_tshark", PLUGIN, "--", "-q", "-z", "io,stat,0,secct", "-o",
           "secct.max_handovers:1000", "-r"]
    plain, evil = ([Cost([*run, files[sign * n]], limit=0) for n in (few, many)] for sign in (-1, 1))
    check("plugin: memory for each handover",
          evil[1].status == 0 and evil[1].memory - evil[0].memory
          <= 3 * (plain[1].memory - plain[0].memory) + 8, f"{evil[0]}\n{evil[1]}\n{plain[0]}\n{plain[1]}")


def plugin_files():
    """The YAML files of the plugin's preferences."""
    if not pathlib.Path("/usr/bin/tshark").exists():
        return
    empty = write("empty.pcap", pcap(shins(1, 59)))
    for preference in ("key_file", "codepoint_file"):
        for name in FEW:
            file = write("evil.yaml", EVIL[name])
            file.chmod(0o644)
            FOLDER.chmod(0o755)
            cost = Cost([TOP / "tests/e2e/run_tshark", PLUGIN, "--", "-o", f"secct.{preference}:{file}", "-r",
                         empty], limit=0)
            # The key file is a router description, of which the plugin reads some keys.
            accepted = preference == "key_file" and name == "empty keys"
            check(f"plugin: {preference}: {name}", cost.memory < 700 and cost.seconds < 20
                  and (accepted or file.name in cost.errors), cost)


def captures():
    header = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 0x7FFFFFFF, 1)
    section = struct.pack("<IIIHHqI", 0x0A0D0D0A, 28, 0x1A2B3C4D, 1, 0, -1, 28)
    interface = struct.pack("<IIHHII", 1, 20, 1, 0, 0, 20)
    evil = {
        "pcap: packet of 2 GiB": header + struct.pack("<IIII", 0, 0, 0x7FFFFFFF, 0x7FFFFFFF),
        "pcapng: block of 4 GiB": section + interface + struct.pack("<II", 6, 0xFFFFFFF0),
        "pcapng: packet of 4 GiB": section + interface
        + struct.pack("<IIIIIIII", 6, 36, 0, 0, 0, 0xFFFFFFF0, 0xFFFFFFF0, 36),
        "pcapng: interfaces": section + interface * 5000,
        "pcapng: sections": section * 5000,
    }
    for name, octets in evil.items():
        file = write("evil.pcapng", octets)
        for words in (["decode", file], ["check", file], ["redact", file, FOLDER / "out.pcapng"]):
            cost = secct(*words)
            check(f"{words[0]}: {name}", 0 <= cost.status <= 2 and cost.memory < 300 and cost.seconds < 10
                  and "bad_alloc" not in cost.errors, cost)


texts()
large_texts()
rows()
comments()
many_packets()
handovers_without_end()
plugin_files()
captures()
finish()
