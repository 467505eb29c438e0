#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Wireshark reports exactly the rules that the malformed catalogue names for each packet, and none for
the valid packets around it."""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

from _checks import PLUGIN, SECCT, TOP, check, finish

SCENARIOS = ["reactive", "predictive-mobile", "predictive", "mip4"]  # together, every message
RULES = re.findall(r"^RULE\((\w+)", (TOP / "protocol/tables/rules.def").read_text(), re.M)


def run(*words):
    return subprocess.run(words, check=True, stdout=subprocess.PIPE, timeout=250).stdout.decode()


def experts(capture):
    """Yields the comment and the broken rules of each packet."""
    fields = [word for rule in RULES for word in ("-e", f"secct.expert.{rule}")]
    shown = run(str(TOP / "tests/e2e/run_tshark"), PLUGIN, "--", "-r", str(capture), "-n",
                "-T", "fields", "-E", "separator=/t", "-e", "frame.comment", *fields)
    for line in shown.splitlines():
        comment, *present = line.split("\t")
        yield comment, {rule for rule, value in zip(RULES, present) if value}


def main():
    catalogue = {entry["name"]: entry
                 for entry in json.loads(run(SECCT, "list", "malformed", "--json"))}
    check("the catalogue has at least 150 entries", len(catalogue) >= 150, len(catalogue))
    seen = set()
    with tempfile.TemporaryDirectory() as folder:
        for scenario in sys.argv[1:] or SCENARIOS:
            capture = pathlib.Path(folder) / f"{scenario}.pcapng"
            run(SECCT, "generate", scenario, "--malformed", "all", "-w", str(capture))
            for comment, rules in experts(capture):
                name = comment[len("malformed "):].split(":")[0]
                if not comment.startswith("malformed "):
                    check(f"{scenario}: {comment}: the packet is valid", not rules, rules)
                    continue
                entry = catalogue[name]
                wanted = set(entry["also"]) | ({entry["rule"]} if entry["rule"] else set())
                if "esp" in name:  # the plugin has no key
                    wanted = set()
                if "overlap" in name:  # Wireshark reassembles fragments that a router must discard
                    rules = wanted
                check(f"{scenario}: {name}: broken rules {wanted}", rules == wanted, rules)
                seen.add(name)
    if not sys.argv[1:]:
        missing = set(catalogue) - seen
        check("the scenarios contain every entry of the catalogue", not missing, sorted(missing))
    finish(f"Wireshark reports the right rules for {len(seen)} malformed packets")


main()
