# SPDX-License-Identifier: GPL-2.0-or-later
"""What scripts use: the keys of tshark -T json, ek and pdml are names without values, secct.expert finds
every finding, and names of algorithms are values."""

import json
import os
import re
import sys
from pathlib import Path
from xml.etree import ElementTree

sys.path.insert(0, str(Path(os.environ["SECCT_SOURCE_DIR"]) / "tests/dissector"))
import packets as p

# With each kind of message, of subtree and of finding.
CAPTURES = [Path(os.environ["SECCT_SOURCE_DIR"]) / "captures" / name / f"{name}.pcapng"
            for name in ("reactive", "predictive", "static-profile", "mip4", "status-102", "malformed")]
# json also has "secct.spt_tree" for what is below secct.spt.
KEY = re.compile(r"[a-z0-9_.]+")


def below_secct(layers):
    """The content of each layer of SecCT in a document of -T json; a layer may be a list of several."""
    for name, layer in layers.items():
        for each in layer if isinstance(layer, list) else [layer]:
            if name == "secct":
                yield each
            elif isinstance(each, dict):
                yield from below_secct(each)


def keys_of(value):
    if isinstance(value, dict):
        for key, content in value.items():
            yield key
            yield from keys_of(content)
    elif isinstance(value, list):
        for each in value:
            yield from keys_of(each)


def check_keys(report):
    seen = set()
    for capture in CAPTURES:
        documents = json.loads(p.tshark(["-r", capture, "-Y", "secct", "-T", "json", "--no-duplicate-keys"]))
        for document in documents:
            for layer in below_secct(document["_source"]["layers"]):
                seen.update(keys_of(layer))
        for line in p.tshark(["-r", capture, "-Y", "secct", "-T", "ek"]).splitlines():
            if "layers" in line:
                layers = json.loads(line)["layers"]
                seen.update(key for layer in below_secct(layers) for key in keys_of(layer))
        for proto in ElementTree.fromstring(p.tshark(["-r", capture, "-Y", "secct", "-T", "pdml"])).iter("proto"):
            if proto.get("name") == "secct":
                seen.update(field.get("name") for field in proto.iter("field"))
    # an expert info of Wireshark without a field has an empty name in PDML.
    report.equal("keys that are not names", [], sorted(key for key in seen if key and not KEY.fullmatch(key)))
    groups = {"secct.options", "secct.sub_options", "secct.contexts", "secct.additional", "secct.static_profile"}
    report.equal("groups", set(), groups - seen)


def check_findings(report):
    """secct.expert is in the frames that have an expert info of the plugin, and in no other."""
    rows = [line.split("\t") for line in p.tshark(["-G", "fields"]).splitlines()]
    experts = sorted({row[2] for row in rows if row[0] == "F" and row[2].startswith("secct.expert.")})
    found = 0
    for capture in CAPTURES:
        rows = p.fields(capture, ["frame.number", "secct.expert", *experts])
        wrong = [row[0] for row in rows if bool(row[1]) != any(row[2:])]
        report.equal(f"{capture.name}: secct.expert", [], wrong)
        selected = p.fields(capture, ["frame.number"], ["-Y", "secct.expert"])
        report.equal(f"{capture.name}: the filter secct.expert", [row[:1] for row in rows if row[1]], selected)
        found += len(selected)
    report.equal("there are findings", True, found > 100)
    hidden = p.tshark(["-r", CAPTURES[0], "-V"])
    report.equal("secct.expert is not shown", False, "Finding" in hidden)


def check_algorithms(report):
    capture = CAPTURES[0]
    names = ["secct.spt.protocol", "secct.spt.algorithm"]
    (row,) = p.fields(capture, names, ["-Y", 'secct.spt.algorithm == "HMAC-SHA1-96"'])
    report.equal("algorithms", ["0,0,1,1", "HMAC-SHA1-96,HMAC-SHA1-96,AES-CBC,AES-CBC"], row)
    report.equal("ESP has another algorithm 2", [], p.fields(capture, names, ["-Y", 'secct.spt.algorithm == "3DES-CBC"']))
    report.equal("label", 2, p.tshark(["-r", capture, "-V"]).count("Algorithm: HMAC-SHA1-96 (2)"))


def main():
    report = p.Report()
    check_keys(report)
    check_findings(report)
    check_algorithms(report)
    report.done()


main()
