#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The schema of suite files, which editors use, and the program are of one mind: both take every
suite of the project, and neither takes a mistake."""
import copy
import json
import pathlib
import subprocess
import sys
import tempfile

import yaml

from _checks import SECCT, TOP, check, finish
from _report import SUITE

try:
    import jsonschema
except ImportError:
    print("python3-jsonschema is not installed")
    sys.exit(77)

# What is done to the first case of SUITE: path (the last part is set), value.
WRONG = {
    "a key that no case has": (["title_"], "x"),
    "a role that there is not": (["role"], "mn"),
    "a clause that the ledger does not have": (["clauses"], ["RELOC-99-1"]),
    "a message that nobody sends": (["steps", 0, "send"], "shreqq"),
    "a step that says nothing": (["steps", 0], {}),
    "a key that no step has": (["steps", 1, "filds"], {"secct.status": 200}),
    "a field that there is not": (["steps", 1, "fields"], {"secct.statuss": 200}),
    "a check that there is not": (["steps", 1, "check"], "verbatimm"),
    "a capability that there is not": (["needs"], ["teleport"]),
    "no steps": (["steps"], None),
}


def changed(path, value):
    suite = copy.deepcopy(yaml.safe_load(SUITE))
    place = suite["cases"][0]
    for part in path[:-1]:
        place = place[part]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return suite


def program_takes(suite, folder):
    """Whether secct reads the suite, and what it says."""
    (folder / "suite.yaml").write_text(yaml.safe_dump(suite), encoding="utf-8")
    result = subprocess.run([SECCT, "show", "MIX/reactive", "--suite", str(folder)],
                            capture_output=True, text=True, timeout=60, check=False)
    return result.returncode == 0, result.stderr


def main():
    schema = json.loads((TOP / "docs/suite.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)

    files = sorted((TOP / "replay/suites").glob("*.yaml"))
    check("there are suites", len(files) >= 12)
    for file in files:
        errors = [error.message for error in
                  validator.iter_errors(yaml.safe_load(file.read_text(encoding="utf-8")))]
        check(f"{file.name} fits the schema", not errors, "; ".join(errors[:3])[:500])

    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        right = yaml.safe_load(SUITE)
        check("the suite of the report tests fits the schema", validator.is_valid(right))
        check("and secct takes it", program_takes(right, folder)[0])
        for what, (path, value) in WRONG.items():
            suite = changed(path, value)
            check(f"{what}: does not fit the schema", not validator.is_valid(suite))
            taken, message = program_takes(suite, folder)
            check(f"{what}: secct refuses it with its place",
                  not taken and "suite.yaml:" in message, message)
    finish()


main()
