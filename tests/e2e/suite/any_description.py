#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The suite judges the reference router the same whatever its description: with each description of
_descriptions.py every case is PASS or UNSUPPORTED. In role nr, where the tester makes the SAs, the
verdicts depend on the capabilities, the policies and the SAs between the routers only. In role pr a case
that the description cannot meet names what is missing."""
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import tempfile

import yaml

from _checks import SECCT, check, finish
from _descriptions import built_in, descriptions

SEED = 14
COMBINATIONS = 16
LEAST = 60  # descriptions

# What the verdicts of role nr may depend on.
OF_THE_ROUTER = ("address", "peer", "mn_address", "ipv4", "capabilities", "policies", "router_sas", "spi_in_use",
                 "ncoa_in_use")

RESULT = re.compile(r"^ *(PASS|NON-STRICT|FAIL|INCONCLUSIVE|SETUP-FAIL|UNSUPPORTED|TOOL-ERROR) +(\S+/\S+) ", re.M)


def run(file, *arguments):
    return subprocess.run([SECCT, "run", "--no-color", "--dut", file, *arguments], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=500, check=False)


def verdicts(output):
    return {case: verdict for verdict, case in RESULT.findall(output)}


def passed(found):
    return {case for case, verdict in found.items() if verdict == "PASS"}


def main():
    listed = subprocess.run([SECCT, "list", "cases"], text=True, stdout=subprocess.PIPE, check=True).stdout
    names = dict(descriptions(SEED, COMBINATIONS))
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)

        def write(name, description):
            file = folder / f"{len(list(folder.iterdir()))}-{abs(hash(name))}.yaml"
            file.write_text(yaml.safe_dump(description, sort_keys=False), encoding="utf-8")
            return file

        files = {name: write(name, description) for name, description in names.items()}
        routers = {}  # the built-in description with the properties of the router
        for name, description in names.items():
            reduced = built_in()
            for key in OF_THE_ROUTER:
                reduced.pop(key, None)
                if key in description:
                    reduced[key] = description[key]
            routers.setdefault(json.dumps(reduced), []).append(name)

        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            results = dict(zip(files, pool.map(lambda file: run(file, "--embedded"), files.values())))
            offered = dict(zip(files, pool.map(lambda file: run(file, "--role", "pr", "--dry-run"),
                                               files.values())))
            reduced_files = [write(text, json.loads(text)) for text in routers]
            expected = dict(zip(routers, pool.map(
                lambda file: verdicts(run(file, "--embedded", "--role", "nr").stdout), reduced_files)))

    roles = {}
    for line in listed.splitlines():
        match = re.match(r"(\S+/\S+) +(nr|pr|fa)\b", line)
        if match:
            roles[match[1]] = match[2]
    check("every case has a role", len(roles) > 800, listed[:300])
    check(f"at least {LEAST} descriptions", len(names) >= LEAST, len(names))
    for name, result in results.items():
        found = verdicts(result.stdout)
        bad = {case: verdict for case, verdict in found.items() if verdict not in ("PASS", "UNSUPPORTED")}
        nothing_judged = (0, 3)
        check(f"{name}: only PASS and UNSUPPORTED",
              found and not bad and result.returncode in ((0,) if passed(found) else nothing_judged),
              f"exit status {result.returncode}\n{bad or result.stdout[-2000:]}")
        failing = [line for line in offered[name].stdout.splitlines() if line.startswith("  not passed")]
        reasons = re.findall(r"^  no packets: (.*)", offered[name].stdout, re.M)
        check(f"{name}: without hooks.configure, only PASS and UNSUPPORTED in role pr",
              offered[name].returncode == 0 and not failing, failing or offered[name].stdout[-2000:])
        vague = [reason for reason in reasons if not reason.startswith("needs ")]
        check(f"{name}: an UNSUPPORTED verdict names the need", not vague, vague)
    for text, sharing in routers.items():
        wanted = passed(expected[text])
        if json.loads(text) == built_in():
            check("the built-in description passes cases of role nr", len(wanted) > 400, len(wanted))
        for name in sharing:
            missing = sorted(wanted - passed(verdicts(results[name].stdout)))
            check(f"{name}: role nr passes what the router is capable of", not missing, missing)
    finish(f"{len(names)} descriptions")


main()
