#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The conformance suite against the reference router and each of its faults, as a user runs it."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

TOP = pathlib.Path(os.environ.get("SECCT_SOURCE_DIR", pathlib.Path(__file__).resolve().parents[3]))
SECCT = os.environ.get("SECCT", str(TOP / "build/release/cli/secct"))
LIMIT = 60  # seconds on two cores that have nothing else to do


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
    assert result.returncode == (0 if matrix["good"] else 1), result.returncode
    assert used < 2 * LIMIT, f"took {used:.0f} s of processor time"
    faults = [entry for entry in matrix["runs"] if entry["kind"] == "fault"]
    variations = [entry for entry in matrix["runs"] if entry["kind"] == "variation"]
    assert len(faults) >= 100 and len(variations) >= 15, (len(faults), len(variations))

    # What the matrix says of a fault is what `run --fault` says of it.
    caught = next(entry for entry in faults if entry["caught_by"])
    seen = run("run", "--fault", caught["name"])
    last = seen.stdout.strip().splitlines()[-1]
    assert last.startswith(f"{caught['name']}: {caught['what']}"), last
    assert caught["caught_by"][0] in last, last
    wrong = run("run", "--fault", caught["name"] + "x")
    assert wrong.returncode == 2 and caught["name"] in wrong.stdout, wrong.stdout

    if not matrix["good"]:
        bad = [f"{entry['name'] or 'without fault'}: {entry.get('why', '')}"
               for entry in matrix["runs"] if not entry["good"]]
        print("\n".join(bad), file=sys.stderr)
        return 1
    return 0


sys.exit(main())
