#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""`secct list suite-schema` and the program agree: both accept every suite of the project, and both reject
the same mistakes."""
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
    print("SKIPPED: python3-jsonschema is not installed")
    sys.exit(77)

# Changes of the first case of SUITE: path and new value (None: remove).
WRONG = {
    "an unknown key of a case": (["title_"], "x"),
    "an unknown role": (["role"], "mn"),
    "an unknown clause": (["clauses"], ["RELOC-99-1"]),
    "an unknown message": (["steps", 0, "send"], "shreqq"),
    "an empty step": (["steps", 0], {}),
    "an unknown key of a step": (["steps", 1, "filds"], {"secct.status": 200}),
    "an unknown field": (["steps", 1, "fields"], {"secct.statuss": 200}),
    "an unknown check": (["steps", 1, "check"], "verbatimm"),
    "an unknown capability": (["needs"], ["teleport"]),
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


def accepts(suite, folder):
    """Returns whether secct accepts the suite, and its error message."""
    (folder / "suite.yaml").write_text(yaml.safe_dump(suite), encoding="utf-8")
    result = subprocess.run([SECCT, "show", "MIX/reactive", "--suite", str(folder)],
                            capture_output=True, text=True, timeout=60, check=False)
    return result.returncode == 0, result.stderr


def main():
    schema = json.loads(subprocess.run([SECCT, "list", "suite-schema"], capture_output=True, timeout=60,
                                       check=True).stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)

    files = sorted((TOP / "replay/suites").glob("*.yaml"))
    check("at least 12 suites", len(files) >= 12, len(files))
    for file in files:
        errors = [error.message for error in
                  validator.iter_errors(yaml.safe_load(file.read_text(encoding="utf-8")))]
        check(f"{file.name}: the schema accepts the suite", not errors, "; ".join(errors[:3])[:500])

    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        right = yaml.safe_load(SUITE)
        check("the suite of the report tests: the schema accepts it", validator.is_valid(right))
        check("the suite of the report tests: secct accepts it", accepts(right, folder)[0])
        for what, (path, value) in WRONG.items():
            suite = changed(path, value)
            check(f"{what}: the schema rejects the suite", not validator.is_valid(suite))
            accepted, message = accepts(suite, folder)
            check(f"{what}: secct rejects the suite and names the place",
                  not accepted and "suite.yaml:" in message, message)
    finish()


main()
