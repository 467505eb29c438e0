#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""`secct list schema` accepts the packet documents of the documentation, of captures and of `secct craft`,
and rejects wrong ones."""
import json
import re
import subprocess
import sys

import yaml

from _checks import SECCT, TOP, check, finish

try:
    import jsonschema
except ImportError:
    print("SKIPPED: python3-jsonschema is not installed")
    sys.exit(77)

WRONG = [
    "packets: [{layers: [{ipv6: {ipv6.hlimm: 3}}]}]",
    "packets: [{layers: [{ipv7: {}}]}]",
    "packets: [{layers: [{ipv6: {ipv6.hlim: 256}}]}]",
    "packets: [{layers: [{ipv6: {}, udp: {}}]}]",
    "packets: [{layer: []}]",
    "packets: [{layers: [{icmpv6: {secct.message: SHREPP}}]}]",
    "packets: [{layers: [{icmpv6: {secct.message: SHREP, options: [{secct.sa.spi: 1}]}}]}]",
    "packets: [{layers: [{icmpv6: {secct.message: SHREP, options: {}}}]}]",
]


def run(*words, **options):
    return subprocess.run(words, check=True, stdout=subprocess.PIPE, timeout=60, **options).stdout


def documents():
    for file in sorted((TOP / "docs").glob("*.md")):
        for block in re.findall(r"^```yaml\n(.*?)^```", file.read_text(), re.M | re.S):
            found = yaml.load(block, yaml.BaseLoader)
            if isinstance(found, dict) and ("packets" in found or "layers" in found):
                yield file.name, found
    for file in sorted((TOP / "captures").glob("*/*.pcapng")):
        yield file.name, json.loads(run(SECCT, "decode", str(file), "--json"))
        yield file.name, yaml.load(run(SECCT, "decode", str(file)), yaml.SafeLoader)
    for name in ("hi", "hack", "shreq", "shrep", "shrep-ack", "shin", "p-shin", "shak",
                 "mip4-request", "mip4-reply"):
        yield name, yaml.load(run(SECCT, "craft", "--message", name), yaml.SafeLoader)
    for entry in json.loads(run(SECCT, "list", "malformed", "--json"))[::20]:
        name = entry["name"]
        yield name, yaml.load(run(SECCT, "craft", "--mutate", name), yaml.SafeLoader)


def main():
    schema = json.loads(run(SECCT, "list", "schema"))
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    count = 0
    for name, document in documents():
        count += 1
        error = jsonschema.exceptions.best_match(validator.iter_errors(document))
        check(f"{name}: the schema accepts the document", error is None,
              error and f"{error.message} at {list(error.path)}")
    for text in WRONG:
        check(f"the schema rejects {text}", not validator.is_valid(yaml.safe_load(text)))
    finish(f"the schema accepts {count} documents and rejects {len(WRONG)} wrong ones")


main()
