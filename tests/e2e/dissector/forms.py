# SPDX-License-Identifier: GPL-2.0-or-later
"""All forms of output of tshark have the same values: fields, json, ek and pdml, one pass and two, columns of the
list and of psml."""

import json
import os
import sys
from pathlib import Path
from xml.etree import ElementTree

sys.path.insert(0, str(Path(os.environ["SECCT_SOURCE_DIR"]) / "tests/dissector"))
import packets as p

CAPTURES = [Path(os.environ["SECCT_SOURCE_DIR"]) / "captures" / name / f"{name}.pcapng"
            for name in ("reactive", "predictive", "static-profile", "mip4", "esp", "retransmissions", "status-102")]
KEYS = ["-o", f"secct.key_file:{Path(os.environ['SECCT_SOURCE_DIR']) / 'generator/description/built_in.yaml'}",
        "-o", "secct.learn_sas:TRUE"]  # fmt: skip
# Known only after later frames were read, or shown with a value that depends on them.
SECOND_PASS = {"secct.response_in", "secct.icv.status", "secct.sa.learnt_in"}


def registered():
    """The fields with a value, and their types."""
    rows = [line.split("\t") for line in p.tshark(["-G", "fields"]).splitlines()]
    return {row[2]: row[3] for row in rows
            if row[0] == "F" and row[2].startswith("secct.") and row[3] != "FT_NONE"}  # fmt: skip


def from_fields(capture, names, *extra):
    arguments = ["-r", capture, *KEYS, *extra, "-T", "fields", "-E", "separator=/t", "-E", "aggregator=\x1f"]
    for name in names:
        arguments += ["-e", name]
    rows = []
    for line in p.tshark(arguments).splitlines():
        values = line.split("\t")
        rows.append({name: [p.truth_as_number(each) for each in value.split("\x1f")]
                     for name, value in zip(names, values) if value})  # fmt: skip
    return rows


def add(into, name, value):
    if name.startswith("secct.") and not name.startswith("secct.expert"):
        into.setdefault(name, []).append(value)


def from_pdml(capture):
    for packet in ElementTree.fromstring(p.tshark(["-r", capture, *KEYS, "-T", "pdml"])).iter("packet"):
        found = {}
        for field in packet.iter("field"):
            add(found, field.get("name"), field.get("show"))
        yield found


def walk(pairs, found):
    """`pairs` is an object of JSON as a list of pairs, so that keys may occur several times."""
    for key, value in pairs:
        if isinstance(value, str):
            add(found, key, value)
        elif isinstance(value, Pairs):
            walk(value, found)


class Pairs(list):
    pass


def from_json(capture):
    text = p.tshark(["-r", capture, *KEYS, "-T", "json"])
    for document in json.loads(text, object_pairs_hook=Pairs):
        found = {}
        walk(document, found)
        yield found


def from_ek(capture, names):
    """ek merges equal fields of a layer into a list, and writes "secct_secct_spt" for secct.spt."""
    keys = {"secct_" + name.replace(".", "_"): name for name in names}

    def visit(value, found):
        if isinstance(value, Pairs):
            for key, content in value:
                if key in keys:
                    for each in content if isinstance(content, list) else [content]:
                        add(found, keys[key], each)
                else:
                    visit(content, found)
        elif isinstance(value, list):
            for each in value:
                visit(each, found)

    for line in p.tshark(["-r", capture, *KEYS, "-T", "ek"]).splitlines():
        document = dict(json.loads(line, object_pairs_hook=Pairs))
        if "layers" in document:
            found = {}
            visit(document["layers"], found)
            yield found


def compare(report, what, rows, packets, names, convert=lambda values: values):
    report.equal(f"{what}: packets", len(rows), len(packets))
    for number, (row, packet) in enumerate(zip(rows, packets), 1):
        for name, kind in names.items():
            values = [value for value in packet.get(name, []) if value != ""]
            if kind == "FT_BYTES":  # only these forms have colons between octets
                values = [value.replace(":", "") for value in values]
            if kind == "FT_BOOLEAN":
                values = [p.truth_as_number(value) for value in values]
            report.equal(f"{what}: frame {number}: {name}", convert(row.get(name, [])), convert(values))


def check_forms(report, capture, names):
    rows = from_fields(capture, names)
    report.equal(f"{capture.name}: has fields", True, sum(map(len, rows)) > 50)
    compare(report, f"{capture.name}: pdml", rows, list(from_pdml(capture)), names)
    compare(report, f"{capture.name}: json", rows, list(from_json(capture)), names)
    # Numbers of ek are decimal, and merged values in another order.
    compare(report, f"{capture.name}: ek", rows, list(from_ek(capture, names)), names, len)


def check_passes(report, capture, names):
    names = [name for name in names if name not in SECOND_PASS]
    report.equal(f"{capture.name}: two passes", from_fields(capture, names), from_fields(capture, names, "-2"))


def check_columns(report, capture):
    names = ["_ws.col.No.", "_ws.col.Protocol", "_ws.col.Info"]
    rows = p.fields(capture, names, KEYS)
    psml = ElementTree.fromstring(p.tshark(["-r", capture, *KEYS, "-T", "psml"]))
    sections = [[section.text or "" for section in packet] for packet in psml.iter("packet")]
    report.equal(f"{capture.name}: psml", rows, [[texts[0], texts[4], texts[6]] for texts in sections])
    listed = p.tshark(["-r", capture, *KEYS]).splitlines()
    wrong = [line for line, row in zip(listed, rows) if not line.endswith(row[2])]
    report.equal(f"{capture.name}: the list", (len(rows), []), (len(listed), wrong))


def main():
    report = p.Report()
    names = registered()
    for capture in CAPTURES:
        check_forms(report, capture, names)
        check_passes(report, capture, names)
        check_columns(report, capture)
    report.done()


main()
