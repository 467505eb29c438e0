#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""`secct generate` fragments datagrams that exceed the MTU of the router description: in a capture, as
hexadecimal octets and in documents. tshark reassembles them and verifies their ICVs."""

import pathlib
import os
import subprocess
import tempfile

from _checks import DESCRIPTION, PLUGIN, SECCT, TOP, check, finish

MTU, ETHERNET = 1280, 14
SAS = """
    - {type: 5, direction: to-mn, spt: AH-TRANSPORT-HMACSHA1-V6-V6, spi_base: 0x10000000, repeat: 10}
    - {type: 5, direction: from-mn, spt: 9, spi_base: 0x20000000, repeat: 10}
"""


def secct(*arguments, **options):
    return subprocess.run([SECCT, *arguments], check=True, stdout=subprocess.PIPE, timeout=120, **options).stdout


def description(folder, confidential):
    text = DESCRIPTION.read_text(encoding="utf-8").replace("mtu: 1500", f"mtu: {MTU}")
    head, rest = text.split("\n  sas:\n")
    text = head + "\n  sas:" + SAS + rest[rest.index("spi_in_use"):]
    dut = folder / "dut.yaml"
    dut.write_text(text.replace("confidential: false", f"confidential: {str(confidential).lower()}"),
                   encoding="utf-8")
    os.chmod(dut, 0o644)
    return dut


def tshark(capture, dut, *names):
    fields = [word for name in names for word in ("-e", name)]
    command = [TOP / "tests/e2e/run_tshark", PLUGIN, "--", "-r", capture, "-o", f"secct.key_file:{dut}",
               "-T", "fields", *fields]
    shown = subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=120).stdout.decode()
    return [line.split("\t") for line in shown.splitlines()]


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        os.chmod(folder, 0o755)
        for scenario, message in (("reactive", "SHREP"), ("predictive", "HI")):
            for confidential in (False, True):
                title = f"{scenario}, confidential {confidential}"
                dut = description(folder, confidential)
                words = ["generate", scenario, "--no-data", "--handovers", "3", "--dut", str(dut)]
                capture = folder / "out.pcapng"
                secct(*words, "-w", str(capture))
                rows = tshark(capture, dut, "frame.len", "secct.message", "secct.icv.status", "ipv6.fragment.count")
                check(f"{title}: no frame exceeds the MTU", max(int(row[0]) for row in rows) <= ETHERNET + MTU, rows)
                whole = [row for row in rows if row[3]]
                check(f"{title}: one message of each handover is in two fragments",
                      [row[3] for row in whole] == ["2"] * 3, whole)
                check(f"{title}: their ICVs are right", all(row[2].endswith("1") for row in whole), whole)
                check(f"{title}: it is the {message}", len({row[1] for row in whole}) == 1 and whole[0][1], whole)
                octets = secct(*words, "--hex").decode()
                check(f"{title}: --hex prints the same frames", len(octets.split()) == len(rows), octets)
                documents = secct(*words).decode().split("  - comment: ")
                check(f"{title}: there is a document for each frame", len(documents) - 1 == len(rows),
                      len(documents))
                # The SHAK needs keys that are not in the description.
                fragments = [text for text in documents[1:] if ", fragment " in text.splitlines()[0]]
                made = secct("craft", "-", "--hex", input="  - comment: ".join(
                    ["packets:\n", *fragments]).encode()).decode().split()
                check(f"{title}: the documents make the same fragments",
                      len(made) == 6 and set(made) <= set(octets.split()), made)
                result = subprocess.run([SECCT, "check", "--dut", dut, capture], stdout=subprocess.PIPE, check=False)
                check(f"{title}: `secct check` finds nothing wrong", result.returncode == 0, result.stdout.decode())
    finish()


main()
