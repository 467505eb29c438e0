# SPDX-License-Identifier: GPL-2.0-or-later
"""The rows of the tables in this folder, and what their inputs are made of.

A file TOPIC.py has a list ENTRIES. tests/e2e/capture_table.py makes the input of each entry, runs its
commands and compares the result."""

import dataclasses
import os
import pathlib
import struct
import subprocess
from typing import Callable

TOP = pathlib.Path(os.environ.get("SECCT_SOURCE_DIR", pathlib.Path(__file__).resolve().parents[2]))
SECCT = os.environ.get("SECCT", str(TOP / "build/release/cli/secct"))
BUILT_IN = TOP / "generator/description/built_in.yaml"


@dataclasses.dataclass
class Entry:
    """A capture, commands, and what they must show.

    `make` writes the input into a folder, which is {folder} in commands; its result, if it is a path, is
    {input}. `commands` begin with secct, tshark (which has the plugin), or another program. All but the
    last must exit with 0."""
    name: str
    source: str  # where the right result is defined: a document, an RFC, or the report of the bug
    make: Callable
    commands: list
    status: int = 0  # of the last command
    shows: tuple = ()  # regular expressions that the output of the last command matches
    hides: tuple = ()  # and those that it does not match
    files: dict = dataclasses.field(default_factory=dict)  # name -> function that returns what is wrong


def secct(*words, **options):
    return subprocess.run([SECCT, *map(str, words)], check=True, stdout=subprocess.PIPE, timeout=120,
                          **options).stdout


def generate(folder, scenario, *options, name="input.pcapng"):
    path = folder / name
    secct("generate", scenario, *options, "-w", path)
    return path


def message(name, *options):
    """The IP datagram of a message of the built-in description."""
    return bytes.fromhex(secct("craft", "--message", name, "--hex", *options).decode())[14:]


def records(path):
    """The packets of a capture that `secct` wrote: time in nanoseconds and octets."""
    octets, at = path.read_bytes(), 0
    while at < len(octets):
        kind, length = struct.unpack_from("<II", octets, at)
        if kind == 6:
            _, high, low, captured, _ = struct.unpack_from("<IIIII", octets, at + 8)
            yield high << 32 | low, octets[at + 28:at + 28 + captured]
        at += length


def v6(payload, following, source="2001:db8:a::1", destination="2001:db8:a::2", hop=64):
    import ipaddress
    ends = b"".join(ipaddress.ip_address(end).packed for end in (source, destination))
    return struct.pack("!IHBB", 6 << 28, len(payload), following, hop) + ends + payload


def ethernet(payload, ethertype=0x86DD):
    return bytes.fromhex("020000000002020000000001") + struct.pack("!H", ethertype) + payload
