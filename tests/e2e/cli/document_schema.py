#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The schema of packet documents: the kept file is what `secct list schema` prints; every document
of the documentation and of the captures fits it, and mistakes do not."""
import json
import re
import subprocess
import sys

import yaml

from _checks import SECCT, TOP, check, finish

try:
    import jsonschema
except ImportError:
    print("python3-jsonschema is not installed")
    sys.exit(77)

KEPT = TOP / "docs/packet-document.schema.json"
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
    made = json.loads(run(SECCT, "list", "schema"))
    if "--update" in sys.argv[1:]:
        KEPT.write_bytes(run(SECCT, "list", "schema"))
    check(KEPT.is_file() and json.loads(KEPT.read_text()) == made,
          "docs/packet-document.schema.json is not what 'secct list schema' prints: --update")
    validator = jsonschema.Draft7Validator(made)
    jsonschema.Draft7Validator.check_schema(made)
    count = 0
    for name, document in documents():
        count += 1
        error = jsonschema.exceptions.best_match(validator.iter_errors(document))
        check(f"{name}: {error and error.message} at {error and list(error.path)}", error is None)
    for text in WRONG:
        check(f"fits, and should not: {text}", not validator.is_valid(yaml.safe_load(text)))
    finish(f"{count} documents fit the schema, {len(WRONG)} mistakes do not")


main()
