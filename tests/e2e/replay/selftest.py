#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""`secct selftest` detects every fault of the reference router, in limited time."""
import json
import os
import pathlib
import subprocess
import tempfile
import time

from _checks import SECCT, check, finish

LIMIT = 120  # seconds of processor time, with an optimised build


def run(*arguments):
    return subprocess.run([SECCT, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=280, check=False)


def main():
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "matrix.json"
        start = time.monotonic()
        result = run("selftest", "--json", str(file))
        took = time.monotonic() - start
        matrix = json.loads(file.read_text(encoding="utf-8"))
    print(result.stdout)
    used = os.times().children_user + os.times().children_system
    print(f"{took:.1f} s, {used:.1f} s of processor time")
    bad = [f"{entry['name'] or 'without fault'}: {entry.get('why', '')}"
           for entry in matrix["runs"] if not entry["good"]]
    check("every run has the expected result", not bad and matrix["good"], "\n".join(bad))
    check("the exit status is 0", result.returncode == 0, result.returncode)
    check(f"at most {LIMIT} s of processor time", used < LIMIT, f"{used:.0f} s")
    faults = [entry for entry in matrix["runs"] if entry["kind"] == "fault"]
    names = sorted(entry["name"] for entry in matrix["runs"] if entry["kind"] in ("fault", "variation"))
    listed = sorted(run("list", "faults", "--names").stdout.split())
    check("each listed fault and variation has one run", names == listed, (len(names), len(listed)))

    # `run --fault` names the same fault and the same case.
    caught = next(entry for entry in faults if entry["caught_by"])
    last = run("run", "--fault", caught["name"]).stdout.strip().splitlines()[-1]
    check("run --fault describes the fault", last.startswith(f"{caught['name']}: {caught['what']}"), last)
    check("run --fault names the case", caught["caught_by"][0] in last, last)
    wrong = run("run", "--fault", caught["name"] + "x")
    check("an unknown fault: exit status 2 and a suggestion",
          wrong.returncode == 2 and caught["name"] in wrong.stdout, wrong.stdout)
    finish()


main()
