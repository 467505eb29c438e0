#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every malformed packet as Wireshark shows it: exactly the expert infos that the catalogue names,
and none on the valid packets around it. The generator and the dissector meet in captures only."""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

from _checks import PLUGIN, SECCT, TOP, check, finish


# What only the conversation shows, and what a malformed message may cause in it.
FINDINGS = set(re.findall(r"^FINDING\((\w+)", (TOP / "dissector/tracking/findings.def").read_text(), re.M))
SCENARIOS = ["reactive", "predictive-mobile", "predictive", "mip4"]  # every message
RULES = re.findall(r"^RULE\((\w+)", (TOP / "protocol/tables/rules.def").read_text(), re.M)


def run(*words):
    return subprocess.run(words, check=True, stdout=subprocess.PIPE, timeout=250).stdout.decode()


def experts(capture):
    """Comment and broken rules of every packet."""
    fields = [word for rule in RULES for word in ("-e", f"secct.expert.{rule}")]
    shown = run(str(TOP / "tests/e2e/run_tshark"), PLUGIN, "--", "-r", str(capture), "-n",
                "-T", "fields", "-E", "separator=/t", "-e", "frame.comment", *fields)
    for line in shown.splitlines():
        comment, *present = line.split("\t")
        yield comment, {rule for rule, value in zip(RULES, present) if value}


def main():
    catalogue = {entry["name"]: entry
                 for entry in json.loads(run(SECCT, "list", "malformed", "--json"))}
    check(f"only {len(catalogue)} entries", len(catalogue) >= 150)
    seen = set()
    with tempfile.TemporaryDirectory() as folder:
        for scenario in sys.argv[1:] or SCENARIOS:
            capture = pathlib.Path(folder) / f"{scenario}.pcapng"
            run(SECCT, "generate", scenario, "--malformed", "all", "-w", str(capture))
            for comment, rules in experts(capture):
                name = comment[len("malformed "):].split(":")[0]
                if not comment.startswith("malformed "):
                    check(f"{scenario}: {comment}: valid, and shown as {rules}", not rules)
                    continue
                entry = catalogue[name]
                wanted = set(entry["also"]) | ({entry["rule"]} if entry["rule"] else set())
                if "esp" in name:  # the plugin has no key to look inside
                    wanted = set()
                if "overlap" in name:  # Wireshark puts together what a router must discard
                    rules = wanted
                check(f"{scenario}: {name}: {rules} instead of {wanted}", rules == wanted)
                seen.add(name)
    if not sys.argv[1:]:
        missing = set(catalogue) - seen
        check(f"never generated: {sorted(missing)}", not missing)
    finish(f"{len(seen)} malformed packets are shown as what they are")


main()
